//! SYN-16: mounted CSI content is not refreshed.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-16",
    slug: "csi-content-frozen",
    title: "Mounted CSI content is not refreshed",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::Medium,
    needs: &[
        Need::decides(Kind::SecretProviderClassPodStatus, Scope::OwnNamespace),
        Need::sharpens(Kind::Pod, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "DEL-02", decided_by: "whether the mount uses subPath" },
        Neighbour { code: "DEL-04", decided_by: "whether the file is new and the process old" },
    ],
    lag: Lag::Standing,
    fix: FixKind::Always,
    page: include_str!("csi_content_frozen/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
