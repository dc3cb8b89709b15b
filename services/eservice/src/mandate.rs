//! Asks a registry about a mandate: when somebody chooses whom to act for, when a draft is opened, when a representative comes
//! back, and when they submit. For a company's director identity has answered already, in the assertion.

use std::time::Duration;

use api::MandateKind;
use bus::Person;
use kernel::{CaseId, Failure, Hash, Time, bytes};
use process::{Command, case::Mandate};
use proto::{ActionRef, CaseRef, exchange::v1::CallRegistryRequest, identity::v1 as identity};
use serde_json::json;

use crate::{
    domain::{
        access, applicant, changed,
        mandate::{self, Child, Children, Claim, FRESH, GRACE, Proved},
    },
    execute::{Order, act, no_answer, own_id},
    host::{Host, Reach},
    store::cases::Case,
};

/// Nobody waits longer than this for a page; who asks us waits for five seconds.
const PATIENCE: Duration = Duration::from_secs(3);
/// Of whom the registry of civil status holds nothing, it says that there is no record.
const NO_CHILDREN: &[u8] = br#"{"children": []}"#;

/// What is asked: which record, about whom, by which service.
struct Question<'a> {
    case: CaseRef,
    owner: &'a str,
    declared: &'a api::Mandate,
    record: &'a str,
    attorney: &'a str,
    person: kernel::PersonId,
}

impl Question<'_> {
    /// Of a power of attorney its number is known; a parent is all that is known of a parent.
    fn input(&self) -> Vec<u8> {
        let input = match self.declared.kind {
            MandateKind::Attorney => json!({"number": self.record}),
            MandateKind::Parent | MandateKind::Director => json!({}),
        };
        input.to_string().into_bytes()
    }
}

/// What the registry's answer proves for one service at this moment.
async fn proved(host: &Host, question: &Question<'_>, service: &str) -> Result<Proved, Failure> {
    let answer = ask(host, question).await?;
    let claim = Claim { record: question.record, representative: question.attorney, service };
    mandate::prove(question.declared.kind, &answer, &claim, host.now())
}

/// What the registry says. The id is empty: a question that changes nothing is not answered from memory.
async fn ask(host: &Host, question: &Question<'_>) -> Result<Vec<u8>, Failure> {
    let cause = Hash::of_parts(&[b"xizmat mandate", &question.case.case_id, &bytes::<16>(&*host.random)]);
    let agency = question.case.agency.clone();
    let request = CallRegistryRequest {
        action: Some(ActionRef {
            case: Some(question.case.clone()),
            action_id: Vec::new(),
            step: "mandate".to_owned(),
            cause: cause.to_vec(),
        }),
        owner: question.owner.to_owned(),
        registry: question.declared.registry.clone(),
        operation: question.declared.operation.clone(),
        input: question.input(),
        // The grant is bound to whoever acts: a record of somebody else's is not asked for.
        person: question.person.to_vec(),
        subject_pinfl: question.attorney.to_owned(),
        ..CallRegistryRequest::default()
    };
    let asked = tokio::time::timeout(PATIENCE, host.platform.call_registry(&agency, &request, PATIENCE)).await;
    let reply = asked.map_err(|_| mandate::unavailable().with_detail("no answer in time"))?;
    let reply = reply.map_err(|failure| mandate::unavailable().with_detail(format!("{failure:?}")))?;
    match reply.outcome.as_str() {
        "found" => Ok(reply.output),
        "not-found" if question.declared.kind == MandateKind::Parent => Ok(NO_CHILDREN.to_vec()),
        "not-found" => Err(mandate::unknown()),
        _ => Err(mandate::unavailable().with_detail(reply.code)),
    }
}

/// A mandate that is in force, with whom it lets act for whom.
pub struct Taken {
    pub mandate: Mandate,
    pub principal: identity::Person,
}

