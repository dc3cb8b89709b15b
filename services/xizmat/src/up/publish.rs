//! Publishes folders of definitions through the same messages that the Kubernetes operator sends.

use std::{path::Path, sync::Arc};

use api::{Agency, Kind, Resource};
use boot::{Kit, Stage};
use bus::Bus;
use controller::{Definition, provision};
use kernel::{Failure, Random};

use super::layout::Layout;
use crate::check::{self, Source};

/// The system whose credentials lie in this platform's folder; others of the agency keep theirs.
const AGENT: &str = "local";

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

    /// Agencies first, then what they own; one bad definition does not keep the others from being published.
    pub async fn publish(&self, folder: &Path, stage: Stage) -> Result<(), Failure> {
        let unreadable = |message| Failure::invalid("up.definitions", message);
        let sources = check::sources(&[folder.to_owned()]).map_err(unreadable)?;
        let reports = check::judge(&sources);
        let found: Vec<(&Source, &process::check::Report)> = sources.iter().zip(&reports).collect();
        for pass in [Pass::Agencies, Pass::Others, Pass::Services] {
            for (source, report) in &found {
                if !report.runs() {
                    if pass == Pass::Agencies {
                        eprint!("{}", process::check::Format::Human.write(&report.problems));
                    }
                    continue;
                }
                self.publish_one(pass, source, report, stage).await?;
            }
        }
        Ok(())
    }

    async fn publish_one(
        &self,
        pass: Pass,
        source: &Source,
        report: &process::check::Report,
        stage: Stage,
    ) -> Result<(), Failure> {
        let Some(agency) = source.agency.clone() else { return Ok(()) };
        let value = report.value.as_ref().expect("what runs was read");
        let bytes = serde_json::to_vec(value).expect("JSON read from a file is JSON");
        match (&report.resource, pass) {
            (Some(Resource::Agency(of)), Pass::Agencies) => self.agency(&agency, of, bytes).await,
            (Some(Resource::Registry(_)), Pass::Others) => self.exchanged(&agency, Kind::Registry, bytes).await,
            (Some(Resource::GrantRequest(_)), Pass::Others) => self.exchanged(&agency, Kind::GrantRequest, bytes).await,
            (Some(Resource::Grant(_)), Pass::Others) => self.exchanged(&agency, Kind::Grant, bytes).await,
            (_, Pass::Services) if report.definition.is_some() => {
                self.revision(&agency, source, report, bytes, stage).await
            }
            _ => Ok(()),
        }
    }

    /// Its own system finds its credentials in the folder of agents.
    async fn agency(&self, agency: &str, of: &Agency, resource: Vec<u8>) -> Result<(), Failure> {
        let problems = provision::agency(&self.bus, agency, resource).await?;
        told(agency, Kind::Agency, &problems);
        if !problems.is_empty() {
            return Ok(());
        }
        let own_key = of.spec.public_key.as_ref().and_then(|key| key.nats.as_deref());
        let agent = self.nats.agent(agency, own_key, &*self.random)?;
        agent.keep(&provision::issue_agent(&self.bus, (agency, AGENT), &agent.user).await?)
    }

    async fn exchanged(&self, agency: &str, kind: Kind, resource: Vec<u8>) -> Result<(), Failure> {
        told(agency, kind, &provision::exchanged(&self.bus, agency, kind, resource).await?.problems);
        Ok(())
    }

    async fn revision(
        &self,
        agency: &str,
        source: &Source,
        report: &process::check::Report,
        definition: Vec<u8>,
        stage: Stage,
    ) -> Result<(), Failure> {
        // On a trial platform a definition whose texts are not complete yet can be tried out.
        let draft = stage == Stage::Trial && !report.publishes();
        let reply = provision::revision(&self.bus, agency, Definition::for_everybody(definition, draft)).await?;
        for problem in reply.problems.iter().filter(|problem| !problem.warning) {
            eprintln!("{}: {}: {} ({}) {}", source.name, problem.path, problem.message, problem.code, problem.help);
        }
        Ok(())
    }
}

fn told(agency: &str, kind: Kind, problems: &[String]) {
    for problem in problems {
        eprintln!("{agency} {}: {problem}", kind.name());
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    Agencies,
    Others,
    Services,
}
