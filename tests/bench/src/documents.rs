//! Renderings a second in the confined worker, and seals a second beside the bare signatures they contain.

use std::time::Duration;

use boot::{Kit, Stage};
use document::Options;
use serde_json::{Value, json};
use signing::{
    domain::{
        ca::{Ceremony, Signature, issue_seal, new_key},
        pades::{Sealer, seal},
    },
    worker::{Limits, Refusal, Workers},
};

use crate::{Outcome, figure::Table, load};

const TEMPLATE: &str = include_str!("../../../examples/justice/marriage-certificate-copy/templates/certificate.typ");

pub fn measure(table: &mut Table, lasting: Duration) -> Outcome {
    let (inputs, options) = (inputs(), options());
    let in_process =
        || document::render(TEMPLATE, &inputs, &options).map_err(|problems| format!("{problems:?}").into());
    let rendered: Vec<u8> = in_process()?;
    let floor = load::on_every_core(lasting, || in_process().map(drop))?;
    let cores = std::thread::available_parallelism()?.get();
    let workers = Workers::of_this_program(Limits { workers: cores, ..Limits::default() })?;
    let in_worker = || workers.render(TEMPLATE, &inputs, &options).map(drop).map_err(|refusal| told(&refusal));
    in_worker()?;
    let renderings = load::on_every_core(lasting, in_worker)?;
    table.beside(
        "example certificate rendered in the worker",
        renderings,
        "docs/s",
        ("the same without a worker/s", floor),
    );

    let kit = Kit::system(Stage::Trial);
    let (now, random) = (kit.clock.now(), &*kit.random);
    let ceremony = Ceremony::hold("Xizmat", true, now, random)?;
    let key = new_key(random);
    let subject = ("justice", "Adliya vazirligi", &key.public());
    let certificate = issue_seal(&ceremony.issuing, &ceremony.issuing_key, subject, now, random)?;
    let seal_once = || {
        let sealer = Sealer { key: &key, seal: &certificate, issuing: &ceremony.issuing, name: "Adliya vazirligi" };
        Ok(seal(&rendered, &sealer, now).map(drop)?)
    };
    let seals = load::on_every_core(lasting, seal_once)?;
    let message = [7; 32];
    let bare = load::on_every_core(lasting, || Ok(Signature::sign(&key, &message).map(drop)?))?;
    table.beside("PAdES B-B seals of that certificate", seals, "seals/s", ("bare P-256 signatures/s", bare));
    Ok(())
}

fn told(refusal: &Refusal) -> Box<dyn std::error::Error + Send + Sync> {
    format!("{refusal:?}").into()
}

fn inputs() -> Value {
    let mut inputs = document::sample_inputs(json!({"marriage": {"date": "2012-06-16"}}), "uz");
    inputs["facts"] = json!({"record": {
        "spouse1": "Karimov Rustam Anvarovich", "spouse2": "Karimova Dilnoza Rustamovna", "date": "2012-06-16",
        "place": "Toshkent shahri Yunusobod tumani FHDYo bo‘limi", "actNumber": "1234",
    }});
    inputs
}

fn options() -> Options {
    Options {
        language: "uz".into(),
        title: "Nikoh tuzilganlik to‘g‘risidagi guvohnomaning nusxasi".into(),
        identity: "justice-2026-1".into(),
        specimen: true,
        qr: "https://xizmat.example/verify?number=justice-2026-1".into(),
        issued_s: 1_796_000_000,
        pages_max: 5,
    }
}
