//! The counterpart keeps to the protocol, and its failures happen exactly as often as asked for.

use std::sync::Arc;

use kernel::{ManualClock, SeededRandom, Time, pinfl::Pinfl};

use super::{
    Settings,
    control::Fault,
    identified,
    state::{CODE_LIFE, Counterpart, Person},
    with_wrong_check_digit,
};

const ADDRESS: &str = "http://localhost:8080/identity/oneid/callback";

fn counterpart() -> (Counterpart, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(Time::from_seconds(1_000_000)));
    let settings = Settings {
        client_id: "xizmat".into(),
        client_secret: "secret".into(),
        redirect_uris: vec![ADDRESS.into()],
        clock: clock.clone(),
        random: Arc::new(SeededRandom::new(1)),
    };
    (Counterpart::new(settings), clock)
}

#[test]
fn every_citizen_has_a_pinfl_that_passes_and_one_that_does_not() {
    let (counterpart, _) = counterpart();
    assert!(counterpart.persons().len() >= 3);
    for person in counterpart.persons() {
        let pinfl = Pinfl::parse(&person.pinfl).unwrap();
        assert_eq!(pinfl.birth_date(), person.birth_date);
        assert!(Pinfl::parse(&with_wrong_check_digit(&person.pinfl)).is_err());
        assert_eq!(identified(person, &person.companies)["pin"], person.pinfl);
    }
}

#[test]
fn a_code_works_once_in_time_and_at_its_address() {
    let (counterpart, clock) = counterpart();
    let person = counterpart.persons()[0].key.clone();
    let code = counterpart.begin(&person, ADDRESS).unwrap();
    let (token, _) = counterpart.redeem(&code, ADDRESS).unwrap();
    assert!(counterpart.redeem(&code, ADDRESS).is_none());
    assert_eq!(counterpart.person_of(&token).unwrap().key, person);
    assert!(counterpart.end(&token) && counterpart.person_of(&token).is_none());
    let code = counterpart.begin(&person, ADDRESS).unwrap();
    assert!(counterpart.redeem(&code, "http://elsewhere/").is_none());
    let code = counterpart.begin(&person, ADDRESS).unwrap();
    clock.advance(CODE_LIFE);
    assert!(counterpart.redeem(&code, ADDRESS).is_none());
}

#[test]
fn a_planned_fault_strikes_as_often_as_planned() {
    let (counterpart, _) = counterpart();
    assert!(!counterpart.strikes(Fault::Slow));
    counterpart.plan(Fault::Slow, 2);
    let strikes = [(); 3].map(|()| counterpart.strikes(Fault::Slow));
    assert_eq!(strikes, [true, true, false]);
}

#[test]
fn a_person_speaks_for_the_companies_that_a_tester_left_them() {
    let (counterpart, _) = counterpart();
    let person = counterpart.persons().iter().find(|person| !person.companies.is_empty()).unwrap().clone();
    let told = |counterpart: &Counterpart| {
        let companies = counterpart.companies_of(&person);
        identified(&person, &companies)["legal_info"].as_array().unwrap().len()
    };
    assert_eq!(told(&counterpart), person.companies.len());
    assert!(counterpart.change_companies(&person.key, Vec::new()));
    assert_eq!(told(&counterpart), 0);
    assert!(!counterpart.change_companies("nobody", Vec::new()));
}

#[test]
fn whoever_a_tester_makes_known_signs_in_like_everybody_else() {
    let (counterpart, _) = counterpart();
    assert!(counterpart.begin("newcomer", ADDRESS).is_none());
    let newcomer = Person { key: "newcomer".into(), ..counterpart.persons()[0].clone() };
    let misread = Person { key: "misread".into(), pinfl: "41503920170218".into(), ..newcomer.clone() };
    assert!(!counterpart.welcome(vec![newcomer.clone(), misread]), "a wrong check digit");
    assert!(counterpart.begin("newcomer", ADDRESS).is_none(), "all of them or none");
    let many = (0..=100_000).map(|number| Person { key: number.to_string(), ..newcomer.clone() });
    assert!(!counterpart.welcome(many.collect()), "too many");
    assert!(counterpart.welcome(vec![newcomer]));
    let code = counterpart.begin("newcomer", ADDRESS).unwrap();
    let (token, _) = counterpart.redeem(&code, ADDRESS).unwrap();
    assert_eq!(counterpart.person_of(&token).unwrap().key, "newcomer");
}
