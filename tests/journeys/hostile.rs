//! Hostile input in a form: the same page with the values that were typed, nothing executed and nothing lost.

use tests::{
    citizen::{Citizen, answered, case_of},
    shared,
    visitor::Page,
};

const SCRIPT: &str = "\"><script>alert(1)</script>{{7*7}}';--";

#[test]
fn hostile_answers_are_shown_as_text_and_never_executed() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let page = to_reason(&mut citizen).await;
        let case = case_of(&page.url);
        let form = page.form("/pages/reason").set("reason.kind", "other").set("reason.details", SCRIPT);
        let next = citizen.visitor.send(&form).await;
        assert!(next.url.path().ends_with("/pages/benefit"), "text is an answer:\n{}", next.text());
        let check = citizen.answer(next, &[]).await;
        assert!(check.shows(SCRIPT), "as it was typed:\n{}", check.text());
        assert_harmless(&check);
        let form = page.form("/pages/reason").set("reason.kind", SCRIPT);
        let wrong = citizen.visitor.open(&citizen.address(case, "pages/reason")).await;
        let form = wrong
            .form("/pages/reason")
            .set("_command", form.get("_command").unwrap_or_default())
            .set("reason.kind", SCRIPT);
        let wrong = citizen.visitor.send(&form).await;
        assert!(wrong.shows("There is a problem"), "{}:\n{}", wrong.url, wrong.text());
        assert!(wrong.html.contains("href=\"#reason.kind\""), "the error leads to the field");
        assert_harmless(&wrong);
    });
}

#[test]
fn wrong_answers_come_back_with_what_was_typed_and_the_error_beside_the_field() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let page = citizen.begin().await;
        for (day, month, year) in
            [("31", "2", "2015"), ("", "", ""), ("x", "\0", "-1"), ("1", "1", "2999"), ("99999999999", "1", "1")]
        {
            let form = page.form("/pages/").set("_date:day:marriage.date", day);
            let form = form.set("_date:month:marriage.date", month).set("_date:year:marriage.date", year);
            let again = citizen.visitor.send(&form).await;
            assert_eq!(again.url.path(), page.url.path(), "{day}.{month}.{year} was taken");
            assert!(
                again.status.is_success() && again.shows("There is a problem"),
                "{}:\n{}",
                again.status,
                again.text()
            );
            assert!(
                again.html.contains("href=\"#marriage.date-day\""),
                "the error leads to the field:\n{}",
                again.html
            );
        }
        let page = citizen.answer(page, &[]).await;
        let phone = citizen.visitor.open(&citizen.address(case_of(&page.url), "pages/contact")).await;
        for typed in ["12345", "<b>+998901234567</b>", "+998 90 123", "٩٩٨٩٠١٢٣٤٥٦٧"] {
            let again = citizen.visitor.send(&phone.form("/pages/").set("contact.phone", typed)).await;
            assert!(again.shows("There is a problem"), "{typed} was taken: {}", again.url);
            assert_eq!(again.form("/pages/").get("contact.phone"), Some(typed), "what was typed stays");
        }
    });
}

#[test]
fn bytes_that_no_form_holds_are_refused_and_lose_nothing() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let page = to_reason(&mut citizen).await;
        let form = page.form("/pages/reason");
        let usual = "application/x-www-form-urlencoded";
        let begun = format!("_token={}&reason.kind=other&reason.details=", form.get("_token").unwrap_or_default());
        for size in [300 * 1024, 10 * 1024 * 1024] {
            let mut body = begun.clone().into_bytes();
            body.resize(size, b'a');
            // The answer may come before all was sent; then the connection ends, as any flood's does.
            if let Ok(large) = citizen.visitor.try_send_raw(&form, usual, body).await {
                assert_eq!(large.status, 400, "{}", large.text());
                assert!(large.shows("We could not read that"), "{}", large.text());
            }
        }
        for (kind, body) in [
            (usual, b"\xff\xfe%00%ff&&&=&reason.kind".to_vec()),
            (usual, b"_version=1&_command=zz".to_vec()),
            ("application/json", b"{\"reason.kind\":\"lost\"}".to_vec()),
            ("text/plain; charset=utf-16", vec![0xff, 0xfe, 0x61, 0]),
            ("", Vec::new()),
        ] {
            let refused = citizen.visitor.send_raw(&form, kind, body).await;
            assert!(refused.status.is_client_error(), "{kind}: {}", refused.status);
        }
        // Windows-1251 and a NUL inside a form that is otherwise right.
        let values = form.clone().set("reason.kind", "other").set("reason.details", "@");
        let body: Vec<String> = values
            .values
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace('@', "%CF%F0%E8%E2%E5%F2%00%1b")))
            .collect();
        let taken = citizen.visitor.send_raw(&form, usual, body.join("&").into_bytes()).await;
        assert!(!taken.status.is_server_error(), "{}:\n{}", taken.status, taken.text());
        let again = citizen.visitor.open(page.url.as_str()).await;
        assert!(again.status.is_success() && !again.html.contains('\0'), "{}", again.text());
    });
}

async fn to_reason(citizen: &mut Citizen) -> Page {
    let mut page = citizen.begin().await;
    while !page.has_input("reason.kind") {
        page = citizen.visitor.send(&answered(&page, &[])).await;
    }
    page
}

fn assert_harmless(page: &Page) {
    assert!(!page.html.contains("<script>alert"), "{}", page.html);
    assert!(!page.html.contains("49';--"), "a template was evaluated: {}", page.html);
}
