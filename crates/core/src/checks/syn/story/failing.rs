//! Syncs that say themselves that they fail: which cause, for how many of them, and is it the store's or their own.

use std::collections::BTreeMap;

use super::external::{Sync, sync_symptom, waiting_for};
use super::words::{self, Login, Meaning, is_of_store, link, meaning};
use super::{Stories, plans};
use crate::coverage::Unseen;
use crate::objects::{Id, Kind, SecretStore};
use crate::symptoms::{Channel, Statement, SymptomIx};
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, LinkState};
use crate::view::View;

/// Rows that only the cause in an Event tells apart.
const BY_EVENTS: &[&str] = &[
    "SRC-01", "SRC-05", "SRC-09", "SRC-10", "AUT-01", "AUT-02", "AUT-03", "AUT-04", "AUT-05", "AUT-06", "AUT-07",
    "AUT-08", "SYN-02", "SYN-06", "SYN-07", "SYN-08", "SYN-12",
];

/// A failure with the cause that its words give.
struct Caused<'a> {
    code: &'static str,
    confidence: Confidence,
    statement: Statement,
    /// `None` for a store's own failure.
    sync: Option<&'a Sync<'a>>,
    store: Option<&'a SecretStore>,
    store_id: Option<Id>,
}

pub(super) fn judge(view: &View<'_>, syncs: &[Sync<'_>], stories: &mut Stories) {
    let stores = red_stores(view);
    let mut caused: Vec<Caused<'_>> = Vec::new();
    for (store, found) in &stores {
        if let Some((statement, code, confidence)) = found {
            let store_id = Some(store.id.clone());
            caused.push(Caused {
                code,
                confidence: *confidence,
                statement: statement.clone(),
                sync: None,
                store: Some(store),
                store_id,
            });
        }
    }
    let mut unexplained: Vec<&Sync<'_>> = Vec::new();
    for sync in syncs.iter().filter(|s| s.ready() == Some(false)) {
        let Some(symptom) = sync.symptom(view) else { continue };
        let red = sync.store_id.as_ref().and_then(|id| stores.iter().find(|(s, _)| s.id == *id));
        let login = words::login(sync.store);
        let read = newest_cause(&symptom.said, sync.es.refreshed, login).or_else(|| from_log(view, sync, login));
        match (read, red) {
            (Some((_, Meaning::Foreign)), _) => {}
            (Some((statement, Meaning::Row(code, confidence))), red) => {
                // A red store says it for all of its readers, unless this one has a fault of its own.
                let of_store =
                    red.and_then(|(_, found)| found.as_ref()).filter(|_| is_of_store(code) || code == "SRC-01");
                let (statement, code, confidence) = match of_store {
                    Some((s, c, sure)) => (s.clone(), *c, *sure),
                    None => (statement, code, confidence),
                };
                caused.push(Caused {
                    code,
                    confidence,
                    statement,
                    sync: Some(sync),
                    store: sync.store,
                    store_id: sync.store_id.clone(),
                });
            }
            (_, Some((store, Some((statement, code, confidence))))) => caused.push(Caused {
                code,
                confidence: *confidence,
                statement: statement.clone(),
                sync: Some(sync),
                store: Some(store),
                store_id: sync.store_id.clone(),
            }),
            _ => unexplained.push(sync),
        }
    }
    for group in group(caused) {
        tell(view, syncs, &group, stories);
    }
    without_cause(view, syncs, &stores, &unexplained, stories);
}

