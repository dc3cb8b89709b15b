//! Databases that were restored to different moments: what they disagree about is listed before anybody is served, and every
//! case goes on to its end; nobody pays twice and no two documents of a case count.

use std::time::Instant;

use kernel::CaseId;
use tests::{
    backup::{Backup, disagreements, end, lost_by_the_e_services},
    citizen::{Citizen, DUTY, answered, case_of},
    officer::Officer,
    platform::{Manner, Platform},
    shared, terminal,
    traces::Traces,
};

use crate::{
    erased::{ERASED, erased_everywhere},
    unreadable::order_erasure,
};

/// Agencies of the examples that have e-services.
const HOSTING: usize = 3;
const NUMBER: &str = "SELECT coalesce(number, '') FROM cases WHERE case_id = $1";
const STATUSES: &str = "SELECT status FROM documents WHERE case_id = $1 ORDER BY status";

/// The e-services' database is the oldest: everybody else remembers what it has lost.
#[test]
fn what_the_e_services_lost_is_listed_and_every_case_goes_on() {
    shared::walk(async {
        let mut platform = Platform::start().await;
        let mut backup = Backup::in_folder(&platform, "backup");
        backup.copy(&platform, &["register", "exchange"]).await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let ended = granted(&mut citizen, &mut officer).await;
        let waiting = citizen.apply_and_pay(&[]).await;
        officer.task(waiting).await;
        let (unpaid, pay_unpaid) = citizen.apply(&[]).await;
        let mut page = citizen.begin().await;
        let draft = case_of(&page.url);
        while !page.has_input("reason.kind") {
            page = citizen.visitor.send(&answered(&page, &[])).await;
        }
        backup.copy(&platform, &["eservice"]).await;
        let traces = Traces::of(&platform);
        // What happens from here on is lost to the e-services, and remembered by whoever is copied after it.
        citizen.pay(&pay_unpaid, "pay", "none").await;
        officer.task(unpaid).await;
        let check = citizen.answer(page, &[]).await;
        citizen.visitor.send(&check.form("/check")).await;
        let pay = citizen.until(draft, "pay", |page| page.url.path().ends_with("/pay")).await;
        citizen.pay(&pay, "pay", "none").await;
        officer.task(draft).await;
        officer.decide(waiting, "approve", &[]).await;
        citizen.until(waiting, "", |page| page.html.contains("/documents/")).await;
        traces.nothing_is_left(waiting, "granted").await;
        backup.copy(&platform, &["notifications", "signing"]).await;
        let lost = citizen.apply_and_pay(&[]).await;
        officer.task(lost).await;
        let given = traces.texts("eservice", lost, NUMBER).await;
        backup.copy(&platform, &["payments", "docket", "identity", "portal"]).await;
        let since = Instant::now();
        assert!(platform.stop().await.success());
        backup.put_back(&platform);
        platform.start_restored("of-today").await;

        everything_is_refused(&mut citizen, draft).await;
        lost_by_the_e_services(disagreements(&platform).await, [draft, unpaid, waiting, lost]);
        end(&mut platform, "of-today", since).await;

        let mut citizen = signed_in_anew(&platform, citizen).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        // It is filled in again, and paid already.
        citizen.finish(draft).await;
        for case in [draft, unpaid, waiting] {
            officer.decide(case, "approve", &[]).await;
            citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        }
        for case in [draft, unpaid, waiting, ended] {
            traces.nothing_is_left(case, "granted").await;
            traces.money_is(case, &[("justice", DUTY)]).await;
        }
        assert_eq!(traces.texts("signing", waiting, STATUSES).await, ["superseded", "valid"]);
        traces.money_is(lost, &[]).await;
        let anew = citizen.apply_and_pay(&[]).await;
        assert_ne!(traces.texts("eservice", anew, NUMBER).await, given, "a number that was given is not given again");
        officer.decide(anew, "approve", &[]).await;
        traces.nothing_is_left(anew, "granted").await;
        chains_hold(&platform).await;
        assert!(platform.stop().await.success());
    });
}

