//! Files that were changed, extended, wrapped or sealed by somebody else are refused; each question has its own answer.

use std::time::Duration;

use der::Decode;
use kernel::{SeededRandom, bytes};
use x509_cert::name::Name;

use super::{
    status::{Entry, List},
    *,
};
use crate::domain::{
    ca::{
        self, Ceremony, Signature,
        certificate::{Content, Kind, join},
    },
    pades::{
        Sealer, seal,
        tests::{NOW, rendered, sealed_with},
    },
};

fn judged(file: &[u8], ceremony: &Ceremony) -> Verdict {
    let trust = Trust { root: &ceremony.root, revocation_list: None, status_list: None };
    verify(file, &trust, Time::from_micros(NOW))
}

#[test]
fn a_sealed_document_is_valid_and_says_whose_it_is() {
    let (ceremony, file) = sealed_with(&rendered(), true);
    let verdict = judged(&file, &ceremony);
    assert_eq!(verdict.outcome, Outcome::Valid, "{verdict:?}");
    assert_eq!((verdict.agency.as_str(), verdict.agency_title.as_str()), ("justice", "Adliya vazirligi"));
    assert_eq!(verdict.withdrawn.state, State::NotChecked);
    assert!(verdict.specimen);
    assert_eq!(verdict.sealed, Some(Time::from_micros(NOW)));
}

#[test]
fn any_changed_byte_is_refused() {
    let (ceremony, file) = sealed_with(&rendered(), true);
    let gap = file.windows(11).position(|window| window == b"/Contents <").unwrap();
    let everywhere = (0..file.len()).step_by(97);
    let around_the_seal = (gap - 80..gap + 200).chain(gap + 11 + 2 * 1100..gap + 11 + 2 * 1300);
    for at in everywhere.chain(around_the_seal).chain(file.len() - 400..file.len()) {
        for flip in [0x01, 0x20] {
            let mut changed = file.clone();
            changed[at] ^= flip;
            assert_ne!(judged(&changed, &ceremony).outcome, Outcome::Valid, "byte {at}");
        }
    }
}

#[test]
fn every_byte_of_the_signature_matters() {
    let (ceremony, file) = sealed_with(&rendered(), true);
    let start = file.windows(11).position(|window| window == b"/Contents <").unwrap() + 11;
    let end = start + file[start..].iter().position(|byte| *byte == b'>').unwrap();
    let used = file[start..end].iter().rposition(|byte| *byte != b'0').unwrap();
    for at in (start..start + used + 4).step_by(3) {
        let mut changed = file.clone();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        assert_ne!(judged(&changed, &ceremony).outcome, Outcome::Valid, "byte {at}");
    }
}

#[test]
fn what_is_appended_wrapped_or_put_before_is_refused() {
    let (ceremony, file) = sealed_with(&rendered(), true);
    let mut appended = file.clone();
    appended.extend_from_slice(b"\n");
    assert_eq!(judged(&appended, &ceremony).integrity.code, "verify.not-whole-file");
    let twice = [file.as_slice(), file.as_slice()].concat();
    assert_eq!(judged(&twice, &ceremony).integrity.code, "verify.several-seals");
    let before = [b"%PDF-1.7\n".as_slice(), file.as_slice()].concat();
    assert_eq!(judged(&before, &ceremony).outcome, Outcome::Invalid);
    assert_eq!(judged(&rendered(), &ceremony).outcome, Outcome::Unknown);
    assert_eq!(judged(b"hello", &ceremony).outcome, Outcome::Unknown);
}

#[test]
fn a_gap_wider_than_the_signature_is_refused() {
    let (ceremony, file) = sealed_with(&rendered(), true);
    let at = file.windows(11).position(|window| window == b"/Contents <").unwrap();
    let open = at - file[..at].iter().rev().position(|byte| *byte == b'[').unwrap() - 1;
    let text = std::str::from_utf8(&file[open + 1..at - 1]).unwrap();
    let parts: Vec<usize> = text.split(' ').map(|number| number.parse().unwrap()).collect();
    let wider = format!("[0 {:010} {:010} {:010}]", parts[1], parts[2] + 20, parts[3] - 20);
    let mut changed = file.clone();
    changed[open..at].copy_from_slice(wider.as_bytes());
    assert_eq!(judged(&changed, &ceremony).integrity.code, "verify.not-whole-file");
}

