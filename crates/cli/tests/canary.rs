//! Plants marked values on every surface of the input and proves that none of them leaves in any output.

#[path = "canary/plant.rs"]
mod plant;
#[path = "canary/scan.rs"]
mod scan;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use plant::Planted;
use scan::Scanner;

/// Every way to ask; `DUMP` stands for the planted folder.
const COMMANDS: &[&[&str]] = &[
    &["why", "--from", "DUMP"],
    &["why", "--from", "DUMP", "--all", "--color", "always"],
    &["why", "--from", "DUMP", "-n", "shop"],
    &["why", "deploy/api", "-n", "shop", "--from", "DUMP"],
    &["why", "secret/db", "-n", "shop", "--from", "DUMP"],
    &["why", "deploy/absent", "-n", "shop", "--from", "DUMP"],
    &["trace", "secret/db", "-n", "shop", "--from", "DUMP"],
    &["trace", "deploy/api", "-n", "shop", "--from", "DUMP"],
    &["trace", "cm/settings", "-n", "shop", "--from", "DUMP"],
];
const OUTPUTS: &[&str] = &["text", "json", "yaml", "markdown"];

/// Runs one command and returns everything that left the process.
fn run(args: &[&str], stdin: Option<&[u8]>) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_keytrace"))
        .args(args)
        .env_clear()
        .stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    if let (Some(bytes), Some(mut pipe)) = (stdin, child.stdin.take()) {
        // It may stop reading early; that is its right.
        let _ = pipe.write_all(bytes);
    }
    let output = child.wait_with_output().expect("the program ends");
    assert_ne!(output.status.code(), Some(101), "a panic for {args:?}");
    let mut all = String::from_utf8_lossy(&output.stdout).into_owned();
    all.push_str(&String::from_utf8_lossy(&output.stderr));
    all
}

fn command(template: &[&str], dump: &Path, output: &str) -> Vec<String> {
    let mut args: Vec<String> = template.iter().map(|a| a.replace("DUMP", &dump.to_string_lossy())).collect();
    args.extend(["-o".to_owned(), output.to_owned()]);
    args
}

#[test]
fn no_value_leaves_in_any_output_of_any_command() {
    let planted = Planted::write("plain");
    let scanner = Scanner::new(planted.values());
    assert!(planted.values().len() >= 60, "only {} canaries", planted.values().len());
    for template in COMMANDS {
        for output in OUTPUTS {
            let args = command(template, planted.dir(), output);
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let said = run(&args, None);
            assert_eq!(scanner.hits(&said), Vec::<String>::new(), "in the output of {args:?}");
        }
    }
}

#[test]
fn no_value_leaves_when_the_input_is_damaged() {
    let planted = Planted::write("damaged");
    let scanner = Scanner::new(planted.values());
    for file in planted.files() {
        let whole = std::fs::read(&file).expect("a planted file");
        let third = whole.len() / 3;
        let mut cut = whole[..2 * third].to_vec();
        let mut broken = whole.clone();
        // Every string becomes a number's neighbour: type errors everywhere, which is where parsers like to quote.
        for (i, byte) in broken.iter_mut().enumerate() {
            if *byte == b':' && i % 7 == 0 {
                *byte = b',';
            }
        }
        cut.extend_from_slice(b"\xff\xfe{");
        for bytes in [&cut, &broken] {
            for output in ["text", "json"] {
                let said = run(&["why", "--from", "-", "-o", output], Some(bytes));
                assert_eq!(scanner.hits(&said), Vec::<String>::new(), "for a damaged {}", file.display());
            }
        }
    }
}

#[test]
fn no_value_leaves_through_the_reader_of_messages() {
    let planted = Planted::write("messages");
    let scanner = Scanner::new(planted.values());
    // Each starts a process of its own: every fifth value is enough for four texts and two outputs.
    for value in planted.values().iter().step_by(5) {
        for text in [
            format!("FATAL: password authentication failed for user \"app\" password={value}"),
            format!("cannot parse `postgres://app:{value}@db:5432/x`: invalid port \":{value}\" after host"),
            format!("Authorization: Bearer {value} rejected: 401 Unauthorized"),
            format!("open /run/{value}: no such file or directory"),
        ] {
            for output in ["text", "json"] {
                let said = run(&["explain", "--message", "-", "-o", output], Some(text.as_bytes()));
                // A path is an identifier: the last text proves that the scanner sees what is printed on purpose.
                if !text.starts_with("open ") {
                    assert_eq!(scanner.hits(&said), Vec::<String>::new(), "for {text:?}");
                }
            }
        }
    }
}

#[test]
fn a_leak_on_any_surface_in_any_encoding_is_caught() {
    let planted = Planted::write("leaks");
    let scanner = Scanner::new(planted.values());
    for value in planted.values() {
        for (encoding, leaked) in scan::encodings(value) {
            let said = format!("{{\"headline\":\"x {leaked} y\"}}");
            assert!(!scanner.hits(&said).is_empty(), "{encoding} of a canary is not caught");
        }
    }
    // On each surface: a real output with one canary in it.
    for template in COMMANDS {
        for output in OUTPUTS {
            let args = command(template, planted.dir(), output);
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let mut said = run(&args, None);
            let middle = (said.len() / 2..said.len()).find(|i| said.is_char_boundary(*i)).unwrap_or(0);
            said.insert_str(middle, &planted.values()[3]);
            assert!(!scanner.hits(&said).is_empty(), "a leak in {args:?} is not caught");
        }
    }
}
