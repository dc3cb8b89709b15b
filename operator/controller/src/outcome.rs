//! What came of one look at a resource.

use kernel::{ErrorKind, Failure, Time};
use process::check::{Problem, Severity};

use crate::{cause, host, status::Approval};

/// The platform's data is being recovered: nothing is admitted, and hosts are asked what they know.
pub const RECOVERING: &str = "PlatformRecovering";

/// As far as a resource got.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is what it should be.
    Done(Done),
    /// Something it refers to is not there yet; the order of apply does not matter.
    Waiting { reason: &'static str, message: String },
    /// Its author must mend it; whatever ran before keeps running.
    Refused { reason: &'static str, message: String },
    /// The platform must mend itself; tried again.
    Failed { reason: &'static str, message: String },
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// Hash of what was admitted.
    pub revision: Option<String>,
    /// It is admitted for a day that has not come.
    pub later: bool,
    pub url: Option<String>,
    pub message: String,
    /// What runs it, where something has to.
    pub hosting: Option<Box<Hosting>>,
    /// What else is told, by the names of conditions; none of it keeps the resource from being ready.
    pub beside: Vec<(&'static str, Fact)>,
    /// What officers approved of it.
    pub approval: Option<Approval>,
    /// When it may be another without anybody's doing.
    pub again: Option<Time>,
}

impl Done {
    /// Admitted, and what runs it is on its way.
    pub fn is_coming(&self) -> bool {
        self.hosting.as_ref().is_some_and(|hosting| hosting.missing().is_some())
    }
}

impl Outcome {
    /// The word for it, and the sentence.
    pub fn says(&self) -> (&'static str, &str) {
        match self {
            Self::Done(done) => ("Live", done.message.as_str()),
            Self::Waiting { reason, message }
            | Self::Refused { reason, message }
            | Self::Failed { reason, message } => (*reason, message),
        }
    }

    /// It comes to its host together with others, and has nothing to say before it is there.
    pub fn joins(&self) -> bool {
        let Self::Done(Done { hosting: Some(hosting), .. }) = self else { return false };
        hosting.missing().is_some_and(|missing| missing.reason == host::JOINING)
    }

    /// One word for what is counted.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Done(done) if done.is_coming() => "coming",
            Self::Done(_) => "done",
            Self::Waiting { .. } => "waiting",
            Self::Refused { .. } => "refused",
            Self::Failed { .. } => "failed",
        }
    }

    /// A host that must be mended is a failure of the whole look.
    pub fn or_what_failed(self) -> Self {
        let failed = match &self {
            Self::Done(Done { hosting: Some(hosting), .. }) => hosting.missing().cloned(),
            _ => None,
        };
        match failed {
            Some(Fact { state: State::Failed | State::Stuck, reason, message }) => Self::Failed { reason, message },
            _ => self,
        }
    }
}

/// What runs a service, as far as it got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosting {
    pub bus: Fact,
    pub database: Fact,
    pub workload: Fact,
    /// Copies that there are, and those that take requests.
    pub replicas: i32,
    pub ready: i32,
    /// Labels of its pods.
    pub selector: String,
}

/// Something that holds, will hold soon, or does not hold because the platform or a person must mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub state: State,
    /// One word.
    pub reason: &'static str,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Holds,
    Coming,
    /// The platform must mend itself.
    Failed,
    /// A person must mend it, however long one waits; it is tried again all the same.
    Stuck,
}

impl Fact {
    pub fn holds(reason: &'static str, message: impl Into<String>) -> Self {
        Self { state: State::Holds, reason, message: message.into() }
    }

    pub fn coming(reason: &'static str, message: impl Into<String>) -> Self {
        Self { state: State::Coming, reason, message: message.into() }
    }

    pub fn failed(reason: &'static str, message: impl Into<String>) -> Self {
        Self { state: State::Failed, reason, message: message.into() }
    }

    pub fn stuck(reason: &'static str, message: impl Into<String>) -> Self {
        Self { state: State::Stuck, reason, message: message.into() }
    }
}

