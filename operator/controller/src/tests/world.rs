//! An operator between an API server in memory and a platform that is played.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use api::Kind;
use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use k8s_openapi::api::core::v1::Namespace;
use kernel::{Clock, Failure, Hash, ManualClock, Random, SeededRandom, Time};
use kube::api::PartialObjectMeta;
use process::check::{self, File, Options};
use proto::{
    eservice::v1::{Load, RevisionLoad},
    exchange::v1::{
        EnforcedGrant, GrantChanges, JudgeQuestionsRequest, PublishResourceReply, ReadEnforcedGrantRequest,
    },
    register::v1::{PlacedRevision, Placement, Problem, PublishRevisionReply},
    signing::v1::Seal,
};
use serde_json::{Value, json};

use super::server::Server;
use crate::{
    Config, Database, Engine,
    agency::AGENCY_LABEL,
    platform::{AgencyTold, Definition, HostKeys, Platform},
    run::Operator,
    waits::Waits,
};

const NOW: Time = Time::from_seconds(1_796_000_000);

pub struct World {
    pub server: Server,
    pub platform: Arc<Played>,
    pub clock: Arc<ManualClock>,
    pub waits: Waits,
    pub config: Config,
}

impl Default for World {
    /// A namespace of an agency, and what the platform gives to every host.
    fn default() -> Self {
        let server = Server::default();
        let labels = json!({AGENCY_LABEL: "justice"});
        server.put("/api/v1/namespaces/justice", json!({"metadata": {"labels": labels}}));
        let trusted = json!({"data": {"trusted-keys.json": "{}"}});
        server.put("/api/v1/namespaces/xizmat/configmaps/xizmat-trusted-keys", trusted);
        let lookup = json!({"data": {"lookup.key": "YWI="}});
        server.put("/api/v1/namespaces/xizmat/secrets/xizmat-lookup-key", lookup);
        let database = Database { kind: Engine::Sqlite, ..Database::default() };
        Self {
            server,
            platform: Arc::default(),
            clock: Arc::new(ManualClock::at(NOW)),
            waits: Waits::default(),
            config: Config { host_image: Some("xizmat:1".to_owned()), database, ..Config::default() },
        }
    }
}

impl World {
    pub fn operator(&self) -> Arc<Operator> {
        let random = Arc::new(SeededRandom::new(1));
        let around = (self.clock.clone() as Arc<dyn Clock>, random as Arc<dyn Random>, self.waits.clone());
        Arc::new(Operator::new(
            self.server.client(&self.config),
            self.config.clone(),
            self.platform.clone(),
            None,
            around,
        ))
    }

    /// The agency's namespace, as a watch tells of it.
    pub fn namespace(&self) -> PartialObjectMeta<Namespace> {
        let mut found = self.server.get("/api/v1/namespaces/justice").unwrap();
        (found["apiVersion"], found["kind"]) = ("v1".into(), "Namespace".into());
        serde_json::from_value(found).unwrap()
    }

    /// A definition as somebody applies it, over what its status says.
    pub fn apply(&self, name: &str, generation: i64, spec: Value) {
        let path = format!("/apis/xizmat.dev/v1alpha1/namespaces/justice/servicedefinitions/{name}");
        let before = self.server.take(&path).unwrap_or_default();
        let uid = format!("uid-of-{name}");
        self.server.put(
            &path,
            json!({
                "apiVersion": api::API_VERSION,
                "kind": Kind::ServiceDefinition.name(),
                "metadata": {"uid": uid, "generation": generation, "finalizers": before["metadata"]["finalizers"]},
                "spec": spec,
                "status": before["status"],
            }),
        );
        self.server.writes();
    }

    /// What a person orders beside a definition.
    pub fn annotate(&self, name: &str, annotation: &str, value: &str) {
        let path = format!("/apis/xizmat.dev/v1alpha1/namespaces/justice/servicedefinitions/{name}");
        self.server.put(&path, json!({"metadata": {"annotations": {annotation: value}}}));
    }

    pub fn status(&self, name: &str) -> Value {
        let path = format!("/apis/xizmat.dev/v1alpha1/namespaces/justice/servicedefinitions/{name}");
        self.server.get(&path).unwrap()["status"].clone()
    }

    /// The reason of a condition.
    pub fn says(&self, name: &str, condition: &str) -> String {
        let status = self.status(name);
        let all = status["conditions"].as_array().cloned().unwrap_or_default();
        let found = all.into_iter().find(|known| known["type"] == condition);
        found.map(|known| known["reason"].as_str().unwrap_or_default().to_owned()).unwrap_or_default()
    }
}

/// The spec of an example that can be published.
pub fn service() -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/justice/marriage-certificate-copy");
    let read = |path: &str| std::fs::read_to_string(format!("{folder}/{path}")).unwrap();
    let templates = std::fs::read_dir(format!("{folder}/templates")).unwrap().map(|entry| {
        let path = format!("templates/{}", entry.unwrap().file_name().to_string_lossy());
        File { text: read(&path), path }
    });
    let templates: Vec<File> = templates.collect();
    let options = Options { files: &templates, ..Options::default() };
    let report = check::check(&read("service.yaml"), "service.yaml", &options);
    report.value.unwrap_or_else(|| panic!("{:?}", report.problems))["spec"].clone()
}

