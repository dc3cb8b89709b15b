//! How people are told: in their language, not at night, with a receipt that they and the officer can see, and why.

use std::time::Duration;

use kernel::{CaseId, Clock, Time};
use serde_json::{Value, json};
use tests::{
    citizen::Citizen,
    officer::Officer,
    patience::Patience,
    platform::{Manner, Platform},
    shared,
    terminal::as_administrator,
    traces::Traces,
    visitor::Page,
};
use url::Url;

const TASHKENT_OFFSET: Duration = Duration::from_secs(5 * 3_600);
/// The quiet that begins with the hour of the walk is over within two.
const NIGHT_S: u64 = 2 * 3_600 + 60;
const DAY_S: u64 = 24 * 3_600;
/// Three working days end within them, whatever holidays there are.
const REMINDED_WITHIN_DAYS: u64 = 15;
const REMINDER: &str = "We are waiting for your answer";
const POLL: Duration = Duration::from_millis(300);
/// In the language that she chooses for messages, which is not that of her application.
const DECISION: &str = "Ваша копия готова";

#[test]
fn a_decision_waits_for_the_morning_arrives_and_says_why_it_came() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, settings: night(), ..Manner::default() };
        let platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        chooses_russian(&mut citizen).await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await.url;
        officer.decide(case, "approve", &[]).await;

        let inbox = until(&mut citizen, "SMS: waits for the morning").await;
        assert!(inbox.shows(DECISION), "{}", inbox.text());
        let own = citizen.visitor.open(&citizen.address(case, "")).await;
        for words in ["Messages about this application", DECISION, "SMS: waits for the morning"] {
            assert!(own.shows(words), "{words} stands with the application, too:\n{}", own.text());
        }
        assert_eq!(sent(&platform).await, Vec::<Value>::new(), "nobody is woken");
        the_officer_sees_it(&mut officer, &task).await;
        let number = traces.texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await.remove(0);
        it_says_why(&mut citizen, &inbox, &number).await;

        platform.tell("eskiz", json!({"next": ["unsettled"]})).await;
        platform.advance(NIGHT_S).await;
        citizen.sign_in_again("dilnoza").await;
        until(&mut citizen, "SMS: sent").await;
        let texts = sent(&platform).await;
        assert_eq!((texts.len(), &texts[0]["mobile_phone"]), (1, &json!("998901112233")), "{texts:?}");
        assert_eq!(texts[0]["message"], format!("Заявление {number}: готово."));
        platform.tell("eskiz", json!({"receipts": true})).await;
        // A gateway is asked less and less often.
        platform.advance(1_800).await;
        citizen.sign_in_again("dilnoza").await;
        until(&mut citizen, "SMS: delivered").await;

        let spent = as_administrator(&platform, &["messages", "spending", &month(&platform)], "").await;
        assert!(spent.contains("marriage-certificate-copy") && spent.contains("95.00"), "{spent}");
        traces.nothing_is_left(case, "granted").await;
    });
}

#[test]
fn a_reminder_stays_in_the_inbox_of_whoever_switched_sms_off_and_what_is_mandatory_is_sent() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, settings: no_night(), ..Manner::default() };
        let platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        wants_no_sms(&mut citizen).await;
        let case = citizen.apply_and_pay(&[]).await;
        asks(&platform, case).await;
        let patience = Patience::default();
        while sent(&platform).await.is_empty() {
            assert!(patience.lasts(), "a question is mandatory, whatever she prefers");
            tokio::time::sleep(POLL).await;
        }

        let address = format!("{}/inbox", citizen.portal);
        for day in 1.. {
            platform.advance(DAY_S).await;
            // Sessions do not live for a day.
            citizen.sign_in_again("dilnoza").await;
            let inbox = citizen.visitor.open(&address).await;
            if inbox.shows(REMINDER) && inbox.shows("SMS: switched off") {
                break;
            }
            assert!(day < REMINDED_WITHIN_DAYS, "nobody reminds her:\n{}", inbox.text());
        }
        let texts = sent(&platform).await;
        assert_eq!(texts.len(), 1, "the reminder is in the inbox only: {texts:?}");
    });
}

fn no_night() -> Vec<String> {
    ["from_hour", "until_hour"].map(|end| format!("notifications.quiet.{end}=0")).into()
}

