//! Every place where a pod spec names a Secret or a ConfigMap, with its field path.

use crate::objects::{
    Container, ContainerRole, EnvSource, Kind, PodSpec, ProjectedSource, Reference, Via, VolumeSource,
};

/// Lists every reference of a spec with the path of its field, such as
/// `spec.containers[0].env[2].valueFrom.secretKeyRef`, in the order of the spec: pull secrets, containers, volumes.
///
/// It visits what `VisitPodSecretNames` and `VisitPodConfigmapNames` visit (kubernetes/kubernetes, `pkg/api/v1/pod/util.go`).
/// A volume with `items` gives one reference for each item; without, one reference to the whole object.
pub fn of(spec: &PodSpec) -> Vec<(Reference, String)> {
    let mut found = Vec::new();
    for (index, name) in spec.pull_secrets.iter().enumerate() {
        let reference = Reference {
            kind: Kind::Secret,
            name: name.clone(),
            key: None,
            // A missing pull secret does not stop the pull: the kubelet warns and tries without it.
            optional: true,
            via: Via::PullSecret { index },
            container: None,
        };
        found.push((reference, format!("spec.imagePullSecrets[{index}]")));
    }
    let mut counts = [0_usize; 3];
    for container in &spec.containers {
        let (list, count) = match container.role {
            ContainerRole::Init | ContainerRole::Sidecar => ("initContainers", &mut counts[0]),
            ContainerRole::Main => ("containers", &mut counts[1]),
            ContainerRole::Ephemeral => ("ephemeralContainers", &mut counts[2]),
        };
        of_container(container, &format!("spec.{list}[{count}]"), &mut found);
        *count += 1;
    }
    for (index, volume) in spec.volumes.iter().enumerate() {
        of_volume(&volume.name, &volume.source, &format!("spec.volumes[{index}]"), &mut found);
    }
    found
}

fn of_container(container: &Container, path: &str, found: &mut Vec<(Reference, String)>) {
    for (index, from) in container.env_from.iter().enumerate() {
        let field = if from.kind == Kind::Secret { "secretRef" } else { "configMapRef" };
        let reference = Reference {
            kind: from.kind.clone(),
            name: from.name.clone(),
            key: None,
            optional: from.optional,
            via: Via::EnvFrom,
            container: Some(container.name.clone()),
        };
        found.push((reference, format!("{path}.envFrom[{index}].{field}")));
    }
    for (index, variable) in container.env.iter().enumerate() {
        let EnvSource::Key { kind, name, key, optional } = &variable.source else { continue };
        let field = if *kind == Kind::Secret { "secretKeyRef" } else { "configMapKeyRef" };
        let reference = Reference {
            kind: kind.clone(),
            name: name.clone(),
            key: Some(key.clone()),
            optional: *optional,
            via: Via::Env { variable: variable.name.clone() },
            container: Some(container.name.clone()),
        };
        found.push((reference, format!("{path}.env[{index}].valueFrom.{field}")));
    }
}

