//! What an officer says of an application on paper, who may take it in, and for how long they go on with it.

use std::time::Duration;

use jiff::{ToSpan, civil::Date};
use kernel::{CaseId, Failure, Hash, PersonId, Time, keyed_hash, lookup, pinfl::Pinfl};
use process::{
    CaseState,
    calendar::{civil_date, start_of_day},
    case::{Identity, Phase},
    start,
};
use proto::{
    eservice::v1::{Paper, TakenInCase},
    identity::v1::{Appointment, Officer, Person},
};

use super::{access::in_force, identified, review};

/// How such a case came, in the words of the case.
const CHANNEL: &str = "paper";
/// The act of taking an application in.
pub const TAKEN: &str = "paper.taken-in";
pub const REFUSED: &str = "paper.refused";
pub const DISCARDED: &str = "paper.discarded";
pub const LISTED: &str = "paper.listed";
pub const TAKEN_OVER: &str = "paper.taken-over";

const NAME_CHARS_MAX: usize = 80;
const NUMBER_CHARS_MAX: usize = 60;
const REASON_CHARS_MAX: usize = 500;
/// For how long nothing happens to it until any other officer of the role goes on with it.
const LIES_AFTER: Duration = Duration::from_secs(3 * 86_400);
/// For how long nobody of the role goes on with it until whoever leads is told.
pub const FORGOTTEN_AFTER: Duration = Duration::from_secs(7 * 86_400);
/// How long a paper may have lain before somebody types it.
const RECEIVED_DAYS_MAX: i64 = 30;

/// What was read from the paper, or why there is none. Never printed: it is personal data.
pub struct Signed {
    pub who: Who,
    pub family_name: String,
    pub given_name: String,
    pub patronymic: String,
    pub original: String,
    pub reason: String,
    /// How they can be reached of whom it is not known who they are.
    pub contact: String,
}

/// By what whoever signed is known.
pub enum Who {
    Known(Pinfl),
    /// State and number of their document.
    Foreigner(String),
    /// By their name and this day of birth alone, until it is sent.
    NotYet(Date),
    /// Nobody applied.
    Nobody,
}

impl Who {
    /// How the case came.
    pub fn channel(&self) -> &'static str {
        match self {
            Self::Known(_) | Self::Foreigner(_) | Self::NotYet(_) => CHANNEL,
            Self::Nobody => start::EX_OFFICIO,
        }
    }

    /// Whom identity knows: they are written to, and see the case once they sign in.
    pub fn is_identified(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// What the case keeps of those who are identified later.
    pub fn identity(&self) -> Option<Identity> {
        matches!(self, Self::NotYet(_)).then_some(Identity::NotYet)
    }
}

/// What the officer typed, as the service's start takes it.
pub fn signed(start: &api::Start, paper: &Paper) -> Result<Signed, Failure> {
    let way = if paper.identified.is_empty() { start::PINFL } else { paper.identified.as_str() };
    if !start::ways_of(start).iter().any(|taken| taken == way) {
        return Err(not_identified_so());
    }
    if way == start::EX_OFFICIO {
        return ex_officio(paper);
    }
    let who = match way {
        start::DOCUMENT => Who::Foreigner(document(&paper.document)?),
        start::NOT_YET => Who::NotYet(identified::day_of_birth(&paper.born)?),
        _ => Who::Known(born_so(paper)?),
    };
    let (family_name, given_name) = (named(&paper.family_name)?, named(&paper.given_name)?);
    let patronymic = match paper.patronymic.trim() {
        "" => String::new(),
        _ => named(&paper.patronymic)?,
    };
    let Some(original) = number(&paper.original) else {
        let message =
            "Type the number under which the signed original is kept, such as 12/2026: letters, digits, - / .";
        return Err(Failure::invalid("paper.original", message));
    };
    let contact = if matches!(who, Who::NotYet(_)) { identified::contact(&paper.contact)? } else { String::new() };
    Ok(Signed { who, family_name, given_name, patronymic, original, reason: String::new(), contact })
}

/// A number says when its owner was born: one that was misread, and is somebody's all the same, seldom says the same day.
pub(super) fn born_so(paper: &Paper) -> Result<Pinfl, Failure> {
    let pinfl = Pinfl::parse(&paper.pinfl)?;
    if paper.born.trim() == pinfl.birth_date() {
        return Ok(pinfl);
    }
    Err(Failure::invalid("paper.born", "The PINFL and the date of birth are not of one person. Check both."))
}

