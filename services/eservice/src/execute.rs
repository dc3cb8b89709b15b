//! One command on one case: read, decide, write, in one transaction; the same command again gives the same bytes.

use kernel::{CaseId, ErrorKind, Failure, Hash, MessageId, PersonId, Random, Time, bytes};
use process::{Command, event::What};
use prost::Message;
use proto::{Event as _, eservice::v1::CaseChanged};
use sql::{Action, Tx, audit::Act, outbox::Outgoing};

use crate::{
    domain::{access, changed, experience, lookup, number, offer, parties, retention, stuck},
    host::{Host, Reach, Service},
    store::{
        actions,
        cases::{self, Case},
        commit::{self, Fate, Transition},
        revisions, timers,
    },
};

/// How often a command is decided again on a newer version before its sender is told to come back.
const ROUNDS_MAX: u32 = 12;

pub type Make<'a> = dyn Fn(&Case, &Service, Option<&str>) -> Result<Command, Failure> + Send + Sync + 'a;
type Answer<'a> = dyn Fn(&Case, &Service) -> Result<Vec<u8>, Failure> + Send + Sync + 'a;

/// A command to be executed once.
pub struct Order<'a> {
    pub case_id: CaseId,
    /// The command's id, bound to whoever gave it.
    pub id: Vec<u8>,
    /// Who gave it, and the hash of their request: their answer is kept. None: nobody waits for an answer.
    pub request: Option<(PersonId, Hash)>,
    /// The case that this command opens.
    pub opens: Option<Case>,
    /// A number is allocated in the same transaction, unless the case has one.
    pub numbered: bool,
    pub acts: Vec<Act>,
    /// Checks who asks, on the state that is, and says which command it is.
    pub command: &'a Make<'a>,
    pub answer: &'a Answer<'a>,
    /// More messages that leave with the transition.
    pub outgoing: Vec<Outgoing>,
}

/// What came of it.
pub enum Done {
    /// The case as it is now, and the answer.
    Fresh(Box<Case>, Vec<u8>),
    /// The command took effect before; its answer again.
    Repeated(Vec<u8>),
}

impl Done {
    pub fn answer(self) -> Vec<u8> {
        match self {
            Self::Fresh(_, answer) | Self::Repeated(answer) => answer,
        }
    }
}

pub fn no_answer(_: &Case, _: &Service) -> Result<Vec<u8>, Failure> {
    Ok(Vec::new())
}

