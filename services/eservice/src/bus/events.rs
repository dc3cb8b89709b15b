//! What this service hears: payments' verdicts and the register's news.
//!
//! Hosts of one agency share a database and with it the cursors: whoever is first takes an event for all of them. What is about
//! a case of another host's is laid by for that host with the same commit.

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
    domain::access,
    execute::{Order, is_overtaken, no_answer, own_id},
    host::Host,
    perform::money,
    store::{laid_by, placements, revisions},
};

pub const PAYMENTS: &str = "payments";

pub fn consume(bus: &Bus, kit: &boot::Kit, host: &Arc<Host>) {
    let (on_payments, passed) = (host.clone(), host.clone());
    let look = move || passed.lookout.look_again();
    bus::consume_beside(bus, &host.database, kit, PAYMENTS, look, move |tx, event| {
        let host = on_payments.clone();
        async move { payment(&host, tx, &event).await }.boxed()
    });
    let (on_register, passed) = (host.clone(), host.clone());
    let ask = move || passed.lookout.ask_register();
    bus::consume_beside(bus, &host.database, kit, "register", ask, move |tx, event| {
        let host = on_register.clone();
        async move { revision(&host, tx, &event).await }.boxed()
    });
}

/// What another host takes of a service that runs here is found in the register's list (`upkeep`).
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

/// Tells the case what payments decided, or lays it by for the host that has the case.
pub async fn payment(host: &Host, tx: &mut Tx, event: &Event) -> Result<(), Failure> {
    let Some((case, _)) = command(event)? else { return Ok(()) };
    if host.serves(&case.agency, &case.service) {
        return tell(host, tx, event).await;
    }
    lay_by(host, tx, event, &case).await
}

/// Tells the case what payments decided. Ended cases still listen.
pub async fn tell(host: &Host, tx: &mut Tx, event: &Event) -> Result<(), Failure> {
    let Some((case, command)) = command(event)? else { return Ok(()) };
    let order = Order {
        case_id: CaseId::from_slice(&case.case_id)?,
        id: own_id("event", &[event.producer.as_bytes(), event.message_id.as_bytes()]),
        request: None,
        opens: None,
        numbered: false,
        acts: Vec::new(),
        command: &|_, _, _| Ok(command.clone()),
        answer: &no_answer,
        outgoing: Vec::new(),
    };
    let Err(failure) = host.execute_in(tx, &order, Hash::from_bytes([0; 32])).await else { return Ok(()) };
    if is_overtaken(&failure) || failure.kind.retry() {
        return Err(failure);
    }
    if failure.code == access::not_found().code && !is_nobodys(host, tx, event, &case).await? {
        return Ok(());
    }
    // Payments keeps the money in its ledger and its reconciler finds it; the log must go on.
    let name = &event.name;
    tracing::error!(case = %order.case_id, event = name, ?failure, "a case does not understand what payments decided");
    Ok(())
}

/// Whether there is no such case. Where there may be one, the event waits: a service that has just moved to another host is hidden
/// here, whatever this host's settings still say.
async fn is_nobodys(host: &Host, tx: &mut Tx, event: &Event, case: &CaseRef) -> Result<bool, Failure> {
    lay_by(host, tx, event, case).await?;
    let id = CaseId::from_slice(&case.case_id)?;
    Ok(laid_by::is_nobodys(tx, &hosted(case), id, event.message_id).await?)
}

async fn lay_by(host: &Host, tx: &mut Tx, event: &Event, case: &CaseRef) -> Result<(), Failure> {
    let id = CaseId::from_slice(&case.case_id)?;
    Ok(laid_by::lay(tx, &hosted(case), id, (&event.producer, &event.place()), host.now()).await?)
}

fn hosted(case: &CaseRef) -> String {
    format!("{}/{}", case.agency, case.service)
}

fn command(event: &Event) -> Result<Option<(CaseRef, Command)>, Failure> {
    if event.is::<IntentCaptured>() {
        let captured: IntentCaptured = event.decode()?;
        let verdict =
            Verdict::Captured { amount: money(captured.amount.as_ref())?, at: Time::from_micros(captured.captured_us) };
        let intent = IntentId::from_slice(&captured.intent)?;
        return Ok(Some((captured.case.unwrap_or_default(), Command::PaymentVerdict { intent, verdict })));
    }
    if event.is::<IntentClosed>() {
        let closed: IntentClosed = event.decode()?;
        let verdict = match closed.state.as_str() {
            "expired" => Verdict::Expired,
            _ => Verdict::Cancelled,
        };
        let intent = IntentId::from_slice(&closed.intent)?;
        return Ok(Some((closed.case.unwrap_or_default(), Command::PaymentVerdict { intent, verdict })));
    }
    if event.is::<RefundSettled>() {
        let settled: RefundSettled = event.decode()?;
        let command = Command::RefundSettled {
            intent: IntentId::from_slice(&settled.intent)?,
            refund: RefundId::from_slice(&settled.refund)?,
            amount: money(settled.amount.as_ref())?,
        };
        return Ok(Some((settled.case.unwrap_or_default(), command)));
    }
    Ok(None)
}
