//! The cluster itself.

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[];
