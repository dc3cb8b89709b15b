//! What auditors search, read and take away, and the weekly list of unusual look-ups. Whom they look for stands in no address.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use bus::subject::PLATFORM;
use kernel::{PersonId, Time, pinfl::Pinfl};
use proto::docket::v1::{self as docket, Act, Acts, SearchActsRequest, Unusual, UnusualWeek, operations};
use serde::Deserialize;
use serde_json::Value as Json;

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, hex, page},
    posted::Posted,
    visit::{Officer, Visit},
};
use crate::{
    domain::{day, form},
    store::Session,
};

const ROWS: i32 = 50;
const PURPOSE_CHARS_MAX: usize = 300;
const DAY_MICROS: i64 = 86_400_000_000;
/// Details of acts that are moments, where they are no day and nobody.
const MOMENTS: [&str; 6] = ["ended", "from", "neededBefore", "received", "to", "until"];

pub fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/officer/audit", get(offer).post(search))
        .route("/officer/audit/act", get(back).post(read))
        .route("/officer/audit/list", get(back).post(export))
}

/// What was typed, as it was typed.
#[derive(Debug, Default, Clone)]
pub struct Sought {
    pub agency: String,
    pub pinfl: String,
    pub login: String,
    pub number: String,
    pub act: String,
    /// ISO 8601 days.
    pub from: String,
    pub until: String,
    pub purpose: String,
    /// Ids as a list gave them, in hexadecimal digits.
    pub person: String,
    pub actor: String,
}

impl Sought {
    fn of(posted: &Posted) -> Self {
        let control = |name: &str| posted.control(name).trim().to_owned();
        let dates = form::answers(&posted.0);
        let date =
            |at: &str| dates.iter().find(|(name, _)| name == at).map_or_else(|| control(at), |(_, day)| day.clone());
        Self {
            agency: control("_agency"),
            pinfl: control("_pinfl"),
            login: control("_login"),
            number: control("_number"),
            act: control("_act"),
            from: date("from"),
            until: date("until"),
            purpose: control("_purpose"),
            person: control("_person"),
            actor: control("_actor"),
        }
    }

    /// (id of the input, key of the text)
    fn wrong(&self) -> Vec<(&'static str, &'static str)> {
        let mut wrong = Vec::new();
        if !self.pinfl.is_empty() && Pinfl::parse(&self.pinfl).is_err() {
            wrong.push(("pinfl", "audit-pinfl-wrong"));
        }
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-./".contains(letter);
        if self.number.len() > 64 || !self.number.chars().all(plain) {
            wrong.push(("number", "audit-number-wrong"));
        }
        let (from, until) = (day::begins(&self.from), day::begins(&self.until));
        for (id, typed, read) in [("from", &self.from, from), ("until", &self.until, until)] {
            if !typed.is_empty() && read.is_none() {
                wrong.push((id, "audit-date-wrong"));
            }
        }
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            wrong.push(("until", "audit-until-wrong"));
        }
        if self.purpose.is_empty() || self.purpose.chars().count() > PURPOSE_CHARS_MAX {
            wrong.push(("purpose", "audit-purpose-wrong"));
        }
        wrong
    }

    fn request(&self, after: &str) -> SearchActsRequest {
        let id = |text: &str| text.parse::<PersonId>().map(PersonId::to_vec).unwrap_or_default();
        SearchActsRequest {
            agency: self.agency.clone(),
            pinfl: self.pinfl.clone(),
            login: self.login.clone(),
            actor: id(&self.actor),
            number: self.number.clone(),
            act: self.act.clone(),
            from_us: day::begins(&self.from).map(Time::micros).unwrap_or_default(),
            // The day itself belongs to the period.
            until_us: day::ends(&self.until).map(Time::micros).unwrap_or_default(),
            purpose: self.purpose.clone(),
            limit: ROWS,
            after: after.to_owned(),
            person: id(&self.person),
        }
    }

    /// What the pages that follow send again.
    pub fn kept(&self) -> [(&'static str, &str); 10] {
        [
            ("_agency", self.agency.as_str()),
            ("_pinfl", self.pinfl.as_str()),
            ("_login", self.login.as_str()),
            ("_number", self.number.as_str()),
            ("_act", self.act.as_str()),
            ("from", self.from.as_str()),
            ("until", self.until.as_str()),
            ("_purpose", self.purpose.as_str()),
            ("_person", self.person.as_str()),
            ("_actor", self.actor.as_str()),
        ]
    }
}

#[derive(Template)]
#[template(path = "audit.html")]
pub struct AuditPage {
    pub f: Frame,
    pub sought: Sought,
    /// (id of the input, key of the text)
    pub errors: Vec<(&'static str, &'static str)>,
    pub week: UnusualWeek,
}

