//! Plausible data of an auditor's and an archivist's pages.

use askama::Template;
use proto::{
    docket::v1 as docket,
    eservice::v1::{Record, Records},
};

use super::{DAY, HOSTILE, NOW, text, visitor::card};
use crate::http::{audit, frame::Frame, records};

fn sought() -> audit::Sought {
    audit::Sought { number: HOSTILE.into(), purpose: HOSTILE.into(), from: "2026-11-1".into(), ..Default::default() }
}

fn week(rows: Vec<docket::Unusual>) -> docket::UnusualWeek {
    docket::UnusualWeek { week_us: NOW - 8 * DAY, rows, complete: true, audits: vec!["platform".into()] }
}

pub fn form(f: Frame) -> String {
    let unusual = |rule: &str, name: &str| docket::Unusual {
        rule: rule.into(),
        agency: "justice".into(),
        person: vec![7; 16],
        name: name.into(),
        count: 21,
        usual: 4,
    };
    let rows = ["outside", "searched", "shared", "night"];
    let rows = rows.map(|rule| unusual(rule, if rule == "outside" { HOSTILE } else { "" })).to_vec();
    let page = audit::AuditPage { f, sought: audit::Sought::default(), errors: Vec::new(), week: week(rows) };
    let html = page.render().unwrap();
    assert_eq!(html.matches("name=\"_person\"").count(), 1, "{html}");
    assert_eq!(html.matches("value=\"docket.searched\"").count(), 1, "each button leads to what was counted: {html}");
    html
}

pub fn faulty(f: Frame) -> String {
    let errors = vec![
        ("pinfl", "audit-pinfl-wrong"),
        ("number", "audit-number-wrong"),
        ("from", "audit-date-wrong"),
        ("until", "audit-until-wrong"),
        ("purpose", "audit-purpose-wrong"),
    ];
    audit::AuditPage { f, sought: sought(), errors, week: week(Vec::new()) }.render().unwrap()
}

fn act(name: &str, by: &str) -> docket::Act {
    docket::Act {
        chain: "eservice/justice".into(),
        sequence: 17,
        time_us: NOW,
        act: name.into(),
        agency: "justice".into(),
        actor: vec![3; 16],
        actor_name: by.into(),
        subject: vec![4; 16],
        number: "justice-2026-17".into(),
        service: "marriage-certificate-copy".into(),
        has_purpose: true,
        purpose: HOSTILE.into(),
        detail: r#"{"office":"nukus","reasoned":true,"amount":4120000,"currency":"UZS","until":0,"difference":4130000,
            "received":"2026-11-24T04:30:00Z","by":{"person":true,"actor":false}}"#
            .into(),
        hash: vec![9; 32],
        ..Default::default()
    }
}

pub fn found(f: Frame) -> String {
    let acts = vec![act("case.opened", HOSTILE), act("payment.finding", "")];
    let found =
        docket::Acts { acts, next: "7.3".into(), behind: vec!["signing".into()], broken: vec!["register".into()] };
    audit::FoundPage { f, sought: sought(), found }.render().unwrap()
}

pub fn one(f: Frame) -> String {
    let told =
        ["act-case-opened", "act-detail-office", "act-detail-reasoned", "act-detail-amount", "act-detail-person"]
            .map(|key| f.t(key));
    let html = audit::ActPage { f, sought: sought(), act: act("case.opened", "Saida Yusupova") }.render().unwrap();
    for words in told {
        assert!(html.contains(&words), "{words}: {html}");
    }
    assert!(!html.contains(">reasoned<") && !html.contains("4120000"), "words, and money as people write it: {html}");
    assert!(!html.contains("4130000") && !html.contains("04:30:00Z"), "a difference is money, a moment a day: {html}");
    assert!(!html.contains(">until<") && !html.contains("act-detail"), "what says nothing is left out: {html}");
    html
}

pub fn kept(f: Frame) -> String {
    let record = |number: &str, held: i64| Record {
        number: number.into(),
        due_us: NOW + DAY,
        held_us: held,
        ordered: held == 0,
        held_until_us: if held == 0 { 0 } else { NOW + DAY },
        held_by: "Shahnoza Ergasheva".into(),
        held_for: HOSTILE.into(),
        waits: "continued".into(),
    };
    let records = Records {
        due: vec![record("justice-2021-17", 0), record("", 0)],
        held: vec![record("justice-2026-18", NOW - DAY)],
        due_count: 2,
        held_count: 1,
        ending_count: 1,
    };
    let order = records::Order { what: "erase".into(), reason: HOSTILE.into(), ..Default::default() };
    records::RecordsPage {
        f,
        agencies: vec![text("justice"), text("interior")],
        agency: "justice".into(),
        services: vec![card()],
        service: "marriage-certificate-copy".into(),
        records,
        order,
        errors: vec![("number", "records-number-missing"), ("basis", "records-basis-wrong")],
        done: "hold".into(),
    }
    .render()
    .unwrap()
}
