//! CLU-02: API servers disagree about the keys at rest.

use super::decrypt::{self, Outcome};
use super::decryption_fails::plan;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Unseen;
use crate::objects::Kind;
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "CLU-02",
    slug: "servers-disagree",
    title: "API servers disagree about the encryption keys",
    link: Link::Cluster,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::All), Need::sharpens(Kind::Event, Scope::All)],
    neighbours: &[Neighbour { code: "CLU-01", decided_by: "whether every API server fails, or only some" }],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("servers_disagree/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let Some(story) = decrypt::story(view) else { return };
    if story.outcome != Outcome::ServersDisagree {
        for server in &story.without_log {
            out.unseen(&decrypt::subject(), format!("the log of {server}"), Unseen::NotCollected);
        }
        return;
    }
    let names = |ids: &[crate::objects::Id]| ids.iter().map(|i| i.name.to_string()).collect::<Vec<_>>().join(", ");
    let mut finding = Finding::new(
        &decrypt::subject(),
        Confidence::Likely,
        format!("{} cannot decrypt what other API servers wrote", names(&story.blind)),
        story.primary.evidence("the API server has no key for what is stored"),
    )
    .supported_by(story.seeing.iter().map(|s| Evidence::new(s, "log", "no such failure on this server", "log")))
    .explains(story.explains.iter().copied())
    .link(Link::Cluster, &decrypt::subject(), LinkState::Broken, "keys differ between servers")
    .plan(plan(&story.blind));
    for secret in &story.secrets {
        finding = finding.affects(secret);
    }
    if story.explains.is_empty() {
        finding = finding.latent();
    }
    out.violated(finding);
}
