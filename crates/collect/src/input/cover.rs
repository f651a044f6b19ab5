//! Derives from what was read which kinds were collected in which namespaces, and how sure that is.

use std::collections::{BTreeMap, BTreeSet};

use keytrace_core::coverage::{Basis, Coverage, Unseen};
use keytrace_core::objects::{Id, Kind, Str};
use keytrace_core::snapshot::Snapshot;

use super::reading::{File, List, by_folder};
use super::work::{Problems, Tally};

/// A folder with at most so many namespaces was collected for just these, with every kind in it.
const FEW_NAMESPACES: usize = 8;

/// States what the files of a read cover.
pub(super) fn cover(snapshot: &mut Snapshot, files: &[File], tally: &Tally, problems: &Problems) {
    let landmarks = Landmarks::of(snapshot);
    let all: BTreeSet<Str> = snapshot.namespaces.iter().map(|n| Str::clone(&n.id.name)).collect();
    let coverage = &mut snapshot.coverage;
    let mut unsure: BTreeSet<(Kind, Str, Unseen)> = BTreeSet::new();
    let folders = by_folder(files);
    for (name, ids) in &folders {
        let namespace = dumped_namespace(name, ids, &folders, files);
        let mut scope = Scope::of(ids, tally);
        scope.everywhere = landmarks.namespaces && all.iter().all(|namespace| scope.seen.contains(&**namespace));
        let around = Around { dumped: namespace, scope, landmarks: &landmarks };
        folder(coverage, &mut unsure, &around, ids, files, tally, problems);
    }
    members(coverage, files, tally);
    // What is damaged here may be whole elsewhere.
    for (kind, namespace, why) in unsure {
        if coverage.of(&kind, &namespace) == Err(Unseen::NotCollected) {
            coverage.state_unseen(kind, &namespace, why);
        }
    }
}

/// The namespace of a folder of `kubectl cluster-info dump`: its name, where the folder above holds `nodes.json`. The
/// lists in it may all be empty, so that no object says so.
fn dumped_namespace<'a>(
    folder: &'a str,
    ids: &[u32],
    folders: &BTreeMap<&str, Vec<u32>>,
    files: &[File],
) -> Option<&'a str> {
    let (above, namespace) = folder.rsplit_once('/')?;
    let names = |ids: &[u32], kind: &Kind| ids.iter().any(|id| files[*id as usize].place.kind.as_ref() == Some(kind));
    let whole =
        [Kind::Pod, Kind::Event, Kind::ReplicationController, Kind::Service].iter().all(|kind| names(ids, kind));
    (whole && names(folders.get(above)?, &Kind::Node)).then_some(namespace)
}

/// Bundles that keep one file for each object, in a folder named for the kind: such a folder was probably filled with
/// all of them.
fn members(coverage: &mut Coverage, files: &[File], tally: &Tally) {
    let mut found: BTreeMap<(&Kind, &str), usize> = BTreeMap::new();
    for (id, file) in files.iter().enumerate() {
        let Some(kind) = &file.place.member_of else { continue };
        if tally.get(&(id as u32, 0)).is_some_and(|held| held.keys().any(|(held, _)| held == kind)) {
            *found.entry((kind, file.place.namespace.as_deref().unwrap_or(""))).or_default() += 1;
        }
    }
    for ((kind, namespace), count) in found {
        if count >= 2 || !namespace.is_empty() {
            coverage.state(kind.clone(), namespace, Basis::Presumed);
        }
    }
}

/// What is known around the lists of one folder.
struct Around<'a> {
    /// See [`dumped_namespace`].
    dumped: Option<&'a str>,
    scope: Scope<'a>,
    landmarks: &'a Landmarks,
}

/// Objects that every cluster has. A list of their kind without them was filtered.
struct Landmarks {
    namespaces: bool,
    cluster_roles: bool,
    cluster_role_bindings: bool,
}

impl Landmarks {
    fn of(snapshot: &Snapshot) -> Self {
        let named = |id: &Id, kind: Kind| id.kind == kind && &*id.name == "cluster-admin";
        Self {
            namespaces: snapshot.namespaces.iter().any(|n| &*n.id.name == "kube-system"),
            cluster_roles: snapshot.roles.iter().any(|r| named(&r.id, Kind::ClusterRole)),
            cluster_role_bindings: snapshot.bindings.iter().any(|b| named(&b.id, Kind::ClusterRoleBinding)),
        }
    }

    fn of_kind(&self, kind: &Kind) -> bool {
        match kind {
            Kind::Namespace => self.namespaces,
            Kind::ClusterRole => self.cluster_roles,
            Kind::ClusterRoleBinding => self.cluster_role_bindings,
            _ => true,
        }
    }
}

/// Namespaces of the objects of one kind in one list.
type Namespaces<'a> = BTreeMap<&'a str, usize>;

