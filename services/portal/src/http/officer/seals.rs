//! An agency's seals: administrator, head or lawyer says that one is not to be trusted, and another of them withdraws it.

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use kernel::{Failure, Time};
use proto::signing::v1::{
    DoubtSealRequest, ListSealedRequest, ListSealsRequest, SealStands, SealedDocument, WithdrawSealRequest, operations,
};
use serde::Deserialize;

use super::{SEALS, appointments};
use crate::{
    domain::{day, place::is_name},
    http::{
        Portal, Shared,
        fault::{self, Refused},
        frame::{Frame, hex, page},
        pages::Pages,
        posted::{Posted, malformed},
        visit::{Officer, Visit},
    },
    store::Session,
};

/// Who is led here; signing judges whether they keep the seals of the agency.
const KEEPERS: [&str; 3] = ["administrator", "head", "lawyer"];
const REASON_CHARS_MAX: usize = 500;
const DONE: [&str; 2] = ["doubted", "withdrawn"];
const MINUTE: Duration = Duration::from_secs(60);

pub fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route(SEALS, get(offer))
        .route("/officer/seals/doubt", get(back).post(doubt))
        .route("/officer/seals/withdraw", get(back).post(withdraw))
        .route("/officer/seals/documents", get(documents))
}

/// (id of the input, key of the text)
type Errors = Vec<(&'static str, &'static str)>;

/// What an officer says of a seal.
#[derive(Debug, Default)]
pub struct Word {
    pub serial: String,
    /// To the minute, in Tashkent.
    pub from: String,
    pub reason: String,
}

impl Word {
    fn of(posted: &Posted) -> Self {
        let control = |name: &str| posted.control(name).split_whitespace().collect::<Vec<_>>().join(" ");
        Self { serial: control("_serial"), from: control("_from"), reason: control("_reason") }
    }

    fn request(&self, seals: &[SealStands]) -> Result<DoubtSealRequest, Errors> {
        let (seal, from) = (find(seals, &self.serial), day::moment(&self.from));
        let chars = self.reason.chars().count();
        let mut wrong = Vec::new();
        if seal.is_none() {
            wrong.push(("seal", "seals-which-missing"));
        }
        if from.is_none() {
            wrong.push(("from", "seals-from-wrong"));
        }
        if chars == 0 || chars > REASON_CHARS_MAX {
            wrong.push(("reason", "seals-reason-wrong"));
        }
        match (seal, from) {
            (Some(seal), Some(from)) if wrong.is_empty() => Ok(DoubtSealRequest {
                serial: seal.serial.clone(),
                reason: self.reason.clone(),
                from_us: within(from, Time::from_micros(seal.since_us)).micros(),
            }),
            _ => Err(wrong),
        }
    }
}

/// The minute in which a seal began, as it is typed, begins before the seal.
fn within(from: Time, since: Time) -> Time {
    if since.since(from) < MINUTE { from.max(since) } else { from }
}

fn find<'a>(seals: &'a [SealStands], serial: &str) -> Option<&'a SealStands> {
    seals.iter().find(|seal| hex(&seal.serial) == serial)
}

#[derive(Template)]
#[template(path = "officer_seals.html")]
pub struct SealsPage {
    pub f: Frame,
    /// Those whose seals the officer keeps.
    pub agencies: Vec<String>,
    pub agency: String,
    pub seals: Vec<SealStands>,
    pub word: Word,
    /// (id of the input, key of the text)
    pub errors: Errors,
    /// doubted or withdrawn, a moment ago; or nothing.
    pub done: String,
}

