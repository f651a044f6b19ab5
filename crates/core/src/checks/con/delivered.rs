//! Which files a container gets from Secrets and ConfigMaps, with which mode, and whether its process may use them.

use crate::coverage::Seen;
use crate::objects::{Container, Id, Item, Kind, Mount, PodSpec, ProjectedSource, Str, Volume, VolumeSource};
use crate::view::View;

/// Mode of a delivered file where the volume names none (kubernetes/kubernetes, `pkg/apis/core/v1/defaults.go`).
const DEFAULT_MODE: u32 = 0o644;

/// A mount of a container, with the volume behind it.
#[derive(Clone, Copy, Debug)]
pub(in crate::checks) struct Place<'p> {
    pub mount: &'p Mount,
    pub volume: &'p Volume,
}

/// One file that a mount delivers.
#[derive(Clone, Debug)]
pub(in crate::checks) struct File {
    /// The Secret or ConfigMap that it comes from.
    pub object: Id,
    pub key: Str,
    /// Absolute path in the container.
    pub path: String,
    /// Mode as the volume states it, before what `fsGroup` adds.
    pub mode: u32,
}

/// The files of a mount. They are known wholly only if every object without `items` was seen with its keys.
#[derive(Clone, Debug, Default)]
pub(in crate::checks) struct Files {
    pub list: Vec<File>,
    pub complete: bool,
}

/// Whether a process may do something with a file, by its user, groups and the file's mode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::checks) enum May {
    Yes,
    No,
    /// The image decides: its user, or whether its passwd file gives the user a group of its own.
    ImageDecides,
}

/// The mounts of a container whose volumes deliver Secrets or ConfigMaps, API tokens of the pod itself left out.
pub(in crate::checks) fn places<'p>(
    spec: &'p PodSpec,
    container: &'p Container,
) -> impl Iterator<Item = Place<'p>> + use<'p> {
    container.mounts.iter().filter_map(|mount| {
        let volume = spec.volumes.iter().find(|v| v.name == mount.volume)?;
        delivers(&volume.source).then_some(Place { mount, volume })
    })
}

/// The mount that shows at a path: the one with the longest mount path, whatever its volume is.
pub(in crate::checks) fn covering<'p>(spec: &'p PodSpec, container: &'p Container, path: &str) -> Option<Place<'p>> {
    let mount = container
        .mounts
        .iter()
        .filter(|m| below(path, &m.path).is_some())
        .max_by_key(|m| m.path.trim_end_matches('/').len())?;
    let volume = spec.volumes.iter().find(|v| v.name == mount.volume)?;
    Some(Place { mount, volume })
}

/// Whether a volume holds files of Secrets or ConfigMaps.
pub(in crate::checks) fn delivers(source: &VolumeSource) -> bool {
    match source {
        VolumeSource::Data { .. } => true,
        VolumeSource::Projected { sources, .. } => sources.iter().any(|s| matches!(s, ProjectedSource::Data { .. })),
        _ => false,
    }
}

/// The rest of a path below a directory: empty if it is the directory itself, `None` if it lies elsewhere.
pub(in crate::checks) fn below<'t>(path: &'t str, dir: &str) -> Option<&'t str> {
    let rest = path.strip_prefix(dir.trim_end_matches('/'))?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

/// The path without the kubelet's own directories (`..data`, `..2026_01_01_...`), through which some programs name files.
pub(in crate::checks) fn plain_path(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.starts_with("..") || *part == "..").collect();
    parts.join("/")
}

impl Place<'_> {
    /// Every file that this mount delivers, in the order of the volume's sources.
    pub fn files(&self, view: &View<'_>, namespace: &str) -> Files {
        let mut files = Files { list: Vec::new(), complete: true };
        match &self.volume.source {
            VolumeSource::Data { kind, name, items, default_mode, .. } => {
                self.add(view, namespace, (kind, name, items), *default_mode, &mut files);
            }
            VolumeSource::Projected { default_mode, sources } => {
                for source in sources {
                    if let ProjectedSource::Data { kind, name, items, .. } = source {
                        self.add(view, namespace, (kind, name, items), *default_mode, &mut files);
                    }
                }
            }
            _ => files.complete = false,
        }
        files
    }

    fn add(
        &self,
        view: &View<'_>,
        namespace: &str,
        (kind, name, items): (&Kind, &Str, &[Item]),
        default_mode: Option<u32>,
        files: &mut Files,
    ) {
        let object = Id::new(kind.clone(), namespace, name);
        let default_mode = default_mode.unwrap_or(DEFAULT_MODE);
        let mut push = |key: &Str, relative: &str, mode: Option<u32>| {
            let Some(path) = self.absolute(relative) else { return };
            let mode = mode.unwrap_or(default_mode);
            files.list.push(File { object: object.clone(), key: key.clone(), path, mode });
        };
        if !items.is_empty() {
            for item in items {
                push(&item.key, &item.path, item.mode);
            }
            return;
        }
        match view.data(kind, namespace, name) {
            Seen::Seen(data) if !data.keys_unseen => {
                for key in &data.keys {
                    push(&key.name, &key.name, None);
                }
            }
            Seen::Absent(_) => {}
            _ => files.complete = false,
        }
    }

    /// Where a file of the volume shows in the container; `None` if `subPath` leaves it out.
    fn absolute(&self, relative: &str) -> Option<String> {
        let root = self.mount.path.trim_end_matches('/');
        match &self.mount.sub_path {
            None => Some(format!("{root}/{relative}")),
            Some(sub) => match below(relative, sub)? {
                "" => Some(root.to_owned()),
                rest => Some(format!("{root}/{rest}")),
            },
        }
    }

    /// The mode that a file without `items` gets.
    pub fn default_mode(&self) -> u32 {
        match &self.volume.source {
            VolumeSource::Data { default_mode, .. } | VolumeSource::Projected { default_mode, .. } => {
                default_mode.unwrap_or(DEFAULT_MODE)
            }
            _ => DEFAULT_MODE,
        }
    }
}

