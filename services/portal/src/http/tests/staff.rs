//! Plausible data of an administrator's pages.

use askama::Template;
use proto::identity::v1::{Appointment, StaffMember, Substitute};

use super::{DAY, HOSTILE, NOW, text};
use crate::http::{
    frame::Frame,
    pages::Pages,
    staff::{Agency, InvitePage, InvitedPage, ListPage, MemberPage, Office},
};

fn agency() -> Agency {
    let office = Office { name: "yunusobod".into(), title: "Yunusobod tumani FHDYO boʻlimi".into() };
    Agency { name: "justice".into(), title: "Adliya vazirligi".into(), offices: vec![office] }
}

fn held(office: &str, role: &str, to_us: i64) -> Appointment {
    Appointment { agency: "justice".into(), office: office.into(), role: role.into(), from_us: NOW - 9 * DAY, to_us }
}

fn member(number: u8, name: &str) -> StaffMember {
    StaffMember {
        person: vec![number; 16],
        display_name: name.into(),
        appointments: vec![held("yunusobod", "registrar", 0), held("", "lead", NOW - DAY)],
        ..Default::default()
    }
}

pub fn list(f: Frame) -> String {
    let members = vec![
        StaffMember { own: true, appointments: vec![held("", "administrator", 0)], ..member(1, "Kamola Ergasheva") },
        member(2, "Saida Yusupova"),
        StaffMember { invited: true, ..member(3, HOSTILE) },
    ];
    let agencies = vec![text("health"), text("justice")];
    let page = ListPage {
        f,
        agencies,
        agency: Some(agency()),
        members,
        unstaffed: Some(super::officer::unstaffed()),
        pages: Pages::of("/staff?agency=justice", "0a", "0b"),
        now: NOW,
    };
    let html = page.render().unwrap();
    assert!(html.contains("justice-2026-41"), "who gives roles sees where one is missing: {html}");
    html
}

pub fn nobody(f: Frame) -> String {
    let (members, pages) = (vec![], Pages::default());
    ListPage { f, agencies: vec![], agency: None, members, unstaffed: None, pages, now: NOW }.render().unwrap()
}

pub fn invite(f: Frame) -> String {
    let typed = vec![(text("_name"), HOSTILE.into()), (text("_office"), text("yunusobod"))];
    let html = InvitePage { f, agency: agency(), typed, wrong: Some("staff-wrong-pinfl") }.render().unwrap();
    assert!(html.contains("value=\"yunusobod\" selected"), "{html}");
    html
}

pub fn invited(f: Frame) -> String {
    let invitation = "https://my.example/identity/invitation/a1b2c3".into();
    InvitedPage { f, agency: "justice".into(), name: HOSTILE.into(), invitation }.render().unwrap()
}

pub fn officer(f: Frame) -> String {
    let substitute =
        Substitute { person: vec![4; 16], display_name: "Botir Aliyev".into(), from_us: NOW, to_us: NOW + 14 * DAY };
    let page = MemberPage {
        f,
        agency: agency(),
        member: StaffMember { substitutes: vec![substitute], ..member(2, HOSTILE) },
        others: vec![member(4, "Botir Aliyev")],
        now: NOW,
        done: true,
        typed: vec![(text("_role"), HOSTILE.into())],
        wrong: Some(("roles", "staff-wrong-role")),
    };
    let html = page.render().unwrap();
    assert_eq!(html.matches("value=\"end-role\"").count(), 1, "what is over is not ended again: {html}");
    html
}

/// Nobody is offered to change their own access; to name who stands in for them, they are.
pub fn oneself(f: Frame) -> String {
    let page = MemberPage {
        f,
        agency: agency(),
        member: StaffMember { own: true, ..member(1, "Kamola Ergasheva") },
        others: vec![member(4, "Botir Aliyev")],
        now: NOW,
        done: true,
        typed: vec![],
        wrong: None,
    };
    let html = page.render().unwrap();
    for act in ["end-role", "give", "end"] {
        assert!(!html.contains(&format!("value=\"{act}\"")), "{act}: {html}");
    }
    assert!(html.contains("value=\"substitute\""), "{html}");
    html
}
