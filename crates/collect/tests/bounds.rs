//! Hostile sizes: memory stays below 256 MiB and time below one second for a MiB of input, whatever is sent.

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use keytrace_collect::{Options, Source, read};
use keytrace_core::snapshot::Snapshot;

const POD: &str =
    r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"shop"},"spec":{"containers":[]}}"#;

fn gzip(write: impl FnOnce(&mut dyn Write)) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    write(&mut encoder);
    encoder.finish().expect("packed")
}

/// One entry of a tar archive, without its content.
fn header(name: &str, size: u64, kind: tar::EntryType) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_path(name).expect("a short name");
    header.set_size(size);
    header.set_mode(0o644);
    header.set_entry_type(kind);
    header.set_cksum();
    header
}

fn zeros(out: &mut dyn Write, mebibytes: usize) {
    let block = vec![0; 1 << 20];
    for _ in 0..mebibytes {
        out.write_all(&block).expect("written");
    }
}

/// Name, content, and whether it must be reported as damage.
fn cases() -> Vec<(&'static str, Vec<u8>, bool)> {
    let item = |inner: &str| format!(r#"{{"kind":"List","items":[{POD},{inner},{POD}]}}"#).into_bytes();
    let long = "x".repeat(40 << 20);
    let mut aliases =
        String::from("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let before = format!("*a{}, ", level - 1).repeat(9);
        let _ = writeln!(aliases, "a{level}: &a{level} [{}]", before.trim_end_matches(", "));
    }
    vec![
        ("one-string.json", item(&format!(r#"{{"kind":"Pod","x":"{long}"}}"#)), true),
        ("unclosed-string.json", item(&format!(r#"{{"kind":"Pod","x":"{long}}}"#)), true),
        ("one-key.json", format!(r#"{{"{long}":1}}"#).into_bytes(), true),
        ("one-number.json", format!("[{}]", "1".repeat(20 << 20)).into_bytes(), true),
        ("deep-arrays.json", item(&"[".repeat(1_000_000)), true),
        ("deep-objects.json", item(&r#"{"a":"#.repeat(1_000_000)), true),
        (
            "balanced-depth.json",
            item(&format!("{{\"kind\":\"Pod\",\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000))),
            false,
        ),
        ("only-brackets.json", "[".repeat(8 << 20).into_bytes(), true),
        ("many-documents.json", "{}".repeat(2 << 20).into_bytes(), false),
        ("many-elements.json", format!("[{}]", "1,".repeat(2 << 20)).into_bytes(), true),
        ("commas.json", format!("[{}]", ",".repeat(20 << 20)).into_bytes(), false),
        ("spaces.json", " ".repeat(20 << 20).into_bytes(), false),
        ("lines.txt", "\n".repeat(20 << 20).into_bytes(), false),
        ("markers.yaml", "---\n".repeat(4 << 20).into_bytes(), false),
        ("one-line.yaml", format!("apiVersion: v1\nkind: ConfigMap\ndata:\n  a: {long}\n").into_bytes(), true),
        (
            "many-keys.yaml",
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n{}", "  a: b\n".repeat(400_000))
                .into_bytes(),
            // One key many times over is no damage: the last one counts, as in JSON.
            false,
        ),
        (
            "different-keys.yaml",
            (0..200_000)
                .fold(String::from("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n"), |mut text, n| {
                    let _ = writeln!(text, "  a{n}: b");
                    text
                })
                .into_bytes(),
            false,
        ),
        ("deep.yaml", format!("apiVersion: v1\nkind: ConfigMap\ndata: {}\n", "[".repeat(100_000)).into_bytes(), true),
        ("aliases.yaml", aliases.into_bytes(), true),
        ("long-line.log", long.clone().into_bytes(), false),
        ("many-lines.log", "error: x\n".repeat(1 << 18).into_bytes(), false),
        ("zeros.json.gz", gzip(|out| zeros(out, 256)), false),
        ("spaces.json.gz", gzip(|out| (0..256).for_each(|_| out.write_all(&[b' '; 1 << 20]).expect("written"))), true),
        (
            "long-name.tar.gz",
            gzip(|out| {
                out.write_all(header("././@LongLink", 200 << 20, tar::EntryType::GNULongName).as_bytes())
                    .expect("written");
                zeros(out, 200);
            }),
            true,
        ),
        ("huge-size.tar", header("pods.json", 1 << 32, tar::EntryType::Regular).as_bytes().to_vec(), true),
        (
            "many-entries.tar.gz",
            gzip(|out| {
                let empty = header("a", 0, tar::EntryType::Regular);
                (0..1_100_000).for_each(|_| out.write_all(empty.as_bytes()).expect("written"));
            }),
            true,
        ),
        (
            "outside.tar",
            {
                let mut header = header("x", 0, tar::EntryType::Regular);
                header.as_mut_bytes()[..12].copy_from_slice(b"../../passwd");
                header.set_cksum();
                header.as_bytes().to_vec()
            },
            true,
        ),
        ("links.tar", header("x", 0, tar::EntryType::Symlink).as_bytes().to_vec(), false),
    ]
}

fn snapshot(path: &Path) -> Snapshot {
    let options = Options { threads: 2, ..Options::new([7; 32]) };
    read(&[Source::Path(path.to_owned())], &options).expect("it can be opened")
}

/// `VmHWM` of this process in MiB.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the kernel says it");
    line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") / 1024
}

#[test]
fn hostile_sizes_stay_within_bounds() {
    // Each case is read by a process of its own, whose peak of memory is its own too.
    if let Ok(path) = std::env::var("KEYTRACE_BOUNDS_CASE") {
        let start = Instant::now();
        let snapshot = snapshot(&PathBuf::from(path));
        let damage = snapshot.coverage.damaged();
        println!("\nmeasured {} {} {damage} {}", peak(), start.elapsed().as_millis(), snapshot.pods.len());
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let this = std::env::current_exe().expect("a test is a program");
    let mut failed = Vec::new();
    for (name, content, must_report) in cases() {
        let path = folder.path().join(name);
        let mebibytes = content.len().div_ceil(1 << 20) as u128;
        std::fs::write(&path, content).expect("written");
        let out = std::process::Command::new(&this)
            .args(["--nocapture", "--exact", "hostile_sizes_stay_within_bounds"])
            .env("KEYTRACE_BOUNDS_CASE", &path)
            .output()
            .expect("it starts");
        let text = String::from_utf8_lossy(&out.stdout);
        let measured = text.lines().find_map(|line| line.strip_prefix("measured "));
        let measured = measured
            .unwrap_or_else(|| panic!("{name} ended with {}: {}", out.status, String::from_utf8_lossy(&out.stderr)));
        let [peak, millis, damage, pods] = measured.split(' ').collect::<Vec<_>>()[..] else { panic!("{measured}") };
        println!("{name:<24} {peak:>4} MiB {millis:>6} ms of {mebibytes:>3} MiB, damage {damage}, pods {pods}");
        let mut good = peak.parse::<usize>().expect("a number") <= 256;
        // Half as much again for a machine that does other things, and 2 s to start.
        good &= millis.parse::<u128>().expect("a number") <= 1500 * mebibytes + 2000;
        good &= (damage == "true") == must_report;
        if !good {
            failed.push(name);
        }
        std::fs::remove_file(&path).expect("it is there");
    }
    assert!(failed.is_empty(), "{failed:?}");
}