type Found = Option<(Statement, &'static str, Confidence)>;

/// Stores that are not ready, with their cause where it is on record.
fn red_stores<'a>(view: &View<'a>) -> Vec<(&'a SecretStore, Found)> {
    let red =
        view.snap.stores.iter().filter(|s| s.conditions.iter().any(|c| &*c.kind == "Ready" && c.status == Some(false)));
    red.filter_map(|store| {
        let symptom = sync_symptom(view, &store.id)?;
        let mut said = symptom.said.clone();
        if store.id.kind == Kind::ClusterSecretStore {
            // Events of cluster-scoped objects lie in the namespace `default`.
            let twin = Id::new(Kind::ClusterSecretStore, "default", &store.id.name);
            said.extend(view.events_about(&twin).filter(|e| e.warning).map(|e| Statement {
                channel: Channel::Event,
                object: store.id.clone(),
                path: format!("event {}", e.reason),
                reason: e.reason.clone(),
                said: e.said.clone(),
                first: e.first,
                last: e.last,
                count: e.count,
            }));
        }
        let flipped = store.conditions.iter().find(|c| &*c.kind == "Ready").and_then(|c| c.changed);
        let before = flipped.map(|t| t.plus(-1));
        let found = match newest_cause(&said, before, words::login(Some(store))) {
            Some((statement, Meaning::Row(code, confidence))) => Some((statement, code, confidence)),
            _ => None,
        };
        Some((store, found))
    })
    .collect()
}

/// The newest statement with a cause that came after the last success.
fn newest_cause(said: &[Statement], success: Option<Time>, login: Login) -> Option<(Statement, Meaning)> {
    let fresh = |s: &&Statement| match (s.channel, s.last, success) {
        (Channel::Event, Some(last), Some(success)) => last >= success,
        _ => true,
    };
    said.iter()
        .filter(fresh)
        .map(|s| (s, meaning(s, login)))
        .filter(|(_, m)| matches!(m, Meaning::Row(..) | Meaning::Foreign))
        .max_by_key(|(s, _)| (s.last, s.channel == Channel::Event))
        .map(|(s, m)| (s.clone(), m))
}

/// The operator's own log, where it names the path that this one reads.
fn from_log(view: &View<'_>, sync: &Sync<'_>, login: Login) -> Option<(Statement, Meaning)> {
    let remote = sync.remote().filter(|r| !r.is_empty())?;
    let hits = view.snap.logs.iter().filter(|l| is_operator(&l.pod)).flat_map(|l| l.hits.iter().map(move |h| (l, h)));
    hits.filter(|(_, h)| {
        let fields = &h.said.fields;
        fields.url_path.as_deref().or(fields.remote.as_deref()).is_some_and(|path| path.ends_with(remote))
            && h.last.is_none_or(|last| sync.es.refreshed.is_none_or(|r| last >= r))
    })
    .map(|(log, hit)| {
        let statement = Statement {
            channel: Channel::Log,
            object: sync.id().clone(),
            path: format!("log of {}", log.pod),
            reason: "".into(),
            said: hit.said.clone(),
            first: hit.first,
            last: hit.last,
            count: hit.count,
        };
        let meaning = match meaning(&statement, login) {
            Meaning::Row(code, sure) => Meaning::Row(code, sure.at_most(Confidence::Likely)),
            other => other,
        };
        (statement, meaning)
    })
    .filter(|(_, m)| matches!(m, Meaning::Row(..)))
    .max_by_key(|(s, _)| s.last)
}

/// Whether a log is that of External Secrets, by the name of its pod.
pub(super) fn is_operator(pod: &str) -> bool {
    pod.starts_with("external-secrets") || pod.contains("-external-secrets")
}

/// One root is one finding: a source that is down is one for all its stores, a login one for its store, a policy one for the
/// store's identity, all else one for each ExternalSecret.
fn group<'a>(caused: Vec<Caused<'a>>) -> Vec<Vec<Caused<'a>>> {
    let mut groups: BTreeMap<(&'static str, String), Vec<Caused<'a>>> = BTreeMap::new();
    for one in caused {
        let store = one.store_id.as_ref().map(|id| format!("{}/{}", id.namespace, id)).unwrap_or_default();
        let server = one.store.and_then(|s| s.vault.as_ref()).and_then(|v| v.server.as_deref());
        let server = server.or_else(|| one.sync.and_then(Sync::server));
        let own = one.sync.map(|s| format!("{}/{}", s.id().namespace, s.id())).unwrap_or_default();
        let key = match one.code {
            "SRC-09" | "AUT-08" => server.map_or_else(|| store.clone(), str::to_owned),
            "AUT-03" => format!("login at {}", server.unwrap_or(&store)),
            "SYN-12" => String::new(),
            code if is_of_store(code) || matches!(code, "SRC-01" | "SYN-06") => {
                if store.is_empty() {
                    own.clone()
                } else {
                    store.clone()
                }
            }
            "SRC-05" | "SRC-10" => format!("{store} {}", one.sync.and_then(Sync::remote).unwrap_or(&own)),
            _ => own.clone(),
        };
        groups.entry((one.code, key)).or_default().push(one);
    }
    groups.into_values().collect()
}

