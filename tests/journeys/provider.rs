//! Everything a payment provider can do wrong, once: money is captured once, or not at all, and always accounted for.

use kernel::CaseId;
use serde_json::json;
use tests::{
    citizen::{Citizen, DUTY},
    officer::Officer,
    platform::Platform,
    shared,
    traces::Traces,
};

use crate::receipts::{CANCELLED, PAID, of_case, repeats_are_identical};

#[test]
fn a_declined_payment_takes_nothing_and_can_be_made_again() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let (case, page) = citizen.apply(&[]).await;
        let page = citizen.pay(&page, "decline", "none").await;
        assert!(page.shows("The payment was declined"), "{}:\n{}", page.url, page.text());
        let traces = Traces::of(&platform);
        traces.money_is(case, &[]).await;
        let page = citizen.visitor.open(&citizen.address(case, "pay")).await;
        citizen.pay(&page, "pay", "none").await;
        granted_and_paid_once(&platform, &mut citizen, case).await;
        let receipts = of_case(&platform, &traces, case).await;
        assert_eq!(receipts.len(), 2, "{receipts:?}");
    });
}

#[test]
fn duplicated_lost_and_reordered_calls_capture_once() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let traces = Traces::of(&platform);
        for failure in ["duplicate", "lost-response", "reordered"] {
            let (case, page) = citizen.apply(&[]).await;
            citizen.pay(&page, "pay", failure).await;
            granted_and_paid_once(&platform, &mut citizen, case).await;
            let receipts = of_case(&platform, &traces, case).await;
            assert_eq!(receipts.len(), 1, "{failure}: {receipts:?}");
            assert_eq!(receipts[0]["state"], PAID, "{failure}: {receipts:?}");
            repeats_are_identical(&receipts);
        }
    });
}

#[test]
fn a_payment_that_completes_late_is_captured_when_it_does() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let (late, page) = citizen.apply(&[]).await;
        let page = citizen.pay(&page, "pay", "late").await;
        assert!(page.shows("Do not pay a second time."), "{}:\n{}", page.url, page.text());
        platform.tell("payme", json!({"complete": true})).await;
        granted_and_paid_once(&platform, &mut citizen, late).await;
    });
}

#[test]
fn a_wrong_key_and_another_amount_move_no_money() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let traces = Traces::of(&platform);
        let (case, mut page) = citizen.apply(&[]).await;
        for failure in ["wrong-key", "other-amount"] {
            citizen.pay(&page, "pay", failure).await;
            traces.money_is(case, &[]).await;
            page = citizen.visitor.open(&citizen.address(case, "pay")).await;
            assert!(page.url.path().ends_with("/pay"), "after {failure} it is still to be paid: {}", page.url);
        }
        let receipts = of_case(&platform, &traces, case).await;
        assert!(receipts.iter().all(|receipt| receipt["state"] == CANCELLED), "{receipts:?}");
        citizen.pay(&page, "pay", "none").await;
        granted_and_paid_once(&platform, &mut citizen, case).await;
    });
}

pub async fn granted_and_paid_once(platform: &Platform, citizen: &mut Citizen, case: CaseId) {
    Officer::of(platform, "registrar-tashkent").await.decide(case, "approve", &[]).await;
    citizen.until(case, "", |page| page.html.contains("/documents/")).await;
    let traces = Traces::of(platform);
    traces.nothing_is_left(case, "granted").await;
    traces.money_is(case, &[("justice", DUTY)]).await;
}
