//! Sandboxes, scheduling, probes, memory and notices that look like a fault of delivery and are none.

use crate::messages::class::Class as C;
use crate::messages::context::Context as X;
use crate::messages::pattern::{Pattern, pat};
use crate::messages::signal::Signal as S;

pub(super) static ROWS: &[Pattern] = &[
    pat("sandbox", C::RuntimeSandboxFailure, 90)
        .on(&["failed to create pod sandbox|failed create pod sandbox|failed to start sandbox|sandbox container|failed to setup network for sandbox|failed to set up sandbox|cni plugin not initialized|networkpluginnotready|network plugin is not ready|cni config uninitialized|podsandbox|failed to reserve sandbox name|sandboxchanged|failed to get sandbox image"])
        .never(&["no space left", "pull access denied", "401 unauthorized"])
        .outside(X::NONE)
        .stands_for("kubernetes CRI RunPodSandbox; CNI plugins")
        .why("the pod's sandbox or its network could not be made; no Secret is involved")
        .eg(&["Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \"0a\": plugin type=\"calico\" failed (add): error getting ClusterInformation: connection is unauthorized: Unauthorized"]),
    pat("sandbox-cni", C::RuntimeSandboxFailure, 84)
        .on(&["plugin type=|networkplugin cni failed|failed to find plugin|no ip addresses available|failed to allocate for range|failed to delegate|add cmd: failed|cni0\" already has an ip"])
        .stands_for("CNI plugins")
        .eg(&["networkPlugin cni failed to set up pod \"a_b\" network: failed to find plugin \"loopback\" in path [/opt/cni/bin]"]),
    pat("sandbox-image", C::RuntimeSandboxFailure, 80)
        .on(&["failed to get sandbox image", "sandbox"])
        .also(&[C::RegistryUnreachableNetwork, C::PullCredentialsMissing, C::RegistryUnreachableDns])
        .stands_for("containerd cri sandbox image")
        .eg(&["failed to get sandbox image \"registry.k8s.io/pause:3.9\": failed to pull image \"registry.k8s.io/pause:3.9\": dial tcp: i/o timeout"]),
    pat("runtime-hook", C::RuntimeSandboxFailure, 92)
        .on(&["error running hook|createcontainererror|nvidia-container-cli|prestart hook|poststart hook|startcontainer hook|error running prestart|running createruntime hook|oci hook"])
        .re(r"error running (?:[a-z]+ )?hook|nvidia-container-cli|prestart hook|running [a-z]+ hook|oci hook|poststarthook")
        .stands_for("runc, crun and CRI-O hooks")
        .eg(&["OCI runtime create failed: runc create failed: error running hook #0: exit status 1, stderr: nvidia-container-cli: initialization error"]),
    pat("runtime-no-runtime", C::RuntimeSandboxFailure, 90)
        .on(&["no runtime for|runtime handler|no runtime configured|runtimeclass"])
        .re(r#"no runtime for "[^"]+" is configured|runtime handler .{0,60}(?:not|unknown)|runtimeclass<*>not found"#)
        .codes(&["CLU-09"])
        .stands_for("containerd CRI runtime handlers")
        .eg(&["Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for \"gvisor\" is configured"]),
    pat("runtime-cgroup", C::RuntimeSandboxFailure, 74)
        .on(&["cgroup|apparmor|seccomp|procready not received|unable to apply cgroup|context deadline exceeded: unknown|failed to reserve container name|is reserved for|container name", "oci|runc|container|apparmor|seccomp"])
        .re(r"(?:unable|failed|error|cannot|not)[^.]{0,80}(?:cgroup|apparmor|seccomp)|(?:cgroup|apparmor|seccomp)[^.]{0,80}(?:fail|error|not (?:found|loaded|supported)|unknown)|procready not received|failed to reserve container name|is reserved for")
        .outside(X::PULL)
        .also(&[C::OtherUnrelated])
        .stands_for("runc, containerd, CRI-O")
        .eg(&["Error: failed to reserve container name \"web_a_b_0\": name is reserved for \"0a\"", "OCI runtime create failed: unable to apply cgroup configuration"]),
    pat("runtime-down", C::RuntimeSandboxFailure, 72)
        .on(&["containerd.sock|docker.sock|crio.sock|container runtime is down|container runtime status check|cannot connect to the docker daemon"])
        .also(&[C::OtherUnrelated, C::ImageInspectRuntime])
        .stands_for("kubelet without its runtime")
        .eg(&["rpc error: code = Unavailable desc = connection error: dial unix /run/containerd/containerd.sock: connect: connection refused"]),
    pat("start-permission", C::OtherUnrelated, 72)
        .on(&["permission denied", "exec: |exec "])
        .re(r#"exec: "(?:<path>|[^"]+)": permission denied|exec (?:<path>|[^ ]+): permission denied|starting container process caused: exec<*>permission denied"#)
        .also(&[C::FilePermission])
        .signal(S::FilePermission)
        .stands_for("runc: the program of the image is not executable")
        .eg(&["OCI runtime create failed: runc create failed: unable to start container process: exec: \"/app/run.sh\": permission denied: unknown"]),
    pat("oci-other", C::RuntimeSandboxFailure, 30)
        .on(&["oci runtime|failed to create containerd task|failed to create shim|container create failed|failed to start container"])
        .also(&[C::OtherUnrelated, C::MountSubpath])
        .stands_for("runc, crun, containerd shim")
        .eg(&["failed to create containerd task: failed to create shim task: OCI runtime create failed: something odd"]),
    pat("config-error-no-command", C::OtherUnrelated, 80)
        .on(&["no command specified|is not a valid container|container_linux.go: executable file|back-off 5m0s restarting"])
        .stands_for("runtimes: an image without a command")
        .eg(&["Error response from daemon: No command specified"]),

    pat("scheduling", C::OtherUnrelated, 92)
        .on(&["nodes are available|failedscheduling|didn't match pod's node affinity|insufficient cpu|insufficient memory|preemption is not helpful|untolerated taint|too many pods"])
        .stands_for("kube-scheduler")
        .eg(&["0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available"]),
    pat("oom", C::OtherUnrelated, 92)
        .on(&["oomkilled|out of memory|memory cgroup out of memory|oom-kill|outofmemoryerror|system oom|cannot allocate memory|javascript heap out of memory"])
        .stands_for("kernel, kubelet and runtimes")
        .eg(&["Memory cgroup out of memory: Killed process 7 (java)", "java.lang.OutOfMemoryError: Java heap space"]),
    pat("probe", C::OtherUnrelated, 48)
        .on(&["probe failed|probe errored|failed liveness probe|failed startup probe"])
        .also(&[C::AppMisconfigured])
        .stands_for("kubernetes pkg/kubelet/prober")
        .why("a probe failed; what it says beyond that is the application's")
        .eg(&["Readiness probe failed: HTTP probe failed with statuscode: 503"]),
    pat("probe-status", C::OtherUnrelated, 74)
        .on(&["http probe failed with statuscode|probe failed: get \"http|probe failed: dial tcp|probe failed: command timed out|probe failed: context deadline|failed liveness probe, will be restarted|probe failed: timeout"])
        .stands_for("kubernetes pkg/kubelet/prober")
        .also(&[C::AppMisconfigured])
        .eg(&["Liveness probe failed: HTTP probe failed with statuscode: 401", "Readiness probe failed: dial tcp 10.0.0.7:8080: connect: connection refused"]),
    pat("evicted", C::OtherUnrelated, 80)
        .on(&["evicted|preempted|the node had condition|taintmanagereviction|exceeded its local ephemeral|nodenotready|node is not ready|deadlineexceeded"])
        .re(r"\bevicted\b|\bpreempt(?:ed|ing)\b|the node had condition|taintmanagereviction|node is not ready|nodenotready")
        .stands_for("kubelet eviction, node lifecycle controller")
        .eg(&["The node had condition: [MemoryPressure]. Evicted"]),
    pat("notice-cert-manager-issuing", C::OtherUnrelated, 84)
        .on(&["issuing certificate as secret does not"])
        .also(&[C::SecretMissing, C::SecretKeyMissing])
        .codes(&["SYN-20"])
        .stands_for("cert-manager pkg/controller/certificates/trigger, a normal event")
        .why("the ordinary notice before a certificate is issued")
        .eg(&["Issuing certificate as Secret does not exist", "Issuing certificate as Secret does not contain a private key"]),
    pat("notice-normal", C::OtherUnrelated, 88)
        .on(&["successfully pulled image|already present on machine|successfully assigned|created container|started container|container created|container started|scaled up replica set|scaled down replica set|stopping container|saw completed job|job completed|secret created|secret synced|secretsynced|store validated|deleted pod|created pod|successfully unsealed|sealedsecret unsealed successfully|certificate is up to date|reconciled secret|secret updated|pod was active"])
        .never(&["failed", "error:"])
        .stands_for("normal events of Kubernetes and operators")
        .eg(&["Successfully pulled image \"a:1\" in 12ms (12ms including waiting)", "Container image \"a:1\" already present on machine and can be accessed by the pod", "store validated"]),
    pat("pulling-notice", C::OtherUnrelated, 70)
        .on(&["pulling image \""])
        .re(r#"^pulling image "<image>"$"#)
        .stands_for("kubernetes pkg/kubelet/images")
        .eg(&["Pulling image \"reg.example/a:1\""]),
    pat("deploy-progress", C::OtherUnrelated, 60)
        .on(&["progressdeadlineexceeded|has timed out progressing|does not have minimum availability|readiness gates|minimum replicas|waiting for deployment"])
        .stands_for("deployment controller")
        .eg(&["ReplicaSet \"web-0a\" has timed out progressing."]),
    pat("postgres-collation", C::OtherUnrelated, 70)
        .on(&["deprecat|is deprecated"])
        .re(r"deprecat")
        .never(&["failed", "error", "denied", "nocredentialproviders", "unauthorized"])
        .stands_for("notices of deprecation")
        .eg(&["Warning: v1 ComponentStatus is deprecated in v1.19+"]),
    pat("panic", C::OtherUnrelated, 36)
        .on(&["segmentation fault|sigsegv|nil pointer dereference|nullpointerexception|core dumped|index out of range|traceback (most recent call last)|unhandled exception|uncaught exception|stack overflow"])
        .also(&[C::AppMisconfigured])
        .stands_for("plain crashes")
        .eg(&["panic: runtime error: invalid memory address or nil pointer dereference"]),
    pat("leader-election", C::OtherUnrelated, 70)
        .on(&["leader election lost|leaderelection lost|failed to acquire lease|error retrieving resource lock|attempting to acquire leader lease"])
        .also(&[C::RbacSecretsDenied])
        .stands_for("client-go leader election")
        .eg(&["E0101 leaderelection.go:330] error retrieving resource lock kube-system/x: context deadline exceeded"]),
    pat("port-in-use", C::OtherUnrelated, 80)
        .on(&["address already in use|eaddrinuse"])
        .stands_for("EADDRINUSE")
        .eg(&["listen tcp :8080: bind: address already in use"]),
    pat("object-conflict", C::OtherUnrelated, 72)
        .on(&["the object has been modified; please apply your changes|already exists"])
        .re(r"the object has been modified|already exists")
        .never(&["not managed by sealedsecret", "owned by"])
        .also(&[C::EsoOwnershipConflict])
        .stands_for("kube-apiserver conflicts")
        .eg(&["Operation cannot be fulfilled on secrets \"x\": the object has been modified; please apply your changes to the latest version and try again"]),
];
