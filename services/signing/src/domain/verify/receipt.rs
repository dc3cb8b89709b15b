//! What a receipt's QR code says: a statement signed by the issuing key that anybody checks without a connection.
//!
//! It names number, amount, day, purpose and agency, and nobody's name. The code is an address of the verification page; the
//! statement follows its `#`, so a browser never sends it anywhere.

use std::fmt;

use jiff::civil::Date;
use kernel::{Failure, Money};
use process::calendar::start_of_day;
use serde::{Deserialize, Serialize};
use x509_cert::Certificate;

use super::chain::{in_force, issued_by};
use crate::domain::{
    ca::{Signature, certificate::public_key},
    jws,
};

const TYPE: &str = "xizmat-receipt+jws";
/// What stands between the page's address and the statement.
const MARK: &str = "#receipt=";
/// A QR code holds no more than 2,953 bytes.
const TEXT_BYTES_MAX: usize = 4_096;

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: String,
    /// Serial number of the issuing certificate, in hexadecimal.
    kid: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub number: String,
    /// `payment` or `refund`.
    pub kind: String,
    /// Tiyin.
    pub amount: i64,
    pub currency: String,
    /// The civil day in Tashkent on which the money moved, ISO 8601.
    pub date: String,
    /// What it was for: service and fee, by their names.
    pub purpose: String,
    pub agency: String,
    /// Of a trial platform: no money moved.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub specimen: bool,
}

impl fmt::Display for Statement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "valid{}", if self.specimen { " (SPECIMEN of a trial platform)" } else { "" })?;
        writeln!(out, "receipt    {}", self.number)?;
        writeln!(out, "kind       {}", self.kind)?;
        writeln!(out, "amount     {} {}", Money::uzs(self.amount).to_decimal(), self.currency)?;
        writeln!(out, "date       {}", self.date)?;
        writeln!(out, "purpose    {}", self.purpose)?;
        write!(out, "agency     {}", self.agency)
    }
}

/// The text of the QR code.
pub fn address(page: &str, statement: &str) -> String {
    format!("{page}{MARK}{statement}")
}

pub fn sign(statement: &Statement, issuing: &Certificate, key: &dyn Signature) -> Result<String, Failure> {
    jws::sign(&Header { alg: jws::ALGORITHM.into(), typ: TYPE.into(), kid: key_id(issuing) }, statement, key)
}

/// What a QR code's text says, if one of the published keys signed it; the statement may also stand alone.
pub fn verify(text: &str, root: &Certificate, keys: &[Certificate]) -> Result<Statement, Failure> {
    let text = text.trim();
    let statement = text.rsplit_once(MARK).map_or(text, |(_, statement)| statement);
    let header = jws::header::<Header>(statement).filter(|_| text.len() <= TEXT_BYTES_MAX);
    let header = header.filter(|header| header.alg == jws::ALGORITHM && header.typ == TYPE).ok_or_else(|| {
        let message = "This is not the text of a receipt's QR code. Scan the whole code and pass its text unchanged.";
        Failure::invalid("verify.receipt-unreadable", message)
    })?;
    let issuing = keys.iter().find(|key| key_id(key) == header.kid && issued_by(key, root)).ok_or_else(|| {
        let message = "The key that the receipt names is not among the published ones. Fetch /verify/keys.pem again.";
        Failure::invalid("verify.receipt-key", message)
    })?;
    let said: Option<Statement> = public_key(issuing).and_then(|key| jws::open(statement, &key));
    said.filter(|said| signed_in_time(issuing, &said.date)).ok_or_else(|| {
        let message = "The receipt was not issued by this platform, or it was changed. Do not accept it.";
        Failure::invalid("verify.receipt-forged", message)
    })
}

/// The key was in force at some moment of that day.
fn signed_in_time(issuing: &Certificate, date: &str) -> bool {
    let Ok(day) = date.parse::<Date>() else { return false };
    let Ok(next) = day.tomorrow() else { return false };
    in_force(issuing, start_of_day(day)) || in_force(issuing, start_of_day(next))
}

fn key_id(issuing: &Certificate) -> String {
    hex::encode(issuing.tbs_certificate().serial_number().as_bytes())
}

#[cfg(test)]
mod tests {
    use kernel::{SeededRandom, Time};

    use super::*;
    use crate::domain::{ca::Ceremony, pades::tests::NOW};

    fn ceremony(seed: u64) -> Ceremony {
        Ceremony::hold("Xizmat", true, Time::from_micros(NOW), &SeededRandom::new(seed)).unwrap()
    }

    fn statement() -> Statement {
        Statement {
            number: "justice-2026-R17".into(),
            kind: "payment".into(),
            amount: 4_120_050,
            currency: "UZS".into(),
            date: process::calendar::civil_date(Time::from_micros(NOW)).to_string(),
            purpose: "marriage-certificate-copy/duty".into(),
            agency: "justice".into(),
            specimen: true,
        }
    }

    #[test]
    fn a_receipt_is_checked_with_the_published_key_alone_and_fits_into_a_qr_code() {
        let authority = ceremony(1);
        let signed = sign(&statement(), &authority.issuing, &authority.issuing_key).unwrap();
        let text = address("https://xizmat.example/verify?number=justice-2026-R17.uz", &signed);
        assert!(text.len() < 1_000, "{}", text.len());
        let keys = [ceremony(2).issuing, authority.issuing.clone()];
        for written in [text.as_str(), signed.as_str(), &format!(" {text}\n")] {
            assert_eq!(verify(written, &authority.root, &keys).unwrap(), statement());
        }
        let shown = statement().to_string();
        assert!(shown.contains("41200.50 UZS") && shown.contains("SPECIMEN"), "{shown}");
    }

    #[test]
    fn a_receipt_that_was_changed_or_signed_by_somebody_else_is_refused() {
        let (authority, other) = (ceremony(1), ceremony(2));
        let code = |text: &str, root: &Certificate, keys: &[Certificate]| {
            verify(text, root, keys).map_or_else(|failure| failure.code.into_owned(), |_| "valid".to_owned())
        };
        let own = std::slice::from_ref(&authority.issuing);
        let signed = sign(&statement(), &authority.issuing, &authority.issuing_key).unwrap();
        assert_eq!(code(&signed, &other.root, own), "verify.receipt-key");
        assert_eq!(code(&signed, &authority.root, &[]), "verify.receipt-key");
        let forged = sign(&statement(), &authority.issuing, &other.issuing_key).unwrap();
        assert_eq!(code(&forged, &authority.root, own), "verify.receipt-forged");
        let dear = Statement { amount: 1, ..statement() };
        let dear = sign(&dear, &authority.issuing, &authority.issuing_key).unwrap();
        let (head, _) = signed.rsplit_once('.').unwrap();
        let (_, signature) = dear.rsplit_once('.').unwrap();
        assert_eq!(code(&format!("{head}.{signature}"), &authority.root, own), "verify.receipt-forged");
        let late = Statement { date: "2060-01-01".into(), ..statement() };
        let late = sign(&late, &authority.issuing, &authority.issuing_key).unwrap();
        assert_eq!(code(&late, &authority.root, own), "verify.receipt-forged", "after the key's time");
        for text in ["", "a.b.c", "https://xizmat.example/verify?number=1", &"x".repeat(10_000)] {
            assert_eq!(code(text, &authority.root, own), "verify.receipt-unreadable");
        }
    }
}