fn of_volume(name: &crate::objects::Str, source: &VolumeSource, path: &str, found: &mut Vec<(Reference, String)>) {
    let mut push =
        |kind: &Kind, object: &crate::objects::Str, key: Option<&crate::objects::Str>, optional, via, path| {
            let (name, key) = (object.clone(), key.cloned());
            found.push((Reference { kind: kind.clone(), name, key, optional, via, container: None }, path));
        };
    match source {
        VolumeSource::Data { kind, name: object, items, optional, .. } => {
            let via = Via::Volume { volume: name.clone() };
            let field = if *kind == Kind::Secret { "secret" } else { "configMap" };
            if items.is_empty() {
                push(kind, object, None, *optional, via.clone(), format!("{path}.{field}"));
            }
            for (index, item) in items.iter().enumerate() {
                push(kind, object, Some(&item.key), *optional, via.clone(), format!("{path}.{field}.items[{index}]"));
            }
        }
        VolumeSource::Projected { sources, .. } => {
            let via = Via::Projected { volume: name.clone() };
            for (at, source) in sources.iter().enumerate() {
                let ProjectedSource::Data { kind, name: object, items, optional } = source else { continue };
                let field = if *kind == Kind::Secret { "secret" } else { "configMap" };
                let path = format!("{path}.projected.sources[{at}].{field}");
                if items.is_empty() {
                    push(kind, object, None, *optional, via.clone(), path.clone());
                }
                for (index, item) in items.iter().enumerate() {
                    push(kind, object, Some(&item.key), *optional, via.clone(), format!("{path}.items[{index}]"));
                }
            }
        }
        VolumeSource::Csi { secret: Some(secret), .. } => {
            let via = Via::CsiPublish { volume: name.clone() };
            push(&Kind::Secret, secret, None, false, via, format!("{path}.csi.nodePublishSecretRef"));
        }
        VolumeSource::Legacy { driver, secret, .. } => {
            let via = Via::LegacyVolume { volume: name.clone(), driver };
            let field = if *driver == "azureFile" { "secretName" } else { "secretRef" };
            push(&Kind::Secret, secret, None, false, via, format!("{path}.{driver}.{field}"));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::{EnvFrom, EnvVar, Item, Volume};

    fn container(name: &str, role: ContainerRole, env: Vec<EnvVar>, env_from: Vec<EnvFrom>) -> Container {
        Container {
            name: name.into(),
            role,
            image: "registry.example/app:1".into(),
            pull_policy: None,
            env,
            env_from,
            mounts: Vec::new(),
            run_as: crate::objects::RunAs::default(),
            command: None,
            has_command: false,
        }
    }

    fn key(variable: &str, kind: Kind) -> EnvVar {
        let source = EnvSource::Key { kind, name: "db".into(), key: "password".into(), optional: false };
        EnvVar { name: variable.into(), source }
    }

    #[test]
    fn every_place_that_names_a_secret_or_a_config_map_is_listed_with_its_path() {
        let items = vec![Item { key: "ca.crt".into(), path: "ca".into(), mode: None }];
        let data = |kind, items, optional| VolumeSource::Data {
            kind,
            name: "files".into(),
            items,
            default_mode: None,
            optional,
        };
        let volume = |source| Volume { name: "v".into(), source };
        let spec = PodSpec {
            pull_secrets: vec!["pull".into()],
            containers: vec![
                container("wait", ContainerRole::Init, vec![key("A", Kind::Secret)], vec![]),
                container("proxy", ContainerRole::Sidecar, vec![key("B", Kind::ConfigMap)], vec![]),
                container(
                    "app",
                    ContainerRole::Main,
                    vec![],
                    vec![EnvFrom { kind: Kind::Secret, name: "all".into(), prefix: "".into(), optional: true }],
                ),
                container("debug", ContainerRole::Ephemeral, vec![key("C", Kind::Secret)], vec![]),
            ],
            volumes: vec![
                volume(data(Kind::Secret, vec![], true)),
                volume(data(Kind::ConfigMap, items.clone(), false)),
                volume(VolumeSource::Projected {
                    default_mode: None,
                    sources: vec![
                        ProjectedSource::DownwardApi,
                        ProjectedSource::Data { kind: Kind::Secret, name: "p".into(), items, optional: false },
                    ],
                }),
                volume(VolumeSource::Csi { driver: "d".into(), secret: Some("csi".into()), provider_class: None }),
                volume(VolumeSource::Legacy { driver: "rbd", secret: "ceph".into(), namespace: None }),
            ],
            ..PodSpec::default()
        };
        let found = of(&spec);
        let paths: Vec<&str> = found.iter().map(|(_, path)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "spec.imagePullSecrets[0]",
                "spec.initContainers[0].env[0].valueFrom.secretKeyRef",
                "spec.initContainers[1].env[0].valueFrom.configMapKeyRef",
                "spec.containers[0].envFrom[0].secretRef",
                "spec.ephemeralContainers[0].env[0].valueFrom.secretKeyRef",
                "spec.volumes[0].secret",
                "spec.volumes[1].configMap.items[0]",
                "spec.volumes[2].projected.sources[1].secret.items[0]",
                "spec.volumes[3].csi.nodePublishSecretRef",
                "spec.volumes[4].rbd.secretRef",
            ]
        );
        assert_eq!(found[6].0.key.as_deref(), Some("ca.crt"));
        assert_eq!(found[3].0.container.as_deref(), Some("app"));
    }
}
