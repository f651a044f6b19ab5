//! Rotation and change.

mod copy_missed;
mod dirty_copy;
mod fix_reverted;
mod helm_over_edit;
mod mixed_generations;
mod no_overlap;
mod no_trust_overlap;
mod old_file_applied;
mod password_rerolled;
mod recreated;
mod report;
mod rollback_reference;
pub mod story;
mod writers;
mod wrong_again;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &copy_missed::CARD,
    &fix_reverted::CARD,
    &password_rerolled::CARD,
    &helm_over_edit::CARD,
    &no_overlap::CARD,
    &recreated::CARD,
    &dirty_copy::CARD,
    &wrong_again::CARD,
    &mixed_generations::CARD,
    &rollback_reference::CARD,
    &old_file_applied::CARD,
    &no_trust_overlap::CARD,
];
