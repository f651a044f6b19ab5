//! The story of a failed pull: what was asked for, with which credentials, what was answered, and which failure mode it is.
//!
//! Every image that cannot be had is judged once, exhaustively between the rows IMG-01 to IMG-26; the checks of the
//! family only pick their own verdict out of it, so that two of them can never claim one failure.

mod decide;
mod listed;
mod missing;
mod plans;
mod refused;
mod runs;
mod unlisted;
mod unsent;
mod words;

use std::collections::BTreeMap;

pub(crate) use listed::{Content, Listed, Matched};
pub(crate) use plans::{credential, edit_template, remake, secret_step};
pub(crate) use runs::{Run, Runs};
pub(crate) use words::life;

use crate::coverage::Unseen;
use crate::image::{ImageError, ImageRef};
use crate::messages::Signal;
use crate::objects::{Id, Node, Pod, SecretPayload, Str, VolumeSource};
use crate::plan::Plan;
use crate::snapshot::Want;
use crate::symptoms::{Channel, Class, Statement, Symptom, SymptomIx};
use crate::time::Time;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Trigger, Verdicts};
use crate::view::View;

/// What is known about one image that cannot be had, before it is judged.
pub(crate) struct Facts<'a> {
    pub symptom: SymptomIx,
    /// Topmost owner of the pod.
    pub victim: Id,
    pub pod: &'a Pod,
    pub container: Str,
    /// Field path of the image within the pod, such as `spec.containers[web].image`.
    pub image_path: String,
    pub image_text: Str,
    pub image: Result<ImageRef, ImageError>,
    pub pull_policy: Option<Str>,
    /// The component's statement that names the cause, if one is on record.
    pub said: Option<Statement>,
    /// First and last try on record, by Events.
    pub first_try: Option<Time>,
    pub last_try: Option<Time>,
    /// A `Pulling` Event shows that the kubelet did try.
    pub tried: bool,
    /// The pull secrets that the pod was admitted with.
    pub listed: Vec<Listed<'a>>,
    pub node: Option<&'a Node>,
}

/// The judgement of one failed pull.
pub(crate) struct Story<'a> {
    pub facts: Facts<'a>,
    pub verdict: Option<Verdict>,
    /// The same image runs elsewhere, which hides the fault there (IMG-14).
    pub mask: Option<Verdict>,
    /// What was not seen, and the codes that it would have decided.
    pub blind: Vec<Blind>,
    /// Questions to the registry whose answers would sharpen the verdict.
    pub wants: Vec<Want>,
}

/// Something that was not seen.
pub(crate) struct Blind {
    pub codes: &'static [&'static str],
    pub missing: String,
    pub why: Unseen,
}

