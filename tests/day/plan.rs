//! What everybody does on the day, drawn from a seed, and what has to come of it: it follows from the seed and the rules alone.

use kernel::{Random, SeededRandom};
use tests::citizen::DUTY;

/// From nine in the morning on.
pub const HOURS: usize = 9;

/// Offices that both the registrars and the migration officers have, with the code of an address there.
pub const OFFICES: [(&str, &str); 5] = [
    ("tashkent-yunusabad", "1726266"),
    ("tashkent-chilanzar", "1726294"),
    ("samarkand", "1718401"),
    ("bukhara", "1706401"),
    ("nukus", "1735401"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// A copy of a marriage certificate: paid for, decided by a registrar.
    Marriage,
    /// That there is no criminal record: by itself, unless the court's register does not answer.
    Record,
    /// Registration where one lives: free, decided by a migration officer.
    Residence,
}

impl Service {
    /// Agency and service.
    pub fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::Marriage => ("justice", "marriage-certificate-copy"),
            Self::Record => ("interior", "no-criminal-record"),
            Self::Residence => ("interior", "residence-registration"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    Granted,
    /// Nothing is ever sent.
    LeftDraft,
    /// Sent and never paid for.
    Unpaid,
    /// Two pages of the provider are open, and both are paid on.
    PaidTwice,
    /// An officer returns it, the citizen corrects it.
    Corrected,
    /// An officer asks, the citizen answers.
    Asked,
    Withdrawn,
    Refused,
    Appealed {
        upheld: bool,
    },
    /// Nobody decides before the deadline is over.
    Neglected,
}

/// What happens at all, each at least once on a day with enough people.
const KINDS: [(Service, Course); 22] = [
    (Service::Marriage, Course::Granted),
    (Service::Record, Course::Granted),
    (Service::Residence, Course::Granted),
    (Service::Marriage, Course::Appealed { upheld: false }),
    (Service::Marriage, Course::Corrected),
    (Service::Marriage, Course::Neglected),
    (Service::Marriage, Course::PaidTwice),
    (Service::Marriage, Course::Unpaid),
    (Service::Marriage, Course::Withdrawn),
    (Service::Marriage, Course::Refused),
    (Service::Marriage, Course::Asked),
    (Service::Marriage, Course::LeftDraft),
    (Service::Marriage, Course::Appealed { upheld: true }),
    (Service::Residence, Course::Appealed { upheld: false }),
    (Service::Residence, Course::Corrected),
    (Service::Residence, Course::Neglected),
    (Service::Residence, Course::Withdrawn),
    (Service::Residence, Course::Refused),
    (Service::Residence, Course::Asked),
    (Service::Residence, Course::LeftDraft),
    (Service::Residence, Course::Appealed { upheld: true }),
    (Service::Record, Course::LeftDraft),
];
/// Of a hundred people, so many have an ordinary day.
const ORDINARY: usize = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    pub number: usize,
    pub service: Service,
    pub course: Course,
    /// When they apply.
    pub hour: usize,
    /// Place in `OFFICES`.
    pub office: usize,
    /// While they apply, the court's register does not answer.
    pub court_away: bool,
}

/// What is out of order, and in which hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outages {
    pub court: usize,
    pub archive: usize,
    /// The provider takes money and tells nobody.
    pub provider: usize,
    pub messages: usize,
    pub bus: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    pub citizens: Vec<Planned>,
    pub outages: Outages,
}

/// What has to come of one citizen's day.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// How each of their cases ends.
    pub outcomes: Vec<&'static str>,
    /// What the agency has of them at the end, in tiyin.
    pub kept: i64,
    pub decisions: Vec<&'static str>,
    pub late: bool,
    pub documents: i64,
}

struct Dice(SeededRandom);

impl Dice {
    fn below(&self, end: u64) -> usize {
        let mut drawn = [0; 8];
        self.0.fill(&mut drawn);
        usize::try_from(u64::from_be_bytes(drawn) % end).expect("it is small")
    }
}

impl Plan {
    pub fn of(seed: u64, citizens: usize) -> Self {
        let dice = Dice(SeededRandom::new(seed));
        let hour = || dice.below(HOURS as u64);
        let outages = Outages { court: hour(), archive: hour(), provider: hour(), messages: hour(), bus: hour() };
        let citizens = (0..citizens).map(|number| {
            let ordinary = number >= KINDS.len() && dice.below(100) < ORDINARY;
            let kind = match number {
                number if number < KINDS.len() => number,
                _ if ordinary => dice.below(3),
                _ => dice.below(KINDS.len() as u64),
            };
            let (service, course) = KINDS[kind];
            let hour = hour();
            let court_away = service == Service::Record && hour == outages.court;
            Planned { number, service, course, hour, office: dice.below(OFFICES.len() as u64), court_away }
        });
        Self { citizens: citizens.collect(), outages }
    }

