//! Thirty officers in twelve offices, beside them who leads and who administers; who of them is away, and who stands in.

use std::{collections::BTreeSet, time::Duration};

use kernel::Time;
use proto::identity::v1::{AppointOfficerRequest, Appointment, NameSubstituteRequest, operations::NAME_SUBSTITUTE};
use tests::{officer::code, platform::Platform};

use crate::{
    edge::{Edge, Signed},
    plan::{Absences, INSPECTORATES, OFFICES, language, pinfl},
};

pub const CHIEFS: usize = 3;
/// Serial numbers of officers' PINFLs: no citizen has one of these.
const SERIAL: usize = 900_000;
const DAY: Duration = Duration::from_secs(86_400);
/// The days of a leave that begins and ends around the first visits to buildings.
const LEAVE: [u32; 2] = [10, 28];
const CONSTRUCTION: &str = "construction";
const INSPECTOR: &str = "inspector";
const CHIEF: &str = "chief";
const LEAD: &str = "lead";
const ADMINISTRATOR: &str = "administrator";
/// Whoever leads the offices of an agency, and whoever says who serves in it.
const HEADS: [(&str, &str); 3] = [("justice", LEAD), ("interior", LEAD), (CONSTRUCTION, ADMINISTRATOR)];

/// Where so many officers serve in one role; an empty office is the whole agency.
pub struct Place {
    pub agency: &'static str,
    pub office: &'static str,
    pub role: &'static str,
    pub count: usize,
}

/// Registrars and migration officers in four offices each, the information centre, three inspectorates; of whole agencies the experts
/// and those who decide on buildings.
fn roster() -> Vec<Place> {
    let registrars = OFFICES.iter().map(|(office, ..)| ("justice", *office, "registrar", 2));
    let migration = OFFICES.iter().map(|(office, ..)| ("interior", *office, "migration-officer", 2));
    let inspectors = INSPECTORATES.iter().map(|office| (CONSTRUCTION, *office, INSPECTOR, 1));
    let others = [
        ("interior", "information-centre", INSPECTOR, 2),
        ("fire-safety", "", "expert", 2),
        ("sanitary", "", "expert", 2),
        ("ecology", "", "expert", 1),
        (CONSTRUCTION, "", CHIEF, CHIEFS),
        (CONSTRUCTION, "", "board", 1),
    ];
    let all = registrars.chain(migration).chain(inspectors).chain(others);
    all.map(|(agency, office, role, count)| Place { agency, office, role, count }).collect()
}

/// Offices in which somebody falls ill: what they had in hand is given back by whoever leads.
pub fn led() -> impl Iterator<Item = Place> {
    roster().into_iter().filter(|place| is_led(place.agency))
}

fn is_led(agency: &str) -> bool {
    HEADS.contains(&(agency, LEAD))
}

/// An officer and where they serve.
pub struct Desk {
    pub agency: &'static str,
    pub office: &'static str,
    pub role: &'static str,
    pub person: Vec<u8>,
    /// In whose office, beside their own.
    stands_in: Option<&'static str>,
    /// From when on, and when they are back.
    pub away: Option<(Time, Time)>,
    /// In which they read and write.
    pub language: &'static str,
    pub login: String,
    password: String,
    secret: String,
}

impl Desk {
    pub async fn sign_in(&self, edge: &Edge, platform: &Platform) -> Signed {
        edge.officer((self.login.as_str(), self.password.as_str()), || code(&self.secret, platform.ahead())).await
    }

    pub fn is_there(&self, now: Time) -> bool {
        self.away.is_none_or(|(from, until)| now < from || until <= now)
    }

    /// Whether one of the places where tasks wait is theirs.
    pub fn has_work(&self, queued: &BTreeSet<(String, String, String)>) -> bool {
        queued.iter().any(|(agency, role, office)| {
            let theirs = [self.office, self.stands_in.unwrap_or_default()];
            agency == self.agency
                && role == self.role
                && (self.office.is_empty() || office.is_empty() || theirs.contains(&office.as_str()))
        })
    }
}

pub struct Staff {
    /// Office by office, and of the whole agencies role by role.
    pub teams: Vec<Vec<Desk>>,
    heads: Vec<Desk>,
}

