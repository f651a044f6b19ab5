//! Consumption by the application.

mod account_locked;
pub(in crate::checks) mod asked;
pub(in crate::checks) mod delivered;
mod file_permission;
mod late_failure;
mod mode_too_open;
mod other_name;
mod read_only_mount;
mod reload_missed;
pub(in crate::checks) mod steps;
mod storm;
mod stuck_rollout;
mod tls_not_reloaded;
mod unparsable_value;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &file_permission::CARD,
    &mode_too_open::CARD,
    &read_only_mount::CARD,
    &storm::CARD,
    &late_failure::CARD,
    &account_locked::CARD,
    &unparsable_value::CARD,
    &tls_not_reloaded::CARD,
    &reload_missed::CARD,
    &stuck_rollout::CARD,
    &other_name::CARD,
];