fn ex_officio(paper: &Paper) -> Result<Signed, Failure> {
    let reason = paper.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        let message = "Say in at most 500 letters why the office begins this by itself.";
        return Err(Failure::invalid("paper.reason", message));
    }
    Ok(Signed {
        who: Who::Nobody,
        family_name: String::new(),
        given_name: String::new(),
        patronymic: String::new(),
        original: String::new(),
        reason: reason.to_owned(),
        contact: String::new(),
    })
}

/// From when on the law counts: now where nothing was typed, else the first moment of that day; never where nobody handed anything in.
pub fn received(who: &Who, paper: &Paper, now: Time) -> Result<Option<Time>, Failure> {
    if matches!(who, Who::Nobody) {
        return Ok(None);
    }
    let (typed, today) = (paper.received.trim(), civil_date(now));
    let day = if typed.is_empty() { Some(today) } else { typed.parse::<Date>().ok() };
    let first = today.checked_sub(RECEIVED_DAYS_MAX.days()).ok();
    let lately = day.filter(|day| *day <= today && first.is_some_and(|first| first <= *day));
    let day = lately.ok_or_else(|| {
        let message = "Type the day on which the paper was handed in: today, or at most 30 days ago.";
        Failure::invalid("paper.received", message)
    })?;
    Ok(Some(if day == today { now } else { start_of_day(day) }))
}

fn document(typed: &str) -> Result<String, Failure> {
    number(typed).ok_or_else(|| {
        let message = "Type the state and the number of the document, such as KAZ N12345678: letters, digits, - / .";
        Failure::invalid("paper.document", message)
    })
}

/// As it stands on papers; nothing of what is typed beside one is a number.
fn number(typed: &str) -> Option<String> {
    let number = typed.trim();
    let written = |letter: char| letter.is_alphanumeric() || "-/.№ ".contains(letter);
    let fits = !number.is_empty() && number.chars().count() <= NUMBER_CHARS_MAX && number.chars().all(written);
    fits.then(|| number.to_owned())
}

fn named(typed: &str) -> Result<String, Failure> {
    let name = typed.trim();
    if lookup::words(name).is_empty() || name.chars().count() > NAME_CHARS_MAX {
        let message = "Type the family name and the given name as they stand on the application.";
        return Err(Failure::invalid("paper.name", message));
    }
    Ok(name.to_owned())
}

/// Somebody whom identity does not know, or nobody: under an id of this one case, by which nobody signs in.
pub fn unidentified(signed: &Signed, case: CaseId) -> Person {
    let (document, born) = match &signed.who {
        Who::Foreigner(document) => (document.clone(), String::new()),
        Who::NotYet(born) => (String::new(), born.to_string()),
        Who::Known(_) | Who::Nobody => (String::new(), String::new()),
    };
    Person {
        person: PersonId::derived(Hash::of_parts(&[b"unidentified", case.as_bytes()])).to_vec(),
        family_name: signed.family_name.clone(),
        given_name: signed.given_name.clone(),
        patronymic: signed.patronymic.clone(),
        passport: document,
        birth_date: born,
        ..Person::default()
    }
}

/// Whom identity knows by the number alone has in this case the names of the paper. Identity does not learn them so: misspelt once, they
/// would shut that number out everywhere.
pub fn as_signed(signed: &Signed, known: Person) -> Person {
    if !known.family_name.is_empty() {
        return known;
    }
    Person {
        family_name: signed.family_name.clone(),
        given_name: signed.given_name.clone(),
        patronymic: signed.patronymic.clone(),
        ..known
    }
}

/// A number that was misread belongs to somebody else: the family name must be theirs, in whichever script it was typed.
pub fn is_of(signed: &Signed, known: &Person) -> bool {
    let known = lookup::words(&known.family_name);
    known.is_empty() || known == lookup::words(&signed.family_name)
}

/// Neither whose the number is nor their name is told.
pub fn name_differs() -> Failure {
    Failure::invalid("paper.name-differs", "The PINFL and the family name are not of one person. Check both.")
}

