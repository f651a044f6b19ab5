//! Image pulls.

mod account_too_late;
mod auth_overrides;
mod backing_off;
mod cache_masks;
mod cached_image_unproved;
mod credential_provider;
mod credential_refused;
mod hub_alias;
mod image_absent;
mod latent_pull_secret;
mod list_replaced;
mod look_alike;
mod malformed_pull_secret;
mod mirror_drops_credential;
mod missing_pull_secret;
mod no_pull_secret;
mod node_identity;
mod not_allowed;
pub(crate) mod pull;
mod pull_secret_elsewhere;
mod rate_limited;
mod registry_key_mismatch;
mod registry_tls;
mod registry_unreachable;
mod second_registry;
mod several_credentials;
mod token_expired;
mod wrong_secret_type;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &no_pull_secret::CARD,
    &missing_pull_secret::CARD,
    &pull_secret_elsewhere::CARD,
    &credential_refused::CARD,
    &token_expired::CARD,
    &registry_key_mismatch::CARD,
    &hub_alias::CARD,
    &wrong_secret_type::CARD,
    &malformed_pull_secret::CARD,
    &auth_overrides::CARD,
    &several_credentials::CARD,
    &account_too_late::CARD,
    &list_replaced::CARD,
    &cache_masks::CARD,
    &cached_image_unproved::CARD,
    &not_allowed::CARD,
    &image_absent::CARD,
    &rate_limited::CARD,
    &registry_unreachable::CARD,
    &registry_tls::CARD,
    &mirror_drops_credential::CARD,
    &credential_provider::CARD,
    &node_identity::CARD,
    &second_registry::CARD,
    &backing_off::CARD,
    &look_alike::CARD,
    &latent_pull_secret::CARD,
];
