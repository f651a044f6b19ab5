//! SRC-05: the source has nothing at the path, property or version that is read.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SRC-05",
    slug: "entry-missing",
    title: "The source has nothing at the path, property or version that is read",
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
        Neighbour { code: "SRC-01", decided_by: "404 or 403" },
        Neighbour { code: "SYN-09", decided_by: "whether the source returned an empty entry (green) or none (red)" },
        Neighbour { code: "ROT-02", decided_by: "whether a repair of the reference was written over by a controller" },
        Neighbour { code: "SRC-10", decided_by: "whether the entry is closed rather than absent" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("entry_missing/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