impl Staff {
    /// Gives all of them their roles.
    pub async fn appoint(edge: &Edge) -> Self {
        let (mut teams, mut heads, mut number) = (Vec::new(), Vec::new(), 0);
        for place in roster() {
            let mut desks = Vec::new();
            for _ in 0..place.count {
                number += 1;
                desks.push(appointed(edge, (place.agency, place.office, place.role), number).await);
            }
            teams.push(desks);
        }
        for (agency, role) in HEADS {
            number += 1;
            heads.push(appointed(edge, (agency, "", role), number).await);
        }
        Self { teams, heads }
    }

    pub fn leads(&self) -> impl Iterator<Item = &Desk> {
        self.heads.iter().filter(|head| head.role == LEAD)
    }

    /// Who falls ill, and on which day they are back.
    pub fn falling_ill(&mut self, absences: &Absences) -> impl Iterator<Item = (&mut Desk, u64)> {
        let led = self.teams.iter_mut().filter(|team| is_led(team[0].agency));
        led.zip(&absences.ill).map(|(team, (place, back))| (&mut team[*place], *back))
    }

    pub fn all(&self) -> impl Iterator<Item = &Desk> {
        self.teams.iter().flatten()
    }

    /// Says in advance who is on leave. The inspector of the next inspectorate stands in for the only one of theirs; chiefs share a
    /// queue.
    pub async fn plan_leave(&mut self, (edge, platform): (&Edge, &Platform), absences: &Absences, nine: Time) {
        let [from, until] = LEAVE.map(|day| nine.plus(DAY * day));
        let next = (absences.inspectorate + 1) % INSPECTORATES.len();
        let [absent, substitute] = [absences.inspectorate, next].map(|place| INSPECTORATES[place]);
        let mut desks = |role: &str, office: &str, place: usize| {
            let is_theirs = |desk: &&mut Desk| (desk.agency, desk.role, desk.office) == (CONSTRUCTION, role, office);
            self.teams.iter_mut().flatten().filter(is_theirs).nth(place).map(|desk| {
                if office != substitute {
                    desk.away = Some((from, until));
                } else {
                    desk.stands_in = Some(absent);
                }
                desk.person.clone()
            })
        };
        desks(CHIEF, "", absences.chief).expect("there are as many chiefs");
        let persons = [absent, substitute].map(|office| desks(INSPECTOR, office, 0).expect("each has an inspector"));
        let [absent, substitute] = persons;
        let administrator = self.heads.iter().find(|head| head.role == ADMINISTRATOR).expect("one administers");
        let who = administrator.sign_in(edge, platform).await;
        let (from_us, to_us) = (from.micros(), until.micros());
        let naming = NameSubstituteRequest { agency: CONSTRUCTION.into(), absent, substitute, from_us, to_us };
        let named = edge.ask_platform(&who, &NAME_SUBSTITUTE, &naming).await;
        named.unwrap_or_else(|failure| panic!("{} names no substitute: {failure:?}", administrator.login));
    }
}

async fn appointed(
    edge: &Edge,
    (agency, office, role): (&'static str, &'static str, &'static str),
    number: usize,
) -> Desk {
    let login = format!("{role}-{number}");
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let secret: String = (0..32).map(|place| char::from(letters[(place * 7 + number) % 32])).collect();
    let asked = AppointOfficerRequest {
        login: login.clone(),
        display_name: format!("Officer {number}"),
        pinfl: pinfl(4, SERIAL + number).0,
        appointment: Some(Appointment {
            agency: agency.into(),
            office: office.into(),
            role: role.into(),
            from_us: edge.now().micros(),
            to_us: 0,
        }),
        demo_password: format!("a day in simulated time {number}"),
        demo_totp_secret: secret.clone(),
    };
    let person = edge.appoint(agency, &asked).await.person;
    let (language, password) = (language(number), asked.demo_password);
    Desk { agency, office, role, person, stands_in: None, away: None, language, login, password, secret }
}

#[test]
fn thirty_officers_serve_in_twelve_offices() {
    assert_eq!(roster().iter().map(|place| place.count).sum::<usize>(), 30);
    let places = roster();
    let offices = places.iter().filter(|place| !place.office.is_empty()).map(|place| (place.agency, place.office));
    assert_eq!(offices.collect::<BTreeSet<_>>().len(), 12);
}