/// The mode that a delivered file has in the end: `fsGroup` makes the kubelet add read rights for the group
/// (kubernetes/kubernetes, `pkg/volume/volume_linux.go`, `roMask`).
pub(in crate::checks) fn effective_mode(spec: &PodSpec, mode: u32) -> u32 {
    if spec.fs_group.is_some() { mode | 0o440 } else { mode }
}

/// Whether a container's process may read (`4`) or execute (`1`) a delivered file of this mode.
///
/// Delivered files belong to root and to the group root, or to `fsGroup` where the pod sets one, which every process of the
/// pod then has. A user that the image's passwd file does not know runs with group 0 unless `runAsGroup` says otherwise.
pub(in crate::checks) fn may(spec: &PodSpec, container: &Container, mode: u32, right: u32) -> May {
    let mode = effective_mode(spec, mode);
    let user = container.run_as.user.or(spec.run_as.user);
    let group = container.run_as.group.or(spec.run_as.group);
    let allowed = |shift: u32| mode >> shift & right == right;
    if user == Some(0) {
        // Root passes all but the test for a file that nobody may execute.
        let passes = right != 1 || mode & 0o111 != 0;
        return if passes { May::Yes } else { May::No };
    }
    if allowed(0) || (spec.fs_group.is_some() && allowed(3)) {
        return May::Yes;
    }
    if !allowed(3) {
        return match user {
            Some(_) => May::No,
            None if !allowed(6) => May::No,
            None => May::ImageDecides,
        };
    }
    if group == Some(0) || spec.supplemental_groups.contains(&0) || spec.fs_group == Some(0) {
        return May::Yes;
    }
    match (user, group) {
        (Some(_), Some(_)) => May::No,
        _ => May::ImageDecides,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::{ContainerRole, RunAs};

    fn container(user: Option<i64>, group: Option<i64>) -> Container {
        Container {
            name: "app".into(),
            role: ContainerRole::Main,
            image: "registry.example/app:1".into(),
            pull_policy: None,
            env: Vec::new(),
            env_from: Vec::new(),
            mounts: Vec::new(),
            run_as: RunAs { user, group, non_root: None },
            command: None,
            has_command: false,
        }
    }

    #[test]
    fn group_root_may_read_0440_and_another_group_may_not() {
        let spec = PodSpec::default();
        assert_eq!(may(&spec, &container(Some(2000), Some(2000)), 0o440, 4), May::No);
        assert_eq!(may(&spec, &container(Some(2000), None), 0o440, 4), May::ImageDecides);
        assert_eq!(may(&spec, &container(Some(2000), Some(0)), 0o440, 4), May::Yes);
        assert_eq!(may(&spec, &container(Some(2000), None), 0o400, 4), May::No);
        assert_eq!(may(&spec, &container(Some(0), None), 0o400, 4), May::Yes);
        assert_eq!(may(&spec, &container(None, None), 0o400, 4), May::ImageDecides);
        assert_eq!(may(&spec, &container(Some(2000), Some(2000)), 0o644, 4), May::Yes);
        assert_eq!(may(&spec, &container(Some(2000), Some(2000)), 0o644, 1), May::No);
        assert_eq!(may(&spec, &container(Some(0), None), 0o644, 1), May::No);
    }

    #[test]
    fn fs_group_lets_every_process_of_the_pod_read() {
        let spec = PodSpec { fs_group: Some(3000), ..PodSpec::default() };
        assert_eq!(may(&spec, &container(Some(2000), Some(2000)), 0o400, 4), May::Yes);
        assert_eq!(effective_mode(&spec, 0o400), 0o440);
    }

    #[test]
    fn paths_are_below_whole_directories_only() {
        assert_eq!(below("/etc/app/key", "/etc/app"), Some("key"));
        assert_eq!(below("/etc/app", "/etc/app/"), Some(""));
        assert_eq!(below("/etc/apps/key", "/etc/app"), None);
        assert_eq!(below("/key", "/"), Some("key"));
        assert_eq!(plain_path("/etc/app/..data/key"), "/etc/app/key");
    }
}
