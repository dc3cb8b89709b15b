//! Turns what the process asks into a callee's request, and the callee's answer into what the process understands.

use kernel::{Currency, DocumentId, Failure, Hash, IntentId, Money, PersonId, RefundId};
use process::{
    ActionResult, OpenAction, Request,
    action::{BookedRefund, IntentState},
    case::{Applicant, Number},
};
use proto::{ActionRef, identity, notifications, payments, signing};
use serde_json::Value;

use super::registry;
use crate::{
    domain::{access, changed},
    host::{Host, Service},
    store::cases::Case,
};

pub async fn ask(host: &Host, case: &Case, service: &Service, action: &OpenAction) -> Result<ActionResult, Failure> {
    let agency = case.agency.as_str();
    match &action.request {
        Request::CallRegistry { registry, operation, input, purpose } => {
            let call = registry::Call { registry, operation, input, purpose, step: &action.step };
            registry::call(host, case, service, action, &call).await
        }
        Request::CreateIntent { fee, inputs, expires } => {
            let request = payments::v1::CreateIntentRequest {
                action: Some(action_ref(case, action)),
                fee: fee.clone(),
                payer: applicant(case)?.person.to_vec(),
                inputs: json(inputs)?,
                expires_us: changed::micros(*expires),
                submitted_us: changed::micros(case.state.submitted),
                number: case.state.number.clone().unwrap_or_default(),
                representative: representative(case)?,
            };
            intent(&host.platform.create_intent(agency, &request).await?)
        }
        Request::CloseIntent { intent: id, reason } => {
            let request = payments::v1::CloseIntentRequest {
                action: Some(action_ref(case, action)),
                intent: id.to_vec(),
                reason: reason.clone(),
            };
            intent(&host.platform.close_intent(agency, &request).await?)
        }
        Request::Refund { intent, amount, reason } => {
            let request = payments::v1::RefundRequest {
                action: Some(action_ref(case, action)),
                intent: intent.to_vec(),
                amount: amount.map(to_proto),
                reason: reason.clone(),
            };
            refund(action, &host.platform.refund(agency, &request).await?)
        }
        Request::IssueDocument { document, language, input, replaces: _, template } => {
            issue(host, case, action, (document.as_str(), language.as_str(), *template), input).await
        }
        Request::RecallDocument { document, reason, replaced_by } => {
            let request = signing::v1::RevokeDocumentRequest {
                action: Some(action_ref(case, action)),
                document_id: document.to_vec(),
                reason: reason.clone(),
                superseded_by: replaced_by.map(DocumentId::to_vec).unwrap_or_default(),
            };
            host.platform.revoke_document(agency, &request).await?;
            Ok(ActionResult::Done)
        }
        Request::ResolveParty { party: _, number } => resolve(host, case, number).await,
        // Whom identity does not know nobody can write to: they get on paper what the case delivers.
        Request::Notify { recipient: None, .. } if !case.state.is_identified() => Ok(ActionResult::Done),
        Request::Notify { notification, language, input, recipient } => {
            let request = notifications::v1::SendRequest {
                action: Some(action_ref(case, action)),
                notification: notification.clone(),
                recipient: recipient.unwrap_or(applicant(case)?.person).to_vec(),
                language: language.clone(),
                inputs: json(input)?,
            };
            host.platform.notify(agency, &request).await?;
            Ok(ActionResult::Done)
        }
        // No answer of it is waited for: it is delivered beside the steps.
        Request::Emit { .. } => Ok(ActionResult::Done),
    }
}

async fn issue(
    host: &Host,
    case: &Case,
    action: &OpenAction,
    (document, language, template): (&str, &str, Option<Hash>),
    input: &Value,
) -> Result<ActionResult, Failure> {
    let request = signing::v1::IssueDocumentRequest {
        action: Some(action_ref(case, action)),
        document: document.to_owned(),
        holder: applicant(case)?.person.to_vec(),
        language: language.to_owned(),
        inputs: json(input)?,
        representative: representative(case)?,
        template_revision: template.map(Hash::to_vec).unwrap_or_default(),
    };
    let issued = host.platform.issue_document(&case.agency, &request).await?;
    Ok(ActionResult::Document {
        document: DocumentId::from_slice(&issued.document_id)?,
        number: issued.number,
        code: issued.code,
    })
}