fn tell(view: &View<'_>, all: &[Sync<'_>], group: &[Caused<'_>], stories: &mut Stories) {
    let Some(first) = group.iter().min_by_key(|c| (c.sync.is_some(), c.confidence)) else { return };
    let code = first.code;
    let members: Vec<&Sync<'_>> = group.iter().filter_map(|c| c.sync).collect();
    let stores: Vec<&Id> = {
        let mut ids: Vec<&Id> = group.iter().filter_map(|c| c.store_id.as_ref()).collect();
        ids.sort();
        ids.dedup();
        ids
    };
    let subject = match (is_of_store(code) || members.len() > 1, stores.first(), members.first()) {
        (true, Some(store), _) => (*store).clone(),
        (_, _, Some(sync)) => sync.id().clone(),
        (_, Some(store), None) => (*store).clone(),
        _ => return,
    };
    let mut confidence = first.confidence;
    // The same refusal at several stores of one source is the source's own trouble with tokens, not a role's.
    if code == "AUT-03" && stores.len() > 1 {
        confidence = confidence.min(Confidence::Likely);
    }
    let seen = words::seen(code, &first.statement);
    let headline = headline(code, &subject, &members, &seen);
    let evidence = as_evidence(&first.statement, &seen);
    let mut finding = Finding::new(&subject, confidence, headline, evidence);
    let waiting = waiting_for(view);
    let refused = super::refused::targets(view);
    for sync in &members {
        finding = finding.explains(sync.symptom(view).map(|s| s.ix)).affects(&sync.target);
        // Its last copy is refused since it stopped: what is newer at the source did not come.
        let stale = refused.iter().filter(|r| r.secret.id == sync.target);
        for r in stale.filter(|r| r.first.is_none_or(|f| sync.es.refreshed.is_none_or(|read| f >= read))) {
            finding = finding.explains(r.symptoms.iter().copied()).supported_by([r.evidence.clone()]);
        }
        if *sync.id() != subject {
            finding = finding.affects(sync.id());
        }
        finding = finding.explains(waiting.get(&sync.target).into_iter().flatten().copied());
        if let Some(own) = group.iter().find(|c| c.sync.is_some_and(|s| s.id() == sync.id()))
            && (own.statement.object != first.statement.object || own.statement.path != first.statement.path)
        {
            finding = finding.supported_by([as_evidence(&own.statement, &words::seen(code, &own.statement))]);
        }
        finding = finding.supported_by([last_read(sync)]);
        finding =
            finding.link(crate::verdict::Link::Sync, sync.id(), LinkState::Broken, "cannot read or write its data");
        finding = copy_link(finding, sync);
    }
    for store in &stores {
        finding = finding.explains(sync_symptom(view, store).map(|s| s.ix));
        if **store != subject {
            finding = finding.affects(store);
        }
    }
    finding = finding.link(link(code), &subject, LinkState::Broken, seen.clone());
    finding = finding.changed(change(view, code, first, &members, &stores));
    finding = contrast(view, all, code, &members, &stores, finding);
    finding = open(code, &subject, first, finding);
    finding = finding.plan(plans::failing(code, &subject, &members, &first.statement));
    stories.tell(code, finding);
}

fn as_evidence(statement: &Statement, seen: &str) -> Evidence {
    Evidence::new(&statement.object, statement.path.clone(), seen, statement.channel.source()).at(statement.last)
}

