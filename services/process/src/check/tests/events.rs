//! Starts by an event: what they take, and what is missing in them.

use super::SOUND;
use crate::check::{Options, check};

/// The sound service, which an event begins, too.
const BY_EVENT: &str = "  starts:
    - {name: apply, kind: form, step: apply}
    - name: birth
      kind: event
      step: choose
      title: {uz: A, uz-Cyrl: А, kaa: A, ru: А, en: A child was born}
      event:
        agency: civil-status
        name: child-born
        data: {type: object, required: [who, day], properties: {who: {type: string, maxLength: 14}, day: {type: string, format: date}, late: {type: string, format: date}, born: {type: object, properties: {at: {type: string, maxLength: 9}}}}}
        applicant: who
        set: [{at: born, from: day}]
  fees:
";

#[test]
fn a_start_by_an_event_takes_what_the_event_gives_and_the_service_needs() {
    let of_starts = |from: &str, to: &str| -> Vec<(&'static str, String)> {
        assert!(BY_EVENT.contains(from), "{from}");
        let source = SOUND.replacen("  fees:\n", &BY_EVENT.replacen(from, to, 1), 1);
        let report = check(&source, "service.yaml", &Options::default());
        let judged = report.problems.into_iter().filter(|problem| {
            problem.code.starts_with("start.")
                || problem.code.starts_with("data.")
                || problem.code == "definition.not-built"
        });
        judged.map(|problem| (problem.code, problem.path)).collect()
    };
    assert!(of_starts("", "").is_empty(), "it is sound as it stands: {:?}", of_starts("", ""));
    for (from, to, code, path) in [
        ("step: choose", "step: apply", "start.step", "step"),
        ("      title: {uz: A, uz-Cyrl: А, kaa: A, ru: А, en: A child was born}\n", "", "start.title", ""),
        ("name: child-born", "name: child.born", "start.event", "event.name"),
        ("agency: civil-status", "agency: \"*\"", "start.event", "event.agency"),
        ("applicant: who", "applicant: whom", "start.event", "event.applicant"),
        ("applicant: who", "applicant: born", "start.event", "event.applicant"),
        ("applicant: who", "applicant: born.at", "start.event", "event.applicant"),
        ("from: day", "from: night", "start.event", "event.set[0].from"),
        ("from: day", "from: born", "start.event", "event.set[0].from"),
        ("at: born, from", "at: bron, from", "start.event", "event.set[0].at"),
        ("at: born, from", "at: count, from", "start.event", "event.set[0]"),
        ("from: day", "from: late", "start.event", "event.set"),
        (
            "set: [{at: born, from: day}]",
            "set: [{at: born, from: day}, {at: born, from: late}]",
            "start.event",
            "event.set[1].at",
        ),
        ("data: {type: object,", "data: {type: array, maxItems: 1,", "data.not-object", "event.data"),
    ] {
        let told = of_starts(from, to);
        let place = format!("spec.starts[1].{path}");
        let place = place.trim_end_matches('.');
        assert!(told.iter().any(|(is, at)| *is == code && at == place), "{to}: {told:?}");
    }
}
