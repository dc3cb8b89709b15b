//! Judges a sealed PDF: integrity, issuer, time and withdrawal apart, and *valid* only when one seal covers every byte.
//!
//! No PDF parser takes part. A seal counts only if its `ByteRange` covers the whole file except the hexadecimal string
//! of its own `Contents`; then every other byte, whatever a reader makes of it, is what the holder of the key sealed.
//! That refuses incremental saving, signature wrapping and shadow content by construction.

mod chain;
mod content;
mod cover;
pub mod receipt;
pub mod status;

use kernel::Time;
use serde::{Deserialize, Serialize};
use x509_cert::Certificate;

use crate::domain::ca::name;
pub use chain::{Chain, SEAL_REVOKED};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Ok,
    Failed,
    NotChecked,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::NotChecked => "not-checked",
        }
    }
}

/// One of the four questions, answered. The code is stable; the detail is for people who look closer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub state: State,
    pub code: String,
    pub detail: String,
}

impl Finding {
    pub fn new(state: State, code: &str, detail: impl Into<String>) -> Self {
        Self { state, code: code.to_owned(), detail: detail.into() }
    }

    pub fn ok(code: &str) -> Self {
        Self::new(State::Ok, code, "")
    }

    pub fn failed(code: &str, detail: impl Into<String>) -> Self {
        Self::new(State::Failed, code, detail)
    }

    pub fn not_checked(code: &str) -> Self {
        Self::new(State::NotChecked, code, "")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Valid,
    Invalid,
    /// Not a document of this platform: it bears no seal that we could judge.
    Unknown,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
        }
    }
}

/// Everything that can be said about a file from the file itself, the root and a status list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub outcome: Outcome,
    pub integrity: Finding,
    pub issuer: Finding,
    pub time: Finding,
    pub withdrawn: Finding,
    /// The agency whose seal it bears: short name and title. Only when the issuer is ok.
    pub agency: String,
    pub agency_title: String,
    /// The time the seal claims.
    pub sealed: Option<Time>,
    /// Issued by a trial platform.
    pub specimen: bool,
}

/// What a judgement rests on.
pub struct Trust<'a> {
    pub root: &'a Certificate,
    /// DER, by the issuing authority; `None`: not checked.
    pub revocation_list: Option<&'a [u8]>,
    pub status_list: Option<&'a str>,
}

/// Judges a file. The same file, trust and time give the same verdict anywhere.
pub fn verify(file: &[u8], trust: &Trust<'_>, now: Time) -> Verdict {
    let cover = match cover::read(file) {
        Ok(Some(cover)) => cover,
        Ok(None) => return without_seal(),
        Err(finding) => return broken(finding),
    };
    let content = match content::read(&cover) {
        Ok(content) => content,
        Err(finding) => return broken(finding),
    };
    let chain = Chain { seal: &content.seal, issuing: &content.issuing, root: trust.root };
    let issuer = chain.judge(cover.sealed, now, trust.revocation_list);
    let subject = content.seal.tbs_certificate().subject();
    let agency = name::agency(subject).filter(|_| issuer.state == State::Ok);
    let (agency, agency_title) = agency.unwrap_or_default();
    let time = chain.judge_time(cover.sealed, now);
    let withdrawn = match trust.status_list {
        None => Finding::not_checked("verify.status-not-checked"),
        Some(list) => {
            let of = status::Of::document(&agency, cover.sealed);
            status::judge(list, (file, &of), trust.root, now)
        }
    };
    let mut verdict = Verdict {
        outcome: Outcome::Invalid,
        integrity: Finding::ok("verify.whole-file-sealed"),
        issuer,
        time,
        withdrawn,
        agency,
        agency_title,
        sealed: Some(cover.sealed),
        specimen: name::is_trial(subject),
    };
    verdict.conclude();
    verdict
}

impl Verdict {
    pub fn is_valid(&self) -> bool {
        self.outcome == Outcome::Valid
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Valid only when nothing failed and both integrity and issuer were found in order.
    pub fn conclude(&mut self) {
        let sound = self.integrity.state == State::Ok && self.issuer.state == State::Ok;
        let unspoilt = self.time.state != State::Failed && self.withdrawn.state != State::Failed;
        self.outcome = if sound && unspoilt { Outcome::Valid } else { Outcome::Invalid };
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", self.outcome.as_str())?;
        if self.specimen {
            write!(out, " (SPECIMEN of a trial platform)")?;
        }
        if !self.agency.is_empty() {
            write!(out, "\nagency     {} ({})", self.agency_title, self.agency)?;
        }
        let findings = [&self.integrity, &self.issuer, &self.time, &self.withdrawn];
        for (name, finding) in ["integrity", "issuer", "time", "withdrawn"].into_iter().zip(findings) {
            write!(out, "\n{name:<10} {} {} {}", finding.state.as_str(), finding.code, finding.detail)?;
        }
        Ok(())
    }
}

/// The root certificate from PEM.
pub fn root_from_pem(pem: &str) -> Option<Certificate> {
    use der::DecodePem;
    Certificate::from_pem(pem).ok()
}

/// Every certificate of a PEM file, in its order; none where one of them cannot be read.
pub fn all_from_pem(pem: &str) -> Option<Vec<Certificate>> {
    const END: &str = "-----END CERTIFICATE-----";
    let mut found = Vec::new();
    for part in pem.split_inclusive(END).filter(|part| part.contains(END)) {
        found.push(root_from_pem(part.trim_start())?);
    }
    Some(found)
}

fn without_seal() -> Verdict {
    let mut verdict = broken(Finding::failed("verify.no-seal", "The file bears no seal."));
    verdict.outcome = Outcome::Unknown;
    verdict
}

fn broken(integrity: Finding) -> Verdict {
    let unasked = || Finding::not_checked("verify.not-asked");
    Verdict {
        outcome: Outcome::Invalid,
        integrity,
        issuer: unasked(),
        time: unasked(),
        withdrawn: unasked(),
        agency: String::new(),
        agency_title: String::new(),
        sealed: None,
        specimen: false,
    }
}

#[cfg(test)]
mod tests;
