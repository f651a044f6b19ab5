//! The registry of checks: one line for each, in the order of the codes, compared with the folders by a test.

pub mod aut;
pub mod clu;
pub mod con;
pub mod del;
pub mod img;
pub mod obj;
pub mod rbc;
pub mod r#ref;
pub mod rot;
pub mod rows;
pub mod src;
pub mod syn;

use std::sync::LazyLock;

use crate::card::Card;

/// Every card, by code.
pub fn all() -> &'static [&'static Card] {
    static ALL: LazyLock<Vec<&'static Card>> = LazyLock::new(|| {
        let families: [&[&Card]; 11] = [
            src::CARDS,
            aut::CARDS,
            syn::CARDS,
            obj::CARDS,
            r#ref::CARDS,
            rbc::CARDS,
            del::CARDS,
            con::CARDS,
            img::CARDS,
            clu::CARDS,
            rot::CARDS,
        ];
        let mut cards = families.concat();
        cards.sort_by_key(|c| c.code);
        cards
    });
    &ALL
}

/// The card of a code, if it is judged.
pub fn card(code: &str) -> Option<&'static Card> {
    all().binary_search_by(|c| c.code.cmp(code)).ok().map(|i| all()[i])
}
