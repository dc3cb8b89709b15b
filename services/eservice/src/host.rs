//! What every operation of this service stands on: its database, keys, definitions and the platform around it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use kernel::{Clock, Failure, Hash, Kept, Language, PersonId, Random, Time};
use process::{Facts, Process, announced, calendar::Calendar, reference::Reference};
use proto::{
    eservice::v1::Row,
    exchange::v1::{JudgeQuestionsRequest, TaskRole},
    identity::v1::Officer,
};
use sql::Database;

use crate::{
    bus::platform::Platform, keys::Keys, lookout::Lookout, mandate::Heard, scanner::Scanner, store::revisions,
};

/// How long what another service said about persons and agencies may be used without asking again.
const FRESH: Duration = Duration::from_secs(60);
/// Half a working day, unless the settings say otherwise.
const CLAIMS_LAST: Duration = Duration::from_secs(4 * 3600);
/// Revisions that are ready to run at a time; others are compiled again from the host's own copies.
const PROCESSES_MAX: usize = 256;
/// Agencies, registries and officers, each.
const TOLD_MAX: usize = 4_096;

pub struct Host {
    pub database: Database,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub platform: Arc<dyn Platform>,
    pub keys: Keys,
    pub reference: Reference,
    pub calendar: Calendar,
    /// When there is something to do.
    pub lookout: Lookout,
    processes: Kept<Hash, Arc<Process>>,
    agencies: Kept<String, Told<Arc<Option<api::Agency>>>>,
    registries: Kept<OwnerAndName, Told<Arc<api::Registry>>>,
    officers: Kept<PersonId, Told<Officer>>,
    /// Whether another agency lends its officers to a service.
    lent: Kept<Lending, Told<bool>>,
    pub mandates: Heard,
    /// Whose services run here; none: everybody's.
    agency: Option<String>,
    /// Which of them; empty: all.
    services: Vec<String>,
    /// Which life the database is in (`sql::recovery::era`).
    era: i64,
    /// How long an officer has a task that they took.
    pub claims_last: Duration,
    /// What checks files before anybody reads them.
    pub scanner: Option<Scanner>,
    /// How often there was something new about revisions: whoever keeps what follows from them looks again.
    pub revised: AtomicU64,
}

type OwnerAndName = (String, String);
/// The service's agency and name, the lending agency, and the role.
type Lending = [String; 4];
/// What another service said, and when.
type Told<T> = (T, Time);

/// A revision, ready to run, and its agency as it is today.
#[derive(Clone)]
pub struct Service {
    pub process: Arc<Process>,
    pub agency: Arc<Option<api::Agency>>,
    /// The registries it asks, by name, as far as they are known now.
    registries: HashMap<String, Arc<api::Registry>>,
}

impl Service {
    /// Where a fact comes from, for people: `registry/operation` becomes the registry's title, an event that began the case what its
    /// start is called.
    pub fn source(&self, source: &str, language: Language) -> String {
        let way = announced::ways(self.definition()).find(|way| announced::source(way) == source);
        let registry = source.split('/').next().and_then(|name| self.registries.get(name));
        let title = way.and_then(|way| way.start.title.as_ref()).or(registry.map(|known| &known.spec.title));
        title.map_or_else(|| source.to_owned(), |title| title.in_language(language.tag()).to_owned())
    }

    /// A registry that it asks, as far as it is known now.
    pub fn registry(&self, name: &str) -> Option<&api::Registry> {
        self.registries.get(name).map(Arc::as_ref)
    }

    /// What a registry answered, in its owner's words and order.
    pub fn in_words(&self, answer: &mut [Row], language: Language) {
        let source = answer.first().map(|row| row.source.clone()).unwrap_or_default();
        let (registry, operation) = source.split_once('/').unwrap_or_default();
        let Some(operation) = self.registries.get(registry).and_then(|known| known.operation(operation)) else {
            return;
        };
        let place = |name: &str| operation.fields.iter().position(|field| field.name == name);
        answer.sort_by_key(|row| place(&row.label).unwrap_or(usize::MAX));
        for row in answer {
            if let Some(title) = operation.title_of(&row.label) {
                title.in_language(language.tag()).clone_into(&mut row.label);
            }
        }
    }

