//! A fee that drops when a returned form is corrected: what was paid above it is owed at once. The provider reverses a whole
//! payment; a part it cannot give back, and two treasurers say by which payment order that was paid.

use std::collections::BTreeMap;

use kernel::{CaseId, Clock};
use tests::{
    citizen::{Citizen, DUTY},
    officer::Officer,
    platform::{Manner, Platform, repository},
    shared,
    terminal::as_officer,
    traces::Traces,
};

use crate::{
    erased::chains_hold,
    receipts::{CANCELLED, of_case},
    watch::copy,
};

const DEFINITION: &str = "justice/marriage-certificate-copy/service.yaml";
const FEE: &str = "amount: percent(ref.bhm, '10')";
/// A copy for one that was not lost is cheaper, and one for use abroad is free.
const DROPPING: &str = "amount: \"data.reason.kind == 'lost' ? percent(ref.bhm, '10') : \
                        (data.reason.kind == 'abroad' ? money('0') : percent(ref.bhm, '4'))\"";
const CHEAPER: i64 = DUTY / 10 * 4;

#[test]
fn a_fee_that_drops_on_correction_goes_back_and_two_treasurers_settle_what_the_provider_cannot() {
    shared::walk(async {
        let platform = with_a_fee_that_can_drop().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        corrected(&mut citizen, &mut officer, case, "damaged").await;
        citizen.until_told(case, "Refund begun").await;
        assert_eq!(traces.balances(case).await, money(&[("agency:justice", CHEAPER), (PAYABLE, DUTY - CHEAPER)]));
        two_treasurers_settle(&platform, &traces, case).await;
        citizen.until_told(case, "Money returned").await;
        officer.decide(case, "approve", &[]).await;
        citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        traces.nothing_is_left(case, "granted").await;
        let settled = [("agency:justice", CHEAPER), ("treasury:justice", DUTY - CHEAPER)];
        assert_eq!(traces.balances(case).await, money(&settled));
        let intents = "SELECT state FROM intent WHERE case_id = $1 ORDER BY created_us";
        assert_eq!(traces.texts("payments", case, intents).await, ["captured", "waived"]);
        assert_eq!(traces.count("payments", case, REFUNDS).await, 1, "once");
        the_provider_gives_back_what_became_free(&platform, &traces, &mut citizen, &mut officer).await;
        traces.outboxes_drain().await;
        chains_hold(&platform);
    });
}

async fn with_a_fee_that_can_drop() -> Platform {
    let folder = tempfile::tempdir().expect("a folder");
    let definitions = folder.path().join("definitions");
    copy(&repository().join("examples"), &definitions);
    let text = std::fs::read_to_string(definitions.join(DEFINITION)).expect("copied");
    assert!(text.contains(FEE));
    std::fs::write(definitions.join(DEFINITION), text.replacen(FEE, DROPPING, 1)).expect("the folder can be written");
    Platform::start_as(folder, Manner { watched: Some(definitions), ..Manner::default() }).await
}

/// The whole payment, without anybody's hand.
async fn the_provider_gives_back_what_became_free(
    platform: &Platform,
    traces: &Traces,
    citizen: &mut Citizen,
    officer: &mut Officer,
) {
    let case = citizen.apply_and_pay(&[]).await;
    corrected(citizen, officer, case, "abroad").await;
    citizen.until_told(case, "Money returned").await;
    traces.money_is(case, &[]).await;
    assert_eq!(of_case(platform, traces, case).await[0]["state"], CANCELLED, "the provider's own reversal");
    officer.decide(case, "approve", &[]).await;
    citizen.until(case, "", |page| page.html.contains("/documents/")).await;
    traces.nothing_is_left(case, "granted").await;
    assert_eq!(traces.count("payments", case, REFUNDS).await, 1, "once");
}

async fn corrected(citizen: &mut Citizen, officer: &mut Officer, case: CaseId, reason: &str) {
    let marks = [("_mark:reason.kind", "yes"), ("_why:reason.kind", "The old certificate was found.")];
    officer.decide(case, "return", &marks).await;
    let page = citizen.until_told(case, "Needs correction").await;
    let question = citizen.visitor.link(&page, "/pages/").await;
    assert!(question.shows("The old certificate was found."), "{}", question.text());
    let check = citizen.answer(question, &[("reason.kind", reason)]).await;
    let sent = citizen.visitor.send(&check.form("/check")).await;
    assert!(sent.url.path().ends_with("/confirmation"), "nothing is to be paid: {}\n{}", sent.url, sent.text());
}

async fn two_treasurers_settle(platform: &Platform, traces: &Traces, case: CaseId) {
    let number = traces.texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await.remove(0);
    let refused = as_officer(platform, "registrar-nukus", &["money", "refunds"]).await;
    assert!(refused.contains("payment.unknown-refund") && !refused.contains(&number), "{refused}");
    let list = as_officer(platform, "chief-accountant", &["money", "refunds"]).await;
    let line = list.lines().find(|line| line.contains(&number)).unwrap_or_else(|| panic!("{number} in {list}"));
    assert!(line.contains("24720.00 UZS") && line.contains("to be paid"), "{line}");
    assert!(!line.contains("Aliyev") && !line.contains("Botir"), "{line}");
    let refund = line.split_whitespace().next().expect("an id");
    let today = today_in_tashkent();
    let order = ["--order", "118", "--date", &today];
    let command = |what: &'static str| [&["money", what, refund], order.as_slice()].concat();
    let entered = as_officer(platform, "treasurer", &command("settle-refund")).await;
    assert!(entered.contains("another treasurer has to confirm it"), "{entered}");
    let alone = as_officer(platform, "treasurer", &command("confirm-refund")).await;
    assert!(alone.contains("payment.second-person"), "one alone does not settle: {alone}");
    assert_eq!(traces.balances(case).await, money(&[("agency:justice", CHEAPER), (PAYABLE, DUTY - CHEAPER)]));
    let confirmed = as_officer(platform, "chief-accountant", &command("confirm-refund")).await;
    assert!(confirmed.contains("24720.00 UZS settled"), "{confirmed}");
    let open = "SELECT count(*) FROM finding WHERE repaired = 0 AND closed_us = 0";
    assert_eq!(traces.total("payments", open).await, 0, "the finding is closed");
}

const REFUNDS: &str = "SELECT count(*) FROM refund JOIN intent USING (intent) WHERE case_id = $1";
const PAYABLE: &str = "platform:refunds-payable";

/// Balances; whatever was paid, the provider owes.
fn money(kept: &[(&str, i64)]) -> BTreeMap<String, i64> {
    let mut expected: BTreeMap<String, i64> =
        kept.iter().map(|(account, amount)| ((*account).to_owned(), *amount)).collect();
    expected.insert("provider-clearing:payme".to_owned(), -DUTY);
    expected
}

/// Today in Tashkent, where payment orders are dated.
fn today_in_tashkent() -> String {
    let ahead = std::time::Duration::from_secs(5 * 3_600);
    boot::SystemClock::default().now().plus(ahead).to_string().chars().take(10).collect()
}
