//! SYN-13: vault Secrets Operator did not renew a lease.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-13",
    slug: "lease-not-renewed",
    title: "Vault Secrets Operator did not renew a lease",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::VaultDynamicSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "SRC-04", decided_by: "whether the lease was cut at its ceiling" },
        Neighbour { code: "SRC-01", decided_by: "whether the renewal is refused" },
        Neighbour { code: "DEL-01", decided_by: "whether a new user came and a consumer holds the old one" },
    ],
    lag: Lag::Expiry,
    fix: FixKind::Always,
    page: include_str!("lease_not_renewed/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
