//! Hostile and clumsy input in a form: the same page with the values that were typed, nothing executed and nothing lost; and a template
//! that would hold up whoever judges it.

use std::process::Command;

use tests::{
    citizen::{Citizen, answered, case_of},
    platform::{binary, repository},
    shared,
    visitor::{Form, Page},
};

use crate::watch::copy;

const SCRIPT: &str = "\"><script>alert(1)</script>{{7*7}}';--";
const USUAL: &str = "application/x-www-form-urlencoded";

/// By a command that has no service beside it: the program is its own worker.
#[test]
fn a_template_that_never_ends_is_stopped_wherever_a_definition_is_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    let agency = folder.path().join("justice");
    copy(&repository().join("examples/justice"), &agency);
    let template = agency.join("marriage-certificate-copy/templates/certificate.typ");
    let spinning = "#let spin(n) = { for i in range(99999) { for j in range(99999) { n = n + 1 } } }\n#spin(0)\n";
    std::fs::write(template, spinning).expect("the folder can be written");
    let judged = Command::new(binary("xizmat")).arg("check").arg(&agency).output().expect("the platform's own binary");
    let told = String::from_utf8_lossy(&judged.stdout);
    assert_eq!(judged.status.code(), Some(1), "{told}");
    assert!(told.contains("The template takes too long"), "{told}");
}

#[test]
fn hostile_answers_are_shown_as_text_and_never_executed() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let page = to_reason(&mut citizen).await;
        let (case, reason) = (case_of(&page.url), page.url.clone());
        let wrong = citizen.visitor.send(&page.form("/pages/reason").set("reason.kind", SCRIPT)).await;
        assert_eq!((wrong.status.as_u16(), &wrong.url), (200, &reason), "{}", wrong.text());
        assert_eq!(wrong.errors(), [told("reason.kind", "Reason – choose one from the list")]);
        assert!(wrong.has_id("reason.kind"), "the error leads to the field");
        assert_harmless(&wrong);
        // One answer brings up another question on the same page; nobody is told off for not having seen it.
        let more = citizen.visitor.send(&wrong.form("/pages/reason").set("reason.kind", "other")).await;
        assert_eq!((&more.url, more.errors()), (&reason, Vec::new()), "{}", more.text());
        assert!(more.has_input("reason.details"), "{}", more.text());
        let typed = format!("{SCRIPT}\0\u{7}");
        let next = citizen.visitor.send(&more.form("/pages/reason").set("reason.details", &typed)).await;
        assert_eq!(next.url.as_str(), citizen.address(case, "pages/benefit"), "{}", next.text());
        let check = citizen.answer(next, &[]).await;
        assert!(check.shows(SCRIPT), "as it was typed, without what nobody types:\n{}", check.text());
        assert_harmless(&check);
    });
}

#[test]
fn wrong_answers_come_back_with_what_was_typed_and_the_error_beside_the_field() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let mut page = citizen.begin().await;
        let (required, real) =
            ("Date of the marriage – answer this", "Date of the marriage – enter a real date: day, month and year");
        for (typed, error) in [
            (["31", "2", "2015"], real),
            (["", "", ""], required),
            (["x", "", "-1"], real),
            (["99999999999", "1", "1"], real),
            (["<b>1</b>", "1", "2015"], real),
        ] {
            let address = page.url.clone();
            page = citizen.visitor.send(&dated(&page, typed)).await;
            assert_eq!((page.status.as_u16(), &page.url), (200, &address), "{typed:?} was taken");
            assert_eq!(page.errors(), [told("marriage.date-day", error)], "{typed:?}");
            assert!(page.has_id("marriage.date-day") && page.has_id("marriage.date-error"), "{}", page.html);
            assert_eq!(page.form("/pages/").get("_date:day:marriage.date"), Some(typed[0]), "what was typed stays");
            assert_harmless(&page);
        }
        page = citizen.answer(page, &[]).await;
        let mut phone = citizen.visitor.open(&citizen.address(case_of(&page.url), "pages/contact")).await;
        let wrong = "Phone number – enter a phone number like +998 90 111 22 33";
        for typed in ["12345", "<b>+998901234567</b>", "+998 90 123", "٩٩٨٩٠١٢٣٤٥٦٧"] {
            phone = citizen.visitor.send(&phone.form("/pages/").set("contact.phone", typed)).await;
            assert_eq!(phone.errors(), [told("contact.phone", wrong)], "{typed}: {}", phone.text());
            assert_eq!(phone.form("/pages/").get("contact.phone"), Some(typed), "what was typed stays");
        }
    });
}

