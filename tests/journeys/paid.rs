//! What was paid and what went back: the receipts, as a scanner reads them from paper, checked by whoever has the published keys alone.

use std::process::{Command, Output};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tests::{
    citizen::{Citizen, DUTY},
    officer::Officer,
    platform::{Platform, binary},
    shared,
    traces::{Traces, file},
    visitor::{Page, Visitor},
};
use url::Url;

#[test]
fn outside_readers_get_receipts_whose_codes_anybody_checks_without_a_connection() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "ru").await;
        let case = citizen.apply_and_pay(&[]).await;
        let refusal = [("_reasons:refuse", "no-record")];
        Officer::of(&platform, "registrar-tashkent").await.decide(case, "refuse", &refusal).await;
        let page = citizen.until(case, "", |page| receipts(page).len() == 2).await;
        let published = Published::of(&platform).await;
        for (link, kind) in receipts(&page).iter().zip(["payment", "refund"]) {
            let (status, pdf) = citizen.visitor.download(link).await;
            assert!(status.is_success() && pdf.starts_with(b"%PDF-"), "{link}: {status}");
            let text = scanned(&published, kind, &pdf);
            assert!(text.starts_with(&format!("{}/verify?number=", citizen.portal)), "{text}");
            let verdict = published.verify(&text);
            let said = String::from_utf8_lossy(&verdict.stdout);
            assert!(verdict.status.success(), "{kind}: {verdict:?}");
            for words in [kind, "41200.00 UZS", "SPECIMEN", "marriage-certificate-copy", "justice"] {
                assert!(said.contains(words), "{words:?} is missing:\n{said}");
            }
            assert!(!said.contains("Aliyev") && !said.contains("Botir"), "nobody's name stands in it:\n{said}");
            let verdict = published.verify(&dearer(&text));
            assert_eq!(verdict.status.code(), Some(1), "another amount: {verdict:?}");
            assert!(String::from_utf8_lossy(&verdict.stderr).contains("Do not accept it"), "{verdict:?}");
        }
        published.give_to_outside_readers();
        let traces = Traces::of(&platform);
        traces.nothing_is_left(case, "rejected").await;
        traces.money_is(case, &[]).await;
    });
}

fn receipts(page: &Page) -> Vec<Url> {
    page.links().into_iter().filter(|link| link.path().contains("/receipts/")).collect()
}

/// What somebody has who checks receipts: root and keys, as the platform publishes them.
struct Published {
    folder: tempfile::TempDir,
}

impl Published {
    async fn of(platform: &Platform) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut visitor = Visitor::new("ru");
        // Others verify from the same address.
        visitor.patient = true;
        for name in ["root.pem", "keys.pem"] {
            let url = format!("{}/verify/{name}", platform.ready.portal);
            let (status, bytes) = visitor.download(&url.parse().expect("an address")).await;
            assert!(status.is_success(), "{url}: {status}");
            file(folder.path(), name, &bytes);
        }
        Self { folder }
    }

    fn verify(&self, text: &str) -> Output {
        let mut command = Command::new(binary("xizmat"));
        command.args(["verify", "receipt", text, "--trust"]).arg(self.folder.path().join("root.pem"));
        command.arg("--keys").arg(self.folder.path().join("keys.pem"));
        command.output().expect("the platform's own binary")
    }

    /// `make conformance` has others' readers judge them (`tests/conformance/documents`).
    fn give_to_outside_readers(&self) {
        let Some(samples) = std::env::var_os("XIZMAT_SEALED_SAMPLES") else { return };
        let receipts = std::path::Path::new(&samples).join("receipts");
        std::fs::create_dir_all(&receipts).expect("the folder can be written");
        for name in ["root.pem", "payment.pdf", "refund.pdf"] {
            std::fs::copy(self.folder.path().join(name), receipts.join(name)).expect("it was written before");
        }
    }
}

/// The text of the only code on the sheet, printed as finely as a cheap printer does.
fn scanned(published: &Published, name: &str, pdf: &[u8]) -> String {
    let image = published.folder.path().join(name);
    let pdf = file(published.folder.path(), &format!("{name}.pdf"), pdf);
    said(Command::new("pdftoppm").args(["-r", "300", "-png", "-singlefile"]).arg(pdf).arg(&image));
    let text = said(Command::new("zbarimg").args(["--quiet", "--nodbus", "--raw"]).arg(image.with_extension("png")));
    assert_eq!(text.lines().count(), 1, "one code:\n{text}");
    text.trim_end().to_owned()
}

fn said(command: &mut Command) -> String {
    let output = command.output().expect("it is installed: make setup");
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// The same code with one digit of the amount changed.
fn dearer(text: &str) -> String {
    let mut parts = text.rsplitn(3, '.');
    let [signature, said, head] = std::array::from_fn(|_| parts.next().expect("a statement has three parts"));
    let said = String::from_utf8(URL_SAFE_NO_PAD.decode(said).expect("base64url")).expect("JSON");
    let dear = said.replacen(&format!("\"amount\":{DUTY}"), &format!("\"amount\":{}", DUTY + 1_000_000), 1);
    assert_ne!(dear, said, "the amount stands in it");
    format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(dear))
}
