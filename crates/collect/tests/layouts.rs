//! One test for each layout of dumps, on small hand-written ones.

use std::io::Write;
use std::path::{Path, PathBuf};

use keytrace_collect::{Options, ReadError, Source, read};
use keytrace_core::coverage::{Basis, Position, Unseen};
use keytrace_core::objects::Kind;
use keytrace_core::snapshot::Snapshot;
use keytrace_core::time::Time;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts").join(name)
}

fn options(threads: usize) -> Options {
    Options { threads, ..Options::new([7; 32]) }
}

fn read_all(paths: &[PathBuf]) -> Snapshot {
    let sources: Vec<Source> = paths.iter().cloned().map(Source::Path).collect();
    read(&sources, &options(2)).expect("it can be opened")
}

fn read_one(name: &str) -> Snapshot {
    read_all(&[fixture(name)])
}

fn read_text(file: &str, content: &[u8]) -> Snapshot {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(file);
    std::fs::write(&path, content).expect("written");
    read_all(&[path])
}

fn pods(snapshot: &Snapshot) -> Vec<String> {
    snapshot.pods.iter().map(|p| format!("{}/{}", p.id.namespace, p.id.name)).collect()
}

fn logs(snapshot: &Snapshot) -> Vec<String> {
    let name = |part: &Option<_>| part.as_deref().unwrap_or("?").to_owned();
    let mut logs: Vec<String> = snapshot
        .logs
        .iter()
        .map(|l| {
            format!(
                "{}/{}/{}{}",
                name(&l.namespace),
                l.pod,
                name(&l.container),
                if l.previous { " before" } else { "" }
            )
        })
        .collect();
    logs.sort();
    logs
}

fn damage(snapshot: &Snapshot) -> Vec<String> {
    let damage = snapshot.coverage.problems.iter().filter(|p| p.damage);
    damage.map(|p| format!("{} {:?} {}", p.file.rsplit('/').next().unwrap_or_default(), p.at, p.what)).collect()
}

fn notes(snapshot: &Snapshot) -> Vec<String> {
    snapshot.coverage.problems.iter().filter(|p| !p.damage).map(|p| p.what.to_string()).collect()
}

const STATED: Result<Basis, Unseen> = Ok(Basis::Stated);
const PRESUMED: Result<Basis, Unseen> = Ok(Basis::Presumed);
const NOT_COLLECTED: Result<Basis, Unseen> = Err(Unseen::NotCollected);

#[test]
fn a_folder_of_kubectl_lists_states_each_named_kind_for_the_namespaces_in_it() {
    let s = read_one("kubectl");
    assert_eq!(pods(&s), ["shop/web-1", "till/till-1"]);
    assert_eq!(s.data.len(), 1);
    assert_eq!(logs(&s), ["?/web-1/web", "?/web-1/web before"]);
    assert_eq!((s.audit.len(), s.coverage.audit), (2, true));
    let of = |kind, namespace| s.coverage.of(&kind, namespace);
    assert_eq!(of(Kind::Pod, "shop"), STATED);
    assert_eq!(of(Kind::Secret, "till"), STATED);
    assert_eq!(of(Kind::Secret, "shop"), STATED, "the same command listed it");
    assert_eq!(of(Kind::Secret, "other"), NOT_COLLECTED);
    assert_eq!(of(Kind::ExternalSecret, "shop"), STATED, "an empty list says that there are none");
    assert_eq!(of(Kind::ServiceAccount, "shop"), STATED);
    assert_eq!(of(Kind::ServiceAccount, "till"), NOT_COLLECTED, "every namespace has one, and none is here");
    assert_eq!(of(Kind::ConfigMap, "shop"), Err(Unseen::Forbidden));
    assert_eq!(of(Kind::Namespace, ""), STATED);
    assert_eq!(of(Kind::ClusterRole, ""), PRESUMED, "without the built-in ones it may be a selection");
    assert_eq!(of(Kind::Role, "shop"), NOT_COLLECTED);
    assert_eq!(damage(&s), [""; 0]);
}

