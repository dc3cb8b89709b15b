//! Every page with plausible data in five languages: nothing untranslated, nothing unescaped, nothing too heavy. With
//! `XIZMAT_PAGES=folder` the pages are written there, to be looked at in a browser.

use std::{collections::BTreeMap, fs, io::Write, path::PathBuf};

use askama::Template;
use kernel::Language;
use proto::{docket::v1 as docket, eservice::v1 as eservice, payments::v1 as payments, register::v1 as register};

use super::{account, applications, apply, catalogue, frame::Frame, officer, pay, start, submit, verify};
use crate::{assets, domain::sign_in::Kind};

/// 24 November 2026, 09:30 in Tashkent.
const NOW: i64 = 1_795_494_600_000_000;
const DAY: i64 = 86_400_000_000;
const HOSTILE: &str = "<script>alert(1)</script>";

fn frame(language: Language, kind: Option<Kind>) -> Frame {
    Frame {
        language,
        place: "/services/justice/marriage-certificate-copy".into(),
        kind,
        token: "t".repeat(86),
        command: "0".repeat(32),
        trial: true,
        css: assets::CSS,
        js: assets::JS,
    }
}

fn text(words: &str) -> String {
    words.to_owned()
}

fn sum() -> proto::Money {
    proto::Money { minor: 4_120_000, currency: "UZS".into() }
}

fn card() -> register::ServiceCard {
    register::ServiceCard {
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        title: "Nikoh guvohnomasi nusxasi".into(),
        summary: "Nikoh tuzilganligi haqidagi guvohnomaning takroriy nusxasini onlayn oling.".into(),
        agency_title: "Adliya vazirligi".into(),
        level: "hosted".into(),
    }
}

fn service() -> register::ServicePage {
    register::ServicePage {
        card: Some(card()),
        legal_basis: vec![register::Link {
            title: "Oila kodeksi, 14-modda".into(),
            uri: "https://lex.uz/docs/104720".into(),
        }],
        fees: vec![register::Fee { title: "Davlat boji".into(), amount: Some(sum()), earned: "onResult".into() }],
        promised: "3 ish kuni".into(),
        assurance: "substantial".into(),
        audience: vec!["citizens".into()],
        documents: vec!["Nikoh guvohnomasining takroriy nusxasi (PDF)".into()],
        needs: vec!["Nikoh qayd etilgan sana va FHDYO boʻlimi".into()],
        offices: vec![register::Office {
            name: "yunusobod".into(),
            title: "Yunusobod tumani FHDYO boʻlimi".into(),
            area: "1726266".into(),
            address: "Toshkent, Amir Temur koʻchasi 95".into(),
        }],
        ..Default::default()
    }
}

fn life_events() -> Vec<register::LifeEvent> {
    let event =
        |name: &str, title: &str, services| register::LifeEvent { name: name.into(), title: title.into(), services };
    vec![
        event("marriage", "Nikoh va oila", 1),
        event("child", "Farzand tugʻilishi", 4),
        event("home", "Uy-joy", 5),
        event("business", "Tadbirkorlik boshlash", 12),
    ]
}

fn field(at: &str, kind: &str, label: &str) -> eservice::Field {
    eservice::Field { at: at.into(), kind: kind.into(), label: label.into(), required: true, ..Default::default() }
}

fn option(value: &str, label: &str, selected: bool) -> eservice::Option {
    eservice::Option { value: value.into(), label: label.into(), selected, ..Default::default() }
}

fn page_of(title: &str, fields: Vec<eservice::Field>) -> eservice::Page {
    eservice::Page {
        version: 3,
        form: "application".into(),
        page: "marriage".into(),
        title: title.into(),
        service_title: card().title,
        fields,
        position: 2,
        count: 4,
        back: "who".into(),
        ..Default::default()
    }
}

fn question(f: Frame, page: eservice::Page) -> String {
    let mut page = page;
    apply::in_words(&f, &mut page);
    let template = apply::QuestionPage { f, page, back: "/x".into(), action: "/x".into(), changed_meanwhile: false };
    template.render().unwrap()
}

fn single_question(f: Frame) -> String {
    let mut date = field("marriage.date", "date", "Nikoh qachon qayd etilgan?");
    date.hint = "Masalan, 9 2 2019".into();
    date.why = "Sana yozuvni topish uchun kerak.".into();
    question(f, page_of("Nikoh sanasi", vec![date]))
}

