//! A sealed document keeps its bytes and its identity, whichever cross-reference it has.

use kernel::{SeededRandom, Time};
use serde_json::json;

use super::*;
use crate::domain::ca::{Ceremony, issue_seal, new_key};

pub const NOW: i64 = 1_790_000_000_000_000;

/// An authority, a seal of the agency `justice`, and a document it sealed.
pub fn sealed_with(document: &[u8], trial: bool) -> (Ceremony, Vec<u8>) {
    let random = SeededRandom::new(11);
    let now = Time::from_micros(NOW);
    let ceremony = Ceremony::hold("Xizmat", trial, now, &random).unwrap();
    let key = new_key(&random);
    let subject = ("justice", "Adliya vazirligi", &key.public());
    let seal_certificate = issue_seal(&ceremony.issuing, &ceremony.issuing_key, subject, now, &random).unwrap();
    let sealer = Sealer { key: &key, seal: &seal_certificate, issuing: &ceremony.issuing, name: "Adliya vazirligi" };
    let file = seal(document, &sealer, now).unwrap();
    (ceremony, file)
}

pub fn rendered() -> Vec<u8> {
    let template = "#let inputs = json(\"inputs.json\")\n= Guvohnoma\n#image(\"qr.svg\", width: 28mm, alt: \"QR\")\n";
    let options = document::Options {
        language: "uz".into(),
        title: "Guvohnoma".into(),
        identity: "justice-2026-1".into(),
        specimen: true,
        qr: "https://xizmat.example/verify".into(),
        issued_s: NOW / 1_000_000,
        pages_max: 5,
    };
    document::render(template, &document::sample_inputs(json!({}), "uz"), &options).unwrap()
}

#[test]
fn the_seal_only_appends_and_keeps_identity_and_information() {
    let document = rendered();
    let (_, file) = sealed_with(&document, true);
    assert!(file.starts_with(&document));
    let (before, after) = (Document::load_mem(&document).unwrap(), Document::load_mem(&file).unwrap());
    assert!(before.trailer.get(b"ID").is_ok());
    for key in [&b"ID"[..], b"Info", b"Root"] {
        assert_eq!(before.trailer.get(key).ok(), after.trailer.get(key).ok());
    }
    assert_eq!(after.get_pages().len(), before.get_pages().len());
    assert!(after.catalog().unwrap().has(b"Perms"));
}

#[test]
fn a_file_with_a_cross_reference_stream_is_sealed_too() {
    let mut parsed = Document::load_mem(&rendered()).unwrap();
    let mut document = Vec::new();
    let options = lopdf::SaveOptions::builder().use_xref_streams(true).use_object_streams(true).build();
    parsed.save_with_options(&mut document, options).unwrap();
    assert!(!document.windows(8).any(|window| window == b"\ntrailer"));
    let (_, file) = sealed_with(&document, true);
    let after = Document::load_mem(&file).unwrap();
    assert_eq!(after.get_pages().len(), 1);
    assert!(after.catalog().unwrap().has(b"AcroForm"));
}

/// For readers from outside (`tests/conformance/documents`): a sealed file and its root, where the variable says.
#[test]
fn outside_readers_are_given_a_sealed_file_when_they_ask() {
    let Some(folder) = std::env::var_os("XIZMAT_SEALED_SAMPLES").map(std::path::PathBuf::from) else { return };
    let (ceremony, file) = sealed_with(&rendered(), true);
    std::fs::write(folder.join("sealed.pdf"), file).unwrap();
    std::fs::write(folder.join("root.pem"), crate::domain::ca::pem(&ceremony.root).unwrap()).unwrap();
}
