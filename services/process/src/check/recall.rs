//! How documents are withdrawn: by officers who come to the case through a task, for reasons to choose from. And what a new one may say
//! otherwise: single values, each with its name.

use api::{Correctable, Recall, ServiceDefinition};

use super::{findings::Findings, schema};

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
        corrections(definition, recall, &path, findings);
    }
}

fn corrections(definition: &ServiceDefinition, recall: &Recall, path: &str, findings: &mut Findings) {
    if !recall.corrects.is_empty() && recall.reasons.iter().all(|reason| reason.article.is_none()) {
        findings.error(
            "document.correct-reasons",
            &format!("{path}.reasons"),
            "a correction needs its article of the law, and no reason names one",
            "add `article` to the reason for which slips are corrected",
        );
    }
    for (index, field) in recall.corrects.iter().enumerate() {
        let path = format!("{path}.corrects[{index}]");
        if !is_value(definition, field) {
            findings.error(
                "document.correct-path",
                &format!("{path}.at"),
                format!("`{}` is no single value that templates read", field.at),
                "name a text or a number: `data.` and its path in the data, or `facts.`, the name of an answer and its field",
            );
        } else if recall.corrects[..index].iter().any(|other| other.at == field.at) {
            findings.error(
                "document.correct-path",
                &format!("{path}.at"),
                format!("`{}` is listed twice", field.at),
                "keep one",
            );
        }
        if field.label.is_none() && definition.label_of(&field.at).is_none() {
            findings.error(
                "document.correct-label",
                &path,
                "no form asks for this value, so nothing says how it is called",
                "add `label`",
            );
        }
    }
}

/// A text or a number of the data, or a field of what a registry answered, whose contract is the registry's.
fn is_value(definition: &ServiceDefinition, field: &Correctable) -> bool {
    match field.at.split_once('.') {
        Some(("data", path)) => definition.spec.data.as_ref().is_some_and(|data| {
            let found = schema::at(&data.schema, path);
            let is_plain =
                |found: &serde_json::Value| matches!(found["type"].as_str(), Some("string" | "integer" | "number"));
            matches!(found, schema::Found::Schema(found) if is_plain(found))
        }),
        Some(("facts", path)) => path.split_once('.').is_some_and(|(fact, field)| {
            let mut calls = definition.steps().iter().filter_map(|step| step.call.as_ref());
            !field.split('.').any(str::is_empty) && calls.any(|call| call.fact() == fact)
        }),
        _ => false,
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

    #[test]
    fn what_is_corrected_is_a_single_value_with_a_name_for_a_reason_with_its_article() {
        let refused = |field: serde_json::Value, article: Option<&str>| {
            let mut definition = sample::definition();
            let tasks = definition.steps().iter().filter_map(|step| step.task.as_ref());
            let role = tasks.map(|task| task.role.clone()).next().unwrap();
            let mut reason = json!({"code": "slip", "text": {"en": "A slip"}});
            if let Some(article) = article {
                reason["article"] = article.into();
            }
            let recall = json!({"role": role, "reasons": [reason], "corrects": [field]});
            definition.spec.documents[0].recall = Some(serde_json::from_value(recall).unwrap());
            let report = check_json(&serde_json::to_vec(&definition).unwrap(), &Options::default());
            let codes = report.problems.iter().map(|problem| problem.code.to_string());
            codes.filter(|code| code.starts_with("document.correct")).collect::<Vec<_>>()
        };
        let law = Some("Law 12, article 3");
        assert!(refused(json!({"at": "data.shop.soato"}), law).is_empty(), "the form says how it is called");
        assert!(refused(json!({"at": "facts.disability.name", "label": {"en": "Name"}}), law).is_empty());
        assert_eq!(refused(json!({"at": "data.shop.soato"}), None), ["document.correct-reasons"]);
        assert_eq!(refused(json!({"at": "facts.disability.name"}), law), ["document.correct-label"]);
        for at in ["data.shop", "data.shop.owner", "facts.disability", "facts.other.name", "decision.note", "data"] {
            let field = json!({"at": at, "label": {"en": "It"}});
            assert_eq!(refused(field, law), ["document.correct-path"], "{at}");
        }
    }
}
