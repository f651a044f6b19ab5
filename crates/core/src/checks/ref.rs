//! References from workloads.

mod changed_by_rollout;
mod generated_name;
mod new_namespace;
mod service_account_missing;
mod wrong_key;
mod wrong_name;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &wrong_name::CARD,
    &wrong_key::CARD,
    &changed_by_rollout::CARD,
    &new_namespace::CARD,
    &generated_name::CARD,
    &service_account_missing::CARD,
];
