//! AUT-08: clocks of cluster and source disagree.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "AUT-08",
    slug: "clock-skew",
    title: "Clocks of cluster and source disagree",
    link: Link::Login,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::SecretStore, Scope::OwnNamespace),
        Need::decides(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::ClusterSecretStore, Scope::Cluster),
    ],
    neighbours: &[
        Neighbour { code: "AUT-02", decided_by: "whether a time or a name in the token is refused" },
        Neighbour { code: "AUT-07", decided_by: "a certificate that is not valid yet says x509" },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("clock_skew/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