/// Under which name they are known is theirs to say, when they sign in.
async fn resolve(host: &Host, case: &Case, number: &Number) -> Result<ActionResult, Failure> {
    let (pinfl, tin) = match number {
        Number::Pinfl(pinfl) => (pinfl.clone(), String::new()),
        Number::Tin(tin) => (String::new(), tin.clone()),
    };
    let case_id = case.id.to_vec();
    let named =
        identity::v1::ResolvePersonRequest { pinfl, tin, case_id, ..identity::v1::ResolvePersonRequest::default() };
    let person = host.platform.resolve(&named).await?.person;
    Ok(ActionResult::Person { person: PersonId::from_slice(&person)? })
}

pub fn action_ref(case: &Case, action: &OpenAction) -> ActionRef {
    ActionRef {
        case: Some(changed::case_ref(&case.state)),
        action_id: action.id.to_vec(),
        step: action.step.clone(),
        cause: action.id.to_vec(),
    }
}

pub fn applicant(case: &Case) -> Result<&Applicant, Failure> {
    case.state.applicant.as_ref().ok_or_else(access::not_found)
}

/// Who acts for the applicant, whatever their mandate is worth by now: a request that is sent again must be the same request.
fn representative(case: &Case) -> Result<Vec<u8>, Failure> {
    let applicant = applicant(case)?;
    let acting = (applicant.actor != applicant.person).then(|| applicant.actor.to_vec());
    Ok(acting.unwrap_or_default())
}

fn json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value)
        .map_err(|error| Failure::internal("action.unwritable", "The request could not be made.").with_detail(error))
}

fn garbled(what: &'static str) -> Failure {
    Failure::internal("action.garbled-answer", "Another service's answer could not be understood.").with_detail(what)
}

fn intent(answer: &payments::v1::Intent) -> Result<ActionResult, Failure> {
    let arithmetic = match answer.arithmetic.as_slice() {
        [] => Value::Null,
        bytes => serde_json::from_slice(bytes).map_err(|_| garbled("arithmetic"))?,
    };
    Ok(ActionResult::Intent {
        intent: IntentId::from_slice(&answer.intent)?,
        state: IntentState::parse(&answer.state).ok_or_else(|| garbled("state of an intent"))?,
        amount: money(answer.amount.as_ref())?,
        arithmetic,
        refunds: answer.refunds.iter().map(booked).collect::<Result<_, _>>()?,
    })
}

fn booked(answer: &payments::v1::BookedRefund) -> Result<BookedRefund, Failure> {
    Ok(BookedRefund {
        intent: IntentId::from_slice(&answer.intent)?,
        refund: RefundId::from_slice(&answer.refund)?,
        amount: money(answer.amount.as_ref())?,
    })
}

fn refund(action: &OpenAction, answer: &payments::v1::RefundReply) -> Result<ActionResult, Failure> {
    // Where there is nothing to give back, payments makes no refund: the settled zero goes under the action's own id.
    let refund = match answer.refund.as_slice() {
        [] => RefundId::derived(action.id),
        id => RefundId::from_slice(id)?,
    };
    Ok(ActionResult::Refund { refund, settled: answer.state == "settled", amount: money(answer.amount.as_ref())? })
}

fn to_proto(amount: Money) -> proto::Money {
    proto::Money { minor: amount.minor, currency: amount.currency.code().to_owned() }
}

pub fn money(amount: Option<&proto::Money>) -> Result<Money, Failure> {
    let amount = amount.ok_or_else(|| garbled("amount"))?;
    Ok(Money { minor: amount.minor, currency: Currency::parse(&amount.currency)? })
}
