//! A building permit: a director applies for a company, three agencies each see their part, one of them has its share of the fee, an
//! inspector comes on the chosen day, and two officers decide.

use std::time::Duration;

use boot::SystemClock;
use kernel::{CaseId, Clock};
use tests::{
    citizen::{Citizen, answered, case_of},
    officer::Officer,
    platform::{Manner, Platform},
    shared,
    traces::Traces,
    visitor::{Form, Page, Visitor},
};

use crate::{
    files::{attached, scan, upload},
    mandates::{COMPANY, act_for},
};

const SERVICE: &str = "services/construction/building-permit";
/// Two base calculation amounts, in tiyin.
const FEE: i64 = 82_400_000;
/// What the fire safety service gets of it: a fifth.
const SHARE: i64 = 16_480_000;
/// What the provider keeps, as the configuration of payments says it.
const PROVIDERS_FEE: &str = r#"payments.provider_fees=[{provider = "payme", from = "2026-01-01", percent = "1"}]"#;
const DAY: u64 = 86_400;
/// Ten working days end within it.
const SILENCE: u64 = 30 * DAY;
/// Tashkent is so far ahead of UTC.
const TASHKENT: u64 = 5 * 3_600;
const BUILDING: &str = "Торговый дом «Навруз»";
const ADDRESS: &str = "Юнусабадский район, улица Богишамол, 12";
const PHONE: &str = "+998907654321";
const DRAWING: &str = "plan.pdf";
const OBJECTION: &str = "One of the two stairs leads through the shop.";
const ANSWERS: [(&str, &str); 14] = [
    ("site.office", "tashkent"),
    ("site.address", ADDRESS),
    ("site.cadastre", "10:09:04:02:01:0123"),
    ("building.name", BUILDING),
    ("building.use", "public"),
    ("building.floors", "2"),
    ("building.area", "480"),
    ("fire.exits", "3"),
    ("fire.water", "true"),
    ("utilities.water", "network"),
    ("utilities.sewage", "network"),
    ("environment.trees", "0"),
    ("environment.river", "false"),
    ("contact.phone", PHONE),
];

/// Signs in and says for which company.
async fn director(platform: &Platform) -> Citizen {
    let mut citizen = Citizen { visitor: Visitor::new("ru"), portal: platform.ready.portal.clone(), service: SERVICE };
    let page = citizen.visitor.open(&format!("{}/{SERVICE}/start", citizen.portal)).await;
    let page = citizen.visitor.link(&page, "/oneid").await;
    let page = citizen.visitor.send(&page.form("sign-in").set("person", "malika")).await;
    let start = act_for(&mut citizen, &page, COMPANY).await;
    assert!(start.html.contains("Вы действуете от имени: «Anor Savdo» MChJ"), "{}:\n{}", start.url, start.text());
    citizen
}

/// Fills the application in and sends it; says in how many days the inspector comes.
async fn applied(citizen: &mut Citizen) -> (CaseId, u64) {
    let mut page = citizen.begin().await;
    let (case, mut days) = (case_of(&page.url), 0);
    while !page.url.path().ends_with("/check") {
        let path = page.url.path().to_owned();
        if path.ends_with("/pages/inspection") {
            (page, days) = chosen(citizen, &page).await;
            continue;
        }
        if path.ends_with("/pages/drawings") {
            page = with_drawing(citizen, case, &page).await;
        }
        page = citizen.visitor.send(&answered(&page, &ANSWERS)).await;
        assert!(page.url.path() != path, "not taken on {path}:\n{}", page.text());
    }
    assert!(page.shows(BUILDING) && page.shows(DRAWING), "{}", page.text());
    let sent = citizen.visitor.send(&page.form("/check")).await;
    assert!(sent.status.is_success(), "{} on {}:\n{}", sent.status, sent.url, sent.text());
    let pay = citizen.until(case, "pay", |page| page.url.path().ends_with("/pay")).await;
    citizen.pay(&pay, "pay", "none").await;
    (case, days)
}

