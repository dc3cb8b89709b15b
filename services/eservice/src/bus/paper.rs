//! An officer takes in what came on paper: for whoever signed it, under their own name, and with a record that the applicant reads. Or
//! they begin ex officio, for nobody.

use std::{collections::BTreeSet, sync::Arc};

use bus::{Call, Person};
use kernel::{CaseId, Failure, Hash, MessageId, PersonId, Time, pinfl::Pinfl};
use process::{
    Command,
    case::{Applicant, TakenIn as Taken},
    start,
};
use prost::Message;
use proto::{
    CaseRef, Event as _,
    eservice::v1::{CaseOpened, ListTakenInRequest, OpenDraftReply, OpenDraftRequest, Paper, TakenIn, TakenInCase},
    identity::v1::{Appointment, Officer, ResolvePersonRequest},
};
use sql::{audit::Act, outbox::Outgoing};

use super::{
    command_id,
    draft::{decoded, in_force, opened, takes_applications},
    left, noted, own, stored,
    task::officer_of,
};
use crate::{
    domain::{
        access,
        applicant::{self, Standing},
        changed, identified, intake,
        opening::LASTS,
        paper::{self, DISCARDED, LISTED, REFUSED, Signed, TAKEN, Who},
        parties, text, thrown,
    },
    execute::{Order, act, new_case, note},
    host::{Host, Reach, Service},
    store::{
        cases::{self, Case},
        openings,
    },
};

/// What an officer looks at who corrects what they typed, as the record names it.
const CORRECTED: &str = "paper";

/// Who opens it, as what, and for whom.
struct Taking<'a> {
    officer: &'a Appointment,
    start: &'a api::Start,
    signed: Signed,
    received: Option<Time>,
}

pub async fn open(host: &Host, call: &Call<OpenDraftRequest>, told: &Paper) -> Result<OpenDraftReply, Failure> {
    let (person, asked) = (call.person()?, &call.request);
    if !person.officer {
        return Err(paper::officers_only());
    }
    let officer = officer_of(host, person).await?;
    let revision = in_force(host, &asked.agency, &asked.service, person.actor).await?;
    takes_applications(host, &asked.agency, &asked.service).await?;
    let service = host.service(&asked.agency, revision, Reach::Platform).await?;
    let case_id = CaseId::new(&*host.clock, &*host.random);
    let taking = match taking(host, person, &officer, (&service, &asked.agency), told) {
        Ok(taking) => taking,
        Err(failure) => return refused(host, person, (&asked.agency, &asked.service), failure).await,
    };
    let known = match &taking.signed.who {
        Who::Known(pinfl) => host.platform.resolve(&named(pinfl, case_id)).await?,
        Who::Foreigner(_) | Who::NotYet(_) | Who::Nobody => paper::unidentified(&taking.signed, case_id),
    };
    if !paper::is_of(&taking.signed, &known) {
        return refused(host, person, (&asked.agency, &asked.service), paper::name_differs()).await;
    }
    let known = paper::as_signed(&taking.signed, known);
    let principal = PersonId::from_slice(&known.person)?;
    let assurance = person.assurance.as_str().to_owned();
    let applicant =
        applicant::applicant(Standing { person: principal, actor: principal, mandate: None, assurance }, &known);
    // New revisions are offered to a share of people: to the applicant as if they came themselves. What was typed is judged by theirs.
    let revision = in_force(host, &asked.agency, &asked.service, principal).await?;
    let service = host.service(&asked.agency, revision, Reach::Platform).await?;
    let taking = match self::taking(host, person, &officer, (&service, &asked.agency), told) {
        Ok(taking) => taking,
        Err(failure) => return refused(host, person, (&asked.agency, &asked.service), failure).await,
    };
    begin(host, call, &taking, (case_id, revision), &applicant).await
}

