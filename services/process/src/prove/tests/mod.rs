//! One fault at a time in a sound definition is found and told; sizes that blow up without care do not; and what is found agrees with
//! a walk that leaves nothing out.

mod brute;
mod scale;

use std::{collections::BTreeSet, fs, path::Path};

use api::ServiceDefinition;
use serde::Deserialize;

use crate::check::{Options, Problem, Severity, check};

const BASE: &str = include_str!("faults/base.yaml");

/// What is planted, and what must be said of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    code: String,
    /// Step that is named; the promise has none.
    step: Option<String>,
    severity: Option<String>,
    edits: Vec<Edit>,
    /// Steps of the story, in this order; others may lie between.
    #[serde(default)]
    story: Vec<String>,
    /// What follows from the fault besides.
    #[serde(default)]
    also: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    from: String,
    to: String,
}

/// What is proved wrong of a definition.
fn proved(source: &str) -> Vec<Problem> {
    let report = check(source, "service.yaml", &Options::default());
    let ours = ["process.unreachable-step", "process.no-way-to-end"];
    let proofs = |problem: &Problem| problem.code.starts_with("proof.") || ours.contains(&problem.code);
    assert!(report.definition.is_some(), "{}", crate::check::human(&report.problems));
    report.problems.into_iter().filter(proofs).collect()
}

fn told(problems: &[Problem]) -> String {
    crate::check::human(problems)
}

#[test]
fn the_base_is_sound() {
    let found = proved(BASE);
    assert!(found.is_empty(), "{}", told(&found));
}

#[test]
fn each_planted_fault_is_found_and_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/prove/tests/faults");
    let mut played = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "base.yaml" {
            continue;
        }
        let fault: Fault = serde_saphyr::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let mut source = BASE.to_owned();
        for Edit { from, to } in &fault.edits {
            assert!(source.contains(from), "{name}: {from}");
            source = source.replacen(from, to, 1);
        }
        let found = proved(&source);
        let codes: BTreeSet<&str> = found.iter().map(|problem| problem.code).collect();
        let wanted: BTreeSet<&str> = fault.also.iter().map(String::as_str).chain([fault.code.as_str()]).collect();
        assert_eq!(codes, wanted, "{name}: {}", told(&found));
        let definition: ServiceDefinition = serde_saphyr::from_str(&source).unwrap();
        let at = fault.step.as_ref().map(|step| definition.steps().iter().position(|one| one.name == *step).unwrap());
        let path = at.map_or("spec.serviceLevel".to_owned(), |at| format!("spec.process.steps[{at}]"));
        let problem = found.iter().find(|problem| problem.code == fault.code && problem.path.starts_with(&path));
        let problem = problem.unwrap_or_else(|| panic!("{name}: {}", told(&found)));
        let is_warning = problem.severity == Severity::Warning;
        assert_eq!(is_warning, fault.severity.as_deref() == Some("warning"), "{name}");
        let lines = problem.story.iter().map(|told| match told.how.is_empty() {
            true => told.step.clone(),
            false => format!("{}: {}", told.step, told.how),
        });
        let lines: Vec<String> = lines.collect();
        let mut left = lines.iter();
        for wanted in &fault.story {
            assert!(left.any(|line| line == wanted), "{name}: no `{wanted}` in {lines:#?}");
        }
        played += 1;
    }
    assert!(played >= 16, "{played}");
}

#[test]
fn a_story_is_read_by_people_programs_and_scanners() {
    let source = BASE.replace("onTimeout: lapse,", "onTimeout: lapsed,");
    let report = check(&source, "service.yaml", &Options::default());
    let found: Vec<Problem> = report.problems.into_iter().filter(|problem| problem.code == "proof.untold").collect();
    let human = told(&found);
    assert!(human.contains("    2. pay: the fee is not paid in time\n"), "{human}");
    assert!(found[0].message.contains("`pay`: the fee is not paid in time \u{2192} `lapsed`"), "{human}");
    let json: serde_json::Value = serde_json::from_str(&crate::check::json(&found)).unwrap();
    assert_eq!(json["problems"][0]["story"][1]["step"], "pay");
    let sarif: serde_json::Value = serde_json::from_str(&crate::check::sarif(&found)).unwrap();
    let flow = &sarif["runs"][0]["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"];
    assert_eq!(flow[1]["location"]["message"]["text"], "the fee is not paid in time");
}

#[test]
fn what_takes_too_long_is_left_to_whoever_may_take_longer() {
    let of = |states_max| check(BASE, "service.yaml", &Options { states_max, ..Options::default() });
    let hurried = of(Some(3));
    let told: Vec<_> = hurried.problems.iter().map(|problem| (problem.code, problem.severity)).collect();
    assert!(told.contains(&("proof.later", Severity::Warning)), "{told:?}");
    let unhurried = of(None);
    assert!(unhurried.problems.iter().all(|problem| problem.code != "proof.later"));
    assert_eq!(hurried.problems.len(), unhurried.problems.len() + 1, "nothing is said of what was not looked at");
}
