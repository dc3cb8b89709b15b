//! Doubted: two officers withdraw a seal whose key may be in other hands, and whoever checks a document of that time is told.

use std::time::Duration;

use kernel::Clock;
use tests::{
    citizen::{Citizen, printed},
    officer::Officer,
    platform::Platform,
    shared,
    traces::Traces,
    visitor::{Page, Visitor},
};

const TASHKENT_OFFSET: Duration = Duration::from_secs(5 * 3_600);
/// A seal begins five minutes before it is made.
const BEFORE: Duration = Duration::from_secs(4 * 60);

#[test]
fn a_seal_is_withdrawn_by_two_officers_and_what_it_sealed_in_doubt_is_told_as_not_valid() {
    shared::walk(async {
        // A platform of its own: the agency's only seal is withdrawn.
        let platform = Platform::start().await;
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut registrar = Officer::of(&platform, "registrar-tashkent").await;
        registrar.decide(case, "approve", &[]).await;
        let issued = printed(&citizen.until_told(case, "Copy issued").await);

        let address = format!("{}/officer/seals", platform.ready.portal);
        assert_eq!(registrar.visitor.open(&address).await.status, 404, "it is not theirs");
        let mut head = Officer::of(&platform, "head").await;
        let page = head.visitor.open(&address).await;
        let text = page.text();
        let (_, serial) = text.split_once("Seal ").unwrap_or_else(|| panic!("no seal:\n{text}"));
        let serial: String = serial.chars().take_while(char::is_ascii_hexdigit).collect();
        let silent = head.visitor.send(&page.form("/officer/seals/doubt")).await;
        assert!(silent.shows("Choose the seal") && silent.shows("Write what happened"), "{}", silent.text());
        let moment = boot::SystemClock::default().now().plus(TASHKENT_OFFSET).minus(BEFORE).to_string();
        let word = silent.form("/officer/seals/doubt").set("_serial", &serial).set("_from", &moment[..16]);
        let said = head.visitor.send(&word.set("_reason", "A backup was copied")).await;
        assert!(said.shows("You said so yourself."), "{}", said.text());
        assert!(said.forms("/officer/seals/withdraw").is_empty(), "nobody withdraws it alone");
        let still = verified(&platform, &issued).await;
        assert!(still.shows("The document is genuine"), "one word changes nothing:\n{}", still.text());

        let mut lawyer = Officer::of(&platform, "lawyer").await;
        let shown = lawyer.visitor.open(&address).await;
        assert!(shown.shows("A backup was copied"), "{}", shown.text());
        let otherwise = shown.form("/officer/seals/withdraw").set("_from", "1");
        let refused = lawyer.visitor.send(&otherwise).await;
        assert!(refused.shows("This changed meanwhile."), "{}", refused.text());
        let withdrawn = lawyer.visitor.send(&refused.form("/officer/seals/withdraw")).await;
        assert!(withdrawn.shows("The seal was withdrawn."), "{}", withdrawn.text());
        let listed = lawyer.visitor.link(&withdrawn, "/officer/seals/documents").await;
        assert!(listed.shows(&issued.0), "{}", listed.text());
        let told = verified(&platform, &issued).await;
        assert!(told.shows("The document is not valid") && told.shows("seal was withdrawn"), "{}", told.text());
        Traces::of(&platform).nothing_is_left(case, "granted").await;
    });
}

/// What anybody is told of it.
async fn verified(platform: &Platform, (number, code): &(String, String)) -> Page {
    let mut anybody = Visitor::new("en");
    let form = anybody.open(&format!("{}/verify", platform.ready.portal)).await.form("/verify");
    anybody.send(&form.set("number", number).set("code", code)).await
}