async fn with_drawing(citizen: &mut Citizen, case: CaseId, page: &Page) -> Page {
    let without = citizen.visitor.send(&page.form("/pages/")).await;
    assert!(without.has_errors(), "without drawings nobody can say anything:\n{}", without.text());
    let files = citizen.visitor.send(&without.form("/pages/").set("_files", "drawings.files")).await;
    let sent = upload(&mut citizen.visitor, &files.form("/files/"), &[(DRAWING, &scan(500)[..])]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    citizen.until(case, "files/drawings/drawings.files", |page| attached(page).len() == 1).await;
    let address = citizen.address(case, "pages/drawings");
    citizen.visitor.open(&address).await
}

/// The first working day on which the inspector can come: neither too early, nor at a weekend, nor on a holiday.
async fn chosen(citizen: &mut Citizen, page: &Page) -> (Page, u64) {
    let early = citizen.visitor.send(&on(page, 3)).await;
    assert!(early.shows("Выберите дату через 14–60 дней от сегодняшнего дня"), "{}", early.text());
    let mut page = early;
    for days in 14..30 {
        page = citizen.visitor.send(&on(&page, days)).await;
        if !page.has_errors() {
            return (page, days);
        }
        assert!(page.shows("Выберите рабочий день"), "{}", page.text());
    }
    panic!("no working day is taken:\n{}", page.text())
}

/// The page's form with the day that is so many days from today.
fn on(page: &Page, days: u64) -> Form {
    let day = SystemClock::default().now().plus(Duration::from_secs(TASHKENT + days * DAY)).to_string();
    let mut form = page.form("/pages/");
    for (part, range) in [("year", 0..4_usize), ("month", 5..7), ("day", 8..10)] {
        form = form.set(&format!("_date:{part}:inspection.date"), &day[range]);
    }
    form
}

/// What an expert sees of the case, and says.
async fn says(platform: &Platform, login: &str, case: CaseId, outcome: &str, more: &[(&str, &str)]) -> Page {
    let mut expert = Officer::of(platform, login).await;
    let task = expert.task(case).await;
    for secret in ["Anor Savdo", "Sobirova", "301234567", PHONE] {
        assert!(!task.shows(secret), "{login} needs no {secret}:\n{}", task.text());
    }
    expert.decide(case, outcome, more).await;
    task
}

async fn three_agencies_see_their_parts(platform: &Platform, case: CaseId) {
    let objection = [("_reasons:object", "exits"), ("_note", OBJECTION)];
    let fire = says(platform, "fire-expert", case, "object", &objection).await;
    let sanitary = says(platform, "sanitary-expert", case, "support", &[]).await;
    let ecology = says(platform, "ecology-expert", case, "support", &[]).await;
    for (task, sees) in [(&fire, [true, true]), (&sanitary, [true, false]), (&ecology, [false, false])] {
        let seen = [task.shows(BUILDING), task.shows(DRAWING)];
        assert!(task.shows(ADDRESS) && seen == sees, "building, drawing: {seen:?}, not {sees:?}\n{}", task.text());
    }
    assert!(!ecology.shows(OBJECTION), "nobody is told what others think:\n{}", ecology.text());
}

/// It sees what the ministry's cases brought for it, what the provider keeps of that, and nothing of the ministry's own.
async fn fire_safety_is_settled_its_share(platform: &Platform) {
    let mut treasurer = Officer::of(platform, "fire-treasurer").await;
    let page = treasurer.visitor.open(&format!("{}/finance/settlement", treasurer.portal)).await;
    let csv = page.links().into_iter().find(|link| link.path().ends_with(".csv")).expect("a table");
    let (status, bytes) = treasurer.visitor.download(&csv).await;
    let table = String::from_utf8(bytes).expect("text");
    let rows: Vec<&str> = table.split("\r\n").filter(|row| !row.is_empty()).collect();
    assert!(status.is_success() && rows.len() == 2, "{status}: {table}");
    assert!(rows[1].contains(",construction,fire-safety,payme,1,164800.00,1,1648.00,163152.00,"), "{table}");
    assert!(page.shows("1 %") && !page.shows("no percentage of the provider"), "{}", page.text());
}

async fn two_officers_decide(platform: &Platform, case: CaseId) {
    let mut first = Officer::of(platform, "chief-architect").await;
    let task = first.task(case).await;
    assert!(task.shows(OBJECTION), "what the agencies think stands there:\n{}", task.text());
    let proposed = first.decide(case, "approve", &[("_note", "The stairs are apart by now.")]).await;
    assert!(proposed.shows("Your proposal waits for another officer."), "{}", proposed.text());
    let mut second = Officer::of(platform, "chief-engineer").await;
    let task = second.task(case).await;
    assert!(task.shows("Nigora Tursunova"), "{}", task.text());
    let agreed = second.visitor.send(&task.form("/officer/second/")).await;
    assert!(agreed.shows("Your decision has been recorded."), "{}", agreed.text());
}

#[test]
fn a_director_gets_a_permit_after_three_opinions_an_inspection_and_two_officers() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, settings: vec![PROVIDERS_FEE.to_owned()], ..Manner::default() };
        let platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let traces = Traces::of(&platform);
        let mut citizen = director(&platform).await;
        let (case, days) = applied(&mut citizen).await;
        three_agencies_see_their_parts(&platform, case).await;
        fire_safety_is_settled_its_share(&platform).await;
        let page = citizen.until_told(case, "Ждём следующего шага.").await;
        assert!(page.shows("Другое ведомство дало заключение") && !page.shows(OBJECTION), "{}", page.text());
        let open = "SELECT count(*) FROM case_tasks WHERE case_id = $1 AND closed IS NULL";
        assert_eq!(traces.count("eservice", case, open).await, 0, "until the day comes nobody has anything to do");

        platform.advance(days * DAY).await;
        let mut inspector = Officer::of(&platform, "site-inspector").await;
        inspector.decide(case, "matches", &[]).await;
        two_officers_decide(&platform, case).await;

        // Sessions do not live that long.
        let mut citizen = director(&platform).await;
        let page = citizen.until(case, "", |page| page.shows("Разрешение выдано")).await;
        assert!(page.html.contains("/documents/") && page.shows("Проверено двумя сотрудниками"), "{}", page.text());
        citizen.document(&page).await;
        traces.nothing_is_left(case, "granted").await;
        traces.money_is(case, &[("construction", FEE - SHARE), ("fire-safety", SHARE)]).await;
    });
}

