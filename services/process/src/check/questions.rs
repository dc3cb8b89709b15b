//! Questions to the applicant end: with an answer, or with a rule for silence that a task can follow.

use api::{Questions, ServiceDefinition, Span, Task};

use super::findings::Findings;

/// Most questions of one task.
const AT_MOST: u32 = 10;

/// Judges the questions of every task.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    for (index, step) in definition.steps().iter().enumerate() {
        let Some(task) = &step.task else { continue };
        let Some(questions) = &task.questions else { continue };
        let path = format!("spec.process.steps[{index}].task.questions");
        if step.timeout.is_some() {
            findings.error(
                "task.questions-timeout",
                &format!("spec.process.steps[{index}].timeout"),
                "the step's time would run on while the applicant is asked, and end the task before they answer",
                "give the task a `deadline`, which stands still meanwhile",
            );
        }
        amounts(questions, &path, findings);
        silence(definition, task, questions, &path, findings);
    }
}

fn amounts(questions: &Questions, path: &str, findings: &mut Findings) {
    if questions.at_most == 0 || questions.at_most > AT_MOST {
        findings.error(
            "task.questions-at-most",
            &format!("{path}.atMost"),
            format!("an officer asks between 1 and {AT_MOST} questions"),
            "leave `questions` out where nothing is asked",
        );
    }
    if let Some(reminder) = &questions.reminder
        && comes_late(reminder.after, questions.deadline)
    {
        findings.error(
            "task.late-reminder",
            &format!("{path}.reminder.after"),
            "the reminder comes when the time for the answer is over",
            "remind earlier, or leave more time",
        );
    }
}

/// Spans of which it depends on the calendar which is longer are left to the engine: it sends no reminder that comes too late.
fn comes_late(after: Span, deadline: Span) -> bool {
    match (after.seconds(), deadline.seconds()) {
        (Some(after), Some(deadline)) => after >= deadline,
        _ => after.unit == deadline.unit && after.amount >= deadline.amount,
    }
}

fn silence(definition: &ServiceDefinition, task: &Task, questions: &Questions, path: &str, findings: &mut Findings) {
    let Some(name) = &questions.on_silence else { return };
    let path = format!("{path}.onSilence");
    match task.outcomes.iter().find(|outcome| outcome.name == *name) {
        None => findings.error(
            "task.no-silent-outcome",
            &path,
            format!("there is no outcome `{name}` to take"),
            "name an outcome of the task, or leave `onSilence` out",
        ),
        Some(outcome) if definition.returns(outcome) => findings.error(
            "task.silence-returns",
            &path,
            format!("`{name}` asks the applicant again, who did not answer"),
            "name an outcome that decides, or leave `onSilence` out",
        ),
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        check::{Options, check_json},
        sample,
    };

    /// Codes and paths of what is wrong with these questions of the task `review`.
    fn wrong(yaml: &str) -> Vec<(&'static str, String)> {
        let mut definition = sample::definition();
        let steps = &mut definition.spec.process.as_mut().unwrap().steps;
        let index = steps.iter().position(|step| step.name == "review").unwrap();
        steps[index].task.as_mut().unwrap().questions = Some(serde_saphyr::from_str(yaml).unwrap());
        let report = check_json(&serde_json::to_vec(&definition).unwrap(), &Options::default());
        let prefix = format!("spec.process.steps[{index}].task.questions");
        let problems = report.problems.into_iter();
        let of_questions = problems.filter_map(|problem| {
            let rest = problem.path.strip_prefix(&prefix)?.to_owned();
            Some((problem.code, rest))
        });
        of_questions.collect()
    }

    #[test]
    fn questions_have_an_end_that_the_definition_can_follow() {
        assert!(wrong("{deadline: 5 working days, notify: issued, onSilence: refuse}").is_empty());
        let reminder = "{deadline: 5 days, notify: issued, reminder: {after: 120 h, notify: lapsed}}";
        assert_eq!(wrong(reminder), [("task.late-reminder", ".reminder.after".to_owned())]);
        let codes = [
            ("{deadline: 5 days, notify: issued, atMost: 0}", "task.questions-at-most"),
            ("{deadline: 5 days, notify: issued, atMost: 11}", "task.questions-at-most"),
            ("{deadline: 5 days, notify: nobody}", "definition.unknown-name"),
            ("{deadline: 5 days, notify: issued, onSilence: nothing}", "task.no-silent-outcome"),
            ("{deadline: 5 days, notify: issued, onSilence: return}", "task.silence-returns"),
        ];
        for (yaml, code) in codes {
            let found: Vec<&str> = wrong(yaml).into_iter().map(|(code, _)| code).collect();
            assert_eq!(found, [code], "{yaml}");
        }
    }

    #[test]
    fn no_time_that_does_not_stand_still_runs_beside_questions() {
        let is_refused = |asks: bool| {
            let mut definition = sample::definition();
            let steps = &mut definition.spec.process.as_mut().unwrap().steps;
            let review = steps.iter_mut().find(|step| step.name == "review").unwrap();
            review.timeout = Some("20 days".parse().unwrap());
            review.on_timeout = Some("lapse".into());
            let questions = asks.then(|| serde_saphyr::from_str("{deadline: 5 days, notify: issued}").unwrap());
            review.task.as_mut().unwrap().questions = questions;
            let report = check_json(&serde_json::to_vec(&definition).unwrap(), &Options::default());
            report.problems.iter().any(|problem| problem.code == "task.questions-timeout")
        };
        assert!(is_refused(true) && !is_refused(false));
    }
}
