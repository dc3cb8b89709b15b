//! One trace from a click to what it caused, read from the log lines of every process.

use std::collections::BTreeSet;

use kernel::CaseId;
use serde_json::Value;

use crate::platform::Platform;

/// The officer's decision, as its route is logged.
const DECISION: &str = "/officer/tasks/{agency}/{service}/{case}/{task}";

/// The trace of the officer's decision is the trace in which signing, a process of its own, sealed the document.
pub fn the_decision_reached_the_seal(platform: &Platform, case: CaseId) {
    let ours = lines(&platform.log());
    let case = case.to_string();
    let issued = ours.iter().filter(|line| {
        line["message"] == "an action was performed" && line["case"] == *case && line["request"] == "issue-document"
    });
    let issued = traces(issued);
    let clicked = ours
        .iter()
        .filter(|line| line["message"] == "request answered" && line["method"] == "POST" && line["route"] == DECISION);
    let clicked = traces(clicked);
    let signing = std::fs::read_to_string(platform.data().join("logs/signing.log")).unwrap_or_default();
    let signing = lines(&signing);
    let sealed = traces(signing.iter().filter(|line| line["message"] == "document sealed"));
    assert!(!issued.is_empty(), "no document was asked for in {case}");
    assert!(
        issued.is_subset(&clicked) && issued.is_subset(&sealed),
        "{case}: asked for in {issued:?}, decided in {clicked:?}, sealed in {sealed:?}"
    );
}

fn traces<'a>(lines: impl Iterator<Item = &'a Value>) -> BTreeSet<&'a str> {
    lines.map(|line| line["trace_id"].as_str().unwrap_or("no trace at all")).collect()
}

fn lines(log: &str) -> Vec<Value> {
    log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}
