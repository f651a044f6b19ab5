//! SYN-14: the CSI volume has no class, driver or provider.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-14",
    slug: "csi-class-or-driver-missing",
    title: "The CSI volume has no class, driver or provider",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::SecretProviderClass, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "SYN-15", decided_by: "whether the driver got as far as the source" },
        Neighbour { code: "DEL-05", decided_by: "another volume, and a timeout that passes" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("csi_class_or_driver_missing/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
