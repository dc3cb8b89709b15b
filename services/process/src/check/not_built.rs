//! What can be written but does not run yet is refused by name, never ignored.

use api::{Assurance, Backtest, Level, ServiceDefinition, StartKind};

use super::findings::Findings;

const CODE: &str = "definition.not-built";

fn refuse(path: &str, what: &str, findings: &mut Findings) {
    findings.error(CODE, path, format!("{what} cannot be run by this version"), "do without it for now");
}

/// Names every part that this version does not run.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    let spec = &definition.spec;
    if spec.level == Level::External {
        refuse("spec.level", "`level: external`", findings);
    }
    if spec.access.submission.as_ref().is_some_and(|asked| asked.assurance == Assurance::High) {
        refuse("spec.access.submission.assurance", "`assurance: high`", findings);
    }
    if let Some(intake) = &spec.access.intake {
        if !intake.one_per.is_empty() {
            refuse("spec.access.intake.onePer", "`onePer`", findings);
        }
        if intake.opens.is_some() || intake.closes.is_some() {
            refuse("spec.access.intake", "an intake with dates", findings);
        }
    }
    if spec.parties.iter().any(|party| party.name != "applicant") {
        refuse("spec.parties", "a party besides the applicant", findings);
    }
    for (index, start) in spec.starts.iter().enumerate() {
        if start.kind != StartKind::Form {
            refuse(&format!("spec.starts[{index}].kind"), "a start that is not a form", findings);
        }
    }
    for (index, document) in spec.documents.iter().enumerate() {
        if document.seal != spec.agency {
            refuse(&format!("spec.documents[{index}].seal"), "the seal of another agency", findings);
        }
    }
    for (fee_index, fee) in spec.fees.iter().enumerate() {
        for (index, share) in fee.to.iter().enumerate().filter(|(_, share)| share.agency != spec.agency) {
            refuse(
                &format!("spec.fees[{fee_index}].to[{index}].agency"),
                &format!("a share for another agency (`{}`)", share.agency),
                findings,
            );
        }
    }
    if spec.rollout.as_ref().is_some_and(|rollout| rollout.backtest == Backtest::Required) {
        refuse("spec.rollout.backtest", "`backtest: required`", findings);
    }
    steps(definition, findings);
}

fn steps(definition: &ServiceDefinition, findings: &mut Findings) {
    for (index, step) in definition.steps().iter().enumerate() {
        let path = format!("spec.process.steps[{index}]");
        if step.for_each.is_some() {
            refuse(&format!("{path}.forEach"), "`forEach`", findings);
        }
        if step.subprocess.is_some() {
            refuse(&format!("{path}.subprocess"), "`subprocess`", findings);
        }
        if step.signature.is_some() {
            refuse(&format!("{path}.signature"), "`signature`", findings);
        }
        if step.who.as_ref().is_some_and(|who| who != "applicant") {
            refuse(&format!("{path}.who"), "asking somebody besides the applicant", findings);
        }
        if let Some(task) = &step.task {
            if task.four_eyes {
                refuse(&format!("{path}.task.fourEyes"), "`fourEyes`", findings);
            }
            if task.agency.as_ref().is_some_and(|agency| *agency != definition.spec.agency) {
                refuse(&format!("{path}.task.agency"), "a task of another agency", findings);
            }
        }
        if step.call.as_ref().is_some_and(|call| call.consent) {
            refuse(&format!("{path}.call.consent"), "asking for consent before a call", findings);
        }
    }
}
