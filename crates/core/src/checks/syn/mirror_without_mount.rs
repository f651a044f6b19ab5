//! SYN-17: a mirrored Secret exists only while a pod mounts its class.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-17",
    slug: "mirror-without-mount",
    title: "A mirrored Secret exists only while a pod mounts its class",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::SecretProviderClass, Scope::OwnNamespace),
        Need::decides(Kind::Pod, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "OBJ-02", decided_by: "removed by a person, or by the driver with its last mount" },
        Neighbour { code: "SYN-15", decided_by: "whether the mount works and the mirror fails" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("mirror_without_mount/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
