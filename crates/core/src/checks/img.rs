//! Image pulls.

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[];
