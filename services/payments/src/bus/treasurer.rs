//! Who may settle a refund that no provider makes: a treasurer of the agency whose case it is, who has no part in the case.

use async_trait::async_trait;
use bus::{Call, Person};
use kernel::{ErrorKind, Failure, Hash, PersonId, RefundId};
use proto::{
    identity::v1::{Officer, ReadPersonRequest, operations::READ_OFFICER},
    payments::v1::{PaymentOrder, RefundReply},
};
use sql::Action;

use super::{Office, OverBus, finance::has_part, keep, recall, refund::stands};
use crate::{
    desk::{Typed, unknown_refund},
    domain::{payout, refund::Refund},
    store,
};

/// The roles of an officer, as identity has them now.
#[async_trait]
pub trait Officers: Send + Sync {
    async fn officer(&self, person: PersonId) -> Result<Officer, Failure>;
}

#[async_trait]
impl Officers for OverBus {
    async fn officer(&self, person: PersonId) -> Result<Officer, Failure> {
        let request = ReadPersonRequest { person: person.to_vec(), case_id: Vec::new() };
        self.0.request(&READ_OFFICER, "platform", &request).await
    }
}

/// Officers by their persons; nobody else is one.
#[cfg(test)]
#[derive(Default)]
pub struct Listed(pub Vec<Officer>);

#[cfg(test)]
#[async_trait]
impl Officers for Listed {
    async fn officer(&self, person: PersonId) -> Result<Officer, Failure> {
        let found = self.0.iter().find(|officer| officer.person == person.to_vec());
        found.cloned().ok_or_else(|| Failure::not_found("officer.unknown", "There is no such officer."))
    }
}

/// Which of the two persons acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Enter,
    Confirm,
}

/// A treasurer's command about one refund, from admission to its kept answer.
pub async fn settle<Q>(
    office: &Office,
    call: &Call<Q>,
    part: Part,
    (refund, order): (&[u8], Option<&PaymentOrder>),
) -> Result<RefundReply, Failure> {
    let person = call.person()?;
    let id = RefundId::from_slice(refund)?;
    let outcome = commanded(office, call, part, id, order).await;
    noted(office, person, (&call.agency, id.as_bytes()), outcome).await
}

async fn commanded<Q>(
    office: &Office,
    call: &Call<Q>,
    part: Part,
    id: RefundId,
    order: Option<&PaymentOrder>,
) -> Result<RefundReply, Failure> {
    let person = call.person()?;
    let officer = is_treasurer(office, person, &call.agency).await?;
    concerns(office, (person, &officer), &call.agency, id).await?;
    let command = Hash::of_parts(&[b"treasurer", person.id.as_bytes(), person.command_id.as_bytes()]);
    let action = Action::of_person(person.id, command.as_bytes());
    let order = order.cloned().unwrap_or_default();
    let typed = Typed { number: &order.number, date: &order.date };
    let mut tx = office.database.begin().await?;
    if let Some(kept) = recall(&mut tx, action, &call.body_hash).await? {
        return Ok(kept);
    }
    let refund: Refund = match part {
        Part::Enter => office.desk.enter_payout(&mut tx, id, typed, person.actor).await?,
        Part::Confirm => office.desk.confirm_payout(&mut tx, id, typed, person.actor).await?,
    };
    let answer = stands(&refund);
    keep(&mut tx, action, &call.body_hash, &answer, office.desk.now()).await?;
    tx.commit().await?;
    Ok(answer)
}

pub async fn is_treasurer(office: &Office, person: &Person, agency: &str) -> Result<Officer, Failure> {
    if !person.officer {
        return Err(unknown_refund().with_detail("not signed in as an officer"));
    }
    let known = office.officers.officer(person.id).await.map_err(|failure| match failure.kind {
        ErrorKind::NotFound => unknown_refund().with_detail("no officer"),
        _ => failure,
    })?;
    match payout::pays_out(&known, agency, office.desk.now()) {
        true => Ok(known),
        false => Err(unknown_refund().with_detail("not a treasurer of this agency")),
    }
}

/// The refund is of a case of this agency in which the person is neither payer nor anything else.
async fn concerns(
    office: &Office,
    (person, officer): (&Person, &Officer),
    agency: &str,
    id: RefundId,
) -> Result<(), Failure> {
    let mut tx = office.database.read().await?;
    let refund = store::refunds::find(&mut tx, id).await?.ok_or_else(unknown_refund)?;
    let intent = store::intents::find(&mut tx, refund.intent).await?.ok_or_else(unknown_refund)?;
    drop(tx);
    if intent.case.agency != agency {
        return Err(unknown_refund().with_detail("another agency's case"));
    }
    if has_part(office, (person, officer), &intent).await? {
        return Err(unknown_refund().with_detail("the officer's own case"));
    }
    Ok(())
}

/// Passes an outcome on; who was refused for who they are leaves an audit row.
pub async fn noted<T>(
    office: &Office,
    person: &Person,
    (agency, subject): (&str, &[u8]),
    outcome: Result<T, Failure>,
) -> Result<T, Failure> {
    if let Err(failure) = &outcome
        && matches!(failure.kind, ErrorKind::NotFound | ErrorKind::Forbidden)
    {
        let mut detail = serde_json::json!({"code": failure.code, "officer": person.officer});
        if person.actor != person.id {
            detail["onBehalfOf"] = person.id.to_string().into();
        }
        let refused = sql::audit::Act {
            time: office.desk.now(),
            actor: Some(person.actor),
            act: "payment.refused".into(),
            subject: subject.to_vec(),
            agency: agency.into(),
            detail: detail.to_string(),
            ..sql::audit::Act::default()
        };
        let mut tx = office.database.begin().await?;
        sql::audit::append(&mut tx, &refused).await?;
        tx.commit().await?;
    }
    outcome
}
