//! Judges one request of the API server with the code of `xizmat check`. Nothing is asked of anybody here.

use api::Kind;
use serde_json::Value;

use super::{
    deletion,
    refusal::{self, About},
    review::{Cause, Request, Verdict},
};
use crate::{
    agency, host, judge,
    kind::{GROUP, written},
    outcome::Outcome,
};

/// Where a resource is judged.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    pub trial: bool,
    /// The operator runs each service as it says; else something else hosts them.
    pub hosts: bool,
}

/// References to what does not exist yet are allowed, so that the order of apply does not matter; templates are compiled
/// by the register, in its limited worker.
pub fn of(request: &Request, site: Site) -> Verdict {
    let kind = Some(&request.kind).filter(|named| named.group == GROUP).and_then(|named| Kind::parse(&named.kind));
    let Some(kind) = kind else {
        return Verdict::unjudged("the operator does not know this kind of resource, and did not judge it");
    };
    if request.sub_resource.as_ref().is_some_and(|name| !name.is_empty()) {
        return Verdict::allowed();
    }
    let about = About { kind: kind.name(), name: name(request) };
    match request.operation.as_str() {
        "CREATE" => definition(about, kind, request, site),
        // Finalizers, labels and annotations are nobody's definition; and what is going is not mended.
        "UPDATE" if is_going(&request.object) || same_spec(request) => Verdict::allowed(),
        "UPDATE" => definition(about, kind, request, site),
        "DELETE" if kind == Kind::ServiceDefinition => deletion::judge(about, &request.old_object),
        _ => Verdict::allowed(),
    }
}

fn is_going(object: &Value) -> bool {
    object.pointer("/metadata/deletionTimestamp").is_some_and(|at| !at.is_null())
}

fn same_spec(request: &Request) -> bool {
    request.object.get("spec") == request.old_object.get("spec")
}

/// Names are there already when a resource is judged, also those that the API server makes.
fn name(request: &Request) -> &str {
    let object = if request.object.is_null() { &request.old_object } else { &request.object };
    object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or(&request.name)
}

fn definition(about: About<'_>, kind: Kind, request: &Request, site: Site) -> Verdict {
    let spec = request.object.get("spec").cloned().unwrap_or_default();
    let namespace = request.namespace.as_deref().filter(|namespace| !namespace.is_empty() && kind != Kind::Agency);
    let more = beside(kind, about.name, &spec);
    let unfollowed = kind == Kind::ServiceDefinition && !site.hosts && host::says_how(&spec);
    let report = judge::report(&written(kind, Some(about.name), namespace, spec));
    // A place is named once, and the check says more about it.
    let more: Vec<Cause> = more
        .into_iter()
        .filter(|cause| !report.problems.iter().any(|known| known.path.starts_with(&cause.field)))
        .collect();
    match refusal::of(about, &report.problems, site.trial) {
        Verdict::Allowed { warnings } if !more.is_empty() => refusal::refused(about, more, warnings),
        Verdict::Refused(mut found) if !more.is_empty() => {
            let mut causes = more;
            causes.append(&mut found.causes);
            refusal::refused(about, causes, found.warnings)
        }
        Verdict::Allowed { mut warnings } if unfollowed => {
            warnings.push(format!("spec.deployment: {} (definition.deployment)", host::UNFOLLOWED));
            Verdict::Allowed { warnings }
        }
        verdict => verdict,
    }
}

/// What the operator would refuse besides the check.
fn beside(kind: Kind, name: &str, spec: &Value) -> Option<Cause> {
    match kind {
        Kind::ServiceDefinition => host::wish(name, spec).err().and_then(|stopped| place(*stopped)),
        Kind::Agency => {
            let code = "agency.reserved-name";
            agency::free_name(name).err().map(|message| cause("metadata.name", &message, code))
        }
        Kind::Registry | Kind::GrantRequest | Kind::Grant => None,
    }
}

/// Each such refusal begins with its place.
fn place(refusal: Outcome) -> Option<Cause> {
    let Outcome::Refused { message, .. } = refusal else { return None };
    let (field, message) = message.split_once(": ").unwrap_or(("", &message));
    let code = "definition.deployment";
    Some(cause(field, message, code))
}

fn cause(field: &str, message: &str, known_as: &str) -> Cause {
    Cause { field: field.to_owned(), reason: "FieldValueInvalid", message: format!("{message} ({known_as})") }
}