/// A platform that admits everything, while it is there.
#[derive(Default)]
pub struct Played {
    away: AtomicBool,
    recovers: AtomicBool,
    panics: AtomicBool,
    hangs: AtomicBool,
    unapproved: AtomicBool,
    unfreed: AtomicBool,
    silent: AtomicBool,
    open: AtomicU64,
    /// Why no new applications are taken.
    closed: Mutex<String>,
    /// What the register has of the service, the newest first, each with its definition; nothing: what is published, and everybody
    /// has it.
    placed: Mutex<Vec<(PlacedRevision, Vec<u8>)>>,
    /// How cases fare on them, as hosts tell.
    fares: Mutex<Vec<RevisionLoad>>,
    /// What fails the next time that it is asked.
    fails_once: Mutex<Option<&'static str>>,
    asked: Mutex<Vec<&'static str>>,
    /// Kind, agency and name.
    withdrawn: Mutex<Vec<String>>,
    /// The definition of its one revision.
    admitted: Mutex<Value>,
}

impl Played {
    pub fn go_away(&self) {
        self.away.store(true, Ordering::SeqCst);
    }

    pub fn come_back(&self) {
        self.away.store(false, Ordering::SeqCst);
    }

    /// Its data was restored: only hosts are let in.
    pub fn recover(&self, recovers: bool) {
        self.recovers.store(recovers, Ordering::SeqCst);
    }

    pub fn withdrawn(&self) -> Vec<String> {
        self.withdrawn.lock().unwrap().clone()
    }

    pub fn panic(&self, panics: bool) {
        self.panics.store(panics, Ordering::SeqCst);
    }

    /// Nobody answers whether it admits anything.
    pub fn hang(&self) {
        self.hangs.store(true, Ordering::SeqCst);
    }

    /// The agency's lawyer and head have not approved what is applied.
    pub fn unapproved(&self, unapproved: bool) {
        self.unapproved.store(unapproved, Ordering::SeqCst);
    }

    /// The agency's lawyer and head have not agreed that it publishes without approval.
    pub fn unfreed(&self, unfreed: bool) {
        self.unfreed.store(unfreed, Ordering::SeqCst);
    }

    /// Hosts do not answer.
    pub fn silence(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }

    pub fn admits(&self, definition: Value) {
        *self.admitted.lock().unwrap() = definition;
    }

    pub fn places(&self, revisions: Vec<(PlacedRevision, Vec<u8>)>) {
        let known = |(placed, definition): (PlacedRevision, Vec<u8>)| {
            (PlacedRevision { revision: Hash::of(&definition).to_vec(), ..placed }, definition)
        };
        *self.placed.lock().unwrap() = revisions.into_iter().map(known).collect();
    }

    /// Whom its revisions are offered to, and why.
    pub fn shares(&self) -> Vec<(i32, String)> {
        self.placed.lock().unwrap().iter().map(|(placed, _)| (placed.share, placed.reason.clone())).collect()
    }

    pub fn closed(&self) -> String {
        self.closed.lock().unwrap().clone()
    }

    pub fn fare(&self, revisions: Vec<RevisionLoad>) {
        *self.fares.lock().unwrap() = revisions;
    }

    pub fn fail_once(&self, what: &'static str) {
        *self.fails_once.lock().unwrap() = Some(what);
    }

    fn bytes(&self) -> Vec<u8> {
        self.admitted.lock().unwrap().to_string().into_bytes()
    }

    fn revision_hash(&self) -> Vec<u8> {
        Hash::of(&self.bytes()).to_vec()
    }

    pub fn open(&self, cases: u64) {
        self.open.store(cases, Ordering::SeqCst);
    }

    /// How often.
    pub fn asked(&self, what: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| **asked == what).count()
    }

    /// Whether it was told anything.
    pub fn was_told(&self) -> bool {
        let questions = ["placement", "load", "enforced", "grant_changes", "refusals", "admitted"];
        self.asked.lock().unwrap().iter().any(|asked| !questions.contains(asked))
    }

    fn ask(&self, what: &'static str) -> Result<(), Failure> {
        self.asked.lock().unwrap().push(what);
        assert!(!self.panics.load(Ordering::SeqCst), "on purpose");
        if self.recovers.load(Ordering::SeqCst) && what != "issue_host" {
            return Err(Failure::unavailable("platform.recovering", "Restored."));
        }
        let fails = self.fails_once.lock().unwrap().take_if(|fails| *fails == what).is_some();
        if fails || self.away.load(Ordering::SeqCst) { Err(Failure::unavailable("test.away", "Away.")) } else { Ok(()) }
    }
}