/// Before a draft is opened: the record is in force, covers the service and names the person; whom it names else is resolved.
pub async fn take(
    host: &Host,
    person: &Person,
    service: &crate::host::Service,
    case: CaseRef,
    asked: &proto::eservice::v1::Mandate,
) -> Result<Taken, Failure> {
    let definition = service.definition();
    let declared = recorded(definition.mandate(&asked.kind))?;
    let record = mandate::record(&asked.record)?;
    let case_id = CaseId::from_slice(&case.case_id)?;
    let representative = host.platform.person(person.id, case_id).await?;
    let question = Question {
        owner: definition.registry_owner(&declared.registry),
        declared,
        record: &record,
        attorney: &representative.pinfl,
        person: person.id,
        case: case.clone(),
    };
    let proved = proved(host, &question, &format!("{}/{}", case.agency, case.service)).await?;
    let until = proved.until;
    let principal = host
        .platform
        .resolve(&identity::ResolvePersonRequest {
            pinfl: proved.pinfl,
            family_name: proved.family_name,
            given_name: proved.given_name,
            patronymic: proved.patronymic,
            case_id: case.case_id,
            ..identity::ResolvePersonRequest::default()
        })
        .await?;
    let mandate = Mandate {
        kind: asked.kind.clone(),
        record,
        source: format!("{}/{}", declared.registry, declared.operation),
        representative: applicant::name(&representative),
        attorney: representative.pinfl,
        until,
        checked: host.now(),
        ended: None,
    };
    Ok(Taken { mandate, principal })
}

/// A mandate that a registry proves; a director's is in the assertion or nowhere.
fn recorded(declared: Option<&api::Mandate>) -> Result<&api::Mandate, Failure> {
    declared.filter(|declared| declared.kind != MandateKind::Director).ok_or_else(mandate::not_taken)
}

/// The children for whom the person may apply in a service, as its registry names them now.
pub async fn children(
    host: &Host,
    person: &Person,
    service: &crate::host::Service,
    case: CaseRef,
) -> Result<Vec<Child>, Failure> {
    let definition = service.definition();
    let declared = definition.mandate(MandateKind::Parent.name()).ok_or_else(mandate::not_taken)?;
    let parent = host.platform.person(person.id, CaseId::from_slice(&case.case_id)?).await?;
    let question = Question {
        owner: definition.registry_owner(&declared.registry),
        declared,
        record: "",
        attorney: &parent.pinfl,
        person: person.id,
        case,
    };
    Ok(Children::read(&ask(host, &question).await?)?.minors(host.now()))
}

/// What identity vouches for in this assertion, as the case keeps it. It counts for as long as an appointment does; the next
/// command brings the next assertion.
pub async fn asserted(
    host: &Host,
    person: &Person,
    service: &crate::host::Service,
    case_id: CaseId,
) -> Result<Mandate, Failure> {
    let kind = person.mandate.as_deref().unwrap_or_default();
    service.definition().mandate(kind).ok_or_else(mandate::not_taken)?;
    let actor = host.platform.person(person.actor, case_id).await?;
    let now = host.now();
    let mandate = Mandate {
        kind: kind.to_owned(),
        record: String::new(),
        source: "identity".to_owned(),
        representative: applicant::name(&actor),
        attorney: actor.pinfl,
        until: now.plus(FRESH),
        checked: now,
        ended: None,
    };
    // Identity vouches for directors; whatever else it may learn to assert, a record proves the others.
    if mandate.is_asserted() { Ok(mandate) } else { Err(mandate::not_taken()) }
}

/// The same before a draft is opened, with the company itself.
pub async fn take_asserted(
    host: &Host,
    person: &Person,
    service: &crate::host::Service,
    case_id: CaseId,
) -> Result<Taken, Failure> {
    let mandate = asserted(host, person, service, case_id).await?;
    let principal = host.platform.person(person.id, case_id).await?;
    Ok(Taken { mandate, principal })
}

/// Lets a representative go on only while the registry says that the mandate is in force; anybody else is judged elsewhere.
/// What the registry said is kept for a minute; when it gives no right any more, the case records that once.
pub async fn hold(host: &Host, person: &Person, case: &Case) -> Result<(), Failure> {
    match confirmed(host, person, case).await {
        Err(failure) if failure.code == "mandate.unavailable" && heard_within(host, case, GRACE).is_some() => Ok(()),
        other => other.map(|_| ()),
    }
}

