//! Issued again: head and lawyer of an agency have every copy made anew, each in place of its old one, and citizens find both.

use tests::{citizen::Citizen, officer::Officer, platform::Platform, shared, terminal::as_officer, traces::Traces};

const SERVICE: &str = "marriage-certificate-copy";

#[test]
fn documents_of_a_service_are_issued_again_by_two_persons_and_each_old_one_is_superseded() {
    shared::walk(async {
        // A platform of its own: every document of the service is meant.
        let platform = Platform::start().await;
        let mut cases = Vec::new();
        for person in ["dilnoza", "botir"] {
            let mut citizen = Citizen::sign_in(&platform, person, "en").await;
            let case = citizen.apply_and_pay(&[]).await;
            Officer::of(&platform, "registrar-tashkent").await.decide(case, "approve", &[]).await;
            citizen.until_told(case, "Copy issued").await;
            cases.push((citizen, case));
        }
        let list = ["reissue", "list", "certificate", "--service", SERVICE, "--reason", "error"];
        let stranger = as_officer(&platform, "registrar-tashkent", &list).await;
        assert!(stranger.contains("case.not-found"), "{stranger}");

        let address = format!("{}/officer/reissue?agency=justice&service={SERVICE}", platform.ready.portal);
        let mut head = Officer::of(&platform, "head").await;
        let chosen = head.visitor.open(&address).await.form("/officer/reissue/order");
        let chosen = chosen.set("_what", "certificate/error");
        let looked = head.visitor.send(&chosen.sent_to("/officer/reissue/list")).await;
        assert!(looked.shows("Documents: 2."), "{}", looked.text());
        let silent = head.visitor.send(&looked.form("/officer/reissue/order")).await;
        assert!(silent.shows("Write why, in 500 letters or fewer"), "{}", silent.text());
        let noted = silent.form("/officer/reissue/order").set("_note", "The template named a law that was repealed");
        let ordered = head.visitor.send(&noted).await;
        assert!(ordered.shows("You ordered this yourself."), "{}", ordered.text());
        assert!(ordered.forms("/officer/reissue/approve").is_empty(), "nobody approves their own order");

        let mut lawyer = Officer::of(&platform, "lawyer").await;
        let page = lawyer.visitor.open(&address).await;
        assert!(page.shows("Waits for approval") && page.shows("a law that was repealed"), "{}", page.text());
        let form = page.form("/officer/reissue/approve");
        let order = form.get("_order").expect("the page names it").to_owned();
        let approved = lawyer.visitor.send(&form).await;
        assert!(approved.shows("It was approved: the documents are issued again."), "{}", approved.text());
        for (citizen, case) in &mut cases {
            let told = citizen.until(*case, "", |page| page.shows("Replaced by a newer one")).await;
            assert!(told.shows("Document replaced by a new one"), "{}", told.text());
            Traces::of(&platform).nothing_is_left(*case, "granted").await;
        }
        let progress = ["reissue", "progress", &order, "--service", SERVICE];
        let stands = as_officer(&platform, "head", &progress).await;
        assert!(stands.contains(" of 2 issued again, 0 refused."), "{stands}");
    });
}
