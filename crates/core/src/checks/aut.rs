//! The operator's login to the source.

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[];