#[test]
fn too_much_and_unreadable_bytes_come_back_on_the_same_page_with_everything_that_was_typed() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let page = to_reason(&mut citizen).await;
        let page = citizen.visitor.send(&page.form("/pages/reason").set("reason.kind", "other")).await;
        let reason = page.url.clone();
        let limit = "Describe the reason – use 500 characters or fewer";
        for length in [501, 9_999, 10_001, 40_000] {
            let typed = "щ".repeat(length);
            let again = citizen.visitor.send(&page.form("/pages/reason").set("reason.details", &typed)).await;
            assert_eq!((again.status.as_u16(), &again.url), (200, &reason), "{length}: {}", again.text());
            let at = again.errors();
            assert!(at.iter().all(|(at, _)| at == "reason.details") && at.len() == 1, "{length}: {at:?}");
            let kept = again.form("/pages/reason");
            assert_eq!(kept.get("reason.details").map(str::len), Some(typed.len()), "{length}");
            assert_eq!(kept.get("reason.kind"), Some("other"), "{length}");
            // Only what is short enough to be kept was kept, and then the second save meets what the first one kept.
            if length != 9_999 {
                assert_eq!(at[0].1, limit, "{length}");
            }
        }
        // Windows-1251 and a NUL inside a form that is otherwise right.
        let page = citizen.visitor.open(reason.as_str()).await;
        let form = page.form("/pages/reason").set("reason.details", "@");
        let again = citizen.visitor.send_raw(&form, USUAL, encoded(&form, "%CF%F0%E8%E2%E5%F2%00%1b")).await;
        assert_eq!(again.status, 200, "{}", again.text());
        let unreadable = "Describe the reason – some letters could not be read. Write them again";
        assert_eq!(again.errors(), [told("reason.details", unreadable)]);
        assert!(!again.html.contains('\0'), "{}", again.html);
        // A field that did not come is an answer that was not given.
        let mut missing = again.form("/pages/reason");
        missing.values.retain(|(name, _)| !name.starts_with("reason."));
        let again = citizen.visitor.send(&missing).await;
        assert_eq!(again.errors(), [told("reason.kind", "Reason – answer this")], "{}", again.text());
    });
}

#[test]
fn a_flood_gets_a_page_that_says_the_limit_and_leads_back_and_loses_nothing() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let page = to_reason(&mut citizen).await;
        let form = page.form("/pages/reason");
        let begun = format!("_token={}&reason.kind=other&reason.details=", form.get("_token").unwrap_or_default());
        let says = [("en", "One page can hold 256 KB of answers."), ("ru", "На одной странице помещается до 256 KB")];
        for (size, (language, words)) in
            [(300 * 1024, says[0]), (10 * 1024 * 1024, says[0]), (10 * 1024 * 1024, says[1])]
        {
            let mut body = begun.clone().into_bytes();
            body.resize(size, b'a');
            citizen.visitor.language = language;
            let large = citizen.visitor.send_raw(&form, USUAL, body).await;
            assert_eq!(large.status, 413, "{}", large.text());
            assert!(large.shows(words), "{}", large.text());
            assert!(large.links().contains(&page.url), "it leads back to the question:\n{}", large.html);
        }
        citizen.visitor.language = "en";
        for (kind, body, status, words) in [
            (USUAL, b"\xff\xfe%00%ff&&&=&reason.kind".to_vec(), 403, "This is not allowed"),
            (USUAL, b"_shown=1&reason.kind=lost".to_vec(), 403, "This is not allowed"),
            ("application/json", b"{\"reason.kind\":\"lost\"}".to_vec(), 400, "We could not read that"),
            ("text/plain; charset=utf-16", vec![0xff, 0xfe, 0x61, 0], 400, "We could not read that"),
            ("", Vec::new(), 400, "We could not read that"),
        ] {
            let refused = citizen.visitor.send_raw(&form, kind, body).await;
            assert_eq!(refused.status, status, "{kind}: {}", refused.text());
            assert!(refused.shows(words), "{kind}: {}", refused.text());
            assert_eq!(refused.links().contains(&page.url), status == 400, "{kind}: {}", refused.html);
        }
        let again = citizen.visitor.open(page.url.as_str()).await;
        assert_eq!(again.form("/pages/reason").get("reason.kind"), Some(""), "nothing of it was kept");
        let check = citizen.answer(again, &[]).await;
        assert!(check.shows("16 June 2012"), "earlier answers are there:\n{}", check.text());
    });
}

async fn to_reason(citizen: &mut Citizen) -> Page {
    let mut page = citizen.begin().await;
    while !page.has_input("reason.kind") {
        page = citizen.visitor.send(&answered(&page, &[])).await;
    }
    page
}

fn dated(page: &Page, [day, month, year]: [&str; 3]) -> Form {
    let form = page.form("/pages/").set("_date:day:marriage.date", day);
    form.set("_date:month:marriage.date", month).set("_date:year:marriage.date", year)
}

/// The form as a browser would send it, with bytes of ours in place of `@`.
fn encoded(form: &Form, bytes: &str) -> Vec<u8> {
    let pairs = form.values.iter().map(|(name, value)| format!("{name}={}", value.replace('@', bytes)));
    pairs.collect::<Vec<_>>().join("&").into_bytes()
}

fn told(at: &str, sentence: &str) -> (String, String) {
    (at.to_owned(), sentence.to_owned())
}

fn assert_harmless(page: &Page) {
    assert!(!page.html.contains("<script>alert"), "{}", page.html);
    assert!(!page.html.contains("49';--"), "a template was evaluated: {}", page.html);
}
