//! Secrets and ConfigMaps themselves.

mod created_after;
mod deleted;
mod empty_value;
mod encoding_damage;
mod exposed;
mod immutable;
mod key_missing;
mod leftover_keys;
mod malformed_config;
mod malformed_docker_config;
pub mod missing;
mod never_existed;
mod odd_one_out;
mod only_elsewhere;
pub mod refused;
mod tls_invalid;
mod too_large;
mod wrong_type;
mod wrong_value;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[
    &never_existed::CARD,
    &deleted::CARD,
    &only_elsewhere::CARD,
    &created_after::CARD,
    &key_missing::CARD,
    &empty_value::CARD,
    &encoding_damage::CARD,
    &wrong_value::CARD,
    &leftover_keys::CARD,
    &wrong_type::CARD,
    &too_large::CARD,
    &immutable::CARD,
    &malformed_docker_config::CARD,
    &malformed_config::CARD,
    &tls_invalid::CARD,
    &exposed::CARD,
    &odd_one_out::CARD,
];