impl Hosting {
    /// By the names of their conditions, in the order in which they come about.
    pub fn facts(&self) -> [(&'static str, &Fact); 3] {
        [("BusProvisioned", &self.bus), ("DatabaseReady", &self.database), ("WorkloadAvailable", &self.workload)]
    }

    /// The first that does not hold: the others often follow from it.
    pub fn missing(&self) -> Option<&Fact> {
        self.facts().into_iter().map(|(_, fact)| fact).find(|fact| fact.state != State::Holds)
    }
}

/// Why a step of a reconcile went no further.
pub type Stopped = Box<Outcome>;

pub fn waiting(reason: &'static str, message: impl Into<String>) -> Stopped {
    Box::new(Outcome::Waiting { reason, message: message.into() })
}

pub fn refused(reason: &'static str, message: impl Into<String>) -> Stopped {
    Box::new(Outcome::Refused { reason, message: message.into() })
}

/// Everything that is wrong, where it is, and what to write instead.
pub fn unsound(problems: &[Problem]) -> Stopped {
    let errors = problems.iter().filter(|problem| problem.severity != Severity::Warning);
    refused("Invalid", lines(errors.map(|found| line(&found.path, &found.message, &found.help, found.code))))
}

/// The operator says so of a revision for which people's words are missing.
pub const NOT_APPROVED: &str = "NotApproved";
/// How the register says the same.
const APPROVAL_MISSING: &str = "publication.not-approved";

/// What the register answered, in the same form.
pub fn not_admitted(problems: &[proto::register::v1::Problem]) -> Stopped {
    let errors: Vec<_> = problems.iter().filter(|problem| !problem.warning).collect();
    let said = lines(errors.iter().map(|found| line(&found.path, &found.message, &found.help, &found.code)));
    // Nothing is to be mended: the next look after the last approval publishes it.
    if errors.iter().all(|found| found.code == APPROVAL_MISSING) {
        return waiting(NOT_APPROVED, said);
    }
    refused("NotAdmitted", said)
}

fn line(path: &str, message: &str, help: &str, code: &str) -> String {
    let place = if path.is_empty() { String::new() } else { format!("{path}: ") };
    let help = if help.is_empty() { String::new() } else { format!("; {help}") };
    format!("{place}{message}{help} ({code})")
}

/// The most that a condition says; `xizmat check` says the rest.
const LINES_MAX: usize = 12;

fn lines(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    let more = all.len().saturating_sub(LINES_MAX);
    let mut shown: Vec<String> = all.into_iter().take(LINES_MAX).collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown.join("\n")
}

impl From<Failure> for Stopped {
    /// What is away comes back; what was refused is for the author.
    fn from(failure: Failure) -> Self {
        match failure.kind {
            ErrorKind::Invalid | ErrorKind::Forbidden => refused("Refused", cause::told(&failure)),
            _ if failure.code == "platform.recovering" => {
                Box::new(Outcome::Failed { reason: RECOVERING, message: cause::told(&failure) })
            }
            _ => Box::new(Outcome::Failed { reason: "PlatformAway", message: cause::told(&failure) }),
        }
    }
}

impl From<kube::Error> for Stopped {
    fn from(error: kube::Error) -> Self {
        Box::new(Outcome::Failed { reason: "ClusterRefused", message: cause::of_cluster(&error) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_away_is_said_with_what_it_came_from() {
        let failure =
            Failure::unavailable("bus.unavailable", "It does not answer.").because("register did not answer in time");
        let Outcome::Failed { reason, message } = *Stopped::from(failure) else { panic!("failed") };
        assert_eq!(reason, "PlatformAway");
        assert_eq!(message, "It does not answer. (bus.unavailable): register did not answer in time");
    }

    #[test]
    fn what_only_lacks_approval_waits_for_it_and_is_refused_where_something_is_wrong_beside() {
        let problem = |code: &str| proto::register::v1::Problem { code: code.into(), ..Default::default() };
        let Outcome::Waiting { reason, message } = *not_admitted(&[problem(APPROVAL_MISSING)]) else { panic!("waits") };
        assert_eq!((reason, message.contains(APPROVAL_MISSING)), (NOT_APPROVED, true));
        let both = not_admitted(&[problem(APPROVAL_MISSING), problem("fee.unknown")]);
        assert!(matches!(*both, Outcome::Refused { reason: "NotAdmitted", .. }));
    }

    #[test]
    fn a_condition_says_the_first_problems_and_counts_the_rest() {
        let problem = |index: usize| proto::register::v1::Problem {
            path: format!("spec.fees[{index}]"),
            message: "no such fee".into(),
            code: "fee.unknown".into(),
            ..Default::default()
        };
        let many: Vec<_> = (0..LINES_MAX + 2).map(problem).collect();
        let Outcome::Refused { message, .. } = *not_admitted(&many) else { panic!("refused") };
        assert!(message.starts_with("spec.fees[0]: no such fee (fee.unknown)\n"), "{message}");
        assert!(message.ends_with("\nand 2 more"), "{message}");
    }
}
