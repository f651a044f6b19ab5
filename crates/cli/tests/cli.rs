//! The command line as a person or a script meets it: outputs, exit codes, and errors that say what to do next.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn keytrace(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keytrace")).args(args).env_clear().output().expect("the program starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn recorded(id: &str) -> String {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/recorded").join(id).join("dump");
    dir.to_string_lossy().into_owned()
}

fn scratch(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}"));
    let _ = std::fs::remove_dir_all(&dir);
    dir
}

#[test]
fn the_demo_and_its_written_dump_give_the_same_bytes() {
    let dir = scratch("demo");
    let dir = dir.to_string_lossy();
    assert_eq!(keytrace(&["demo", "--write", &dir]).status.code(), Some(0));
    let shown = keytrace(&["demo"]);
    let read = keytrace(&["why", "--from", &dir]);
    assert_eq!(stdout(&shown), stdout(&read));
    assert_eq!(shown.status.code(), Some(0));
    assert_eq!(read.status.code(), Some(1), "an incident at or above the default threshold");
}

#[test]
fn a_workload_renamed_in_the_written_demo_is_renamed_in_the_report() {
    let dir = scratch("renamed");
    assert_eq!(keytrace(&["demo", "--write", &dir.to_string_lossy()]).status.code(), Some(0));
    for file in std::fs::read_dir(&dir).expect("the demo").filter_map(Result::ok).filter(|f| f.path().is_file()) {
        let text = std::fs::read_to_string(file.path()).expect("text");
        std::fs::write(file.path(), text.replace("checkout", "basket")).expect("written");
    }
    let report = stdout(&keytrace(&["why", "--from", &dir.to_string_lossy()]));
    assert!(report.contains("deployment/basket"), "{report}");
    assert!(!report.contains("checkout"), "{report}");
}

#[test]
fn exit_codes_tell_incident_usage_and_incomplete_apart() {
    let sick = recorded("030");
    assert_eq!(keytrace(&["why", "--from", &sick]).status.code(), Some(1));
    assert_eq!(keytrace(&["why", "--from", &sick, "--fail-on", "never"]).status.code(), Some(0));
    assert_eq!(keytrace(&["why", "--from", &recorded("159")]).status.code(), Some(0));
    assert_eq!(keytrace(&["why"]).status.code(), Some(2));
    assert_eq!(keytrace(&["why", "--no-such-flag"]).status.code(), Some(2));
    assert_eq!(keytrace(&["why", "--from", "/no/such/file"]).status.code(), Some(3));
    let cut = scratch("cut");
    std::fs::create_dir_all(&cut).expect("a folder");
    std::fs::write(
        cut.join("pods.json"),
        "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"v1\",",
    )
    .expect("written");
    let damaged = keytrace(&["why", "--from", &cut.to_string_lossy()]);
    assert_eq!(damaged.status.code(), Some(3));
    assert!(stdout(&damaged).starts_with("? of what could be seen"), "{}", stdout(&damaged));
    std::fs::write(cut.join("pods.json"), "hello\n").expect("written");
    let other = keytrace(&["why", "--from", &cut.to_string_lossy()]);
    assert_eq!(other.status.code(), Some(3));
    assert!(stderr(&other).contains("no Kubernetes objects"), "{}", stderr(&other));
}

#[test]
fn a_latent_risk_counts_only_when_asked_to() {
    let dump = recorded("083");
    assert_eq!(keytrace(&["why", "--from", &dump]).status.code(), Some(0));
    assert_eq!(keytrace(&["why", "--from", &dump, "--fail-on", "low", "--fail-on-latent"]).status.code(), Some(1));
}

