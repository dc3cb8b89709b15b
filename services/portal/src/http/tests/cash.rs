//! Plausible data of the counter's pages.

use askama::Template;
use proto::payments::v1 as payments;

use super::{HOSTILE, NOW, visitor::sum};
use crate::http::{
    cash::{CashPage, CashReceiptPage, Typed},
    frame::Frame,
};

fn taken(reversed: bool) -> payments::CashTaken {
    payments::CashTaken {
        attempt: vec![1; 16],
        intent: vec![2; 16],
        number: "justice-2026-17".into(),
        service: "marriage-certificate-copy".into(),
        amount: Some(sum()),
        time_us: NOW,
        receipt: "justice-2026-R17".into(),
        reversed,
    }
}

fn shift(own: bool) -> payments::Shift {
    payments::Shift {
        shift: vec![3; 16],
        office: "yunusobod".into(),
        own,
        countable: !own,
        reversible: !own,
        counts: i32::from(!own),
        opened_us: NOW,
        change: Some(sum()),
        taken: vec![taken(false), taken(true)],
        expected: Some(sum()),
        ..Default::default()
    }
}

fn page(f: Frame, till: payments::Till, (term, done, wrong): (&str, &str, &str)) -> String {
    let agencies = vec!["justice".to_owned(), "health".to_owned()];
    let (term, done, wrong) = (term.to_owned(), done.to_owned(), wrong.to_owned());
    let typed = Typed::default();
    CashPage { f, agency: "justice".into(), agencies, term, done, wrong, typed, till }.render().unwrap()
}

/// Whoever answers for the office counts for a colleague and is refused; what was typed stands there again.
pub fn refused(f: Frame) -> String {
    let typed = Typed {
        part: "count",
        of: crate::http::frame::hex(&[3; 16]),
        sum: HOSTILE.into(),
        reason: HOSTILE.into(),
        ..Typed::default()
    };
    let shift = payments::Shift { reversible: false, counted_own: true, ..shift(false) };
    let till = payments::Till { shifts: vec![shift], ..Default::default() };
    let (agency, agencies, wrong) = ("justice".into(), vec!["justice".to_owned()], "till-why".into());
    let (term, done) = (String::new(), String::new());
    let html = CashPage { f, agency, agencies, term, done, wrong, typed, till }.render().unwrap();
    let field = "count-03030303030303030303030303030303-reason";
    assert!(html.contains(&format!("href=\"#{field}\"")) && html.contains(&format!("id=\"{field}\"")), "{html}");
    assert_eq!(html.matches("alert(1)").count(), 2, "what was typed is kept: {html}");
    assert!(!html.contains("action=\"/cash/reversals\""), "who only answers for an office gives no cash back: {html}");
    html
}

/// A shift that is open, beside a colleague's.
pub fn counter(f: Frame) -> String {
    let due = payments::DuePayment {
        intent: vec![2; 16],
        number: "justice-2026-18".into(),
        service: "marriage-certificate-copy".into(),
        fee: "duty".into(),
        amount: Some(sum()),
    };
    let cash = payments::OfficeCash { office: "yunusobod".into(), amount: Some(sum()) };
    let (offices, shifts) = (vec!["yunusobod".to_owned()], vec![shift(true), shift(false)]);
    let till = payments::Till { offices, shifts, due: vec![due], cash: vec![cash] };
    let html = page(f, till, (HOSTILE, "reversed", "till-reason"));
    assert_eq!(html.matches("action=\"/cash/reversals\"").count(), 1, "nobody gives back what they took: {html}");
    html
}

/// Nobody counts a colleague's till on the day of their shift.
pub fn before(f: Frame) -> String {
    let today = payments::Shift { countable: false, reversible: false, ..shift(false) };
    let till = payments::Till { offices: vec!["yunusobod".into()], shifts: vec![today], ..Default::default() };
    let html = page(f, till, ("", "closed", ""));
    assert!(!html.contains("action=\"/cash/counts\""), "{html}");
    html
}

pub fn receipt(f: Frame) -> String {
    let (agency, office) = ("justice".into(), "yunusobod".into());
    CashReceiptPage { f, agency, office, taken: taken(false) }.render().unwrap()
}
