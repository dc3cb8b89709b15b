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
        let meant = ["certificate", "--service", SERVICE, "--reason", "error"];
        let command = |what: &'static str, rest: &[&'static str]| [["reissue", what].as_slice(), rest].concat();
        let stranger = as_officer(&platform, "registrar-tashkent", &command("list", &meant)).await;
        assert!(stranger.contains("case.not-found"), "{stranger}");
        let listed = as_officer(&platform, "head", &command("list", &meant)).await;
        assert!(listed.contains("2 documents, by the template of "), "{listed}");

        let noted = [meant.as_slice(), &["--note", "The template named a law that was repealed"]].concat();
        let proposed = as_officer(&platform, "head", &command("propose", &noted)).await;
        let line = proposed.lines().find(|line| line.ends_with(": 2 documents ordered."));
        let batch = line.and_then(|line| line.split(':').next()).unwrap_or_else(|| panic!("{proposed}")).trim();
        let named = |what: &'static str| vec!["reissue", what, batch, "--service", SERVICE];
        let own = as_officer(&platform, "head", &named("approve")).await;
        assert!(own.contains("reissue.second"), "{own}");
        let mut lawyer = Officer::of(&platform, "lawyer").await;
        let address = format!("{}/officer/reissue?agency=justice&service={SERVICE}", platform.ready.portal);
        let page = lawyer.visitor.open(&address).await;
        assert!(page.shows("Waits for approval") && page.shows("a law that was repealed"), "{}", page.text());
        let approved = lawyer.visitor.send(&page.form("/officer/reissue/approve")).await;
        assert!(approved.shows("It was approved: the documents are issued again."), "{}", approved.text());
        for (citizen, case) in &mut cases {
            let told = citizen.until(*case, "", |page| page.shows("Replaced by a newer one")).await;
            assert!(told.shows("Document replaced by a new one"), "{}", told.text());
            Traces::of(&platform).nothing_is_left(*case, "granted").await;
        }
        let again = as_officer(&platform, "lawyer", &named("approve")).await;
        assert!(again.contains("reissue.approved"), "{again}");
        let stands = as_officer(&platform, "head", &named("progress")).await;
        assert!(stands.contains(" of 2 issued again, 0 refused."), "{stands}");
    });
}
