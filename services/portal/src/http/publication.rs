//! What waits for an agency's lawyer and head: they read what would run, in plain words, and approve it or send it back.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use bus::subject::PLATFORM;
use kernel::{Failure, Hash, Language};
use proto::{
    identity::v1::{ReadPersonRequest, operations::READ_OFFICER},
    register::v1::{
        ApproveRevisionRequest, FreePublicationRequest, Freeing, ListProposalsRequest, Proposal, ProposalCard,
        ReadBookletRequest, ReadProposalRequest, ReturnRevisionRequest, RevisionChange, WithdrawApprovalRequest,
        operations::{
            APPROVE_REVISION, FREE_PUBLICATION, LIST_PROPOSALS, READ_BOOKLET, READ_PROPOSAL, RETURN_REVISION,
            WITHDRAW_APPROVAL,
        },
    },
};
use serde::Deserialize;

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, hex, page},
    passport::changed,
    posted::Posted,
    visit::{Officer, Visit},
};
use crate::{domain::place::is_name, store::Session};

/// Whoever has one of them in a whole agency approves there.
const ROLES: [&str; 2] = ["lawyer", "head"];
const NOTE_CHARS_MAX: usize = 500;
/// The largest definition has a smaller booklet.
const BOOKLET_BYTES_MAX: usize = 16 * 1024 * 1024;

pub fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/publication", get(list).post(free))
        .route("/publication/{agency}/{service}/{revision}", get(one).post(say))
        .route("/publication/{agency}/{service}/{revision}/{language}", get(booklet))
}

#[derive(Template)]
#[template(path = "publication_list.html")]
pub struct ListPage {
    pub f: Frame,
    pub proposals: Vec<ProposalCard>,
    /// Agencies that ask to publish without approval.
    pub freeings: Vec<Freeing>,
    /// The officer is the lawyer or the head of an agency.
    pub approves: bool,
    /// approve, withdraw, return or free, which was done a moment ago; or nothing.
    pub done: String,
}

impl ListPage {
    pub fn path(&self, card: &ProposalCard) -> String {
        format!("/publication/{}/{}/{}", card.agency, card.service, hex(&card.revision))
    }

    pub fn did(&self, what: &str) -> bool {
        self.done == what
    }
}

#[derive(Template)]
#[template(path = "publication.html")]
pub struct ProposalPage {
    pub f: Frame,
    pub card: ProposalCard,
    pub proposal: Proposal,
    /// Address of this page.
    pub path: String,
    pub typed: String,
    /// Key of the text that says what is wrong with the note.
    pub wrong: Option<&'static str>,
}

impl ProposalPage {
    pub fn changed(&self, change: &RevisionChange) -> String {
        changed(&self.f, change)
    }

    /// What the approval names.
    pub fn hashes(&self) -> String {
        self.proposal.booklets.iter().map(|booklet| hex(&booklet.hash)).collect::<Vec<_>>().join(",")
    }

    pub fn has_spoken(&self) -> bool {
        self.proposal.said.iter().any(|said| said.own)
    }

    pub fn has_approved(&self) -> bool {
        self.proposal.said.iter().any(|said| said.own && said.approves)
    }
}

#[derive(Deserialize, Default)]
struct Wanted {
    #[serde(default)]
    done: String,
}

async fn list(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let agencies = agencies(&portal, &session).await?;
    let (mut proposals, mut freeings) = (Vec::new(), Vec::new());
    for agency in &agencies {
        let request = ListProposalsRequest { agency: agency.clone(), language: visit.language.tag().to_owned() };
        let found = portal.services.read(&session, &LIST_PROPOSALS, PLATFORM, &request).await?;
        proposals.extend(found.proposals);
        freeings.extend(found.freeing);
    }
    let f = Frame::new(&portal, &visit);
    page(&ListPage { f, proposals, freeings, approves: !agencies.is_empty(), done: wanted.done })
}

/// The lawyer's or the head's agreement that their agency publishes without approval, as it asks.
async fn free(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let request = FreePublicationRequest { agency: posted.control("_agency").to_owned() };
    portal.services.command(&session, &FREE_PUBLICATION, PLATFORM, &request, posted.command()?).await?;
    Ok(Redirect::to("/publication?done=free").into_response())
}

/// Agencies for which the officer may speak now. The register judges each act again.
async fn agencies(portal: &Portal, session: &Session) -> Result<Vec<String>, Refused> {
    let request = ReadPersonRequest { person: session.person.to_vec(), case_id: Vec::new() };
    let officer = portal.services.ask(&READ_OFFICER, &request).await?;
    let now = portal.clock.now().micros();
    let mut held = officer.appointments;
    held.retain(|held| held.from_us <= now && (held.to_us == 0 || now < held.to_us) && held.office.is_empty());
    held.retain(|held| ROLES.contains(&held.role.as_str()));
    let mut agencies: Vec<String> = held.into_iter().map(|held| held.agency).collect();
    agencies.sort();
    agencies.dedup();
    Ok(agencies)
}

/// A proposal as addresses name it.
struct Named {
    agency: String,
    service: String,
    revision: Hash,
}

