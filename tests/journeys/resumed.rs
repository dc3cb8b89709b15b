//! A scan over a bad line: cut off again and again, it goes on where it stopped, in whichever window, for nobody else.

use reqwest::StatusCode;
use tests::{
    citizen::{Citizen, case_of},
    shared,
    traces::Traces,
    uploads::{PIECE_BYTES, Upload, hash_of},
};
use url::Url;

use super::files::{attached, scan};

const FILES: &str = "files/benefit/benefit.evidence";
/// So many pieces are acknowledged together.
const TOGETHER: usize = 3;

#[test]
fn a_file_that_is_cut_off_goes_on_where_it_stopped_in_any_window_and_nobody_elses() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let page = citizen.begin().await;
        let case = case_of(&page.url);
        citizen.answer(page, &[("benefit.kind", "disability"), ("benefit.certificate", "TM 0012345")]).await;
        let files = citizen.visitor.open(&citizen.address(case, FILES)).await;
        let content = scan(PIECE_BYTES * 11 + 123);
        let upload = Upload::begin(&citizen.visitor, &files, "Reja.pdf", content.len()).await;

        let mut come = 0;
        for after in [PIECE_BYTES * 3 + 10, 17, PIECE_BYTES * 3 + PIECE_BYTES / 2] {
            let least = come + after / PIECE_BYTES / TOGETHER * TOGETHER * PIECE_BYTES;
            let stands = upload.cut_off(come, &content[come..], after, least).await;
            assert!(stands.offset.is_multiple_of(PIECE_BYTES) && stands.offset <= come + after, "{}", stands.offset);
            assert_eq!(stands.hash, hash_of(&content[..stands.offset]), "nothing is lost and nothing twice");
            come = stands.offset;
        }
        let anew = citizen.visitor.open(&citizen.address(case, FILES)).await;
        assert!(anew.shows("Not finished") && anew.shows("Reja.pdf"), "{}", anew.text());
        assert!(attached(&anew).is_empty(), "no file yet:\n{}", anew.text());

        assert_eq!(upload.forged().send(come, &content[come..]).await.0, StatusCode::FORBIDDEN);
        let mut stranger = Citizen::sign_in(&platform, "aygul", "en").await;
        let theirs = stranger.begin().await;
        let seen = upload.seen_by(&stranger.visitor, &theirs);
        assert!(seen.stands().await.is_none());
        assert_eq!(seen.send(come, &content[come..]).await.0, StatusCode::NOT_FOUND);

        let other = upload.seen_by(&citizen.visitor, &anew);
        let next = come + PIECE_BYTES * TOGETHER;
        let sent = other.send(come, &content[come..next]).await;
        assert_eq!((sent.0, sent.1), (StatusCode::NO_CONTENT, Some(next)));
        assert_eq!(upload.send(come, &content[come..]).await.0, StatusCode::CONFLICT, "another window was faster");
        let sent = upload.send(next, &content[next..]).await;
        assert_eq!((sent.0, sent.1), (StatusCode::NO_CONTENT, Some(content.len())));
        assert!(upload.stands().await.is_none(), "it has become a file");
        let done = citizen.until(case, FILES, |page| attached(page).len() == 1).await;
        assert!(!done.shows("Not finished"), "{}", done.text());
        let (status, bytes) = citizen.visitor.download(&attached(&done)[0]).await;
        assert!(status.is_success() && bytes == content, "it comes back as it was");

        let [preview, image] =
            ["preview", "image"].map(|part| Url::parse(&format!("{}/{part}", attached(&done)[0])).expect("an address"));
        let shown = citizen.visitor.ask("GET", &preview, &[], Vec::new()).await.expect("an answer");
        let told = |name: &str| shown.headers()[name].to_str().expect("plain words").to_owned();
        assert_eq!(told("content-type"), "application/pdf");
        assert!(told("content-disposition").starts_with("inline; filename=\"Reja.pdf\""));
        let policy = told("content-security-policy");
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("script"), "{policy}");
        assert!(shown.bytes().await.expect("the body arrives") == content, "as it was sent");
        assert_eq!(citizen.visitor.download(&image).await.0, StatusCode::NOT_FOUND, "it is none");
        assert_eq!(stranger.visitor.download(&preview).await.0, StatusCode::NOT_FOUND);

        let letter = Upload::begin(&citizen.visitor, &done, "letter.pdf", 9).await;
        let (status, _, words) = letter.send(0, b"not a PDF").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(words.starts_with("This file is of another kind"), "{words}");
        let begun = Upload::begin(&citizen.visitor, &done, "second.pdf", PIECE_BYTES * 2).await;
        begun.send(0, &scan(PIECE_BYTES)).await;
        let page = citizen.visitor.open(&citizen.address(case, FILES)).await;
        let page = citizen.visitor.send(&page.form("/remove").sent_to(&format!("{}/remove", begun.address))).await;
        assert!(!page.shows("Not finished"), "given up without a script:\n{}", page.text());

        let discard = citizen.visitor.open(&citizen.address(case, "discard")).await;
        citizen.visitor.send(&discard.form("/discard")).await;
        let on_their_way = "SELECT count(*) FROM case_upload_pieces WHERE case_id = $1";
        assert_eq!(traces.count("eservice", case, on_their_way).await, 0, "nothing is left on its way");
    });
}
