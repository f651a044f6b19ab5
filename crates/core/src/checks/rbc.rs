//! RBAC and admission.

mod admission_refuses;
mod api_access_denied;
mod broad_access;
mod operator_access_denied;
mod pod_rights_innocent;
mod reader_cannot_see;
mod refusal;
mod restore;
mod token_not_mounted;
mod token_stale;
mod verb_or_name_mismatch;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &api_access_denied::CARD,
    &pod_rights_innocent::CARD,
    &verb_or_name_mismatch::CARD,
    &token_not_mounted::CARD,
    &token_stale::CARD,
    &admission_refuses::CARD,
    &operator_access_denied::CARD,
    &broad_access::CARD,
    &reader_cannot_see::CARD,
];