#[test]
fn cluster_info_dump_is_read_from_its_folder() {
    let s = read_one("cluster-info");
    assert_eq!(pods(&s), ["shop/web-1"]);
    assert_eq!(s.nodes.len(), 1);
    assert_eq!(logs(&s), ["shop/web-1/side", "shop/web-1/web"]);
    for namespace in ["shop", "idle"] {
        assert_eq!(s.coverage.of(&Kind::Pod, namespace), STATED, "{namespace}");
        assert_eq!(s.coverage.of(&Kind::Event, namespace), STATED, "{namespace}");
        assert_eq!(s.coverage.of(&Kind::Secret, namespace), NOT_COLLECTED, "{namespace}");
    }
    assert_eq!(s.coverage.of(&Kind::Pod, "other"), NOT_COLLECTED);
    assert_eq!(damage(&s), [""; 0]);
}

#[test]
fn cluster_info_dump_is_read_from_its_output_with_logs_between_the_lists() {
    let s = read_one("cluster-info.txt");
    assert_eq!(pods(&s), ["shop/web-1"]);
    assert_eq!(s.nodes.len(), 1);
    assert_eq!(logs(&s), ["shop/web-1/side", "shop/web-1/web"]);
    assert_eq!(s.coverage.of(&Kind::Pod, "shop"), STATED);
    assert_eq!(s.coverage.of(&Kind::Secret, "shop"), NOT_COLLECTED);
    assert_eq!(damage(&s), [""; 0]);
}

#[test]
fn must_gather_is_read_with_its_namespaces_logs_and_stamp() {
    let s = read_one("must-gather.local.1");
    assert_eq!(pods(&s), ["shop/web-1"]);
    assert_eq!((s.nodes.len(), s.namespaces.len(), s.external_secrets.len(), s.data.len()), (2, 1, 1, 1));
    assert_eq!(logs(&s), ["shop/web-1/web", "shop/web-1/web before"]);
    assert_eq!((s.as_of, s.as_of_is_lower_bound), (Time::parse("2026-11-20T12:05:00Z"), false));
    let of = |kind, namespace| s.coverage.of(&kind, namespace);
    assert_eq!(of(Kind::Pod, "shop"), STATED);
    assert_eq!(of(Kind::Secret, "shop"), STATED);
    assert_eq!(of(Kind::ConfigMap, "shop"), STATED);
    assert_eq!(of(Kind::Secret, "till"), NOT_COLLECTED);
    assert_eq!(of(Kind::ExternalSecret, "shop"), PRESUMED);
    assert_eq!(of(Kind::Node, ""), PRESUMED);
    assert_eq!(damage(&s), [""; 0]);
}

#[test]
fn a_support_bundle_is_read_with_what_it_was_refused() {
    let s = read_one("support-bundle-2026-11-20T14_03_10");
    assert_eq!(pods(&s), ["shop/web-1"]);
    assert_eq!((s.nodes.len(), s.service_accounts.len(), s.external_secrets.len()), (1, 1, 1));
    assert_eq!(logs(&s), ["shop/web-1/web", "shop/web-1/web before"]);
    let of = |kind, namespace| s.coverage.of(&kind, namespace);
    assert_eq!(of(Kind::Pod, "shop"), STATED);
    assert_eq!(of(Kind::Pod, "default"), STATED);
    assert_eq!(of(Kind::Pod, "kube-system"), NOT_COLLECTED);
    assert_eq!(of(Kind::Role, "shop"), Err(Unseen::Forbidden));
    assert_eq!(of(Kind::ConfigMap, "shop"), Err(Unseen::TimedOut));
    assert_eq!(of(Kind::ExternalSecret, "shop"), STATED);
    assert_eq!(of(Kind::Secret, "shop"), NOT_COLLECTED);
    assert_eq!(of(Kind::Node, ""), STATED);
    // The newest time in it is 10:00:00Z, and the stamp is of an unknown time zone.
    assert_eq!(s.as_of, Time::parse("2026-11-20T10:03:10Z"));
    assert_eq!(damage(&s), [""; 0]);
}

