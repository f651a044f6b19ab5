//! Small judgements that the stories share: spelling, lives of tokens, clouds, and changes of the image.

use super::Facts;
use crate::edits::edits;
use crate::image::ImageRef;
use crate::keyring::{EntryFacts, TokenKind, UsernameKind};
use crate::objects::{Id, Str, Workload};
use crate::time::{Interval, Time};
use crate::verdict::{Change, Trigger};
use crate::view::View;

/// Number of inserted, removed or changed characters between two short texts; `None` if they are too long to compare.
pub(super) fn distance(a: &str, b: &str) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    (a.len().max(b.len()) <= 300).then(|| edits(&a, &b))
}

/// Whether one name is likely a misspelling of the other: one segment of it differs, by few letters for its length.
pub(super) fn misspelt(a: &str, b: &str) -> bool {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split('/').collect(), b.split('/').collect());
    if a.len() != b.len() {
        return false;
    }
    let mut differing = a.iter().zip(&b).filter(|(x, y)| x != y);
    let (Some((x, y)), None) = (differing.next(), differing.next()) else { return false };
    let allowed = (x.len().max(y.len()) / 4).clamp(1, 3);
    distance(x, y).is_some_and(|d| d <= allowed)
}

/// Whether nodes usually log in to this registry with their own cloud identity.
pub(super) fn is_cloud(domain: &str) -> bool {
    (domain.contains(".dkr.ecr") && domain.contains(".amazonaws.com"))
        || domain.ends_with(".pkg.dev")
        || domain == "gcr.io"
        || domain.ends_with(".gcr.io")
        || domain.ends_with(".azurecr.io")
}

/// How long a credential lives, by what its form tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Life {
    pub seconds: i64,
    pub words: &'static str,
}

pub(crate) fn life(entry: &EntryFacts) -> Option<Life> {
    let (seconds, words) = match entry.username_kind {
        UsernameKind::Aws => (12 * 3600, "an Amazon ECR token lives for 12 hours"),
        UsernameKind::GoogleAccessToken => (3600, "a Google access token lives for one hour"),
        UsernameKind::AzureToken => (3 * 3600, "an Azure registry token lives for three hours"),
        UsernameKind::GithubAppToken => (3600, "a GitHub App token lives for one hour"),
        _ => match entry.password_shape.kind {
            TokenKind::Ecr => (12 * 3600, "an Amazon ECR token lives for 12 hours"),
            TokenKind::GoogleAccess => (3600, "a Google access token lives for one hour"),
            _ => return None,
        },
    };
    Some(Life { seconds, words })
}

/// The image of this container in the revision before, and when the present one came.
pub(crate) struct ImageChange {
    pub previous: String,
    pub change: Change,
    pub workload: Id,
}

/// What the last revision changed in the image of the failing container. `None` if it changed nothing there, or no earlier
/// revision is on record.
pub(super) fn image_change(view: &View<'_>, facts: &Facts<'_>) -> Option<ImageChange> {
    let (now, before) = revisions(view, facts)?;
    let image_of = |w: &Workload| {
        let template = w.template.as_ref()?;
        template.containers.iter().find(|c| c.name == facts.container).map(|c| c.image.to_string())
    };
    let previous = image_of(before)?;
    if previous == *facts.image_text {
        return None;
    }
    let at = revision_time(view, facts, now)?;
    let by = author(view, &facts.victim, at);
    let source = if by.is_some() { "audit" } else { "creationTimestamp" };
    Some(ImageChange {
        previous,
        change: Change { when: Interval::at(at), by, source },
        workload: facts.victim.clone(),
    })
}

/// A change of the list of pull secrets in the template.
pub(crate) struct ListChange {
    pub before: Vec<Str>,
    pub change: Change,
}

/// What the last revision changed in the template's list. `None` if nothing, or no earlier revision is on record.
pub(super) fn list_change(view: &View<'_>, facts: &Facts<'_>) -> Option<ListChange> {
    let (now, before) = revisions(view, facts)?;
    let (new, old) = (now.template.as_ref()?, before.template.as_ref()?);
    if new.pull_secrets == old.pull_secrets {
        return None;
    }
    let at = revision_time(view, facts, now)?;
    let by = author(view, &facts.victim, at);
    let source = if by.is_some() { "audit" } else { "creationTimestamp" };
    Some(ListChange { before: old.pull_secrets.clone(), change: Change { when: Interval::at(at), by, source } })
}

/// The rollout that made the failing pod, where an earlier revision is on record.
pub(super) fn rollout(view: &View<'_>, facts: &Facts<'_>) -> Option<Trigger> {
    let (now, _) = revisions(view, facts)?;
    let number = now.revision.map(|r| format!(" of revision {r}")).unwrap_or_default();
    let at = revision_time(view, facts, now);
    Some(Trigger { object: facts.victim.clone(), what: format!("rollout{number} needed a pull"), at })
}

fn revisions<'a>(view: &View<'a>, facts: &Facts<'_>) -> Option<(&'a Workload, &'a Workload)> {
    let now = view.revision_of(facts.pod)?;
    let before = view.revisions_of(&facts.victim).rev().find(|w| w.id != now.id && w.revision < now.revision)?;
    Some((now, before))
}

/// When a revision came into use: its creation, or, for one that was rolled back to, the creation of its first new pod.
fn revision_time(view: &View<'_>, facts: &Facts<'_>, now: &Workload) -> Option<Time> {
    let created = now.meta.created?;
    if now.revision_history.is_empty() {
        return Some(created);
    }
    view.pods_of(&facts.victim)
        .filter(|p| view.revision_of(p).is_some_and(|r| r.id == now.id))
        .filter_map(|p| p.meta.created)
        .min()
}

/// Who wrote the workload just before a time, by the audit log.
fn author(view: &View<'_>, workload: &Id, at: Time) -> Option<String> {
    let write = view.writes_of(workload).rev().find(|w| (-1..=5).contains(&at.since(w.at)))?;
    Some(write.user.to_string())
}

/// Other images that run in the cluster, or ran in the revision before, whose name is nearly the image's.
pub(super) fn near_name(image: &ImageRef, others: impl Iterator<Item = ImageRef>) -> Option<ImageRef> {
    let mut best: Option<(usize, ImageRef)> = None;
    for other in others {
        if other.domain() != image.domain() || other.path() == image.path() || !misspelt(other.path(), image.path()) {
            continue;
        }
        let d = distance(other.path(), image.path()).unwrap_or(usize::MAX);
        if best.as_ref().is_none_or(|(known, _)| d < *known) {
            best = Some((d, other));
        }
    }
    best.map(|(_, image)| image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_near_and_not_equal() {
        for (a, b, want) in [
            ("team/catalogue", "team/catalog", true),
            ("team/web", "team/web", false),
            ("team/web", "team/payments", false),
            ("team/recs", "team/docs", false),
            ("team/web", "teams/webs", false),
            ("v1", "v2", true),
            ("ab", "cd", false),
        ] {
            assert_eq!(misspelt(a, b), want, "{a} {b}");
        }
    }
}
