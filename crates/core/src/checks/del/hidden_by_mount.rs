//! DEL-09: a delivered volume is laid over files that the container needs, or two sources claim one path in it.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::con::{delivered, steps};
use crate::messages::Signal;
use crate::objects::{Container, Kind, Mount, Pod};
use crate::plan::Plan;
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "DEL-09",
    slug: "hidden-by-mount",
    title: "A delivered volume hides files of the image, or its sources claim one path twice",
    link: Link::Delivery,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::Named), Need::sharpens(Kind::ReplicaSet, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "CLU-09", decided_by: "whether a delivered volume is mounted over the command's directory" },
        Neighbour {
            code: "OBJ-05",
            decided_by: "whether the missing file should come from a key of the mounted object",
        },
        Neighbour { code: "CON-11", decided_by: "whether the image or the mounts changed with the last revision" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("hidden_by_mount/explain.md"),
    judge,
};

/// Directories that a shell and the runtime search for a command without a path.
const SEARCHED: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for symptom in view.symptoms() {
        let finding = match symptom.class {
            Class::Mount | Class::NoPods => conflict(view, symptom),
            Class::Start | Class::Crash | Class::App => renamed(view, symptom).or_else(|| hidden(view, symptom)),
            _ => None,
        };
        found.extend(finding);
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

/// Whether a file that is missing for a symptom is hidden or laid down elsewhere, so that no key is to blame.
pub(in crate::checks) fn hides(view: &View<'_>, symptom: &Symptom) -> bool {
    hidden(view, symptom).is_some() || renamed(view, symptom).is_some()
}

fn conflict(view: &View<'_>, symptom: &Symptom) -> Option<Finding> {
    let said = symptom.said.iter().find(|s| s.said.says(Signal::ConflictingPaths))?;
    let volume = said.said.fields.volume.as_deref().map_or("a projected volume".to_owned(), |v| format!("volume {v}"));
    let step = steps::edit_template(view, &symptom.victim, "give each source of the projected volume paths of its own")
        .change(format!("items[].path in the sources of {volume}"));
    Some(
        Finding::new(
            &symptom.victim,
            Confidence::Certain,
            format!("{} cannot mount {volume}: two of its sources claim one path", symptom.victim),
            steps::evidence(said, "conflicting duplicate paths"),
        )
        .explains([symptom.ix])
        .link(Link::Delivery, &symptom.victim, LinkState::Broken, "two sources, one path")
        .rules_out("OBJ-05", "every key was found: their paths collide")
        .plan(Plan::new(vec![step])),
    )
}

fn hidden(view: &View<'_>, symptom: &Symptom) -> Option<Finding> {
    let (pod, container) = steps::failing(view, symptom)?;
    symptom.said.iter().find_map(|said| {
        let missing = said.said.says(Signal::FileMissing) && said.said.fields.path.is_some();
        if !said.said.says(Signal::StartErrorNotFound) && !missing {
            return None;
        }
        let mount = cover(view, pod, container, said)?;
        let path = said.said.fields.path.as_deref();
        // A file of another kind may as well be a key that the object should have: only a former revision without this
        // mount tells.
        if missing && !path.is_some_and(is_program) && !ran_without(view, pod, container, mount) {
            return None;
        }
        Some(over(view, symptom, pod, container, said, (mount, path)))
    })
}

/// The delivered volume that lies over the place where the file was looked for, unless it should deliver that file itself.
fn cover<'p>(view: &View<'_>, pod: &'p Pod, container: &'p Container, said: &Statement) -> Option<&'p Mount> {
    let Some(path) = said.said.fields.path.as_deref() else {
        // A command without a path: a volume over one of the searched directories hides all commands in it.
        return delivered::places(&pod.spec, container)
            .map(|p| p.mount)
            .find(|m| m.sub_path.is_none() && SEARCHED.iter().any(|dir| delivered::below(dir, &m.path).is_some()));
    };
    let place = delivered::covering(&pod.spec, container, path)?;
    if !delivered::delivers(&place.volume.source) || place.mount.sub_path.is_some() {
        return None;
    }
    let files = place.files(view, &pod.id.namespace);
    let own = files.list.iter().any(|f| f.path == path)
        || (asked_of_mount(path, &files.list, &place.mount.path) && !ran_without(view, pod, container, place.mount));
    (!own).then_some(place.mount)
}

/// The former revision ran the same image and command without this mount: then nothing else is left.
fn ran_without(view: &View<'_>, pod: &Pod, container: &Container, mount: &Mount) -> bool {
    let former = steps::revisions(view, pod).and_then(|(_, before)| before).and_then(|b| b.template.as_ref());
    former.is_some_and(|old| {
        old.containers.iter().any(|c| {
            c.name == container.name
                && c.image == container.image
                && c.command == container.command
                && !c.mounts.iter().any(|m| m.path == mount.path)
        })
    })
}