#[test]
fn rendered_manifests_claim_nothing() {
    let s = read_one("helm.yaml");
    assert_eq!((s.data.len(), s.workloads.len()), (1, 1));
    assert_eq!(s.coverage.of(&Kind::Secret, "till"), NOT_COLLECTED);
    assert_eq!(damage(&s), [""; 0]);
}

#[test]
fn sos_and_velero_are_named_once_and_not_read() {
    for (name, what) in [("sos", "report of sos: not read yet"), ("velero", "backup of Velero: not read yet")] {
        let s = read_one(name);
        assert!(s.pods.is_empty());
        assert_eq!(notes(&s).iter().filter(|n| *n == what).count(), 1, "{name}: {:?}", notes(&s));
        assert_eq!(damage(&s), [""; 0]);
    }
}

const POD: &str =
    r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"NAME","namespace":"shop"},"spec":{"containers":[]}}"#;

fn pod(name: &str) -> String {
    POD.replace("NAME", name)
}

#[test]
fn lists_of_several_objects_are_presumed_complete() {
    let list = |items: &[String]| format!(r#"{{"apiVersion":"v1","items":[{}],"kind":"List"}}"#, items.join(","));
    let two = read_text("dump.json", list(&[pod("a"), pod("b")]).as_bytes());
    assert_eq!(two.coverage.of(&Kind::Pod, "shop"), PRESUMED);
    assert_eq!(two.coverage.of(&Kind::Pod, "till"), NOT_COLLECTED, "all lie in one namespace");
    let one = read_text("dump.json", list(&[pod("a")]).as_bytes());
    assert_eq!(one.coverage.of(&Kind::Pod, "shop"), NOT_COLLECTED);
    let wide = list(&[pod("a"), pod("b").replace("shop", "till")]);
    assert_eq!(read_text("dump.json", wide.as_bytes()).coverage.of(&Kind::Pod, "other"), PRESUMED);
    let named = read_text("pods.json", list(&[pod("a")]).as_bytes());
    assert_eq!(named.coverage.of(&Kind::Pod, "shop"), STATED);
}

#[test]
fn one_page_of_a_list_is_not_all_of_it() {
    let page =
        format!(r#"{{"kind":"PodList","apiVersion":"v1","metadata":{{"continue":"abc"}},"items":[{}]}}"#, pod("a"));
    let s = read_text("pods.json", page.as_bytes());
    assert_eq!(pods(&s), ["shop/a"]);
    assert_eq!(s.coverage.of(&Kind::Pod, "shop"), NOT_COLLECTED);
}

#[test]
fn single_objects_bare_arrays_typed_lists_and_documents_in_a_row_are_read() {
    assert_eq!(pods(&read_text("x", pod("a").as_bytes())), ["shop/a"]);
    assert_eq!(pods(&read_text("x", format!("[{},{}]", pod("a"), pod("b")).as_bytes())), ["shop/a", "shop/b"]);
    assert_eq!(pods(&read_text("x", format!("{}{}\n\n{}", pod("a"), pod("b"), pod("c")).as_bytes())).len(), 3);
    // The kind of the list stands behind items that name none.
    let bare = pod("a").replace(r#""apiVersion":"v1","kind":"Pod","#, "");
    let list = format!(r#"{{"apiVersion":"v1","items":[{bare}],"kind":"PodList"}}"#);
    let s = read_text("x", list.as_bytes());
    assert_eq!(pods(&s), ["shop/a"]);
    assert_eq!(s.coverage.of(&Kind::Pod, "shop"), STATED);
    let yaml = "items:\n- metadata:\n    name: a\n    namespace: shop\nkind: PodList\napiVersion: v1\n";
    assert_eq!(pods(&read_text("x", yaml.as_bytes())), ["shop/a"]);
}

#[test]
fn an_event_list_of_the_audit_api_is_an_audit_log() {
    let line = std::fs::read_to_string(fixture("kubectl/audit.jsonl")).expect("it is there");
    let list = format!(
        r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{}]}}"#,
        line.lines().collect::<Vec<_>>().join(",")
    );
    assert_eq!(read_text("x.json", list.as_bytes()).audit.len(), 2);
    let pretty: serde_json::Value = serde_json::from_str(line.lines().next().expect("a line")).expect("JSON");
    assert_eq!(read_text("x.json", serde_json::to_string_pretty(&pretty).expect("JSON").as_bytes()).audit.len(), 1);
}

fn tar_of(folder: &Path) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    builder
        .append_dir_all(
            "a/long/path/that/needs/more/than/one/hundred/bytes/of/a/header/of/a/tar/archive/to/be/written/down/whole",
            folder,
        )
        .expect("packed");
    builder.into_inner().expect("packed")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("packed");
    encoder.finish().expect("packed")
}

