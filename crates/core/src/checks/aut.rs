//! The operator's login to the source.

mod audience_rejected;
mod bootstrap_missing;
mod clock_skew;
mod reviewer_stale;
mod role_not_bound;
mod source_not_trusted;
mod stored_login_expired;
mod workload_identity_broken;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &role_not_bound::CARD,
    &audience_rejected::CARD,
    &reviewer_stale::CARD,
    &stored_login_expired::CARD,
    &workload_identity_broken::CARD,
    &bootstrap_missing::CARD,
    &source_not_trusted::CARD,
    &clock_skew::CARD,
];