fn folder(
    coverage: &mut Coverage,
    unsure: &mut BTreeSet<(Kind, Str, Unseen)>,
    around: &Around,
    ids: &[u32],
    files: &[File],
    tally: &Tally,
    problems: &Problems,
) {
    for &id in ids {
        let file = &files[id as usize];
        let own_namespace = file.place.namespace.as_deref().or(around.dumped);
        for (kind, namespace, why) in &file.refusals {
            coverage.state_unseen(kind.clone(), namespace, *why);
        }
        if let (Some(kind), Some(why)) = (&file.place.kind, file.refused) {
            unsure.insert((kind.clone(), own_namespace.unwrap_or("").into(), why));
        }
        let damaged = |list: usize| problems.get(&id).is_some_and(|p| p.docs.contains(&(list as u32)));
        for (number, list) in file.lists.iter().enumerate() {
            let held = tally.get(&(id, number as u32));
            let kinds = by_kind(held);
            let (typed, continues) = match list {
                List::Open if number == 0 => {
                    // Single objects: they claim nothing, unless one of them was damaged.
                    if damaged(0)
                        && let Some(kind) = &file.place.kind
                    {
                        unsure.insert((kind.clone(), own_namespace.unwrap_or("").into(), Unseen::Damaged));
                    }
                    continue;
                }
                List::Open => (None, false),
                List::Any { continues } => (None, *continues),
                List::Typed { kind, continues } => (Kind::from_name(kind), *continues),
            };
            let broken = damaged(number) || *list == List::Open;
            let named = typed.or_else(|| file.place.kind.clone());
            let mut claimed: BTreeSet<&Kind> = kinds.keys().copied().collect();
            // A list of something else says nothing about the kind that its file is named for.
            claimed.extend(named.as_ref().filter(|_| kinds.is_empty()));
            for kind in claimed {
                let none = Namespaces::new();
                let namespaces = kinds.get(kind).unwrap_or(&none);
                let stated = named.as_ref() == Some(kind);
                if broken || continues {
                    let why = if broken { Unseen::Damaged } else { Unseen::NotCollected };
                    unsure.insert((kind.clone(), own_namespace.unwrap_or("").into(), why));
                } else if !kind.is_namespaced() {
                    if stated || namespaces.values().sum::<usize>() >= 2 {
                        let whole = stated && around.landmarks.of_kind(kind);
                        coverage.state(kind.clone(), "", if whole { Basis::Stated } else { Basis::Presumed });
                    }
                } else if let Some(namespace) = own_namespace {
                    coverage.state(kind.clone(), namespace, Basis::Stated);
                } else if stated && file.place.kind.as_ref() != Some(kind) && namespaces.len() > 1 {
                    // The API server's own list, and not of one namespace.
                    coverage.state(kind.clone(), "", Basis::Stated);
                } else if stated {
                    around.scope.state(coverage, kind, namespaces);
                } else if namespaces.values().sum::<usize>() >= 2 {
                    presume(coverage, kind, namespaces, &kinds);
                }
            }
        }
    }
}

fn by_kind(held: Option<&BTreeMap<(Kind, Str), usize>>) -> BTreeMap<&Kind, Namespaces<'_>> {
    let mut kinds: BTreeMap<&Kind, Namespaces> = BTreeMap::new();
    for ((kind, namespace), count) in held.into_iter().flatten() {
        *kinds.entry(kind).or_default().entry(namespace).or_default() += count;
    }
    kinds
}

/// A List that holds several objects of a kind was probably asked for all of them: in the one namespace that all its
/// objects lie in, else everywhere.
fn presume(coverage: &mut Coverage, kind: &Kind, namespaces: &Namespaces, all: &BTreeMap<&Kind, Namespaces>) {
    let everything: BTreeSet<&str> = all
        .iter()
        .filter(|(kind, _)| kind.is_namespaced())
        .flat_map(|(_, namespaces)| namespaces.keys().copied())
        .collect();
    if everything.len() > 1 {
        coverage.state(kind.clone(), "", Basis::Presumed);
    } else {
        for namespace in namespaces.keys() {
            coverage.state(kind.clone(), namespace, Basis::Presumed);
        }
    }
}

/// For which namespaces the files of one folder were collected.
struct Scope<'a> {
    /// Namespaces in which objects of the folder lie, without kinds that a namespaced dump often takes from everywhere.
    seen: BTreeSet<&'a str>,
    /// Those are all namespaces that the folder's Namespaces name: it was collected with `-A`.
    everywhere: bool,
}

impl<'a> Scope<'a> {
    fn of(ids: &[u32], tally: &'a Tally) -> Self {
        let mut seen = BTreeSet::new();
        for &id in ids {
            for kinds in tally.range((id, 0)..=(id, u32::MAX)).map(|(_, kinds)| kinds) {
                for (kind, namespace) in kinds.keys() {
                    if kind.is_namespaced() && !matches!(kind, Kind::Event | Kind::Lease) && !namespace.is_empty() {
                        seen.insert(&**namespace);
                    }
                }
            }
        }
        Self { seen, everywhere: false }
    }

    /// States a kind that has a file of its own: for the namespaces of its objects, and for those of the other kinds
    /// in the folder, since one command made them all.
    fn state(&self, coverage: &mut Coverage, kind: &Kind, namespaces: &Namespaces) {
        if self.everywhere {
            coverage.state(kind.clone(), "", Basis::Stated);
        }
        for namespace in namespaces.keys() {
            coverage.state(kind.clone(), namespace, Basis::Stated);
        }
        // Every namespace has a ServiceAccount `default` and a ConfigMap `kube-root-ca.crt`: where there is none, nobody
        // looked.
        if matches!(kind, Kind::ServiceAccount | Kind::ConfigMap) && !namespaces.is_empty() {
            return;
        }
        // One kind in a single namespace among many may have been asked for in just that one.
        let alone = namespaces.len() == 1 && self.seen.len() > FEW_NAMESPACES;
        let basis = if alone { Basis::Presumed } else { Basis::Stated };
        for namespace in &self.seen {
            coverage.state(kind.clone(), namespace, basis);
        }
    }
}
