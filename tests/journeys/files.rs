//! Scans that a citizen attaches without a script: checked for harm, then given back byte for byte to them and to the officer who
//! decides, to nobody else.

use kernel::CaseId;
use tests::{
    citizen::{Citizen, case_of},
    officer::Officer,
    shared,
    traces::Traces,
    visitor::{Form, Page, Visitor},
};
use url::Url;

const AT: &str = "benefit.evidence";
const FILES: &str = "files/benefit/benefit.evidence";
const BOUNDARY: &str = "a-boundary-of-this-journey";
/// EICAR's test file, in two parts: a scanner over these sources should find nothing.
const EICAR: [&str; 2] = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-", "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];
/// More than goes with one message, and no whole number of pieces.
const LARGE: usize = 3 * 1024 * 1024 + 12_345;

#[test]
fn evidence_is_attached_without_a_script_and_read_by_its_applicant_and_by_whoever_decides() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let page = citizen.begin().await;
        let case = case_of(&page.url);
        citizen.answer(page, &[("benefit.kind", "disability"), ("benefit.certificate", "TM 0012345")]).await;
        let question = citizen.visitor.open(&citizen.address(case, "pages/benefit")).await;
        let files = citizen.visitor.send(&question.form("/pages/").set("_files", AT)).await;
        assert!(files.url.path().ends_with("/files/benefit/benefit.evidence"), "{}:\n{}", files.url, files.text());
        let form = files.form("/files/");
        let large = scan(LARGE);
        let sent =
            upload(&mut citizen.visitor, &form, &[("scan.pdf", &large[..]), ("its back.pdf", &scan(500)[..])]).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        let refused = upload(&mut citizen.visitor, &form, &[("letter.pdf", &b"not a PDF"[..])]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.shows("This file is of another kind"), "{}", refused.text());
        let nothing = upload(&mut citizen.visitor, &form, &[("", &b""[..])]).await;
        assert!(nothing.shows("Choose a file first"), "{}", nothing.text());
        let forged = form.clone().set("_token", "x");
        assert_eq!(upload(&mut citizen.visitor, &forged, &[("scan.pdf", &scan(600)[..])]).await.status, 403);

        let files = checked(&mut citizen, case, 2).await;
        assert!(
            files.shows("scan.pdf") && files.shows("its back.pdf") && !files.shows("letter.pdf"),
            "{}",
            files.text()
        );
        let links = attached(&files);
        assert!(download(&mut citizen.visitor, &links[0]).await == large, "it comes back as it was");
        let files = citizen.visitor.send(&files.form("/remove").set("_file", hash(&links[1]))).await;
        assert!(!files.shows("its back.pdf") && attached(&files) == links[..1], "{}", files.text());
        let mut stranger = Citizen::sign_in(&platform, "aygul", "en").await;
        assert_eq!(stranger.visitor.download(&links[0]).await.0, 404);

        let harmful = [scan(100), EICAR.concat().into_bytes()].concat();
        let sent = upload(&mut citizen.visitor, &form, &[("harm.pdf", &harmful[..])]).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        let files = citizen.until(case, FILES, |page| page.shows("Harmful: destroyed")).await;
        assert_eq!(attached(&files).len(), 1, "nobody reads it:\n{}", files.text());
        let check = citizen.visitor.open(&citizen.address(case, "check")).await;
        let kept_back = citizen.visitor.send(&check.form("/check")).await;
        assert!(kept_back.shows("held harmful software and was destroyed"), "{}", kept_back.text());
        let harmful = files.forms("/remove").pop().expect("it can be taken away");
        citizen.visitor.send(&harmful).await;

        let check = citizen.visitor.open(&citizen.address(case, "check")).await;
        assert!(check.shows("scan.pdf") && !check.shows("harm.pdf"), "{}", check.text());
        let sent = citizen.visitor.send(&check.form("/check")).await;
        assert!(sent.status.is_success(), "{}", sent.text());
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        let link = attached(&task).remove(0);
        assert!(download(&mut officer.visitor, &link).await == large, "whoever decides reads what was sent");
        officer.decide(case, "approve", &[]).await;
        let told = citizen.until_told(case, "Copy issued").await;
        assert!(download(&mut citizen.visitor, &attached(&told)[0]).await == large, "it stays with the application");
        let named = "SELECT count(*) FROM case_files WHERE case_id = $1 AND named = 1";
        assert_eq!(traces.count("eservice", case, named).await, 1);
        traces.nothing_is_left(case, "granted").await;
    });
}

/// A PDF by its first bytes; nobody here reads further.
pub fn scan(bytes: usize) -> Vec<u8> {
    let mut scan = b"%PDF-1.7\n".to_vec();
    scan.extend((scan.len()..bytes).map(|at| u8::try_from(at % 251).unwrap_or_default()));
    scan
}

/// As a browser sends a form with an input for several files (RFC 7578).
pub async fn upload(visitor: &mut Visitor, form: &Form, files: &[(&str, &[u8])]) -> Page {
    let token = form.get("_token").unwrap_or_default();
    let mut body =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"_token\"\r\n\r\n{token}\r\n").into_bytes();
    for (name, content) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    visitor.send_raw(form, &format!("multipart/form-data; boundary={BOUNDARY}"), body).await
}

/// The page of the files, once so many of them have been checked.
async fn checked(citizen: &mut Citizen, case: CaseId, files: usize) -> Page {
    citizen.until(case, FILES, |page| attached(page).len() == files).await
}

pub fn attached(page: &Page) -> Vec<Url> {
    let given = |link: &Url| link.path().contains("/file/") && !link.path().ends_with("/preview");
    page.links().into_iter().filter(given).collect()
}

/// The last part of its address.
fn hash(link: &Url) -> &str {
    link.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default()
}

async fn download(visitor: &mut Visitor, link: &Url) -> Vec<u8> {
    let (status, bytes) = visitor.download(link).await;
    assert!(status.is_success(), "{link}: {status}");
    bytes
}
