//! Rotation and change.

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[];
