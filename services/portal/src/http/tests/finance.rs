//! Plausible data of a finance officer's pages.

use askama::Template;
use proto::payments::v1 as payments;

use super::{DAY, HOSTILE, NOW, text, visitor::sum};
use crate::http::{
    finance::{
        DayPage, DaysPage, FinancePage, PaymentPage, PaymentsPage, REASONS, RefundsPage, Search, Seat, SettlementPage,
        Told,
    },
    frame::Frame,
    pages::Pages,
};

fn seat(here: &'static str) -> Seat {
    let agencies = vec![text("justice"), text("platform")];
    Seat { officer: "Zulfiya Hamidova".into(), agencies, agency: "justice".into(), here }
}

fn told(done: &str, wrong: &str) -> Told {
    Told { done: done.into(), wrong: wrong.into() }
}

fn instruction(own: bool) -> payments::Instruction {
    payments::Instruction {
        instruction: vec![1; 16],
        kind: "attach".into(),
        agency: "justice".into(),
        intent: vec![2; 16],
        number: "justice-2026-17".into(),
        service: "marriage-certificate-copy".into(),
        target: vec![3; 16],
        target_number: "justice-2026-18".into(),
        amount: Some(sum()),
        reason: "new-application".into(),
        note: HOSTILE.into(),
        asked_us: NOW,
        own,
        state: "waiting".into(),
        lapses_us: NOW + 30 * DAY,
    }
}

pub fn waiting(f: Frame) -> String {
    let fitting = payments::FittingPayment {
        intent: vec![3; 16],
        number: "justice-2026-18".into(),
        service: "marriage-certificate-copy".into(),
        amount: Some(sum()),
    };
    let item = |instructed: bool| payments::SuspenseItem {
        suspense: vec![4; 16],
        agency: "justice".into(),
        intent: vec![2; 16],
        number: "justice-2026-17".into(),
        service: "marriage-certificate-copy".into(),
        provider: "payme".into(),
        transaction: HOSTILE.into(),
        amount: Some(sum()),
        reason: "expired".into(),
        since_us: NOW,
        returns_us: NOW + DAY,
        fitting: vec![fitting.clone()],
        instructed,
    };
    let page = FinancePage {
        f,
        seat: seat("waiting"),
        told: told("asked", ""),
        instructions: vec![instruction(false), instruction(true)],
        more: true,
        lapsed: vec![instruction(true)],
        items: vec![item(false), item(true), item(false)],
        pages: Pages::of("/finance?agency=justice", "", "5.6"),
        reasons: REASONS,
    };
    let html = page.render().unwrap();
    assert_eq!(html.matches("value=\"confirmed\"").count(), 1, "nobody confirms what they asked for: {html}");
    assert_eq!(html.matches("name=\"_suspense\"").count(), 2, "what waits for a second person is not asked for again");
    html
}

pub fn refunds(f: Frame) -> String {
    let order = Some(payments::PaymentOrder { number: "118-7".into(), date: "2026-11-24".into() });
    let refund = |own: bool, order: Option<payments::PaymentOrder>| payments::WaitingRefund {
        refund: vec![5; 16],
        number: "justice-2026-17".into(),
        service: "marriage-certificate-copy".into(),
        amount: Some(sum()),
        reason: HOSTILE.into(),
        booked_us: NOW,
        provider: "payme".into(),
        transaction: "t1".into(),
        order,
        own,
    };
    let refunds = vec![refund(false, None), refund(false, order.clone()), refund(true, order)];
    let told = told("", "order-differs");
    let refused = vec![payments::RefusedRefund {
        intent: vec![2; 16],
        number: "justice-2026-18".into(),
        service: "marriage-certificate-copy".into(),
        amount: Some(sum()),
        code: "payment.unknown-provider".into(),
        refused_us: NOW,
    }];
    let (more, seat) = (f.t("finance-more"), seat("refunds"));
    let page = RefundsPage { f, seat, told, refunds, more: true, refused, more_refused: true, not_treasurer: false };
    let html = page.render().unwrap();
    assert_eq!(html.matches(&more).count(), 2, "neither list is cut without a word: {html}");
    for retries in ["/officer/stuck?agency=justice", "xizmat cases retry justice-2026-18", "payment.unknown-provider"] {
        assert!(html.contains(retries), "where it is tried again, and why it has to be: {html}");
    }
    assert_eq!(html.matches("value=\"confirm\"").count(), 1, "{html}");
    assert_eq!(html.matches("118-7").count(), 1, "the second person copies the order from the document: {html}");
    html
}

