//! Who may apply, in whose name, from when and by which law.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Span, Text, is_default};

/// Who may apply and when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Access {
    /// How surely the applicant must be known in this session.
    #[serde(default, skip_serializing_if = "is_default")]
    pub assurance: Assurance,
    /// Mandates under which a representative may apply for somebody else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mandates: Vec<Mandate>,
    /// When applications are taken and how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intake: Option<Intake>,
    /// How lately and how surely the applicant must have signed in to send the application. When left out: as for filling it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<Submission>,
}

/// A sign-in that is asked for when the application is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Submission {
    /// How long ago it may be at most, from `5 min` to `8 h`.
    pub within: Span,
    /// How surely it must tell who signs in. When left out: as for filling in.
    #[serde(default, skip_serializing_if = "is_default")]
    pub assurance: Assurance,
}

/// A mandate that the service takes, and the registry that is asked whether it is in force. A director's needs none: the
/// identity provider said at the sign-in which companies somebody directs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mandate {
    /// What gives the representative the right to act.
    pub kind: MandateKind,
    /// Registry that holds the record; not for a director.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub registry: String,
    /// Its operation, asked about the representative. Of an attorney it is asked with the record's `number` and answers
    /// `attorney`, `principal`, `familyName`, `givenName`, `services`, `until` and `state`; of a parent it answers `children`,
    /// each with `number`, `pinfl`, `familyName`, `givenName` and `birthDate`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub operation: String,
}

/// What gives a representative the right to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MandateKind {
    /// A power of attorney.
    Attorney,
    /// The charter of a company, which applies itself: for services whose audience is business.
    Director,
    /// Parenthood, until the child is 18.
    Parent,
}

impl MandateKind {
    /// The word that definitions, commands and expressions use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Attorney => "attorney",
            Self::Director => "director",
            Self::Parent => "parent",
        }
    }
}

/// Assurance level of a session (eIDAS).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Assurance {
    /// Nobody signs in.
    None,
    /// A password.
    #[default]
    Low,
    /// A proofed identity, as OneID gives.
    Substantial,
    /// A signature key in hardware.
    High,
}

/// When applications are taken and how many.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Intake {
    /// First day (ISO 8601 date).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<String>,
    /// Last day (ISO 8601 date).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<String>,
    /// One running application for each of these: `applicant` or a path in the data such as `/child`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_per: Vec<String>,
}

/// A law, decree or decision, with a link to its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LegalBasis {
    /// Name of the act, with article.
    pub title: Text,
    /// Link to the text (https).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
}

/// From when applications follow a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EffectiveFrom {
    /// First day (ISO 8601 date); the date of submission decides.
    pub date: String,
    /// The act that orders it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<LegalBasis>,
}

/// A person or company with a part in the case. Whom no step asks (`who`) the case is about: identity says who they are once it was
/// sent, they read who opened it, and see nothing else of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Party {
    /// Name used by steps (`who`), for example `spouse`.
    pub name: String,
    /// Whether it is a person or a company.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: PartyKind,
    /// How people read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// How the party is identified: a person by `pinfl`, a company by `tin`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identified_by: Vec<Identified>,
    /// Where the number that identifies the party stands: a path in the data such as `owner.pinfl`, a fact such as
    /// `facts.dwelling.ownerPinfl`, or `applicant` where the party is the applicant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// What a party is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PartyKind {
    /// A person.
    #[default]
    Person,
    /// A company: whoever directs it answers for it.
    Company,
}

impl PartyKind {
    /// The number by which such a party is found.
    pub fn found_by(self) -> Identified {
        match self {
            Self::Person => Identified::Pinfl,
            Self::Company => Identified::Tin,
        }
    }
}

/// How a party is identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Identified {
    /// Personal identification number.
    Pinfl,
    /// Taxpayer identification number.
    Tin,
    /// A document of another state.
    ForeignDocument,
    /// Named, and identified later: of an officer's start, before the application is sent.
    NotYetKnown,
}

/// A way in which a case begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Start {
    /// Name of the way.
    pub name: String,
    /// What begins the case.
    pub kind: StartKind,
    /// First step.
    pub step: String,
    /// What people press to begin, for example "Appeal this decision"; of an event: why the case began. Needed where a case begins
    /// from another one, with an officer or from an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Of the kind `case`: which ended cases of this service it begins from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<FromCase>,
    /// Of the kind `case`: paths in the data (`marriage`, `marriage.date`) and answers of registries (`facts.record`) that are
    /// taken over. When left out: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carry: Vec<String>,
    /// Of the kind `officer`: role of the officers who take in what came on paper, in any office of the agency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Of the kind `officer`: how whoever signed is identified. When left out: by PINFL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identified_by: Vec<Identified>,
    /// Of the kind `officer`, for `identifiedBy: notYetKnown`: notification by which whoever signed is told, once it was sent, that the
    /// application is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<String>,
    /// Of the kind `officer`: the office may also begin by itself, without an applicant, and says why.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ex_officio: bool,
    /// Of the kind `event`: which event begins it, and what the case takes from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<FromEvent>,
    /// The act that gives the right to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<LegalBasis>,
}

/// The event of an agency that begins a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FromEvent {
    /// Agency whose own system announces it. When left out: the agency of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// Name under which it is announced, in the past tense: `child-born`.
    pub name: String,
    /// JSON Schema 2020-12 of what the event says, with bounds (`maxLength`, `maxItems`): an object. What does not fit begins no
    /// case.
    pub data: Value,
    /// Where the applicant's PINFL stands in it, for example `mother.pinfl`.
    pub applicant: String,
    /// What the case takes from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<FromEventValue>,
}

/// A value that a case takes from the event that begins it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FromEventValue {
    /// Path in the data of the case.
    pub at: String,
    /// Path in the event.
    pub from: String,
}

/// Which ended cases another one begins from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FromCase {
    /// Outcomes with which it has ended.
    pub outcomes: Vec<String>,
    /// For how long after its end; the last day counts whole. When left out: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// Whoever decided the ended case may decide this one, too: for a renewal or a correction of what was granted. When left out:
    /// nobody judges a complaint about themselves.
    #[serde(default, skip_serializing_if = "is_default")]
    pub same_officers: bool,
}

/// What begins a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum StartKind {
    /// A person fills in a form.
    Form,
    /// An event of an agency.
    Event,
    /// Another case: appeal, renewal, correction.
    Case,
    /// An officer, who fills in what somebody applied for on paper, or begins ex officio.
    Officer,
    /// A date.
    Schedule,
}