impl AuditPage {
    pub fn error_on(&self, id: &str) -> Option<&'static str> {
        self.errors.iter().find(|(at, _)| *at == id).map(|(_, key)| *key)
    }

    /// A day as it was typed.
    pub fn day(&self, id: &str) -> &str {
        if id == "from" { &self.sought.from } else { &self.sought.until }
    }

    /// Whether there is more than one agency to choose.
    pub fn chooses(&self) -> bool {
        self.week.audits.len() > 1 || self.week.audits.iter().any(|agency| agency == PLATFORM)
    }

    pub fn id(&self, row: &Unusual) -> String {
        hex(&row.person)
    }

    /// What is unusual about it, in words.
    pub fn told(&self, row: &Unusual) -> String {
        match row.rule.as_str() {
            "outside" => self.f.count("audit-outside", row.count),
            "searched" => self.f.count("audit-searches", row.count),
            "shared" => self.f.count("audit-shared", row.count),
            _ => self.f.count("audit-night", row.count),
        }
    }

    /// Whether it is unusual beside what the same officer otherwise does.
    pub fn compares(&self, row: &Unusual) -> bool {
        ["outside", "searched"].contains(&row.rule.as_str())
    }

    /// The act that was counted.
    pub fn counted(&self, row: &Unusual) -> &'static str {
        if row.rule == "searched" { "docket.searched" } else { "case.opened" }
    }

    /// The last day of the week.
    pub fn last(&self) -> i64 {
        self.week.week_us + 6 * DAY_MICROS
    }

    /// The week before.
    pub fn earlier(&self) -> String {
        format!("/officer/audit?week={}", self.week.week_us - 7 * DAY_MICROS)
    }

    pub fn first_iso(&self) -> String {
        iso(self.week.week_us)
    }

    pub fn last_iso(&self) -> String {
        iso(self.last())
    }
}

/// The day in Tashkent of a moment.
fn iso(micros: i64) -> String {
    let local = Time::from_micros(micros.saturating_add(5 * 3_600_000_000));
    local.to_string().chars().take(10).collect()
}

#[derive(Template)]
#[template(path = "audit_found.html")]
pub struct FoundPage {
    pub f: Frame,
    pub sought: Sought,
    pub found: Acts,
}

impl FoundPage {
    pub fn act(&self, act: &Act) -> String {
        name_of(&self.f, &act.act)
    }

    pub fn who(&self, act: &Act) -> String {
        who(act)
    }

    pub fn place(&self, act: &Act) -> String {
        format!("{} {} {}", act.chain, act.sequence, hex(&act.hash))
    }

    pub fn chains(&self, chains: &[String]) -> String {
        chains.join(", ")
    }
}

#[derive(Template)]
#[template(path = "audit_act.html")]
pub struct ActPage {
    pub f: Frame,
    pub sought: Sought,
    pub act: Act,
}

impl ActPage {
    pub fn name(&self) -> String {
        name_of(&self.f, &self.act.act)
    }

    pub fn who(&self) -> String {
        who(&self.act)
    }

    pub fn actor(&self) -> String {
        hex(&self.act.actor)
    }

    pub fn subject(&self) -> String {
        hex(&self.act.subject)
    }

    pub fn hash(&self) -> String {
        hex(&self.act.hash)
    }

    /// What the service wrote down, a line each, in words where we have them; what says nothing is left out.
    pub fn details(&self) -> Vec<(String, String)> {
        let detail = serde_json::from_str::<serde_json::Map<String, Json>>(&self.act.detail).unwrap_or_default();
        let currency = detail.get("currency").and_then(Json::as_str).unwrap_or("UZS");
        let rows = detail.iter().filter(|(name, _)| *name != "currency");
        let told = rows
            .filter_map(|(name, value)| Some((self.f.named("act-detail-", name), self.said(name, value, currency)?)));
        told.collect()
    }