/// The draft is opened, if the officer can have one more.
async fn begin(
    host: &Host,
    call: &Call<OpenDraftRequest>,
    taking: &Taking<'_>,
    (case_id, revision): (CaseId, Hash),
    applicant: &Applicant,
) -> Result<OpenDraftReply, Failure> {
    let (person, asked, principal) = (call.person()?, &call.request, applicant.person);
    let service = (asked.agency.as_str(), asked.service.as_str());
    let room = has_room(host, person.id, service).await?;
    let mark = paper::mark(host.keys.lookup(), service, &taking.signed, principal);
    let again = is_taken(host, mark).await?;
    let opening = MessageId::derived(Hash::of_parts(&[b"taken-in", case_id.as_bytes()]));
    let role = taking.officer.role.clone();
    let (channel, identified) = (taking.signed.who.channel(), taking.signed.who.is_identified());
    let taken = Taken {
        officer: person.id,
        role: role.clone(),
        original: taking.signed.original.clone(),
        reason: taking.signed.reason.clone(),
        unidentified: !identified,
        mark,
        received: taking.received,
        before: BTreeSet::new(),
        contact: taking.signed.contact.clone(),
        identity: taking.signed.who.identity(),
        notify: None,
    };
    let beginning = start::taken_in(taking.start, taken);
    let mut recorded = act(TAKEN, host.now(), Some(person.actor), case_id, &asked.agency);
    recorded.detail = serde_json::json!({
        "start": beginning.start, "channel": channel, "office": taking.officer.office, "role": role,
        "opening": identified.then_some(opening), "applicant": identified.then_some(principal),
        "received": taking.received,
    })
    .to_string();
    let case = CaseRef {
        case_id: case_id.to_vec(),
        agency: asked.agency.clone(),
        service: asked.service.clone(),
        revision: revision.to_vec(),
    };
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: Some(new_case(host, case_id, &asked.agency, &asked.service, revision, principal)?),
        numbered: false,
        acts: vec![recorded],
        command: &|_, _, _| {
            if again || !room {
                return Err(if again { paper::taken_already() } else { paper::too_many() });
            }
            Ok(Command::OpenDraft {
                case_id,
                applicant: applicant.clone(),
                language: text::language(&asked.language),
                channel: channel.to_owned(),
                beginning: Some(Box::new(beginning.clone())),
            })
        },
        answer: &|case, service| Ok(opened(host, case, service, false).encode_to_vec()),
        outgoing: identified.then(|| shown(host, case, case_id, (opening, principal), taking)).into_iter().collect(),
    };
    decoded(&host.execute(&order).await?.answer())
}

pub(super) async fn is_taken(host: &Host, mark: Option<Hash>) -> Result<bool, Failure> {
    let Some(mark) = mark else { return Ok(false) };
    let mut tx = host.database.read().await?;
    Ok(cases::is_taken(&mut tx, mark).await?)
}

/// Judges the officer and what they typed, before anybody is looked up.
fn taking<'a>(
    host: &Host,
    person: &Person,
    officer: &'a Officer,
    (service, agency): (&'a Service, &str),
    told: &Paper,
) -> Result<Taking<'a>, Failure> {
    let start = start::on_paper(service.definition()).ok_or_else(paper::not_taken)?;
    let role = start.role.as_deref().unwrap_or_default();
    let held = paper::appointed(officer, agency, role, host.now()).ok_or_else(paper::not_appointed)?;
    intake::assured(service.definition(), person.assurance.as_str())?;
    let signed = paper::signed(start, told)?;
    if let Who::Known(pinfl) = &signed.who
        && parties::is(host.keys.lookup(), pinfl, officer)?
    {
        return Err(paper::own());
    }
    let received = paper::received(&signed.who, told, host.now())?;
    Ok(Taking { officer: held, start, signed, received })
}

/// Who tries numbers and names is found in the record.
pub(super) async fn refused<T>(
    host: &Host,
    person: &Person,
    (agency, service): (&str, &str),
    failure: Failure,
) -> Result<T, Failure> {
    let nobodys = CaseId::from_bytes([0; 16]);
    let mut refused = act(REFUSED, host.now(), Some(person.actor), nobodys, agency);
    refused.detail = serde_json::json!({"service": service, "code": failure.code}).to_string();
    host.record(refused).await?;
    Err(failure)
}

