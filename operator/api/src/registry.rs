//! A registry: an agency's data source on the bus, and the operations others may be granted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{LegalBasis, Metadata, Span, Text, is_default};

/// An agency's data source on the bus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Registry {
    /// Always `xizmat.dev/v1alpha1`.
    pub api_version: String,
    /// Always `Registry`.
    pub kind: String,
    /// Name of the registry and the owner's namespace.
    pub metadata: Metadata,
    /// What it holds and what can be asked.
    pub spec: RegistrySpec,
}

/// What a registry holds and what can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegistrySpec {
    /// Name as citizens read it under "who looked at my data".
    pub title: Text,
    /// Agency that owns it.
    pub agency: String,
    /// What it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Text>,
    /// The act that orders it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<LegalBasis>,
    /// What can be asked.
    pub operations: Vec<Operation>,
}

/// One operation of a registry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Operation {
    /// Name of the operation.
    pub name: String,
    /// What it answers.
    pub title: Text,
    /// Whether it reads or changes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: OperationKind,
    /// Field of the input that names the person whom the answer is about (their PINFL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_subject: Option<String>,
    /// For what it may be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Text>,
    /// How closely the answer touches a person.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sensitivity: Sensitivity,
    /// The act that allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<LegalBasis>,
    /// JSON Schema of what is asked.
    pub input: Value,
    /// JSON Schema of the answer.
    pub output: Value,
    /// What people read about the answer, in this order: each field at its top has a title.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<AnswerField>,
    /// How long the owner may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    /// Questions with their answers: documentation and test.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
}

/// A field of an answer, as people read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnswerField {
    /// Its name at the top of the answer.
    pub name: String,
    /// What applicants and officers read beside it.
    pub title: Text,
}

/// What calling an operation twice does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OperationKind {
    /// Reads: may be asked again.
    #[default]
    Read,
    /// Changes: repeated only under the same action id.
    Write,
}

/// How closely an answer touches a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Sensitivity {
    /// About nobody.
    Public,
    /// About a person.
    #[default]
    Personal,
    /// About health, belief, origin, convictions and the like.
    Special,
}

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Example {
    /// What is asked.
    pub input: Value,
    /// The answer. When left out: not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
}

impl Registry {
    /// The operation of this name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.spec.operations.iter().find(|operation| operation.name == name)
    }
}

impl Operation {
    /// The title of a field of the answer.
    pub fn title_of(&self, field: &str) -> Option<&Text> {
        self.fields.iter().find(|titled| titled.name == field).map(|titled| &titled.title)
    }

    /// Fields of the answer that nobody could read the name of, in some language.
    pub fn untitled(&self) -> Vec<&str> {
        let properties = self.output["properties"].as_object();
        let names = properties.into_iter().flatten().map(|(name, _)| name.as_str());
        names.filter(|name| self.title_of(name).is_none_or(|title| !title.missing().is_empty())).collect()
    }
}
