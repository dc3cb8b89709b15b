//! An administrator's acts on both engines: whom they reach, whom they never reach, and what each of them leaves.

use std::time::Duration;

use kernel::{Clock, ManualClock, PersonId, Time, pinfl::Pinfl};
use proto::{Event, identity::v1::AppointmentChanged};

use super::{Acting, Inviting, Place, Whom, Window, chosen};
use crate::{
    domain::{
        authorize::{Prompt, Request},
        person::Appointment,
        session::{Assurance, Capacity, Method, Proof, Wanted},
    },
    store::{Store, invitations::Appointing, sessions::SigningIn, tests::each},
};

const HEAD: &str = "41409860170615";
const CLERK: &str = "41503920170217";
const OTHER: &str = "30207880170130";
const FIRST: Whom = Whom::After(None);
const HOUR: Duration = Duration::from_secs(3600);

fn role(office: &str, role: &str, from: Time) -> Appointment {
    Appointment { agency: "justice".into(), office: office.into(), role: role.into(), from, to: None }
}

/// With a password, as the platform's operator appoints a demo officer.
async fn appointed(store: &Store, pinfl: &str, login: &str, appointment: Appointment) -> PersonId {
    let appointing = Appointing {
        pinfl: Pinfl::parse(pinfl).unwrap(),
        login: login.into(),
        display_name: login.to_uppercase(),
        appointment,
        demo: Some(("$argon2id$".into(), "A".repeat(32))),
    };
    store.appoint(appointing, "operator").await.unwrap().person
}

async fn administrator(store: &Store, clock: &ManualClock) -> PersonId {
    appointed(store, HEAD, "head", role("", "administrator", clock.now())).await
}

fn acting(person: PersonId) -> Acting<'static> {
    Acting { person, officer: true, agency: "justice", through: "portal" }
}

fn inviting(pinfl: &str, login: &str, appointment: Appointment) -> Inviting {
    Inviting {
        pinfl: Pinfl::parse(pinfl).unwrap(),
        login: login.into(),
        display_name: "Nigora Saidova".into(),
        appointment,
    }
}

async fn signed_in(store: &Store, person: PersonId, capacity: Capacity, browser: &str) {
    let request = Request {
        client: "portal".into(),
        redirect_uri: "https://my.gov.uz/signed-in".into(),
        scope: "openid".into(),
        state: "s".into(),
        nonce: None,
        challenge: "c".into(),
        wanted: Wanted::Officer,
        prompt: Prompt::Unless,
        max_age_s: None,
        language: None,
    };
    let flow = store.begin_flow(browser, &request, kernel::Language::Uz).await.unwrap();
    let proof = Proof { person, capacity, assurance: Assurance::Substantial, method: Method::PasswordTotp };
    let signing_in = SigningIn { token: browser, before: None, through: "portal", flow };
    store.sign_in(proof, &signing_in).await.unwrap();
}

async fn acts(store: &Store) -> Vec<String> {
    let mut tx = store.database.read().await.unwrap();
    assert!(sql::audit::verify(&mut tx).await.is_ok());
    let sql = "SELECT act FROM audit WHERE act LIKE 'identity.%' ORDER BY sequence";
    let rows = tx.fetch_all(sql, sql::args![]).await.unwrap();
    rows.iter().map(|row| row.text(0).unwrap()).collect()
}

async fn announced(store: &Store) -> Vec<AppointmentChanged> {
    let mut tx = store.database.read().await.unwrap();
    let rows = tx.fetch_all("SELECT name, body FROM outbox ORDER BY id", sql::args![]).await.unwrap();
    let event = |row: &sql::Row| {
        assert_eq!(row.text(0).unwrap(), AppointmentChanged::NAME);
        <AppointmentChanged as prost::Message>::decode(row.blob(1).unwrap().as_slice()).unwrap()
    };
    rows.iter().map(event).collect()
}

