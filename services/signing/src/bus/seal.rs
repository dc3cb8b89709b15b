//! Seals a rendered document with its agency's seal, made by the issuing authority at first need.

use der::{Decode, Encode};
use kernel::{Failure, Time};
use x509_cert::Certificate;

use super::Office;
use crate::{
    authority::Authority,
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
pub fn apply(authority: &Authority, seal: &Seal, title: &str, pdf: &[u8], now: Time) -> Result<Vec<u8>, Failure> {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use boot::{Kit, Stage};
    use kernel::SeededRandom;

    use super::*;
    use crate::domain::{
        ca::{Ceremony, Signature},
        pades::tests::{NOW, rendered},
    };

    #[test]
    fn what_does_not_verify_once_it_is_sealed_is_never_released() {
        let kit = Kit::system(Stage::Trial);
        let authority = Authority::open(&testkit::folder().join("unreleased"), &kit).unwrap();
        let (now, random, pdf) = (kit.clock.now(), SeededRandom::new(5), rendered());
        let public = authority.keys.make("seal-justice").unwrap().public();
        let seal = |agency: &str, issuing: &Certificate, key: &dyn Signature| {
            let subject = ("justice", "Adliya vazirligi", &public);
            let certificate = ca::issue_seal(issuing, key, subject, now, &random).unwrap();
            Seal {
                serial: certificate.tbs_certificate().serial_number().as_bytes().to_vec(),
                agency: agency.to_owned(),
                key_name: "seal-justice".into(),
                since: now,
                until: now,
                certificate: certificate.to_der().unwrap(),
            }
        };
        let own = |agency: &str| seal(agency, &authority.issuing, &*authority.key);
        let applied = |seal: &Seal, now| apply(&authority, seal, "Adliya vazirligi", &pdf, now);
        assert!(applied(&own("justice"), now).unwrap().starts_with(&pdf));
        let other = Ceremony::hold("Xizmat", true, Time::from_micros(NOW), &random).unwrap();
        let foreign = seal("justice", &other.issuing, &other.issuing_key);
        let four_years = Duration::from_secs(4 * 365 * 86_400);
        for (why, refused) in [
            ("the certificate is another agency's", applied(&own("health"), now)),
            ("another authority made it", applied(&foreign, now)),
            ("it has run out", applied(&own("justice"), now.plus(four_years))),
            ("it does not count yet", applied(&own("justice"), now.minus(four_years))),
        ] {
            assert_eq!(refused.map(|file| file.len()).unwrap_err().code, "seal.unusable", "{why}");
        }
        let other_key = authority.keys.make("seal-other").unwrap();
        assert_ne!(other_key.public(), public);
        let mixed_up = Seal { key_name: "seal-other".into(), ..own("justice") };
        assert_eq!(applied(&mixed_up, now).unwrap_err().code, "seal.unusable", "a key that is not the certificate's");
    }
}
