//! How a scenario is written.

use std::collections::BTreeMap;

use api::{Office, Span};
use kernel::{Language, Time};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario {
    /// A sentence: what is proved.
    pub title: String,
    #[serde(default)]
    pub given: Given,
    pub when: Vec<When>,
    pub then: Then,
}

/// The world before anything happens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Given {
    /// The moment of the start (RFC 3339).
    pub at: Time,
    pub language: Language,
    /// How the case comes: `paper` and `ex-officio` with an officer.
    pub channel: Channel,
    /// What identity says about the applicant: `family_name`, `given_name`, `pinfl`, `birthDate`, … When left out: somebody.
    pub applicant: Map<String, Value>,
    /// The agency's offices. When left out: those of its `agency.yaml`.
    pub offices: Vec<Office>,
    /// What registries answer. An operation that is not named finds nothing.
    pub registries: Vec<RegistryAnswer>,
}

impl Default for Given {
    fn default() -> Self {
        Self {
            // Tuesday, 24 November 2026, 10:00 in Tashkent.
            at: Time::from_seconds(1_795_496_400),
            language: Language::default(),
            channel: Channel::default(),
            applicant: somebody(),
            offices: Vec::new(),
            registries: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    #[default]
    Web,
    Paper,
    ExOfficio,
}

/// An invented person, for scenarios that do not care who applies.
fn somebody() -> Map<String, Value> {
    let fields = [
        ("name", "Karimova Nilufar Rustamovna"),
        ("family_name", "Karimova"),
        ("given_name", "Nilufar"),
        ("patronymic", "Rustamovna"),
        ("pinfl", "31203850000015"),
        ("birthDate", "1985-03-12"),
        ("phone", "+998901234567"),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegistryAnswer {
    pub registry: String,
    pub operation: String,
    /// When left out: it finds nothing.
    #[serde(default)]
    pub answer: Option<Value>,
    /// So many attempts get no answer first; `always` never gets one.
    #[serde(default)]
    pub unavailable: u32,
    #[serde(default)]
    pub down: bool,
}

/// Something that happens; exactly one of its fields is set, beside `expect`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct When {
    /// The applicant answers: field path → text, as typed; of a file its name, of several their names with commas between. Pages
    /// are saved in their order.
    pub answer: Option<BTreeMap<String, String>>,
    /// The applicant says of these prefilled facts that they are wrong.
    pub dispute: Option<Vec<String>>,
    /// The applicant sends the application in, first or again.
    pub submit: Option<Empty>,
    /// The applicant pays what is due.
    pub pay: Option<Empty>,
    /// The party who is asked answers their form, as `answer` is written, and agrees.
    pub agree: Option<BTreeMap<String, String>>,
    /// The party who is asked declines.
    pub decline: Option<Empty>,
    /// Time passes.
    pub wait: Option<Span>,
    /// An officer decides.
    pub decide: Option<Decide>,
    /// The officer of the only open task takes it and asks the applicant this.
    pub ask: Option<String>,
    /// The applicant answers the question that is open.
    pub reply: Option<String>,
    /// A message comes for the case.
    pub receive: Option<Message>,
    /// The applicant takes the application back.
    pub withdraw: Option<Empty>,
    /// The applicant throws the draft away.
    pub discard: Option<Empty>,
    /// The applicant begins another case from this one, which has ended; what follows is about the new one.
    pub begin: Option<Begin>,
    /// An agency's event begins the case, for the applicant.
    pub announce: Option<Announce>,
    /// From now on a registry answers so.
    pub registry: Option<RegistryAnswer>,
    /// What holds right after this.
    pub expect: Option<Then>,
}

/// `{}`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    /// Name of the start, of the kind `case`.
    pub start: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announce {
    /// Name of the start, of the kind `event`.
    pub start: String,
    /// What the event says.
    pub data: Value,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Decide {
    /// Name of the task's step. When left out: the only open one.
    pub task: Option<String>,
    pub outcome: String,
    pub reasons: Vec<String>,
    pub note: String,
    pub marked: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    pub name: String,
    #[serde(default)]
    pub body: Value,
}

/// What holds; only what is written is compared.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Then {
    /// `paying`, `reviewing`, `returned`, …, or the outcome of an ended case.
    pub status: Option<String>,
    /// `draft`, `running`, `returned`, `ended`, `discarded`
    pub phase: Option<String>,
    /// Names of the documents issued, in order.
    pub documents: Option<Vec<String>>,
    /// Names of the notifications sent, in order.
    pub notifications: Option<Vec<String>>,
    /// `registry/operation` of the calls that got an answer, in order.
    pub calls: Option<Vec<String>>,
    /// Names of the events emitted, in order.
    pub events: Option<Vec<String>>,
    /// What is due now, in so'm: `"41200.00"`.
    pub due: Option<String>,
    /// What was received in all, in so'm.
    pub paid: Option<String>,
    /// What was given back in all, in so'm.
    pub refunded: Option<String>,
    /// What the case keeps: paid less refunded.
    pub balance: Option<String>,
    /// Office of the open task.
    pub office: Option<String>,
    /// Steps of the open tasks whose time is over, so that somebody who leads sees them, by name.
    pub late: Option<Vec<String>>,
    /// Keys of the pages the applicant has to go through now.
    pub pages: Option<Vec<String>>,
    /// Keys of the pages that are not answered, or wrong.
    pub incomplete: Option<Vec<String>>,
    /// Code of the refusal of the last thing that was tried.
    pub refused: Option<String>,
    /// `path code` of what was wrong with the answers: `marriage.date field.required`.
    pub problems: Option<Vec<String>>,
    /// Values of the data by path.
    pub data: Option<BTreeMap<String, Value>>,
    /// Codes of the timeline, in order.
    pub timeline: Option<Vec<String>>,
}