    fn said(&self, name: &str, value: &Json, currency: &str) -> Option<String> {
        let is_moment = MOMENTS.contains(&name);
        match value {
            Json::Null => None,
            Json::Bool(so) => Some(self.f.t(if *so { "yes" } else { "no" })),
            Json::Number(number) => match number.as_i64() {
                Some(micros) if is_moment => (micros > 0).then(|| self.f.moment(micros)),
                Some(minor) if ["amount", "difference"].contains(&name) => {
                    Some(self.f.money(&proto::Money { minor, currency: currency.to_owned() }))
                }
                _ => Some(number.to_string()),
            },
            Json::String(text) if text.is_empty() => None,
            Json::String(text) if name == "role" => Some(self.f.named("role-", text)),
            Json::String(text) if is_moment => {
                Some(text.parse::<Time>().map_or_else(|_| text.clone(), |time| self.f.moment(time.micros())))
            }
            Json::String(text) => Some(text.clone()),
            Json::Array(all) if all.is_empty() => None,
            Json::Array(all) => {
                Some(all.iter().filter_map(|one| self.said("", one, currency)).collect::<Vec<_>>().join(", "))
            }
            Json::Object(parts) => {
                let told = parts.iter().filter_map(|(name, value)| {
                    Some(format!("{}: {}", self.f.named("act-detail-", name), self.said(name, value, currency)?))
                });
                Some(told.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// In words where we have them, and always as the chain has it.
fn name_of(f: &Frame, act: &str) -> String {
    f.maybe("act-", act.replace('.', "-")).unwrap_or_else(|| act.to_owned())
}

/// An officer by name, anybody else by what is left of an opaque id, a service by its own.
fn who(act: &Act) -> String {
    match (act.actor_name.as_str(), act.actor.as_slice()) {
        ("", []) => act.service_actor.clone(),
        ("", id) => format!("…{}", hex(id).chars().skip(24).collect::<String>()),
        (name, _) => name.to_owned(),
    }
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    week: i64,
}

pub async fn offer(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    show(&portal, (&visit, &session), Sought::default(), Vec::new(), wanted.week).await
}

async fn show(
    portal: &Portal,
    (visit, session): (&Visit, &Session),
    sought: Sought,
    errors: Vec<(&'static str, &'static str)>,
    week_us: i64,
) -> Result<Response, Refused> {
    let request = docket::ListUnusualRequest { week_us };
    let week = portal.services.read(session, &operations::LIST_UNUSUAL, PLATFORM, &request).await?;
    page(&AuditPage { f: Frame::new(portal, visit), sought, errors, week })
}

/// Where the language is changed on a page that a form led to.
pub async fn back(_: Officer) -> Redirect {
    Redirect::to("/officer/audit")
}

pub async fn search(
    State(portal): Shared,
    Officer(visit, session): Officer,
    posted: Posted,
) -> Result<Response, Refused> {
    let sought = Sought::of(&posted);
    let errors = sought.wrong();
    if !errors.is_empty() {
        return show(&portal, (&visit, &session), sought, errors, 0).await;
    }
    let request = sought.request(posted.control("_after"));
    let found = portal.services.read(&session, &operations::SEARCH_ACTS, PLATFORM, &request).await?;
    page(&FoundPage { f: Frame::new(&portal, &visit), sought, found })
}

pub async fn read(
    State(portal): Shared,
    Officer(visit, session): Officer,
    posted: Posted,
) -> Result<Response, Refused> {
    let request = named(posted.control("_place")).ok_or_else(|| Refused(fault::no_such_page()))?;
    let act = portal.services.read(&session, &operations::READ_ACT, PLATFORM, &request).await?;
    page(&ActPage { f: Frame::new(&portal, &visit), sought: Sought::of(&posted), act })
}

/// Chain, sequence and hash of one act.
fn named(place: &str) -> Option<docket::ReadActRequest> {
    let mut parts = place.split(' ');
    let (chain, sequence, hash) = (parts.next()?, parts.next()?, parts.next()?);
    let hash: kernel::Hash = hash.parse().ok()?;
    Some(docket::ReadActRequest { chain: chain.to_owned(), sequence: sequence.parse().ok()?, hash: hash.to_vec() })
}

/// The whole list as a signed file: the browser keeps it, and shows nothing of it.
pub async fn export(
    State(portal): Shared,
    Officer(visit, session): Officer,
    posted: Posted,
) -> Result<Response, Refused> {
    let sought = Sought::of(&posted);
    let errors = sought.wrong();
    if !errors.is_empty() {
        return show(&portal, (&visit, &session), sought, errors, 0).await;
    }
    let file = portal.services.read(&session, &operations::EXPORT_ACTS, PLATFORM, &sought.request("")).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"acts.csv\"")),
    ];
    Ok((headers, file.csv).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sought() -> Sought {
        Sought { purpose: "Inspection 7".into(), ..Sought::default() }
    }

    #[test]
    fn a_search_says_why_and_names_what_can_be_found() {
        assert!(sought().wrong().is_empty());
        let wrong = |sought: Sought| sought.wrong().into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(wrong(Sought::default()), ["purpose"]);
        assert_eq!(wrong(Sought { pinfl: "12345678901234".into(), ..sought() }), ["pinfl"]);
        assert_eq!(wrong(Sought { number: "Karimova D.".into(), ..sought() }), ["number"]);
        assert_eq!(wrong(Sought { from: "2026-02-30".into(), ..sought() }), ["from"]);
        assert_eq!(wrong(Sought { from: "2026-11-30".into(), until: "2026-11-29".into(), ..sought() }), ["until"]);
    }

    #[test]
    fn a_period_is_whole_days_in_tashkent() {
        let request = Sought { from: "2026-11-29".into(), until: "2026-11-29".into(), ..sought() }.request("");
        assert_eq!(Time::from_micros(request.from_us).to_string(), "2026-11-28T19:00:00Z");
        assert_eq!(request.until_us - request.from_us, DAY_MICROS);
        assert_eq!(iso(request.from_us), "2026-11-29");
        assert_eq!(sought().request("").from_us, 0);
    }

    #[test]
    fn an_act_is_named_by_its_chain_its_place_and_its_hash() {
        let place = format!("eservice/justice 7 {}", "03".repeat(32));
        let named = named(&place).unwrap();
        assert_eq!((named.chain.as_str(), named.sequence, named.hash), ("eservice/justice", 7, vec![3; 32]));
        assert!(super::named("eservice/justice 7").is_none());
    }
}
