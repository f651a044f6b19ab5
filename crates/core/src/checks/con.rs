//! Consumption by the application.

pub(in crate::checks) mod delivered;
mod file_permission;
mod mode_too_open;
mod other_name;
mod read_only_mount;
pub(in crate::checks) mod steps;
mod stuck_rollout;
mod unparsable_value;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &file_permission::CARD,
    &mode_too_open::CARD,
    &read_only_mount::CARD,
    &unparsable_value::CARD,
    &stuck_rollout::CARD,
    &other_name::CARD,
];
