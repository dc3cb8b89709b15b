//! Plausible data of an officer's pages.

use askama::Template;
use proto::{docket::v1 as docket, eservice::v1 as eservice};

use super::{
    DAY, HOSTILE, NOW,
    application::{channels, sections, timeline},
    text,
    visitor::{card, own},
};
use crate::http::{frame::Frame, officer, pages};

pub fn queue(f: Frame) -> String {
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
        pages: pages::Pages::of("/officer?agency=justice", "1.2", "5.6"),
    };
    template.render().unwrap()
}

pub fn task(f: Frame) -> String {
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

pub fn messages(f: Frame) -> String {
    let message = proto::notifications::v1::CaseMessage {
        message_id: vec![2; 16],
        title: HOSTILE.into(),
        time_us: NOW,
        class: "informative".into(),
        channels: channels(),
    };
    officer::MessagesPage { f, task: "/x".into(), messages: vec![message] }.render().unwrap()
}

pub fn reason(f: Frame) -> String {
    let (action, typed) = ("/x".into(), HOSTILE.into());
    officer::ReasonPage { f, action, closed: true, typed, wrong: Some("reason-long") }.render().unwrap()
}

pub fn decided(f: Frame) -> String {
    officer::DecidedPage { f, task: "/x".into(), queue: "/officer".into() }.render().unwrap()
}

pub fn grants(f: Frame) -> String {
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
    // One that waits, one that the officer may take back, and one that is another agency's to take back.
    let given = proto::exchange::v1::GrantStatus { name: "given".into(), state: "approved".into(), ..grant.clone() };
    let taken = proto::exchange::v1::GrantStatus { name: "taken".into(), agency: "social".into(), ..given.clone() };
    let page = officer::GrantsPage { f, grants: vec![grant, given, taken], agencies: vec!["justice".into()] };
    let html = page.render().unwrap();
    assert_eq!(html.matches("/officer/grants/revoke").count(), 1, "{html}");
    html
}
