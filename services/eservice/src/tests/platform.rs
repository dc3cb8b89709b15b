//! The services around this one, scripted: they answer under the action's identity like the real ones.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bus::{Admitted, Event, Place};
use kernel::{
    CaseId, DocumentId, Failure, Hash, IntentId, PersonId, RefundId, Time,
    pinfl::{Pinfl, party_key},
};
use process::check::{File, Folder, Options};
use proto::{
    exchange::v1 as exchange, identity::v1 as identity, notifications::v1 as notifications, payments::v1 as payments,
    register::v1 as register, signing::v1 as signing,
};

use super::world::{CHIEF, COLLEAGUE, DIRECTOR, EXPERT, HEAD, LAWYER, LEAD, NUKUS, SPOUSE};
use crate::bus::platform::Platform;

pub const SPOUSE_PINFL: &str = "41203850170214";
/// Whoever is asked; identity knows them as the person 50.
pub const OWNER_PINFL: &str = "30207880170130";
const COMPANY_TIN: &str = "301234567";

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/justice");

/// What a registry says.
#[derive(Clone)]
pub enum Said {
    Found(serde_json::Value),
    NotFound,
    Down,
}

/// What the register lists beside the first revision, and how.
#[derive(Default)]
pub struct Listing {
    pub others: Vec<register::RevisionEntry>,
    /// Entries in a page; 0: as many as there are.
    pub page: usize,
    /// It is of the release before this one.
    pub older: bool,
    /// By the address it was asked at.
    pub asked: Vec<(Option<String>, register::ListRevisionsRequest)>,
}

impl Listing {
    fn page(
        &mut self,
        first: register::RevisionEntry,
        agency: Option<&str>,
        request: &register::ListRevisionsRequest,
    ) -> register::ListRevisionsReply {
        self.asked.push((agency.map(str::to_owned), request.clone()));
        let place = |entry: &register::RevisionEntry| (entry.admitted_us, entry.revision.clone());
        let after = (request.after_us, request.after_revision.clone());
        let mut revisions: Vec<_> = [first].into_iter().chain(self.others.clone()).collect();
        revisions.sort_by_key(place);
        revisions.retain(|entry| if self.older { entry.admitted_us > after.0 } else { place(entry) > after });
        let most = if self.page == 0 { revisions.len() } else { self.page };
        let whole = !self.older && revisions.len() <= most;
        revisions.truncate(most);
        register::ListRevisionsReply { revisions, whole }
    }
}

pub struct Scripted {
    pub admitted: Arc<Admitted>,
    /// Revisions after the first, and how all are placed.
    pub later: Mutex<Vec<Arc<Admitted>>>,
    pub placement: Mutex<register::Placement>,
    pub listing: Mutex<Listing>,
    agency: Vec<u8>,
    /// What the registry answers to both operations; None: it is down.
    pub registry: Mutex<Option<serde_json::Value>>,
    /// Whoever asks it for a case waits for ever.
    pub never_answers: AtomicBool,
    /// What the registry of powers of attorney answers.
    pub notary: Mutex<Said>,
    /// Whom the registries were asked about, by registry.
    pub about: Mutex<Vec<(String, Vec<u8>, String)>>,
    /// How often each action was asked for, by its id.
    pub asked: Mutex<BTreeMap<(&'static str, Vec<u8>), u32>>,
    /// In which trace each operation was last asked for.
    pub traces: Mutex<BTreeMap<&'static str, kernel::Trace>>,
    /// Payments' log, and whether payments is away.
    pub payments: Mutex<Vec<Event>>,
    pub payments_away: AtomicBool,
    /// The agency's own system is away: nobody takes events.
    pub deaf: AtomicBool,
    /// What agencies' systems announced, and whether the exchange is away.
    pub announced: Mutex<Vec<exchange::AnnouncedEvent>>,
    pub silent: AtomicBool,
    /// Signing refuses to seal anything.
    pub seals_nothing: AtomicBool,
    /// Payments refuses to give anything back.
    pub refunds_nothing: AtomicBool,
    officers: Mutex<Vec<identity::Officer>>,
    /// Under which family name identity knows a number.
    names: Mutex<BTreeMap<String, String>>,
    /// Whom identity knows by a number, where it is not the person 50.
    pub people: Mutex<BTreeMap<String, PersonId>>,
    /// Another agency lends its officers.
    pub lends: AtomicBool,
}

fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{EXAMPLE}/{path}")).unwrap()
}

