//! Another agency sees of a case what its task names, and says what it thinks: it neither asks the applicant nor sends anything back.

use api::{ServiceDefinition, Task};

use super::{findings::Findings, names::is_name};

/// Judges the tasks of other agencies.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    for (index, step) in definition.steps().iter().enumerate() {
        let Some(task) = &step.task else { continue };
        let foreign = task.agency.as_ref().filter(|agency| **agency != definition.spec.agency);
        if let Some(agency) = foreign {
            one(definition, task, agency, &format!("spec.process.steps[{index}].task"), findings);
        }
    }
}

fn one(definition: &ServiceDefinition, task: &Task, agency: &str, path: &str, findings: &mut Findings) {
    if !is_name(agency) {
        findings.error(
            "definition.name",
            &format!("{path}.agency"),
            format!("`{agency}` is not the name of an agency"),
            "write the name of its namespace",
        );
    }
    if task.shows.is_empty() {
        findings.error(
            "task.shows-nothing-named",
            &format!("{path}.shows"),
            "another agency sees only what is named",
            "list the pages of the form that it needs, for example `shows: [address]`",
        );
    }
    if task.office.as_ref().is_some_and(|source| source.contains("officeFor")) {
        findings.error(
            "task.foreign-office",
            &format!("{path}.office"),
            "`officeFor` finds offices of the service's own agency",
            "name the other agency's office as a text, for example `\"'nukus'\"`, or leave `office` out",
        );
    }
    if task.questions.is_some() {
        findings.error(
            "task.foreign-questions",
            &format!("{path}.questions"),
            "only officers of the service's own agency ask the applicant",
            "leave `questions` to a task of your own",
        );
    }
    for (index, outcome) in task.outcomes.iter().enumerate().filter(|(_, outcome)| definition.returns(outcome)) {
        findings.error(
            "task.foreign-returns",
            &format!("{path}.outcomes[{index}].next"),
            format!(
                "`{}` would return the application to the applicant, which only the service's own agency does",
                outcome.name
            ),
            "lead to a task of your own",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        check::{Options, check_json},
        sample,
    };

    /// Codes of what is wrong with the task `review` as another agency's.
    fn wrong(change: impl Fn(&mut api::Task)) -> Vec<&'static str> {
        let mut definition = sample::definition();
        let steps = &mut definition.spec.process.as_mut().unwrap().steps;
        let index = steps.iter().position(|step| step.name == "review").unwrap();
        let task = steps[index].task.as_mut().unwrap();
        (task.agency, task.office, task.shows) = (Some("health".into()), None, vec!["shop".into()]);
        task.outcomes.retain(|outcome| outcome.name != "return");
        change(task);
        let report = check_json(&serde_json::to_vec(&definition).unwrap(), &Options::default());
        let prefix = format!("spec.process.steps[{index}].task");
        report.problems.iter().filter(|problem| problem.path.starts_with(&prefix)).map(|problem| problem.code).collect()
    }

    #[test]
    fn another_agency_sees_what_is_named_and_gives_an_opinion() {
        let serious = |code: &&str| code.starts_with("task.") || code.starts_with("definition.n");
        let of = |change: &dyn Fn(&mut api::Task)| wrong(change).into_iter().filter(serious).collect::<Vec<_>>();
        assert!(of(&|_| {}).is_empty());
        assert_eq!(of(&|task| task.shows.clear()), ["task.shows-nothing-named"]);
        assert_eq!(of(&|task| task.office = Some("officeFor(data.shop.soato)".into())), ["task.foreign-office"]);
        assert_eq!(of(&|task| task.agency = Some("Not a name".into())), ["definition.name"]);
        assert_eq!(of(&|task| task.outcomes[0].next = "apply".into()), ["task.foreign-returns"]);
        let questions = || -> api::Questions { serde_saphyr::from_str("{deadline: 5 days, notify: issued}").unwrap() };
        assert_eq!(of(&|task| task.questions = Some(questions())), ["task.foreign-questions"]);
    }
}