    /// One line a citizen.
    pub fn lines(&self) -> Vec<String> {
        self.citizens.iter().map(|citizen| citizen.expected().line(citizen)).collect()
    }
}

impl Planned {
    pub fn expected(&self) -> Expected {
        let (outcomes, decisions): (&[&'static str], &[&'static str]) = match (self.service, self.course) {
            (_, Course::LeftDraft) => (&[""], &[]),
            (_, Course::Unpaid) => (&["lapsed"], &[]),
            (_, Course::Withdrawn) => (&["withdrawn"], &[]),
            (_, Course::Refused) => (&["rejected"], &["refuse"]),
            (_, Course::Appealed { upheld: true }) => (&["rejected", "upheld"], &["refuse", "uphold"]),
            (_, Course::Appealed { upheld: false }) => (&["rejected", "granted"], &["refuse", "allow"]),
            (_, Course::Corrected) => (&["granted"], &["return", "approve"]),
            (Service::Record, _) if !self.court_away => (&["granted"], &[]),
            _ => (&["granted"], &["approve"]),
        };
        let documents = outcomes.iter().filter(|outcome| matches!(**outcome, "granted" | "rejected")).count();
        let paid = self.service == Service::Marriage && outcomes.last() == Some(&"granted");
        Expected {
            outcomes: outcomes.to_vec(),
            kept: if paid { DUTY } else { 0 },
            decisions: decisions.to_vec(),
            late: self.course == Course::Neglected,
            documents: i64::try_from(documents).expect("at most two"),
        }
    }
}

impl Expected {
    pub fn line(&self, of: &Planned) -> String {
        let (agency, service) = of.service.place();
        let in_time = if self.late { "late" } else { "in time" };
        format!(
            "{} {agency}/{service}: {}; decided {}; {in_time}; {} tiyin; {} documents",
            of.number,
            self.outcomes.join(", "),
            self.decisions.join(", "),
            self.kept,
            self.documents
        )
    }
}

/// A PINFL of a fictional person: `G DDMMYY RRR SSS C`.
pub fn pinfl(sex_and_century: u8, number: usize) -> (String, String) {
    let (day, month, year) = (1 + number % 28, 1 + number / 28 % 12, 60 + number / 336 % 35);
    let digits = format!("{sex_and_century}{day:02}{month:02}{year:02}{number:06}");
    let sum: u32 =
        digits.bytes().zip([7, 3, 1].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    (format!("{digits}{}", sum % 10), format!("19{year:02}-{month:02}-{day:02}"))
}

/// Another seed or another number of people would leave the day with outages that nobody meets, and it would pass all the same.
#[test]
fn on_the_day_that_is_lived_each_outage_of_a_counterpart_meets_somebody() {
    let Plan { citizens, outages } = Plan::of(crate::SEED, crate::CITIZENS);
    let sends = |citizen: &Planned| citizen.course != Course::LeftDraft;
    assert!(citizens.iter().any(|citizen| citizen.court_away && sends(citizen)), "the court's register");
    let of_marriage = |hour: usize| {
        let at = citizens.iter().filter(|citizen| citizen.service == Service::Marriage && citizen.hour == hour);
        at.filter(|citizen| sends(citizen)).map(|citizen| citizen.course).collect::<Vec<_>>()
    };
    assert!(!of_marriage(outages.archive).is_empty(), "the registry of marriages");
    assert!(of_marriage(outages.provider).contains(&Course::Granted), "the provider");
}

#[test]
fn the_same_seed_gives_the_same_plan_and_a_small_day_has_everything_in_it() {
    assert_eq!(Plan::of(7, 300), Plan::of(7, 300));
    assert_ne!(Plan::of(7, 300), Plan::of(8, 300));
    let small = Plan::of(7, KINDS.len());
    for kind in KINDS {
        assert!(small.citizens.iter().any(|citizen| (citizen.service, citizen.course) == kind), "{kind:?}");
    }
    for number in [0, 27, 28, 1_999, 90_029] {
        let (text, birth_date) = pinfl(4, number);
        let read = kernel::pinfl::Pinfl::parse(&text).expect("its check digit is right");
        assert_eq!(read.birth_date(), birth_date);
    }
}