/// The example as it would be admitted.
fn admitted() -> Admitted {
    let paths = ["service.yaml", "templates/certificate.typ", "templates/refusal.typ"];
    let files = paths.map(|path| File { path: path.into(), text: read(&format!("marriage-certificate-copy/{path}")) });
    let folder = Folder { path: String::new(), files: files.into() };
    let report = folder.check(&Options::default()).unwrap();
    let definition = report.definition.expect("the example can be read");
    let canonical = process::revision::canonical_bytes(&definition).unwrap();
    Admitted {
        revision: process::revision::hash_of(&canonical),
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        definition: canonical,
        admitted: Time::from_seconds(1_790_000_000),
        admission: String::new(),
    }
}

pub fn placed(admitted: &Admitted, share: i32) -> register::PlacedRevision {
    register::PlacedRevision {
        revision: admitted.revision.to_vec(),
        admitted_us: admitted.admitted.micros(),
        share,
        ..register::PlacedRevision::default()
    }
}

fn resource(file: &str) -> Vec<u8> {
    let report = process::check::check(&read(file), file, &Options::default());
    serde_json::to_vec(&report.value.expect("the example can be read")).unwrap()
}

impl Scripted {
    pub fn new(officer: PersonId) -> Self {
        Self::offering(officer, admitted())
    }

    /// The example, except that two officers decide.
    pub fn of_two(officer: PersonId) -> Self {
        Self::changed(officer, |definition| {
            let steps = definition["spec"]["process"]["steps"].as_array_mut().unwrap();
            for step in steps.iter_mut().filter(|step| step["name"] == "review") {
                step["task"]["fourEyes"] = true.into();
            }
        })
    }

    /// The example, except that what is paid is issued, and no officer looks at it.
    pub fn unreviewed(officer: PersonId) -> Self {
        Self::changed(officer, |definition| {
            let steps = definition["spec"]["process"]["steps"].as_array_mut().unwrap();
            for step in steps.iter_mut().filter(|step| step["name"] == "pay") {
                step["next"] = "issue".into();
            }
        })
    }

    /// The example, except that officers take in a foreigner's paper, too, and begin ex officio.
    pub fn of_anybody(officer: PersonId) -> Self {
        Self::changed(officer, |definition| {
            let starts = definition["spec"]["starts"].as_array_mut().unwrap();
            for start in starts.iter_mut().filter(|start| start["kind"] == "officer") {
                start["identifiedBy"] = serde_json::json!(["pinfl", "foreignDocument"]);
                start["exOfficio"] = true.into();
            }
            let steps = definition["spec"]["process"]["steps"].as_array_mut().unwrap();
            for step in steps.iter_mut().filter(|step| !step["call"]["input"]["pinfl"].is_null()) {
                step["call"]["input"]["pinfl"] = "'of nobody'".into();
            }
        })
    }

    /// The example, except that officers take in paper of which it is not known yet whose it is.
    pub fn of_later(officer: PersonId) -> Self {
        Self::changed(officer, |definition| {
            let starts = definition["spec"]["starts"].as_array_mut().unwrap();
            for start in starts.iter_mut().filter(|start| start["kind"] == "officer") {
                start["identifiedBy"] = serde_json::json!(["pinfl", "notYetKnown"]);
                start["notify"] = "issued".into();
            }
        })
    }

    /// The example, except that the archive's own system announces lost records, and the registrar has the case at once.
    pub fn hearing(officer: PersonId) -> Self {
        Self::changed(officer, |definition| {
            let text = serde_json::json!({"type": "string", "maxLength": 60});
            let value = |at: &str, from: &str| serde_json::json!({"at": at, "from": from});
            let start = serde_json::json!({
                "name": "lost", "kind": "event", "step": "review", "title": {"uz": "Yozuv", "en": "A record was lost"},
                "event": {
                    "agency": "civil-status", "name": "record-lost", "applicant": "spouse.pinfl",
                    "data": {
                        "type": "object", "required": ["spouse", "date", "office", "changed", "reason", "phone", "benefit"],
                        "properties": {
                            "spouse": {"type": "object", "required": ["pinfl"], "properties": {"pinfl": text}},
                            "date": {"type": "string", "format": "date"}, "office": text, "changed": {"type": "boolean"},
                            "reason": text, "phone": text, "benefit": text,
                        },
                    },
                    "set": [
                        value("marriage.date", "date"), value("marriage.office", "office"),
                        value("formerName.changed", "changed"), value("reason.kind", "reason"),
                        value("contact.phone", "phone"), value("benefit.kind", "benefit"),
                    ],
                },
            });
            definition["spec"]["starts"].as_array_mut().unwrap().push(start);
        })
    }