/// The volume delivers the key that is asked for, and `items` gives its file another path.
fn renamed(view: &View<'_>, symptom: &Symptom) -> Option<Finding> {
    let (pod, container) = steps::failing(view, symptom)?;
    let said = symptom.said.iter().find(|s| s.said.says(Signal::FileMissing) && s.said.fields.path.is_some())?;
    let path = delivered::plain_path(said.said.fields.path.as_deref()?);
    let place = delivered::covering(&pod.spec, container, &path)?;
    if place.mount.sub_path.is_some() || steps::image_change(view, pod, container).is_some() {
        return None;
    }
    let files = place.files(view, &pod.id.namespace).list;
    let wanted = path.rsplit('/').next()?;
    if files.iter().any(|f| f.path == path) {
        return None;
    }
    let file = files.iter().find(|f| &*f.key == wanted)?;
    let spec = Evidence::new(
        &pod.id,
        format!("spec.volumes[{}].items", place.volume.name),
        format!("key {} is laid down as {}", file.key, file.path),
        "spec",
    );
    let step = steps::edit_template(view, &symptom.victim, format!("lay key {} down where it is looked for", file.key))
        .change(format!("items[].path of volume {}, so that the file is {path}", place.volume.name));
    Some(
        Finding::new(
            &symptom.victim,
            Confidence::Likely,
            format!("{} looks for {path}; the volume lays that key down as {}", symptom.victim, file.path),
            steps::evidence(said, format!("{path} is not there")),
        )
        .explains([symptom.ix])
        .supported_by([spec])
        .link(Link::Object, &file.object, LinkState::Ok, "has the key")
        .link(Link::Delivery, &symptom.victim, LinkState::Broken, format!("laid down as {}", file.path))
        .rules_out("OBJ-05", "the object has the key")
        .unless(
            "REF-02",
            &symptom.victim,
            "which of both paths is meant: that of the template or that of the application",
        )
        .plan(Plan::new(vec![step])),
    )
}

/// A script among scripts: where the volume delivers files of the same kind, the missing one is a missing key.
fn asked_of_mount(path: &str, files: &[delivered::File], mount: &str) -> bool {
    let extension = |p: &str| p.rsplit('/').next().and_then(|n| n.rsplit_once('.')).map(|(_, e)| e.to_owned());
    let at_top = delivered::below(path, mount).is_some_and(|rest| !rest.contains('/'));
    let wanted = extension(path);
    at_top && wanted.is_some() && files.iter().any(|f| extension(&f.path) == wanted)
}

/// Programs and their parts come with an image, not from a Secret.
fn is_program(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map(|(_, e)| e);
    matches!(
        extension,
        Some("jar" | "js" | "mjs" | "cjs" | "py" | "pyc" | "rb" | "php" | "so" | "dll" | "war" | "class")
    ) || path.contains("/bin/")
        || path.contains("/node_modules/")
        || path.contains("/lib/")
}

fn over(
    view: &View<'_>,
    symptom: &Symptom,
    pod: &Pod,
    container: &Container,
    said: &Statement,
    (mount, path): (&Mount, Option<&str>),
) -> Finding {
    let what = path.unwrap_or("the command");
    let proved = ran_without(view, pod, container, mount);
    let confidence = if proved { Confidence::Certain } else { Confidence::Likely };
    let spec = Evidence::new(
        &pod.id,
        format!("{}.volumeMounts[{}]", steps::container_path(pod, &container.name), mount.path),
        format!("volume {} is mounted over this directory and hides what the image has there", mount.volume),
        "spec",
    );
    let mut finding = Finding::new(
        &symptom.victim,
        confidence,
        format!("volume {} of {} hides {what}: it is mounted over {}", mount.volume, symptom.victim, mount.path),
        steps::evidence(said, format!("{what} is not there")),
    )
    .explains([symptom.ix])
    .supported_by([spec])
    .link(Link::Delivery, &symptom.victim, LinkState::Broken, format!("mounted over {}", mount.path))
    .rules_out("CLU-09", "a delivered volume lies over the place where the file is looked for");
    if proved {
        finding = finding.rules_out("CON-11", "image and command are those of the revision before");
    } else {
        finding = finding.unless(
            "CLU-09",
            &symptom.victim,
            "list that directory of the image without the mount: a command that is not there either is simply wrong",
        );
        finding.ruled_out.retain(|(code, _)| *code != "CLU-09");
    }
    if let Some((own, Some(_))) = steps::revisions(view, pod) {
        finding = finding.changed(Some(steps::template_change(view, &symptom.victim, own)));
    }
    let step = steps::edit_template(
        view,
        &symptom.victim,
        format!("mount volume {} in a directory of its own", mount.volume),
    )
    .change(format!(
        "volumeMounts[].mountPath of container {}; or one file by subPath, which does not follow the object (DEL-02)",
        container.name
    ));
    finding.plan(Plan::new(vec![step]))
}
