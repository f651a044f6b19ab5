//! SRC-11: a credential older than any policy, that nothing rotates.

use super::external::Sync;
use super::{Stories, plans};
use crate::objects::Kind;
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState};
use crate::view::View;

/// Days after which a credential that nobody rotates is named. Policies ask for 90 or 365: the longer one is no news to none.
const OLD_DAYS: i64 = 365;

pub(super) fn judge(view: &View<'_>, syncs: &[Sync<'_>], stories: &mut Stories) {
    let Some(now) = view.as_of else { return };
    for secret in view.snap.data.iter().filter(|d| d.id.kind == Kind::Secret) {
        let credential = secret.keys.iter().any(|k| k.value.credential_shaped)
            || matches!(secret.payload, crate::objects::SecretPayload::Docker(_));
        // Nothing is said of what the cluster makes for itself.
        let own = secret
            .secret_type
            .as_deref()
            .is_some_and(|t| t.starts_with("kubernetes.io/service-account-token") || t.starts_with("helm.sh/"));
        if !credential || own || secret.keys.iter().any(|k| k.value.jwt.is_some_and(|(_, end)| end.is_some())) {
            continue;
        }
        let changed = secret.data_changed();
        let Some(at) = changed.until.or(changed.after) else { continue };
        let days = now.since(at) / 86_400;
        if days < OLD_DAYS {
            continue;
        }
        let users: Vec<_> = view
            .consumers(&Kind::Secret, &secret.id.namespace, &secret.id.name)
            .into_iter()
            .filter(|c| c.pod.is_some())
            .collect();
        if users.is_empty() {
            continue;
        }
        // Without field owners only the creation is known, and the data may be younger.
        let confidence = if secret.meta.managed.is_empty() { Confidence::Possible } else { Confidence::Likely };
        let evidence = Evidence::new(&secret.id, "data", format!("last changed {days} days ago"), "managedFields")
            .at(Some(at))
            .of(&secret.meta);
        let mut finding = Finding::new(
            &secret.id,
            confidence,
            format!("{} was last changed {days} days ago, and nothing rotates it", secret.id),
            evidence,
        )
        .link(Link::Source, &secret.id, LinkState::Ok, "old, and still in use")
        .latent();
        for user in users {
            if !finding.victims.contains(&user.workload) {
                finding = finding.victim(&user.workload);
            }
        }
        let owner = syncs.iter().find(|s| s.target == secret.id).map_or(&secret.id, |s| s.id());
        finding = finding.plan(plans::one(
            owner,
            "rotate it with an overlap",
            "a new credential beside the old one, then the value at the owner of record, then every consumer, then the old one goes",
            "the credential is new and the old one is revoked",
        ));
        stories.tell("SRC-11", finding);
    }
}