    /// The archive's system announces this; gives the place.
    pub fn announce(&self, id: &str, said: &serde_json::Value) -> i64 {
        let mut announced = self.announced.lock().unwrap();
        let place = i64::try_from(announced.len()).unwrap() + 1;
        announced.push(exchange::AnnouncedEvent {
            place,
            id: id.into(),
            time_us: 1_795_410_000_000_000,
            data: said.to_string().into_bytes(),
            gone: said.is_null(),
        });
        place
    }

    fn changed(officer: PersonId, change: impl FnOnce(&mut serde_json::Value)) -> Self {
        let example = admitted();
        let mut definition: serde_json::Value = serde_json::from_slice(&example.definition).unwrap();
        change(&mut definition);
        let canonical = process::revision::canonical_json(&definition).unwrap();
        let revision = process::revision::hash_of(&canonical);
        Self::offering(officer, Admitted { revision, definition: canonical, ..example })
    }

    /// The example, except that what is granted is announced to the agency's own system.
    pub fn emitting(officer: PersonId) -> Self {
        let example = admitted();
        let mut definition: serde_json::Value = serde_json::from_slice(&example.definition).unwrap();
        let spec = &mut definition["spec"];
        spec["integration"]["events"] = serde_json::json!([{"name": "copy-granted"}]);
        let steps = spec["process"]["steps"].as_array_mut().unwrap();
        for step in steps.iter_mut().filter(|step| step["name"] == "issue") {
            step["next"] = "announce".into();
        }
        let emit = serde_json::json!({"event": "copy-granted", "attributes": {"office": "data.marriage.office"}});
        steps.push(serde_json::json!({"name": "announce", "emit": emit, "next": "tell"}));
        let canonical = process::revision::canonical_json(&definition).unwrap();
        let revision = process::revision::hash_of(&canonical);
        Self::offering(officer, Admitted { revision, definition: canonical, ..example })
    }

    fn offering(officer: PersonId, admitted: Admitted) -> Self {
        let held = |role: &str, office: &str| identity::Appointment {
            agency: "justice".into(),
            office: office.into(),
            role: role.into(),
            from_us: 0,
            to_us: 0,
        };
        let person = |person: PersonId, pinfl: &str, appointments: Vec<identity::Appointment>| identity::Officer {
            person: person.to_vec(),
            display_name: "Registrar".into(),
            party: Pinfl::parse(pinfl).unwrap().party(&[7; 32]).to_vec(),
            party_key: party_key(&[7; 32]).to_vec(),
            directs: Vec::new(),
            appointments,
        };
        let office = "tashkent-yunusabad";
        let lent = identity::Appointment { agency: "health".into(), ..held("expert", "") };
        let admitted = Arc::new(admitted);
        Self {
            later: Mutex::default(),
            listing: Mutex::default(),
            placement: Mutex::new(register::Placement {
                revisions: vec![placed(&admitted, 100)],
                intake: "open".into(),
                ..register::Placement::default()
            }),
            admitted,
            agency: resource("agency.yaml"),
            registry: Mutex::default(),
            never_answers: AtomicBool::default(),
            notary: Mutex::new(Said::Down),
            about: Mutex::default(),
            asked: Mutex::default(),
            traces: Mutex::default(),
            payments: Mutex::default(),
            payments_away: AtomicBool::default(),
            deaf: AtomicBool::default(),
            announced: Mutex::default(),
            silent: AtomicBool::default(),
            seals_nothing: AtomicBool::default(),
            refunds_nothing: AtomicBool::default(),
            officers: Mutex::new(vec![
                person(officer, "42307870350128", vec![held("archivist", ""), held("registrar", office)]),
                person(super::world::person(LEAD), "30507790170331", vec![held("registrar", "")]),
                person(super::world::person(SPOUSE), SPOUSE_PINFL, vec![held("registrar", office)]),
                person(super::world::person(NUKUS), "41503920170217", vec![held("registrar", "nukus")]),
                person(super::world::person(COLLEAGUE), "41508860170411", vec![held("registrar", office)]),
                person(super::world::person(HEAD), "32302790170525", vec![held("lead", office)]),
                person(super::world::person(EXPERT), "30607790170440", vec![lent]),
                person(super::world::person(CHIEF), "31503820170550", vec![held("lead", "")]),
                person(super::world::person(DIRECTOR), "42306800170630", vec![held("head", "")]),
                person(super::world::person(LAWYER), "31205750170421", vec![held("lawyer", "")]),
            ]),
            names: Mutex::default(),
            people: Mutex::default(),
            lends: AtomicBool::default(),
        }
    }