#[test]
fn a_name_that_does_not_exist_shows_near_ones() {
    let output = keytrace(&["why", "deploy/packr", "-n", "fulfilment", "--from", &recorded("030")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean deployment/packer -n fulfilment?"), "{}", stderr(&output));
    let output = keytrace(&["explain", "IMG-99"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("explain --list"), "{}", stderr(&output));
}

#[test]
fn without_a_terminal_there_is_no_colour_unless_asked_for() {
    let dump = recorded("030");
    assert!(!stdout(&keytrace(&["why", "--from", &dump])).contains('\u{1b}'));
    assert!(stdout(&keytrace(&["why", "--from", &dump, "--color", "always"])).contains('\u{1b}'));
    let forced = Command::new(env!("CARGO_BIN_EXE_keytrace"))
        .args(["why", "--from", &dump])
        .env_clear()
        .env("NO_COLOR", "1")
        .env("CLICOLOR_FORCE", "1")
        .output()
        .expect("the program starts");
    assert!(!stdout(&forced).contains('\u{1b}'), "NO_COLOR wins");
}

#[test]
fn every_output_says_the_same_cause() {
    let dump = recorded("040");
    for output in ["text", "json", "yaml", "markdown"] {
        let said = stdout(&keytrace(&["why", "--from", &dump, "-o", output]));
        assert!(said.contains("IMG-06"), "{output}: {said}");
    }
}

#[test]
fn a_question_about_one_workload_or_namespace_leaves_the_rest_out() {
    let dump = recorded("243");
    let healthy = keytrace(&["why", "deploy/catalogue", "-n", "north-apps", "--from", &dump]);
    assert!(stdout(&healthy).starts_with('✓'), "{}", stdout(&healthy));
    assert_eq!(healthy.status.code(), Some(0));
    let sick = keytrace(&["why", "-n", "west-apps", "--from", &dump]);
    assert!(stdout(&sick).contains("deployment/notices"), "{}", stdout(&sick));
}

#[test]
fn a_pod_stands_for_its_workload() {
    let dump = recorded("030");
    let pods = std::fs::read_to_string(Path::new(&dump).join("pods.json")).expect("pods");
    let pods: serde_json::Value = serde_json::from_str(&pods).expect("JSON");
    let names = pods["items"].as_array().into_iter().flatten().filter_map(|p| p["metadata"]["name"].as_str());
    let pod = names.clone().find(|n| n.starts_with("packer-")).expect("the failing pod");
    let report = stdout(&keytrace(&["why", &format!("pod/{pod}"), "-n", "fulfilment", "--from", &dump]));
    assert!(report.contains("IMG-01"), "{report}");
}

#[test]
fn the_kubectl_plugin_is_the_same_program_under_its_own_name() {
    let plugin = Command::new(env!("CARGO_BIN_EXE_kubectl-keytrace"))
        .args(["why", "--help"])
        .output()
        .expect("the plugin starts");
    assert!(stdout(&plugin).contains("kubectl keytrace"), "{}", stdout(&plugin));
    assert!(stdout(&keytrace(&["--version"])).contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn pages_and_completions_print() {
    assert!(stdout(&keytrace(&["explain", "img-06"])).starts_with("# IMG-06: "));
    let list = stdout(&keytrace(&["explain", "--list"]));
    assert_eq!(list.lines().count(), 152, "{list}");
    for shell in ["bash", "zsh", "fish"] {
        assert!(stdout(&keytrace(&["completions", shell])).contains("keytrace"), "{shell}");
    }
}

#[test]
fn a_message_from_stdin_is_read_as_one_from_the_command_line() {
    let text = "couldn't find key password in Secret shop/db";
    let given = keytrace(&["explain", "--message", text, "-o", "json"]);
    assert!(stdout(&given).contains("\"secret-key-missing\""), "{}", stdout(&given));
    assert!(stdout(&given).contains("\"key\":\"password\""), "{}", stdout(&given));
}

#[test]
fn the_collect_command_is_one_line_of_shell_that_hides_nothing() {
    let output = keytrace(&["collect-command", "-n", "it's"]);
    assert_eq!(stdout(&output).lines().count(), 1);
    assert!(stdout(&output).contains(r"-n 'it'\''s'"), "{}", stdout(&output));
    assert!(stdout(&output).contains("--show-managed-fields"));
    assert!(!stdout(&keytrace(&["collect-command", "--without-secrets"])).contains(" secrets;"));
    assert!(stderr(&output).contains("Secret values"));
}
