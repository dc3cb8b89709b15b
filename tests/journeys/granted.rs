//! The happy way: from a life event to a sealed document that anybody can check.

use tests::{
    citizen::{Citizen, SERVICE, printed},
    officer::Officer,
    platform::Platform,
    shared,
    traces::{self, Traces},
    visitor::{Page, Visitor},
};

/// What each page must say, in the language of the walk.
struct Words {
    language: &'static str,
    person: &'static str,
    officer: &'static str,
    life_event: &'static str,
    service: &'static str,
    office: &'static str,
    granted: &'static str,
    letter: &'static str,
    genuine: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    person: "dilnoza",
    officer: "registrar-tashkent",
    life_event: "Marriage and family",
    service: "Copy of a marriage certificate",
    office: "Civil registry office, Yunusabad district, Tashkent",
    granted: "Copy issued",
    letter: "Your copy is ready",
    genuine: "The document is genuine",
};

const KARAKALPAK: Words = Words {
    language: "kaa",
    person: "aygul",
    officer: "registrar-nukus",
    life_event: "Neke hám shańaraq",
    service: "Neke gúwalıǵınıń nusqası",
    office: "Nókis qalası PHAJ bólimi",
    granted: "Nusqa berildi",
    letter: "Nusqańız tayar",
    genuine: "Hújjet haqıyqıy",
};

#[test]
fn a_citizen_gets_the_certificate_in_english() {
    shared::walk(async { walk(&*shared::platform().await, &ENGLISH).await });
}

#[test]
fn a_citizen_gets_the_certificate_in_karakalpak() {
    shared::walk(async { walk(&*shared::platform().await, &KARAKALPAK).await });
}

async fn walk(platform: &Platform, words: &Words) {
    find_the_service(platform, words).await;
    let mut citizen = Citizen::sign_in(platform, words.person, words.language).await;
    let page = citizen.begin().await;
    let case = tests::citizen::case_of(&page.url);
    assert!(!page.has_input("_date:day:marriage.date"), "the archive knows the date:\n{}", page.text());
    let check = citizen.answer(page, &[]).await;
    assert!(check.shows(words.office), "{}", check.text());
    let page = citizen.visitor.send(&check.form("/check")).await;
    assert!(page.url.path().ends_with("/pay"), "{}:\n{}", page.url, page.text());
    let page = citizen.pay(&page, "pay", "none").await;
    assert!(page.url.path().ends_with("/confirmation"), "{}:\n{}", page.url, page.text());
    Officer::of(platform, words.officer).await.decide(case, "approve", &[]).await;
    let has_document = |page: &Page| page.links().iter().any(|link| link.path().contains("/documents/"));
    // The document is there a moment before the case has ended.
    let page = citizen.until(case, "", |page| has_document(page) && page.shows(words.granted)).await;
    assert!(page.shows(words.granted), "{}", page.text());
    let pdf = citizen.document(&page).await;
    offline_verification_accepts(platform, &pdf);
    verify_by_number_and_code(platform, words, &page).await;
    let inbox = citizen.visitor.open(&format!("{}/inbox", citizen.portal)).await;
    assert!(inbox.shows(words.letter), "{}", inbox.text());
    let uses = citizen.visitor.open(&format!("{}/data-use", citizen.portal)).await;
    assert!(uses.shows(words.service), "who looked, and for what:\n{}", uses.text());
    let traces = Traces::of(platform);
    traces.nothing_is_left(case, "granted").await;
    tests::clicks::the_decision_reached_the_seal(platform, case);
    traces.money_is(case, &[("justice", tests::citizen::DUTY)]).await;
}

async fn find_the_service(platform: &Platform, words: &Words) {
    let mut visitor = Visitor::new(words.language);
    let home = visitor.open(&platform.ready.portal).await;
    assert!(home.shows(words.life_event), "{}", home.text());
    let event = visitor.link(&home, "/life-events/marriage").await;
    let service = visitor.link(&event, SERVICE).await;
    assert!(service.shows(words.service), "{}", service.text());
}

fn offline_verification_accepts(platform: &Platform, pdf: &[u8]) {
    let file = traces::file(platform.folder.path(), &format!("{}.pdf", kernel::Hash::of(pdf)), pdf);
    let output = std::process::Command::new(tests::platform::binary("xizmat"))
        .args(["verify", "document"])
        .arg(&file)
        .arg("--trust")
        .arg(platform.data().join("ca/root.pem"))
        .output()
        .expect("the platform's own binary");
    assert!(output.status.success(), "{output:?}");
}

async fn verify_by_number_and_code(platform: &Platform, words: &Words, page: &Page) {
    let (number, code) = printed(page);
    let mut anybody = Visitor::new(words.language);
    let page = anybody.open(&format!("{}/verify", platform.ready.portal)).await;
    let page = anybody.send(&page.form("/verify").set("number", &number).set("code", &code)).await;
    assert!(page.shows(words.genuine), "{}", page.text());
}