#[test]
fn another_platforms_seal_is_not_ours() {
    let (_, file) = sealed_with(&rendered(), true);
    let other = Ceremony::hold("Xizmat", true, Time::from_micros(NOW), &SeededRandom::new(99)).unwrap();
    let verdict = judged(&file, &other);
    assert_eq!((verdict.integrity.state, verdict.issuer.state), (State::Ok, State::Failed));
    assert_eq!((verdict.outcome, verdict.agency.as_str()), (Outcome::Invalid, ""));
}

/// What a certificate says, from what it should say.
type Written = fn(Vec<u8>) -> Vec<u8>;

/// What a certificate that our own authority made seals.
fn sealed_under(ceremony: &Ceremony, document: &[u8], (kind, subject): (Kind, Name), written: Written) -> Vec<u8> {
    let (random, now) = (SeededRandom::new(12), Time::from_micros(NOW));
    let key = ca::new_key(&random);
    let content = Content {
        kind,
        serial: bytes(&random),
        issuer: ceremony.issuing.tbs_certificate().subject().clone(),
        issuer_key: ceremony.issuing_key.verifying_key(),
        subject,
        subject_key: key.verifying_key(),
        from: now.minus(Duration::from_secs(60)),
        until: now.plus(Duration::from_secs(60)),
    };
    let body = written(content.to_be_signed().unwrap());
    let signature = Signature::sign(&ceremony.issuing_key, &body).unwrap();
    let certificate = Certificate::from_der(&join(&body, &signature).unwrap()).unwrap();
    let sealer = Sealer { key: &key, seal: &certificate, issuing: &ceremony.issuing, name: "Adliya vazirligi" };
    seal(document, &sealer, now).unwrap()
}

/// A key usage of a seal without `digitalSignature` (RFC 5280, 4.2.1.3).
fn not_for_signing(mut body: Vec<u8>) -> Vec<u8> {
    let both = [0x04, 0x04, 0x03, 0x02, 0x06, 0xc0];
    let at = body.windows(both.len()).position(|window| window == both).unwrap();
    body[at + 5] = 0x40;
    body
}

#[test]
fn a_certificate_of_our_own_authority_that_is_none_for_an_agencys_seal_seals_nothing() {
    let (ceremony, _) = sealed_with(&rendered(), true);
    let (as_it_is, unfit): (Written, Written) = (|body| body, not_for_signing);
    let agency = || name::seal("justice", "Adliya vazirligi", true).unwrap();
    let nobody = || name::authority("Adliya vazirligi", "Seal", true).unwrap();
    for (kind, subject, written, issuer, outcome) in [
        (Kind::Seal, agency(), as_it_is, "verify.seal-list-not-checked", Outcome::Valid),
        (Kind::Seal, nobody(), as_it_is, "verify.foreign-issuer", Outcome::Invalid),
        (Kind::Seal, agency(), unfit, "verify.foreign-issuer", Outcome::Invalid),
        (Kind::Issuing, agency(), as_it_is, "verify.foreign-issuer", Outcome::Invalid),
    ] {
        let verdict = judged(&sealed_under(&ceremony, &rendered(), (kind, subject), written), &ceremony);
        assert_eq!(verdict.integrity.state, State::Ok, "{kind:?}: the file itself is in order: {verdict:?}");
        assert_eq!((verdict.issuer.code.as_str(), verdict.outcome), (issuer, outcome), "{kind:?}: {verdict:?}");
        assert_eq!(verdict.agency.is_empty(), outcome == Outcome::Invalid, "{verdict:?}");
    }
}

#[test]
fn a_sealed_document_that_is_changed_and_sealed_again_is_refused_whoever_seals_it() {
    let (ceremony, file) = sealed_with(&rendered(), true);
    for agency in ["justice", "health"] {
        let subject = name::seal(agency, "Vazirlik", true).unwrap();
        let again = sealed_under(&ceremony, &file, (Kind::Seal, subject), |body| body);
        assert!(again.starts_with(&file), "a revision of the same file");
        let verdict = judged(&again, &ceremony);
        assert_eq!((verdict.integrity.code.as_str(), verdict.outcome), ("verify.several-seals", Outcome::Invalid));
    }
}