#[tokio::test]
async fn an_administrator_gives_others_roles_and_nobody_else_does() {
    each(async |store, clock| {
        let head = administrator(&store, &clock).await;
        let clerk = appointed(&store, CLERK, "clerk", role("nukus", "registrar", clock.now())).await;
        let given = role("bukhara", "registrar", clock.now());
        let member = store.give_role(acting(head), clerk, &given).await.unwrap();
        assert_eq!((member.appointments.len(), member.invited), (2, false));
        assert_eq!(store.staff(acting(head), FIRST).await.unwrap().members.len(), 2);
        for refused in [acting(clerk), Acting { officer: false, ..acting(head) }] {
            let given = store.give_role(refused, head, &given).await;
            assert_eq!(given.err().unwrap().code, "identity.administrators-only");
            assert_eq!(store.staff(refused, FIRST).await.err().unwrap().code, "identity.administrators-only");
        }
        let elsewhere = Acting { agency: "health", ..acting(head) };
        let ended = store.end_access(elsewhere, clerk).await;
        assert_eq!(ended.err().unwrap().code, "identity.administrators-only");
        let own = store.give_role(acting(head), head, &role("", "treasurer", clock.now())).await;
        assert_eq!(own.err().unwrap().code, "identity.own-access");
        assert_eq!(store.end_access(acting(head), head).await.err().unwrap().code, "identity.own-access");
        let invited = inviting(HEAD, "head-2", role("", "treasurer", clock.now()));
        assert_eq!(store.invite_officer(acting(head), invited).await.err().unwrap().code, "identity.own-access");
        let stranger = PersonId::from_bytes([9; 16]);
        let unknown = store.give_role(acting(head), stranger, &given).await;
        assert_eq!(unknown.err().unwrap().code, "identity.officer-unknown");
        let acts = acts(&store).await;
        let counted = |act: &str| acts.iter().filter(|one| *one == act).count();
        assert_eq!((counted("identity.role-given"), counted("identity.staff-refused")), (1, 5), "{acts:?}");
        assert_eq!(announced(&store).await.len(), 3, "two appointed, one role given");
    })
    .await;
}

#[tokio::test]
async fn the_end_of_an_access_ends_what_is_open_and_only_that() {
    each(async |store, clock| {
        let head = administrator(&store, &clock).await;
        let clerk = appointed(&store, CLERK, "clerk", role("nukus", "registrar", clock.now())).await;
        signed_in(&store, clerk, Capacity::Officer, "office").await;
        signed_in(&store, clerk, Capacity::Citizen, "home").await;
        signed_in(&store, head, Capacity::Officer, "head").await;
        clock.advance(HOUR / 2);
        let member = store.end_access(acting(head), clerk).await.unwrap();
        assert!(member.appointments.iter().all(|held| held.to == Some(clock.now())));
        assert!(store.session("office").await.unwrap().is_none(), "nothing is asserted for them any more");
        assert!(store.session("home").await.unwrap().is_some(), "as a citizen they stay signed in");
        assert!(store.session("head").await.unwrap().is_some());
        let officer = store.officer(clerk).await.unwrap().unwrap();
        assert!(!officer.appointments.iter().any(|held| held.is_in_force(clock.now())));
        let last = announced(&store).await.pop().unwrap();
        assert_eq!((last.agency.as_str(), last.person, last.ended), ("justice", clerk.to_vec(), true));
        assert_eq!(acts(&store).await.last().map(String::as_str), Some("identity.access-ended"));
        store.give_role(acting(head), clerk, &role("nukus", "registrar", clock.now())).await.unwrap();
        clock.advance(Duration::from_secs(1));
        store.end_role(acting(head), clerk, ("nukus", "registrar")).await.unwrap();
        store.end_role(acting(head), clerk, ("nukus", "registrar")).await.unwrap();
        let none = store.end_role(acting(head), clerk, ("nukus", "lead")).await;
        assert_eq!(none.err().unwrap().code, "identity.role-not-held");
        let acts = acts(&store).await;
        assert_eq!(acts.iter().filter(|act| *act == "identity.role-ended").count(), 1, "ended once: {acts:?}");
        clock.advance(Duration::from_secs(31 * 24 * 60 * 60));
        assert_eq!(
            store.staff(acting(head), FIRST).await.unwrap().members.len(),
            1,
            "whoever left long ago is not listed"
        );
    })
    .await;
}

