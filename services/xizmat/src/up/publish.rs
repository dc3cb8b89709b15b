//! Publishes folders of definitions through the same messages that the Kubernetes operator sends.

use std::{path::Path, sync::Arc};

use api::{Agency, Kind, Resource};
use boot::{Kit, Stage};
use bus::Bus;
use controller::{Definition, provision};
use kernel::{Failure, Random};
use process::check::Severity;
use proto::register::v1::{Problem, PublishRevisionReply};

use super::layout::Layout;
use crate::check::{self, Source};

/// The system whose credentials lie in this platform's folder; others of the agency keep theirs.
const AGENT: &str = "local";
/// How the register says that a lawyer's or a head's approval is missing.
const NOT_APPROVED: &str = "publication.not-approved";

#[derive(Clone)]
pub struct Operator {
    pub bus: Bus,
    nats: exchange::Provisioned,
    random: Arc<dyn Random>,
}

impl Operator {
    pub async fn connect(layout: &Layout, kit: &Kit) -> Result<Self, Failure> {
        let bus = Bus::connect(&layout.nats.bus(controller::ROLE), kit.clock.clone(), kit.random.clone()).await?;
        Ok(Self { bus, nats: layout.nats.clone(), random: kit.random.clone() })
    }

    /// Agencies first, then what they own; one bad definition does not keep the others from being published. True: something is
    /// sound and waits for approval.
    pub async fn publish(&self, folder: &Path, stage: Stage, telling: Telling) -> Result<bool, Failure> {
        let unreadable = |message| Failure::invalid("up.definitions", message);
        let sources = check::sources(&[folder.to_owned()]).map_err(unreadable)?;
        let reports = check::judge(&sources);
        let found: Vec<(&Source, &process::check::Report)> = sources.iter().zip(&reports).collect();
        let mut waits = false;
        for pass in [Pass::Agencies, Pass::Others, Pass::Services] {
            for (source, report) in &found {
                if !report.runs() {
                    if pass == Pass::Agencies && telling == Telling::Everything {
                        eprint!("{}", process::check::Format::Human.write(&report.problems));
                    }
                    continue;
                }
                let published = self.publish_one(pass, source, report, stage).await?;
                waits |= published.waits;
                if telling == Telling::Everything {
                    published.problems.iter().for_each(|problem| eprintln!("{problem}"));
                }
            }
        }
        Ok(waits)
    }

    async fn publish_one(
        &self,
        pass: Pass,
        source: &Source,
        report: &process::check::Report,
        stage: Stage,
    ) -> Result<Published, Failure> {
        let Some(agency) = source.agency.clone() else { return Ok(Published::default()) };
        let value = report.value.as_ref().expect("what runs was read");
        let bytes = serde_json::to_vec(value).expect("JSON read from a file is JSON");
        let problems = match (&report.resource, pass) {
            (Some(Resource::Agency(of)), Pass::Agencies) => self.agency(&agency, of, bytes).await?,
            (Some(Resource::Registry(_)), Pass::Others) => self.exchanged(&agency, Kind::Registry, bytes).await?,
            (Some(Resource::GrantRequest(_)), Pass::Others) => {
                self.exchanged(&agency, Kind::GrantRequest, bytes).await?
            }
            (Some(Resource::Grant(_)), Pass::Others) => self.exchanged(&agency, Kind::Grant, bytes).await?,
            (_, Pass::Services) if report.definition.is_some() => {
                // On a trial platform a definition whose texts are not complete yet can be tried out.
                let draft = stage == Stage::Trial && is_incomplete(report);
                let reply = provision::revision(&self.bus, &agency, Definition::for_everybody(bytes, draft)).await?;
                let waits = reply.problems.iter().any(|problem| problem.code == NOT_APPROVED);
                return Ok(Published { waits, problems: told(source, &reply) });
            }
            _ => Vec::new(),
        };
        Ok(Published { waits: false, problems })
    }

    /// Its own system finds its credentials in the folder of agents.
    async fn agency(&self, agency: &str, of: &Agency, resource: Vec<u8>) -> Result<Vec<String>, Failure> {
        let told = provision::agency(&self.bus, agency, resource).await?;
        if !told.problems.is_empty() {
            return Ok(named(agency, Kind::Agency, told.problems));
        }
        let own_key = of.spec.public_key.as_ref().and_then(|key| key.nats.as_deref());
        let agent = self.nats.agent(agency, own_key, &*self.random)?;
        agent.keep(&provision::issue_agent(&self.bus, (agency, AGENT), &agent.user).await?)?;
        Ok(named(agency, Kind::Agency, told.waits(agency).into_iter().collect()))
    }

    async fn exchanged(&self, agency: &str, kind: Kind, resource: Vec<u8>) -> Result<Vec<String>, Failure> {
        Ok(named(agency, kind, provision::exchanged(&self.bus, agency, kind, resource).await?.problems))
    }
}

/// Unreviewed texts are complete: where an agency demands the review, it does so on a trial platform, too.
fn is_incomplete(report: &process::check::Report) -> bool {
    let mut stops = report.problems.iter().filter(|problem| problem.severity == Severity::Publish);
    stops.any(|problem| problem.code != "text.not-reviewed")
}

fn named(agency: &str, kind: Kind, problems: Vec<String>) -> Vec<String> {
    problems.into_iter().map(|problem| format!("{agency} {}: {problem}", kind.name())).collect()
}

fn told(source: &Source, reply: &PublishRevisionReply) -> Vec<String> {
    let problems = reply.problems.iter().filter(|problem| !problem.warning);
    let line = |problem: &Problem| {
        let Problem { code, path, message, help, warning: _ } = problem;
        format!("{}: {path}: {message} ({code}) {help}", source.name)
    };
    problems.map(line).collect()
}

/// What came of one resource.
#[derive(Default)]
struct Published {
    /// It is sound, and waits for approval.
    waits: bool,
    /// A line for each.
    problems: Vec<String>,
}

/// How much of what stands in the way is said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    Everything,
    /// It was said before, and nobody changed anything since.
    Nothing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    Agencies,
    Others,
    Services,
}

#[cfg(test)]
mod tests {
    use process::check::Report;

    use super::*;

    fn report(code: &'static str, severity: Severity) -> Report {
        let problem = process::check::Problem {
            code,
            file: String::new(),
            line: 0,
            column: 0,
            path: String::new(),
            message: String::new(),
            help: String::new(),
            severity,
            story: Vec::new(),
        };
        Report { problems: vec![problem], ..Report::default() }
    }

    #[test]
    fn a_trial_tries_out_what_is_incomplete_and_not_what_lacks_its_review() {
        assert!(is_incomplete(&report("text.missing-language", Severity::Publish)));
        assert!(!is_incomplete(&report("text.not-reviewed", Severity::Publish)));
        assert!(!is_incomplete(&report("definition.no-life-event", Severity::Warning)));
    }
}
