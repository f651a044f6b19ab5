//! SYN-15: the CSI provider cannot read from the source.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-15",
    slug: "csi-provider-error",
    title: "The CSI provider cannot read from the source",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::SecretProviderClass, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "SYN-14", decided_by: "whether class, driver and provider are there" },
        Neighbour { code: "SRC-09", decided_by: "whether readers by an operator fail as well" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("csi_provider_error/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
