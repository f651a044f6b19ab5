//! Tests that no input, however damaged, makes the reader panic, hang or forget what was whole.

use std::sync::Arc;

use keytrace_core::snapshot::Snapshot;
use keytrace_core::value::Tagger;

use super::work::Feeder;
use super::{Options, Reading, collected, walk};

/// Reads bytes as if they were a file of this name, by one thread.
fn read_bytes(name: &str, content: &[u8], buffer: &mut Vec<u8>) -> Snapshot {
    let options = Options::new([7; 32]);
    let tagger = Arc::new(Tagger::new(1, options.tag_key));
    std::thread::scope(|scope| {
        let mut reading = Reading::new(Feeder::new(scope, 1, &tagger, &options.fold));
        reading.buffer = std::mem::take(buffer);
        let walked = walk::memory(&mut reading, name, content);
        *buffer = std::mem::take(&mut reading.buffer);
        collected(reading, walked, &options)
    })
}

/// Marsaglia's xorshift: the same cases in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

/// Does one of the things to a text that disks, editors, shells and enemies do.
fn spoil(text: &mut Vec<u8>, random: &mut Random) {
    const PIECES: [&[u8]; 24] = [
        b"\"",
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b"\n",
        b"\r\n",
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"- ",
        b"---\n",
        b"items:\n",
        b"&a [*a, *a]",
        b"  ",
        b"\t",
        b"null",
        b"1e999",
        b"==== START logs for container c of pod a/b ====\n",
        b"\"kind\":\"List\",\"items\":[",
        b"|\n",
    ];
    let at = random.below(text.len() + 1);
    match random.below(9) {
        0 => text.truncate(at),
        1 if !text.is_empty() => {
            let at = at.min(text.len() - 1);
            text[at] ^= 1 << random.below(8);
        }
        2 | 3 => {
            let piece = PIECES[random.below(PIECES.len())];
            text.splice(at..at, piece.iter().copied());
        }
        4 => {
            let end = (at + random.below(60)).min(text.len());
            text.drain(at..end);
        }
        5 => {
            let end = (at + random.below(200)).min(text.len());
            let piece = text[at..end].to_vec();
            let to = random.below(text.len() + 1);
            text.splice(to..to, piece);
        }
        6 => {
            let deep = [b"[", b"{"][random.below(2)].repeat(random.below(600));
            text.splice(at..at, deep);
        }
        7 => {
            let end = (at + 1 + random.below(20)).min(text.len());
            for byte in &mut text[at..end] {
                *byte = random.below(256) as u8;
            }
        }
        _ => {
            let piece = PIECES[random.below(PIECES.len())].repeat(random.below(30));
            text.splice(at..at, piece);
        }
    }
}

const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"managedFields":[{"fieldsV1":{"f:x":{}}}],"name":"a","namespace":"shop"},"spec":{"containers":[{"image":"x","name":"web"}]}}"#;
const SECRET: &str = r#"{"apiVersion":"v1","data":{"password":"c2VjcmV0"},"kind":"Secret","metadata":{"annotations":{"x":"a \"quoted\" {brace"},"name":"db","namespace":"shop"}}"#;
const YAML: &str = "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    managedFields:\n    - fieldsV1:\n        f:x: {}\n    name: a\n    namespace: shop\n  spec:\n    containers:\n    - image: x\n      name: web\n- apiVersion: v1\n  data:\n    text: |\n      a\n        - b: c\n  kind: ConfigMap\n  metadata:\n    name: c\n    namespace: shop\nkind: List\nmetadata:\n  resourceVersion: \"\"\n";
const AUDIT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/x","verb":"patch","user":{"username":"ops"},"objectRef":{"resource":"secrets","namespace":"shop","name":"db"},"responseStatus":{"code":200},"stageTimestamp":"2026-11-20T11:00:00.1Z"}"#;

fn run(name: &str, base: &[u8], cases: u64) {
    let mut buffer = Vec::new();
    for seed in 1..=cases {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut text = base.to_vec();
        for _ in 0..=random.below(3) {
            spoil(&mut text, &mut random);
        }
        let snapshot = read_bytes(name, &text, &mut buffer);
        // No problem holds a piece of a value.
        for problem in &snapshot.coverage.problems {
            assert!(
                !problem.what.contains("c2VjcmV0") && !problem.what.contains("quoted"),
                "case {seed}: {}",
                problem.what
            );
        }
    }
}

#[test]
fn compact_lists_survive_damage() {
    run(
        "dump.json",
        format!(r#"{{"apiVersion":"v1","items":[{POD},{SECRET},{POD}],"kind":"List"}}"#).as_bytes(),
        25_000,
    );
}

#[test]
fn indented_lists_survive_damage() {
    let list = format!(r#"{{"apiVersion":"v1","items":[{POD},{SECRET},{POD}],"kind":"List"}}"#);
    let value: serde_json::Value = serde_json::from_str(&list).expect("valid");
    run("dump.json", serde_json::to_string_pretty(&value).expect("valid").as_bytes(), 20_000);
}

#[test]
fn yaml_survives_damage() {
    run("dump.yaml", YAML.as_bytes(), 15_000);
}

#[test]
fn audit_logs_survive_damage() {
    run("audit.jsonl", format!("{AUDIT}\n{AUDIT}\n").as_bytes(), 20_000);
}

#[test]
fn cluster_info_survives_damage() {
    let text = format!(
        "{{\"kind\":\"PodList\",\"items\":[{POD}]}}\n==== START logs for container c of pod shop/a ====\n{{\nline\n==== END logs for container c of pod shop/a ====\n{{\"kind\":\"PodList\",\"items\":[]}}\n"
    );
    run("stdout", text.as_bytes(), 15_000);
}

#[test]
fn archives_survive_damage() {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in [("pods.json", POD), ("logs/a_web.log", "x\n"), ("audit.jsonl", AUDIT)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, format!("{}{name}", "folder/".repeat(20)), content.as_bytes())
            .expect("packed");
    }
    run("bundle.tar", &builder.into_inner().expect("packed"), 5_000);
}

#[test]
fn an_undamaged_object_beside_a_damaged_one_is_read() {
    let mut buffer = Vec::new();
    let list = format!(
        "{{\n    \"items\": [\n        {POD},\n        {},\n        {}\n    ]\n}}\n",
        r#"{"kind": "Secret, }"#,
        POD.replace("\"a\"", "\"b\"")
    );
    let snapshot = read_bytes("dump.json", list.as_bytes(), &mut buffer);
    assert!(snapshot.coverage.damaged());
    assert!(snapshot.pods.iter().any(|pod| &*pod.id.name == "a"));
}