fn last_read(sync: &Sync<'_>) -> Evidence {
    match sync.es.refreshed {
        Some(at) => sync.evidence("status.refreshTime", "last successful read", "status").at(Some(at)),
        None => sync.evidence("status.refreshTime", "never read successfully", "status"),
    }
}

fn copy_link(finding: Finding, sync: &Sync<'_>) -> Finding {
    use crate::coverage::Seen;
    let (state, note) = match &sync.secret {
        Seen::Seen(_) => (LinkState::Affected, "holds the last copy"),
        Seen::Absent(_) => (LinkState::Broken, "was never written, or is gone"),
        Seen::Unseen(_) => (LinkState::Unknown, "was not seen"),
    };
    finding.link(crate::verdict::Link::Object, &sync.target, state, note)
}

fn headline(code: &str, subject: &Id, members: &[&Sync<'_>], seen: &str) -> String {
    match (code, members) {
        (_, []) => format!("{subject}: {seen}"),
        (_, [one]) if one.id() == subject => format!("{subject} cannot keep {} up to date: {seen}", one.target),
        (_, [one]) => format!("{subject} cannot serve {}: {seen}", one.id()),
        (_, many) => format!("{subject} cannot serve {} externalsecrets: {seen}", many.len()),
    }
}

/// When the cause came: between the last success and the first failure, or when the object at fault changed.
fn change(view: &View<'_>, code: &str, first: &Caused<'_>, members: &[&Sync<'_>], stores: &[&Id]) -> Option<Change> {
    let flipped = |id: &Id| {
        let store = view.snap.stores.iter().find(|s| s.id == *id)?;
        store.conditions.iter().find(|c| &*c.kind == "Ready").and_then(|c| c.changed)
    };
    let after = members.iter().filter_map(|s| s.es.refreshed).max();
    let first_failures = members.iter().filter(|s| s.es.refreshed.is_some()).filter_map(|s| s.flipped());
    let until = first_failures.chain(stores.iter().filter_map(|s| flipped(s))).chain(first.statement.first).min();
    let object = match code {
        "AUT-07" => bootstrap(first.store, &[Kind::ConfigMap, Kind::Secret], "caProvider")
            .and_then(|(kind, namespace, name)| {
                view.data(&kind, namespace_of(first, namespace.as_deref()), &name).seen()
            })
            .and_then(|o| view.data_change(o)),
        "AUT-06" => first.statement.said.fields.secret.as_deref().and_then(|name| {
            let namespace = namespace_of(first, first.statement.said.fields.namespace.as_deref());
            let id = Id::new(Kind::Secret, namespace, name);
            let write = view.audited_deletion(&id)?;
            Some(Change { when: Interval::at(write.at), by: Some(write.user.to_string()), source: "audit" })
        }),
        "SYN-08" | "SYN-07" | "SRC-05" | "SYN-06" => members.first().and_then(|s| own_edit(view, s, until)),
        _ => None,
    };
    let in_time = |c: &Change| until.is_none_or(|u| c.when.may_start_by(u));
    object.filter(in_time).or_else(|| {
        let when = Interval::between(after, until.filter(|u| after.is_none_or(|a| a <= *u)));
        (!when.is_unknown()).then_some(Change { when, by: None, source: "status" })
    })
}

/// The last edit of the ExternalSecret by somebody else than the operator, if it came after the last success.
fn own_edit(view: &View<'_>, sync: &Sync<'_>, until: Option<Time>) -> Option<Change> {
    let by_others =
        |m: &&crate::objects::Managed| m.subresource.is_none() && !m.manager.starts_with("external-secrets");
    let at = sync.es.meta.managed.iter().filter(by_others).max_by_key(|m| m.time)?;
    let time = at.time.filter(|t| until.is_none_or(|u| *t <= u))?;
    let recent = sync.es.refreshed.is_none_or(|r| time >= r);
    let audited = view.writes_of(sync.id()).rev().find(|w| w.at == time);
    let by = audited.map_or_else(|| at.manager.to_string(), |w| w.user.to_string());
    let source = if audited.is_some() { "audit" } else { "managedFields" };
    recent.then_some(Change { when: Interval::at(time), by: Some(by), source })
}

fn namespace_of<'n>(first: &'n Caused<'_>, stated: Option<&'n str>) -> &'n str {
    let own = first.store_id.as_ref().map(|id| &*id.namespace).filter(|n| !n.is_empty());
    stated.or(own).or_else(|| first.sync.map(|s| &*s.id().namespace)).unwrap_or_default()
}