fn faulty_question(f: Frame) -> String {
    let mut date = field("marriage.date", "date", "Nikoh qachon qayd etilgan?");
    (date.value, date.error_code) = (text("2026-02-31"), text("field.date"));
    let mut name = field("marriage.spouse", "text", "Turmush oʻrtogʻingizning familiyasi");
    (name.value, name.error, name.autocomplete) = (text(HOSTILE), text("Familiyani yozing."), text("off"));
    (name.marked, name.officer_note) = (true, text("Passportdagi kabi yozing."));
    let mut office = field("marriage.office", "select", "FHDYO boʻlimi");
    office.options = vec![option("a", "Yunusobod tumani", true), option("b", "Chilonzor tumani", false)];
    let mut copies = field("copies", "radios", "Nusxa kimga kerak?");
    copies.options = vec![option("me", "Oʻzimga", true), option("other", "Vakilimga", false)];
    let mut fact = field("who.name", "fact", "Ism-sharif");
    (fact.fact, fact.value, fact.source) = (true, text("Karimova Dilnoza Rustamovna"), text("Aholi reyestri"));
    let mut note = field("note", "textarea", "Izoh");
    note.hint = "Ixtiyoriy".into();
    let agree = field("agree", "checkbox", "Guvohnoma elektron shaklda boʻlishiga roziman");
    let phone = field("phone", "phone", "Telefon");
    let married = field("married", "yes-no", "Hozir nikohdamisiz?");
    question(f, page_of("Nikoh haqida", vec![fact, date, name, office, copies, note, phone, married, agree]))
}

fn row(label: &str, value: &str) -> eservice::Row {
    eservice::Row { label: label.into(), value: value.into(), ..Default::default() }
}

fn sections() -> Vec<eservice::Section> {
    let fact = eservice::Row {
        fact: true,
        source: "Aholi reyestri".into(),
        ..row("Ism-sharif", "Karimova Dilnoza Rustamovna")
    };
    let differs = eservice::Row {
        differs: true,
        registry_value: "2015-yil 9-fevral".into(),
        ..row("Nikoh sanasi", "2015-yil 2-sentabr")
    };
    vec![eservice::Section {
        page: "who".into(),
        title: "Siz haqingizda".into(),
        rows: vec![fact, differs, row("Izoh", HOSTILE)],
    }]
}

fn check(f: Frame) -> String {
    let answers = eservice::Answers {
        service_title: card().title,
        sections: sections(),
        fees: vec![eservice::FeeLine {
            title: "Davlat boji".into(),
            amount: Some(sum()),
            note: "BHMning 10 foizi".into(),
            declared: false,
        }],
        ..Default::default()
    };
    submit::CheckPage { f, answers, base: "/x".into(), shown_hash: "0".repeat(64), changed_meanwhile: true }
        .render()
        .unwrap()
}

fn timeline() -> Vec<eservice::TimelineRow> {
    let row = |back: i64, words: &str, actor: &str| eservice::TimelineRow {
        time_us: NOW - back * DAY,
        code: words.into(),
        actor: actor.into(),
        ..Default::default()
    };
    vec![row(0, "task-opened", "system"), row(1, "paid", "applicant"), row(1, "submitted", "applicant")]
}

fn case(phase: &str) -> eservice::Case {
    eservice::Case {
        number: "justice-2026-17".into(),
        agency: "justice".into(),
        service_title: card().title,
        phase: phase.into(),
        status: "reviewing".into(),
        timeline: timeline(),
        submitted_us: NOW - DAY,
        due_us: NOW + 2 * DAY,
        office: "Yunusobod tumani FHDYO boʻlimi".into(),
        ..Default::default()
    }
}

fn application(f: Frame) -> String {
    let decision = eservice::Decision {
        outcome: "refuse".into(),
        label: "Rad etildi".into(),
        reasons: vec![eservice::Reason {
            code: "no-record".into(),
            text: "Nikoh yozuvi topilmadi".into(),
            article: "Oila kodeksi, 14-modda".into(),
        }],
        note: HOSTILE.into(),
        time_us: NOW,
        appeal: "Sudga yoki Adliya vazirligiga 30 kun ichida murojaat qilishingiz mumkin.".into(),
    };
    let document = eservice::DocumentLink {
        document_id: vec![7; 16],
        title: "Rad etish toʻgʻrisida xabarnoma".into(),
        number: "justice-2026-17".into(),
        code: "K7QM-2F9X-RT4W-8HZC".into(),
        status: "valid".into(),
        name: "refusal".into(),
    };
    let case = eservice::Case { decision: Some(decision), documents: vec![document], ..case("ended") };
    applications::ApplicationPage { f, case, base: "/x".into(), overdue: false }.render().unwrap()
}

