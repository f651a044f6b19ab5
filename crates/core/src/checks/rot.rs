//! Rotation and change.

mod rollback_reference;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[&rollback_reference::CARD];