impl Host {
    pub async fn execute(&self, order: &Order<'_>) -> Result<Done, Failure> {
        for round in 0..ROUNDS_MAX {
            let revision = self.revision_for(order).await?;
            let mut tx = self.database.begin().await?;
            let done = match self.execute_in(&mut tx, order, revision).await {
                Ok(done) => tx.commit().await.map(|()| done).map_err(Failure::from),
                Err(failure) => Err(failure),
            };
            match done {
                Ok(done) => return Ok(done),
                Err(failure) if is_overtaken(&failure) => self.pause(round).await,
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::unavailable("case.busy", "Much happens to this application at this moment. Try again shortly."))
    }

    /// Between two rounds, a little and not in step with the rival.
    async fn pause(&self, round: u32) {
        let jitter = u64::from(bytes::<1>(&*self.random)[0] % 16);
        tokio::time::sleep(std::time::Duration::from_millis(jitter << round.min(4))).await;
    }

    /// Makes sure, before the transaction begins, that the revision the case needs is here.
    async fn revision_for(&self, order: &Order<'_>) -> Result<Hash, Failure> {
        let mut tx = self.database.read().await?;
        let stored = cases::read(&mut tx, &self.keys, order.case_id).await?;
        drop(tx);
        let Some(case) = stored.or_else(|| order.opens.clone()) else {
            return Err(access::not_found());
        };
        let revision = self.revision_of(&case).await?;
        self.service(&case.agency, revision, Reach::Platform).await?;
        Ok(revision)
    }

    /// A submitted case stays on its revision; a draft moves on to the one that a submission today would follow. One that is
    /// opened just now was given it a moment ago.
    pub async fn revision_of(&self, case: &Case) -> Result<Hash, Failure> {
        if case.state.phase != process::case::Phase::Draft {
            return Ok(case.revision);
        }
        let actor = case.state.applicant.as_ref().map_or(case.applicant, |applicant| applicant.actor);
        Ok(self.in_force(&case.agency, &case.service, actor).await?.unwrap_or(case.revision))
    }

    /// The revision that a submission of this person at this moment would follow.
    pub async fn in_force(&self, agency: &str, service: &str, person: PersonId) -> Result<Option<Hash>, Failure> {
        let today = process::calendar::civil_date(self.now()).to_string();
        let mut tx = self.database.read().await?;
        let offered = revisions::offered(&mut tx, agency, service).await?;
        Ok(offer::chosen(&offered, &today, person))
    }

    /// Executes inside a transaction that somebody else commits (an event's consumer). Nothing is asked over the bus.
    pub async fn execute_in(&self, tx: &mut Tx, order: &Order<'_>, revision: Hash) -> Result<Done, Failure> {
        if let Some(answer) = self.recall(tx, order).await? {
            return Ok(Done::Repeated(answer));
        }
        let stored = cases::read(tx, &self.keys, order.case_id).await?;
        let case = stored.or_else(|| order.opens.clone()).ok_or_else(access::not_found)?;
        let draft = matches!(case.state.phase, process::case::Phase::Draft | process::case::Phase::Absent);
        let revision = if draft { revision } else { case.revision };
        let service = self.service(&case.agency, revision, Reach::Own).await?;
        let number = self.number_for(tx, order, &case).await?;
        let command = (order.command)(&case, &service, number.as_deref())?;
        let decision = self.decide(&service, &case, &command)?;
        if decision.events.is_empty() {
            if is_too_early(&case.state, &command) {
                return self.answered(tx, order, case, &service).await;
            }
            sql::inbox::claim(tx, &order.id, self.now()).await?;
            forget(tx, &command).await?;
            return self.answered(tx, order, case, &service).await;
        }
        let (expected, agency) = (case.version, case.agency.clone());
        let waits = stuck::between(&case.state, &decision.state);
        // Of some it becomes known later who applies.
        let applicant = decision.state.applicant.as_ref().map_or(case.applicant, |applicant| applicant.person);
        let (revision, state) = (decision.state.revision, decision.state.clone());
        let case = Case { version: expected + 1, revision, applicant, state, ..case };
        let mut outgoing = vec![self.changed(&case, &service)];
        outgoing.extend(order.outgoing.iter().cloned());
        let took = experience::took(&decision.events, &case.state, &self.calendar);
        let mut acts = recorded(&order.acts, &case.state, &agency);
        acts.extend(over_proposals(&decision.events, case.id, &agency));
        let transition = Transition {
            case: case.clone(),
            expected,
            decision,
            command_id: order.id.clone(),
            outgoing,
            acts,
            erase_due: retention::over(service.definition(), &case.state, &self.calendar),
            took,
            waits,
            now: self.now(),
        };
        let fates = commit::write(tx, &mut [transition], &*self.random).await?;
        if fates.iter().any(|(_, fate)| *fate == Fate::Overtaken) {
            return Err(overtaken());
        }
        self.answered(tx, order, case, &service).await
    }

    fn decide(&self, service: &Service, case: &Case, command: &Command) -> Result<process::Decision, Failure> {
        Ok(process::decide(&service.process, &case.state, command, &self.facts(service))?)
    }

    async fn recall(&self, tx: &mut Tx, order: &Order<'_>) -> Result<Option<Vec<u8>>, Failure> {
        match &order.request {
            Some((person, request)) => sql::answers::recall(tx, Action::of_person(*person, &order.id), request).await,
            None => Ok(sql::inbox::seen(tx, &order.id).await?.then(Vec::new)),
        }
    }

    async fn answered(&self, tx: &mut Tx, order: &Order<'_>, case: Case, service: &Service) -> Result<Done, Failure> {
        let answer = (order.answer)(&case, service)?;
        if let Some((person, request)) = &order.request {
            let action = Action::of_person(*person, &order.id);
            sql::answers::keep(tx, action, request, &answer, self.now()).await?;
        }
        Ok(Done::Fresh(Box::new(case), answer))
    }

    async fn number_for(&self, tx: &mut Tx, order: &Order<'_>, case: &Case) -> Result<Option<String>, Failure> {
        if !order.numbered || case.state.number.is_some() {
            return Ok(case.state.number.clone());
        }
        let year = number::year(self.now());
        let count = cases::next_number(tx, &case.agency, year).await?;
        Ok(Some(number::number(&case.agency, year, count)))
    }

    /// The event that tells the docket; its id follows from case and version, so a repeated transition repeats it. A version that
    /// was lost and is reached anew is another one.
    fn changed(&self, case: &Case, service: &Service) -> Outgoing {
        let lookup = lookup::hashes(self.keys.lookup(), &case.state);
        let parties = parties::named(self.keys.lookup(), &case.state);
        let known = (&*service.process, &self.facts(service));
        let mut event = changed::of(&case.state, case.version, known, lookup, parties);
        if case.state.phase == process::case::Phase::Draft && case.state.taken_in.is_none() {
            event.due_us = self.calendar.deadline(case.state.touched, service.process.drafts_kept()).micros();
        }
        let (version, era) = (case.version.to_be_bytes(), self.era().to_be_bytes());
        let mut parts = vec![b"case-changed".as_slice(), case.id.as_bytes().as_slice(), version.as_slice()];
        parts.extend((self.era() != 0).then_some(era.as_slice()));
        let id = Hash::of_parts(&parts);
        Outgoing {
            message_id: MessageId::derived(id),
            name: CaseChanged::NAME.to_owned(),
            agency: case.agency.clone(),
            case: Some((case.id, case.version)),
            time: self.now(),
            body: event.encode_to_vec(),
        }
    }

    /// Records, on its own, that somebody was refused or looked.
    pub async fn record(&self, act: Act) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        note(&mut tx, act).await?;
        Ok(tx.commit().await?)
    }
}