    /// The example, in which the owner of something is asked to agree before anything else happens.
    pub fn asking_an_owner(officer: PersonId) -> Self {
        Self::asking(officer, "unowned")
    }

    /// The same; `declined`: where it goes on when they do not agree.
    pub fn asking(officer: PersonId, declined: &str) -> Self {
        let platform = Self::new(officer);
        let mut definition: serde_json::Value = serde_json::from_slice(&platform.admitted.definition).unwrap();
        let text = |words: &str| serde_json::json!({"uz": words, "en": words});
        let spec = &mut definition["spec"];
        let owner =
            serde_json::json!({"name": "owner", "title": text("Owner"), "identifiedBy": ["pinfl"], "from": "owner"});
        spec["parties"] = serde_json::json!([owner]);
        let properties = &mut spec["data"]["schema"]["properties"];
        properties["owner"] = serde_json::json!({"type": "string", "maxLength": 14});
        properties["months"] = serde_json::json!({"type": "integer", "minimum": 1});
        let field = serde_json::json!({"at": "months", "label": text("Months")});
        let page = serde_json::json!({"name": "agree", "title": text("Agree"), "fields": [field]});
        let form = serde_json::json!({"name": "consent", "tells": ["marriage.office"], "pages": [page]});
        spec["forms"].as_array_mut().unwrap().push(form);
        let invitation = serde_json::json!({"name": "asked", "channels": ["inbox"], "text": text("Asked")});
        spec["notifications"].as_array_mut().unwrap().push(invitation);
        let steps = spec["process"]["steps"].as_array_mut().unwrap();
        steps[0]["next"] = "know".into();
        steps[1]["call"]["input"]["pinfl"] = "data.owner".into();
        let number = serde_json::json!([{"at": "owner", "to": format!("'{OWNER_PINFL}'")}]);
        steps.push(serde_json::json!({"name": "know", "set": number, "next": "agree"}));
        steps.push(serde_json::json!({
            "name": "agree", "form": "consent", "who": "owner", "invite": "asked", "timeout": "10 days",
            "onTimeout": "unowned", "onDeclined": declined, "next": "lookup",
        }));
        steps.push(serde_json::json!({"name": "unowned", "end": {"outcome": "unowned"}}));
        platform.defined(&definition)
    }

    /// The same, where the owner is a company.
    pub fn asking_a_company(officer: PersonId) -> Self {
        let platform = Self::asking_an_owner(officer);
        let mut definition: serde_json::Value = serde_json::from_slice(&platform.admitted.definition).unwrap();
        let spec = &mut definition["spec"];
        spec["parties"][0]["kind"] = "company".into();
        spec["parties"][0]["identifiedBy"] = serde_json::json!(["tin"]);
        let steps = spec["process"]["steps"].as_array_mut().unwrap();
        let known = steps.iter_mut().find(|step| step["name"] == "know").unwrap();
        known["set"][0]["to"] = format!("'{COMPANY_TIN}'").into();
        platform.defined(&definition)
    }

