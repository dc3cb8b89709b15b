//! The ServiceDefinition: one resource that says everything about one public service.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Access, Data, Deployment, Document, EffectiveFrom, Eligibility, Fee, Form, Integration, LegalBasis, Notification,
    OfferedList, Party, PrescribedForm, Process, Rollout, ServiceLevel, Start, Text, Texts, is_default,
};

/// A public service, declared: `kubectl apply` turns it into a live e-service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceDefinition {
    /// Always `xizmat.dev/v1alpha1`.
    pub api_version: String,
    /// Always `ServiceDefinition`.
    pub kind: String,
    /// Name of the service and the namespace it lives in.
    pub metadata: Metadata,
    /// What the service is, asks, costs, does and delivers.
    pub spec: Spec,
}

/// Name of a resource and where it lives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    /// Name in lower-case letters, digits and dashes. It never changes while the service grows.
    pub name: String,
    /// Namespace (or top folder) of the agency that owns the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

/// What the service is, asks, costs, does and delivers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Spec {
    /// Name of the service as citizens read it.
    pub title: Text,
    /// One or two sentences: what one gets and who can ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Text>,
    /// Agency that answers for the service. It must be the owner of the namespace.
    pub agency: String,
    /// How far the service is online: `listed`, `external` or `hosted` (the default).
    #[serde(default, skip_serializing_if = "is_default")]
    pub level: Level,
    /// Events of life under which people look for the service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub life_events: Vec<String>,
    /// For whom it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<Audience>,
    /// Laws and decisions it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legal_basis: Vec<LegalBasis>,
    /// What people should have at hand before they start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Text>,
    /// Forms that acts of law prescribe and that the service fills in, or takes the place of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prescribed_forms: Vec<PrescribedForm>,
    /// Questions that tell somebody before they sign in whether the service is for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligibility: Option<Eligibility>,
    /// Who may apply and when.
    #[serde(default, skip_serializing_if = "is_default")]
    pub access: Access,
    /// People and companies with a part in the case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Ways in which a case begins. When left out: one form, at the first step of the process.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub starts: Vec<Start>,
    /// From when applications follow this revision, and by which act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<EffectiveFrom>,
    /// Whether the revision is a draft (tried out only) or published.
    #[serde(default, skip_serializing_if = "is_default")]
    pub state: RevisionState,
    /// The data of a case, its bounds and how long it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// Lists that registries offer to the applicant, for fields to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<OfferedList>,
    /// Forms that people fill in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<Form>,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
    /// Steps from application to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
    /// Documents that the service issues.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Document>,
    /// Messages that the service sends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notifications: Vec<Notification>,
    /// Registries called and events emitted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub integration: Integration,
    /// What is promised to the applicant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_level: Option<ServiceLevel>,
    /// How it runs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deployment: Deployment,
    /// How a changed presentation is brought in. When left out: for everybody at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
    /// In which languages the texts were reviewed. A language that is not named here is a draft.
    #[serde(default, skip_serializing_if = "is_default")]
    pub texts: Texts,
}

/// How far a service is online. A service grows without changing its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// Runs here, from form to document.
    #[default]
    Hosted,
    /// Only described: passport, offices, forms to download.
    Listed,
    /// Runs in the agency's own system, which reports over the bus.
    External,
}

/// For whom a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Audience {
    /// People.
    Citizen,
    /// Companies and entrepreneurs.
    Business,
}

/// Whether a revision is published or only tried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RevisionState {
    /// Shown in the catalogue; every text is there.
    #[default]
    Published,
    /// Tried out: texts may be missing; never in the catalogue of a production platform.
    Draft,
}
