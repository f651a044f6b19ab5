//! SRC-11: a credential in use is older than a year and nothing rotates it.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SRC-11",
    slug: "never-rotated",
    title: "A credential in use is older than a year and nothing rotates it",
    link: Link::Source,
    role: Role::Latent,
    severity: Severity::Low,
    needs: &[Need::decides(Kind::Secret, Scope::Named), Need::decides(Kind::Pod, Scope::OwnNamespace)],
    neighbours: &[Neighbour {
        code: "DEL-01",
        decided_by: "whether the value changed and a consumer holds the old one",
    }],
    lag: Lag::Standing,
    fix: FixKind::Always,
    page: include_str!("never_rotated/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