/// Which failure mode it is, on which subject, and why.
pub(crate) struct Verdict {
    pub code: &'static str,
    pub subject: Id,
    /// Failures with one code and one group are one finding, as all pulls from one host that is down.
    pub group: String,
    pub confidence: Confidence,
    pub headline: String,
    /// First is primary.
    pub evidence: Vec<Evidence>,
    pub changed: Option<Change>,
    pub trigger: Option<Trigger>,
    pub open: Vec<(&'static str, Id, String)>,
    pub ruled_out: Vec<(&'static str, String)>,
    pub notes: Vec<String>,
    pub links: Vec<(Link, Id, LinkState, String)>,
    /// Another object that the plan needs: a copy, a near name, a ServiceAccount.
    pub other: Option<Id>,
}

impl Verdict {
    pub(crate) fn new(
        code: &'static str,
        subject: &Id,
        confidence: Confidence,
        headline: impl Into<String>,
        primary: Evidence,
    ) -> Self {
        Self {
            code,
            subject: subject.clone(),
            group: format!("{} {subject}", subject.namespace),
            confidence,
            headline: headline.into(),
            evidence: vec![primary],
            changed: None,
            trigger: None,
            open: Vec::new(),
            ruled_out: Vec::new(),
            notes: Vec::new(),
            links: Vec::new(),
            other: None,
        }
    }

    pub(crate) fn group(mut self, group: impl Into<String>) -> Self {
        self.group = group.into();
        self
    }

    pub(crate) fn and(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    pub(crate) fn changed(mut self, change: Option<Change>) -> Self {
        self.changed = change.or(self.changed);
        self
    }

    pub(crate) fn open(mut self, code: &'static str, subject: &Id, decided_by: impl Into<String>) -> Self {
        if code != self.code {
            self.open.push((code, subject.clone(), decided_by.into()));
        }
        self
    }

    pub(crate) fn not(mut self, code: &'static str, because: impl Into<String>) -> Self {
        if code != self.code && !self.open.iter().any(|(open, ..)| *open == code) {
            self.ruled_out.push((code, because.into()));
        }
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub(crate) fn link(mut self, link: Link, object: &Id, state: LinkState, note: impl Into<String>) -> Self {
        self.links.push((link, object.clone(), state, note.into()));
        self
    }

    pub(crate) fn other(mut self, other: &Id) -> Self {
        self.other = Some(other.clone());
        self
    }
}

/// All stories of a snapshot, in the order of the symptoms; judged once and kept.
pub(crate) fn stories<'v, 'a>(view: &'v View<'a>) -> &'v [Story<'a>] {
    view.pulls.get_or_init(|| {
        let pulls: Vec<&Symptom> = view.symptoms().iter().filter(|s| is_about_an_image(view, s)).collect();
        if pulls.is_empty() {
            return Vec::new();
        }
        let runs = Runs::of(view);
        pulls.into_iter().filter_map(|s| facts(view, s)).map(|f| decide::judge(view, &runs, f)).collect()
    })
}

/// How a check makes its plan: from all failures that are one fault, and the verdict on them.
pub(crate) type Planner = fn(&View<'_>, &[&Facts<'_>], &Verdict) -> Plan;

/// Reports the verdicts with a check's own code.
pub(crate) fn report(view: &View<'_>, out: &mut Verdicts, code: &'static str, plan: Planner) {
    let mut faults: BTreeMap<&str, Vec<(&Facts<'_>, &Verdict)>> = BTreeMap::new();
    for story in stories(view) {
        if story.verdict.as_ref().is_some_and(|v| v.code == code) {
            story.wants.iter().for_each(|w| out.want(w.clone()));
        }
        for blind in story.blind.iter().filter(|b| b.codes.contains(&code)) {
            out.unseen(&story.facts.victim, blind.missing.clone(), blind.why);
        }
        for verdict in [&story.verdict, &story.mask].into_iter().flatten().filter(|v| v.code == code) {
            faults.entry(&verdict.group).or_default().push((&story.facts, verdict));
        }
    }
    for told in faults.into_values() {
        // One fault is one finding, in the words of the surest of its failures.
        let Some((_, verdict)) = told.iter().min_by_key(|(_, v)| v.confidence) else { continue };
        let facts: Vec<&Facts<'_>> = told.iter().map(|(f, _)| *f).collect();
        let finding = tell(verdict).explains(facts.iter().map(|f| f.symptom)).plan(plan(view, &facts, verdict));
        out.violated(finding);
    }
}

fn tell(verdict: &Verdict) -> Finding {
    let mut evidence = verdict.evidence.iter().cloned();
    let primary = evidence.next().expect("Verdict::new puts the primary evidence first");
    let mut finding = Finding::new(&verdict.subject, verdict.confidence, verdict.headline.clone(), primary)
        .supported_by(evidence)
        .changed(verdict.changed.clone())
        .trigger(verdict.trigger.clone());
    for (link, object, state, note) in &verdict.links {
        finding = finding.link(*link, object, *state, note.clone());
    }
    for (code, subject, decided_by) in &verdict.open {
        finding = finding.unless(code, subject, decided_by.clone());
    }
    for (code, because) in &verdict.ruled_out {
        finding = finding.rules_out(code, because.clone());
    }
    for note in &verdict.notes {
        finding = finding.note(note.clone());
    }
    finding
}

/// A pull that fails, an image that was pulled and cannot run here, or a pod whose pull secrets do not parse: the kubelet
/// then puts its error where a reason belongs.
fn is_about_an_image(view: &View<'_>, symptom: &Symptom) -> bool {
    match symptom.class {
        Class::Pull => true,
        Class::Start | Class::Crash => {
            symptom.has(Signal::ExecFormat)
                || symptom.said.iter().any(|s| {
                    s.channel == Channel::Waiting
                        && s.reason.contains(' ')
                        && symptom.pod.as_ref().and_then(|id| view.pod(id)).is_some_and(|p| lists_malformed(view, p))
                })
        }
        _ => false,
    }
}

fn lists_malformed(view: &View<'_>, pod: &Pod) -> bool {
    pod.spec.pull_secrets.iter().any(|name| {
        let secret = view.secret(&pod.id.namespace, name).seen();
        secret.is_some_and(|s| matches!(s.payload, SecretPayload::MalformedDocker(_)))
    })
}

/// Gathers what is known about one failed pull.
fn facts<'a>(view: &View<'a>, symptom: &Symptom) -> Option<Facts<'a>> {
    let pod = view.pod(symptom.pod.as_ref()?)?;
    let container = symptom.container.clone()?;
    let spec = pod.spec.containers.iter().find(|c| c.name == container)?;
    let said = match symptom.class {
        Class::Pull => cause(symptom).cloned(),
        _ => symptom.signal(|s| s == Signal::ExecFormat).cloned(),
    };
    let mut image_text = spec.image.clone();
    let mut image_path = format!("spec.containers[{container}].image");
    let mut pull_policy = spec.pull_policy.clone();
    // The image of a volume is pulled for the container that mounts it, and the container's state carries the error.
    let named = said.as_ref().and_then(|s| s.said.fields.image.as_deref()).and_then(|text| ImageRef::parse(text).ok());
    if let Some(named) = named
        && ImageRef::parse(&spec.image).ok().as_ref() != Some(&named)
    {
        for volume in &pod.spec.volumes {
            if let VolumeSource::Image { reference, pull_policy: policy } = &volume.source
                && ImageRef::parse(reference).ok().as_ref() == Some(&named)
            {
                image_text = reference.clone();
                image_path = format!("spec.volumes[{}].image.reference", volume.name);
                pull_policy.clone_from(policy);
            }
        }
    }
    let tries = || {
        symptom.said.iter().filter(|s| {
            s.channel == Channel::Event && (&*s.reason == "Pulling" || (&*s.reason == "Failed" && names_cause(s)))
        })
    };
    Some(Facts {
        symptom: symptom.ix,
        victim: symptom.victim.clone(),
        pod,
        image: ImageRef::parse(&image_text),
        image_path,
        image_text,
        pull_policy,
        first_try: tries().filter_map(|s| s.first).min(),
        last_try: tries().filter_map(|s| s.last).max(),
        tried: tries().any(|s| &*s.reason == "Pulling"),
        listed: listed::of(view, pod, &pod.spec.pull_secrets, symptom),
        node: pod.node.as_deref().and_then(|n| view.node(n).seen()),
        container,
        said,
    })
}

/// The newest statement that names a cause: the state first, since it is of now, then the newest Event.
fn cause(symptom: &Symptom) -> Option<&Statement> {
    symptom.said.iter().find(|s| s.channel == Channel::Waiting && names_cause(s)).or_else(|| {
        symptom.said.iter().filter(|s| s.channel == Channel::Event && names_cause(s)).max_by_key(|s| (s.last, s.first))
    })
}

fn names_cause(statement: &Statement) -> bool {
    statement.said.signal.is_some_and(|s| !matches!(s, Signal::BackOffPull | Signal::PullSecretNotFound))
        || statement.said.class() == crate::messages::Class::RegistryBlockedByPolicy
        || statement.said.class() == crate::messages::Class::NodeDiskFull
}

impl Facts<'_> {
    pub(crate) fn signal(&self) -> Option<Signal> {
        self.said.as_ref().and_then(|s| s.said.signal)
    }

