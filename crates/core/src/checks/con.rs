//! Consumption by the application.

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[];
