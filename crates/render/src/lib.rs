//! Tells: turns a report into text, JSON, YAML or Markdown. Every renderer is a total function of the report.

pub mod chain;
pub mod json;
pub mod markdown;
pub mod text;
mod words;

use keytrace_core::report::Report;

/// The report as pretty JSON with a final newline.
pub fn to_json(report: &Report, pretty: bool) -> String {
    let wire = json::v1beta1::Report::of(report);
    let text = if pretty { serde_json::to_string_pretty(&wire) } else { serde_json::to_string(&wire) };
    // Plain structs of strings, numbers and lists always serialise.
    let mut text = text.unwrap_or_default();
    text.push('\n');
    text
}

/// The report as YAML.
pub fn to_yaml(report: &Report) -> String {
    serde_saphyr::to_string(&json::v1beta1::Report::of(report)).unwrap_or_default()
}
