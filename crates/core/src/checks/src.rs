//! The source of truth.

mod ceiling_reached;
mod changed_at_backend_only;
mod entry_disabled;
mod entry_missing;
mod lease_expired;
mod minted_each_time;
mod never_rotated;
mod out_of_step;
mod parent_token_died;
mod policy_denies_read;
mod source_down;
mod wrong_value;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &policy_denies_read::CARD,
    &lease_expired::CARD,
    &parent_token_died::CARD,
    &ceiling_reached::CARD,
    &entry_missing::CARD,
    &wrong_value::CARD,
    &out_of_step::CARD,
    &changed_at_backend_only::CARD,
    &source_down::CARD,
    &entry_disabled::CARD,
    &never_rotated::CARD,
    &minted_each_time::CARD,
];
