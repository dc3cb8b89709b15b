//! Each kind of disagreement is found, and nothing is found where services agree or one of them only has something to catch up.

use kernel::{CaseId, IntentId};
use proto::{KnownCase, KnownSeal, KnownThing, LogPosition, RecoveryPage};

use super::{
    ask::{Knowledge, Known},
    compare::{self, Disagreement},
    meaning,
};

fn case(version: i64, phase: &str, things: &[(&str, u8, &str)]) -> Option<KnownCase> {
    let thing = |(kind, id, state): &(&str, u8, &str)| KnownThing {
        kind: (*kind).to_owned(),
        id: IntentId::from_bytes([*id; 16]).to_vec(),
        state: (*state).to_owned(),
        // Of an action: what it asks for.
        name: (*state).to_owned(),
        amount: None,
    };
    Some(KnownCase {
        case_id: id(),
        agency: "justice".into(),
        service: "copy".into(),
        number: "JUS-2026-000001".into(),
        version,
        phase: phase.into(),
        things: things.iter().map(thing).collect(),
    })
}

fn id() -> Vec<u8> {
    CaseId::from_bytes([7; 16]).to_vec()
}

fn found(known: Known) -> Vec<Disagreement> {
    let knowledge = Knowledge { cases: [(id(), known)].into(), ..Knowledge::default() };
    compare::all(&knowledge)
}

fn codes(known: Known) -> Vec<&'static str> {
    found(known).into_iter().map(|one| one.code).collect()
}

#[test]
fn services_that_agree_or_have_something_to_catch_up_disagree_about_nothing() {
    let whole = [("intent", 1, "captured"), ("document", 2, "valid")];
    let agreed = Known {
        eservice: case(9, "ended", &whole),
        docket: case(8, "running", &[]),
        payments: case(0, "", &[("intent", 1, "captured"), ("ending", 0, "")]),
        signing: case(0, "", &[("document", 2, "valid")]),
        notifications: case(0, "", &[]),
    };
    assert!(found(agreed).is_empty());
    let nothing_to_pay = [("intent", 1, "waived"), ("intent", 2, "expired")];
    assert_eq!(codes(Known { eservice: case(3, "running", &nothing_to_pay), ..Known::default() }), [""; 0]);
    let erased = Known { eservice: case(9, "erased", &[]), payments: case(0, "", &whole[..1]), ..Known::default() };
    assert_eq!(codes(erased), [""; 0], "what is kept of an erased case is no disagreement");
}

#[test]
fn a_case_that_others_saw_further_is_listed_with_what_they_have_of_it() {
    let known = Known {
        eservice: case(3, "draft", &[]),
        docket: case(9, "ended", &[]),
        payments: case(0, "", &[("intent", 1, "captured"), ("ending", 0, "")]),
        signing: case(0, "", &[("document", 2, "valid")]),
        notifications: None,
    };
    let expected =
        ["recovery.case-ahead", "recovery.payment-unknown", "recovery.ending-unknown", "recovery.document-unknown"];
    assert_eq!(codes(known), expected);
}

#[test]
fn a_case_that_was_erased_after_the_copy_is_named_and_nothing_that_is_kept_of_it_is_taken_for_lost() {
    let whole = [("intent", 1, "captured"), ("document", 2, "valid")];
    let kept = |eservice| Known {
        eservice,
        docket: case(0, "erased", &[]),
        payments: case(0, "", &[("intent", 1, "captured"), ("ending", 0, "")]),
        signing: case(0, "", &[("document", 2, "valid")]),
        notifications: None,
    };
    assert_eq!(codes(kept(case(9, "ended", &whole))), ["recovery.erasure-undone"]);
    assert_eq!(codes(kept(case(9, "erased", &[]))), [""; 0]);
    let gone = found(kept(None));
    let [one] = gone.as_slice() else { panic!("no money goes back: {gone:?}") };
    assert_eq!((one.code, one.number.as_str()), ("recovery.erasure-undone", "JUS-2026-000001"));
    let thrown = Known { eservice: case(2, "draft", &[]), docket: case(0, "erased", &[]), ..Known::default() };
    assert_eq!(codes(thrown), [""; 0], "who threw it away does so again");
}

#[test]
fn what_the_case_asks_again_under_the_same_id_is_told_apart() {
    let asks = [("action", 8, "create-intent"), ("action", 9, "issue-document")];
    let known = Known {
        eservice: case(3, "running", &asks),
        payments: case(0, "", &[("intent", 1, "captured")]),
        signing: case(0, "", &[("document", 2, "valid")]),
        ..Known::default()
    };
    assert_eq!(codes(known), ["recovery.payment-asked-again", "recovery.document-asked-again"]);
}

