//! References from workloads.

mod service_account_missing;

use crate::card::Card;

pub(super) static CARDS: &[&Card] = &[&service_account_missing::CARD];
