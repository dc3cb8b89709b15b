//! An agency: a state organisation with its offices, its key and its accounts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Metadata, Text, is_default};

/// A state organisation that owns services, registries and grants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Agency {
    /// Always `xizmat.dev/v1alpha1`.
    pub api_version: String,
    /// Always `Agency`.
    pub kind: String,
    /// Name of the agency; its namespace (or top folder) has the same name.
    pub metadata: Metadata,
    /// What it is called, where its offices are, which key and accounts it has.
    pub spec: AgencySpec,
}

/// What an agency is called, where its offices are, which key and accounts it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgencySpec {
    /// Full name.
    pub title: Text,
    /// Short name, as on letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short: Option<Text>,
    /// Link to its own site (https).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Phone for citizens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Keys with which the agency's own system signs its messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<PublicKey>,
    /// Its offices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offices: Vec<Office>,
    /// Accounts that receive its fees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
    /// Titles of events of life that its services name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub life_events: Vec<LifeEvent>,
    /// Persons that must approve a grant of this agency.
    #[serde(default, skip_serializing_if = "is_default")]
    pub four_eyes: bool,
    /// What a definition needs before it is published: `free`, nothing but that it is sound; `approved`, that every language was
    /// reviewed (`spec.texts.reviewed`) and two persons approved exactly it, one with the role `lawyer` and one with the role
    /// `head` in the whole agency. Until then the revision that runs goes on. When left out: `free`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub publication: Publication,
    /// Who writes its services, registries and grants in its namespace, as the cluster knows them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub engineers: Vec<Engineer>,
}

/// What a definition of the agency needs before it is published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Publication {
    /// Whatever is sound is published.
    #[default]
    Free,
    /// The agency's lawyer and its head have approved it.
    Approved,
}

/// A user or a group of users of the cluster: exactly one of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Engineer {
    /// One user, or a ServiceAccount as the API server names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Everybody in the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// Keys with which an agency's own system signs and connects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublicKey {
    /// Ed25519 key that signs its messages, base64url without padding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ed25519: Option<String>,
    /// NATS user key (`U…`) with which its system connects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nats: Option<String>,
}

/// A place where citizens come and officers work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Office {
    /// Short stable name.
    pub name: String,
    /// What people read.
    pub title: Text,
    /// SOATO codes of the areas it serves: 17 is the country; a region has 4 digits, a district or a city 7, a settlement 10 (the State
    /// Statistics Committee's classifier). A place belongs to the office with the longest code that its own begins with.
    pub soato: Vec<String>,
    /// Street address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Text>,
    /// Opening hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Text>,
    /// Days besides weekends and holidays on which it receives nobody; those to come are shown on each service's page. They inform and
    /// prolong nothing: each deadline and the promised time count them as the days that they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<ClosedDay>,
    /// Phone for citizens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// A day on which an office receives nobody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClosedDay {
    /// The day, such as 2026-03-02.
    pub date: String,
    /// Why, as people read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// An account that receives fees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Account {
    /// Short name used by fees.
    pub name: String,
    /// Number of the treasury account.
    pub number: String,
    /// Code of the bank (MFO).
    pub bank: String,
    /// Whose account it is.
    pub holder: String,
}

/// An event of life under which people look for services.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LifeEvent {
    /// Name used by services, for example `marriage`.
    pub name: String,
    /// What people read.
    pub title: Text,
}
