//! Replaced: an officer has a document with an error made anew, and whoever verifies the old one is told.

use tests::{
    citizen::Citizen,
    officer::Officer,
    shared,
    traces::Traces,
    visitor::{Page, Visitor},
};

#[test]
fn a_document_with_an_error_is_replaced_and_the_old_one_verifies_no_more() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await.url;
        officer.decide(case, "approve", &[]).await;
        let issued = citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        let first = printed(&issued).remove(0);
        assert!(verified(&platform.ready.portal, &first).await.shows("This document is genuine"), "{first:?}");

        let closed = officer.visitor.open(task.as_str()).await;
        let shown = officer.explain(&closed, "The citizen says that the name is wrong").await;
        let link = shown.links().into_iter().find(|link| link.path().ends_with("/recall"));
        let link = link.unwrap_or_else(|| panic!("it cannot be withdrawn:\n{}", shown.text()));
        let form = officer.visitor.open(link.as_str()).await.form("/recall");
        let nothing = officer.visitor.send(&form).await;
        assert!(nothing.status == 422 && nothing.shows("Choose a reason"), "{}", nothing.text());
        let form = nothing.form("/recall").set("_reason", "error").set("_what", "replace");
        let sent = officer.visitor.send(&form).await;
        assert!(sent.status.is_success(), "{}:\n{}", sent.url, sent.text());

        let told = citizen.until(case, "", |page| page.shows("Replaced by a newer one")).await;
        assert!(
            told.shows("The document has an error") && told.shows("Document replaced by a new one"),
            "{}",
            told.text()
        );
        let numbers = printed(&told);
        assert_eq!(numbers.len(), 2, "{}", told.text());
        for (document, genuine) in [(&numbers[0], false), (&numbers[1], true)] {
            let verdict = verified(&platform.ready.portal, document).await;
            assert_eq!(verdict.shows("This document is genuine"), genuine, "{document:?}:\n{}", verdict.text());
        }
        let traces = Traces::of(&platform);
        traces.nothing_is_left(case, "granted").await;
    });
}

/// Number and code of each document, as the application's page has them.
fn printed(page: &Page) -> Vec<(String, String)> {
    let text = page.text();
    let after = |label: &str| -> Vec<String> {
        let found = text.split(label).skip(1).filter_map(|rest| rest.split_whitespace().next());
        found.map(str::to_owned).collect()
    };
    after("Number: ").into_iter().zip(after("Check code: ")).collect()
}

/// What anybody is told of it.
async fn verified(portal: &str, (number, code): &(String, String)) -> Page {
    let mut anybody = Visitor::new("en");
    let form = anybody.open(&format!("{portal}/verify")).await.form("/verify");
    anybody.send(&form.set("number", number).set("code", code)).await
}
