//! Secrets and ConfigMaps themselves.

mod created_after;
mod deleted;
mod elsewhere;
mod key_gone;
pub mod missing;
mod never_existed;
mod too_large;

use crate::card::Card;

pub(super) static CARDS: &[&Card] =
    &[&never_existed::CARD, &deleted::CARD, &elsewhere::CARD, &created_after::CARD, &key_gone::CARD, &too_large::CARD];