    /// The example, which is about a child, too; whoever is resolved by that number.
    pub fn about_a_child(officer: PersonId) -> Self {
        let platform = Self::new(officer);
        let mut definition: serde_json::Value = serde_json::from_slice(&platform.admitted.definition).unwrap();
        let spec = &mut definition["spec"];
        let title = serde_json::json!({"uz": "Child", "en": "Child"});
        spec["parties"] =
            serde_json::json!([{"name": "child", "title": title, "identifiedBy": ["pinfl"], "from": "child"}]);
        spec["data"]["schema"]["properties"]["child"] = serde_json::json!({"type": "string", "maxLength": 14});
        let steps = spec["process"]["steps"].as_array_mut().unwrap();
        let number = serde_json::json!([{"at": "child", "to": format!("'{OWNER_PINFL}'")}]);
        let know = serde_json::json!({"name": "know", "set": number, "next": steps[0]["next"]});
        steps[0]["next"] = "know".into();
        steps.push(know);
        platform.defined(&definition)
    }

    /// With this definition from the beginning.
    fn defined(mut self, definition: &serde_json::Value) -> Self {
        let canonical = process::revision::canonical_json(definition).unwrap();
        let revision = process::revision::hash_of(&canonical);
        let admitted = Arc::new(Admitted { revision, definition: canonical, ..Admitted::clone(&self.admitted) });
        self.placement.get_mut().unwrap().revisions = vec![placed(&admitted, 100)];
        self.admitted = admitted;
        self
    }

    fn count(&self, operation: &'static str, action: Option<&proto::ActionRef>) -> Hash {
        let action = action.unwrap().action_id.clone();
        let id = Hash::of(&action);
        self.traces.lock().unwrap().extend(kernel::Trace::current().map(|trace| (operation, trace)));
        *self.asked.lock().unwrap().entry((operation, action)).or_default() += 1;
        id
    }

    /// The example with another title, admitted after everything there is.
    pub fn retitled(&self, title: &str) -> Arc<Admitted> {
        self.revised(|definition| definition["spec"]["title"]["en"] = title.into())
    }

    /// The example with something changed, admitted after everything there is.
    pub fn revised(&self, change: impl FnOnce(&mut serde_json::Value)) -> Arc<Admitted> {
        let mut later = self.later.lock().unwrap();
        let mut definition: serde_json::Value = serde_json::from_slice(&self.admitted.definition).unwrap();
        change(&mut definition);
        let parsed: api::ServiceDefinition = serde_json::from_value(definition.clone()).unwrap();
        process::Process::compile(&parsed).unwrap_or_else(|problems| panic!("the test's revision: {problems:?}"));
        let canonical = process::revision::canonical_json(&definition).unwrap();
        let admitted = Arc::new(Admitted {
            revision: process::revision::hash_of(&canonical),
            definition: canonical,
            admitted: self.admitted.admitted.plus(Duration::from_secs(1 + later.len() as u64)),
            ..Admitted::clone(&self.admitted)
        });
        later.push(admitted.clone());
        admitted
    }

    /// An officer's role ends at this moment.
    pub fn ends(&self, person: PersonId, role: &str, now: Time) {
        let mut officers = self.officers.lock().unwrap();
        let known = officers.iter_mut().filter(|officer| officer.person == person.to_vec());
        for held in known.flat_map(|officer| &mut officer.appointments).filter(|held| held.role == role) {
            held.to_us = now.micros();
        }
    }

    /// From this moment on an officer directs a company.
    pub fn directs(&self, person: PersonId, company: PersonId) {
        let mut officers = self.officers.lock().unwrap();
        for officer in officers.iter_mut().filter(|officer| officer.person == person.to_vec()) {
            officer.directs.push(company.to_vec());
        }
    }

    /// How many different actions of an operation were asked for.
    pub fn actions(&self, operation: &str) -> usize {
        self.asked.lock().unwrap().keys().filter(|(name, _)| *name == operation).count()
    }
}

#[async_trait]
impl Platform for Scripted {
    async fn person(&self, person: PersonId, _: CaseId) -> Result<identity::Person, Failure> {
        Ok(identity::Person {
            person: person.to_vec(),
            pinfl: "31203850000015".into(),
            given_name: "Dilnoza".into(),
            family_name: "Karimova".into(),
            ..identity::Person::default()
        })
    }

