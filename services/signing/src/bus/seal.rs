//! Seals a rendered document with its agency's seal, made by the issuing authority at first need.

use der::{Decode, Encode};
use kernel::{Failure, Time};
use x509_cert::Certificate;

use super::Office;
use crate::{
    domain::{
        ca,
        pades::{self, Sealer},
        verify::{self, Outcome, Trust},
    },
    store::seals::{self, Seal},
};

/// The agency's seal in force. One is made when there is none: by the trial's authority on the spot.
pub async fn of_agency(office: &Office, agency: &str, title: &str, now: Time) -> Result<Seal, Failure> {
    let mut tx = office.database.read().await?;
    let current = seals::current(&mut tx, agency, now).await?;
    drop(tx);
    if let Some(seal) = current {
        return Ok(seal);
    }
    let seal = make(office, agency, title, now)?;
    let mut tx = office.database.begin().await?;
    // Another replica may have made one meanwhile; then that one counts and this key is never used.
    if let Some(other) = seals::current(&mut tx, agency, now).await? {
        return Ok(other);
    }
    seals::add(&mut tx, &seal).await?;
    let detail = serde_json::json!({"serial": hex::encode(&seal.serial)}).to_string();
    let act = sql::audit::Act {
        time: now,
        service_actor: Some("signing".into()),
        act: "seal.issued".into(),
        subject: seal.serial.clone(),
        agency: agency.to_owned(),
        detail,
        ..sql::audit::Act::default()
    };
    sql::audit::append(&mut tx, &act).await?;
    tx.commit().await?;
    Ok(seal)
}

fn make(office: &Office, agency: &str, title: &str, now: Time) -> Result<Seal, Failure> {
    let authority = &office.authority;
    let suffix = hex::encode(kernel::bytes::<8>(&*office.random));
    let key_name = format!("seal-{agency}-{suffix}");
    let public = authority.keys.make(&key_name)?.public();
    let subject = (agency, title, &public);
    let certificate = ca::issue_seal(&authority.issuing, &*authority.key, subject, now, &*office.random)?;
    let body = certificate.tbs_certificate();
    let seconds = |time: x509_cert::time::Time| {
        Time::from_micros(i64::try_from(time.to_unix_duration().as_micros()).unwrap_or(i64::MAX))
    };
    Ok(Seal {
        serial: body.serial_number().as_bytes().to_vec(),
        agency: agency.to_owned(),
        key_name,
        since: seconds(body.validity().not_before),
        until: seconds(body.validity().not_after),
        certificate: certificate.to_der().map_err(unusable)?,
    })
}

/// Seals, then judges the result as anyone would: a file that does not verify is never released.
pub fn apply(office: &Office, seal: &Seal, title: &str, pdf: &[u8], now: Time) -> Result<Vec<u8>, Failure> {
    let authority = &office.authority;
    let missing = || unusable("the seal's key is missing");
    let key = authority.keys.open(&seal.key_name)?.ok_or_else(missing)?;
    let certificate = Certificate::from_der(&seal.certificate).map_err(unusable)?;
    let sealer = Sealer { key: &*key, seal: &certificate, issuing: &authority.issuing, name: title };
    let file = pades::seal(pdf, &sealer, now)?;
    let trust = Trust { root: &authority.root, revocation_list: None, status_list: None };
    let verdict = verify::verify(&file, &trust, now);
    if verdict.outcome != Outcome::Valid || verdict.agency != seal.agency {
        let detail = format!("{} {} {}", verdict.integrity.code, verdict.issuer.code, verdict.time.code);
        return Err(unusable(detail));
    }
    Ok(file)
}

fn unusable(detail: impl std::fmt::Display) -> Failure {
    Failure::internal("seal.unusable", "The document could not be sealed just now.").with_detail(detail)
}