fn tracking(f: Frame) -> String {
    applications::ApplicationPage { f, case: case("running"), base: "/x".into(), overdue: true }.render().unwrap()
}

fn pay(f: Frame) -> String {
    let providers = ["Payme", "Click"].map(|title| payments::Provider {
        name: title.to_lowercase(),
        title: title.into(),
        trial: true,
    });
    let view = payments::IntentView {
        providers: providers.into(),
        attempt: "declined".into(),
        expires_us: NOW + DAY,
        ..Default::default()
    };
    let evidence = br#"{"formula": "percent(ref.bhm, '10')", "values": [{"name": "bhm", "amount": {"minor": 41200000, "currency": "UZS"}, "from": "2026-08-01"}]}"#;
    let lines = pay::lines(&f, &crate::domain::arithmetic::read(evidence));
    pay::PayPage { f, case: case("running"), view, amount: sum(), lines, base: "/x".into(), unanswered: true }
        .render()
        .unwrap()
}

fn own(words: &str) -> Option<proto::Text> {
    Some(proto::Text { by_language: BTreeMap::from([("uz".to_owned(), words.to_owned())]) })
}

fn list(f: Frame) -> String {
    let entry = |phase: &str, number: &str| docket::Entry {
        case_id: vec![1; 16],
        number: number.into(),
        agency: "justice".into(),
        phase: phase.into(),
        changed_us: NOW,
        due_us: NOW + DAY,
        title: own("Nikoh guvohnomasi nusxasi"),
        ..Default::default()
    };
    let entries = vec![
        entry("draft", ""),
        entry("returned", "justice-2026-9"),
        entry("running", "justice-2026-17"),
        entry("ended", "justice-2026-3"),
    ];
    applications::ApplicationsPage { f, entries, stale: true }.render().unwrap()
}

fn inbox(f: Frame) -> String {
    let message = proto::notifications::v1::Message {
        message_id: vec![2; 16],
        case_id: vec![1; 16],
        title: "Hujjatingiz tayyor".into(),
        body: "Nikoh guvohnomasi nusxasi tayyor. Uni “Arizalarim” boʻlimidan oling.".into(),
        time_us: NOW,
        agency: "justice".into(),
        delivery: BTreeMap::from([
            ("sms".to_owned(), "delivered".to_owned()),
            ("inbox".to_owned(), "delivered".to_owned()),
        ]),
        ..Default::default()
    };
    account::InboxPage { f, messages: vec![message], unread: 1 }.render().unwrap()
}

fn data_use(f: Frame) -> String {
    let row = proto::exchange::v1::DataUseRow {
        time_us: NOW,
        asking_agency: "Adliya vazirligi".into(),
        owner: "Ichki ishlar vazirligi".into(),
        registry: "population".into(),
        operation: "find-person".into(),
        purpose: "Arizani toʻldirish".into(),
        legal_basis: "Shaxsga doir maʼlumotlar toʻgʻrisidagi qonun, 18-modda".into(),
        outcome: "found".into(),
        fields: vec!["ism".into(), "tugʻilgan sana".into()],
        ..Default::default()
    };
    account::DataUsePage { f, rows: vec![row] }.render().unwrap()
}

fn verdict(f: Frame) -> String {
    let finding = |state: &str| Some(proto::signing::v1::Finding { state: state.into(), ..Default::default() });
    let verdict = proto::signing::v1::Verdict {
        verdict: "valid".into(),
        integrity: finding("ok"),
        issuer: finding("ok"),
        time: finding("not-checked"),
        withdrawn: finding("failed"),
        number: "justice-2026-17".into(),
        kind: "Nikoh guvohnomasi nusxasi".into(),
        agency_title: "Adliya vazirligi".into(),
        sealed_us: NOW,
        status: "valid".into(),
        specimen: true,
        ..Default::default()
    };
    verify::VerdictPage { f, verdict }.render().unwrap()
}