    pub(crate) fn account(&self) -> Id {
        Id::new(crate::objects::Kind::ServiceAccount, &self.pod.id.namespace, &self.pod.spec.service_account)
    }

    /// The image's registry, `docker.io` for Docker Hub.
    pub(crate) fn domain(&self) -> &str {
        self.image.as_ref().map_or("", ImageRef::domain)
    }

    /// The newest time of which it is known that the pull still failed.
    pub(crate) fn failing_at(&self, view: &View<'_>) -> Option<Time> {
        self.last_try.or(view.as_of)
    }

    /// The statement as evidence, in our words.
    pub(crate) fn answer(&self, seen: impl Into<String>) -> Evidence {
        match &self.said {
            Some(s) => Evidence::new(&s.object, s.path.clone(), seen, s.channel.source())
                .at(s.last.or(self.last_try))
                .of(&self.pod.meta),
            None => {
                Evidence::new(&self.pod.id, format!("status.containerStatuses[{}]", self.container), seen, "status")
                    .at(self.last_try)
                    .of(&self.pod.meta)
            }
        }
    }

    /// Evidence about the reference in the pod's spec.
    pub(crate) fn asks(&self) -> Evidence {
        Evidence::new(&self.pod.id, self.image_path.clone(), format!("image {}", self.image_text), "spec")
            .of(&self.pod.meta)
    }
}
