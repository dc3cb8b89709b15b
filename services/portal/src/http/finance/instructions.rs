//! What waits: money in suspense, and what one officer asked for and another has to confirm.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use proto::payments::v1::{
    DecideInstructionRequest, InstructRequest, Instruction, ListInstructionsRequest, ListSuspenseRequest, SuspenseItem,
    operations::{DECIDE_INSTRUCTION, INSTRUCT, LIST_INSTRUCTIONS, LIST_SUSPENSE},
};

use super::{REASONS, Seat, Told, Wanted, back, query};
use crate::{
    domain::place,
    http::{
        Shared,
        fault::{self, Refused},
        frame::{Frame, hex, page},
        pages::Pages,
        posted::Posted,
        visit::Officer,
    },
};

const ROWS: i32 = 25;

#[derive(Template)]
#[template(path = "finance.html")]
pub struct FinancePage {
    pub f: Frame,
    pub seat: Seat,
    pub told: Told,
    pub instructions: Vec<Instruction>,
    pub more: bool,
    /// What nobody confirmed in its time.
    pub lapsed: Vec<Instruction>,
    pub items: Vec<SuspenseItem>,
    pub pages: Pages,
    pub reasons: [&'static str; REASONS.len()],
}

impl FinancePage {
    pub fn hex(&self, bytes: &[u8]) -> String {
        hex(bytes)
    }

    pub fn payment(&self, agency: &str, intent: &[u8]) -> String {
        format!("/finance/payments/{agency}/{}", hex(intent))
    }
}

pub async fn overview(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let seat = Seat::of(&portal, &session, &wanted.agency, "waiting").await?;
    let waiting = portal.services.read(&session, &LIST_INSTRUCTIONS, &seat.agency, &ListInstructionsRequest {}).await?;
    let request = ListSuspenseRequest { after: wanted.after.clone(), limit: ROWS, ..Default::default() };
    let suspense = portal.services.read(&session, &LIST_SUSPENSE, &seat.agency, &request).await?;
    let pages = Pages::of(&format!("/finance?agency={}", seat.agency), &wanted.after, &suspense.next);
    page(&FinancePage {
        f: Frame::new(&portal, &visit),
        told: wanted.told(),
        instructions: waiting.instructions,
        more: waiting.more,
        lapsed: waiting.lapsed,
        items: suspense.items,
        pages,
        reasons: REASONS,
        seat,
    })
}

/// The agency that a form names, as a name that may stand in a subject.
pub fn agency(posted: &Posted) -> Result<String, Refused> {
    let agency = posted.control("_agency");
    if place::is_name(agency) { Ok(agency.to_owned()) } else { Err(Refused(fault::no_such_page())) }
}

/// For whom the officer sits: where they go back to.
pub fn seat(posted: &Posted) -> String {
    query(posted.control("_seat"))
}

/// An id as pages write it.
pub fn id(text: &str) -> Result<Vec<u8>, Refused> {
    let id: kernel::IntentId = text.parse().map_err(|_| Refused(fault::no_such_page()))?;
    Ok(id.to_vec())
}

/// `return`, or `attach:` and the payment that the money pays.
pub async fn instruct(
    State(portal): Shared,
    Officer(_, session): Officer,
    posted: Posted,
) -> Result<Response, Refused> {
    let agency = agency(&posted)?;
    let (kind, target) = match posted.control("_what").split_once(':') {
        Some(("attach", target)) => ("attach", id(target)?),
        _ => ("return", Vec::new()),
    };
    let request = InstructRequest {
        kind: kind.to_owned(),
        suspense: id(posted.control("_suspense"))?,
        target,
        reason: posted.control("_reason").to_owned(),
        note: posted.control("_note").trim().to_owned(),
        ..InstructRequest::default()
    };
    let asked = portal.services.command(&session, &INSTRUCT, &agency, &request, posted.command()?).await;
    back(&format!("/finance?agency={}", seat(&posted)), asked, "asked")
}

pub async fn decide(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let agency = agency(&posted)?;
    let verdict = if posted.control("_verdict") == "confirmed" { "confirmed" } else { "withdrawn" };
    let request =
        DecideInstructionRequest { instruction: id(posted.control("_instruction"))?, verdict: verdict.to_owned() };
    let decided = portal.services.command(&session, &DECIDE_INSTRUCTION, &agency, &request, posted.command()?).await;
    back(&format!("/finance?agency={}", seat(&posted)), decided, verdict)
}