fn queue(f: Frame) -> String {
    let task = |number: &str, due: i64| docket::Task {
        case_id: vec![1; 16],
        task_id: vec![3; 16],
        number: number.into(),
        agency: "justice".into(),
        office: "Yunusobod".into(),
        due_us: due,
        title: own("Nikoh yozuvini tekshirish"),
        ..Default::default()
    };
    let tasks = vec![task("justice-2026-17", NOW - DAY), task("justice-2026-18", NOW + DAY)];
    let agencies = vec![text("justice"), text("interior")];
    let template = officer::QueuePage {
        f,
        officer: "Saida Yusupova".into(),
        agency: "justice".into(),
        agencies,
        tasks,
        now: NOW,
        stale: false,
        decided: true,
    };
    template.render().unwrap()
}

fn task(f: Frame) -> String {
    let reasons = vec![eservice::Reason {
        code: "no-record".into(),
        text: "Nikoh yozuvi topilmadi".into(),
        article: "Oila kodeksi, 14-modda".into(),
    }];
    let outcome = |name: &str, label: &str| eservice::OutcomeChoice {
        name: name.into(),
        label: label.into(),
        ..Default::default()
    };
    let task = eservice::TaskPage {
        number: "justice-2026-17".into(),
        service_title: card().title,
        title: "Nikoh yozuvini tekshirish".into(),
        sections: sections(),
        outcomes: vec![
            outcome("approve", "Tasdiqlash"),
            eservice::OutcomeChoice { reasons, needs_reason: true, ..outcome("refuse", "Rad etish") },
            eservice::OutcomeChoice { returns: true, ..outcome("return", "Tuzatishga qaytarish") },
        ],
        due_us: NOW - DAY,
        office: "Yunusobod tumani FHDYO boʻlimi".into(),
        timeline: timeline(),
        applicant: "Karimova Dilnoza Rustamovna".into(),
        applicant_language: "kaa".into(),
        returnable: vec![eservice::ReturnableField { at: "marriage.date".into(), label: "Nikoh sanasi".into() }],
        payment: "paid".into(),
        ..Default::default()
    };
    let chosen = officer::Chosen { outcome: "refuse".into(), note: HOSTILE.into(), ..Default::default() };
    let errors = vec![(text("reason-refuse-no-record"), "task-reason-missing")];
    officer::TaskTemplate { f, task, action: "/x".into(), late: true, chosen, errors }.render().unwrap()
}

fn grants(f: Frame) -> String {
    let grant = proto::exchange::v1::GrantStatus {
        agency: "justice".into(),
        name: "civil-status-to-social".into(),
        hash: vec![9; 32],
        state: "waiting".into(),
        to_agency: "Ijtimoiy himoya agentligi".into(),
        registry: "civil-status".into(),
        operations: vec!["find-marriage".into()],
        purpose: "Nafaqa tayinlash".into(),
        until: "2027-12-31".into(),
        approvals: 1,
        approvals_needed: 2,
    };
    officer::GrantsPage { f, grants: vec![grant] }.render().unwrap()
}

fn home(f: Frame) -> String {
    let unfinished = catalogue::Unfinished { title: card().title, href: "/x".into(), returned: false };
    catalogue::HomePage { f, life_events: life_events(), services: vec![card(); 3], unfinished: vec![unfinished] }
        .render()
        .unwrap()
}

fn start(f: Frame, draft: Option<String>) -> String {
    let path = text("/services/justice/x");
    start::StartPage { f, service: service(), title: card().title, path, draft, draft_opened: NOW, unanswered: false }
        .render()
        .unwrap()
}

