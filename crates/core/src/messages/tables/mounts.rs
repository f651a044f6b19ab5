//! Volumes, files and their rights.

use crate::messages::class::Class as C;
use crate::messages::context::Context as X;
use crate::messages::pattern::{Pattern, pat};
use crate::messages::signal::Signal as S;

pub(super) static ROWS: &[Pattern] = &[
    // subPath.
    pat("subpath-not-a-directory", C::MountSubpath, 92)
        .on(&["not a directory|no such file or directory|is a directory|file exists", "to rootfs|volume-subpaths|mount a directory onto a file|subpath|kubernetes.io~secret|kubernetes.io~configmap|kubernetes.io~projected"])
        .re(r#"mounting "<path>"|to rootfs|subpath|mount a directory onto a file|volume-subpaths|kubernetes\.io~"#)
        .within(X::OCI.or(X::MOUNT))
        .codes(&["DEL-09", "REF-02", "DEL-02"])
        .signal(S::SubPathFailure)
        .stands_for("runc and crun bind mounts of subPath volumes")
        .why("a file is mounted where a directory is, or the reverse, or the file is not there")
        .eg(&["OCI runtime create failed: container init caused: mounting \"/var/lib/kubelet/pods/0a/volume-subpaths/c/web/0\" to rootfs at \"/etc/c.yaml\": mount: not a directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)?"]),
    pat("subpath-prepare", C::MountSubpath, 95)
        .on(&["failed to prepare subpath|failed to create subpath|subpath \"|subpath must|subpaths for volume|error preparing subpath|subpath is not|failed to find subpath"])
        .signal(S::SubPathFailure)
        .stands_for("kubernetes pkg/kubelet makeMounts and pkg/volume/util/subpath")
        .eg(&["Error: failed to prepare subPath for volumeMount \"c\" of container \"web\""]),
    pat("subpath-stale", C::MountSubpath, 86)
        .on(&["volume-subpaths"])
        .also(&[C::VolumeOther])
        .signal(S::SubPathFailure)
        .stands_for("kubernetes pkg/volume/util/subpath")
        .eg(&["error mounting \"/var/lib/kubelet/pods/0a/volume-subpaths/c/web/0\": stale NFS file handle"]),
    pat("mount-readonly-point", C::MountSubpath, 76)
        .on(&["read-only file system", "mountpoint|mkdir|to rootfs"])
        .re(r"(?:create|mkdir|mkdirat|make) mountpoint<*>read-only file system|to rootfs<*>read-only file system|mkdir(?:at)? .{1,200}read-only file system")
        .within(X::OCI)
        .also(&[C::VolumeOther, C::AppMisconfigured])
        .codes(&["DEL-09"])
        .signal(S::ReadOnlyFs)
        .stands_for("runc making a mount point below a read-only mount")
        .eg(&["OCI runtime create failed: error mounting \"/var/lib/kubelet/pods/0a/volumes/kubernetes.io~secret/s\" to rootfs at \"/etc/app/tls\": create mountpoint for /etc/app/tls mount: mkdirat: read-only file system"]),
    pat("subpath-is-directory", C::MountSubpath, 62)
        .on(&["is a directory|eisdir"])
        .re(r#"(?:<path>['"]?:? )?(?:is a directory|eisdir)"#)
        .outside(X::GIT)
        .never(&["to rootfs"])
        .also(&[C::AppMisconfigured, C::SecretKeyMissing])
        .codes(&["REF-02", "DEL-02"])
        .signal(S::FileIsDirectory)
        .stands_for("an application that opens a subPath mount of an absent key")
        .why("a directory stands where the file was expected: a subPath of a key that is not there")
        .eg(&["open /etc/app/app.yaml: is a directory", "Error: EISDIR: illegal operation on a directory, read"]),

    // Rights on files.
    pat("file-permission", C::FilePermission, 84)
        .on(&["permission denied|eacces|operation not permitted|accessdeniedexception|access is denied"])
        .re(r#"(?:(?:open|read|stat|access|lstat|opendir|mkdir|cannot open|can't open|unable to (?:open|read)|could not (?:open|load|read|access)[^"'/]{0,60}|failed to (?:open|read|load)[^"'/]{0,60}|cannot read|error (?:opening|reading|loading)[^"'/]{0,60}|cat:|sh:|bash:|filenotfoundexception:|accessdeniedexception:|bio_new_file\(|fopen\(|cannot access)[: ]{0,2}['"`]?<path>['"`]?[^/]{0,40}(?:permission denied|eacces|operation not permitted|access is denied)|eacces<*>(?:open|access|read|scandir|stat) ['"]<path>['"]|accessdeniedexception: <path>|<path>['"]?:? ?\(?permission denied|errno 13\] permission denied: ['"]<path>|permission denied[^/]{1,40}<path>)"#)
        .outside(X::ESO.or(X::CSI).or(X::PULL).or(X::OCI).or(X::MOUNT))
        .never(&["(publickey", "docker.sock", "exec: ", "exec /", "error making api request", "code: 403", "/login"])
        .codes(&["CON-01", "CON-02"])
        .signal(S::FilePermission)
        .stands_for("EACCES through Go, libc, Java, Node and Python programs")
        .why("the file is there; its mode or owner does not admit the process")
        .eg(&[
            "open /etc/app/tls.key: permission denied",
            "cat: can't open '/etc/app/key': Permission denied",
            "FATAL:  could not load server certificate file \"/etc/certs/server.crt\": Permission denied",
            "PermissionError: [Errno 13] Permission denied: '/etc/app/key'",
            "java.io.FileNotFoundException: /etc/app/keystore.jks (Permission denied)",
            "Error: EACCES: permission denied, open '/run/secrets/db'",
        ]),
    pat("file-permission-loose", C::FilePermission, 46)
        .on(&["permission denied"])
        .outside(X::VAULT.or(X::ESO).or(X::CSI).or(X::PULL).or(X::MOUNT).or(X::DB).or(X::GIT).or(X::CLOUD))
        .never(&["(publickey", "code = permissiondenied", "permission_denied", "permission denied for"])
        .also(&[C::AppMisconfigured, C::AppAuthFailedOther, C::OtherUnrelated])
        .codes(&["CON-01"])
        .signal(S::FilePermission)
        .stands_for("EACCES without a path")
        .eg(&["sh: permission denied"]),
    pat("key-file-too-open", C::FilePermission, 94)
        .on(&["unprotected private key file|has group or world access|are too open|bad permissions|world readable|group or others|permissions should be u=rw|must be owned by the database user|group readable|world-readable|ignore key|must not be accessible|should not be accessible|must be owned by"])
        .re(r#"unprotected private key|(?:['"`]?<path>['"`]? (?:has |is |are )?)?(?:group or world access|too open|world[- ]readable|group[- ]readable|(?:must|should) not be accessible)|bad permissions(?:: ['"`]?<path>)?|permissions should be|must be owned by"#)
        .never(&["must be owned by the table"])
        .codes(&["CON-02"])
        .signal(S::KeyFileTooOpen)
        .stands_for("OpenSSH sshkey_perm_ok; postgres be-secure-common.c; MongoDB keyfile")
        .why("a strict client refuses a key file that others may read")
        .eg(&["@ WARNING: UNPROTECTED PRIVATE KEY FILE! @", "private key file \"/etc/tls/tls.key\" has group or world access", "permissions on /etc/mongo/keyfile are too open"]),
    pat("file-read-only", C::FilePermission, 66)
        .on(&["read-only file system|erofs|operation not permitted"])
        .re(r#"(?:chown|chmod|cp|mv|sed|touch|mkdir|ln|rm|open|write|unlink|rename|cannot (?:create|change|touch|remove|open|move))[^/]{0,60}['"`]?<path>['"`]?<*>(?:read-only file system|erofs|operation not permitted)|erofs|read-only file system"#)
        .outside(X::OCI.or(X::CSI).or(X::PULL))
        .also(&[C::AppMisconfigured, C::OtherUnrelated])
        .codes(&["CON-03"])
        .signal(S::ReadOnlyFs)
        .stands_for("entry scripts that change a mounted Secret")
        .why("mounted Secrets and ConfigMaps are read-only")
        .eg(&["chown: changing ownership of '/etc/app/tls.key': Read-only file system", "sed: couldn't open temporary file /etc/app/sedX: Read-only file system"]),

    // Volumes.
    pat("cifs-13", C::VolumeCredentialsRejected, 90)
        .on(&["mount error(13)|mount error 13|status_logon_failure|cifs", "permission denied|logon_failure|access denied|mount error(13)"])
        .re(r"mount error ?\(?13\)?|logon_failure|cifs<*>(?:permission denied|access denied)")
        .also(&[C::VolumeOther])
        .codes(&["OBJ-08", "SRC-07"])
        .signal(S::MountOther)
        .stands_for("mount.cifs through azurefile, smb and in-tree drivers")
        .why("the share refuses the account in the volume's Secret")
        .eg(&["Mounting arguments: -t cifs -o dir_mode=0777 //store.file.core.windows.net/data /mnt Output: mount error(13): Permission denied"]),
    pat("volume-credentials", C::VolumeCredentialsRejected, 86)
        .on(&["authentication failed|authentication error|invalid credentials|access key|account key|could not get azure storage account|unauthorized|login failed|invalid keyring|rados: ret=-1|couldn't authenticate|chap|initiator failed authorization|operation not permitted|permission denied|invalidaccesskeyid|signaturedoesnotmatch|s3fs|blobfuse|authorizationfailure|authenticationfailed|403 forbidden|401|logon failure|ret=-13|mount error: no mds|mount error 1 "])
        .re(r"authentication (?:failed|error)|invalid credentials|(?:account|access) ?key|unauthorized|login failed|invalid keyring|rados: ret=-1\b|couldn't authenticate|chap|failed authorization|rbd<*>(?:operation not permitted|permission denied)|ceph<*>(?:operation not permitted|permission denied|mount error 1\b|mount error 13)|invalidaccesskeyid|signaturedoesnotmatch|authorizationfailure|authenticationfailed|403 forbidden|\b401\b|logon failure|ret=-13")
        .within(X::MOUNT)
        .outside(X::CSI.or(X::PULL).or(X::VAULT).or(X::ESO))
        .never(&["access denied by server while mounting", "is forbidden", "not found in the list of registered"])
        .also(&[C::VolumeOther])
        .codes(&["OBJ-08", "SRC-07"])
        .signal(S::MountOther)
        .stands_for("Ceph, iSCSI CHAP, azure, S3 and other storage drivers")
        .why("the storage refuses the credential in the volume's Secret")
        .eg(&["MountVolume.MountDevice failed for volume \"pvc-1\" : rpc error: code = Internal desc = rados: ret=-1, Operation not permitted: \"rbd: couldn't connect\"", "MountVolume.WaitForAttach failed for volume \"p\" : iscsiadm: initiator reported error (24 - iSCSI login failed due to authorization failure) chap"]),
    pat("volume-nfs-denied", C::VolumeOther, 92)
        .on(&["access denied by server while mounting|mount.nfs"])
        .signal(S::MountOther)
        .stands_for("mount.nfs, the export list of the server")
        .eg(&["Output: mount.nfs: access denied by server while mounting 10.0.0.7:/export/data"]),
    pat("volume-secret-lookup", C::SecretMissing, 78)
        .on(&["couldn't get secret|could not get secret|failed to get secret|cannot get secret|failed to fetch secret|fetching nodestagesecretref|fetching nodepublishsecretref|failed to get nodepublishsecretref|nodestagesecretref|error getting secret|unable to get secret"])
        .re(r"(?:get|fetch|fetching|getting)(?: nodestage| nodepublish| nodestagesecretref| nodepublishsecretref)? ?(?:secret ?(?:ref)?)?[ :]*(?:<namespace>/<secret>)?")
        .never(&["forbidden", "no relationship found", "key vault", "secretproviderclass", "from provider", "failed to sync", "deadline exceeded", "keyvault"])
        .outside(X::ESO.or(X::CSI))
        .also(&[C::VolumeOther, C::RbacSecretsDenied])
        .signal(S::ObjectNotFound(crate::messages::signal::ObjectKind::Secret))
        .stands_for("kubernetes pkg/volume: iSCSI, CSI nodePublishSecretRef, azureFile, and controllers")
        .eg(&["MountVolume.SetUp failed for volume \"p\" : fetching NodePublishSecretRef shop/share failed: kubernetes.io/csi: failed to find the secret share in the namespace shop with error: secrets \"share\" not found", "Couldn't get secret shop/chap err: x"]),
    pat("disk-full", C::NodeDiskFull, 95)
        .on(&["no space left on device|disk quota exceeded|enospc|nodehasdiskpressure|disk pressure|imagegcfailed|failed to garbage collect required amount of images|freediskspacefailed|insufficient free bytes|low on resource: ephemeral-storage|ephemeral local storage usage exceeds|not enough space|insufficient free space"])
        .signal(S::MountOther)
        .stands_for("ENOSPC; kubelet eviction and image garbage collection")
        .eg(&["write /var/lib/containerd/x: no space left on device", "The node was low on resource: ephemeral-storage."]),
    pat("volume-attach", C::VolumeOther, 86)
        .on(&["attachvolume|multi-attach error|failedattachvolume|volume is already exclusively attached|failedmapvolume|waitforattach"])
        .signal(S::MountOther)
        .stands_for("kubernetes attach-detach controller and CSI attachers")
        .never(&["login failed", "authorization failure", "chap"])
        .eg(&["Multi-Attach error for volume \"pvc-1\" Volume is already exclusively attached to one node and can't be attached to another"]),
    pat("volume-hostpath", C::VolumeOther, 88)
        .on(&["hostpath type check failed"])
        .re(r"hostpath type check failed: <path>")
        .signal(S::MountOther)
        .stands_for("kubernetes pkg/volume/hostpath")
        .eg(&["MountVolume.SetUp failed for volume \"sock\" : hostPath type check failed: /var/run/docker.sock is not a socket file"]),
    pat("volume-claim", C::VolumeOther, 84)
        .on(&["persistentvolumeclaim", "not found|not bound|unbound|pending|failed|being deleted|provisioning"])
        .never(&["no relationship found", "forbidden"])
        .signal(S::MountOther)
        .stands_for("kubernetes volume binding and provisioning")
        .eg(&["persistentvolumeclaim \"data\" not found", "pod has unbound immediate PersistentVolumeClaims"]),
    pat("volume-driver", C::VolumeOther, 58)
        .on(&["mount failed: exit status|mountdevice failed|mountvolume.mountdevice|wrong fs type|an operation with the given volume id|failed to provision volume|structure needs cleaning|device is busy|is not a mountpoint|stale file handle|transport endpoint is not connected|volume is not|failed to format|can't find device|timed out waiting for external-attacher|target is busy|failed to unmount|volumeattachment"])
        .outside(X::CSI)
        .also(&[C::VolumeCredentialsRejected])
        .signal(S::MountOther)
        .stands_for("storage drivers of any kind")
        .eg(&["MountVolume.MountDevice failed for volume \"pvc-1\" : rpc error: code = Internal desc = wrong fs type, bad option, bad superblock on /dev/sdb"]),
    pat("volume-csi-other", C::VolumeOther, 95)
        .on(&["not found in the list of registered csi drivers"])
        .re(r"driver name (?:[a-z0-9.-]*(?:ebs|efs|disk|file|nfs|rbd|ceph|cinder|vsphere|longhorn|gluster|smb|gcp|pd\.csi|linode|hetzner|block|storage\.)[a-z0-9.-]*) not found")
        .never(&["secrets-store"])
        .signal(S::CsiDriverNotRegistered)
        .also(&[C::CsiDriverMissing])
        .stands_for("kubernetes pkg/volume/csi, storage drivers")
        .eg(&["driver name ebs.csi.aws.com not found in the list of registered CSI drivers: x"]),
    pat("volume-mount-other", C::VolumeOther, 24)
        .on(&["mountvolume.setup failed|mountvolume.newmounter|unmountvolume|failedmount|mount failed"])
        .also(&[C::SecretMissing, C::CsiProviderAuth, C::KubeletSecretCache])
        .signal(S::MountOther)
        .stands_for("kubernetes pkg/volume/util/operationexecutor")
        .eg(&["MountVolume.SetUp failed for volume \"p\" : something odd"]),
];
