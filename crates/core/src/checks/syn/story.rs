//! The story of a sync: from the source of truth through login, store and operator to the target Secret.
//!
//! Every resource of a sync operator, and every refused credential that one delivers, is judged once and exhaustively
//! between the rows SRC, AUT and SYN; the checks of these families only pick their own verdicts out of it, so that two
//! of them can never claim one fault.

mod agent;
mod certificate;
mod csi;
mod dynamic;
mod external;
mod failing;
mod green;
mod old;
mod operator;
mod plans;
mod pruned;
mod refresher;
mod refused;
mod replica;
mod sealed;
mod vso;
mod words;

use crate::coverage::Unseen;
use crate::objects::Id;
use crate::verdict::{Finding, Verdicts};
use crate::view::View;

pub(crate) use external::{Sync, waiting_for};

/// Everything that was judged in one snapshot.
#[derive(Default)]
pub(crate) struct Stories {
    told: Vec<(&'static str, Finding)>,
    blind: Vec<Blind>,
}

/// Something that was not seen, and the codes that it would have decided.
struct Blind {
    codes: &'static [&'static str],
    subject: Id,
    missing: String,
    why: Unseen,
}

impl Stories {
    fn tell(&mut self, code: &'static str, finding: Finding) {
        self.told.push((code, finding));
    }

    fn blind(&mut self, codes: &'static [&'static str], subject: &Id, missing: impl Into<String>, why: Unseen) {
        self.blind.push(Blind { codes, subject: subject.clone(), missing: missing.into(), why });
    }

    /// Whether a live finding explains a symptom already.
    fn explains(&self, ix: crate::symptoms::SymptomIx) -> bool {
        self.told.iter().any(|(_, f)| !f.latent && f.explains.contains(&ix))
    }
}

/// Reports the verdicts with a check's own code.
pub(crate) fn report(view: &View<'_>, out: &mut Verdicts, code: &'static str) {
    let stories = view.syncs.get_or_init(|| judge(view));
    for blind in stories.blind.iter().filter(|b| b.codes.contains(&code)) {
        out.unseen(&blind.subject, blind.missing.clone(), blind.why);
    }
    for (_, finding) in stories.told.iter().filter(|(c, _)| *c == code) {
        out.violated(finding.clone());
    }
}

/// From upstream to downstream: what an earlier part explains, a later one leaves alone.
fn judge(view: &View<'_>) -> Stories {
    let mut stories = Stories::default();
    let syncs = external::all(view);
    failing::judge(view, &syncs, &mut stories);
    operator::judge(view, &syncs, &mut stories);
    pruned::judge(view, &syncs, &mut stories);
    green::judge(view, &syncs, &mut stories);
    vso::judge(view, &mut stories);
    csi::judge(view, &mut stories);
    sealed::judge(view, &mut stories);
    certificate::judge(view, &mut stories);
    agent::judge(view, &mut stories);
    replica::judge(view, &mut stories);
    refresher::judge(view, &mut stories);
    dynamic::judge(view, &syncs, &mut stories);
    refused::judge(view, &syncs, &mut stories);
    old::judge(view, &syncs, &mut stories);
    stories
}
