//! What the kubelet says when it delivers objects and starts containers.

use crate::messages::class::Class as C;
use crate::messages::context::Context as X;
use crate::messages::pattern::{Pattern, pat};
use crate::messages::signal::{ObjectKind, Signal as S};

pub(super) static ROWS: &[Pattern] = &[
    // Missing objects and keys.
    pat("secret-not-found", C::SecretMissing, 84)
        .on(&["secret", "not found"])
        .re(r#"\bsecrets? (?:object )?['"]?(?:<namespace>/)?<secret>['"]? (?:was )?not found"#)
        .also(&[C::SecretWrongNamespace])
        .signal(S::ObjectNotFound(ObjectKind::Secret))
        .stands_for("apimachinery NewNotFound through kubelet env, envFrom and volumes, and through controllers; plural before 1.11")
        .why("the API server or the kubelet's cache has no Secret of that name in that namespace")
        .eg(&["Error: secret \"cart-db\" not found", "MountVolume.SetUp failed for volume \"tls\" : secrets \"edge-tls\" not found"]),
    pat("configmap-not-found", C::ConfigmapMissing, 86)
        .on(&["configmap", "not found"])
        .re(r#"\bconfigmaps? ['"]?(?:<namespace>/)?<configmap>['"]? (?:was )?not found"#)
        .signal(S::ObjectNotFound(ObjectKind::ConfigMap))
        .stands_for("apimachinery NewNotFound through kubelet env, envFrom and volumes")
        .eg(&["Error: configmap \"app-conf\" not found"]),
    pat("secret-key-not-found-env", C::SecretKeyMissing, 94)
        .on(&["couldn't find key", "in secret"])
        .re(r"couldn't find key <key> in secret <namespace>/<secret>")
        .signal(S::KeyNotFound(ObjectKind::Secret))
        .stands_for("kubernetes pkg/kubelet/kubelet_pods.go makeEnvironmentVariables")
        .eg(&["Error: couldn't find key API_KEY in Secret shop/mailer"]),
    pat("configmap-key-not-found-env", C::ConfigmapKeyMissing, 94)
        .on(&["couldn't find key", "in configmap"])
        .re(r"couldn't find key <key> in configmap <namespace>/<configmap>")
        .signal(S::KeyNotFound(ObjectKind::ConfigMap))
        .stands_for("kubernetes pkg/kubelet/kubelet_pods.go makeEnvironmentVariables")
        .eg(&["Error: couldn't find key log.level in ConfigMap shop/app-conf"]),
    pat("secret-key-not-found-volume", C::SecretKeyMissing, 94)
        .on(&["references non-existent secret key"])
        .re(r"references non-existent secret key: <key>")
        .signal(S::KeyNotFound(ObjectKind::Secret))
        .stands_for("kubernetes pkg/volume/secret MakePayload; projected volumes too")
        .eg(&["MountVolume.SetUp failed for volume \"k\" : references non-existent secret key: tls.key"]),
    pat("configmap-key-not-found-volume", C::ConfigmapKeyMissing, 94)
        .on(&["references non-existent config key"])
        .re(r"references non-existent config key: <key>")
        .signal(S::KeyNotFound(ObjectKind::ConfigMap))
        .stands_for("kubernetes pkg/volume/configmap MakePayload")
        .eg(&["MountVolume.SetUp failed for volume \"c\" : configmap references non-existent config key: app.yaml"]),
    pat("secret-cache-timeout", C::KubeletSecretCache, 92)
        .on(&["failed to sync secret cache|couldn't propagate object cache"])
        .codes(&["DEL-05", "CLU-05", "CLU-01"])
        .signal(S::CacheSyncTimeout(ObjectKind::Secret))
        .stands_for("kubernetes pkg/kubelet/util/manager/watch_based_manager.go, 1.18 and later")
        .why("the kubelet waited one second for its watch; the object may be there")
        .eg(&["MountVolume.SetUp failed for volume \"t\" : failed to sync secret cache: timed out waiting for the condition"]),
    pat("configmap-cache-timeout", C::KubeletSecretCache, 90)
        .on(&["failed to sync configmap cache"])
        .also(&[C::OtherUnrelated])
        .codes(&["DEL-05", "CLU-05"])
        .signal(S::CacheSyncTimeout(ObjectKind::ConfigMap))
        .stands_for("kubernetes pkg/kubelet/util/manager/watch_based_manager.go, 1.18 and later")
        .eg(&["MountVolume.SetUp failed for volume \"c\" : failed to sync configmap cache: timed out waiting for the condition"]),
    pat("object-not-registered", C::KubeletSecretCache, 92)
        .on(&["not registered", "object"])
        .re(r#"object ['"]?<namespace>['"]?/['"]?<name>['"]? not registered"#)
        .codes(&["DEL-06", "DEL-05"])
        .signal(S::NotRegistered)
        .stands_for("kubernetes pkg/kubelet/util/manager/cache_based_manager.go")
        .why("the pod is not, or no longer, registered with the kubelet's cache")
        .eg(&["MountVolume.SetUp failed for volume \"p\" : object \"shop\"/\"cart-db\" not registered"]),

    // Pull secrets.
    pat("pull-secret-not-retrieved", C::PullSecretNotFound, 95)
        .on(&["unable to retrieve some image pull secrets"])
        .re(r"image pull secrets \(<secrets>\)")
        .signal(S::PullSecretNotFound)
        .stands_for("kubernetes pkg/kubelet/kubelet_pods.go getPullSecretsForPod, 1.28 and later")
        .eg(&["Unable to retrieve some image pull secrets (edge-pull, hub); attempting to pull the image may not succeed."]),
    pat("pull-secret-not-retrieved-old", C::PullSecretNotFound, 92)
        .on(&["unable to retrieve pull secret"])
        .re(r"unable to retrieve pull secret <namespace>/<secret>")
        .signal(S::PullSecretNotFound)
        .stands_for("kubernetes pkg/kubelet/kubelet_pods.go, before 1.28, in the kubelet's log")
        .eg(&["Unable to retrieve pull secret shop/edge-pull for shop/cart-0 due to secret \"edge-pull\" not found.  The image pull may not succeed."]),
    pat("pull-secret-base64", C::SecretInvalidFormat, 90)
        .on(&["illegal base64 data at input byte"])
        .re(r"^(?:error: |failed to pull image [^:]+: )?illegal base64 data at input byte <byte_offset>$")
        .codes(&["IMG-09", "OBJ-13"])
        .signal(S::Base64Pull)
        .stands_for("kubernetes pkg/credentialprovider DockerConfigEntry decoding, before any request")
        .why("one pull secret of the pod holds an auth entry that is no base64")
        .eg(&["Error: illegal base64 data at input byte 7"]),
    pat("pull-secret-auth-field", C::SecretInvalidFormat, 90)
        .on(&["unable to parse auth field"])
        .codes(&["IMG-09", "OBJ-13"])
        .signal(S::Base64Pull)
        .stands_for("kubernetes pkg/credentialprovider/config.go")
        .eg(&["unable to parse auth field, must be formatted as base64(username:password)"]),

    // Environment.
    pat("env-names-skipped", C::EnvInvalidNames, 95)
        .on(&["considered invalid environment variable names"])
        .re(r"keys \[<keys>\] from the envfrom (?:secret <namespace>/<secret>|configmap <namespace>/<configmap>)")
        .signal(S::EnvNamesInvalid)
        .stands_for("kubernetes pkg/kubelet/kubelet_pods.go, before 1.34")
        .eg(&["Keys [1-key, a.b] from the EnvFrom secret shop/cart were skipped since they are considered invalid environment variable names."]),
    pat("run-as-non-root", C::RunAsNonroot, 95)
        .on(&["runasnonroot|breaks non-root policy"])
        .re(r"container has runasnonroot|breaks non-root policy|runasnonroot<*>(?:root|non-numeric)")
        .also(&[C::AdmissionDenied])
        .signal(S::RunAsNonRoot)
        .stands_for("kubernetes pkg/kubelet/kuberuntime/security_context_others.go")
        .eg(&["Error: container has runAsNonRoot and image will run as root (pod: \"a_b(c)\", container: d)"]),
    pat("conflicting-paths", C::SecretInvalidFormat, 60)
        .on(&["conflicting duplicate paths"])
        .also(&[C::VolumeOther])
        .codes(&["DEL-09"])
        .signal(S::ConflictingPaths)
        .stands_for("kubernetes pkg/volume/projected; API validation")
        .eg(&["MountVolume.SetUp failed for volume \"all\" : conflicting duplicate paths"]),

    // Back-offs and states that name no cause.
    pat("back-off-pull", C::RegistryAmbiguousAuthOrMissing, 30)
        .on(&["back-off pulling image|imagepullbackoff|errimagepull"])
        .also(&[C::PullCredentialsMissing, C::ImageNotFound, C::PullCredentialsRejected, C::RegistryUnreachableNetwork])
        .signal(S::BackOffPull)
        .stands_for("kubernetes pkg/kubelet/images/image_manager.go")
        .why("the pull is backing off; the cause is in an earlier event")
        .eg(&["Back-off pulling image \"reg.example/a:1\"", "Error: ErrImagePull"]),
    pat("back-off-restart", C::OtherUnrelated, 40)
        .on(&["back-off", "restarting failed container"])
        .also(&[C::AppMisconfigured])
        .signal(S::BackOffRestart)
        .stands_for("kubernetes pkg/kubelet/kuberuntime/kuberuntime_manager.go")
        .why("the container keeps ending; its log has the cause")
        .eg(&["Back-off restarting failed container api in pod api-0_shop(0a)"]),
    pat("mount-timeout", C::VolumeOther, 34)
        .on(&["unable to attach or mount volumes|unable to mount volumes|timeout expired waiting for volumes"])
        .also(&[C::SecretMissing, C::KubeletSecretCache, C::ConfigmapMissing, C::CsiDriverMissing])
        .signal(S::MountOther)
        .stands_for("kubernetes pkg/kubelet/kubelet.go syncPod")
        .why("a volume did not become ready in time; another event has the cause")
        .eg(&["Unable to attach or mount volumes: unmounted volumes=[certs], unattached volumes=[certs kube-api-access-1]: timed out waiting for the condition"]),

    // Node authorizer.
    pat("node-no-relationship", C::NodeAuthorizerDenied, 95)
        .on(&["no relationship found between node|no path found to object"])
        .re(r#"user "?system:node:<node>"?"#)
        .codes(&["DEL-06", "CLU-06"])
        .signal(S::NodeForbidden)
        .stands_for("kubernetes plugin/pkg/auth/authorizer/node; `no path found` up to 1.9")
        .eg(&["secrets \"cart-db\" is forbidden: User \"system:node:n1\" cannot get resource \"secrets\" in API group \"\" in the namespace \"shop\": no relationship found between node 'n1' and this object"]),
    pat("node-forbidden", C::NodeAuthorizerDenied, 84)
        .on(&["system:node:", "forbidden"])
        .re(r#"user "system:node:<node>" cannot"#)
        .codes(&["DEL-06", "CLU-06"])
        .signal(S::NodeForbidden)
        .stands_for("kubernetes plugin/pkg/auth/authorizer/node")
        .eg(&["configmaps \"x\" is forbidden: User \"system:node:n1\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"shop\""]),

    // Start errors.
    pat("start-not-found", C::OtherUnrelated, 66)
        .on(&["executable file not found|no such file or directory", "exec"])
        .re(r#"exec: "<path>?[^"]*": (?:stat [^:]+: no such file or directory|executable file not found)|exec <path>: no such file or directory"#)
        .also(&[C::AppMisconfigured, C::MountSubpath])
        .codes(&["DEL-09"])
        .signal(S::StartErrorNotFound)
        .stands_for("runc and crun start errors")
        .why("the command is not in the container: a wrong command, or a mount that hides it")
        .eg(&["OCI runtime create failed: runc create failed: unable to start container process: exec: \"/usr/bin/web\": stat /usr/bin/web: no such file or directory"]),
    pat("setenv-invalid", C::SecretInvalidFormat, 90)
        .on(&["setenv: invalid argument|environment variable contains nul|contains nul byte|contains a nul"])
        .within(X::OCI)
        .codes(&["OBJ-07", "REF-05"])
        .stands_for("runc libcontainer setenv")
        .why("a value holds a NUL byte, so it cannot be an environment variable")
        .eg(&["OCI runtime create failed: container init caused: setenv: invalid argument: unknown"]),
];
