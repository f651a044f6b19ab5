//! Delivery by the kubelet.

mod cache_sync_timeout;
mod hidden_by_mount;
mod node_refused;
mod removed_under_running;
mod wrong_container;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &cache_sync_timeout::CARD,
    &node_refused::CARD,
    &removed_under_running::CARD,
    &hidden_by_mount::CARD,
    &wrong_container::CARD,
];
