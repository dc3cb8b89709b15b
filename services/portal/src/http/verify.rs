//! Checking a document without signing in: by number and code, or by the file. Nothing here is kept, logged or indexed.

use askama::Template;
use axum::{
    extract::{Multipart, Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use kernel::{Failure, keyed_hash};
use proto::signing::v1::{Finding, Verdict, VerifyCodeRequest, VerifyFileRequest, operations};
use serde::Deserialize;

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, page},
    posted::Posted,
    visit::Visit,
};

const NUMBER_CHARS_MAX: usize = 60;
const FILE_BYTES_MAX: usize = 900_000;

#[derive(Template)]
#[template(path = "verify.html")]
pub struct VerifyPage {
    pub f: Frame,
    pub number: String,
    /// Key of what is wrong with the form; empty when nothing is.
    pub error: &'static str,
}

#[derive(Template)]
#[template(path = "verdict.html")]
pub struct VerdictPage {
    pub f: Frame,
    pub verdict: Verdict,
    /// What was typed, so that what the document says can be asked for; empty where it cannot.
    pub code: String,
}

impl VerdictPage {
    /// The four questions, each judged apart.
    pub fn findings(&self) -> Vec<(&'static str, Finding)> {
        let verdict = &self.verdict;
        let all = [
            ("integrity", &verdict.integrity),
            ("issuer", &verdict.issuer),
            ("time", &verdict.time),
            ("withdrawn", &verdict.withdrawn),
        ];
        all.into_iter().filter_map(|(name, finding)| Some((name, finding.clone()?))).collect()
    }
}

#[derive(Deserialize)]
pub struct Printed {
    #[serde(default)]
    number: String,
}

/// The address in a document's QR code names its number; its code follows `#` and never reaches a server by itself.
pub async fn form(State(portal): Shared, visit: Visit, Query(printed): Query<Printed>) -> Result<Response, Refused> {
    let number = printed.number.chars().filter(|letter| !letter.is_control()).take(NUMBER_CHARS_MAX).collect();
    show(&portal, &visit, number, "")
}

fn show(portal: &Portal, visit: &Visit, number: String, error: &'static str) -> Result<Response, Refused> {
    page(&VerifyPage { f: frame(portal, visit), number, error }).map(web::private)
}

/// Changing the language leads back to the form: the answer has no address of its own.
pub(super) fn frame(portal: &Portal, visit: &Visit) -> Frame {
    let mut frame = Frame::new(portal, visit);
    frame.place = "/verify".into();
    frame
}

pub async fn by_code(State(portal): Shared, visit: Visit, posted: Posted) -> Result<Response, Refused> {
    let (number, code) = typed(&posted);
    if number.is_empty() || code.is_empty() {
        return show(
            &portal,
            &visit,
            number,
            if code.is_empty() { "verify-code-missing" } else { "verify-number-missing" },
        );
    }
    let verdict = ask(&portal, &visit, (&number, &code), false).await?;
    let code = if verdict.has_twin { code } else { String::new() };
    page(&VerdictPage { f: frame(&portal, &visit), verdict, code }).map(web::private)
}

/// Number and code.
pub(super) fn typed(posted: &Posted) -> (String, String) {
    let clean = |name: &str| posted.control(name).trim().chars().take(NUMBER_CHARS_MAX).collect::<String>();
    (clean("number"), clean("code"))
}

pub(super) async fn ask(
    portal: &Portal,
    visit: &Visit,
    (number, code): (&str, &str),
    twin: bool,
) -> Result<Verdict, Failure> {
    // Signing limits wrong codes by network without learning which network it is.
    let asker = keyed_hash(&portal.asker_key, &[visit.address.to_string().as_bytes()]);
    let request = VerifyCodeRequest {
        number: number.to_owned(),
        code: code.to_owned(),
        asker: asker.to_vec(),
        language: visit.language.tag().into(),
        twin,
    };
    portal.services.ask(&operations::VERIFY_CODE, &request).await
}

pub async fn by_file(State(portal): Shared, visit: Visit, mut parts: Multipart) -> Result<Response, Refused> {
    limit(&portal, &visit)?;
    let (mut file, mut large) = (Vec::new(), false);
    while let Ok(Some(mut field)) = parts.next_field().await {
        if field.name() != Some("file") {
            continue;
        }
        loop {
            match field.chunk().await {
                Ok(Some(chunk)) if !large && file.len() + chunk.len() <= FILE_BYTES_MAX => {
                    file.extend_from_slice(&chunk);
                }
                // Read to its end, because a browser shows an answer only then; none of it is kept.
                Ok(Some(_)) => (file, large) = (Vec::new(), true),
                Ok(None) => break,
                Err(_) => return show(&portal, &visit, String::new(), "verify-file-large"),
            }
        }
    }
    if large {
        return show(&portal, &visit, String::new(), "verify-file-large");
    }
    if file.is_empty() {
        return show(&portal, &visit, String::new(), "verify-file-missing");
    }
    if !file.starts_with(b"%PDF-") {
        return show(&portal, &visit, String::new(), "verify-file-kind");
    }
    let request = VerifyFileRequest { file, language: visit.language.tag().into() };
    let verdict = portal.services.ask(&operations::VERIFY_FILE, &request).await?;
    page(&VerdictPage { f: frame(&portal, &visit), verdict, code: String::new() }).map(web::private)
}

/// The keys by which receipts are checked without a connection: the platform's issuing certificate. Whoever checks has the root
/// from elsewhere.
pub async fn keys(State(portal): Shared, visit: Visit) -> Result<Response, Refused> {
    limit(&portal, &visit)?;
    let trust = portal.trust.read(&portal).await?;
    Ok(([(header::CONTENT_TYPE, "application/x-pem-file")], trust.issuing_pem).into_response())
}

pub(super) fn limit(portal: &Portal, visit: &Visit) -> Result<(), Failure> {
    match portal.limits.verification.take(&[visit.address.to_string().as_bytes()]) {
        web::Verdict::Allowed => Ok(()),
        web::Verdict::Refused(_) => Err(fault::too_many()),
    }
}
