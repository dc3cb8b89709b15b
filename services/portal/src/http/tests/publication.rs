//! Plausible data of what a lawyer and a head read and say.

use askama::Template;
use kernel::Language;
use proto::register::v1::{Booklet, Freeing, Proposal, ProposalCard, RevisionChange, Said};

use super::{DAY, HOSTILE, NOW, text};
use crate::http::{
    frame::Frame,
    publication::{ListPage, ProposalPage},
};

fn card(number: u8, missing: &[&str]) -> ProposalCard {
    ProposalCard {
        agency: "justice".into(),
        service: "copy".into(),
        revision: vec![number; 32],
        title: HOSTILE.into(),
        proposed_us: NOW - i64::from(number) * DAY,
        missing: missing.iter().map(|role| text(role)).collect(),
        returned: number == 3,
    }
}

pub fn list(f: Frame) -> String {
    let proposals = vec![card(1, &["lawyer", "head"]), card(2, &[]), card(3, &["head"])];
    let html = ListPage { f, proposals, freeings: freeings(), approves: true, done: text("return") }.render().unwrap();
    assert_eq!(html.matches("name=\"_agency\"").count(), 1, "whoever has agreed is not asked again: {html}");
    html
}

/// One that the officer has agreed to, and one that waits for them.
fn freeings() -> Vec<Freeing> {
    let freeing = |agency: &str, missing: &[&str], role: &str| Freeing {
        agency: agency.into(),
        asked_us: NOW - DAY,
        missing: missing.iter().map(|role| text(role)).collect(),
        role: role.into(),
    };
    vec![freeing("justice", &["lawyer", "head"], "lawyer"), freeing("health", &["head"], "")]
}

pub fn nobody(f: Frame) -> String {
    ListPage { f, proposals: Vec::new(), freeings: Vec::new(), approves: false, done: HOSTILE.into() }.render().unwrap()
}

fn proposal(said: Vec<Said>) -> Proposal {
    let change = |section: &str, item: &str| RevisionChange {
        section: section.into(),
        item: item.into(),
        what: "changed".into(),
        kind: "law".into(),
    };
    let booklet = |language: Language| Booklet { language: language.tag().into(), hash: vec![7; 32], size: 180_000 };
    Proposal {
        card: None,
        effective_from: "2026-12-01".into(),
        change: "law".into(),
        changes: vec![change("fees", HOSTILE), change("", "")],
        untold: 3,
        booklets: Language::ALL.map(booklet).to_vec(),
        said,
        role: "lawyer".into(),
    }
}

fn said(role: &str, approves: bool, own: bool) -> Said {
    let note = if approves { String::new() } else { HOSTILE.into() };
    Said { role: role.into(), approves, note, time_us: NOW, own }
}

/// Nobody has said anything yet that would be taken back.
pub fn open(f: Frame) -> String {
    let page = ProposalPage {
        f,
        card: card(1, &["lawyer"]),
        proposal: proposal(vec![said("head", true, false)]),
        path: "/publication/justice/copy/07".into(),
        typed: String::new(),
        wrong: None,
    };
    let html = page.render().unwrap();
    assert!(html.contains("value=\"approve\"") && !html.contains("value=\"withdraw\""), "{html}");
    html
}

/// Whoever has approved takes that back or sends it back, and is not asked to approve once more.
pub fn spoken(f: Frame) -> String {
    let page = ProposalPage {
        f,
        card: card(3, &["head"]),
        proposal: proposal(vec![said("lawyer", true, true), said("head", false, false)]),
        path: "/publication/justice/copy/07".into(),
        typed: HOSTILE.into(),
        wrong: Some("publication-note-long"),
    };
    let html = page.render().unwrap();
    assert!(!html.contains("value=\"approve\"") && html.contains("value=\"withdraw\""), "{html}");
    html
}