/// When the registry said last that the mandate is in force, if that is not longer ago.
fn heard_within(host: &Host, case: &Case, age: Duration) -> Option<Time> {
    let mandate = case.state.applicant.as_ref()?.mandate.as_ref()?;
    let heard = host.mandates.heard(case.id).map_or(mandate.checked, |heard| heard.max(mandate.checked));
    let now = host.now();
    (heard <= now && now.since(heard) < age).then_some(heard)
}

/// The mandate by which this person acts in the case, as the registry says now; none: they do not act for somebody else.
pub async fn confirmed(host: &Host, person: &Person, case: &Case) -> Result<Option<Mandate>, Failure> {
    let applicant = case.state.applicant.as_ref().filter(|applicant| mandate::is_representative(applicant, person.id));
    let Some((applicant, kept)) = applicant.and_then(|one| Some((one, one.mandate.as_ref()?))) else { return Ok(None) };
    let now = host.now();
    // Whoever acts for a company comes as the company: to have begun its case is no right to it.
    if person.officer || kept.ended.is_some() || kept.is_asserted() {
        return Err(access::not_found().with_detail("the mandate has ended, or an officer asks"));
    }
    if now >= kept.until {
        end(host, case, "mandate.expired").await?;
        return Err(access::not_found().with_detail("mandate.expired"));
    }
    if let Some(checked) = heard_within(host, case, FRESH) {
        return Ok(Some(Mandate { checked, ..kept.clone() }));
    }
    let revision = host.revision_of(case).await?;
    let service = host.service(&case.agency, revision, Reach::Platform).await?;
    let definition = service.definition();
    let Ok(declared) = recorded(definition.mandate(&kept.kind)) else {
        return Err(access::not_found().with_detail("the service takes no such mandate any more"));
    };
    let question = Question {
        case: changed::case_ref(&case.state),
        owner: definition.registry_owner(&declared.registry),
        declared,
        record: &kept.record,
        attorney: &kept.attorney,
        person: person.id,
    };
    let principal = applicant.profile.get("pinfl").and_then(serde_json::Value::as_str).unwrap_or_default();
    let judged = proved(host, &question, &case.hosted_service())
        .await
        .and_then(|proved| if proved.pinfl == principal { Ok(proved.until) } else { Err(mandate::unknown()) });
    match judged {
        Ok(until) => {
            host.mandates.hear(case.id, now);
            Ok(Some(Mandate { until, checked: now, ..kept.clone() }))
        }
        Err(failure) if mandate::is_refusal(&failure) => {
            end(host, case, &failure.code).await?;
            Err(access::not_found().with_detail(failure.code))
        }
        Err(failure) => Err(failure),
    }
}

/// Once: the representative has lost the case, the applicant keeps it.
async fn end(host: &Host, case: &Case, reason: &str) -> Result<(), Failure> {
    let mut ended = act("mandate.ended", host.now(), None, case.id, &case.agency);
    ended.detail = json!({"reason": reason}).to_string();
    let order = Order {
        case_id: case.id,
        id: own_id("end-mandate", &[case.id.as_bytes()]),
        request: None,
        opens: None,
        numbered: false,
        acts: vec![ended],
        command: &|_, _, _| Ok(Command::EndMandate { reason: reason.to_owned() }),
        answer: &no_answer,
        outgoing: Vec::new(),
    };
    host.execute(&order).await?;
    Ok(())
}

/// When the registry last said, to this replica, that the mandate of a case is in force.
#[derive(Default)]
pub struct Heard(std::sync::Mutex<std::collections::HashMap<CaseId, Time>>);

impl Heard {
    fn heard(&self, case: CaseId) -> Option<Time> {
        self.0.lock().expect("no holder of this lock panics").get(&case).copied()
    }

    /// What is older than anybody may use is forgotten.
    fn hear(&self, case: CaseId, now: Time) {
        let mut heard = self.0.lock().expect("no holder of this lock panics");
        heard.retain(|_, at| now.since(*at) < GRACE);
        heard.insert(case, now);
    }
}