/// Every page by name, in one language.
fn pages(language: Language) -> Vec<(&'static str, String)> {
    let anyone = || frame(language, None);
    let citizen = || frame(language, Some(Kind::Citizen));
    let officer = || frame(language, Some(Kind::Officer));
    vec![
        ("home", home(citizen())),
        (
            "life-event",
            catalogue::LifeEventPage { f: anyone(), title: "Nikoh va oila".into(), services: vec![card(); 2] }
                .render()
                .unwrap(),
        ),
        (
            "search",
            catalogue::SearchPage { f: anyone(), query: HOSTILE.into(), found: 2, services: vec![card(); 2] }
                .render()
                .unwrap(),
        ),
        (
            "search-nothing",
            catalogue::SearchPage { f: anyone(), query: "x".into(), found: 0, services: vec![] }.render().unwrap(),
        ),
        ("service", catalogue::ServicePage { f: anyone(), card: card(), service: service() }.render().unwrap()),
        ("start", start(citizen(), None)),
        ("start-draft", start(citizen(), Some("/x".into()))),
        ("question", single_question(citizen())),
        ("question-faulty", faulty_question(citizen())),
        ("check", check(citizen())),
        ("pay", pay(citizen())),
        (
            "leave",
            pay::LeavePage {
                f: citizen(),
                url: "https://pay.example/1".into(),
                host: "pay.example".into(),
                base: "/x".into(),
            }
            .render()
            .unwrap(),
        ),
        (
            "returned",
            pay::ReturnedPage { f: citizen(), base: "/x".into(), number: "justice-2026-17".into() }.render().unwrap(),
        ),
        (
            "confirmation",
            submit::ConfirmationPage { f: citizen(), case: case("running"), base: "/x".into() }.render().unwrap(),
        ),
        ("applications", list(citizen())),
        ("application", application(citizen())),
        ("tracking", tracking(citizen())),
        (
            "discard",
            applications::DiscardPage { f: citizen(), case: case("draft"), base: "/x".into() }.render().unwrap(),
        ),
        ("inbox", inbox(citizen())),
        ("data-use", data_use(citizen())),
        (
            "verify",
            verify::VerifyPage { f: anyone(), number: HOSTILE.into(), error: "verify-code-missing" }.render().unwrap(),
        ),
        ("verdict", verdict(anyone())),
        ("queue", queue(officer())),
        ("task", task(officer())),
        ("grants", grants(officer())),
        ("fault", super::fault::sample(anyone())),
        ("help", catalogue::HelpPage { f: anyone(), code: "portal.not-found".into() }.render().unwrap()),
        ("accessibility", catalogue::AccessibilityPage { f: anyone() }.render().unwrap()),
    ]
}

#[test]
fn what_people_typed_is_never_markup() {
    for (name, html) in pages(Language::Uz) {
        assert!(!html.contains(HOSTILE), "{name}");
        assert!(!html.contains("style=") && !html.contains(" onclick"), "{name}: the policy would refuse it");
    }
}

#[test]
fn every_page_says_its_language_and_has_one_heading() {
    for language in Language::ALL {
        for (name, html) in pages(language) {
            assert!(
                html.contains(&format!(
                    "<html class=\"govuk-template\" lang=\"{}\"",
                    crate::locales::html_tag(language)
                )),
                "{name}"
            );
            assert_eq!(html.matches("<h1").count(), 1, "{name} in {}", language.tag());
        }
    }
}

#[test]
fn ids_are_unique_and_every_label_finds_its_input() {
    let values = |html: &str, attribute: &str| -> Vec<String> {
        let opening = format!(" {attribute}=\"");
        let parts = html.split(&opening).skip(1);
        parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
    };
    for (name, html) in pages(Language::En) {
        let mut ids = values(&html, "id");
        ids.sort();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}: an id is given twice");
        for target in values(&html, "for") {
            assert!(ids.contains(&target), "{name}: no input {target}");
        }
        for target in values(&html, "aria-describedby").iter().flat_map(|list| list.split(' ')) {
            assert!(ids.iter().any(|id| id == target), "{name}: no description {target}");
        }
        for target in values(&html, "href").iter().filter_map(|target| target.strip_prefix('#')) {
            assert!(ids.iter().any(|id| id == target), "{name}: the link to #{target} leads nowhere");
        }
    }
}

#[test]
fn a_first_view_weighs_at_most_twenty_kilobytes() {
    let heaviest = Language::ALL.into_iter().flat_map(pages).map(|(_, html)| squeezed(html.as_bytes())).max().unwrap();
    let total = heaviest + assets::CSS_FILE.gzip.len() + assets::JS_FILE.gzip.len();
    assert!(total <= 20_000 - 3 * 700, "{total} bytes, and three answers' headers on top");
}

/// The size after gzip at its fastest, as the portal sends it.
fn squeezed(bytes: &[u8]) -> usize {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap().len()
}

#[test]
fn pages_can_be_written_out_to_be_looked_at() {
    let Some(folder) = std::env::var_os("XIZMAT_PAGES").map(PathBuf::from) else { return };
    fs::create_dir_all(folder.join("assets")).unwrap();
    for asset in assets::ALL {
        fs::write(folder.join("assets").join(asset.name), asset.plain).unwrap();
    }
    for language in Language::ALL {
        for (name, html) in pages(language) {
            let html = html.replace("\"/assets/", "\"assets/");
            fs::write(folder.join(format!("{name}-{}.html", language.tag())), html).unwrap();
        }
    }
}