fn row() -> payments::PaymentRow {
    payments::PaymentRow {
        intent: vec![2; 16],
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        number: "justice-2026-17".into(),
        state: "captured".into(),
        amount: Some(sum()),
        created_us: NOW - DAY,
        captured_us: NOW,
        provider: "payme".into(),
        transaction: HOSTILE.into(),
        refunded: None,
    }
}

pub fn payments(f: Frame) -> String {
    let page = PaymentsPage {
        f,
        seat: seat("payments"),
        told: Told::default(),
        search: Search { term: HOSTILE.into(), amount: "x".into(), ..Search::default() },
        found: Some(vec![row()]),
        wrong_amount: true,
        too_little: false,
        pages: Pages::default(),
        csv: "/finance/payments.csv?agency=justice".into(),
    };
    page.render().unwrap()
}

/// An amount, and nothing that says which of the payments of that amount is meant.
pub fn payments_by_amount(f: Frame) -> String {
    let page = PaymentsPage {
        f,
        seat: seat("payments"),
        told: Told::default(),
        search: Search { amount: "41200".into(), ..Search::default() },
        found: None,
        wrong_amount: false,
        too_little: true,
        pages: Pages::default(),
        csv: "/finance/payments.csv?agency=justice".into(),
    };
    let html = page.render().unwrap();
    assert!(html.contains("href=\"#from\""), "the summary leads to what is missing: {html}");
    html
}

pub fn payment(f: Frame) -> String {
    let attempt = payments::AttemptView {
        provider: "payme".into(),
        transaction: "t1".into(),
        state: "paid".into(),
        amount: Some(sum()),
        created_us: NOW,
        paid_us: NOW,
    };
    let refund = payments::RefundView {
        amount: Some(sum()),
        state: "settled".into(),
        reason: "paid-twice".into(),
        booked_us: NOW,
        settled_us: NOW,
        receipt: "justice-2026-R18".into(),
    };
    let posting = payments::PostingView {
        debit: "provider-clearing:payme".into(),
        credit: "agency:justice".into(),
        amount: Some(sum()),
        kind: "captured".into(),
        time_us: NOW,
    };
    let record = payments::PaymentRecord {
        payment: Some(row()),
        fee: "duty".into(),
        attempts: vec![attempt],
        refunds: vec![refund],
        postings: vec![posting],
        left: Some(sum()),
        waiting: None,
        receipt: "justice-2026-R17".into(),
    };
    let (told, action) = (told("", "note"), "/finance/payments/justice/02".to_owned());
    PaymentPage { f, seat: seat("payments"), told, record, payment: row(), action, reasons: REASONS }.render().unwrap()
}

pub fn settlement(f: Frame) -> String {
    let line = |beneficiary: &str, rate: &str| payments::SettlementLine {
        day: "2026-11-24".into(),
        agency: "justice".into(),
        beneficiary: beneficiary.into(),
        provider: "payme".into(),
        payments: 3,
        gross: Some(sum()),
        rate: rate.into(),
        fee: Some(sum()),
        net: Some(sum()),
        refunds: Some(sum()),
    };
    let lines = vec![line("justice", "1.5"), line("land", "")];
    let (from, to, csv) = ("2026-11-24".into(), "2026-11-24".into(), "/finance/settlement.csv".into());
    let pages = Pages::of("/finance/settlement?agency=justice", "", "2026-11-24!justice!land!payme");
    SettlementPage { f, seat: seat("settlement"), from, to, lines, pages, csv }.render().unwrap()
}

fn closing(difference: i64) -> payments::Closing {
    let line = payments::ClosingLine {
        account: "provider-clearing:payme".into(),
        currency: "UZS".into(),
        debits: 4_120_000,
        credits: 0,
        balance: -4_120_000,
    };
    payments::Closing {
        day: "2026-11-24".into(),
        lines: vec![line],
        postings: 4,
        payments: 2,
        refunds: 1,
        difference,
        previous: vec![8; 32],
        hash: vec![9; 32],
        closed_us: NOW,
        follows: difference == 0,
    }
}

pub fn days(f: Frame) -> String {
    let pages = Pages::of("/finance/days?agency=justice", "", "2026-11-24");
    DaysPage { f, seat: seat("days"), days: vec![closing(0), closing(5)], pages }.render().unwrap()
}

pub fn day(f: Frame) -> String {
    DayPage { f, seat: seat("days"), closing: closing(5) }.render().unwrap()
}