/// By the number alone: under which name they are known is theirs to say, when they sign in.
pub(super) fn named(pinfl: &Pinfl, case_id: CaseId) -> ResolvePersonRequest {
    ResolvePersonRequest {
        pinfl: pinfl.reveal().to_owned(),
        case_id: case_id.to_vec(),
        ..ResolvePersonRequest::default()
    }
}

/// The applicant reads among "who looked at my data" that an officer typed for them.
fn shown(
    host: &Host,
    case: CaseRef,
    case_id: CaseId,
    (opening, applicant): (MessageId, PersonId),
    taking: &Taking<'_>,
) -> Outgoing {
    let told = CaseOpened {
        opening: opening.to_vec(),
        applicant: applicant.to_vec(),
        time_us: host.now().micros(),
        agency: case.agency.clone(),
        office: taking.officer.office.clone(),
        role: taking.officer.role.clone(),
        purpose: taking.start.title.as_ref().map(text::to_proto),
        case: Some(case),
        ..CaseOpened::default()
    };
    as_opening(host, (case_id, 1), opening, &told)
}

pub(super) fn as_opening(host: &Host, case: (CaseId, i64), opening: MessageId, told: &CaseOpened) -> Outgoing {
    Outgoing {
        message_id: opening,
        name: CaseOpened::NAME.to_owned(),
        agency: told.agency.clone(),
        case: Some(case),
        time: host.now(),
        body: told.encode_to_vec(),
    }
}

/// Somebody's application on paper does not vanish without a trace: the record says which one and why, and whoever signed it reads that.
pub(super) async fn throw_away(
    host: &Host,
    person: &Person,
    case: CaseId,
    reason: &str,
) -> Result<(Act, Option<Outgoing>), Failure> {
    let why = thrown::why(reason)?;
    let case = stored(host, case).await?;
    let taken = case.state.taken_in.as_ref().ok_or_else(access::not_found)?;
    let officer = officer_of(host, person).await?;
    let held = paper::appointed(&officer, &case.agency, &taken.role, host.now());
    let opening = MessageId::derived(Hash::of_parts(&[b"thrown-away", case.id.as_bytes()]));
    let identified = case.state.is_identified();
    let mut recorded = act(DISCARDED, host.now(), Some(person.actor), case.id, &case.agency);
    recorded.detail = serde_json::json!({
        "original": taken.original, "reason": why.code, "channel": case.state.channel,
        "opening": identified.then_some(opening),
    })
    .to_string();
    let told = CaseOpened {
        case: Some(changed::case_ref(&case.state)),
        opening: opening.to_vec(),
        applicant: case.applicant.to_vec(),
        time_us: host.now().micros(),
        agency: case.agency.clone(),
        office: held.map(|held| held.office.clone()).unwrap_or_default(),
        role: taken.role.clone(),
        purpose: Some(why.told()),
        ..CaseOpened::default()
    };
    let told = identified.then(|| as_opening(host, (case.id, case.version), opening, &told));
    Ok((recorded, told))
}

/// Whether this officer can have one more to type: more than a list shows would be out of sight.
pub(super) async fn has_room(host: &Host, officer: PersonId, (agency, service): (&str, &str)) -> Result<bool, Failure> {
    let mut tx = host.database.read().await?;
    let held = cases::taken_in(&mut tx, officer, agency, service).await?.len();
    Ok(i64::try_from(held).is_ok_and(|held| held < cases::TAKEN_IN_MAX))
}

