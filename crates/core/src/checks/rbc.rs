//! Rights and admission.

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[];
