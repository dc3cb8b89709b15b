//! What everybody does on the day, drawn from a seed, and what has to come of it: it follows from the seed and the rules alone.

use std::collections::BTreeMap;

use kernel::{Language, Random, SeededRandom};
use tests::citizen::DUTY;

use crate::staff;

/// From nine in the morning on.
pub const HOURS: usize = 9;
/// How often officers look at their queues, in hours.
pub const LOOKS_EVERY: usize = 3;

/// Offices that both the registrars and the migration officers have, with the code of an address there and the inspectorate that
/// visits a building there.
pub const OFFICES: [(&str, &str, &str); 4] = [
    ("tashkent-yunusabad", "1726266", INSPECTORATES[0]),
    ("tashkent-chilanzar", "1726294", INSPECTORATES[0]),
    ("samarkand", "1718401", INSPECTORATES[1]),
    ("nukus", "1735401", INSPECTORATES[2]),
];
pub const INSPECTORATES: [&str; 3] = ["tashkent", "samarkand", "nukus"];

/// What is said of a building before anybody decides: by three agencies at once, then by an inspector on the site.
pub const BEFOREHAND: [&str; 4] = ["ecology", "fire", "inspect", "sanitary"];
/// Whose the fee for a permit is, in tiyin: two base calculation amounts, of which a fifth is the fire safety service's.
const REVIEW: [(&str, i64); 2] = [("construction", 65_920_000), ("fire-safety", 16_480_000)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// A copy of a marriage certificate: paid for, decided by a registrar.
    Marriage,
    /// That there is no criminal record: by itself, unless the court's register does not answer.
    Record,
    /// Registration where one lives: free, decided by a migration officer.
    Residence,
    /// A building permit for a company: paid for, three agencies and an inspector are heard, two chiefs decide.
    Permit,
}

impl Service {
    /// Agency and service.
    pub fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::Marriage => ("justice", "marriage-certificate-copy"),
            Self::Record => ("interior", "no-criminal-record"),
            Self::Residence => ("interior", "residence-registration"),
            Self::Permit => ("construction", "building-permit"),
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
    /// Nobody decides before the deadline is over; of a permit, one agency says nothing before its deadline is.
    Neglected,
}

/// What happens at all, each at least once on a day with enough people; first each service's ordinary course.
const KINDS: [(Service, Course); 31] = [
    (Service::Marriage, Course::Granted),
    (Service::Record, Course::Granted),
    (Service::Residence, Course::Granted),
    (Service::Permit, Course::Granted),
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
    (Service::Permit, Course::Appealed { upheld: false }),
    (Service::Permit, Course::Corrected),
    (Service::Permit, Course::Neglected),
    (Service::Permit, Course::Unpaid),
    (Service::Permit, Course::Withdrawn),
    (Service::Permit, Course::Refused),
    (Service::Permit, Course::LeftDraft),
    (Service::Permit, Course::Appealed { upheld: true }),
];
const SERVICES: u64 = 4;
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

/// What becomes of the next texts once the gateway of text messages is out of order.
pub const FAULTS: [&str; 4] = ["down", "lost-answer", "undeliverable", "down"];

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

/// Who is not there.
#[derive(Debug, PartialEq, Eq)]
pub struct Absences {
    /// In which hour somebody falls ill in each office that has a lead, with tasks in hand.
    pub hour: usize,
    /// Who of each of these offices does, by the place of their desk, and on which day they are back.
    pub ill: Vec<(usize, u64)>,
    /// Place in `INSPECTORATES`: whose only inspector is on leave when the first buildings are visited, and somebody stands in.
    pub inspectorate: usize,
    /// Which of the chiefs is on leave then; the others share the work.
    pub chief: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    pub citizens: Vec<Planned>,
    pub outages: Outages,
    pub absences: Absences,
}