/// The clock stepped back since the timer was found to be due: the case still has it, and it fires when its moment comes again.
fn is_too_early(state: &process::CaseState, command: &Command) -> bool {
    matches!(command, Command::FireTimer { timer } if state.timers.contains_key(timer))
}

/// When the case no longer waits for what came, no event removes the row it came from.
async fn forget(tx: &mut Tx, command: &Command) -> Result<(), sql::Error> {
    match command {
        Command::CompleteAction { action_id, .. } => actions::forget(tx, *action_id).await,
        Command::FireTimer { timer } => timers::forget(tx, *timer).await,
        _ => Ok(()),
    }
}

fn overtaken() -> Failure {
    Failure::conflict("case.overtaken", "The application changed at the same moment.")
}

/// Whether the same command may be decided again on what is there now.
pub fn is_overtaken(failure: &Failure) -> bool {
    matches!(failure.code.as_ref(), "case.overtaken" | "store.conflict" | "store.busy")
        && failure.kind != ErrorKind::Internal
}

/// An id for what the platform itself commands, so that every replica gives the same command the same id.
pub fn own_id(kind: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut all = vec![kind.as_bytes()];
    all.extend(parts);
    Hash::of_parts(&all).to_vec()
}

/// A new, absent case with a key of its own.
pub fn new_case(
    host: &Host,
    case_id: CaseId,
    agency: &str,
    service: &str,
    revision: Hash,
    applicant: kernel::PersonId,
) -> Result<Case, Failure> {
    let random: &dyn Random = &*host.random;
    let key = kernel::sealed::CaseKey::generate(random);
    let wrapped_key = key.wrap(&host.keys.agency(agency)?, random);
    Ok(Case {
        id: case_id,
        version: 0,
        agency: agency.to_owned(),
        service: service.to_owned(),
        revision,
        applicant,
        wrapped_key,
        key,
        state: process::CaseState::absent(case_id),
    })
}

