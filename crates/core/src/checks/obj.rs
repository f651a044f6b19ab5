//! Secrets and ConfigMaps themselves.

mod created_after;
mod deleted;
mod key_missing;
pub mod missing;
mod never_existed;
mod only_elsewhere;
mod too_large;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &never_existed::CARD,
    &deleted::CARD,
    &only_elsewhere::CARD,
    &created_after::CARD,
    &key_missing::CARD,
    &too_large::CARD,
];