    async fn resolve(&self, named: &identity::ResolvePersonRequest) -> Result<identity::Person, Failure> {
        // One who is known has a name of their own, whoever else is named with the number; anybody else the one named first.
        let mut names = self.names.lock().unwrap();
        let first = || if named.pinfl == SPOUSE_PINFL { "Karimov".to_owned() } else { named.family_name.clone() };
        let family_name = names.entry(named.pinfl.clone()).or_insert_with(first).clone();
        let known = self.people.lock().unwrap().get(&named.pinfl).copied();
        Ok(identity::Person {
            person: known.unwrap_or(PersonId::from_bytes([50; 16])).to_vec(),
            pinfl: named.pinfl.clone(),
            given_name: named.given_name.clone(),
            family_name,
            ..identity::Person::default()
        })
    }

    async fn officer(&self, person: PersonId) -> Result<identity::Officer, Failure> {
        let officers = self.officers.lock().unwrap();
        let known = officers.iter().find(|officer| officer.person == person.to_vec());
        known.cloned().ok_or_else(|| Failure::not_found("officer.unknown", "No officer."))
    }

    async fn agency(&self, _: &str) -> Result<Vec<u8>, Failure> {
        Ok(self.agency.clone())
    }

    async fn registry(&self, _: &str, _: &str) -> Result<Vec<u8>, Failure> {
        Ok(resource("../civil-status/registry.yaml"))
    }

    async fn revisions(
        &self,
        agency: Option<&str>,
        request: &register::ListRevisionsRequest,
    ) -> Result<register::ListRevisionsReply, Failure> {
        let first = register::RevisionEntry {
            revision: self.admitted.revision.to_vec(),
            agency: self.admitted.agency.clone(),
            service: self.admitted.service.clone(),
            admitted_us: self.admitted.admitted.micros(),
            ..register::RevisionEntry::default()
        };
        Ok(self.listing.lock().unwrap().page(first, agency, request))
    }

    async fn placement(&self, _: &str, _: &str) -> Result<register::Placement, Failure> {
        Ok(self.placement.lock().unwrap().clone())
    }

    async fn revision(&self, revision: Hash) -> Result<Arc<Admitted>, Failure> {
        let later = self.later.lock().unwrap();
        let known = later.iter().chain([&self.admitted]).find(|known| known.revision == revision);
        Ok(known.expect("an admitted revision").clone())
    }

    async fn call_registry(
        &self,
        _: &str,
        request: &exchange::CallRegistryRequest,
        _: Duration,
    ) -> Result<exchange::CallRegistryReply, Failure> {
        let about = (request.registry.clone(), request.person.clone(), request.subject_pinfl.clone());
        self.about.lock().unwrap().push(about);
        if request.registry == "notary" {
            let (outcome, output) = match self.notary.lock().unwrap().clone() {
                Said::Found(record) => ("found", record.to_string().into_bytes()),
                Said::NotFound => ("not-found", Vec::new()),
                Said::Down => ("unavailable", Vec::new()),
            };
            let outcome = outcome.to_owned();
            return Ok(exchange::CallRegistryReply { outcome, output, ..exchange::CallRegistryReply::default() });
        }
        self.count("call", request.action.as_ref());
        if self.never_answers.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let answer = self.registry.lock().unwrap().clone();
        Ok(exchange::CallRegistryReply {
            outcome: if answer.is_some() { "found" } else { "unavailable" }.into(),
            output: answer.map(|answer| answer.to_string().into_bytes()).unwrap_or_default(),
            code: "registry.down".into(),
            ..exchange::CallRegistryReply::default()
        })
    }

    async fn events(&self, asked: &exchange::ReadEventsRequest) -> Result<exchange::Events, Failure> {
        if self.silent.load(Ordering::SeqCst) {
            return Err(Failure::unavailable("bus.not-running", "The exchange is away."));
        }
        let announced = self.announced.lock().unwrap();
        let named = asked.owner == "civil-status" && asked.name == "record-lost" && asked.agency == "justice";
        let is_after = |event: &&exchange::AnnouncedEvent| named && asked.after >= 0 && event.place > asked.after;
        let limit = usize::try_from(asked.limit).unwrap();
        Ok(exchange::Events {
            events: announced.iter().filter(is_after).take(limit).cloned().collect(),
            last: announced.last().map_or(0, |event| event.place),
        })
    }

    async fn deliver_event(&self, _: &str, request: &exchange::DeliverEventRequest) -> Result<(), Failure> {
        if self.deaf.load(Ordering::SeqCst) {
            return Err(Failure::unavailable("exchange.event-unheard", "The agency's system is away."));
        }
        self.count("event", request.action.as_ref());
        Ok(())
    }

