//! Judges every incident that was recorded on a real cluster, and compares with what its label allows.

#[path = "recorded/label.rs"]
mod label;

use std::path::Path;

use keytrace_collect::{Options, Source};
use keytrace_core::diagnose::{Question, diagnose};
use keytrace_core::report::Report;

use label::{Recording, Score};

/// The label lies beside the dump, never in what is read.
fn judged(recording: &Recording) -> Report {
    read(&recording.dir.join("dump"))
}

fn read(dump: &Path) -> Report {
    let snapshot =
        keytrace_collect::read(&[Source::Path(dump.to_owned())], &Options::new([7; 32])).expect("a readable dump");
    diagnose(&snapshot, &Question::default())
}

#[test]
fn the_root_cause_of_recorded_incidents_comes_first() {
    let mut score = Score::default();
    for recording in label::all() {
        score.add(&recording, &judged(&recording));
    }
    println!("{score}");
    assert!(score.root_percent() >= 95.0, "{score}");
    assert!(score.top3_percent() >= 99.0, "{score}");
    assert_eq!(score.never(), Vec::<String>::new(), "{score}");
    assert!(score.certain_said * 100 >= score.certain_allowed * 80, "{score}");
}

#[test]
fn the_order_of_files_changes_nothing() {
    for recording in label::all().into_iter().step_by(7) {
        let dump = recording.dir.join("dump");
        let mut files: Vec<Source> =
            std::fs::read_dir(&dump).expect("a dump").map(|f| Source::Path(f.expect("an entry").path())).collect();
        files.sort_by_key(|f| format!("{f:?}"));
        let forward = rendered(&files);
        files.reverse();
        assert_eq!(forward, rendered(&files), "{}", recording.id);
    }
}

fn rendered(sources: &[Source]) -> String {
    let mut snapshot = keytrace_collect::read(sources, &Options::new([7; 32])).expect("a readable dump");
    // What was given, and in which order, is part of the coverage.
    snapshot.coverage.sources.clear();
    keytrace_render::to_json(&diagnose(&snapshot, &Question::default()), true)
}

#[test]
fn several_threads_say_what_one_says() {
    for recording in label::all().into_iter().step_by(5) {
        let source = [Source::Path(recording.dir.join("dump"))];
        let one = keytrace_collect::read(&source, &Options::new([7; 32])).expect("a readable dump");
        let mut options = Options::new([7; 32]);
        options.threads = 3;
        let three = keytrace_collect::read(&source, &options).expect("a readable dump");
        let render = |s| keytrace_render::to_json(&diagnose(s, &Question::default()), true);
        assert_eq!(render(&one), render(&three), "{}", recording.id);
    }
}
