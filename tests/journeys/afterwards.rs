//! Afterwards: whoever had their case decided rates the service once, and takes away everything that is kept about them.

use tests::{
    citizen::Citizen,
    officer::{Officer, REASON},
    patience::Patience,
    shared,
    traces::Traces,
};

const WORDS: &str = "The certificate came within the hour";

#[test]
fn a_citizen_rates_the_service_and_takes_everything_about_them_away() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        // From outside of their own queue: they say why.
        Officer::of(&platform, "lead").await.task(case).await;
        Officer::of(&platform, "registrar-tashkent").await.decide(case, "approve", &[]).await;
        let page = citizen.until(case, "", |page| page.html.contains("/rating\"")).await;
        let form = citizen.visitor.link(&page, "/rating").await.form("/rating");
        let unrated = citizen.visitor.send(&form.clone().set("_text", WORDS)).await;
        assert!(unrated.has_errors(), "a rating without a score:\n{}", unrated.text());
        let rated = citizen.visitor.send(&unrated.form("/rating").set("_score", "5").set("_text", WORDS)).await;
        assert!(rated.shows("5 out of 5"), "on {}:\n{}", rated.url, rated.text());
        let again = citizen.visitor.open(&citizen.address(case, "rating")).await;
        assert!(!again.has_input("_score"), "it is rated once:\n{}", again.text());
        let words = traces.texts("eservice", case, "SELECT words FROM case_ratings WHERE case_id = $1").await;
        assert!(words.len() == 1 && !words[0].contains("certificate"), "sealed: {words:?}");

        let number = traces.texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await.remove(0);
        let offered = citizen.visitor.open(&format!("{}/account/data", citizen.portal)).await;
        let uses = format!("{}/data-use", citizen.portal);
        let patience = Patience::default();
        while !citizen.visitor.open(&uses).await.shows(REASON) {
            assert!(patience.lasts(), "the opening is not told");
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
        let taken = citizen.visitor.send(&offered.form("/account/data")).await;
        let told = &taken.html;
        assert!(
            told.contains(&number) && told.contains("\"whole\": true"),
            "{} on {}:\n{told}",
            taken.status,
            taken.url
        );
        for part in
            ["\"person\":", "\"preferences\":", "\"applications\":", "\"messages\":", "\"dataUse\":", "/documents/"]
        {
            assert!(told.contains(part), "{part} is missing:\n{told}");
        }
        for words in [WORDS, REASON, "What you did for somebody else: that data is theirs."] {
            assert!(told.contains(words), "{words} is missing:\n{told}");
        }
        for status in [200, 200, 429] {
            let page = citizen.visitor.send(&offered.form("/account/data")).await;
            assert_eq!(page.status, status, "three copies, then none for a while:\n{}", page.text());
        }
        traces.nothing_is_left(case, "granted").await;
    });
}