impl Named {
    fn new(agency: String, service: String, revision: &str) -> Result<Self, Refused> {
        let revision = revision.parse().ok().filter(|_| is_name(&agency) && is_name(&service));
        let revision = revision.ok_or_else(|| Refused(fault::no_such_page()))?;
        Ok(Self { agency, service, revision })
    }

    fn path(&self) -> String {
        format!("/publication/{}/{}/{}", self.agency, self.service, self.revision)
    }
}

type Parts = (String, String, String);

async fn one(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((agency, service, revision)): Path<Parts>,
) -> Result<Response, Refused> {
    let named = Named::new(agency, service, &revision)?;
    show(&portal, (&visit, &session), &named, (String::new(), None)).await
}

async fn show(
    portal: &Portal,
    (visit, session): (&Visit, &Session),
    named: &Named,
    (typed, wrong): (String, Option<&'static str>),
) -> Result<Response, Refused> {
    let request = ReadProposalRequest {
        agency: named.agency.clone(),
        service: named.service.clone(),
        revision: named.revision.to_vec(),
        language: visit.language.tag().to_owned(),
    };
    let mut proposal = portal.services.read(session, &READ_PROPOSAL, PLATFORM, &request).await?;
    let card = proposal.card.take().unwrap_or_default();
    page(&ProposalPage { f: Frame::new(portal, visit), card, proposal, path: named.path(), typed, wrong })
}

async fn say(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((agency, service, revision)): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let named = Named::new(agency, service, &revision)?;
    let (agency, service, revision) = (named.agency.clone(), named.service.clone(), named.revision.to_vec());
    let (services, command) = (&portal.services, posted.command()?);
    let done = match posted.control("_act") {
        "approve" => {
            let booklets = hashes(posted.control("_booklets"))?;
            let request = ApproveRevisionRequest { agency, service, revision, booklets };
            services.command(&session, &APPROVE_REVISION, PLATFORM, &request, command).await?;
            "approve"
        }
        "withdraw" => {
            let request = WithdrawApprovalRequest { agency, service, revision };
            services.command(&session, &WITHDRAW_APPROVAL, PLATFORM, &request, command).await?;
            "withdraw"
        }
        "return" => {
            let note = posted.control("_note").trim().to_owned();
            if let Some(wrong) = wrong(&note) {
                return show(&portal, (&visit, &session), &named, (note, Some(wrong))).await;
            }
            let request = ReturnRevisionRequest { agency, service, revision, note };
            services.command(&session, &RETURN_REVISION, PLATFORM, &request, command).await?;
            "return"
        }
        _ => {
            let message = "The form did not arrive whole. Go back and send it again.";
            return Err(Failure::invalid("portal.form", message).into());
        }
    };
    // What both have approved is published any moment, and then it waits no more: its own page would be gone.
    Ok(Redirect::to(&format!("/publication?done={done}")).into_response())
}

fn wrong(note: &str) -> Option<&'static str> {
    match note.chars().count() {
        0 => Some("publication-note-missing"),
        count if count > NOTE_CHARS_MAX => Some("publication-note-long"),
        _ => None,
    }
}

/// Of the booklets as they were read.
fn hashes(written: &str) -> Result<Vec<Vec<u8>>, Failure> {
    written.split(',').map(|hash| hash.parse::<Hash>().map(|hash| hash.to_vec())).collect()
}

async fn booklet(
    State(portal): Shared,
    Officer(_, session): Officer,
    Path((agency, service, revision, language)): Path<(String, String, String, String)>,
) -> Result<Response, Refused> {
    let named = Named::new(agency, service, &revision)?;
    let language = Language::parse(&language).map_err(|_| fault::no_such_page())?;
    let mut request = ReadBookletRequest {
        agency: named.agency,
        service: named.service,
        revision: named.revision.to_vec(),
        language: language.tag().to_owned(),
        offset: 0,
    };
    let mut file = Vec::new();
    loop {
        let piece = portal.services.read(&session, &READ_BOOKLET, PLATFORM, &request).await?;
        file.extend_from_slice(&piece.bytes);
        request.offset = i64::try_from(file.len()).unwrap_or(i64::MAX);
        if piece.bytes.is_empty() || request.offset >= piece.size || file.len() > BOOKLET_BYTES_MAX {
            break;
        }
    }
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Ok(web::alone(([kind], file).into_response()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_named_by_hashes_and_nothing_else() {
        let hash = Hash::of(b"booklet");
        assert_eq!(hashes(&format!("{hash},{hash}")).unwrap(), [hash.to_vec(), hash.to_vec()]);
        assert!(hashes("").is_err() && hashes("x").is_err());
    }

    #[test]
    fn a_note_is_neither_empty_nor_a_novel() {
        assert_eq!(wrong(""), Some("publication-note-missing"));
        assert_eq!(wrong(&"ы".repeat(501)), Some("publication-note-long"));
        assert_eq!(wrong("The fee has no law."), None);
    }

    #[test]
    fn an_address_names_a_revision_or_nothing() {
        let hash = Hash::of(b"revision").to_string();
        let named = |agency: &str, revision: &str| Named::new(agency.into(), "copy".into(), revision).is_ok();
        assert!(named("justice", &hash));
        assert!(!named("justice", "1") && !named("../x", &hash));
    }
}
