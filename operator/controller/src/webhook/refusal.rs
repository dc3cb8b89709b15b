//! Says what the check found in the API server's own form: a cause a problem, a message for people, advice as warnings.

use std::fmt::Write;

use process::check::{Problem, Severity};

use super::review::{Cause, Refusal, Verdict};

/// Causes of one refusal; `xizmat check` tells all.
pub const CAUSES_MAX: usize = 100;
/// Lines of its message: programs that show no causes show this.
const LINES_MAX: usize = 12;
/// Bytes of one cause: a name that fills a megabyte is not repeated.
const CAUSE_BYTES_MAX: usize = 1000;

/// Whom the verdict is about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    pub kind: &'a str,
    pub name: &'a str,
}

/// The verdict on these problems. A trial platform also runs what could not be published yet, and then says what is missing.
pub fn of(about: About<'_>, problems: &[Problem], trial: bool) -> Verdict {
    let stops = |problem: &&Problem| match problem.severity {
        Severity::Error => true,
        Severity::Publish => !trial,
        Severity::Warning => false,
    };
    let causes: Vec<Cause> = problems.iter().filter(stops).map(cause).collect();
    let warnings = problems.iter().filter(|problem| !stops(problem)).map(advice).collect();
    if causes.is_empty() { Verdict::Allowed { warnings } } else { refused(about, causes, warnings) }
}

pub fn refused(about: About<'_>, mut causes: Vec<Cause>, warnings: Vec<String>) -> Verdict {
    let message = message(&causes);
    let more = causes.len().saturating_sub(CAUSES_MAX);
    if more > 0 {
        causes.truncate(CAUSES_MAX - 1);
        let message = format!("{} more problems are not shown; `xizmat check` shows all", more + 1);
        causes.push(Cause { field: String::new(), reason: "FieldValueInvalid", message });
    }
    Verdict::Refused(Box::new(Refusal {
        code: 422,
        reason: "Invalid",
        message,
        kind: about.kind.to_owned(),
        name: about.name.to_owned(),
        causes,
        warnings,
    }))
}

/// A cause of the API server's form; a field that is the whole resource has no path.
fn cause(problem: &Problem) -> Cause {
    let Problem { code, path, message, help, severity: _, file: _, line: _, column: _, story: _ } = problem;
    let reason = match *code {
        "definition.missing-field" => "FieldValueRequired",
        "definition.duplicate-name" => "FieldValueDuplicate",
        "definition.wrong-value" | "definition.unknown-kind" => "FieldValueNotSupported",
        _ => "FieldValueInvalid",
    };
    let help = if help.is_empty() { String::new() } else { format!("; {help}") };
    let mut said = format!("{message}{help}");
    said.truncate(said.floor_char_boundary(CAUSE_BYTES_MAX));
    let mut field = path.clone();
    field.truncate(field.floor_char_boundary(CAUSE_BYTES_MAX));
    Cause { field, reason, message: format!("{said} ({code})") }
}

fn advice(problem: &Problem) -> String {
    let Cause { field, message, .. } = cause(problem);
    line(&field, &message)
}

fn line(field: &str, message: &str) -> String {
    if field.is_empty() { message.to_owned() } else { format!("{field}: {message}") }
}

fn message(causes: &[Cause]) -> String {
    let mut text = match causes {
        [only] => return line(&only.field, &only.message),
        many => format!("{} problems", many.len()),
    };
    for Cause { field, message, .. } in causes.iter().take(LINES_MAX) {
        let _ = write!(text, "\n{}", line(field, message));
    }
    if causes.len() > LINES_MAX {
        let _ = write!(text, "\nand {} more", causes.len() - LINES_MAX);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: About<'_> = About { kind: "ServiceDefinition", name: "copy" };

    fn problem(severity: Severity, path: &str) -> Problem {
        Problem {
            code: "fee.unknown",
            file: String::new(),
            line: 0,
            column: 0,
            path: path.into(),
            message: "no such fee".into(),
            help: "did you mean `copy`?".into(),
            severity,
            story: Vec::new(),
        }
    }

    #[test]
    fn every_problem_is_a_cause_with_its_field_its_help_and_its_code() {
        let problems = [problem(Severity::Error, "spec.fees[0]"), problem(Severity::Warning, "spec.summary")];
        let Verdict::Refused(refusal) = of(ABOUT, &problems, true) else { panic!("allowed") };
        let said = "no such fee; did you mean `copy`? (fee.unknown)";
        let expected = Cause { field: "spec.fees[0]".into(), reason: "FieldValueInvalid", message: said.into() };
        assert_eq!(refusal.causes, [expected]);
        assert_eq!(refusal.message, format!("spec.fees[0]: {said}"));
        assert_eq!(refusal.warnings, [format!("spec.summary: {said}")]);
        assert_eq!((refusal.code, refusal.reason), (422, "Invalid"));
    }

    #[test]
    fn what_cannot_be_published_yet_is_advice_on_a_trial_and_a_refusal_in_production() {
        let problems = [problem(Severity::Publish, "spec.title")];
        assert!(matches!(of(ABOUT, &problems, true), Verdict::Allowed { warnings } if warnings.len() == 1));
        assert!(matches!(of(ABOUT, &problems, false), Verdict::Refused(_)));
    }

    #[test]
    fn a_thousand_problems_are_counted_not_told() {
        let problems: Vec<_> =
            (0..1000).map(|index| problem(Severity::Error, &format!("spec.fees[{index}]"))).collect();
        let Verdict::Refused(refusal) = of(ABOUT, &problems, true) else { panic!("allowed") };
        assert_eq!(refusal.causes.len(), CAUSES_MAX);
        assert!(refusal.causes.last().unwrap().message.starts_with("901 more problems"), "{:?}", refusal.causes.last());
        assert!(
            refusal.message.starts_with("1000 problems\nspec.fees[0]: ") && refusal.message.ends_with("\nand 988 more")
        );
    }

    #[test]
    fn a_name_of_a_megabyte_is_not_repeated() {
        let huge = Problem { message: "ў".repeat(500_000), ..problem(Severity::Error, &"a".repeat(500_000)) };
        let Verdict::Refused(refusal) = of(ABOUT, &[huge], true) else { panic!("allowed") };
        assert!(refusal.message.len() < 3 * CAUSE_BYTES_MAX && refusal.causes[0].message.ends_with(" (fee.unknown)"));
    }
}
