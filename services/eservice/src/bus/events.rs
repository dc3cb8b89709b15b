//! What this service hears: payments' verdicts and the register's news.

use std::sync::Arc;

use bus::{Bus, Event};
use futures::FutureExt;
use kernel::{CaseId, Failure, Hash, IntentId, RefundId, Time};
use process::{Command, command::Verdict};
use proto::{
    CaseRef,
    payments::v1::{IntentCaptured, IntentClosed, RefundSettled},
    register::v1::{PlacementChanged, RevisionPublished},
};
use sql::Tx;

use crate::{
    execute::{Order, is_overtaken, no_answer},
    host::Host,
    perform::money,
    store::{placements, revisions},
};

pub fn consume(bus: &Bus, kit: &boot::Kit, host: &Arc<Host>) {
    let on_payments = host.clone();
    bus::consume(bus, &host.database, kit, "payments", move |tx, event| {
        let host = on_payments.clone();
        async move { payment(&host, tx, &event).await }.boxed()
    });
    let on_register = host.clone();
    bus::consume(bus, &host.database, kit, "register", move |tx, event| {
        let host = on_register.clone();
        async move { revision(&host, tx, &event).await }.boxed()
    });
}

async fn revision(host: &Host, tx: &mut Tx, event: &Event) -> Result<(), Failure> {
    if event.is::<PlacementChanged>() {
        let changed: PlacementChanged = event.decode()?;
        if host.serves(&changed.agency, &changed.service) {
            placements::hear(tx, &changed.agency, &changed.service, changed.version).await?;
        }
    }
    if event.is::<RevisionPublished>() {
        let published: RevisionPublished = event.decode()?;
        // Hosts of one agency share a database: whoever runs the service fetches its copy.
        if !host.serves(&published.agency, &published.service) {
            return Ok(());
        }
        let revision = Hash::from_slice(&published.revision)?;
        revisions::announce(tx, revision, &published.agency, &published.service).await?;
    }
    Ok(())
}

/// Tells the case what payments decided. Ended cases still listen.
pub async fn payment(host: &Host, tx: &mut Tx, event: &Event) -> Result<(), Failure> {
    let Some((case, command)) = command(event)? else { return Ok(()) };
    let order = Order {
        case_id: case,
        id: crate::execute::own_id("event", &[event.producer.as_bytes(), event.message_id.as_bytes()]),
        request: None,
        opens: None,
        numbered: false,
        acts: Vec::new(),
        command: &|_, _, _| Ok(command.clone()),
        answer: &no_answer,
        outgoing: Vec::new(),
    };
    match host.execute_in(tx, &order, Hash::from_bytes([0; 32])).await {
        Ok(_) => Ok(()),
        Err(failure) if is_overtaken(&failure) || failure.kind.retry() => Err(failure),
        Err(failure) => {
            // Payments keeps the money in its ledger and its reconciler finds it; the log must go on.
            tracing::error!(%case, event = event.name, ?failure, "a case does not understand what payments decided");
            Ok(())
        }
    }
}

fn command(event: &Event) -> Result<Option<(CaseId, Command)>, Failure> {
    if event.is::<IntentCaptured>() {
        let captured: IntentCaptured = event.decode()?;
        let verdict =
            Verdict::Captured { amount: money(captured.amount.as_ref())?, at: Time::from_micros(captured.captured_us) };
        let intent = IntentId::from_slice(&captured.intent)?;
        return Ok(Some((case_of(captured.case)?, Command::PaymentVerdict { intent, verdict })));
    }
    if event.is::<IntentClosed>() {
        let closed: IntentClosed = event.decode()?;
        let verdict = match closed.state.as_str() {
            "expired" => Verdict::Expired,
            _ => Verdict::Cancelled,
        };
        let intent = IntentId::from_slice(&closed.intent)?;
        return Ok(Some((case_of(closed.case)?, Command::PaymentVerdict { intent, verdict })));
    }
    if event.is::<RefundSettled>() {
        let settled: RefundSettled = event.decode()?;
        let command = Command::RefundSettled {
            intent: IntentId::from_slice(&settled.intent)?,
            refund: RefundId::from_slice(&settled.refund)?,
            amount: money(settled.amount.as_ref())?,
        };
        return Ok(Some((case_of(settled.case)?, command)));
    }
    Ok(None)
}

fn case_of(case: Option<CaseRef>) -> Result<CaseId, Failure> {
    CaseId::from_slice(&case.unwrap_or_default().case_id)
}