#[tokio::test]
async fn a_member_is_read_with_those_who_can_stand_in_and_only_of_the_own_agency() {
    each(async |store, clock| {
        let head = administrator(&store, &clock).await;
        let clerk = appointed(&store, CLERK, "clerk", role("nukus", "registrar", clock.now())).await;
        let stranger = Appointment { agency: "health".into(), ..role("", "registrar", clock.now()) };
        let stranger = appointed(&store, OTHER, "stranger", stranger).await;
        let beside = store.staff(acting(head), Whom::Beside(clerk)).await.unwrap();
        let read: Vec<PersonId> = beside.members.iter().map(|member| member.person).collect();
        assert_eq!((read, beside.next), (vec![clerk, head], None));
        assert!(store.staff(acting(head), Whom::Beside(stranger)).await.unwrap().members.is_empty());
        let after = store.staff(acting(head), Whom::After(Some(clerk))).await.unwrap();
        assert_eq!(after.members.iter().map(|member| member.person).collect::<Vec<_>>(), [head]);
    })
    .await;
}

#[test]
fn a_long_list_goes_on_behind_its_last_and_offers_the_same_office_first() {
    let person = |number: u8| PersonId::from_bytes([number; 16]);
    let named = |number: u8, office: &str| (format!("{number}"), person(number), [office.to_owned()].into());
    let all = vec![named(1, "nukus"), named(2, "bukhara"), named(3, "nukus"), named(4, "bukhara")];
    let read = |whom| chosen(all.clone(), whom).iter().map(|(_, person, _)| *person).collect::<Vec<_>>();
    assert_eq!(read(Whom::After(Some(person(2)))), [person(3), person(4)]);
    assert_eq!(read(Whom::After(Some(person(9)))).len(), 4, "who left meanwhile hides nobody");
    assert_eq!(read(Whom::Beside(person(3))), [person(3), person(1), person(2), person(4)]);
    assert!(read(Whom::Beside(person(9))).is_empty());
}

