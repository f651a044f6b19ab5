//! SRC-01: the source no longer lets the operator read a path.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SRC-01",
    slug: "policy-denies-read",
    title: "The source no longer lets the operator read a path",
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
        Neighbour { code: "AUT-01", decided_by: "the URL in the 403: the path that is read, or a login" },
        Neighbour { code: "AUT-04", decided_by: "whether the refusal adds `invalid token`" },
        Neighbour { code: "SRC-05", decided_by: "403 or 404: refused, or not there" },
        Neighbour { code: "RBC-07", decided_by: "who refuses: the source, or the Kubernetes API" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("policy_denies_read/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
