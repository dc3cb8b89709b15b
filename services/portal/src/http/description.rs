//! Services for machines: each at its own address, and all of them page by page.

use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use proto::register::v1::{DescribeServicesRequest, Descriptions, operations};
use serde_json::Value;

use super::{
    Portal, Shared, catalogue,
    fault::{self, Refused},
    pages::Wanted,
    visit::Visit,
};
use crate::domain::{cpsv, place};

pub const JSON_LD: &str = "application/ld+json";
/// How the address of a description ends.
const ENDING: &str = ".jsonld";
/// Descriptions are open data: whoever asks may keep them for a while, and scripts of other sites may read them.
const KEPT: &str = "public, max-age=300";

/// One address for people and, with the ending, for machines.
pub async fn service(
    state: Shared,
    visit: Visit,
    Path((agency, service)): Path<(String, String)>,
) -> Result<Response, Refused> {
    match service.strip_suffix(ENDING) {
        Some(name) => described(&state.0, &agency, name).await,
        None => catalogue::service(state, visit, Path((agency, service))).await,
    }
}

async fn described(portal: &Portal, agency: &str, service: &str) -> Result<Response, Refused> {
    if !place::is_name(agency) || !place::is_name(service) {
        return Err(fault::no_such_page().into());
    }
    let request =
        DescribeServicesRequest { agency: agency.to_owned(), service: service.to_owned(), after: String::new() };
    let told = ask(portal, &request).await?;
    let one = told.services.first().ok_or_else(fault::no_such_page)?;
    Ok(answer(&cpsv::document(&portal.config.base_url, one)))
}

/// Everything in the catalogue.
pub async fn all(State(portal): Shared, Query(wanted): Query<Wanted>) -> Result<Response, Refused> {
    let after = wanted.after;
    let known = |(agency, service): (&str, &str)| place::is_name(agency) && place::is_name(service);
    if !after.is_empty() && !after.split_once('/').is_some_and(known) {
        return Err(fault::no_such_page().into());
    }
    let request = DescribeServicesRequest { after: after.clone(), ..DescribeServicesRequest::default() };
    let told = ask(&portal, &request).await?;
    let base = &portal.config.base_url;
    let next = (!told.next.is_empty()).then(|| page_after(base, &told.next));
    Ok(answer(&cpsv::catalogue(base, &told, (&page_after(base, &after), next.as_deref()))))
}

async fn ask(portal: &Portal, request: &DescribeServicesRequest) -> Result<Descriptions, Refused> {
    Ok(portal.services.ask(&operations::DESCRIBE_SERVICES, request).await?)
}

/// The address of the page that begins after a place.
fn page_after(base: &str, after: &str) -> String {
    if after.is_empty() {
        return format!("{base}/services.jsonld");
    }
    let place: String = url::form_urlencoded::byte_serialize(after.as_bytes()).collect();
    format!("{base}/services.jsonld?after={place}")
}

fn answer(value: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(JSON_LD)),
        (header::CACHE_CONTROL, HeaderValue::from_static(KEPT)),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    (headers, value.to_string()).into_response()
}
