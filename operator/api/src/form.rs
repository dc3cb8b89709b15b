//! Forms: pages of fields that ask only what the state does not know.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Text, is_default};

/// A form that a person fills in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Form {
    /// Name used by the `form` step.
    pub name: String,
    /// Pages in the order in which they are shown.
    pub pages: Vec<Page>,
    /// What the applicant declares by sending it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<Text>,
    /// Of a form that a party fills in: paths of answers of the applicant that the party must know to agree. Nothing else of the
    /// application is shown to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tells: Vec<String>,
    /// Of a form that a party fills in: the applicant reads its answers. When left out, only officers do.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shared: bool,
    /// How one goes through a long form. When left out: page after page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
}

/// How one goes through a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Layout {
    /// By parts, in any order, from a list that says how far each is.
    TaskList,
}

/// One page: best one question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Page {
    /// Name in addresses. When left out: the path of the first field, with dashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Heading, written as a question.
    pub title: Text,
    /// With `layout: taskList`: title of the part of the form that begins here, and has the pages up to the next part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<Text>,
    /// Text under the heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    /// The page is shown only when this CEL condition holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Fields in the order in which they are shown.
    pub fields: Vec<Field>,
}

impl Page {
    /// Name in addresses: the given one, else the path of the first field with dashes.
    pub fn key(&self) -> String {
        match (&self.name, self.fields.first()) {
            (Some(name), _) => name.clone(),
            (None, Some(field)) => field.at.replace('.', "-").to_lowercase(),
            (None, None) => String::from("page"),
        }
    }
}

/// One field: a value of the data and how it is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Field {
    /// Path of the value in the data, for example `marriage.date`.
    pub at: String,
    /// The question, or the name of the value.
    pub label: Text,
    /// What helps to answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    /// Why it is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Text>,
    /// How it is asked. When left out, the data schema decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Input>,
    /// Answers to choose from, in the order in which they are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// Answers come from a list: `offices` (of the agency) or one of the service's `lists`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options_from: Option<String>,
    /// The field is shown only when this CEL condition holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What the state already knows: shown as a fact with *this is wrong* beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill: Option<Prefill>,
    /// Conditions that the answer must meet, each with its own message. They are judged when the answer is given and again when the
    /// application is sent. Of a list that a registry offers, an entry that does not meet one which reads nothing but this answer is
    /// not offered: `age(birthDate(data.child.pinfl)) < 18` leaves out, of somebody's children, those who are grown up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub check: Vec<Check>,
    /// The field is a list of entries, each with fields of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
    /// The field is asked for as files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// What the browser may fill in (WCAG 1.3.5), for example `tel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autocomplete: Option<String>,
    /// The answer may be left empty although other services need it: shown with "optional".
    #[serde(default, skip_serializing_if = "is_default")]
    pub optional: bool,
}

/// How a field is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Input {
    /// One line.
    Text,
    /// Several lines.
    Textarea,
    /// A number.
    Number,
    /// Day, month, year.
    Date,
    /// A few answers, all visible.
    Radios,
    /// Many answers in a list.
    Select,
    /// One box to tick.
    Checkbox,
    /// Yes or no.
    YesNo,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Choice {
    /// Value in the data.
    pub value: String,
    /// What people read.
    pub label: Text,
    /// What helps to choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
}

/// What the state already knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Prefill {
    /// Registry to ask.
    pub registry: String,
    /// Its operation. The person's own number is given as the operation's data subject.
    pub operation: String,
    /// Path of the value in the operation's output.
    pub result: String,
}

/// A list that a registry offers to this person: their children, their vehicles. Where it has none that meets the field's
/// `check`, or does not answer, the field that names the list is typed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OfferedList {
    /// Name used by `optionsFrom`.
    pub name: String,
    /// Registry to ask.
    pub registry: String,
    /// Its operation. The person's own number is given as the operation's data subject.
    pub operation: String,
    /// Path of the list in the operation's output.
    pub result: String,
    /// Path, in an entry, of the text that is kept in the data.
    pub value: String,
    /// Paths, in an entry, of what people know it by: shown one after another.
    pub label: Vec<String>,
}

/// A condition on answers, with its own message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Check {
    /// CEL condition that must hold.
    pub that: String,
    /// What people read when it does not.
    pub message: Text,
}

/// Entries of a list, such as children: how many, and what is asked of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Repeat {
    /// At least.
    #[serde(default, skip_serializing_if = "is_default")]
    pub min: u32,
    /// At most.
    pub max: u32,
    /// What one entry is, for example "Child".
    pub entry: Text,
    /// What is asked of each.
    pub fields: Vec<EntryField>,
}

/// One field of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EntryField {
    /// Name of the value in the entry.
    pub at: String,
    /// The question, or the name of the value.
    pub label: Text,
    /// What helps to answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    /// How it is asked. When left out, the data schema decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Input>,
    /// Answers to choose from, in the order in which they are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// The answer may be left empty: shown with "optional".
    #[serde(default, skip_serializing_if = "is_default")]
    pub optional: bool,
}

impl EntryField {
    /// The field as it would be asked alone, of any entry of the list at this path.
    pub fn as_field(&self, list: &str) -> Field {
        Field {
            at: format!("{list}.{}", self.at),
            label: self.label.clone(),
            hint: self.hint.clone(),
            why: None,
            input: self.input,
            options: self.options.clone(),
            options_from: None,
            when: None,
            prefill: None,
            check: Vec::new(),
            repeat: None,
            evidence: None,
            autocomplete: None,
            optional: self.optional,
        }
    }
}

/// Files that prove something. The value at the field's path is a list (`maxItems`: how many) of `{hash, name, size, type}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Evidence {
    /// Media types: `application/pdf`, `image/jpeg`, `image/png`, `image/tiff`. A file is known by its bytes, not by its name.
    pub types: Vec<String>,
    /// Largest size of one file in bytes, at most 104857600 (100 MiB).
    pub size: u64,
}
