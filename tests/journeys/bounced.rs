//! A letter that comes back: the person is told by SMS, reads what happened, and is not written to in vain again.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    citizen::Citizen,
    officer::Officer,
    patience::Patience,
    platform::{Manner, Platform, repository},
    shared,
    traces::Traces,
    visitor::Page,
};

use crate::watch::copy;

const DEFINITION: &str = "justice/marriage-certificate-copy/service.yaml";
const CHANNELS: &str = "channels: [inbox, sms, email]";
const EMAIL_FIRST: &str = "channels: [inbox, email, sms]";
const RETURNED: &str = "What we send to your e-mail address comes back.";
const POLL: Duration = Duration::from_millis(300);

#[test]
fn a_letter_that_comes_back_goes_on_as_a_text_message_and_the_account_says_that_the_address_does_not_work() {
    shared::walk(async {
        let platform = writing_by_mail_first().await;
        let traces = Traces::of(&platform);
        platform.tell("mail", json!({"returning": ["dilnoza@example.uz"]})).await;
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let page = preferences(&mut citizen).await;
        assert!(!page.shows(RETURNED), "nothing came back yet:\n{}", page.text());

        let first = granted(&platform, &mut citizen).await;
        until_sent(&platform, &mut citizen, 1).await;
        let inbox = citizen.visitor.open(&format!("{}/inbox", citizen.portal)).await;
        assert!(inbox.shows("E-mail: could not be delivered") && inbox.shows("it came back"), "{}", inbox.text());
        let letters = letters(&platform).await;
        let sender = letters[0]["from"].as_str().expect("an address");
        assert!(sender.starts_with("bounce+") && sender.ends_with("@bounces.xizmat.example"), "{sender}");
        assert_eq!(letters.len(), 1, "{letters:?}");
        let page = preferences(&mut citizen).await;
        assert!(page.shows(RETURNED), "{} {}:\n{}", page.status, page.url, page.text());

        let second = granted(&platform, &mut citizen).await;
        until_sent(&platform, &mut citizen, 2).await;
        let inbox = citizen.visitor.open(&format!("{}/inbox", citizen.portal)).await;
        assert!(inbox.shows("not tried: earlier messages to this address came back"), "{}", inbox.text());
        assert_eq!(self::letters(&platform).await.len(), 1, "nobody writes there in vain");
        for case in [first, second] {
            traces.nothing_is_left(case, "granted").await;
        }
        let seen = platform.log();
        assert!(!seen.contains("bounce+") && !seen.contains("dilnoza@"), "neither address is logged");
    });
}

/// One letter that comes back is enough.
async fn writing_by_mail_first() -> Platform {
    let folder = tempfile::tempdir().expect("a folder");
    let definitions = folder.path().join("definitions");
    copy(&repository().join("examples"), &definitions);
    let text = std::fs::read_to_string(definitions.join(DEFINITION)).expect("copied");
    assert!(text.contains(CHANNELS));
    std::fs::write(definitions.join(DEFINITION), text.replace(CHANNELS, EMAIL_FIRST))
        .expect("the folder can be written");
    let settings = vec!["notifications.bounces.unreachable_after=1".to_owned()];
    Platform::start_as(folder, Manner { watched: Some(definitions), settings, ..Manner::default() }).await
}

async fn granted(platform: &Platform, citizen: &mut Citizen) -> kernel::CaseId {
    let case = citizen.apply_and_pay(&[]).await;
    let mut officer = Officer::of(platform, "registrar-tashkent").await;
    officer.decide(case, "approve", &[]).await;
    citizen.until(case, "", |page| page.html.contains("/documents/")).await;
    case
}

async fn preferences(citizen: &mut Citizen) -> Page {
    citizen.visitor.open(&format!("{}/account/preferences", citizen.portal)).await
}

/// The gateway took so many text messages, and the inbox says so.
async fn until_sent(platform: &Platform, citizen: &mut Citizen, number: usize) {
    let patience = Patience::default();
    loop {
        let inbox = citizen.visitor.open(&format!("{}/inbox", citizen.portal)).await;
        let sent = platform.ask("eskiz/control/messages").await["messages"].as_array().map_or(0, Vec::len);
        let told = inbox.text().matches("SMS: sent").count() + inbox.text().matches("SMS: delivered").count();
        if sent == number && told == number {
            return;
        }
        assert!(patience.lasts(), "{sent} text messages:\n{}", inbox.text());
        tokio::time::sleep(POLL).await;
    }
}

/// What the mail server took.
async fn letters(platform: &Platform) -> Vec<Value> {
    let told = platform.ask("mail/messages").await;
    told["messages"].as_array().expect("the counterpart lists its letters").clone()
}
