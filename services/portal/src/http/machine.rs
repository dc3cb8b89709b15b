//! What machines may call on the portal, served and described by the same words (`docs/api/portal.yaml`): verification, and
//! the register of services as linked data.

use std::sync::Arc;

use axum::http::Method;
use schemars::JsonSchema;
use serde_json::{Value, json};
use web::{Content, Described, Operation, operation};

use super::{Portal, UPLOAD_BYTES_MAX, description, pages::Wanted, trust, verify};

const ABOUT: &str = "Verification of documents without signing in. Answers are pages in the language of `lang` or \
    `Accept-Language` (uz, uz-Cyrl, kaa, ru, en); nothing is kept, logged or indexed. Attempts are limited by network. \
    For verification without a connection there is `xizmat verify`. And the register of services as linked data: JSON-LD \
    of the profile CPSV-AP 3.2, each text in every language, with no context to be fetched from elsewhere.";
const PAGE: &str = "text/html";

pub fn routes() -> Described<Arc<Portal>> {
    Described::new()
        .machine(form(), verify::form)
        .machine(by_code(), verify::by_code)
        .machine(by_file(), verify::by_file)
        .machine(status_list(), trust::status_list)
        .machine(seals(), trust::seals)
        .machine(status_page(), trust::status_page)
        .machine(root(), trust::root)
        .machine(keys(), verify::keys)
        .machine(service(), description::service)
        .machine(catalogue(), description::all)
}

/// The OpenAPI document.
pub fn document() -> Value {
    routes().document("Xizmat portal", ABOUT, "/", json!({}))
}

fn form() -> Operation {
    operation(Method::GET, "/verify", "verify-form", "The form; a document's QR code leads here.")
        .about("The code stands behind `#` in that address: it does not reach a server by itself.")
        .query::<Printed>()
        .answers(200, "The form.", Content::text(PAGE))
}

fn by_code() -> Operation {
    let about = "An unknown number and a wrong code look alike. The page shows status, issuer, kind and date, never content or name.";
    operation(Method::POST, "/verify", "verify-by-code", "Verifies by number and code.")
        .about(about)
        .takes(Content::form::<Shown>())
        .answers(200, "The verdict, or the form with what is missing.", Content::text(PAGE))
        .answers(400, "The form did not arrive whole.", Content::text(PAGE))
        .answers(429, "Too many attempts from this network.", Content::text(PAGE))
        .answers(503, "Try again in a minute.", Content::text(PAGE))
}

fn by_file() -> Operation {
    operation(
        Method::POST,
        "/verify/file",
        "verify-by-file",
        "Verifies a sealed PDF: integrity, issuer, time, withdrawal.",
    )
    .about("A file of more than 900000 bytes is not judged.")
    .at_most(UPLOAD_BYTES_MAX)
    .takes(Content::files(&["file"]))
    .answers(200, "The verdict, or the form with what is wrong with the file.", Content::text(PAGE))
    .says(400, "A body that is no multipart form.")
    .answers(429, "Too many attempts from this network.", Content::text(PAGE))
    .answers(503, "Try again in a minute.", Content::text(PAGE))
}

fn status_list() -> Operation {
    let about = "A compact JWS (ES256) by the issuing authority, whose certificate it carries. It names documents by a hash of their \
                 hash, so that only who holds one finds it; `exp` says until when it counts. For `xizmat verify … --status-list`.";
    operation(Method::GET, "/verify/status-list.jws", "status-list", "Documents that were withdrawn or replaced.")
        .about(about)
        .answers(200, "The list, at most a minute old.", Content::text(trust::LIST))
        .answers(503, "Try again in a minute.", Content::text(PAGE))
}

fn seals() -> Operation {
    let about = "A certificate revocation list (RFC 5280, DER) by the issuing authority. A file that bears a seal on it proves no \
                 time, so offline it counts for nothing; this page knows which were sealed before the seal was in doubt.";
    operation(Method::GET, "/verify/seals.crl", "seal-revocations", "Seals of agencies that were withdrawn.")
        .about(about)
        .answers(200, "The list, at most a minute old.", Content::text(trust::REVOCATION_LIST))
        .answers(503, "Try again in a minute.", Content::text(PAGE))
}

fn status_page() -> Operation {
    let about = "As the list of all, and much shorter: `of` says whose seals of which year it is about, and a document of another agency or \
                 year is not judged by it. Both stand in what `xizmat verify` says of the file. `ETag` stays while the list does.";
    let what = "Documents of an agency's seals of one year that were withdrawn or replaced.";
    operation(Method::GET, "/verify/status-list/{agency}/{year}", "status-page", what)
        .about(about)
        .within("agency", "justice", "The agency whose seal they bear.")
        .within("year", "2026", "The civil year in Tashkent in which they were sealed.")
        .answers(200, "The list, at most a minute old.", Content::text(trust::LIST))
        .answers(404, "There is no list of such a year, or the agency never had a seal.", Content::text(PAGE))
        .answers(503, "Try again in a minute.", Content::text(PAGE))
}

fn root() -> Operation {
    operation(Method::GET, "/verify/root.pem", "root-certificate", "The root certificate of the platform's authority.")
        .about("Compare it once with what the platform's owner published elsewhere, and keep it.")
        .answers(200, "The certificate.", Content::text(trust::CERTIFICATE))
        .answers(503, "Try again in a minute.", Content::text(PAGE))
}

fn keys() -> Operation {
    operation(Method::GET, "/verify/keys.pem", "verify-keys", "The keys that sign what receipts' QR codes say.")
        .about("For `xizmat verify receipt`, which also needs the root certificate, from elsewhere.")
        .answers(200, "The platform's issuing certificate.", Content::text("application/x-pem-file"))
        .answers(429, "Too many attempts from this network.", Content::text(PAGE))
        .answers(503, "Try again in a minute.", Content::text(PAGE))
}

/// The page for people stands at the same address without the ending: the router tells only whole segments apart.
fn service() -> Operation {
    operation(Method::GET, "/services/{agency}/{service}.jsonld", "describe-service", "A service as CPSV-AP 3.2.")
        .about("With the offices of its agency. Without `.jsonld` the address is the service's page.")
        .routed("/services/{agency}/{service}")
        .within("agency", "justice", "The agency that answers for the service.")
        .within("service", "marriage-certificate-copy", "The service's name.")
        .answers(200, "One `cpsv:PublicService`.", Content::object(description::JSON_LD))
        .answers(404, "There is no such service.", Content::text(PAGE))
        .answers(503, "Try again in a minute.", Content::text(PAGE))
}

fn catalogue() -> Operation {
    operation(Method::GET, "/services.jsonld", "describe-services", "Every service as CPSV-AP 3.2, page by page.")
        .about("A `dcat:Dataset`; `hydra:next` names the next page. Offices stand in the description of each service.")
        .query::<Wanted>()
        .answers(200, "A page of the register.", Content::object(description::JSON_LD))
        .answers(404, "There is no such page.", Content::text(PAGE))
        .answers(503, "Try again in a minute.", Content::text(PAGE))
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Printed {
    /// The document's number.
    number: Option<String>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Shown {
    /// The document's number, as printed.
    number: String,
    /// The verification code, as printed.
    code: String,
}
