//! Reports fit the JSON Schema that the documentation carries.

use std::path::Path;

use keytrace_collect::{Options, Source};
use keytrace_core::diagnose::{Question, diagnose};
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn report(dump: &Path) -> Value {
    let snapshot =
        keytrace_collect::read(&[Source::Path(dump.to_owned())], &Options::new([7; 32])).expect("a readable dump");
    let text = keytrace_render::to_json(&diagnose(&snapshot, &Question::default()), false);
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn every_report_of_a_recorded_incident_fits_the_schema() {
    let schema = std::fs::read_to_string(root().join("docs/reference/report.schema.json")).expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("a schema in JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let recordings = std::fs::read_dir(root().join("scenarios/recorded")).expect("recordings");
    for recording in recordings {
        let dump = recording.expect("an entry").path().join("dump");
        let report = report(&dump);
        let errors: Vec<String> =
            validator.iter_errors(&report).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", dump.display());
    }
}

#[test]
fn a_report_without_a_promised_field_does_not_fit() {
    let schema = std::fs::read_to_string(root().join("docs/reference/report.schema.json")).expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("a schema in JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let mut report = report(&root().join("scenarios/demo/dump"));
    assert!(validator.is_valid(&report));
    report.as_object_mut().expect("an object").remove("asOf");
    report["incidents"] = Value::String("none".to_owned());
    assert!(!validator.is_valid(&report));
}
