//! SRC-08: the credential was changed or revoked at the backend only.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SRC-08",
    slug: "changed-at-backend-only",
    title: "The credential was changed or revoked at the backend only",
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
        Neighbour { code: "SRC-07", decided_by: "whether a rotation is half done: one login with each version" },
        Neighbour { code: "SRC-06", decided_by: "whether the value changed before the refusals" },
        Neighbour { code: "IMG-16", decided_by: "401 or 403" },
        Neighbour { code: "ROT-01", decided_by: "whether other copies of the account hold a newer value" },
    ],
    lag: Lag::PoolLifetime,
    fix: FixKind::Always,
    page: include_str!("changed_at_backend_only/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
