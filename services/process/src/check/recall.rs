//! How documents are withdrawn: by officers who come to the case through a task, for reasons to choose from.

use api::ServiceDefinition;

use super::findings::Findings;

pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    for (index, document) in definition.spec.documents.iter().enumerate() {
        let Some(recall) = &document.recall else { continue };
        let path = format!("spec.documents[{index}].recall");
        let mut tasks = definition.steps().iter().filter_map(|step| step.task.as_ref());
        if !tasks.any(|task| task.role == recall.role) {
            findings.error(
                "document.recall-role",
                &format!("{path}.role"),
                format!("no task is for the role `{}`, and officers come to a case through its tasks", recall.role),
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
