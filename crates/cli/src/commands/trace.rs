//! `keytrace trace`: the chain of an object up to its source and down to its consumers.

use keytrace_core::trace::trace;

use super::{print, snapshot, style};
use crate::args::{Global, Output, Trace};
use crate::exit::{Exit, Failure};
use crate::subject;

pub fn run(args: &Trace, global: &Global) -> Result<Exit, Failure> {
    let snapshot = snapshot(&args.input, global)?;
    let id = subject::find(&snapshot, &args.subject, args.input.namespace.as_deref())?;
    let trace = trace(&snapshot, &id);
    match global.output {
        Output::Text => print(&keytrace_render::chain::text(&trace, style(global, true))),
        Output::Json => print(&keytrace_render::chain::json(&trace)),
        Output::Yaml => print(&keytrace_render::chain::yaml(&trace)),
        Output::Markdown => return Err(Failure::BadOutput("markdown".to_owned())),
    }
    Ok(Exit::Clean)
}
