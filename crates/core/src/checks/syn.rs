//! Sync operators.

mod agent_not_injected;
mod api_version_skew;
mod cannot_unseal;
mod certificate_not_renewed;
mod csi_class_or_driver_missing;
mod csi_content_frozen;
mod csi_provider_error;
mod generator_rerolled;
mod green_without_data;
mod interval_too_long;
mod lease_not_renewed;
mod mirror_without_mount;
mod never_refreshes;
mod operator_down;
mod pruned;
mod refresher_stopped;
mod replica_stale;
mod store_not_for_namespace;
mod store_not_ready;
pub(crate) mod story;
mod sync_failing;
mod target_contested;
mod template_fails;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &sync_failing::CARD,
    &store_not_ready::CARD,
    &operator_down::CARD,
    &never_refreshes::CARD,
    &interval_too_long::CARD,
    &store_not_for_namespace::CARD,
    &template_fails::CARD,
    &target_contested::CARD,
    &green_without_data::CARD,
    &pruned::CARD,
    &generator_rerolled::CARD,
    &api_version_skew::CARD,
    &lease_not_renewed::CARD,
    &csi_class_or_driver_missing::CARD,
    &csi_provider_error::CARD,
    &csi_content_frozen::CARD,
    &mirror_without_mount::CARD,
    &cannot_unseal::CARD,
    &replica_stale::CARD,
    &certificate_not_renewed::CARD,
    &agent_not_injected::CARD,
    &refresher_stopped::CARD,
];
