//! Citizens, codes and tokens of the counterpart, all in memory: it forgets everything when it stops.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Time, bytes, pinfl::Pinfl};
use serde::Deserialize;

use super::{Settings, control::Fault};

/// Fictional people; the registry's counterpart knows the same ones.
const PERSONS: &str = include_str!("../../data/persons.json");
pub const CODE_LIFE: Duration = Duration::from_secs(60);
/// It has nothing but memory.
const NEWCOMERS_MAX: usize = 100_000;
pub const TOKEN_LIFE: Duration = Duration::from_secs(30 * 60);

#[derive(Debug, Clone, Deserialize)]
pub struct Person {
    pub key: String,
    pub pinfl: String,
    pub given_name: String,
    pub family_name: String,
    pub patronymic: String,
    pub birth_date: String,
    pub passport: String,
    pub phone: String,
    pub email: String,
    pub address: String,
    #[serde(default)]
    pub companies: Vec<Company>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    pub tin: String,
    pub name: String,
    pub basic: bool,
}

pub struct Counterpart {
    pub settings: Settings,
    persons: Vec<Person>,
    moving: Mutex<Moving>,
}

#[derive(Default)]
struct Moving {
    codes: HashMap<String, Code>,
    tokens: HashMap<String, (String, Time)>,
    faults: Vec<(Fault, u32)>,
    /// Whose companies a tester changed, by the person's key.
    companies: HashMap<String, Vec<Company>>,
    /// Whom a tester made known beside the bundled ones.
    newcomers: HashMap<String, Person>,
}

struct Code {
    person: String,
    redirect_uri: String,
    expires: Time,
}

impl Counterpart {
    pub fn new(settings: Settings) -> Self {
        let persons = serde_json::from_str(PERSONS).expect("the bundled citizens are read by a test");
        Self { settings, persons, moving: Mutex::default() }
    }

    pub fn persons(&self) -> &[Person] {
        &self.persons
    }

    pub fn knows_address(&self, redirect_uri: &str) -> bool {
        self.settings.redirect_uris.iter().any(|known| known == redirect_uri)
    }

    /// A code for a citizen who signed in.
    pub fn begin(&self, person: &str, redirect_uri: &str) -> Option<String> {
        let person = self.person(person)?.key;
        let code = self.secret();
        let expires = self.settings.clock.now().plus(CODE_LIFE);
        let begun = Code { person, redirect_uri: redirect_uri.to_owned(), expires };
        self.moving().codes.insert(code.clone(), begun);
        Some(code)
    }

    /// Access and refresh token for a code, once.
    pub fn redeem(&self, code: &str, redirect_uri: &str) -> Option<(String, String)> {
        let now = self.settings.clock.now();
        let mut moving = self.moving();
        let code = moving.codes.remove(code).filter(|code| code.redirect_uri == redirect_uri && now < code.expires)?;
        let access = self.secret();
        moving.tokens.insert(access.clone(), (code.person, now.plus(TOKEN_LIFE)));
        Some((access, self.secret()))
    }

    pub fn person_of(&self, token: &str) -> Option<Person> {
        let (key, expires) = self.moving().tokens.get(token).cloned()?;
        let alive = self.settings.clock.now() < expires;
        self.person(&key).filter(|_| alive)
    }

    fn person(&self, key: &str) -> Option<Person> {
        let bundled = self.persons.iter().find(|person| person.key == key).cloned();
        bundled.or_else(|| self.moving().newcomers.get(key).cloned())
    }

    /// From now on these can sign in, too; the page with buttons does not list them. Not where one has a number that OneID would never
    /// give, or they are too many; then nobody is known anew.
    pub fn welcome(&self, newcomers: Vec<Person>) -> bool {
        let proper = newcomers.iter().all(|person| Pinfl::parse(&person.pinfl).is_ok());
        let mut moving = self.moving();
        let taken = proper && moving.newcomers.len() + newcomers.len() <= NEWCOMERS_MAX;
        if taken {
            moving.newcomers.extend(newcomers.into_iter().map(|person| (person.key.clone(), person)));
        }
        taken
    }

    /// Which companies a person speaks for now.
    pub fn companies_of(&self, person: &Person) -> Vec<Company> {
        let changed = self.moving().companies.get(&person.key).cloned();
        changed.unwrap_or_else(|| person.companies.clone())
    }

    /// From now on a person speaks for these companies; whether the person is known.
    pub fn change_companies(&self, key: &str, companies: Vec<Company>) -> bool {
        let known = self.person(key).is_some();
        if known {
            self.moving().companies.insert(key.to_owned(), companies);
        }
        known
    }

    pub fn end(&self, token: &str) -> bool {
        self.moving().tokens.remove(token).is_some()
    }

    /// The next `times` calls that the fault concerns fail by it.
    pub fn plan(&self, fault: Fault, times: u32) {
        let mut moving = self.moving();
        moving.faults.retain(|(planned, _)| *planned != fault);
        if times > 0 {
            moving.faults.push((fault, times));
        }
    }

    pub fn planned(&self) -> Vec<(Fault, u32)> {
        self.moving().faults.clone()
    }

    /// Whether a planned fault happens now; each time it does, one fewer is left.
    pub fn strikes(&self, fault: Fault) -> bool {
        let mut moving = self.moving();
        let planned = moving.faults.iter_mut().find(|(planned, times)| *planned == fault && *times > 0);
        planned.map(|(_, times)| *times -= 1).is_some()
    }

    fn moving(&self) -> MutexGuard<'_, Moving> {
        self.moving.lock().expect("no holder of this lock panics")
    }

    fn secret(&self) -> String {
        URL_SAFE_NO_PAD.encode(bytes::<24>(&*self.settings.random))
    }
}