#[test]
fn an_agency_that_says_nothing_is_named_to_whoever_leads_and_can_still_speak() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, ..Manner::default() };
        let platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let mut citizen = director(&platform).await;
        let (case, _) = applied(&mut citizen).await;
        for expert in ["fire-expert", "sanitary-expert"] {
            says(&platform, expert, case, "support", &[]).await;
        }
        let number = Traces::of(&platform).texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await;

        platform.advance(SILENCE).await;
        let mut head = Officer::of(&platform, "head-construction").await;
        let stuck = format!("{}/officer/stuck?agency=construction&service=building-permit", head.portal);
        let stuck = head.visitor.open(&stuck).await;
        let named = format!("{}: The time for the decision is over", number[0]);
        assert!(stuck.shows(&named) && stuck.html.contains("<code>ecology"), "{}:\n{}", stuck.url, stuck.text());
        assert!(!stuck.shows(BUILDING) && !stuck.shows(PHONE), "numbers, nobody's names:\n{}", stuck.text());

        says(&platform, "ecology-expert", case, "support", &[]).await;
        let mut inspector = Officer::of(&platform, "site-inspector").await;
        inspector.decide(case, "matches", &[]).await;
        two_officers_see_it(&platform, case).await;
    });
}

async fn two_officers_see_it(platform: &Platform, case: CaseId) {
    for chief in ["chief-architect", "chief-engineer"] {
        let mut chief = Officer::of(platform, chief).await;
        assert!(chief.task(case).await.shows(ADDRESS));
    }
}
