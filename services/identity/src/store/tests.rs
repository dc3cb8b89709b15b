//! The store's promises, on both engines.

use std::{sync::Arc, time::Duration};

use kernel::{Clock, Hash, Language, ManualClock, SeededRandom, Time, pinfl::Pinfl, tin::Tin};

use super::{MIGRATIONS, Seals, Store, attempts::Attempt, flows::FlowId, invitations::Appointing, sessions::SigningIn};
use crate::domain::{
    attempts::Verdict,
    authorize::{Prompt, Request},
    person::{Appointment, Company, Facts},
    session::{Session, Wanted},
    totp,
};

pub const PINFL: &str = "41503920170217";

pub fn facts() -> Facts {
    Facts {
        pinfl: PINFL.to_owned().into(),
        given_name: "Dilnoza".to_owned().into(),
        family_name: "Karimova".to_owned().into(),
        phone: "+998901112233".to_owned().into(),
        birth_date: "1992-03-15".to_owned().into(),
        sex: "female".into(),
        ..Facts::default()
    }
}

/// The same person at a later sign-in, as the director of two companies.
pub fn director() -> Facts {
    let company =
        |tin: &str, name: &str| Company { tin: tin.to_owned().into(), name: name.to_owned().into(), basic: true };
    Facts { companies: vec![company("301234567", "Anor Savdo"), company("309876543", "Bahor Qurilish")], ..facts() }
}

fn request() -> Request {
    Request {
        client: "portal".into(),
        redirect_uri: "https://my.gov.uz/signed-in".into(),
        scope: "openid profile".into(),
        state: "s".into(),
        nonce: Some("n".into()),
        challenge: "c".into(),
        wanted: Wanted::Low,
        prompt: Prompt::Unless,
        max_age_s: None,
        language: None,
    }
}

pub(crate) async fn each(work: impl AsyncFn(Store, Arc<ManualClock>)) {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        eprintln!("on {engine}");
        let clock = Arc::new(ManualClock::at(Time::from_seconds(1_760_000_000)));
        let seals = Arc::new(Seals::of(&[7; 32]));
        work(Store::new(database, seals, clock.clone(), Arc::new(SeededRandom::new(3))), clock).await;
    }
}

fn arriving<'a>(token: &'a str, before: Option<&'a str>, flow: FlowId) -> SigningIn<'a> {
    SigningIn { token, before, through: "portal", flow }
}

async fn signed_in(store: &Store, browser: &str) -> Session {
    let flow = store.begin_flow(browser, &request(), Language::Uz).await.unwrap();
    store.sign_in_proofed(facts(), Language::Kaa, &arriving(browser, None, flow)).await.unwrap()
}

