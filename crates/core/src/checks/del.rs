//! Delivery by the kubelet.

mod cache_sync_timeout;
mod env_snapshot;
pub(in crate::checks) mod hidden_by_mount;
mod immutable_copy;
mod init_copy;
mod node_refused;
mod node_stale;
mod propagation_delay;
mod read_once;
mod removed_under_running;
pub(in crate::checks) mod stale;
mod sub_path;
mod wrong_container;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &env_snapshot::CARD,
    &sub_path::CARD,
    &propagation_delay::CARD,
    &read_once::CARD,
    &cache_sync_timeout::CARD,
    &node_refused::CARD,
    &immutable_copy::CARD,
    &removed_under_running::CARD,
    &hidden_by_mount::CARD,
    &wrong_container::CARD,
    &node_stale::CARD,
    &init_copy::CARD,
];