#[async_trait]
impl Platform for Played {
    async fn agency(&self, _: &str, _: Vec<u8>) -> Result<AgencyTold, Failure> {
        self.ask("agency")?;
        let waits = self.unfreed.load(Ordering::SeqCst);
        let missing = if waits { vec!["lawyer".to_owned(), "head".to_owned()] } else { Vec::new() };
        Ok(AgencyTold { missing, ..AgencyTold::default() })
    }

    async fn exchanged(&self, _: &str, _: Kind, _: Vec<u8>) -> Result<PublishResourceReply, Failure> {
        self.ask("exchanged").map(|()| PublishResourceReply::default())
    }

    async fn withdraw(&self, agency: &str, kind: Kind, name: &str) -> Result<(), Failure> {
        self.ask("withdraw")?;
        self.withdrawn.lock().unwrap().push(format!("{} {agency}/{name}", kind.name()));
        Ok(())
    }

    async fn revision(&self, _: &str, _: Definition) -> Result<PublishRevisionReply, Failure> {
        self.ask("revision")?;
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.unapproved.load(Ordering::SeqCst) {
            let problem = Problem { code: "publication.not-approved".into(), ..Problem::default() };
            return Ok(PublishRevisionReply { problems: vec![problem], ..PublishRevisionReply::default() });
        }
        Ok(PublishRevisionReply { revision: self.revision_hash(), ..PublishRevisionReply::default() })
    }

    async fn admitted(&self, revision: Hash) -> Result<Vec<u8>, Failure> {
        self.ask("admitted")?;
        let placed = self.placed.lock().unwrap().clone();
        let found = placed.into_iter().map(|(_, definition)| definition).find(|bytes| Hash::of(bytes) == revision);
        Ok(found.unwrap_or_else(|| self.bytes()))
    }

    async fn placement(&self, _: &str, _: &str) -> Result<Placement, Failure> {
        self.ask("placement")?;
        let mut revisions: Vec<PlacedRevision> =
            self.placed.lock().unwrap().iter().map(|(placed, _)| placed.clone()).collect();
        if revisions.is_empty() {
            let revision = self.revision_hash();
            revisions.push(PlacedRevision {
                revision,
                share: 100,
                change: "first".into(),
                ..PlacedRevision::default()
            });
        }
        let intake_reason = self.closed();
        let intake = if intake_reason.is_empty() { "open" } else { "closed" };
        Ok(Placement { revisions, intake: intake.into(), intake_reason, ..Placement::default() })
    }

    async fn place(&self, _: &str, _: &str, revision: Hash, share: u32, reason: &str) -> Result<(), Failure> {
        self.ask("place")?;
        let mut placed = self.placed.lock().unwrap();
        for (of, _) in placed.iter_mut().filter(|(of, _)| of.revision == revision.as_bytes()) {
            (of.share, of.reason) = (i32::try_from(share).unwrap(), reason.to_owned());
        }
        Ok(())
    }

    async fn set_intake(&self, _: &str, _: &str, open: bool, reason: &str) -> Result<(), Failure> {
        self.ask("set_intake")?;
        *self.closed.lock().unwrap() = if open { String::new() } else { reason.to_owned() };
        Ok(())
    }

    async fn load(&self, _: &str, _: &str, _: Option<Time>, _: bool) -> Result<Load, Failure> {
        self.ask("load")?;
        if self.silent.load(Ordering::SeqCst) {
            return Err(Failure::unavailable("test.silent", "No host answers."));
        }
        let revisions = self.fares.lock().unwrap().clone();
        if !revisions.is_empty() {
            return Ok(Load { revisions });
        }
        let open = i64::try_from(self.open.load(Ordering::SeqCst)).unwrap();
        let load = RevisionLoad { revision: self.revision_hash(), open, ..RevisionLoad::default() };
        Ok(Load { revisions: vec![load] })
    }

    async fn issue_host(&self, _: HostKeys) -> Result<String, Failure> {
        self.ask("issue_host").map(|()| "token".to_owned())
    }

    async fn withdraw_host(&self, _: &str, _: &str) -> Result<(), Failure> {
        self.ask("withdraw_host")
    }

    async fn issue_agent(&self, _: &str, _: &str, _: &str) -> Result<String, Failure> {
        self.ask("issue_agent").map(|()| "token".to_owned())
    }

    async fn seal(&self, _: &str) -> Result<Seal, Failure> {
        self.ask("seal").map(|()| Seal::default())
    }

    async fn enforced(&self, _: ReadEnforcedGrantRequest) -> Result<EnforcedGrant, Failure> {
        self.ask("enforced").map(|()| EnforcedGrant::default())
    }

    async fn grant_changes(&self, _: i64) -> Result<GrantChanges, Failure> {
        self.ask("grant_changes").map(|()| GrantChanges::default())
    }

    async fn refusals(&self, asked: JudgeQuestionsRequest) -> Result<Vec<String>, Failure> {
        let judged = asked.questions.len() + asked.tasks.len() + asked.beneficiaries.len() + asked.events.len();
        self.ask("refusals").map(|()| vec![String::new(); judged])
    }

    fn trial(&self) -> bool {
        true
    }

    fn returns(&self) -> BoxStream<'static, ()> {
        stream::pending().boxed()
    }
}