#[test]
fn archives_hold_the_same_as_their_folders() {
    for name in ["kubectl", "cluster-info", "must-gather.local.1", "support-bundle-2026-11-20T14_03_10"] {
        let folder = read_one(name);
        let tar = tar_of(&fixture(name));
        for archive in [tar.clone(), gzip(&tar), gzip(&gzip(&tar))] {
            let packed = read_text("bundle", &archive);
            assert_eq!(pods(&packed), pods(&folder), "{name}");
            assert_eq!(logs(&packed), logs(&folder), "{name}");
            assert_eq!(packed.data.len(), folder.data.len(), "{name}");
            assert_eq!(format!("{:?}", packed.coverage.kinds), format!("{:?}", folder.coverage.kinds), "{name}");
            assert_eq!(damage(&packed), [""; 0], "{name}");
        }
    }
}

#[test]
fn what_is_known_and_not_read_yet_is_named() {
    let mut etcd = [0_u8; 64];
    etcd[16..20].copy_from_slice(&0xED0C_DAED_u32.to_le_bytes());
    for (content, word) in [(&b"PK\x03\x04rest"[..], "zip"), (&etcd[..], "etcd"), (&b"\x28\xb5\x2f\xfd..."[..], "zstd")]
    {
        let s = read_text("x", content);
        assert!(notes(&s)[0].contains(word), "{:?}", notes(&s));
        assert!(!s.coverage.damaged());
    }
}

#[test]
fn text_in_another_encoding_is_damage_with_advice() {
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(pod("a").encode_utf16().flat_map(u16::to_le_bytes));
    for content in [&utf16[..], &utf16[2..]] {
        assert_eq!(damage(&read_text("pods.json", content)), ["pods.json Whole UTF-16 text: save it as UTF-8"]);
    }
    let mut with_mark = b"\xef\xbb\xbf".to_vec();
    with_mark.extend(pod("a").bytes());
    assert_eq!(pods(&read_text("x", &with_mark)), ["shop/a"]);
}

#[test]
fn binary_and_unrelated_files_are_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in [
        ("logo.png", &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..]),
        ("README.md", b"# Title\n\nNote: words, and a list:\n- one\n- two\n"),
        ("values.yaml", b"image: x\nlist:\n- a\n"),
        ("package.json", b"{\"name\": \"x\"}"),
        ("pod.json", pod("a").as_bytes()),
    ] {
        std::fs::write(folder.path().join(name), content).expect("written");
    }
    let s = read_all(&[folder.path().to_owned()]);
    assert_eq!(pods(&s), ["shop/a"]);
    assert!(!s.coverage.damaged(), "{:?}", damage(&s));
    assert_eq!(s.coverage.problems.len(), 1, "{:?}", s.coverage.problems);
}

