//! Plausible data of the pages on which an officer types what came on paper.

use askama::Template;
use proto::eservice::v1 as eservice;

use super::{
    DAY, HOSTILE, NOW,
    application::{case, sections},
    text,
    visitor::card,
};
use crate::http::{applications, frame::Frame, officer, submit};

pub fn services(f: Frame) -> String {
    officer::PaperPage { f, services: vec![card()] }.render().unwrap()
}

pub fn nothing(f: Frame) -> String {
    officer::PaperPage { f, services: Vec::new() }.render().unwrap()
}

/// What was typed is wrong, and other papers wait.
pub fn take(f: Frame) -> String {
    let paper = eservice::Paper {
        pinfl: "31203850000016".into(),
        family_name: HOSTILE.into(),
        given_name: HOSTILE.into(),
        patronymic: HOSTILE.into(),
        original: HOSTILE.into(),
        identified: "document".into(),
        document: HOSTILE.into(),
        reason: HOSTILE.into(),
        born: "1985-03-12".into(),
        received: "2026-11-20".into(),
        contact: HOSTILE.into(),
    };
    let waiting = |phase: &str, number: &str, case: u8| eservice::TakenInCase {
        case_id: vec![case; 16],
        phase: phase.into(),
        number: number.into(),
        applicant: HOSTILE.into(),
        original: "12-34/2026".into(),
        changed_us: NOW - DAY,
        reason: String::new(),
        officer: String::new(),
        identity: String::new(),
        contact: String::new(),
    };
    let unknown = |identity: &str, case: u8| eservice::TakenInCase {
        identity: identity.into(),
        contact: HOSTILE.into(),
        officer: HOSTILE.into(),
        ..waiting("draft", "", case)
    };
    let lies = eservice::TakenInCase { applicant: String::new(), officer: HOSTILE.into(), ..waiting("draft", "", 3) };
    let template = officer::TakePage {
        f,
        title: card().title,
        ways: ["pinfl", "document", "not-yet", "ex-officio"].map(text).into(),
        closed: false,
        place: "justice/marriage-certificate-copy".into(),
        told: officer::Told { paper, language: "kaa".into() },
        cases: vec![waiting("draft", "", 1), waiting("returned", "justice-2026-17", 2), unknown("said-own", 4)],
        left: vec![lies],
        to_identify: vec![unknown("not-yet", 5), unknown("said", 6)],
        wrong: Some(("pinfl", "paper-wrong-differs")),
    };
    let html = template.render().unwrap();
    assert_eq!(html.matches("/officer/applications/justice/marriage-certificate-copy/").count(), 5, "{html}");
    assert_eq!(html.matches("/identify/").count(), 3, "{html}");
    assert_eq!(html.matches("name=\"_case\"").count(), 1, "{html}");
    assert!(html.contains("value=\"document\" checked") && html.contains("name=\"_reason\""), "{html}");
    assert!(html.contains("value=\"kaa\" lang=\"kaa\" selected"), "{html}");
    html
}

/// The service takes no new applications; what was begun can be finished.
pub fn closed(f: Frame) -> String {
    let template = officer::TakePage {
        f,
        title: card().title,
        ways: vec![text("pinfl")],
        closed: true,
        place: "justice/marriage-certificate-copy".into(),
        told: officer::Told::default(),
        cases: Vec::new(),
        left: Vec::new(),
        to_identify: Vec::new(),
        wrong: None,
    };
    let html = template.render().unwrap();
    assert!(!html.contains("_pinfl"), "{html}");
    html
}

/// The officer declares what they saw, and not in the words of the applicant.
pub fn check(f: Frame) -> String {
    let answers = eservice::Answers {
        service_title: card().title,
        sections: sections(),
        declaration: "Of the applicant alone".into(),
        original: HOSTILE.into(),
        applicant: HOSTILE.into(),
        ..Default::default()
    };
    let (base, shown_hash) = ("/x".into(), "0".repeat(64));
    let html = submit::CheckPage { f, answers, base, shown_hash, notice: "", asked: false }.render().unwrap();
    assert!(!html.contains("Of the applicant alone") && html.contains("name=\"_confirmed\""), "{html}");
    html
}

/// Begun without an applicant: the officer declares what the office knows.
pub fn check_ex_officio(f: Frame) -> String {
    let answers = eservice::Answers {
        service_title: card().title,
        sections: sections(),
        reason: HOSTILE.into(),
        ..Default::default()
    };
    let (base, shown_hash) = ("/x".into(), "0".repeat(64));
    submit::CheckPage { f, answers, base, shown_hash, notice: "", asked: false }.render().unwrap()
}

pub fn sent(f: Frame) -> String {
    let (number, list) = ("justice-2026-17".into(), "/officer/paper/justice/marriage-certificate-copy".into());
    officer::SentPage { f, number, list }.render().unwrap()
}

/// Why an officer throws away what they typed was not said.
pub fn discard(f: Frame) -> String {
    let (case, base) = (case("draft"), "/x".into());
    let html = applications::DiscardPage { f, case, base, typed: true, missing: true }.render().unwrap();
    assert_eq!(html.matches("name=\"_reason\"").count(), 3, "{html}");
    html
}

/// The same for its applicant, in the portal.
pub fn taken_in(f: Frame) -> String {
    let case = eservice::Case { original: HOSTILE.into(), received_us: NOW - DAY, ..case("running") };
    applications::ApplicationPage {
        f,
        case,
        base: "/x".into(),
        overdue: false,
        payments: Vec::new(),
        messages: vec![],
        may_rate: false,
        represented: false,
    }
    .render()
    .unwrap()
}

/// Whoever typed it is told that others decide it.
pub fn kept_off(f: Frame) -> String {
    let task = eservice::TaskPage {
        number: "justice-2026-17".into(),
        title: "Nikoh yozuvini tekshirish".into(),
        original: HOSTILE.into(),
        kept_off: true,
        ..Default::default()
    };
    let html = super::officer::task_page(f, task, officer::Chosen::default(), Vec::new());
    assert!(!html.contains("_outcome") && html.contains("id=\"decision\""), "{html}");
    html
}

/// The paper and what was typed of it do not fit.
pub fn identify(f: Frame) -> String {
    let case = eservice::TakenInCase { case_id: vec![5; 16], original: HOSTILE.into(), ..Default::default() };
    let typed = eservice::IdentifyApplicantRequest {
        case_id: vec![5; 16],
        pinfl: "31203850000015".into(),
        born: "1985-03-12".into(),
        family_name: HOSTILE.into(),
    };
    let (title, place) = (card().title, "justice/marriage-certificate-copy".into());
    let wrong = Some(("family", "paper-wrong-differs-from-paper"));
    let html = officer::IdentifyPage { f, title, place, case, typed, wrong }.render().unwrap();
    assert!(html.contains("id=\"family-error\"") && html.contains("type=\"date\""), "{html}");
    html
}