/// Payments and signing are older than the e-services: what cases have of them is gone.
#[test]
fn what_payments_and_signing_lost_is_listed_and_asked_for_again() {
    shared::walk(async {
        let mut platform = Platform::start().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let before = granted(&mut citizen, &mut officer).await;
        let traces = Traces::of(&platform);
        traces.nothing_is_left(before, "granted").await;
        let mut backup = Backup::in_folder(&platform, "backup");
        backup.copy(&platform, &["payments", "signing"]).await;
        let (unpaid, _) = citizen.apply(&[]).await;
        let after = granted(&mut citizen, &mut officer).await;
        traces.nothing_is_left(after, "granted").await;
        let printed = traces.texts("signing", after, "SELECT number FROM documents WHERE case_id = $1").await;
        let since = Instant::now();
        assert!(platform.stop().await.success());
        backup.put_back(&platform);
        platform.start_restored("of-today").await;

        let mut found = disagreements(&platform).await;
        assert_eq!(
            found.remove(&None),
            // Each agency's e-services read payments' log for themselves.
            Some(vec!["recovery.consumer-ahead".to_owned(); HOSTING]),
            "of payments, at the e-services"
        );
        assert_eq!(found.remove(&Some(unpaid)), Some(vec!["recovery.payment-lost".to_owned()]));
        let gone = vec!["recovery.capture-lost".to_owned(), "recovery.document-lost".to_owned()];
        assert_eq!(found.remove(&Some(after)), Some(gone));
        assert!(found.is_empty(), "{found:?}");
        end(&mut platform, "of-today", since).await;

        let mut citizen = signed_in_anew(&platform, citizen).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let pay = citizen.until(unpaid, "pay", |page| page.url.path().ends_with("/pay")).await;
        citizen.pay(&pay, "pay", "none").await;
        officer.decide(unpaid, "approve", &[]).await;
        for case in [unpaid, before] {
            traces.nothing_is_left(case, "granted").await;
            traces.money_is(case, &[("justice", DUTY)]).await;
            assert_eq!(traces.texts("signing", case, STATUSES).await, ["valid"]);
        }
        let number = traces.texts("signing", unpaid, "SELECT number FROM documents WHERE case_id = $1").await;
        assert_ne!(number, printed, "what was printed on a lost document is not printed on another");
        chains_hold(&platform).await;
        assert!(platform.stop().await.success());
    });
}

/// The e-services and signing are older than an erasure: what was erased is erased again, by its order and by whoever follows it.
#[test]
fn what_was_erased_after_the_copies_is_listed_and_erased_again() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, ..Manner::default() };
        let mut platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let case = granted(&mut citizen, &mut officer).await;
        let traces = Traces::of(&platform);
        traces.nothing_is_left(case, "granted").await;
        let mut backup = Backup::in_folder(&platform, "backup");
        backup.copy(&platform, &["eservice", "signing"]).await;
        let number = traces.texts("eservice", case, NUMBER).await.remove(0);
        let told = order_erasure(&platform, &number).await;
        assert!(told.contains("The case is erased a day after its last change."), "{told}");
        platform.advance(26 * 3600).await;
        erased_everywhere(&traces, &[case]).await;
        let since = Instant::now();
        assert!(platform.stop().await.success());
        backup.put_back(&platform);
        platform.start_restored("of-today").await;

        let mut found = disagreements(&platform).await;
        let readers = found.remove(&None).unwrap_or_default();
        assert!(readers.iter().all(|code| code == "recovery.consumer-ahead"), "{readers:?}");
        assert_eq!(found.remove(&Some(case)), Some(vec!["recovery.erasure-undone".to_owned()]));
        assert!(found.is_empty(), "{found:?}");
        end(&mut platform, "of-today", since).await;

        erased_everywhere(&traces, &[case]).await;
        let mut citizen = signed_in_anew(&platform, citizen).await;
        let page = citizen.visitor.open(&citizen.address(case, "")).await;
        assert!(page.status == 404 && page.shows(ERASED) && page.shows("an earlier erasure"), "{}", page.text());
        traces.money_is(case, &[("justice", DUTY)]).await;
        chains_hold(&platform).await;
        assert!(platform.stop().await.success());
    });
}

async fn granted(citizen: &mut Citizen, officer: &mut Officer) -> CaseId {
    let case = citizen.apply_and_pay(&[]).await;
    officer.decide(case, "approve", &[]).await;
    citizen.until(case, "", |page| page.html.contains("/documents/")).await;
    case
}

/// Nobody is served; everybody is told, in their language.
async fn everything_is_refused(citizen: &mut Citizen, case: CaseId) {
    for address in [citizen.address(case, ""), citizen.portal.clone(), format!("{}/officer", citizen.portal)] {
        let page = citizen.visitor.open(&address).await;
        assert_eq!(page.status.as_u16(), 503, "{address}:\n{}", page.text());
        assert!(page.shows("The services are being restored"), "{}", page.text());
    }
    for address in ["identity/authorize", "callback/payme"] {
        let page = citizen.visitor.open(&format!("{}/{address}", citizen.portal)).await;
        assert_eq!(page.status.as_u16(), 503, "{address}:\n{}", page.text());
    }
}

/// Whoever was signed in is not any more.
async fn signed_in_anew(platform: &Platform, mut before: Citizen) -> Citizen {
    let page = before.visitor.open(&format!("{}/applications", before.portal)).await;
    assert!(!page.url.path().starts_with("/applications"), "still signed in: {}", page.url);
    Citizen::sign_in(platform, "botir", "en").await
}

async fn chains_hold(platform: &Platform) {
    let told = terminal::as_administrator(platform, &["audit", "verify"], "").await;
    assert!(told.contains("payments") && !told.contains("BROKEN"), "{told}");
}
