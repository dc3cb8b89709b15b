//! A sealed document is accepted by others' readers, and by ours only as long as no byte of it changes.

use std::{
    path::Path,
    process::{Command, Output},
};

use kernel::{Random, SeededRandom};
use tests::{
    citizen::Citizen,
    officer::Officer,
    platform::{Platform, binary},
    shared, traces,
};

const POSITIONS: usize = 40;

#[test]
fn readers_accept_a_sealed_document_and_refuse_it_after_any_change() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "ru").await;
        let case = citizen.apply_and_pay(&[]).await;
        Officer::of(&platform, "registrar-tashkent").await.decide(case, "approve", &[]).await;
        let page = citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        let pdf = citizen.document(&page).await;
        let folder = tempfile::tempdir().expect("a folder");
        poppler_accepts(folder.path(), &pdf);
        openssl_accepts(&platform, folder.path(), &pdf);
        let verdict = verify(&platform, folder.path(), &pdf);
        assert!(verdict.status.success(), "{verdict:?}");
        for place in places(pdf.len()) {
            let mut changed = pdf.clone();
            changed[place] ^= 1;
            let verdict = verify(&platform, folder.path(), &changed);
            assert!(!verdict.status.success(), "byte {place} of {} may be changed: {verdict:?}", pdf.len());
        }
        for more in [b"\n".as_slice(), b"\0", b"% more\n%%EOF\n"] {
            let verdict = verify(&platform, folder.path(), &[pdf.as_slice(), more].concat());
            assert!(!verdict.status.success(), "{more:?} may be appended: {verdict:?}");
        }
        let verdict = verify(&platform, folder.path(), &pdf[..pdf.len() - 1]);
        assert!(!verdict.status.success(), "the last byte may be missing: {verdict:?}");
    });
}

/// First, last, and a sample between them.
fn places(size: usize) -> Vec<usize> {
    let random = SeededRandom::new(7);
    let mut places = vec![0, size - 1];
    while places.len() < POSITIONS {
        let mut bytes = [0; 4];
        random.fill(&mut bytes);
        places.push(u32::from_be_bytes(bytes) as usize % size);
    }
    places
}

fn verify(platform: &Platform, folder: &Path, pdf: &[u8]) -> Output {
    let file = traces::file(folder, "document.pdf", pdf);
    let mut command = Command::new(binary("xizmat"));
    command.args(["verify", "document"]).arg(&file).arg("--trust").arg(platform.data().join("ca/root.pem"));
    command.output().expect("the platform's own binary")
}

fn poppler_accepts(folder: &Path, pdf: &[u8]) {
    let file = traces::file(folder, "poppler.pdf", pdf);
    let output = Command::new("pdfsig").arg("-nocert").arg(&file).output().expect("poppler-utils are installed");
    let said = String::from_utf8_lossy(&output.stdout);
    for words in ["Signature is Valid", "Total document signed"] {
        assert!(said.contains(words), "{said}");
    }
}

fn openssl_accepts(platform: &Platform, folder: &Path, pdf: &[u8]) {
    let (signed, seal) = parts(pdf);
    let (content, cms) = (traces::file(folder, "content", &signed), traces::file(folder, "cms", &seal));
    let output = Command::new("openssl")
        .args(["cms", "-verify", "-inform", "DER", "-binary", "-purpose", "any", "-out", "/dev/null", "-in"])
        .arg(cms)
        .arg("-content")
        .arg(content)
        .arg("-CAfile")
        .arg(platform.data().join("ca/root.pem"))
        .output()
        .expect("openssl is installed");
    assert!(output.status.success(), "{output:?}");
}

/// The bytes under the seal, and the seal.
fn parts(pdf: &[u8]) -> (Vec<u8>, Vec<u8>) {
    const KEY: &[u8] = b"/ByteRange [";
    let start = pdf.windows(KEY.len()).position(|part| part == KEY).expect("it is sealed") + KEY.len();
    let end = start + pdf[start..].iter().position(|byte| *byte == b']').expect("the range ends");
    let text = std::str::from_utf8(&pdf[start..end]).expect("numbers");
    let range: Vec<usize> = text.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    let signed = [&pdf[..range[1]], &pdf[range[2]..range[2] + range[3]]].concat();
    let text = std::str::from_utf8(&pdf[range[1] + 1..range[2] - 1]).expect("hexadecimal digits");
    let byte = |index: usize| u8::from_str_radix(&text[index..index + 2], 16).expect("hexadecimal digits");
    let seal: Vec<u8> = (0..text.len()).step_by(2).map(byte).collect();
    // A DER sequence with a length of two bytes; the rest is padding.
    let size = 4 + usize::from(u16::from_be_bytes([seal[2], seal[3]]));
    (signed, seal[..size].to_vec())
}