#[tokio::test]
async fn a_substitute_may_what_the_absent_one_may_and_no_longer() {
    each(async |store, clock| {
        let head = administrator(&store, &clock).await;
        let clerk = appointed(&store, CLERK, "clerk", role("nukus", "registrar", clock.now())).await;
        let other = appointed(&store, OTHER, "other", role("bukhara", "clerk", clock.now())).await;
        let window = Window { from: clock.now().plus(HOUR), to: clock.now().plus(HOUR * 3) };
        let named = store.name_substitute(acting(head), (clerk, other), &window).await.unwrap();
        assert_eq!((named.person, named.substitutes.len()), (clerk, 1));
        let stands_in = async || {
            let officer = store.officer(other).await.unwrap().unwrap();
            officer.appointments.iter().any(|held| held.role == "registrar" && held.is_in_force(clock.now()))
        };
        assert!(!stands_in().await, "not yet");
        clock.advance(HOUR);
        assert!(stands_in().await);
        let window = Window { from: clock.now(), to: clock.now().plus(HOUR) };
        for (absent, substitute, code) in [
            (clerk, clerk, "identity.substitute-self"),
            (clerk, head, "identity.own-access"),
            (clerk, PersonId::from_bytes([9; 16]), "identity.substitute-no-role"),
            (PersonId::from_bytes([9; 16]), other, "identity.officer-unknown"),
        ] {
            let refused = store.name_substitute(acting(head), (absent, substitute), &window).await;
            assert_eq!(refused.err().unwrap().code, code);
        }
        let over = Window { from: clock.now().minus(HOUR), to: clock.now() };
        let refused = store.name_substitute(acting(head), (clerk, other), &over).await;
        assert_eq!(refused.err().unwrap().code, "identity.dates");
        store.name_substitute(acting(head), (head, other), &window).await.unwrap();
        let officer = store.officer(other).await.unwrap().unwrap();
        assert!(officer.appointments.iter().all(|held| held.role != "administrator"));
        let refused = store.staff(acting(other), FIRST).await;
        assert_eq!(refused.err().unwrap().code, "identity.administrators-only");
        store.end_substitute(acting(head), (clerk, other)).await.unwrap();
        assert!(!stands_in().await);
        store.name_substitute(acting(head), (clerk, other), &window).await.unwrap();
        store.end_access(acting(head), clerk).await.unwrap();
        assert!(!stands_in().await, "there is nobody any more whom they stand in for");
        clock.advance(HOUR * 48);
        store.sweep().await.unwrap();
        let mut tx = store.database.read().await.unwrap();
        let left = tx.fetch_one("SELECT COUNT(*) FROM substitutes", sql::args![]).await.unwrap();
        assert_eq!(left.int(0).unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn whoever_comes_back_after_their_access_was_ended_stands_in_for_nobody() {
    each(async |store, clock| {
        let head = administrator(&store, &clock).await;
        let clerk = appointed(&store, CLERK, "clerk", role("nukus", "registrar", clock.now())).await;
        let other = appointed(&store, OTHER, "other", role("bukhara", "clerk", clock.now())).await;
        let window = Window { from: clock.now(), to: clock.now().plus(HOUR * 3) };
        store.name_substitute(acting(head), (clerk, other), &window).await.unwrap();
        clock.advance(HOUR);
        store.end_access(acting(head), other).await.unwrap();
        clock.advance(HOUR);
        store.give_role(acting(head), other, &role("bukhara", "clerk", clock.now())).await.unwrap();
        let officer = store.officer(other).await.unwrap().unwrap();
        let held = officer.appointments.iter().filter(|held| held.is_in_force(clock.now()));
        assert_eq!(held.map(|held| held.role.as_str()).collect::<Vec<_>>(), ["clerk"]);
    })
    .await;
}

#[tokio::test]
async fn a_substitution_that_is_to_come_is_not_lost_by_one_at_another_time() {
    each(async |store, clock| {
        let head = administrator(&store, &clock).await;
        let clerk = appointed(&store, CLERK, "clerk", role("nukus", "registrar", clock.now())).await;
        let other = appointed(&store, OTHER, "other", role("bukhara", "clerk", clock.now())).await;
        let begun = clock.now();
        let hours = |from: u32, to: u32| Window { from: begun.plus(HOUR * from), to: begun.plus(HOUR * to) };
        let names = async |window: &Window| store.name_substitute(acting(head), (clerk, other), window).await;
        names(&hours(1, 3)).await.unwrap();
        let refused = names(&hours(3, 5)).await;
        assert_eq!(refused.err().unwrap().code, "identity.substitute-elsewhen");
        let moved = names(&hours(2, 4)).await.unwrap();
        assert_eq!(moved.substitutes.iter().map(|one| one.window.from).collect::<Vec<_>>(), [begun.plus(HOUR * 2)]);
        clock.advance(HOUR * 4);
        names(&hours(5, 6)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_for_whoever_proves_to_be_invited_and_takes_nobodys_account_over() {
    each(async |store, clock| {
        let head = administrator(&store, &clock).await;
        let wanted = || role("nukus", "registrar", clock.now());
        let (member, first) = store.invite_officer(acting(head), inviting(CLERK, "clerk", wanted())).await.unwrap();
        assert!(member.invited);
        let (_, second) = store.invite_officer(acting(head), inviting(CLERK, "other-login", wanted())).await.unwrap();
        let (first, second) = (first.unwrap(), second.unwrap());
        assert!(store.invitation(first.reveal()).await.unwrap().is_none(), "a new one makes the one before void");
        let invitation = store.invitation(second.reveal()).await.unwrap().unwrap();
        assert!(invitation.proof);
        assert_eq!(invitation.account, store.seals.officer_account("clerk"), "the login stays");
        let taken = store.invite_officer(acting(head), inviting(OTHER, "clerk", wanted())).await;
        assert_eq!(taken.err().unwrap().code, "identity.login-taken");
        let health = Appointment { agency: "health".into(), ..role("", "doctor", clock.now()) };
        let there = Appointing {
            pinfl: Pinfl::parse(OTHER).unwrap(),
            login: "doctor".into(),
            display_name: "Doctor".into(),
            appointment: health,
            demo: None,
        };
        let theirs = store.appoint(there, "operator").await.unwrap().invitation.unwrap();
        let (member, none) = store.invite_officer(acting(head), inviting(OTHER, "mine", wanted())).await.unwrap();
        assert!(none.is_none() && member.display_name == "Doctor", "another agency's account stays that agency's");
        assert_eq!(member.appointments.len(), 1, "roles elsewhere are not shown");
        assert!(store.invitation(theirs.reveal()).await.unwrap().is_some());
        store.end_access(acting(head), member.person).await.unwrap();
        assert!(store.invitation(theirs.reveal()).await.unwrap().is_some());
        store.end_access(acting(head), invitation.person).await.unwrap();
        assert!(store.invitation(second.reveal()).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_place_is_staffed_by_whoever_has_the_role_there_now_and_can_sign_in() {
    each(async |store, clock| {
        let head = administrator(&store, &clock).await;
        let place =
            |office: &str, role: &str| Place { agency: "justice".into(), office: office.into(), role: role.into() };
        let nukus = || vec![place("nukus", "registrar"), place("", "registrar"), place("bukhara", "registrar")];
        let unstaffed = async |places: Vec<Place>| -> Vec<Place> {
            let few = store.few(places).await.unwrap().into_iter();
            few.filter(|(_, persons)| persons.is_empty()).map(|(place, _)| place).collect()
        };
        assert_eq!(unstaffed(nukus()).await, nukus());
        let wanted = role("nukus", "registrar", clock.now().plus(HOUR));
        let (_, token) = store.invite_officer(acting(head), inviting(CLERK, "clerk", wanted)).await.unwrap();
        clock.advance(HOUR);
        assert_eq!(unstaffed(nukus()).await, nukus(), "who has no password takes no task");
        let token = token.unwrap();
        let invitation = store.invitation(token.reveal()).await.unwrap().unwrap();
        assert!(store.accept_invitation(token.reveal(), &invitation, "phc".into()).await.unwrap());
        assert_eq!(unstaffed(nukus()).await, [place("bukhara", "registrar")]);
        store.end_access(acting(head), invitation.person).await.unwrap();
        assert_eq!(unstaffed(nukus()).await, nukus());
    })
    .await;
}

#[tokio::test]
async fn of_few_who_have_a_role_each_is_named_also_whoever_stands_in_for_them() {
    each(async |store, clock| {
        let head = administrator(&store, &clock).await;
        let place = || vec![Place { agency: "justice".into(), office: "nukus".into(), role: "registrar".into() }];
        let named = async || -> Option<Vec<PersonId>> {
            let few = store.few(place()).await.unwrap();
            few.into_iter().next().map(|(_, persons)| persons)
        };
        let clerk = appointed(&store, CLERK, "clerk", role("nukus", "registrar", clock.now())).await;
        let other = appointed(&store, OTHER, "other", role("bukhara", "clerk", clock.now())).await;
        assert_eq!(named().await, Some(vec![clerk]));
        let window = Window { from: clock.now(), to: clock.now().plus(HOUR) };
        store.name_substitute(acting(head), (clerk, other), &window).await.unwrap();
        let mut both = vec![clerk, other];
        both.sort();
        assert_eq!(named().await, Some(both));
        clock.advance(HOUR);
        assert_eq!(named().await, Some(vec![clerk]), "for as long as they do");
    })
    .await;
}

#[tokio::test]
async fn whoever_stood_in_for_a_role_that_ended_hides_no_place() {
    each(async |store, clock| {
        let head = administrator(&store, &clock).await;
        let place = || vec![Place { agency: "justice".into(), office: "nukus".into(), role: "registrar".into() }];
        let ends = Some(clock.now().plus(HOUR));
        let held = Appointment { to: ends, ..role("nukus", "registrar", clock.now()) };
        let clerk = appointed(&store, CLERK, "clerk", held).await;
        let window = Window { from: clock.now(), to: clock.now().plus(HOUR * 2) };
        // More than few.
        for (number, pinfl) in [OTHER, "41508860170411", "32302790170525", "41203850170214"].into_iter().enumerate() {
            let own = role("bukhara", "clerk", clock.now());
            let colleague = appointed(&store, pinfl, &format!("colleague-{number}"), own).await;
            store.name_substitute(acting(head), (clerk, colleague), &window).await.unwrap();
        }
        assert!(store.few(place()).await.unwrap().is_empty());
        clock.advance(HOUR);
        let few = store.few(place()).await.unwrap();
        assert!(few.len() == 1 && few[0].1.is_empty(), "{few:?}");
    })
    .await;
}
