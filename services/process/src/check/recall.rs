//! How documents are withdrawn: by officers who come to the case through a task, for reasons to choose from.

use api::ServiceDefinition;

use super::findings::Findings;

pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    for (index, document) in definition.spec.documents.iter().enumerate() {
        let Some(recall) = &document.recall else { continue };
        let path = format!("spec.documents[{index}].recall");
        let tasks = definition.steps().iter().filter_map(|step| step.task.as_ref());
        // Another agency, whose opinion is asked for, withdraws nothing.
        let mut own = tasks.filter(|task| task.agency.as_ref().is_none_or(|agency| *agency == definition.spec.agency));
        if !own.any(|task| task.role == recall.role) {
            findings.error(
                "document.recall-role",
                &format!("{path}.role"),
                format!(
                    "no task of the agency is for the role `{}`, and officers come to a case through its tasks",
                    recall.role
                ),
                "name the role of a task",
            );
        }
        if recall.reasons.is_empty() {
            findings.error(
                "document.recall-reasons",
                &format!("{path}.reasons"),
                "there is no reason to choose",
                "add at least one reason",
            );
        }
        for (at, reason) in recall.reasons.iter().enumerate() {
            if recall.reasons[..at].iter().any(|other| other.code == reason.code) {
                findings.error(
                    "document.recall-reasons",
                    &format!("{path}.reasons[{at}].code"),
                    format!("the reason `{}` is listed twice", reason.code),
                    "keep one",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        check::{Options, check_json},
        sample,
    };

    #[test]
    fn a_document_is_withdrawn_through_a_task_of_the_services_own_agency() {
        let is_refused = |agency: Option<&str>| {
            let mut definition = sample::definition();
            let steps = &mut definition.spec.process.as_mut().unwrap().steps;
            let mut tasks = steps.iter_mut().filter_map(|step| step.task.as_mut());
            let task = tasks.next().unwrap();
            task.agency = agency.map(str::to_owned);
            let reason = json!({"code": "error", "text": {"en": "Issued in error"}});
            let recall = json!({"role": task.role, "reasons": [reason]});
            definition.spec.documents[0].recall = Some(serde_json::from_value(recall).unwrap());
            let report = check_json(&serde_json::to_vec(&definition).unwrap(), &Options::default());
            report.problems.iter().any(|problem| problem.code == "document.recall-role")
        };
        assert!(!is_refused(None) && !is_refused(Some("trade")));
        assert!(is_refused(Some("health")), "whoever gives an opinion withdraws nothing");
    }
}