    async fn refusals(&self, asked: &exchange::JudgeQuestionsRequest) -> Result<Vec<String>, Failure> {
        let code = if self.lends.load(Ordering::SeqCst) { "" } else { "exchange.no-grant" };
        Ok(asked.tasks.iter().map(|_| code.to_owned()).collect())
    }

    async fn lent(&self, _: &str, _: &str) -> Result<Vec<exchange::TaskRole>, Failure> {
        let lent = self.lends.load(Ordering::SeqCst);
        let role = exchange::TaskRole { agency: "health".into(), role: "expert".into() };
        Ok(if lent { vec![role] } else { Vec::new() })
    }

    async fn create_intent(
        &self,
        _: &str,
        request: &payments::CreateIntentRequest,
    ) -> Result<payments::Intent, Failure> {
        let id = self.count("intent", request.action.as_ref());
        Ok(payments::Intent {
            intent: IntentId::derived(id).to_vec(),
            state: "open".into(),
            amount: Some(amount()),
            arithmetic: b"{}".to_vec(),
            refunds: Vec::new(),
        })
    }

    async fn close_intent(&self, _: &str, request: &payments::CloseIntentRequest) -> Result<payments::Intent, Failure> {
        self.count("close", request.action.as_ref());
        Ok(payments::Intent {
            intent: request.intent.clone(),
            state: "open".into(),
            amount: Some(amount()),
            arithmetic: Vec::new(),
            refunds: Vec::new(),
        })
    }

    async fn refund(&self, _: &str, request: &payments::RefundRequest) -> Result<payments::RefundReply, Failure> {
        let id = self.count("refund", request.action.as_ref());
        if self.refunds_nothing.load(Ordering::SeqCst) {
            return Err(Failure::invalid(
                "payment.unknown-provider",
                "This way to pay is not offered. Choose another.",
            ));
        }
        Ok(payments::RefundReply {
            refund: RefundId::derived(id).to_vec(),
            state: "settled".into(),
            amount: Some(amount()),
        })
    }

    async fn issue_document(
        &self,
        _: &str,
        request: &signing::IssueDocumentRequest,
    ) -> Result<signing::Document, Failure> {
        let id = self.count("document", request.action.as_ref());
        if self.seals_nothing.load(Ordering::SeqCst) {
            return Err(Failure::invalid("seal.refused", "The seal's certificate has run out."));
        }
        Ok(signing::Document {
            document_id: DocumentId::derived(id).to_vec(),
            number: format!("{}-1", request.document),
            code: "code".into(),
            ..signing::Document::default()
        })
    }

    async fn revoke_document(
        &self,
        _: &str,
        request: &signing::RevokeDocumentRequest,
    ) -> Result<signing::Document, Failure> {
        self.count("revoke", request.action.as_ref());
        Ok(signing::Document { document_id: request.document_id.clone(), ..signing::Document::default() })
    }

    async fn notify(&self, _: &str, request: &notifications::SendRequest) -> Result<notifications::SendReply, Failure> {
        self.count("notify", request.action.as_ref());
        Ok(notifications::SendReply::default())
    }

    async fn preview_document(
        &self,
        _: &str,
        request: &signing::PreviewDocumentRequest,
    ) -> Result<signing::DocumentPreview, Failure> {
        Ok(signing::DocumentPreview { pdf: format!("{} in {}", request.document, request.language).into_bytes() })
    }

    async fn preview_message(
        &self,
        _: &str,
        request: &notifications::PreviewMessageRequest,
    ) -> Result<notifications::MessagePreview, Failure> {
        let (title, body) = (request.notification.clone(), request.language.clone());
        Ok(notifications::MessagePreview { title, body })
    }

    async fn payment_event(&self, place: &Place) -> Result<Option<Event>, Failure> {
        if self.payments_away.load(Ordering::SeqCst) {
            return Err(Failure::unavailable(bus::NOT_RUNNING, "Payments is away."));
        }
        let log = self.payments.lock().unwrap();
        Ok(log.iter().find(|event| event.message_id == place.message_id).cloned())
    }
}

pub fn amount() -> proto::Money {
    proto::Money { minor: 4_120_000, currency: "UZS".into() }
}
