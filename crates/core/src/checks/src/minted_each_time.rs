//! SRC-12: every read mints another credential.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SRC-12",
    slug: "minted-each-time",
    title: "Every read mints another credential",
    link: Link::Source,
    role: Role::Cause,
    severity: Severity::Medium,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::decides(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::SecretStore, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "SRC-03", decided_by: "whether the users live and pile up, or are dead on arrival" },
        Neighbour { code: "CON-04", decided_by: "whether the limit is met by users or by connections of one user" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("minted_each_time/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
