//! SYN-21: vault Agent was not injected, or its init container does not finish.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-21",
    slug: "agent-not-injected",
    title: "Vault Agent was not injected, or its init container does not finish",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "AUT-01", decided_by: "whether the agent asked Vault and was refused" },
        Neighbour { code: "RBC-06", decided_by: "whether a webhook refused the pod" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("agent_not_injected/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