#[test]
fn what_a_case_has_and_its_owner_lost_is_listed() {
    let has = [("intent", 1, "open"), ("intent", 2, "captured"), ("intent", 3, "captured"), ("document", 4, "valid")];
    let known = Known {
        eservice: case(9, "running", &has),
        payments: case(0, "", &[("intent", 3, "open")]),
        ..Known::default()
    };
    let expected =
        ["recovery.capture-lost", "recovery.payment-lost", "recovery.capture-lost", "recovery.document-lost"];
    assert_eq!(codes(known), expected);
    let untold = Known {
        eservice: case(9, "running", &[("intent", 1, "open")]),
        payments: case(0, "", &[("intent", 1, "captured")]),
        ..Known::default()
    };
    assert_eq!(codes(untold), ["recovery.payment-untold"]);
}

#[test]
fn a_case_that_its_e_service_lost_is_named_as_its_witnesses_know_it() {
    let known = Known {
        docket: case(5, "running", &[]),
        payments: case(0, "", &[("intent", 1, "captured")]),
        signing: case(0, "", &[("document", 2, "valid")]),
        ..Known::default()
    };
    let found = found(known);
    let codes: Vec<&str> = found.iter().map(|one| one.code).collect();
    assert_eq!(codes, ["recovery.case-lost", "recovery.payment-without-case", "recovery.document-unknown"]);
    assert!(found.iter().all(|one| one.number == "JUS-2026-000001" && one.service == "copy"), "{found:?}");
    assert_eq!(found[0].what, "no e-service knows it, unlike docket, payments, signing");
}

#[test]
fn of_a_service_that_is_left_out_nothing_is_said_whoever_knows_of_it() {
    let captured = || case(0, "", &[("intent", 1, "captured")]);
    let known = Known { docket: case(5, "ended", &[]), payments: captured(), ..Known::default() };
    let copy = ("justice".to_owned(), "copy".to_owned());
    let mut knowledge = Knowledge {
        cases: [(id(), known)].into(),
        services: [copy.clone(), ("justice".into(), "divorce".into())].into(),
        ..Knowledge::default()
    };
    knowledge.leave(&[("justice".into(), "adoption".into()), ("health".into(), "copy".into())]);
    assert_eq!((compare::all(&knowledge).len(), knowledge.services.len()), (2, 2));
    knowledge.leave(std::slice::from_ref(&copy));
    assert!(compare::all(&knowledge).is_empty(), "no money goes back");
    assert!(!knowledge.services.contains(&copy) && knowledge.services.len() == 1);
}

#[test]
fn a_reader_that_is_ahead_of_its_producer_and_an_unknown_applicant_are_listed() {
    let at = |log: &str, epoch, sequence| LogPosition { log: log.into(), epoch, sequence };
    let reader = RecoveryPage {
        positions: vec![at("eservice", 5, 12), at("payments", 5, 3), at("register", 4, 90)],
        ..RecoveryPage::default()
    };
    let producer = |epoch, last| RecoveryPage { epoch, last, ..RecoveryPage::default() };
    let pages = [
        ("docket", reader),
        ("eservice/justice", producer(5, 10)),
        ("payments", producer(5, 3)),
        ("register", producer(5, 1)),
    ];
    let known = Known { eservice: case(1, "draft", &[("applicant", 6, "")]), ..Known::default() };
    let knowledge = Knowledge {
        pages: pages.map(|(role, page)| (role.to_owned(), page)).into(),
        cases: [(id(), known)].into(),
        missing: [IntentId::from_bytes([6; 16]).to_vec()].into(),
        ..Knowledge::default()
    };
    let found = compare::all(&knowledge);
    let codes: Vec<&str> = found.iter().map(|one| one.code).collect();
    assert_eq!(codes, ["recovery.consumer-ahead", "recovery.person-lost"]);
    assert_eq!(found[0].what, "docket has read 2 events of eservice that are lost");
}

#[test]
fn a_withdrawn_seal_that_signing_forgot_is_named() {
    let seal = |serial: u8| KnownSeal { agency: "justice".into(), serial: vec![serial; 20] };
    let page = |withdrawn_seals| RecoveryPage { withdrawn_seals, ..RecoveryPage::default() };
    let pages = [("docket", page(vec![seal(1), seal(2)])), ("signing", page(vec![seal(2), seal(3)]))];
    let pages = pages.map(|(role, page)| (role.to_owned(), page)).into();
    let found = compare::all(&Knowledge { pages, ..Knowledge::default() });
    let [one] = found.as_slice() else { panic!("one seal: {found:?}") };
    assert_eq!((one.code, one.agency.as_str()), ("recovery.seal-in-force", "justice"));
    assert!(one.what.contains(&"01".repeat(20)), "{}", one.what);
}

#[test]
fn everybody_who_hears_of_a_disagreement_answers_for_it() {
    for (code, roles, meaning) in &meaning::MEANINGS {
        assert!(!meaning.done.is_empty() && !meaning.by.is_empty(), "{code}");
        assert!(roles.iter().all(|role| ["eservice", "payments", "signing"].contains(role)), "{code}");
    }
}