async fn wants_no_sms(citizen: &mut Citizen) {
    let page = citizen.visitor.open(&format!("{}/account/preferences", citizen.portal)).await;
    let page = citizen.visitor.send(&page.form("/account/preferences").set("_sms", "")).await;
    assert!(page.shows("Your choice is saved."), "{} {}:\n{}", page.status, page.url, page.text());
    assert_eq!(page.form("/account/preferences").get("_sms"), None, "it is kept:\n{}", page.html);
}

/// An officer takes the task and asks the applicant something.
async fn asks(platform: &Platform, case: CaseId) {
    let mut officer = Officer::of(platform, "registrar-tashkent").await;
    let task = officer.task(case).await;
    let taken = officer.visitor.send(&task.form("/officer/claims/")).await;
    let form = officer.visitor.link(&taken, "/officer/questions/").await;
    let asked = form.form("/officer/questions/").set("_question", "In which street was it?");
    let asked = officer.visitor.send(&asked).await;
    assert!(asked.shows("We are waiting for the applicant’s answer"), "{}", asked.text());
}

/// It is night from now on, and a part of a text message costs 95 soum.
fn night() -> Vec<String> {
    let local = boot::SystemClock::default().now().plus(TASHKENT_OFFSET);
    let hour = local.seconds().div_euclid(3_600).rem_euclid(24);
    vec![
        format!("notifications.quiet.from_hour={hour}"),
        format!("notifications.quiet.until_hour={}", (hour + 2) % 24),
        "notifications.sms.segment_tiyin=9500".to_owned(),
    ]
}

async fn chooses_russian(citizen: &mut Citizen) {
    let inbox = citizen.visitor.open(&format!("{}/inbox", citizen.portal)).await;
    let page = citizen.visitor.link(&inbox, "/account/preferences").await;
    let form = page.form("/account/preferences").set("_email", "").set("_language", "ru");
    let page = citizen.visitor.send(&form).await;
    assert!(page.shows("Your choice is saved."), "{} {}:\n{}", page.status, page.url, page.text());
    let again = page.form("/account/preferences");
    assert_eq!((again.get("_sms"), again.get("_email")), (Some("yes"), None), "it is kept:\n{}", page.html);
    assert_eq!(again.get("_language"), Some("ru"), "it is kept:\n{}", page.html);
}

/// The case is closed by now: the officer says why they look, and the applicant can read it.
async fn the_officer_sees_it(officer: &mut Officer, task: &Url) {
    let messages = format!("{task}/messages");
    let asked = officer.visitor.open(&messages).await;
    assert!(asked.has_input("_reason"), "{} {}:\n{}", asked.status, asked.url, asked.text());
    officer.explain(&asked, "The applicant says that nothing came").await;
    let page = officer.visitor.open(&messages).await;
    assert!(page.shows(DECISION) && page.shows("SMS: waits for the morning"), "{}:\n{}", page.url, page.text());
}

async fn it_says_why(citizen: &mut Citizen, inbox: &Page, number: &str) {
    let page = citizen.visitor.link(inbox, "/why").await;
    let decided = format!("Your application {number} was decided.");
    for words in [&*decided, "Copy of a marriage certificate", number, "It cannot be switched off."] {
        assert!(page.shows(words), "{words}: {} {}\n{}", page.status, page.url, page.text());
    }
    assert!(page.links().iter().any(|link| link.path() == "/account/preferences"), "{}", page.html);
}

async fn until(citizen: &mut Citizen, words: &str) -> Page {
    let address = format!("{}/inbox", citizen.portal);
    let patience = Patience::default();
    loop {
        let page = citizen.visitor.open(&address).await;
        if page.shows(words) {
            return page;
        }
        assert!(patience.lasts(), "{words} is not told:\n{}", page.text());
        tokio::time::sleep(POLL).await;
    }
}

/// What the SMS gateway took.
async fn sent(platform: &Platform) -> Vec<Value> {
    let told = platform.ask("eskiz/control/messages").await;
    told["messages"].as_array().expect("the counterpart lists its messages").clone()
}

/// The month in Tashkent, as the platform has it.
fn month(platform: &Platform) -> String {
    let now: Time = boot::SystemClock::default().now();
    let local = now.plus(TASHKENT_OFFSET).plus(Duration::from_secs(platform.ahead()));
    local.to_string().chars().take(7).collect()
}