/// What has to come of one citizen's day.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// How each of their cases ends.
    pub outcomes: Vec<&'static str>,
    /// What each agency has of them at the end, in tiyin.
    pub kept: BTreeMap<String, i64>,
    /// What was said beforehand, step and outcome, in the order of words.
    pub said: Vec<String>,
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
        let looks = HOURS / LOOKS_EVERY;
        let absences = Absences {
            hour: dice.below(looks as u64) * LOOKS_EVERY + LOOKS_EVERY - 1,
            ill: staff::led().map(|team| (dice.below(team.count as u64), 2 + dice.below(2) as u64)).collect(),
            inspectorate: dice.below(INSPECTORATES.len() as u64),
            chief: dice.below(staff::CHIEFS as u64),
        };
        let citizens = (0..citizens).map(|number| {
            let ordinary = number >= KINDS.len() && dice.below(100) < ORDINARY;
            let kind = match number {
                number if number < KINDS.len() => number,
                _ if ordinary => dice.below(SERVICES),
                _ => dice.below(KINDS.len() as u64),
            };
            let (service, course) = KINDS[kind];
            let hour = hour();
            let court_away = service == Service::Record && hour == outages.court;
            Planned { number, service, course, hour, office: dice.below(OFFICES.len() as u64), court_away }
        });
        Self { citizens: citizens.collect(), outages, absences }
    }

    /// Whether whoever falls ill has tasks in hand for certain: somebody's came since the officers last looked.
    pub fn illness_meets_somebody(&self) -> bool {
        let hour = self.absences.hour;
        let waits = |citizen: &Planned| {
            let decided_on_the_day = matches!(citizen.service, Service::Marriage | Service::Residence)
                && !matches!(citizen.course, Course::Unpaid | Course::LeftDraft | Course::Withdrawn);
            // Their payment may be heard of later.
            let late_money = citizen.service == Service::Marriage && citizen.hour == self.outages.provider;
            decided_on_the_day && !late_money && citizen.hour <= hour && hour < citizen.hour + LOOKS_EVERY
        };
        self.citizens.iter().any(waits)
    }

    /// Whether each fault of the gateway of text messages meets one for certain: whoever applies from then on is told how it ended.
    pub fn texts_fail(&self) -> bool {
        let is_told = |citizen: &&Planned| {
            citizen.hour >= self.outages.messages && !matches!(citizen.course, Course::LeftDraft | Course::Withdrawn)
        };
        self.citizens.iter().filter(is_told).count() >= FAULTS.len()
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
        let kept: &[(&str, i64)] = match self.service {
            Service::Marriage if outcomes.last() == Some(&"granted") => &[("justice", DUTY)],
            // Earned by the review, whatever it came to.
            Service::Permit if !decisions.is_empty() => &REVIEW,
            _ => &[],
        };
        Expected {
            outcomes: outcomes.to_vec(),
            kept: kept.iter().map(|(agency, sum)| ((*agency).to_owned(), *sum)).collect(),
            said: self.said(),
            decisions: decisions.to_vec(),
            late: self.course == Course::Neglected,
            documents: i64::try_from(documents).expect("at most two"),
        }
    }

    pub fn language(&self) -> &'static str {
        language(self.number)
    }

    /// Whether a building is looked at: what is paid for, and stays.
    pub fn is_visited(&self) -> bool {
        let stays = !matches!(self.course, Course::LeftDraft | Course::Unpaid | Course::Withdrawn);
        self.service == Service::Permit && stays
    }

    pub fn inspectorate(&self) -> &'static str {
        OFFICES[self.office].2
    }

    fn said(&self) -> Vec<String> {
        if !self.is_visited() {
            return Vec::new();
        }
        let objects = matches!(self.course, Course::Refused | Course::Appealed { .. });
        let fire = if objects { "fire object" } else { "fire support" };
        // Whatever was returned is looked at anew.
        let rounds = if self.course == Course::Corrected { 2 } else { 1 };
        let each = ["ecology support", fire, "inspect matches", "sanitary support"];
        each.iter().flat_map(|words| std::iter::repeat_n((*words).to_owned(), rounds)).collect()
    }
}

impl Expected {
    pub fn line(&self, of: &Planned) -> String {
        let (agency, service) = of.service.place();
        let in_time = if self.late { "late" } else { "in time" };
        let kept: Vec<String> = self.kept.iter().map(|(agency, sum)| format!("{agency} {sum}")).collect();
        format!(
            "{} {agency}/{service}: {}; said {}; decided {}; {in_time}; tiyin of {}; {} documents",
            of.number,
            self.outcomes.join(", "),
            self.said.join(", "),
            self.decisions.join(", "),
            kept.join(", "),
            self.documents
        )
    }
}

/// In which somebody of this number reads and writes: people of each language come one after another.
pub fn language(number: usize) -> &'static str {
    Language::ALL[number % Language::ALL.len()].tag()
}

/// A PINFL of a fictional person: `G DDMMYY RRR SSS C`.
pub fn pinfl(sex_and_century: u8, number: usize) -> (String, String) {
    let (day, month, year) = (1 + number % 28, 1 + number / 28 % 12, 60 + number / 336 % 35);
    let digits = format!("{sex_and_century}{day:02}{month:02}{year:02}{number:06}");
    let sum: u32 =
        digits.bytes().zip([7, 3, 1].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    (format!("{digits}{}", sum % 10), format!("19{year:02}-{month:02}-{day:02}"))
}

/// Another seed or another number of people would leave the day with outages and absences that nobody meets, and it would pass all the
/// same.
#[test]
fn on_the_day_that_is_lived_each_outage_and_each_absence_meets_somebody() {
    let plan = Plan::of(crate::SEED, crate::CITIZENS);
    assert!(plan.illness_meets_somebody(), "whoever falls ill");
    assert!(plan.texts_fail(), "the gateway of text messages");
    let Plan { citizens, outages, absences } = plan;
    let on_leave = INSPECTORATES[absences.inspectorate];
    let visits = |citizen: &Planned| citizen.is_visited() && citizen.inspectorate() == on_leave;
    assert!(citizens.iter().any(visits), "the inspector on leave");
    let sends = |citizen: &Planned| citizen.course != Course::LeftDraft;
    assert!(citizens.iter().any(|citizen| citizen.court_away && sends(citizen)), "the court's register");
    let of_marriage = |hour: usize| {
        let at = citizens.iter().filter(|citizen| citizen.service == Service::Marriage && citizen.hour == hour);
        at.filter(|citizen| sends(citizen)).map(|citizen| citizen.course).collect::<Vec<_>>()
    };
    assert!(!of_marriage(outages.archive).is_empty(), "the registry of marriages");
    assert!(of_marriage(outages.provider).contains(&Course::Granted), "the provider");
    assert!(citizens.iter().any(|citizen| citizen.hour == outages.bus && sends(citizen)), "the bus");
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
