//! Sessions on both engines: found by their cookie only, ended by silence, refreshed once.

use std::{sync::Arc, time::Duration};

use kernel::{CaseId, Hash, ManualClock, PersonId, SeededRandom, Time};

use super::*;
use crate::domain::{
    acting::Principal,
    sign_in::{Kind, Pending},
};

fn opened(access: &str) -> Opened {
    Opened {
        form_token: "f".into(),
        access_token: access.into(),
        access_ends: Time::from_seconds(2_000),
        refresh_token: Some("r".into()),
        id_token: "i".into(),
        assurance: "substantial".into(),
        represents: false,
        acting: None,
        desk: Desk::default(),
    }
}

async fn each(test: impl AsyncFn(Sessions, Arc<ManualClock>, sql::Database)) {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        println!("{engine}");
        let clock = Arc::new(ManualClock::at(Time::from_seconds(1_000)));
        let random = Arc::new(SeededRandom::new(3));
        test(Sessions::new(database.clone(), [5; 32], clock.clone(), random), clock, database).await;
    }
}

#[tokio::test]
async fn a_session_is_found_by_its_cookie_until_an_hour_of_silence() {
    each(async |sessions, clock, _| {
        let person = PersonId::from_bytes([1; 16]);
        let id = sessions.start(person, Kind::Citizen, &opened("a"), None).await.unwrap();
        let session = sessions.find(&id).await.unwrap().unwrap();
        assert_eq!((session.person, session.kind), (person, Kind::Citizen));
        assert!(sessions.find("another").await.unwrap().is_none());
        for _ in 0..3 {
            clock.advance(Duration::from_secs(50 * 60));
            assert!(sessions.find(&id).await.unwrap().is_some());
        }
        clock.advance(Duration::from_secs(61 * 60));
        assert!(sessions.find(&id).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn what_takes_hours_keeps_its_session_alive_and_never_beyond_its_age() {
    each(async |sessions, clock, _| {
        let id = sessions.start(PersonId::from_bytes([1; 16]), Kind::Citizen, &opened("a"), None).await.unwrap();
        let session = sessions.find(&id).await.unwrap().unwrap();
        for _ in 0..9 {
            clock.advance(Duration::from_secs(50 * 60));
            let current = sessions.read(session.id_hash).await.unwrap().expect("somebody waits for a file");
            sessions.see(&current).await.unwrap();
        }
        clock.advance(Duration::from_secs(50 * 60));
        assert!(sessions.read(session.id_hash).await.unwrap().is_none(), "eight hours are over");
    })
    .await;
}

#[tokio::test]
async fn for_whom_a_person_acts_is_kept_until_they_change_it_and_not_beyond_the_session() {
    each(async |sessions, _, _| {
        let person = PersonId::from_bytes([1; 16]);
        let id = sessions.start(person, Kind::Citizen, &opened("a"), None).await.unwrap();
        let session = sessions.find(&id).await.unwrap().unwrap();
        let company = Principal {
            principal: "7".repeat(32),
            kind: "director".into(),
            name: "Anor".into(),
            tin: "301234567".into(),
        };
        sessions.note_seen(&session, CaseId::from_bytes([2; 16]), 3).await.unwrap();
        sessions.act_for(&session, Some(company.clone())).await.unwrap();
        let acting = sessions.find(&id).await.unwrap().unwrap();
        assert_eq!(
            (acting.opened.acting, acting.seen),
            (Some(company.clone()), None),
            "what another one saw does not count"
        );
        sessions.keep_refreshed(&session, &opened("b")).await.unwrap();
        let refreshed = sessions.find(&id).await.unwrap().unwrap().opened;
        assert_eq!(
            (refreshed.access_token.as_str(), refreshed.acting),
            ("b", Some(company)),
            "a refresh changes nobody"
        );
        sessions.act_for(&session, None).await.unwrap();
        assert_eq!(sessions.find(&id).await.unwrap().unwrap().opened.acting, None);
        let next = sessions.start(person, Kind::Citizen, &opened("b"), Some(&id)).await.unwrap();
        assert_eq!(sessions.find(&next).await.unwrap().unwrap().opened.acting, None);
    })
    .await;
}

#[tokio::test]
async fn where_an_officer_works_is_kept_beside_a_refresh_and_begins_anew_with_a_session() {
    each(async |sessions, _, _| {
        let person = PersonId::from_bytes([1; 16]);
        let id = sessions.start(person, Kind::Officer, &opened("a"), None).await.unwrap();
        let session = sessions.find(&id).await.unwrap().unwrap();
        let queue = "/officer?agency=justice&late=yes";
        sessions.keep_desk(&session, |desk| desk.queue = queue.into()).await.unwrap();
        let taken = ("c".to_owned(), "/officer/tasks/x".to_owned());
        sessions.keep_desk(&session, |desk| desk.taken = Some(taken.clone())).await.unwrap();
        sessions.keep_refreshed(&session, &opened("b")).await.unwrap();
        let kept = sessions.find(&id).await.unwrap().unwrap().opened;
        assert_eq!(kept.access_token, "b");
        assert_eq!(kept.desk, Desk { queue: queue.into(), taken: Some(taken) });
        let next = sessions.start(person, Kind::Officer, &opened("b"), Some(&id)).await.unwrap();
        assert_eq!(sessions.find(&next).await.unwrap().unwrap().opened.desk, Desk::default());
    })
    .await;
}

#[tokio::test]
async fn signing_in_rotates_the_id_and_ends_the_session_before() {
    each(async |sessions, _, _| {
        let person = PersonId::from_bytes([1; 16]);
        let before = sessions.start(person, Kind::Citizen, &opened("a"), None).await.unwrap();
        let after = sessions.start(person, Kind::Officer, &opened("b"), Some(&before)).await.unwrap();
        assert_ne!(before, after);
        assert!(sessions.find(&before).await.unwrap().is_none());
        let session = sessions.find(&after).await.unwrap().unwrap();
        sessions.end(&session).await.unwrap();
        assert!(sessions.find(&after).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn neither_the_cookie_nor_a_token_can_be_read_from_the_table() {
    each(async |sessions, _, database| {
        let person = PersonId::from_bytes([1; 16]);
        let id = sessions.start(person, Kind::Citizen, &opened("very-secret-token"), None).await.unwrap();
        let mut tx = database.read().await.unwrap();
        let row = tx.fetch_one("SELECT id_hash, sealed FROM sessions", sql::args![]).await.unwrap();
        assert_eq!(row.blob(0).unwrap(), Hash::of(id.as_bytes()).to_vec());
        let sealed = row.blob(1).unwrap();
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
    })
    .await;
}

#[tokio::test]
async fn only_one_request_refreshes_and_the_others_see_its_tokens() {
    each(async |sessions, clock, _| {
        let id = sessions.start(PersonId::from_bytes([1; 16]), Kind::Citizen, &opened("a"), None).await.unwrap();
        let session = sessions.find(&id).await.unwrap().unwrap();
        assert!(sessions.claim_refresh(&session).await.unwrap());
        assert!(!sessions.claim_refresh(&session).await.unwrap());
        sessions.keep_refreshed(&session, &opened("b")).await.unwrap();
        assert_eq!(sessions.find(&id).await.unwrap().unwrap().opened.access_token, "b");
        // A replica that died while refreshing holds the claim only for a while.
        assert!(sessions.claim_refresh(&session).await.unwrap());
        clock.advance(Duration::from_secs(11));
        assert!(sessions.claim_refresh(&session).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_is_answered_once_and_not_too_late() {
    each(async |sessions, clock, _| {
        let pending = Pending::new(Kind::Citizen, "low", "/applications", &SeededRandom::new(9));
        let id = sessions.begin_sign_in(&pending).await.unwrap();
        let taken = sessions.take_sign_in(&id).await.unwrap().unwrap();
        assert_eq!(taken.verifier, pending.verifier);
        assert!(sessions.take_sign_in(&id).await.unwrap().is_none());
        let late = sessions.begin_sign_in(&pending).await.unwrap();
        clock.advance(Duration::from_secs(16 * 60));
        assert!(sessions.take_sign_in(&late).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn what_a_person_was_shown_is_remembered() {
    each(async |sessions, _, _| {
        let id = sessions.start(PersonId::from_bytes([1; 16]), Kind::Citizen, &opened("a"), None).await.unwrap();
        let session = sessions.find(&id).await.unwrap().unwrap();
        assert_eq!(session.seen, None);
        let case = CaseId::from_bytes([8; 16]);
        sessions.note_seen(&session, case, 4).await.unwrap();
        assert_eq!(sessions.find(&id).await.unwrap().unwrap().seen, Some((case, 4)));
    })
    .await;
}
