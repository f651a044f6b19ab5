//! SRC-09: the source is down, sealed, throttled or unreachable.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SRC-09",
    slug: "source-down",
    title: "The source is down, sealed, throttled or unreachable",
    link: Link::Source,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::decides(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::SecretStore, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "SRC-01", decided_by: "an answer 403, or none" },
        Neighbour { code: "AUT-07", decided_by: "whether the connection fails at the certificate" },
        Neighbour { code: "CLU-05", decided_by: "whether the API server of the cluster throttles instead" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("source_down/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