/// Acts belong to the agency of the case, whatever agency the request's address named.
fn recorded(acts: &[Act], state: &process::CaseState, agency: &str) -> Vec<Act> {
    let both = state.applicant.as_ref().filter(|applicant| applicant.mandate.is_some());
    let both = both.map(|applicant| (applicant.person, applicant.actor));
    acts.iter().map(|act| coming(naming(Act { agency: agency.to_owned(), ..act.clone() }, both), state)).collect()
}

/// A deadline that decides over an officer's proposal is nobody's act, and one to be found.
fn over_proposals(events: &[process::Event], case: CaseId, agency: &str) -> Vec<Act> {
    let silent = events.iter().filter_map(|event| match &event.what {
        What::TaskDecided { task, outcome, overtaken: Some(overtaken), .. } => {
            let mut overtook = act("task.proposal-overtaken", event.at, None, case, agency);
            let (proposer, proposed) = (overtaken.officer, &overtaken.outcome);
            overtook.detail =
                serde_json::json!({"task": task, "outcome": outcome, "proposer": proposer, "proposed": proposed})
                    .to_string();
            Some(overtook)
        }
        _ => None,
    });
    silent.collect()
}

/// The act of sending an application.
pub const SUBMITTED: &str = "case.submitted";

/// How an application came stands beside who sent it.
fn coming(mut act: Act, state: &process::CaseState) -> Act {
    if act.act == SUBMITTED
        && let Ok(serde_json::Value::Object(mut detail)) = serde_json::from_str(&act.detail)
    {
        detail.insert("channel".to_owned(), state.channel.clone().into());
        if !state.start.is_empty() {
            detail.insert("start".to_owned(), state.start.clone().into());
        }
        if let Some(taken) = state.taken_in.as_ref().filter(|taken| !taken.original.is_empty()) {
            detail.insert("original".to_owned(), taken.original.clone().into());
        }
        act.detail = serde_json::Value::Object(detail).to_string();
    }
    act
}

/// Adds an act on a case to the transaction.
pub async fn note(tx: &mut Tx, act: Act) -> Result<(), Failure> {
    let people = match CaseId::from_slice(&act.subject) {
        Ok(case) => cases::people(tx, case).await?,
        Err(_) => None,
    };
    let both = people.and_then(|(applicant, representative)| Some((applicant, representative?)));
    Ok(sql::audit::append(tx, &naming(act, both)).await?)
}

/// Where somebody acts for the applicant, every row about the case names both.
fn naming(mut act: Act, both: Option<(kernel::PersonId, kernel::PersonId)>) -> Act {
    if let Some((applicant, representative)) = both
        && let Ok(serde_json::Value::Object(mut detail)) = serde_json::from_str(&act.detail)
    {
        detail.insert("applicant".to_owned(), applicant.to_string().into());
        detail.insert("representative".to_owned(), representative.to_string().into());
        act.detail = serde_json::Value::Object(detail).to_string();
    }
    act
}

/// For whom a person acted by identity's word, beside who that was.
pub fn on_behalf(mut act: Act, person: &bus::Person) -> Act {
    if person.mandate.is_some()
        && let Ok(serde_json::Value::Object(mut detail)) = serde_json::from_str(&act.detail)
    {
        detail.insert("onBehalfOf".to_owned(), person.id.to_string().into());
        act.detail = serde_json::Value::Object(detail).to_string();
    }
    act
}

/// An act of this service's record.
pub fn act(name: &str, now: Time, actor: Option<kernel::PersonId>, case: CaseId, agency: &str) -> Act {
    Act {
        time: now,
        actor,
        service_actor: actor.is_none().then(|| "eservice".to_owned()),
        act: name.to_owned(),
        subject: case.to_vec(),
        agency: agency.to_owned(),
        purpose: None,
        detail: "{}".to_owned(),
    }
}
