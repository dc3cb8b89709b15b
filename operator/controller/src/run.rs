//! One look at a resource: what came of it is written where it changed, and says when the next one is.

use std::{convert::Infallible, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use api::Kind;
use boot::{
    Kit, metrics,
    telemetry::{self, Object, Work},
};
use futures::FutureExt;
use jiff::Timestamp;
use kernel::{Clock, Random};
use kube::{
    Api, Client, ResourceExt,
    api::{PartialObjectMeta, Patch, PatchParams},
    runtime::{
        controller::Action,
        events::{Recorder, Reporter},
    },
};

use tokio::time::Instant;

use crate::{
    Config, ROLE, agency, breaker, exchanged,
    going::held_up,
    host,
    kind::{self, Applied},
    lead,
    memory::Memory,
    outcome::{self, Done, Hosting, Outcome, Stopped},
    platform::{Databases, Platform},
    preview,
    rollout::{self, Progress},
    service, status,
    turns::{Place, Turns},
    waits::Waits,
};

/// One name for every server-side apply: what others own stays theirs.
pub const MANAGER: &str = "xizmat-operator";
/// Keeps the operator away from a resource while a person repairs something by hand.
const PAUSED: &str = "xizmat.dev/paused";
const WAIT: Duration = Duration::from_secs(5);
/// People approve in hours or days, and each look has the register judge the definition anew.
const APPROVAL: Duration = Duration::from_secs(30);
/// Who comes to a shared host together has come.
const JOINED: Duration = Duration::from_secs(1);
/// A Deployment that starts is watched, and its changes bring the next look.
const STARTED: Duration = Duration::from_secs(30);
/// What refuses an agency, a registry or a grant may be mended elsewhere: in a namespace, in another resource, in the exchange.
const REFUSED: Duration = Duration::from_secs(60);
/// A span whose work failed; the number is that of HTTP.
const FAILED: u16 = 500;

/// What came of a look, and when the next one is where that is not the usual time.
pub struct Next {
    pub outcome: Outcome,
    pub again_s: Option<u64>,
}

pub struct Operator {
    pub client: Client,
    pub config: Config,
    pub platform: Arc<dyn Platform>,
    /// Where hosts keep their cases; none when they do so on SQLite, or when there are none.
    pub databases: Option<Arc<dyn Databases>>,
    pub memory: Memory,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub waits: Waits,
    pub turns: Turns,
    pub recorder: Recorder,
}

pub fn all(
    kit: &Kit,
    client: Client,
    config: Config,
    platform: Arc<dyn Platform>,
    databases: Option<Arc<dyn Databases>>,
    waits: Waits,
) {
    let around = (kit.clock.clone(), kit.random.clone(), waits);
    let operator = Arc::new(Operator::new(client, config, platform, databases, around));
    rollout::begin_to_count();
    metrics::LEADS.set(&[], 0.0);
    let shutdown = kit.shutdown.clone();
    kit.spawn("leader", move || lead::lead(operator.clone(), shutdown.clone()));
}

/// Everything that is asked and told on the way belongs to one trace.
pub async fn look(
    operator: Arc<Operator>,
    of: Kind,
    object: Arc<PartialObjectMeta<Applied>>,
) -> Result<Action, Infallible> {
    let place = Place { of, namespace: object.namespace(), name: object.name_any() };
    let about = Object { kind: of.name(), namespace: place.namespace.as_deref(), name: &place.name };
    let work = Work::new(telemetry::Kind::Internal, ROLE, "reconcile").on(about);
    Ok(work.run(&*operator.random, operator.turn(&place, &object)).await)
}

fn is_paused(applied: &Applied) -> bool {
    applied.annotations().get(PAUSED).is_some_and(|paused| paused == "true")
}

/// A panic is a mistake of ours that stops one look, and none of the others.
fn fault() -> Outcome {
    let message = "The operator met a fault of its own: what runs keeps running, and it is tried again. When this stays, report what \
                   the operator\u{2019}s log says at this time.";
    Outcome::Failed { reason: "Panicked", message: message.to_owned() }
}

impl Operator {
    pub fn new(
        client: Client,
        config: Config,
        platform: Arc<dyn Platform>,
        databases: Option<Arc<dyn Databases>>,
        (clock, random, waits): (Arc<dyn Clock>, Arc<dyn Random>, Waits),
    ) -> Self {
        let reporter = Reporter { controller: MANAGER.to_owned(), instance: None };
        Self {
            recorder: Recorder::new(client.clone(), reporter),
            client,
            memory: Memory::new(Duration::from_secs(config.look_every_s)),
            config,
            platform,
            databases,
            clock,
            random,
            waits,
            turns: Turns::default(),
        }
    }

    async fn turn(&self, place: &Place, object: &PartialObjectMeta<Applied>) -> Action {
        let (of, begun) = (place.of, Instant::now());
        self.turns.begins(place);
        // Boxed, here and below: what stands inside one another would not fit the stack of a thread.
        let looked = match AssertUnwindSafe(Box::pin(self.look_at(of, object))).catch_unwind().await {
            Ok(looked) => looked,
            // Should the same fault keep it from being said, the log says it.
            Err(_) => {
                let told = AssertUnwindSafe(self.tell_fault(of, object)).catch_unwind().await;
                told.unwrap_or_else(|_| Err(Box::new(fault())))
            }
        };
        let next = looked.unwrap_or_else(|stopped| Some(Next { outcome: *stopped, again_s: None }));
        let (word, again) = match next {
            Some(Next { outcome, again_s }) => {
                let outcome = outcome.or_what_failed();
                (outcome.word(), Some(self.again(place, &outcome, again_s)))
            }
            None => ("left", None),
        };
        metrics::RECONCILE.observe(&[of.name(), word], begun.elapsed());
        self.turns.ends(place, again);
        again.map_or_else(Action::await_change, Action::requeue)
    }

    /// After which time it is looked at again.
    fn again(&self, place: &Place, outcome: &Outcome, again_s: Option<u64>) -> Duration {
        if let Outcome::Failed { reason, message } = outcome {
            metrics::RECONCILE_FAILURES.count(&[place.of.name(), reason]);
            tracing::Span::current().record("status", FAILED);
            tracing::warn!(reason, why = message, "tried again");
            return self.turns.fails(place);
        }
        self.turns.succeeds(place);
        let look_every = Duration::from_secs(self.config.look_every_s);
        let again = again_s.map(Duration::from_secs);
        match outcome {
            Outcome::Waiting { reason, .. } if *reason == outcome::NOT_APPROVED => again.unwrap_or(APPROVAL),
            Outcome::Waiting { .. } => again.unwrap_or(WAIT),
            Outcome::Done(done) if done.is_coming() => self.soon(place, done.hosting.as_deref()),
            Outcome::Done(Done { again: Some(soon), .. }) => {
                let soon = soon.since(self.clock.now()).max(Duration::from_secs(1));
                soon.min(again.unwrap_or(look_every))
            }
            Outcome::Refused { .. } if place.of != Kind::ServiceDefinition => REFUSED.min(look_every),
            _ => again.unwrap_or(look_every),
        }
    }

    /// When a host that is on its way is looked at, should nothing call for it before.
    fn soon(&self, place: &Place, hosting: Option<&Hosting>) -> Duration {
        let namespace = place.namespace.as_deref().unwrap_or_default();
        match hosting.and_then(Hosting::missing).map(|missing| missing.reason) {
            Some(host::JOINING) if self.memory.joining.leads(namespace, &place.name) => JOINED,
            Some(host::STARTING) => STARTED,
            _ => WAIT,
        }
    }

    /// One whole look; nothing when the resource is gone or paused.
    async fn look_at(&self, of: Kind, object: &PartialObjectMeta<Applied>) -> Result<Option<Next>, Stopped> {
        if of == Kind::Agency
            && let Some(outcome) = Box::pin(agency::at_rest(self, object)).await
        {
            return Ok(Some(Next { outcome, again_s: None }));
        }
        let api = self.api(of, object.namespace().as_deref());
        let touches = self.memory.at_rest.touches(&object.name_any());
        let Some(mut applied) = api.get_opt(&object.name_any()).await? else { return Ok(None) };
        self.remember_admitted(&mut applied);
        let is_deleted = applied.metadata.deletion_timestamp.is_some();
        if is_paused(&applied) {
            let (before, generation) = (applied.status.clone().unwrap_or_default(), applied.metadata.generation);
            self.write(&api, &applied, &before, &status::paused(&before, generation, is_deleted, self.moment()))
                .await?;
            return Ok(None);
        }
        if is_deleted {
            return Box::pin(self.let_go(of, &applied)).await;
        }
        let alone = |outcome| service::Came { outcome, looked: None, kept: None };
        let service::Came { outcome, looked, kept } = match of {
            Kind::Agency => alone(Box::pin(agency::reconcile(self, &applied)).await),
            Kind::ServiceDefinition => Box::pin(service::reconcile(self, &applied)).await,
            Kind::Registry | Kind::GrantRequest | Kind::Grant => alone(exchanged::reconcile(self, of, &applied).await),
        };
        let outcome = outcome.unwrap_or_else(|stopped| *stopped);
        if outcome.joins() {
            return Ok(Some(Next { outcome, again_s: None }));
        }
        if self.config.read_only {
            preview::tell(self, of, &applied, &outcome).await;
        }
        let hosting = kept.as_ref().and_then(|kept| kept.hosting.as_ref());
        self.report(of, &applied, (&outcome, hosting), looked.as_ref().map(|looked| &looked.progress)).await?;
        if of == Kind::Agency {
            agency::leave(self, &applied, touches, &outcome);
        }
        if let Some(looked) = &looked {
            rollout::keep(self, &applied, looked).await?;
        }
        let mends = kept.is_some_and(|kept| kept.again).then_some(WAIT.as_secs());
        Ok(Some(Next { outcome, again_s: mends.or(looked.and_then(|looked| looked.progress.again_s)) }))
    }

    /// What came with others was admitted before anything was said of it: whatever becomes of its next generation, it runs.
    fn remember_admitted(&self, applied: &mut Applied) {
        let Some((_, revision)) = self.memory.admitted.get(&applied.uid().unwrap_or_default(), self.clock.now()) else {
            return;
        };
        let status = applied.status.get_or_insert_default();
        if status.revision.is_none() {
            status.revision = Some(revision);
        }
    }

    /// Says on the resource that a look at it met a fault of ours.
    async fn tell_fault(&self, of: Kind, object: &PartialObjectMeta<Applied>) -> Result<Option<Next>, Stopped> {
        let api = self.api(of, object.namespace().as_deref());
        let Some(applied) = api.get_opt(&object.name_any()).await? else { return Ok(None) };
        let outcome = match applied.metadata.deletion_timestamp {
            Some(_) => held_up(fault(), applied.status.as_ref()),
            None => fault(),
        };
        if !is_paused(&applied) {
            self.report(of, &applied, (&outcome, None), None).await?;
        }
        Ok(Some(Next { outcome, again_s: None }))
    }

    /// The same for a resource whose kind is known.
    pub async fn report_as(
        &self,
        of: Kind,
        applied: &Applied,
        outcome: &Outcome,
        progress: Option<&Progress>,
    ) -> Result<(), Stopped> {
        self.report(of, applied, (outcome, None), progress).await
    }

    /// Today in Tashkent, ISO 8601.
    pub fn today(&self) -> String {
        process::calendar::civil_date(self.clock.now()).to_string()
    }

    pub fn api(&self, of: Kind, namespace: Option<&str>) -> Api<Applied> {
        let resource = kind::resource(of);
        match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        }
    }

    /// Writes the status when it changed, and what is to be told.
    async fn report(
        &self,
        of: Kind,
        applied: &Applied,
        (outcome, hosting): (&Outcome, Option<&Hosting>),
        progress: Option<&Progress>,
    ) -> Result<(), Stopped> {
        let before = applied.status.clone().unwrap_or_default();
        let known = hosting.map(|hosting| status::hosted(&before, hosting, self.moment()));
        let after = status::after(
            known.as_ref().unwrap_or(&before),
            applied.metadata.generation,
            outcome,
            progress,
            self.moment(),
        );
        let place = Place { of, namespace: applied.namespace(), name: applied.name_any() };
        self.turns.is(&place, after.not_ready());
        let api = self.api(of, applied.metadata.namespace.as_deref());
        let is_told = progress.is_some_and(|progress| progress.taken_back.is_some());
        if self.write(&api, applied, &before, &after).await? {
            self.tell(applied, outcome, (&before, &after), is_told).await;
        }
        Ok(())
    }

    fn moment(&self) -> Timestamp {
        Timestamp::from_microsecond(self.clock.now().micros()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// True when there was something to write.
    async fn write(
        &self,
        api: &Api<Applied>,
        applied: &Applied,
        before: &status::Status,
        after: &status::Status,
    ) -> Result<bool, Stopped> {
        if after == before || self.config.read_only {
            return Ok(false);
        }
        let types = applied.types.clone().unwrap_or_default();
        let name = applied.name_any();
        let content = serde_json::to_vec(after).expect("a status is JSON");
        if !self.memory.breaker.allows(&(api.resource_url(), &name, "status"), &content, self.clock.now()) {
            let others = applied.metadata.managed_fields.as_deref();
            return Err(breaker::fought_over(&format!("the status of {}", types.kind), &name, others, &[MANAGER]));
        }
        let patch = serde_json::json!({
            "apiVersion": types.api_version,
            "kind": types.kind,
            "metadata": {"name": applied.metadata.name},
            "status": after,
        });
        let apply = PatchParams::apply(MANAGER).force();
        let written = api.patch_status(&name, &apply, &Patch::Apply(patch)).await?;
        if types.kind == Kind::ServiceDefinition.name() {
            host::remembered(self, &written).await?;
        }
        Ok(true)
    }
}