fn not_identified_so() -> Failure {
    Failure::invalid("paper.identified", "This service does not take in an application whose applicant is known so.")
}

pub fn not_taken() -> Failure {
    Failure::conflict("paper.not-taken", "This service takes no applications on paper.")
}

pub fn officers_only() -> Failure {
    Failure::forbidden("paper.officers-only", "Only an officer takes in what came on paper. Sign in as one.")
}

pub fn not_appointed() -> Failure {
    Failure::forbidden(
        "paper.not-appointed",
        "Your role does not take in applications for this service. The agency's administrator gives roles.",
    )
}

/// Of whose paper it is, and of its number: an office's numbers are its own, but nobody has two papers of one number. None where nobody
/// handed anything in.
pub fn mark(key: &[u8; 32], (agency, service): (&str, &str), signed: &Signed, principal: PersonId) -> Option<Hash> {
    let whose = match &signed.who {
        Who::Known(_) => principal.to_vec(),
        Who::Foreigner(document) => document.to_lowercase().into_bytes(),
        Who::NotYet(born) => format!("{} {} {born}", signed.family_name, signed.given_name).to_lowercase().into_bytes(),
        Who::Nobody => return None,
    };
    let number: String = signed.original.to_lowercase().split_whitespace().collect();
    Some(keyed_hash(key, &[b"original", agency.as_bytes(), service.as_bytes(), &whose, number.as_bytes()]))
}

pub fn taken_already() -> Failure {
    let message = "This applicant's paper of this number was taken in already. Look for it, or throw away the one that was a mistake.";
    Failure::conflict("paper.taken-already", message)
}

pub fn too_many() -> Failure {
    Failure::conflict(
        "paper.too-many",
        "You have fifty applications on paper that are not sent. Send some of them first.",
    )
}

pub fn not_left() -> Failure {
    Failure::stale("paper.not-left", "Somebody else goes on with this application. Look at the list again.")
}

pub fn own() -> Failure {
    Failure::forbidden("paper.own", "Nobody takes in their own application. Ask another officer of your role.")
}

/// As what the officer takes in: their own office before the whole agency.
pub fn appointed<'a>(officer: &'a Officer, agency: &str, role: &str, now: Time) -> Option<&'a Appointment> {
    let held = officer.appointments.iter();
    let fits = held.filter(|held| in_force(held, now) && held.agency == agency && held.role == role);
    fits.max_by_key(|held| !held.office.is_empty())
}

/// Whether it is typed by an officer and was not sent yet: until then whoever signed it sees nothing of it.
pub fn is_being_typed(state: &CaseState) -> bool {
    state.taken_in.is_some() && state.submitted.is_none()
}

/// Whether this officer has it to type, or to correct after it was sent back.
pub fn types(state: &CaseState, officer: PersonId) -> bool {
    state.is_taken_in_by(officer) && waits(state)
}

/// Whether there is something to type, or to correct after it was sent back.
pub fn waits(state: &CaseState) -> bool {
    state.phase == Phase::Draft || state.returned.is_some()
}

/// Whether nobody goes on with it unless an officer does: it was not sent, or nobody knows whom to ask to correct it.
pub fn is_left_to_officers(state: &CaseState) -> bool {
    state.taken_in.is_some() && waits(state) && (state.phase == Phase::Draft || !state.is_identified())
}

/// Whether it was left lying.
pub fn lies(state: &CaseState, now: Time) -> bool {
    now.since(state.changed) >= LIES_AFTER
}

/// Under which number the signed original is kept; empty: nothing came on paper.
pub fn original(state: &CaseState) -> String {
    state.taken_in.as_ref().map(|taken| taken.original.clone()).unwrap_or_default()
}

/// When it was handed in on paper; 0: it was not.
pub fn received_us(state: &CaseState) -> i64 {
    state.taken_in.as_ref().and_then(|taken| taken.received).map(Time::micros).unwrap_or_default()
}

/// Why it was begun ex officio; empty: it was not.
pub fn reason(state: &CaseState) -> String {
    state.taken_in.as_ref().map(|taken| taken.reason.clone()).unwrap_or_default()
}