#[test]
fn damaged_input_is_judged_as_far_as_it_was_whole() {
    let list = format!(r#"{{"kind":"PodList","apiVersion":"v1","items":[{},{}"#, pod("a"), &pod("b")[..40]);
    let s = read_text("pods.json", list.as_bytes());
    assert_eq!(pods(&s), ["shop/a"]);
    let at = list.len() - 40;
    assert_eq!(damage(&s), [format!("pods.json Byte({at}) the input ends inside an object")]);
    assert_eq!(s.coverage.of(&Kind::Pod, "shop"), Err(Unseen::Damaged));

    let s = read_text("pods.json", b"");
    assert_eq!(damage(&s), ["pods.json Whole empty file"]);

    let whole = gzip(
        format!(r#"{{"kind":"PodList","apiVersion":"v1","items":[{}]}}"#, vec![pod("a"); 5000].join(",")).as_bytes(),
    );
    let s = read_text("pods.json.gz", &whole[..whole.len() / 2]);
    assert_eq!(pods(&s), ["shop/a"]);
    assert!(damage(&s).iter().any(|d| d.contains("cut off") || d.contains("inside")), "{:?}", damage(&s));

    let bad_line =
        format!("{}not json\n", std::fs::read_to_string(fixture("kubectl/audit.jsonl")).expect("it is there"));
    let s = read_text("audit.jsonl", bad_line.as_bytes());
    assert_eq!(s.audit.len(), 2);
    assert!(s.coverage.problems.iter().any(|p| p.damage && p.at == Position::Line(3)), "{:?}", s.coverage.problems);
}

#[test]
fn a_log_of_json_lines_stays_a_log_whatever_it_speaks_of() {
    let line = r#"{"level":"info","msg":"applied","object":{"apiVersion":"v1","kind":"Pod"}}"#;
    let s = read_text("web-1_web.log", format!("{line}\n{line}\n").as_bytes());
    assert_eq!((logs(&s), s.logs[0].lines), (vec!["?/web-1/web".to_owned()], 2));
}

#[test]
fn a_vault_audit_log_is_named() {
    let line = r#"{"type":"request","time":"2026-11-20T10:00:00Z","auth":{},"request":{"id":"1","mount_type":"kv","path":"kv/x"}}"#;
    assert_eq!(notes(&read_text("vault.log", line.as_bytes())), ["audit log of Vault: not read yet"]);
}

#[test]
fn the_order_of_sources_and_the_number_of_threads_change_nothing() {
    let names = ["kubectl", "cluster-info", "must-gather.local.1", "helm.yaml", "support-bundle-2026-11-20T14_03_10"];
    let mut paths: Vec<PathBuf> = names.iter().map(|name| fixture(name)).collect();
    let show = |paths: &[PathBuf], threads| {
        let sources: Vec<Source> = paths.iter().cloned().map(Source::Path).collect();
        let mut snapshot = read(&sources, &options(threads)).expect("it can be opened");
        snapshot.coverage.sources.clear();
        format!("{snapshot:?}")
    };
    let first = show(&paths, 1);
    for threads in [2, 3] {
        paths.rotate_left(2);
        assert!(show(&paths, threads) == first, "with {threads} threads");
    }
}

#[test]
fn only_what_cannot_be_opened_at_all_is_an_error() {
    let missing = Source::Path("does/not/exist".into());
    assert!(matches!(read(std::slice::from_ref(&missing), &options(1)), Err(ReadError::Open { .. })));
    assert!(matches!(read(&[], &options(1)), Err(ReadError::NoSources)));
    let s = read(&[missing, Source::Path(fixture("kubectl"))], &options(1)).expect("one of them can");
    assert_eq!(damage(&s), ["exist Whole cannot be opened: entity not found"]);
    assert_eq!(s.pods.len(), 2);
}
