//! Scenarios: given, when, then, in simulated time; how the people who write a service test it, with the engine that runs it.
//!
//! Callees are simulated here because this *is* the test tool: registries answer as `given` says, payments keeps a small
//! ledger, signing and notifications accept everything. The engine, the forms and the fees are the real ones.

mod expect;
mod file;
mod play;
mod world;

#[cfg(test)]
mod tests;

use std::fmt;

pub use file::{Announce, Begin, Channel, Decide, Given, Message, RegistryAnswer, Scenario, Then, When};
pub use world::World;

use crate::{Process, calendar::Calendar, reference::Reference};

/// Why a scenario cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScenarioError(String);

/// What came of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub title: String,
    pub failures: Vec<Failure>,
    /// What happened, in order, without personal data: step names, actions, refusals.
    pub trace: Vec<String>,
    /// Names of the steps that were entered, and of the tables' rules that held: `step/rule`.
    pub covered: Vec<String>,
}

impl Report {
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// `ok   title`, or `FAIL title` with what came out otherwise and what had happened until then.
impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.passed() {
            return write!(out, "ok   {}", self.title);
        }
        write!(out, "FAIL {}", self.title)?;
        for failure in &self.failures {
            write!(out, "\n     {failure}")?;
        }
        write!(out, "\n     after: {}", self.trace.join(", "))
    }
}

/// Something that came out otherwise than the scenario says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `when[2]`, `then.status`
    pub at: String,
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.at, self.message)
    }
}

/// Reads one scenario file (YAML).
pub fn parse(yaml: &str) -> Result<Scenario, ScenarioError> {
    serde_saphyr::from_str(yaml).map_err(|error| ScenarioError(error.to_string()))
}

/// Reads a file with one scenario, or a list of them.
fn parse_all(yaml: &str) -> Result<Vec<Scenario>, ScenarioError> {
    let first = yaml.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
    if first.is_some_and(|line| line.starts_with("- ")) {
        return serde_saphyr::from_str(yaml).map_err(|error| ScenarioError(error.to_string()));
    }
    parse(yaml).map(|scenario| vec![scenario])
}

/// Plays every scenario of a file. What cannot be read or compiled is a report that fails.
pub fn run_file(definition: &api::ServiceDefinition, offices: &[api::Office], yaml: &str) -> Vec<Report> {
    let unplayable = |at: &str, messages: Vec<String>| {
        let failure = |message| Failure { at: at.to_owned(), message };
        let failures = messages.into_iter().map(failure).collect();
        vec![Report { title: String::from("cannot be played"), failures, trace: Vec::new(), covered: Vec::new() }]
    };
    let process = match Process::compile(definition) {
        Ok(process) => process,
        Err(problems) => return unplayable("definition", problems.iter().map(ToString::to_string).collect()),
    };
    match parse_all(yaml) {
        Ok(scenarios) => scenarios.iter().map(|scenario| run(&process, offices, scenario)).collect(),
        Err(error) => unplayable("scenario", vec![error.to_string()]),
    }
}

/// Plays a scenario against a process. `offices` are the agency's; the scenario may name others.
pub fn run(process: &Process, offices: &[api::Office], scenario: &Scenario) -> Report {
    let (reference, calendar) = (Reference::standard(), Calendar::standard());
    let offices = if scenario.given.offices.is_empty() { offices } else { &scenario.given.offices };
    let mut world = World::new(process, &reference, &calendar, offices, &scenario.given);
    let mut failures = Vec::new();
    for (index, when) in scenario.when.iter().enumerate() {
        if let Err(message) = play::play(&mut world, when) {
            failures.push(Failure { at: format!("when[{index}]"), message });
            break;
        }
        if let Some(then) = &when.expect {
            expect::compare(&world, then, &format!("when[{index}].expect"), &mut failures);
        }
    }
    if failures.is_empty() {
        expect::compare(&world, &scenario.then, "then", &mut failures);
        expect::nothing_left_behind(&world, &mut failures);
    }
    world.covered.extend(world.state.activations.keys().cloned());
    let covered = world.covered.into_iter().collect();
    Report { title: scenario.title.clone(), failures, trace: world.trace, covered }
}