fn bootstrap(store: Option<&SecretStore>, kinds: &[Kind], path: &str) -> Option<(Kind, Option<String>, String)> {
    let found = store?.bootstrap.iter().find(|(kind, _, _, at)| kinds.contains(kind) && at.contains(path))?;
    Some((found.0.clone(), found.1.as_deref().map(str::to_owned), found.2.to_string()))
}

/// What the healthy members say: a sibling that still reads clears the store, a store that is ready clears the login.
fn contrast(
    view: &View<'_>,
    all: &[Sync<'_>],
    code: &str,
    members: &[&Sync<'_>],
    stores: &[&Id],
    finding: Finding,
) -> Finding {
    let mut finding = finding;
    let failed_at = members.iter().filter_map(|s| s.flipped()).min();
    let store_green = stores.iter().find(|id| {
        view.snap
            .stores
            .iter()
            .any(|s| s.id == ***id && s.conditions.iter().any(|c| &*c.kind == "Ready" && c.status == Some(true)))
    });
    if let (Some(store), false) = (store_green, is_of_store(code)) {
        finding = finding.rules_out("AUT-01", format!("{store} logs in: it is Ready"));
        finding = finding.rules_out("SYN-02", format!("{store} is Ready"));
    }
    let sibling = all.iter().find(|s| {
        s.ready() == Some(true)
            && s.store_id.as_ref().is_some_and(|id| stores.contains(&id))
            && s.es.refreshed.zip(failed_at).is_some_and(|(read, failed)| read > failed)
    });
    if let Some(sibling) = sibling {
        finding = finding.note(format!("{} still reads through the same store", sibling.id()));
        finding = finding.rules_out("SRC-09", format!("{} was read since", sibling.id()));
    }
    if members.iter().any(|m| m.es.refreshed.is_some()) {
        finding =
            finding.note("what runs keeps the last copy; what starts anew gets it too, as long as it is accepted");
    }
    finding.rules_out("SYN-03", "the operator works: it reports the failure itself")
}

/// Neighbours that the words leave open.
fn open(code: &str, subject: &Id, first: &Caused<'_>, finding: Finding) -> Finding {
    if finding.confidence == Confidence::Certain {
        return finding;
    }
    match code {
        "SRC-01" if words::login(first.store) == Login::StaticToken => {
            finding.unless("AUT-04", subject, "whether the stored token is still alive (a lookup of the token)")
        }
        "AUT-04" => {
            finding.unless("SRC-01", subject, "a lookup of the stored token: expired, or alive and without the policy")
        }
        "AUT-03" => finding
            .unless("AUT-01", subject, "whether the role still exists and binds the ServiceAccount")
            .unless("AUT-02", subject, "the source's own log: audience, issuer, or reviewer"),
        "AUT-01" => finding.unless("AUT-03", subject, "whether other roles of the same mount still log in"),
        "SRC-05" => finding.unless("SYN-09", subject, "metadata of the path: deleted, moved, or another KV version"),
        "SYN-07" => {
            finding.unless("SRC-06", subject, "whether the value at the source has the characters that break it")
        }
        _ => finding,
    }
}

/// Syncs that fail without a word about why: SYN-02 for a store that is red, else SYN-01.
fn without_cause(
    view: &View<'_>,
    all: &[Sync<'_>],
    stores: &[(&SecretStore, Found)],
    syncs: &[&Sync<'_>],
    stories: &mut Stories,
) {
    let waiting = waiting_for(view);
    for (store, found) in stores {
        if found.is_some() {
            continue;
        }
        blind_events(view, &store.id, stories);
        let mine: Vec<&&Sync<'_>> = syncs.iter().filter(|s| s.store_id.as_ref() == Some(&store.id)).collect();
        let condition = store.conditions.iter().find(|c| &*c.kind == "Ready");
        let evidence = Evidence::new(
            &store.id,
            "status.conditions[Ready]",
            "Ready is False; its cause is not on record",
            "status",
        )
        .at(condition.and_then(|c| c.changed));
        let headline = format!("{} is not ready: {} of its externalsecrets fail", store.id, mine.len());
        let mut finding = Finding::new(&store.id, Confidence::Likely, headline, evidence)
            .explains(sync_symptom(view, &store.id).map(|s| s.ix))
            .changed(condition.and_then(|c| c.changed).map(|t| Change {
                when: Interval::between(None, Some(t)),
                by: None,
                source: "status",
            }));
        for sync in &mine {
            finding = finding.explains(sync.symptom(view).map(|s| s.ix)).affects(&sync.target).affects(sync.id());
            finding = finding.explains(waiting.get(&sync.target).into_iter().flatten().copied());
        }
        finding = finding
            .link(crate::verdict::Link::Login, &store.id, LinkState::Broken, "not ready")
            .unless("AUT-01", &store.id, "the Event InvalidProviderConfig on the store, or the operator's log")
            .plan(plans::read_events(&store.id));
        stories.tell("SYN-02", finding);
    }
    for sync in syncs {
        if stores.iter().any(|(s, _)| sync.store_id.as_ref() == Some(&s.id)) {
            continue;
        }
        blind_events(view, sync.id(), stories);
        let evidence = sync
            .evidence("status.conditions[Ready]", "Ready is False; the cause is in no Event on record", "status")
            .at(sync.flipped());
        let headline = format!("{} fails and keeps {} as it was; why is not on record", sync.id(), sync.target);
        // That it fails is seen; only why is not.
        let mut finding = Finding::new(sync.id(), Confidence::Likely, headline, evidence)
            .explains(sync.symptom(view).map(|s| s.ix))
            .explains(waiting.get(&sync.target).into_iter().flatten().copied())
            .affects(&sync.target)
            .supported_by([last_read(sync)])
            .link(crate::verdict::Link::Sync, sync.id(), LinkState::Broken, "fails at every read")
            .changed(sync.flipped().map(|t| Change {
                when: Interval::between(sync.es.refreshed.filter(|r| *r <= t), Some(t)),
                by: None,
                source: "status",
            }));
        finding = copy_link(finding, sync);
        let siblings = all.iter().filter(|s| s.store_id == sync.store_id && s.ready() == Some(true)).count();
        if siblings > 0 {
            finding = finding.note(format!("{siblings} others of the same store are fine: it is about this entry"));
        }
        finding = finding
            .unless("SRC-01", sync.id(), "the Event UpdateFailed on the ExternalSecret, or the operator's log")
            .unless("SRC-05", sync.id(), "the Event UpdateFailed on the ExternalSecret, or the operator's log")
            .plan(plans::read_events(sync.id()));
        stories.tell("SYN-01", finding);
    }
}

fn blind_events(view: &View<'_>, subject: &Id, stories: &mut Stories) {
    let namespace = if subject.namespace.is_empty() { "default" } else { &subject.namespace };
    if let Err(why) = view.snap.coverage.of(&Kind::Event, namespace) {
        stories.blind(BY_EVENTS, subject, format!("Events about {subject}, which name the cause"), why);
    } else if view.events_about(subject).next().is_none() {
        stories.blind(
            BY_EVENTS,
            subject,
            format!("Events about {subject}: they are kept for an hour"),
            Unseen::NotCollected,
        );
    }
}

/// Whether a sync reports a failure itself.
pub(super) fn is_failing(sync: &Sync<'_>) -> bool {
    sync.ready() == Some(false)
}

/// Symptoms that wait for a target.
pub(super) fn waiting(view: &View<'_>, target: &Id) -> Vec<SymptomIx> {
    waiting_for(view).remove(target).unwrap_or_default()
}
