//! What the API server asks, as far as it is read here: how every question is wrapped, what is in one about a resource
//! (`admission.k8s.io/v1`, `AdmissionReview`), and how that is answered.

use serde::Deserialize;
use serde_json::{Value, json};

pub const API_VERSION: &str = "admission.k8s.io/v1";
pub const KIND: &str = "AdmissionReview";
/// The API server cuts longer warnings, and clients show only so many.
const WARNING_BYTES_MAX: usize = 250;
const WARNINGS_MAX: usize = 12;

/// Around every question.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Review<T> {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
    request: Option<T>,
}

impl<T> Review<T> {
    /// The question, where it is of this kind and not empty.
    pub fn asks(self, api_version: &str, kind: &str) -> Option<T> {
        self.request.filter(|_| self.api_version == api_version && self.kind == kind)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Request {
    pub uid: String,
    pub kind: Named,
    /// `status` or `scale`; empty when the resource itself is written.
    pub sub_resource: Option<String>,
    pub name: String,
    pub namespace: Option<String>,
    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    pub operation: String,
    pub object: Value,
    pub old_object: Value,
}

/// A question without its resources, which are passed over unread.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Heading {
    uid: String,
    kind: Named,
    name: String,
    operation: String,
}

impl From<Heading> for Request {
    fn from(Heading { uid, kind, name, operation }: Heading) -> Self {
        Self { uid, kind, name, operation, ..Self::default() }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    pub group: String,
    pub kind: String,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Allowed { warnings: Vec<String> },
    Refused(Box<Refusal>),
}

/// Why a resource is not kept, as a `Status` of the API server says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub code: u16,
    /// `Invalid` or `Forbidden`.
    pub reason: &'static str,
    pub message: String,
    pub kind: String,
    pub name: String,
    pub causes: Vec<Cause>,
    pub warnings: Vec<String>,
}

/// One problem at one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// For example `spec.process.steps[3].next`.
    pub field: String,
    /// A word of Kubernetes' own for machines: `FieldValueInvalid`.
    pub reason: &'static str,
    /// What is wrong, what to write instead, and our stable code.
    pub message: String,
}

impl Verdict {
    pub fn allowed() -> Self {
        Self::Allowed { warnings: Vec::new() }
    }

    /// Let through unjudged, which the author is told.
    pub fn unjudged(why: &str) -> Self {
        Self::Allowed { warnings: vec![why.to_owned()] }
    }
}

/// The whole answer; the API server takes only one that repeats its `uid`.
pub fn answer(uid: &str, verdict: &Verdict) -> Value {
    let mut response = json!({"uid": uid, "allowed": matches!(verdict, Verdict::Allowed { .. })});
    let warnings = match verdict {
        Verdict::Allowed { warnings } => warnings,
        Verdict::Refused(refusal) => {
            response["status"] = status(refusal);
            &refusal.warnings
        }
    };
    if !warnings.is_empty() {
        response["warnings"] = warnings.iter().take(WARNINGS_MAX).map(|text| cut(text, WARNING_BYTES_MAX)).collect();
    }
    json!({"apiVersion": API_VERSION, "kind": KIND, "response": response})
}

fn status(refusal: &Refusal) -> Value {
    let Refusal { code, reason, message, kind, name, causes, warnings: _ } = refusal;
    let causes: Vec<Value> = causes
        .iter()
        .map(|Cause { field, reason, message }| json!({"field": field, "reason": reason, "message": message}))
        .collect();
    json!({
        "status": "Failure",
        "code": code,
        "reason": reason,
        "message": message,
        "details": {"group": crate::kind::GROUP, "kind": kind, "name": name, "causes": causes},
    })
}

fn cut(text: &str, bytes_max: usize) -> String {
    let short = &text[..text.floor_char_boundary(bytes_max)];
    if short.len() < text.len() { format!("{short}…") } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_repeats_the_uid_and_cuts_what_clients_would_cut() {
        let long = "я".repeat(400);
        let answer = answer("a-1", &Verdict::Allowed { warnings: vec![long; 40] });
        assert_eq!(
            (answer["response"]["uid"].as_str(), answer["response"]["allowed"].as_bool()),
            (Some("a-1"), Some(true))
        );
        let warnings = answer["response"]["warnings"].as_array().unwrap();
        assert_eq!(warnings.len(), WARNINGS_MAX);
        assert!(warnings[0].as_str().unwrap().len() <= 256, "{}", warnings[0]);
    }

    #[test]
    fn a_refusal_is_a_status_with_every_cause() {
        let cause = Cause { field: "spec.agency".into(), reason: "FieldValueInvalid", message: "wrong".into() };
        let refusal = Refusal {
            code: 422,
            reason: "Invalid",
            message: "one problem".into(),
            kind: "Grant".into(),
            name: "records".into(),
            causes: vec![cause],
            warnings: Vec::new(),
        };
        let answer = answer("a-2", &Verdict::Refused(Box::new(refusal)));
        let status = &answer["response"]["status"];
        assert_eq!(answer["response"]["allowed"], false);
        assert_eq!((status["code"].as_u64(), status["details"]["kind"].as_str()), (Some(422), Some("Grant")));
        assert_eq!(status["details"]["causes"][0]["field"], "spec.agency");
        assert_eq!(answer["response"].get("warnings"), None);
    }
}