    pub fn definition(&self) -> &api::ServiceDefinition {
        self.process.definition()
    }

    /// Offices of the service's agency.
    pub fn offices(&self) -> &[api::Office] {
        let agency = self.agency.as_ref().as_ref();
        agency.map(|agency| agency.spec.offices.as_slice()).unwrap_or_default()
    }
}

/// Whether what is missing may be asked for over the bus. Inside a transaction it may not: SQLite has one writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Platform,
    Own,
}

impl Host {
    pub fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        platform: Arc<dyn Platform>,
        keys: Keys,
    ) -> Self {
        Self {
            database,
            clock,
            random,
            platform,
            keys,
            reference: Reference::standard(),
            calendar: Calendar::standard(),
            lookout: Lookout::default(),
            processes: Kept::at_most(PROCESSES_MAX),
            agencies: Kept::at_most(TOLD_MAX),
            registries: Kept::at_most(TOLD_MAX),
            officers: Kept::at_most(TOLD_MAX),
            lent: Kept::at_most(TOLD_MAX),
            mandates: Heard::default(),
            agency: None,
            services: Vec::new(),
            era: 0,
            claims_last: CLAIMS_LAST,
            scanner: None,
            revised: AtomicU64::default(),
        }
    }

    /// Runs some services only: those of an agency, or some of those.
    pub fn serving(self, agency: Option<String>, services: Vec<String>) -> Self {
        Self { agency, services, ..self }
    }

    /// Over a database in another life than its first.
    pub fn in_era(self, era: i64) -> Self {
        Self { era, ..self }
    }

    pub fn with_claims_lasting(self, claims_last: Duration) -> Self {
        Self { claims_last, ..self }
    }

    pub fn with_scanner(self, scanner: Option<Scanner>) -> Self {
        Self { scanner, ..self }
    }

    pub fn era(&self) -> i64 {
        self.era
    }

    /// Whether a service runs here.
    pub fn serves(&self, agency: &str, service: &str) -> bool {
        self.agency.as_ref().is_none_or(|own| own == agency)
            && (self.services.is_empty() || self.services.iter().any(|own| own == service))
    }

    /// The services that are served, where they are named: of which agency, and which.
    pub fn served(&self) -> (Option<&str>, &[String]) {
        (self.agency.as_deref(), &self.services)
    }

    /// What a decision or a page about a service may know besides the case.
    pub fn facts<'a>(&'a self, service: &'a Service) -> Facts<'a> {
        Facts {
            now: self.now(),
            jitter: u64::from_be_bytes(kernel::bytes(&*self.random)),
            reference: &self.reference,
            calendar: &self.calendar,
            offices: service.offices(),
            era: self.era,
        }
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// A revision of an agency's service, compiled.
    pub async fn service(&self, agency: &str, revision: Hash, reach: Reach) -> Result<Service, Failure> {
        let agency = self.agency(agency, reach).await?;
        if let Some(process) = self.processes.get(&revision) {
            let registries = self.registries(&process, reach).await;
            return Ok(Service { process, agency, registries });
        }
        let admitted = self.platform.revision(revision).await?;
        let process = Arc::new(compile(&admitted.definition, revision)?);
        self.processes.put(revision, process.clone());
        let registries = self.registries(&process, reach).await;
        Ok(Service { process, agency, registries })
    }

    /// A title is missing for a while rather than a page.
    async fn registries(&self, process: &Process, reach: Reach) -> HashMap<String, Arc<api::Registry>> {
        let definition = process.definition();
        let called = definition.steps().iter().filter_map(|step| step.call.as_ref()).map(|call| &call.registry);
        let fields = definition.spec.forms.iter().flat_map(api::Form::fields);
        let filled = fields.filter_map(|(_, field)| field.prefill.as_ref()).map(|prefill| &prefill.registry);
        let listed = definition.spec.lists.iter().map(|list| &list.registry);
        let names: BTreeSet<&String> = called.chain(filled).chain(listed).collect();
        let mut registries = HashMap::new();
        for name in names {
            if let Some(registry) = self.registry(definition.registry_owner(name), name, reach).await {
                registries.insert(name.clone(), registry);
            }
        }
        registries
    }

    /// A registry as its owner published it; an older copy serves while the exchange is away.
    async fn registry(&self, owner: &str, name: &str, reach: Reach) -> Option<Arc<api::Registry>> {
        let now = self.now();
        let key = (owner.to_owned(), name.to_owned());
        let known = self.registries.get(&key);
        let fresh = known.as_ref().is_some_and(|(_, read)| now.since(*read) < FRESH);
        if reach == Reach::Own || fresh {
            return known.map(|(registry, _)| registry);
        }
        let told = self.platform.registry(owner, name).await.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let registry = told.map(Arc::new).or(known.map(|(registry, _)| registry))?;
        self.registries.put(key, (registry.clone(), now));
        Some(registry)
    }

    /// What an agency says about itself; an older copy serves while the register is away.
    async fn agency(&self, name: &str, reach: Reach) -> Result<Arc<Option<api::Agency>>, Failure> {
        let now = self.now();
        let known = self.agencies.get(name);
        if let Some((agency, read)) = &known
            && (reach == Reach::Own || now.since(*read) < FRESH)
        {
            return Ok(agency.clone());
        }
        let bytes = match reach {
            Reach::Platform => self.platform.agency(name).await,
            Reach::Own => Err(Failure::unavailable("register.away", "The register is not asked.")),
        };
        let resource = match bytes {
            Ok(bytes) => {
                let mut tx = self.database.begin().await?;
                revisions::keep_agency(&mut tx, name, &bytes, now).await?;
                tx.commit().await?;
                bytes
            }
            Err(failure) => match known {
                Some((agency, _)) => {
                    self.remember(name, &agency, now);
                    return Ok(agency);
                }
                None => self.own_copy(name).await?.ok_or(failure)?,
            },
        };
        let agency = Arc::new(match serde_json::from_slice(&resource) {
            Ok(agency) => Some(agency),
            Err(error) => {
                tracing::error!(agency = name, %error, "an agency's resource cannot be read: its offices are unknown");
                None
            }
        });
        self.remember(name, &agency, now);
        Ok(agency)
    }

    fn remember(&self, name: &str, agency: &Arc<Option<api::Agency>>, now: Time) {
        self.agencies.put(name.to_owned(), (agency.clone(), now));
    }

    async fn own_copy(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        let mut tx = self.database.read().await?;
        Ok(revisions::agency(&mut tx, name).await?.map(|(resource, _)| resource))
    }

    /// Whether a Grant in force lets another agency's officers take tasks of a service, as the exchange said at most a minute ago.
    pub async fn lends(&self, (agency, service): (&str, &str), lender: &str, role: &str) -> Result<bool, Failure> {
        let (now, key) = (self.now(), [agency, service, lender, role].map(str::to_owned));
        if let Some((lends, told)) = self.lent.get(&key)
            && now.since(told) < FRESH
            && now >= told
        {
            return Ok(lends);
        }
        let asked = JudgeQuestionsRequest {
            agency: agency.to_owned(),
            service: service.to_owned(),
            tasks: vec![TaskRole { agency: lender.to_owned(), role: role.to_owned() }],
            ..JudgeQuestionsRequest::default()
        };
        let refusals = self.platform.refusals(&asked).await?;
        let lends = matches!(refusals.as_slice(), [code] if code.is_empty());
        self.lent.put(key, (lends, now));
        Ok(lends)
    }

    /// The officer's appointments as identity gave them at most a minute ago.
    pub async fn officer(&self, person: PersonId) -> Result<Officer, Failure> {
        let now = self.now();
        if let Some((officer, read)) = self.officers.get(&person)
            && now.since(read) < FRESH
            && now >= read
        {
            return Ok(officer);
        }
        let officer = self.platform.officer(person).await?;
        self.officers.put(person, (officer.clone(), now));
        Ok(officer)
    }
}

fn unrunnable() -> Failure {
    Failure::internal(
        "revision.unrunnable",
        "This service cannot be offered at this moment. Its owners have been told.",
    )
}

fn compile(canonical: &[u8], revision: Hash) -> Result<Process, Failure> {
    let definition = process::revision::read(canonical, revision).map_err(|error| unrunnable().with_detail(error))?;
    Process::compile(&definition).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        unrunnable().with_detail(problems.join("; "))
    })
}
