//! The cluster itself.

mod api_overload;
mod decrypt;
mod decryption_fails;
mod node_identity;
pub mod other_change;
mod quota_or_terminating;
mod restored;
mod servers_disagree;
mod sightings;
mod store_full;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &decryption_fails::CARD,
    &servers_disagree::CARD,
    &store_full::CARD,
    &api_overload::CARD,
    &node_identity::CARD,
    &quota_or_terminating::CARD,
    &restored::CARD,
    &other_change::CARD,
];
