//! An applicant rates a service once their case has ended; whoever leads in the agency reads how it was rated.

use std::{borrow::Borrow, sync::Arc};

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use bus::subject::Address;
use kernel::ErrorKind;
use proto::{
    eservice::v1::{Case, ListRatingsRequest, RateCaseRequest, Ratings, operations},
    register::v1::{SearchCatalogueRequest, ServiceCard, operations::SEARCH_CATALOGUE},
};
use serde::Deserialize;

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, page},
    posted::Posted,
    submit::read_case,
    visit::{CasePlace, Citizen, Officer},
};
use crate::domain::place;

/// The best first, each with the key of its words.
const SCORES: [(i32, &str); 5] = [(5, "rating-5"), (4, "rating-4"), (3, "rating-3"), (2, "rating-2"), (1, "rating-1")];
const TEXT_CHARS_MAX: usize = 1_000;

pub fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/applications/{agency}/{service}/{case}/rating", get(offer).post(rate))
        .route("/officer/ratings", get(read))
}

/// Whether the case can be rated now.
pub fn is_open(portal: &Portal, case: &Case) -> bool {
    case.rated == 0 && portal.clock.now().micros() < case.rate_until_us
}

#[derive(Template)]
#[template(path = "rating.html")]
pub struct RatingPage {
    pub f: Frame,
    pub case: Case,
    pub base: String,
    /// 0: none is chosen.
    pub score: i32,
    pub text: String,
    /// (id of the input, key of the text)
    pub errors: Vec<(&'static str, &'static str)>,
}

impl RatingPage {
    pub fn scores(&self) -> &'static [(i32, &'static str)] {
        &SCORES
    }

    pub fn error_on(&self, id: &str) -> Option<&'static str> {
        self.errors.iter().find(|(at, _)| *at == id).map(|(_, key)| *key)
    }
}

pub async fn offer(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    let case = read_case(&portal, &visit, &session, &at).await?;
    if !is_open(&portal, &case) {
        return Ok(Redirect::to(&at.path("")).into_response());
    }
    let (f, base) = (Frame::new(&portal, &visit), at.path(""));
    page(&RatingPage { f, case, base, score: 0, text: String::new(), errors: Vec::new() })
}

pub async fn rate(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
    posted: Posted,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    let (score, text) = (chosen(posted.control("_score")), posted.control("_text").trim().replace("\r\n", "\n"));
    let errors = wrong(score, &text);
    if !errors.is_empty() {
        let case = read_case(&portal, &visit, &session, &at).await?;
        let (f, base) = (Frame::new(&portal, &visit), at.path(""));
        return page(&RatingPage { f, case, base, score, text, errors });
    }
    let request = RateCaseRequest { case_id: at.case.to_vec(), score, text };
    let sent = portal.services.command(&session, &operations::RATE_CASE, at.host(), &request, posted.command()?).await;
    match sent {
        // Rated in another window, or the time ran out meanwhile: the case's page says how it stands.
        Err(failure) if failure.kind != ErrorKind::Conflict => Err(failure.into()),
        _ => Ok(Redirect::to(&at.path("")).into_response()),
    }
}

fn chosen(typed: &str) -> i32 {
    typed.parse::<i32>().ok().filter(|score| SCORES.iter().any(|(known, _)| known == score)).unwrap_or_default()
}

/// (id of the input, key of the text)
fn wrong(score: i32, text: &str) -> Vec<(&'static str, &'static str)> {
    let mut wrong = Vec::new();
    if score == 0 {
        wrong.push(("score-5", "rating-missing"));
    }
    if text.chars().count() > TEXT_CHARS_MAX {
        wrong.push(("text", "rating-too-long"));
    }
    wrong
}

#[derive(Template)]
#[template(path = "officer_ratings.html")]
pub struct RatingsPage {
    pub f: Frame,
    pub agency: String,
    pub services: Vec<ServiceCard>,
    /// Empty: none is chosen yet.
    pub service: String,
    pub ratings: Ratings,
}

impl RatingsPage {
    /// How often each score was given, the best first, with the key of its words.
    pub fn given(&self) -> Vec<(&'static str, i64)> {
        let given = |score: i32| {
            let place = usize::try_from(score - 1).unwrap_or_default();
            self.ratings.given.get(place).copied().unwrap_or_default()
        };
        SCORES.iter().map(|(score, key)| (*key, given(*score))).collect()
    }

    pub fn key(&self, score: impl Borrow<i32>) -> &'static str {
        let score = *score.borrow();
        SCORES.iter().find(|(known, _)| *known == score).map_or("rating-3", |(_, key)| *key)
    }
}

#[derive(Deserialize, Default)]
pub struct Wanted {
    #[serde(default)]
    agency: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    before: i64,
}

pub async fn read(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let Wanted { agency, service, before } = wanted;
    if !place::is_name(&agency) || !(service.is_empty() || place::is_name(&service)) {
        return Err(fault::no_such_page().into());
    }
    let language = visit.language.tag().into();
    let request = SearchCatalogueRequest { language, agency: agency.clone(), ..SearchCatalogueRequest::default() };
    let mut services = portal.services.ask(&SEARCH_CATALOGUE, &request).await?.services;
    services.retain(|card| card.agency == agency && card.level == "hosted");
    let mut ratings = Ratings::default();
    if !service.is_empty() {
        let request = ListRatingsRequest { agency: agency.clone(), service: service.clone(), before_us: before };
        let host = Address::service(&agency, &service);
        ratings = portal.services.read(&session, &operations::LIST_RATINGS, host, &request).await?;
    }
    page(&RatingsPage { f: Frame::new(&portal, &visit), agency, services, service, ratings })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rating_is_one_of_five_with_words_of_a_bounded_length() {
        assert_eq!(["1", "5", "0", "6", "", "five"].map(chosen), [1, 5, 0, 0, 0, 0]);
        assert!(wrong(3, "").is_empty());
        assert_eq!(wrong(0, ""), [("score-5", "rating-missing")]);
        assert_eq!(wrong(1, &"x".repeat(TEXT_CHARS_MAX + 1)), [("text", "rating-too-long")]);
    }
}
