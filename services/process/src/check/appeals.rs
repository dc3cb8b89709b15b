//! Whoever is refused can appeal: what a refusal with its reasons ends with, another case begins from.

use std::collections::{BTreeSet, HashMap};

use api::{ServiceDefinition, StartKind, Step};

use super::findings::Findings;

/// Advises where officers of the service's own agency refuse and nobody can ask for another look. What a decision about an appeal
/// ends with, a court judges.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    let starts = || definition.spec.starts.iter();
    let again = starts().filter(|start| start.kind == StartKind::Case).filter_map(|start| start.from.as_ref());
    let again: BTreeSet<&str> = again.flat_map(|from| &from.outcomes).map(String::as_str).collect();
    let steps: HashMap<&str, &Step> = definition.steps().iter().map(|step| (step.name.as_str(), step)).collect();
    let first = definition.spec.process.iter().map(|process| process.start.as_str());
    let first = first.chain(starts().filter(|start| start.kind != StartKind::Case).map(|start| start.step.as_str()));
    let first = reached(&steps, first.collect(), |_| true);
    for (index, step) in definition.steps().iter().enumerate().filter(|(_, step)| first.contains(step.name.as_str())) {
        let Some(task) = &step.task else { continue };
        if task.agency.as_ref().is_some_and(|agency| *agency != definition.spec.agency) {
            continue;
        }
        for (at, refusal) in task.outcomes.iter().enumerate().filter(|(_, outcome)| !outcome.reasons.is_empty()) {
            // What somebody does next may end otherwise.
            let follows =
                reached(&steps, vec![refusal.next.as_str()], |step| step.task.is_none() && step.form.is_none());
            let ends = follows.iter().filter_map(|name| steps.get(name)?.end.as_ref());
            let Some(end) = ends.map(|end| end.outcome.as_str()).find(|end| !again.contains(end)) else { continue };
            findings.warn(
                "start.no-appeal",
                &format!("spec.process.steps[{index}].task.outcomes[{at}]"),
                format!("whoever is refused so cannot appeal: no case begins from one that ended with `{end}`"),
                format!("add a start of `kind: case` with `from: {{outcomes: [{end}], within: 30 days}}`"),
            );
        }
    }
}

/// Names of the steps to which a case can come from these; it goes on from those that let it.
fn reached<'d>(
    steps: &HashMap<&'d str, &'d Step>,
    mut open: Vec<&'d str>,
    goes_on: impl Fn(&Step) -> bool,
) -> BTreeSet<&'d str> {
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name) {
            continue;
        }
        if let Some(step) = steps.get(name).copied().filter(|step| goes_on(step)) {
            open.extend(step.outgoing().iter().map(|way| way.to));
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{
        check::{Options, Severity, check_json},
        sample,
    };

    /// Where the sample, whose inspector refuses, is advised to let people appeal.
    fn advised(agency: &Value, starts: Value) -> Vec<String> {
        let mut definition = serde_json::to_value(sample::definition()).unwrap();
        definition["spec"]["starts"] = starts;
        let steps = definition["spec"]["process"]["steps"].as_array_mut().unwrap();
        let review = steps.iter_mut().find(|step| step["name"] == "review").unwrap();
        review["task"]["agency"] = agency.clone();
        let report = check_json(definition.to_string().as_bytes(), &Options::default());
        let advice = report.problems.into_iter().filter(|problem| problem.code == "start.no-appeal");
        advice
            .map(|problem| {
                assert_eq!(problem.severity, Severity::Warning);
                problem.path
            })
            .collect()
    }

    #[test]
    fn whoever_is_refused_by_the_services_own_agency_should_be_able_to_appeal() {
        let form = json!({"name": "apply", "kind": "form", "step": "apply"});
        let from = |outcome: &str| {
            let from = json!({"outcomes": [outcome]});
            json!({"name": "again", "kind": "case", "step": "apply", "title": {"en": "Again"}, "from": from})
        };
        let own = json!("trade");
        let refused = advised(&own, json!([form]));
        assert!(refused.len() == 1 && refused[0].ends_with(".task.outcomes[1]"), "{refused:?}");
        assert_eq!(advised(&own, json!([form, from("granted")])), refused, "who is granted does not appeal");
        assert_eq!(advised(&own, json!([form, from("rejected")])), Vec::<String>::new());
        assert_eq!(advised(&json!("health"), json!([form])), Vec::<String>::new(), "an opinion refuses nobody");
    }
}