#[tokio::test]
async fn a_person_keeps_their_id_and_nothing_of_them_is_readable_at_rest() {
    each(async |store, _| {
        let first = signed_in(&store, "a").await;
        let second = signed_in(&store, "b").await;
        assert_eq!(first.proof.person, second.proof.person);
        let person = store.person(first.proof.person).await.unwrap().unwrap();
        assert_eq!((person.facts, person.language), (facts(), Language::Kaa));
        let mut tx = store.database.read().await.unwrap();
        let row = tx.fetch_one("SELECT pinfl_hash, facts, wrapped_key FROM persons", sql::args![]).await.unwrap();
        for column in 0..3 {
            let stored = String::from_utf8_lossy(&row.blob(column).unwrap()).into_owned();
            assert!(!stored.contains("Dilnoza") && !stored.contains(PINFL) && !stored.contains("99890"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_is_redeemed_once_within_a_minute_and_its_reuse_revokes_its_tokens() {
    each(async |store, clock| {
        let session = signed_in(&store, "a").await;
        let code = store.issue_code(&session, &request()).await.unwrap();
        let (_, issued) = store.redeem_code(code.reveal(), |_| true).await.unwrap().unwrap();
        assert!(store.access(issued.access.reveal()).await.unwrap().is_some());
        assert!(store.redeem_code(code.reveal(), |_| true).await.unwrap().is_none());
        assert!(store.access(issued.access.reveal()).await.unwrap().is_none());
        assert!(store.refresh(issued.refresh.reveal(), "portal").await.unwrap().is_none());
        let late = store.issue_code(&session, &request()).await.unwrap();
        clock.advance(Duration::from_secs(60));
        assert!(store.redeem_code(late.reveal(), |_| true).await.unwrap().is_none());
        let refused = store.issue_code(&session, &request()).await.unwrap();
        assert!(store.redeem_code(refused.reveal(), |_| false).await.unwrap().is_none());
        assert!(store.redeem_code(refused.reveal(), |_| true).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_replayed_refresh_token_kills_its_family_and_only_its_own() {
    each(async |store, _| {
        let session = signed_in(&store, "a").await;
        let mut families = Vec::new();
        for _ in 0..2 {
            let code = store.issue_code(&session, &request()).await.unwrap();
            families.push(store.redeem_code(code.reveal(), |_| true).await.unwrap().unwrap().1);
        }
        let first = &families[0];
        let (_, rotated) = store.refresh(first.refresh.reveal(), "portal").await.unwrap().unwrap();
        assert!(store.refresh(first.refresh.reveal(), "portal").await.unwrap().is_none());
        assert!(store.access(rotated.access.reveal()).await.unwrap().is_none());
        assert!(store.refresh(rotated.refresh.reveal(), "portal").await.unwrap().is_none());
        assert!(store.access(families[1].access.reveal()).await.unwrap().is_some());
        assert!(store.refresh(families[1].refresh.reveal(), "other").await.unwrap().is_none());
        let mut tx = store.database.read().await.unwrap();
        assert!(sql::audit::verify(&mut tx).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn the_end_of_a_session_is_the_end_of_its_tokens() {
    each(async |store, clock| {
        let session = signed_in(&store, "a").await;
        let code = store.issue_code(&session, &request()).await.unwrap();
        let (_, issued) = store.redeem_code(code.reveal(), |_| true).await.unwrap().unwrap();
        store.end_session(session.id, session.proof.person, "portal").await.unwrap();
        assert!(store.session("a").await.unwrap().is_none());
        assert!(store.access(issued.access.reveal()).await.unwrap().is_none());
        signed_in(&store, "b").await;
        clock.advance(Duration::from_secs(59 * 60));
        assert!(store.session("b").await.unwrap().is_some());
        clock.advance(Duration::from_secs(59 * 60));
        assert!(store.session("b").await.unwrap().is_some(), "it was used in between");
        clock.advance(Duration::from_secs(60 * 60));
        assert!(store.session("b").await.unwrap().is_none());
        clock.advance(Duration::from_secs(48 * 60 * 60));
        store.sweep().await.unwrap();
        let mut tx = store.database.read().await.unwrap();
        for table in ["sessions", "grants", "codes", "tokens", "flows"] {
            let sql = sql::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
            assert_eq!(tx.fetch_one(sql, sql::args![]).await.unwrap().int(0).unwrap(), 0, "{table}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_flow_belongs_to_its_browser_and_ends_with_its_sign_in() {
    each(async |store, clock| {
        let flow = store.begin_flow("mine", &request(), Language::Ru).await.unwrap();
        assert!(store.flow(flow, "mine").await.unwrap().is_some());
        assert!(store.flow(flow, "other").await.unwrap().is_none());
        store.send_flow_away(flow, "state").await.unwrap();
        assert!(store.returned_flow("state", "other").await.unwrap().is_none());
        assert!(store.returned_flow("state", "mine").await.unwrap().is_some());
        assert!(store.returned_flow("state", "mine").await.unwrap().is_none());
        store.sign_in_proofed(facts(), Language::Uz, &arriving("x", None, flow)).await.unwrap();
        let again = store.sign_in_proofed(facts(), Language::Uz, &arriving("y", None, flow)).await;
        assert_eq!(again.unwrap_err().code, "identity.flow-over");
        let forgotten = store.begin_flow("mine", &request(), Language::Ru).await.unwrap();
        clock.advance(Duration::from_secs(15 * 60));
        assert!(store.flow(forgotten, "mine").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_new_sign_in_ends_the_one_that_its_browser_came_with() {
    each(async |store, _clock| {
        let (first, other) = (signed_in(&store, "first").await, signed_in(&store, "other").await);
        let code = store.issue_code(&first, &request()).await.unwrap();
        let (_, issued) = store.redeem_code(code.reveal(), |_| true).await.unwrap().unwrap();
        let flow = store.begin_flow("first", &request(), Language::Uz).await.unwrap();
        store.sign_in(other.proof, &arriving("second", Some("first"), flow)).await.unwrap();
        assert!(store.session("first").await.unwrap().is_none(), "whoever kept the old value has nothing");
        assert!(store.session("second").await.unwrap().is_some());
        assert!(store.session("other").await.unwrap().is_some(), "another browser's session goes on");
        assert!(store.access(issued.access.reveal()).await.unwrap().is_none());
        assert!(store.refresh(issued.refresh.reveal(), "portal").await.unwrap().is_none());
        let mut tx = store.database.read().await.unwrap();
        let sql = "SELECT COUNT(*) FROM audit WHERE act = 'identity.signed-out' AND subject = $1";
        let row = tx.fetch_one(sql, sql::args![first.id.to_vec()]).await.unwrap();
        assert_eq!(row.int(0).unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_thief_of_the_password_uses_up_nobody_elses_tries_of_the_second_factor() {
    each(async |store, clock| {
        let account = store.seals.lookup("second-factor", "nigora");
        let from = async |network: &str| Attempt::of_second_factor(&store, account, network).await.unwrap();
        let office = from("10.0.0.1").await;
        store.attempt(&office).await.unwrap();
        store.succeeded(&office).await.unwrap();
        let mut tries = 0;
        let end = clock.now().plus(Duration::from_secs(24 * 60 * 60));
        while clock.now() < end && tries < 1_000 {
            // From a new network each time: they share one count.
            match store.attempt(&from(&format!("10.9.0.{tries}")).await).await.unwrap() {
                Verdict::Go { .. } => tries += 1,
                Verdict::Wait(wait) => clock.advance(wait),
            }
            if tries == 30 {
                let office = from("10.0.0.1").await;
                assert!(matches!(store.attempt(&office).await.unwrap(), Verdict::Go { .. }), "the owner goes on");
                store.succeeded(&office).await.unwrap();
            }
        }
        assert!((30..60).contains(&tries), "{tries}");
        store.attempt(&from("10.9.9.8").await).await.unwrap();
        assert!(matches!(store.attempt(&from("10.9.9.9").await).await.unwrap(), Verdict::Wait(_)));
        clock.advance(Duration::from_secs(60 * 60));
        assert!(
            matches!(store.attempt(&from("10.9.9.9").await).await.unwrap(), Verdict::Go { .. }),
            "it is never closed"
        );
        clock.advance(Duration::from_secs(61 * 24 * 60 * 60));
        store.sweep().await.unwrap();
        let mut tx = store.database.read().await.unwrap();
        for table in ["SELECT COUNT(*) FROM attempts", "SELECT COUNT(*) FROM familiar"] {
            assert_eq!(tx.fetch_one(table, sql::args![]).await.unwrap().int(0).unwrap(), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn an_officer_uses_each_code_once_and_a_login_belongs_to_one_person() {
    each(async |store, clock| {
        let secret = totp::to_base32(&[5; 20]);
        let appointing = |pinfl: &str, role: &str| Appointing {
            pinfl: Pinfl::parse(pinfl).unwrap(),
            login: "N.Saidova".into(),
            display_name: "Nigora Saidova".into(),
            appointment: Appointment {
                agency: "justice".into(),
                office: String::new(),
                role: role.into(),
                from: kernel::Clock::now(&*clock),
                to: None,
            },
            demo: Some(("$argon2id$".into(), secret.clone())),
        };
        let appointed = store.appoint(appointing(PINFL, "registrar"), "operator").await.unwrap();
        store.appoint(appointing(PINFL, "registrar"), "operator").await.unwrap();
        store.appoint(appointing(PINFL, "lead"), "operator").await.unwrap();
        let officer = store.officer(appointed.person).await.unwrap().unwrap();
        assert_eq!((officer.display_name.as_str(), officer.appointments.len()), ("Nigora Saidova", 2));
        let taken = store.appoint(appointing("30207880170130", "registrar"), "operator").await;
        assert_eq!(taken.err().unwrap().code, "identity.login-taken");
        let code = totp::code_at(&[5; 20], kernel::Clock::now(&*clock));
        assert!(store.accept_totp(appointed.person, &code).await.unwrap());
        assert!(!store.accept_totp(appointed.person, &code).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn an_invitation_works_once() {
    each(async |store, clock| {
        let appointing = Appointing {
            pinfl: Pinfl::parse(PINFL).unwrap(),
            login: "nigora".into(),
            display_name: "Nigora Saidova".into(),
            appointment: Appointment {
                agency: "justice".into(),
                office: "1726".into(),
                role: "registrar".into(),
                from: kernel::Clock::now(&*clock),
                to: None,
            },
            demo: None,
        };
        let token = store.appoint(appointing, "operator").await.unwrap().invitation.unwrap();
        let invitation = store.invitation(token.reveal()).await.unwrap().unwrap();
        assert!(totp::from_base32(&invitation.totp_secret).is_ok());
        assert!(store.accept_invitation(token.reveal(), &invitation, "phc".into()).await.unwrap());
        assert!(!store.accept_invitation(token.reveal(), &invitation, "other".into()).await.unwrap());
        let stored = store.password(store.seals.officer_account(" Nigora ")).await.unwrap().unwrap();
        assert_eq!((stored.person, stored.phc.as_str()), (invitation.person, "phc"));
    })
    .await;
}

#[tokio::test]
async fn failures_are_counted_before_they_are_known_and_forgotten_after_success() {
    each(async |store, clock| {
        let attempt = Attempt::new(&store, store.seals.citizen_account(PINFL), "10.0.0.1");
        for _ in 0..5 {
            assert!(matches!(store.attempt(&attempt).await.unwrap(), Verdict::Go { .. }));
        }
        assert!(matches!(store.attempt(&attempt).await.unwrap(), Verdict::Wait(_)));
        let elsewhere = Attempt::new(&store, store.seals.citizen_account(PINFL), "10.9.9.9");
        assert!(matches!(store.attempt(&elsewhere).await.unwrap(), Verdict::Go { .. }));
        clock.advance(Duration::from_secs(1));
        assert!(matches!(store.attempt(&attempt).await.unwrap(), Verdict::Go { .. }));
        store.succeeded(&attempt).await.unwrap();
        assert!(matches!(store.attempt(&attempt).await.unwrap(), Verdict::Go { .. }));
    })
    .await;
}

#[tokio::test]
async fn accounts_of_an_older_release_are_read_by_this_one() {
    let account = Hash::of(b"account");
    let rows: [(&str, &[&[u8]]); 1] = [(
        "INSERT INTO passwords (account_hash, person, phc, set_us) VALUES ($1, $2, '$argon2id$', 1)",
        &[account.as_bytes(), &[4; 16]],
    )];
    for (engine, _, database) in testkit::expanded(MIGRATIONS, 1, &rows).await {
        let clock = Arc::new(ManualClock::at(Time::from_seconds(1_760_000_000)));
        let store = Store::new(database, Arc::new(Seals::of(&[7; 32])), clock, Arc::new(SeededRandom::new(3)));
        let kept = store.password(account).await.unwrap().unwrap();
        assert_eq!((kept.person.to_vec(), kept.phc.as_str()), (vec![4; 16], "$argon2id$"), "{engine}");
    }
}

#[tokio::test]
async fn a_company_keeps_its_id_and_is_acted_for_only_in_the_session_that_asserted_it() {
    each(async |store, clock| {
        let arrive = async |browser: &str, facts: Facts| {
            let flow = store.begin_flow(browser, &request(), Language::Uz).await.unwrap();
            store.sign_in_proofed(facts, Language::Kaa, &arriving(browser, None, flow)).await.unwrap()
        };
        let (first, second) = (arrive("a", director()).await, arrive("b", director()).await);
        let long_ago = Time::from_seconds(0);
        let companies = store.mandates(first.id, long_ago).await.unwrap();
        let ids: Vec<_> = companies.iter().map(|mandate| mandate.principal).collect();
        assert_eq!(ids.len(), 2);
        assert!(ids.iter().all(|id| *id != first.proof.person), "a company is somebody else");
        let again: Vec<_> =
            store.mandates(second.id, long_ago).await.unwrap().into_iter().map(|mandate| mandate.principal).collect();
        assert_eq!(again, ids, "the same companies");
        let kind = store.mandate(first.id, ids[0], long_ago).await.unwrap();
        assert_eq!(kind.as_deref(), Some("director"));
        clock.advance(Duration::from_secs(60));
        assert!(store.mandate(first.id, ids[0], clock.now()).await.unwrap().is_none(), "asserted too long ago");
        let later = arrive("c", facts()).await;
        assert!(store.mandate(later.id, ids[0], long_ago).await.unwrap().is_none(), "not their director any more");
        let mut tx = store.database.read().await.unwrap();
        for row in tx.fetch_all("SELECT pinfl_hash, facts FROM persons", sql::args![]).await.unwrap() {
            let stored = [row.blob(0).unwrap(), row.blob(1).unwrap()].concat();
            let stored = String::from_utf8_lossy(&stored).into_owned();
            assert!(!stored.contains("Anor") && !stored.contains("301234567"), "nothing is readable at rest");
        }
        drop(tx);
        clock.advance(Duration::from_secs(72 * 3600));
        store.sweep().await.unwrap();
        let count = async |sql: &'static str| {
            store.database.read().await.unwrap().fetch_one(sql, sql::args![]).await.unwrap().int(0).unwrap()
        };
        assert_eq!(count("SELECT COUNT(*) FROM mandates").await, 0, "nothing is left behind");
        let person = first.proof.person;
        assert_eq!(store.directed_by(person).await.unwrap(), ids, "longer than any session");
        clock.advance(Duration::from_secs(365 * 24 * 3600));
        assert!(store.directed_by(person).await.unwrap().is_empty(), "and not for ever");
        store.sweep().await.unwrap();
        assert_eq!(count("SELECT COUNT(*) FROM directors").await, 0, "nothing is left behind");
    })
    .await;
}

#[tokio::test]
async fn a_company_that_a_case_asks_has_the_id_under_which_its_director_comes_and_loses_no_name() {
    each(async |store, _| {
        let tin = |digits: &str| Tin::parse(digits).unwrap();
        // Asked before anybody came for it.
        let asked = store.company_with(&tin("301 234 567")).await.unwrap();
        assert_eq!(store.company_with(&tin("301234567")).await.unwrap(), asked, "once");
        let nameless = store.person(asked).await.unwrap().unwrap().facts;
        assert_eq!((nameless.tin.reveal().as_str(), nameless.legal_name.reveal().as_str()), ("301234567", ""));
        assert!(nameless.pinfl.reveal().is_empty());
        let flow = store.begin_flow("a", &request(), Language::Uz).await.unwrap();
        let session = store.sign_in_proofed(director(), Language::Kaa, &arriving("a", None, flow)).await.unwrap();
        let acts = store.mandates(session.id, Time::default()).await.unwrap();
        let theirs = acts.iter().find(|acting| acting.principal == asked).expect("whoever directs it acts for it");
        assert_eq!(theirs.facts.legal_name.reveal(), "Anor Savdo");
        assert_eq!(store.company_with(&tin("301234567")).await.unwrap(), asked);
        let known = store.person(asked).await.unwrap().unwrap();
        assert_eq!((known.facts.legal_name.reveal().as_str(), known.language), ("Anor Savdo", Language::Kaa));
        assert_ne!(store.company_with(&tin("301234568")).await.unwrap(), asked);
    })
    .await;
}

#[tokio::test]
async fn whoever_nobody_needs_is_forgotten_and_comes_back_as_the_same_person() {
    each(async |store, clock| {
        let (day, year) = (Duration::from_secs(86_400), Duration::from_secs(366 * 86_400));
        let person = signed_in(&store, "a").await.proof.person;
        let account = store.seals.citizen_account(PINFL);
        store.set_password(account, person, "phc".into()).await.unwrap();
        let appointing = Appointing {
            pinfl: Pinfl::parse("30207880170130").unwrap(),
            login: "nigora".into(),
            display_name: "Nigora Saidova".into(),
            appointment: Appointment {
                agency: "justice".into(),
                office: String::new(),
                role: "registrar".into(),
                from: clock.now(),
                to: None,
            },
            demo: None,
        };
        let officer = store.appoint(appointing, "operator").await.unwrap().person;
        let forgotten = async || store.forget(store.now().minus(year)).await.unwrap();
        clock.advance(year - day);
        assert_eq!(forgotten().await, 0, "not a day before");
        let mut tx = store.database.begin().await.unwrap();
        store.needed(&mut tx, person).await.unwrap();
        tx.commit().await.unwrap();
        clock.advance(year - day);
        assert_eq!(forgotten().await, 0, "a service asked about them");
        clock.advance(day * 2);
        assert_eq!((forgotten().await, forgotten().await), (1, 0), "once");

        assert!(store.person(person).await.unwrap().is_none() && store.password(account).await.unwrap().is_none());
        assert!(store.officer(officer).await.unwrap().is_some(), "officers answer for their acts");
        let mut tx = store.database.read().await.unwrap();
        let select = "SELECT LENGTH(wrapped_key) + LENGTH(facts) FROM persons WHERE person = $1";
        assert_eq!(tx.fetch_one(select, sql::args![person]).await.unwrap().int(0).unwrap(), 0);
        assert_eq!(store.person_with(&mut tx, PINFL).await.unwrap(), Some(person), "an auditor still finds their acts");
        assert!(sql::audit::verify(&mut tx).await.is_ok());
        drop(tx);
        let mut tx = store.database.begin().await.unwrap();
        assert_eq!(store.known_with(&mut tx, PINFL).await.unwrap(), None);
        drop(tx);
        let back = signed_in(&store, "b").await;
        assert_eq!(back.proof.person, person);
        assert_eq!(store.person(person).await.unwrap().unwrap().facts, facts());
        assert_eq!(forgotten().await, 0);
    })
    .await;
}

#[tokio::test]
async fn whoever_a_copy_of_the_release_before_signs_in_is_not_forgotten() {
    each(async |store, clock| {
        let year = Duration::from_secs(366 * 86_400);
        let mut tx = store.database.begin().await.unwrap();
        let insert = "INSERT INTO persons (person, pinfl_hash, wrapped_key, facts, language, created_us, updated_us)
                      VALUES ($1, $1, $1, $1, 'uz', $2, $2)";
        tx.execute(insert, sql::args![vec![9_u8; 16], clock.now()]).await.unwrap();
        tx.commit().await.unwrap();
        let forgotten = async || store.forget(store.now().minus(year)).await.unwrap();
        assert_eq!(forgotten().await, 0, "they sign in at this moment");
        clock.advance(year + Duration::from_secs(1));
        assert_eq!(forgotten().await, 1, "and are forgotten when nobody needed them since");
    })
    .await;
}

#[tokio::test]
async fn whoever_is_looked_for_by_number_is_not_forgotten_before_something_is_made_of_it() {
    each(async |store, clock| {
        let year = Duration::from_secs(366 * 86_400);
        let person = signed_in(&store, "a").await.proof.person;
        clock.advance(year * 2);
        let mut tx = store.database.begin().await.unwrap();
        assert_eq!(store.known_with(&mut tx, PINFL).await.unwrap(), Some(person));
        tx.commit().await.unwrap();
        assert_eq!(store.forget(store.now().minus(year)).await.unwrap(), 0);
        assert!(store.person(person).await.unwrap().is_some());
    })
    .await;
}
