//! References from workloads.

mod changed_by_rollout;
mod drifted;
mod generated_name;
mod new_namespace;
mod optional_hides;
mod pull_secret_level;
mod service_account_missing;
mod shadowed;
mod wrong_key;
mod wrong_name;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &wrong_name::CARD,
    &wrong_key::CARD,
    &optional_hides::CARD,
    &changed_by_rollout::CARD,
    &shadowed::CARD,
    &new_namespace::CARD,
    &generated_name::CARD,
    &pull_secret_level::CARD,
    &service_account_missing::CARD,
    &drifted::CARD,
];