pub fn listed(state: &CaseState) -> TakenInCase {
    TakenInCase {
        case_id: state.case_id.to_vec(),
        phase: state.public_phase().to_owned(),
        number: state.number.clone().unwrap_or_default(),
        applicant: review::applicant_name(state),
        original: original(state),
        changed_us: state.changed.micros(),
        reason: reason(state),
        officer: String::new(),
        identity: String::new(),
        contact: state.taken_in.as_ref().map(|taken| taken.contact.clone()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper() -> Paper {
        Paper {
            pinfl: "31203850000015".into(),
            family_name: " Каримова ".into(),
            given_name: "Dilnoza".into(),
            patronymic: String::new(),
            original: "K-12/2026".into(),
            born: "1985-03-12".into(),
            ..Paper::default()
        }
    }

    fn start(more: serde_json::Value) -> api::Start {
        let mut start = serde_json::json!({"name": "paper", "kind": "officer", "step": "apply", "role": "clerk"});
        for (name, value) in more.as_object().unwrap() {
            start[name] = value.clone();
        }
        serde_json::from_value(start).unwrap()
    }

    fn code(start: &api::Start, paper: &Paper) -> Option<String> {
        signed(start, paper).err().map(|failure| failure.code.into_owned())
    }

    #[test]
    fn what_is_missing_or_no_name_or_number_is_refused_by_its_own_code() {
        let plain = start(serde_json::json!({}));
        assert_eq!(code(&plain, &paper()), None);
        for (wrong, expected) in [
            (Paper { pinfl: "31203850000016".into(), ..paper() }, "pinfl.check-digit"),
            (Paper { pinfl: String::new(), ..paper() }, "pinfl.length"),
            (Paper { born: "1985-12-03".into(), ..paper() }, "paper.born"),
            (Paper { born: String::new(), ..paper() }, "paper.born"),
            (Paper { family_name: " - ".into(), ..paper() }, "paper.name"),
            (Paper { given_name: String::new(), ..paper() }, "paper.name"),
            (Paper { patronymic: "x".repeat(81), ..paper() }, "paper.name"),
            (Paper { original: "  ".into(), ..paper() }, "paper.original"),
            (Paper { original: "<b>1</b>".into(), ..paper() }, "paper.original"),
            (Paper { original: "1".repeat(61), ..paper() }, "paper.original"),
        ] {
            assert_eq!(code(&plain, &wrong).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_foreigner_and_a_beginning_ex_officio_are_taken_where_the_start_says_so_and_only_there() {
        let (foreigner, nobody) = (
            Paper { identified: "document".into(), document: "KAZ N12345678".into(), pinfl: String::new(), ..paper() },
            Paper { identified: "ex-officio".into(), reason: "A court ordered it".into(), ..Paper::default() },
        );
        let plain = start(serde_json::json!({}));
        for one in [&foreigner, &nobody, &Paper { identified: "fax".into(), ..paper() }] {
            assert_eq!(code(&plain, one).as_deref(), Some("paper.identified"));
        }
        let foreign = start(serde_json::json!({"identifiedBy": ["foreignDocument"], "exOfficio": true}));
        assert_eq!(code(&foreign, &paper()).as_deref(), Some("paper.identified"), "no PINFL is taken here");
        for (wrong, expected) in [
            (foreigner.clone(), None),
            (nobody.clone(), None),
            (Paper { document: " ".into(), ..foreigner.clone() }, Some("paper.document")),
            (Paper { original: String::new(), ..foreigner.clone() }, Some("paper.original")),
            (Paper { given_name: String::new(), ..foreigner.clone() }, Some("paper.name")),
            (Paper { reason: " ".into(), ..nobody.clone() }, Some("paper.reason")),
            (Paper { reason: "x".repeat(501), ..nobody.clone() }, Some("paper.reason")),
        ] {
            assert_eq!(code(&foreign, &wrong).as_deref(), expected);
        }
        let (one, other) = (CaseId::from_bytes([1; 16]), CaseId::from_bytes([2; 16]));
        let read = signed(&foreign, &foreigner).unwrap();
        let person = unidentified(&read, one);
        assert_eq!((person.passport.as_str(), person.pinfl.as_str()), ("KAZ N12345678", ""));
        assert_eq!(person, unidentified(&read, one));
        assert_ne!(person.person, unidentified(&read, other).person, "nothing joins one case to another");
        let nobody = unidentified(&signed(&foreign, &nobody).unwrap(), one);
        assert!(nobody.family_name.is_empty() && nobody.passport.is_empty());
    }

    #[test]
    fn whoever_is_identified_later_has_a_name_a_day_of_birth_and_a_way_to_be_reached() {
        let unknown = Paper {
            identified: "not-yet".into(),
            contact: "+998 90 123-45-67".into(),
            pinfl: String::new(),
            ..paper()
        };
        assert_eq!(code(&start(serde_json::json!({})), &unknown).as_deref(), Some("paper.identified"));
        let later = start(serde_json::json!({"identifiedBy": ["notYetKnown"], "notify": "yours"}));
        for (wrong, expected) in [
            (unknown.clone(), None),
            (Paper { contact: " ".into(), ..unknown.clone() }, Some("paper.contact")),
            (Paper { born: "in spring".into(), ..unknown.clone() }, Some("paper.day-of-birth")),
            (Paper { family_name: String::new(), ..unknown.clone() }, Some("paper.name")),
            (paper(), Some("paper.identified")),
        ] {
            assert_eq!(code(&later, &wrong).as_deref(), expected);
        }
        let read = signed(&later, &unknown).unwrap();
        assert!(!read.who.is_identified() && read.who.identity() == Some(Identity::NotYet));
        let person = unidentified(&read, CaseId::from_bytes([1; 16]));
        assert_eq!((person.birth_date.as_str(), person.pinfl.as_str()), ("1985-03-12", ""));
    }

    #[test]
    fn paper_was_handed_in_lately_and_never_tomorrow() {
        let now: Time = "2026-11-24T05:00:00Z".parse().unwrap();
        let on = |day: &str| received(&Who::Foreigner(String::new()), &Paper { received: day.into(), ..paper() }, now);
        assert_eq!(on("").unwrap(), Some(now));
        assert_eq!(on("2026-11-24").unwrap(), Some(now));
        let monday = "2026-11-22T19:00:00Z".parse().unwrap();
        assert_eq!(on("2026-11-23").unwrap(), Some(monday), "its first moment in Tashkent");
        assert!(on("2026-10-25").is_ok());
        for wrong in ["2026-11-25", "2026-10-24", "yesterday"] {
            assert_eq!(on(wrong).unwrap_err().code, "paper.received", "{wrong}");
        }
        assert_eq!(received(&Who::Nobody, &paper(), now).unwrap(), None);
    }

    #[test]
    fn a_number_counts_only_with_the_family_name_of_its_owner_in_either_script() {
        let signed = signed(&start(serde_json::json!({})), &paper()).unwrap();
        let known = |family_name: &str| Person { family_name: family_name.into(), ..Person::default() };
        assert!(is_of(&signed, &known("Karimova")) && is_of(&signed, &known("КАРИМОВА")));
        assert!(is_of(&signed, &known("")), "nobody knew them before");
        assert!(!is_of(&signed, &known("Karimov")) && !is_of(&signed, &known("Yusupova")));
        assert_eq!(as_signed(&signed, known("Karimova")).family_name, "Karimova", "identity's word stands");
        let named = as_signed(&signed, known(""));
        assert_eq!((named.family_name.as_str(), named.given_name.as_str()), ("Каримова", "Dilnoza"));
    }

    #[test]
    fn only_the_role_of_the_agency_takes_in_and_the_own_office_is_named_first() {
        let held = |agency: &str, office: &str, role: &str, to_us: i64| Appointment {
            agency: agency.into(),
            office: office.into(),
            role: role.into(),
            from_us: 10,
            to_us,
        };
        let officer = |appointments: Vec<Appointment>| Officer { appointments, ..Officer::default() };
        let now = Time::from_micros(100);
        let office = |officer: &Officer| appointed(officer, "justice", "clerk", now).map(|held| held.office.clone());
        let both = officer(vec![held("justice", "", "clerk", 0), held("justice", "nukus", "clerk", 0)]);
        assert_eq!(office(&both).as_deref(), Some("nukus"));
        for other in [
            held("justice", "nukus", "registrar", 0),
            held("health", "nukus", "clerk", 0),
            held("justice", "nukus", "clerk", 99),
        ] {
            assert_eq!(office(&officer(vec![other])), None);
        }
    }
}