#[test]
fn a_seal_counts_only_while_it_is_in_force_and_not_revoked() {
    let (ceremony, file) = sealed_with(&rendered(), true);
    let now = Time::from_micros(NOW);
    let trust = Trust { root: &ceremony.root, revocation_list: None, status_list: None };
    let unchecked = verify(&file, &trust, now);
    assert!(unchecked.is_valid() && unchecked.issuer.code == "verify.seal-list-not-checked", "{unchecked}");
    assert!(unchecked.to_string().contains("--revocation-list"), "it says what was not looked at: {unchecked}");
    let after = now.plus(Duration::from_secs(4 * 365 * 86_400));
    assert_eq!(verify(&file, &trust, after).time.code, "verify.time-not-provable");
    let before = now.minus(Duration::from_secs(60));
    assert_eq!(verify(&file, &trust, before).issuer.code, "verify.sealed-in-the-future");

    let cover = cover::read(&file).unwrap().unwrap();
    let seal = content::read(&cover).unwrap().seal;
    let serial = seal.tbs_certificate().serial_number().as_bytes().to_vec();
    let list = |withdrawn: &[ca::Withdrawn]| {
        ca::revocation_list(&ceremony.issuing, &ceremony.issuing_key, 1, withdrawn, now).unwrap()
    };
    // In the authority's name, by a key that is not its own.
    let forged = ca::revocation_list(&ceremony.issuing, &ca::new_key(&SeededRandom::new(99)), 1, &[], now).unwrap();
    for (revoked, code) in [
        (list(&[]), "verify.issued-by-this-platform"),
        (list(&[ca::Withdrawn { serial, at: now }]), "verify.seal-revoked"),
        (b"junk".to_vec(), "verify.revocation-list-unusable"),
        (forged, "verify.revocation-list-unusable"),
    ] {
        let trust = Trust { root: &ceremony.root, revocation_list: Some(&revoked), status_list: None };
        assert_eq!(verify(&file, &trust, now).issuer.code, code);
    }
    let (old, later) = (list(&[]), now.plus(Duration::from_secs(8 * 86_400)));
    let trust = Trust { root: &ceremony.root, revocation_list: Some(&old), status_list: None };
    assert_eq!(verify(&file, &trust, later).issuer.code, "verify.revocation-list-too-old");
}

#[test]
fn a_withdrawn_document_is_found_on_the_signed_list_and_only_there() {
    let (ceremony, file) = sealed_with(&rendered(), true);
    let now = Time::from_micros(NOW);
    let seconds = NOW / 1_000_000;
    let document = status::entry_name(&kernel::Hash::of(&file));
    let entry = Entry { document, status: "revoked".into(), since: seconds };
    let list = |withdrawn| {
        let list = List { iat: seconds, exp: seconds + 60, of: None, withdrawn };
        status::sign(&list, &ceremony.issuing, &ceremony.issuing_key).unwrap()
    };
    let judged = |list: &str, now| {
        let trust = Trust { root: &ceremony.root, revocation_list: None, status_list: Some(list) };
        let verdict = verify(&file, &trust, now);
        (verdict.outcome, verdict.withdrawn.code)
    };
    assert_eq!(judged(&list(vec![]), now), (Outcome::Valid, "verify.not-withdrawn".into()));
    assert_eq!(judged(&list(vec![entry.clone()]), now), (Outcome::Invalid, "verify.revoked".into()));
    let late = now.plus(Duration::from_secs(120));
    assert_eq!(judged(&list(vec![entry]), late).1, "verify.status-list-too-old");
    let mut forged = list(vec![]);
    forged.replace_range(forged.len() - 4.., "AAAA");
    assert_eq!(judged(&forged, now).1, "verify.status-list-unusable");
}

#[test]
fn a_list_of_a_year_counts_only_for_what_the_agency_sealed_in_it() {
    let (ceremony, file) = sealed_with(&rendered(), true);
    let now = Time::from_micros(NOW);
    let seconds = NOW / 1_000_000;
    let document = status::entry_name(&kernel::Hash::of(&file));
    let judged = |agency: &str, year: i16, withdrawn: bool| {
        let entry = Entry { document, status: "revoked".into(), since: seconds };
        let withdrawn = if withdrawn { vec![entry] } else { Vec::new() };
        let of = Some(status::Of { agency: agency.into(), year });
        let list = List { iat: seconds, exp: seconds + 60, of, withdrawn };
        let list = status::sign(&list, &ceremony.issuing, &ceremony.issuing_key).unwrap();
        let trust = Trust { root: &ceremony.root, revocation_list: None, status_list: Some(&list) };
        verify(&file, &trust, now).withdrawn.code
    };
    let year = status::Of::document("justice", now).year;
    assert_eq!(judged("justice", year, true), "verify.revoked");
    assert_eq!(judged("justice", year, false), "verify.not-withdrawn");
    for (agency, year) in [("justice", year - 1), ("interior", year)] {
        assert_eq!(judged(agency, year, false), "verify.status-other-list", "{agency} {year}");
    }
}

#[test]
fn a_production_seal_does_not_say_specimen() {
    let (ceremony, file) = sealed_with(&rendered(), false);
    assert!(!judged(&file, &ceremony).specimen);
}