/// What the officer has still to type, and what was sent back to be corrected.
pub async fn list(host: Arc<Host>, call: Call<ListTakenInRequest>) -> Result<TakenIn, Failure> {
    let (person, asked) = (call.person()?, &call.request);
    let officer = officer_of(&host, person).await?;
    let mut tx = host.database.read().await?;
    let mut found = Vec::new();
    for id in cases::taken_in(&mut tx, person.id, &asked.agency, &asked.service).await? {
        found.extend(cases::read(&mut tx, &host.keys, id).await?);
    }
    drop(tx);
    let appointed = |case: &Case| {
        let taken = case.state.taken_in.as_ref();
        taken.is_some_and(|taken| paper::appointed(&officer, &case.agency, &taken.role, host.now()).is_some())
    };
    found.retain(|case| paper::types(&case.state, person.id) && appointed(case));
    if !found.is_empty() {
        // The names of whoever signed are shown.
        let nobodys = CaseId::from_bytes([0; 16]);
        let mut listed = act(LISTED, host.now(), Some(person.actor), nobodys, &asked.agency);
        let cases: Vec<CaseId> = found.iter().map(|case| case.id).collect();
        listed.detail = serde_json::json!({"service": asked.service, "cases": cases}).to_string();
        host.record(listed).await?;
    }
    let (left, to_identify) = left::list(&host, person, &officer, asked).await?;
    let own = |case: &Case| {
        let identity = identified::identity(&case.state, person.id).to_owned();
        TakenInCase { identity, ..paper::listed(&case.state) }
    };
    Ok(TakenIn { cases: found.iter().map(own).collect(), left, to_identify })
}

/// The case, for whoever fills it in now: the applicant, or the officer who took it in, as long as they have the role.
pub(super) async fn filled(host: &Host, person: &Person, case: CaseId) -> Result<Case, Failure> {
    if !person.officer {
        return Box::pin(own(host, person, case)).await;
    }
    let case = stored(host, case).await?;
    allow(host, &case, person)?;
    let held = still_appointed(host, person, &case).await?;
    if case.state.submitted.is_some() {
        looked(host, person, &case, &held).await?;
    }
    Ok(case)
}

/// What was sent is the applicant's: that an officer reads it again, to correct it, is an opening like any other, once an hour.
async fn looked(host: &Host, person: &Person, case: &Case, held: &Appointment) -> Result<(), Failure> {
    let now = host.now();
    let mut tx = host.database.read().await?;
    let earlier = openings::earlier(&mut tx, case.id, person.actor, now.minus(LASTS)).await?;
    drop(tx);
    if earlier.iter().any(|one| one.thing == CORRECTED) {
        return Ok(());
    }
    let opening = MessageId::new(&*host.clock, &*host.random);
    let told = left::told(host, case, held, opening).await?;
    let mut recorded = act(openings::ACT, now, Some(person.actor), case.id, &case.agency);
    recorded.detail = serde_json::json!({
        "opening": opening, "thing": CORRECTED, "office": held.office, "role": held.role, "version": case.version,
        "reasoned": false,
    })
    .to_string();
    let mut tx = host.database.begin().await?;
    note(&mut tx, recorded).await?;
    sql::outbox::enqueue(&mut tx, &as_opening(host, (case.id, case.version), opening, &told)).await?;
    Ok(tx.commit().await?)
}

/// Whether this officer took it in and has the role in which they did.
async fn still_appointed(host: &Host, person: &Person, case: &Case) -> Result<Appointment, Failure> {
    let Some(taken) = case.state.taken_in.as_ref().filter(|taken| taken.officer == person.id) else {
        return Err(access::not_found().with_detail("not an application that this officer took in"));
    };
    let officer = officer_of(host, person).await?;
    match paper::appointed(&officer, &case.agency, &taken.role, host.now()) {
        Some(held) => Ok(held.clone()),
        None => Err(access::not_found().with_detail("the officer has lost the role in which they took it in")),
    }
}

/// The same of the case alone, inside a transaction.
pub(super) fn allow(host: &Host, case: &Case, person: &Person) -> Result<(), Failure> {
    match person.officer {
        true if paper::types(&case.state, person.id) => Ok(()),
        true => Err(access::not_found().with_detail("not an application that this officer types")),
        false => super::allow_applicant(host, case, person),
    }
}

/// Before a command is executed: an officer who took it in still may. Whether there is anything to type is judged with the command, so
/// that whoever sends one again that took effect gets its answer again.
pub(super) async fn typing(host: &Host, person: &Person, case: CaseId, agency: &str) -> Result<(), Failure> {
    let held = match stored(host, case).await {
        Ok(case) => still_appointed(host, person, &case).await.map(|_| ()),
        Err(failure) => Err(failure),
    };
    noted(host, person, case, agency, held).await
}