impl SealsPage {
    pub fn error_on(&self, id: &str) -> Option<&'static str> {
        self.errors.iter().find(|(at, _)| *at == id).map(|(_, key)| *key)
    }

    pub fn did(&self, what: &str) -> bool {
        self.done == what
    }

    /// Key of the word for how a seal stands.
    pub fn stands(&self, seal: &SealStands) -> &'static str {
        match (seal.withdrawn_us, seal.reason.is_empty()) {
            (0, true) => "seals-in-order",
            (0, false) => "seals-doubted",
            _ => "seals-withdrawn",
        }
    }

    /// Whether something can be said of it: nothing is yet, or the reader did and may say it otherwise.
    pub fn is_open(&self, seal: &SealStands) -> bool {
        seal.withdrawn_us == 0 && (seal.reason.is_empty() || seal.own)
    }

    pub fn any_open(&self) -> bool {
        self.seals.iter().any(|seal| self.is_open(seal))
    }

    pub fn is_chosen(&self, seal: &SealStands) -> bool {
        hex(&seal.serial) == self.word.serial
    }

    pub fn documents(&self, seal: &SealStands) -> String {
        listed(&self.agency, seal)
    }
}

fn listed(agency: &str, seal: &SealStands) -> String {
    format!("{SEALS}/documents?agency={agency}&serial={}", hex(&seal.serial))
}

/// What a doubted seal sealed since the moment that was named, as far as it counts.
#[derive(Template)]
#[template(path = "officer_sealed.html")]
pub struct SealedTemplate {
    pub f: Frame,
    pub agency: String,
    pub seal: SealStands,
    pub documents: Vec<SealedDocument>,
    pub pages: Pages,
}

impl SealedTemplate {
    /// From when on they are in doubt.
    pub fn since(&self) -> i64 {
        if self.seal.reason.is_empty() { self.seal.since_us } else { self.seal.doubted_from_us }
    }
}

#[derive(Deserialize, Default)]
struct Wanted {
    #[serde(default)]
    agency: String,
    #[serde(default)]
    serial: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

impl Wanted {
    fn of(posted: &Posted) -> Result<Self, Refused> {
        let agency = posted.control("_agency").to_owned();
        if !is_name(&agency) {
            return Err(fault::no_such_page().into());
        }
        Ok(Self { agency, ..Self::default() })
    }

    fn path(&self, done: &str) -> String {
        format!("{SEALS}?agency={}&done={done}", self.agency)
    }
}

async fn offer(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    show(&portal, (&visit, &session), wanted, (Word::default(), Vec::new())).await
}

/// Where the language is changed on the page that a form led to.
async fn back(_: Officer) -> Redirect {
    Redirect::to(SEALS)
}

async fn show(
    portal: &Portal,
    (visit, session): (&Visit, &Session),
    wanted: Wanted,
    (word, errors): (Word, Errors),
) -> Result<Response, Refused> {
    let (agencies, agency) = kept(portal, session, &wanted.agency).await?;
    let seals = list(portal, session, &agency).await?;
    let done = if DONE.contains(&wanted.done.as_str()) { wanted.done } else { String::new() };
    page(&SealsPage { f: Frame::new(portal, visit), agencies, agency, seals, word, errors, done })
}

/// The agencies whose seals the officer keeps, and the one that is shown.
async fn kept(portal: &Portal, session: &Session, wanted: &str) -> Result<(Vec<String>, String), Refused> {
    let held = appointments(portal, session).await?;
    let keeping = held.roles.iter().filter(|(agency, role)| KEEPERS.contains(&role.as_str()) && is_name(agency));
    let mut agencies: Vec<String> = keeping.map(|(agency, _)| agency.clone()).collect();
    agencies.dedup();
    let shown = agencies.iter().find(|agency| agency.as_str() == wanted).or(agencies.first()).cloned();
    Ok((agencies, shown.ok_or_else(fault::no_such_page)?))
}

async fn list(portal: &Portal, session: &Session, agency: &str) -> Result<Vec<SealStands>, Failure> {
    Ok(portal.services.read(session, &operations::LIST_SEALS, agency, &ListSealsRequest {}).await?.seals)
}

async fn doubt(State(portal): Shared, Officer(visit, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let (wanted, word) = (Wanted::of(&posted)?, Word::of(&posted));
    let errors = match word.request(&list(&portal, &session, &wanted.agency).await?) {
        Err(wrong) => wrong,
        Ok(request) => {
            let (to, command) = (wanted.agency.as_str(), posted.command()?);
            match portal.services.command(&session, &operations::DOUBT_SEAL, to, &request, command).await {
                Ok(_) => return Ok(Redirect::to(&wanted.path("doubted")).into_response()),
                Err(failure) => vec![told(failure)?],
            }
        }
    };
    show(&portal, (&visit, &session), wanted, (word, errors)).await
}

/// What is agreed to is what was shown: when it is said otherwise by now, the page shows that first.
async fn withdraw(
    State(portal): Shared,
    Officer(visit, session): Officer,
    posted: Posted,
) -> Result<Response, Refused> {
    let wanted = Wanted::of(&posted)?;
    let seals = list(&portal, &session, &wanted.agency).await?;
    let seal = find(&seals, posted.control("_serial")).ok_or_else(fault::no_such_page)?;
    let request = WithdrawSealRequest {
        serial: seal.serial.clone(),
        doubted_from_us: posted.control("_from").parse().map_err(|_| malformed())?,
        reason: posted.control("_reason").to_owned(),
    };
    let (to, command) = (wanted.agency.as_str(), posted.command()?);
    match portal.services.command(&session, &operations::WITHDRAW_SEAL, to, &request, command).await {
        Ok(_) => Ok(Redirect::to(&wanted.path("withdrawn")).into_response()),
        Err(failure) => {
            let errors = vec![told(failure)?];
            show(&portal, (&visit, &session), wanted, (Word::default(), errors)).await
        }
    }
}

async fn documents(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let (_, agency) = kept(&portal, &session, &wanted.agency).await?;
    let seals = list(&portal, &session, &agency).await?;
    let seal = find(&seals, &wanted.serial).cloned().ok_or_else(fault::no_such_page)?;
    let request = ListSealedRequest { serial: seal.serial.clone(), after: wanted.after.clone() };
    let found = portal.services.read(&session, &operations::LIST_SEALED, &agency, &request).await?;
    let last = found.documents.last().filter(|_| found.more);
    let next = last.map(|last| last.number.clone()).unwrap_or_default();
    let pages = Pages::of(&listed(&agency, &seal), &wanted.after, &next);
    page(&SealedTemplate { f: Frame::new(&portal, &visit), agency, seal, documents: found.documents, pages })
}

/// What the page can explain, beside the input where it is mended.
fn told(failure: Failure) -> Result<(&'static str, &'static str), Failure> {
    match &*failure.code {
        "seal.reason" => Ok(("reason", "seals-reason-wrong")),
        "seal.doubted-from" => Ok(("from", "seals-from-wrong")),
        // A colleague was faster: the page shows how it stands now.
        "seal.doubted" | "seal.doubt-changed" | "seal.not-doubted" | "seal.two-persons" | "seal.withdrawn" => {
            Ok(("seals", "seals-changed"))
        }
        _ => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_names_a_seal_says_why_and_a_moment_within_the_seals_life() {
        let since = "2026-11-24T04:30:30Z".parse::<Time>().unwrap();
        let seals = [SealStands { serial: vec![0x0c, 0x5f], since_us: since.micros(), ..SealStands::default() }];
        let word = |serial: &str, from: &str, reason: &str| Word {
            serial: serial.into(),
            from: from.into(),
            reason: reason.into(),
        };
        assert_eq!(word("", "24.11.2026", "").request(&seals).unwrap_err().len(), 3);
        let asked = |from: &str| word("0c5f", from, "A backup was copied").request(&seals).unwrap().from_us;
        assert_eq!(asked("2026-11-24T09:30"), since.micros(), "the seal's first minute, in Tashkent");
        assert_eq!(asked("2026-11-24T09:31"), since.plus(Duration::from_secs(30)).micros());
        assert_eq!(asked("2026-11-24T09:29"), since.minus(Duration::from_secs(90)).micros(), "signing refuses it");
        let long = word("0c5f", "2026-11-24T09:31", &"a".repeat(501));
        assert_eq!(long.request(&seals).unwrap_err(), [("reason", "seals-reason-wrong")]);
    }
}
