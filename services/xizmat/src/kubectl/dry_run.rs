//! What the API server, and the webhook behind it, would answer: everything happens except the change.

use api::Kind;
use controller::kind;
use kernel::Failure;
use kube::{
    Resource,
    api::{Patch, PatchParams, ValidationDirective},
    client::Body,
    core::{Request, Status},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    annotation::MANAGER,
    cluster::{Asked, Cluster, refusal},
    resource::Applied,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "answer")]
pub enum Answer {
    /// With what the webhook advises.
    Accepted {
        warnings: Vec<String>,
    },
    Refused {
        problems: Vec<String>,
    },
    /// The webhook that should judge it does not answer.
    WebhookAway {
        why: String,
    },
    /// The user may not apply it.
    NotAllowed {
        right: String,
    },
    /// It names a namespace that is not there.
    NoNamespace {
        namespace: String,
    },
}

/// As `kubectl apply --server-side --dry-run=server --force-conflicts` would ask.
pub async fn apply(cluster: &Cluster, of: Kind, name: &str, namespace: &str, value: &Value) -> Result<Answer, Failure> {
    let how = PatchParams { dry_run: true, ..PatchParams::apply(MANAGER).force() };
    let how = PatchParams { field_validation: Some(ValidationDirective::Strict), ..how };
    ask(cluster, of, name, namespace, &how, &Patch::Apply(value)).await
}

/// Why the webhook does not answer; nothing while it does, or where the user could not find out.
pub async fn webhook_away(cluster: &Cluster, name: &str) -> Result<Option<String>, Failure> {
    let how = PatchParams { dry_run: true, ..PatchParams::default() };
    let nothing = json!({});
    let asked = ask(cluster, Kind::ServiceDefinition, name, &cluster.namespace, &how, &Patch::Merge(&nothing)).await?;
    Ok(if let Answer::WebhookAway { why } = asked { Some(why) } else { None })
}

async fn ask(
    cluster: &Cluster,
    of: Kind,
    name: &str,
    namespace: &str,
    how: &PatchParams,
    patch: &Patch<&Value>,
) -> Result<Answer, Failure> {
    let resource = kind::resource(of);
    let place = (of != Kind::Agency).then_some(namespace);
    let named = format!("{}.{}", resource.plural, resource.group);
    let asked = Asked { verb: "patch", resource: &named, namespace: place, name: Some(name) };
    let request = Request::new(Applied::url_path(&resource, place)).patch(name, how, patch);
    let request = request.map_err(|error| refusal(&kube::Error::BuildRequest(error), asked))?;
    // The client's own requests drop the headers in which warnings come.
    let response = cluster.client.send(request.map(Body::from)).await.map_err(|error| refusal(&error, asked))?;
    let headers = response.headers().get_all("warning").iter();
    let warnings = headers.filter_map(|header| warning(header.to_str().ok()?)).collect();
    let accepted = response.status().is_success();
    let body = response.into_body().collect_bytes().await.map_err(|error| refusal(&error, asked))?;
    if accepted {
        return Ok(Answer::Accepted { warnings });
    }
    let status: Status = serde_json::from_slice(&body).unwrap_or_else(|_| {
        let words = String::from_utf8_lossy(&body).into_owned();
        Status::failure(&words, "Unknown")
    });
    match read(&status, namespace) {
        Some(Answer::NotAllowed { .. }) => Ok(Answer::NotAllowed { right: asked.right() }),
        Some(answer) => Ok(answer),
        None => Err(refusal(&kube::Error::Api(status.boxed()), asked)),
    }
}

/// Nothing for what is no answer about the object.
fn read(status: &Status, namespace: &str) -> Option<Answer> {
    let message = status.message.as_str();
    if let Some((_, why)) = message.split_once("failed calling webhook ") {
        return Some(Answer::WebhookAway { why: why.to_owned() });
    }
    let judged = message.contains("admission webhook") || matches!(status.code, 400 | 409 | 422);
    if judged {
        return Some(Answer::Refused { problems: problems(status) });
    }
    let absent = status.details.as_ref().is_some_and(|details| details.kind == "namespaces");
    match status.code {
        404 if absent => Some(Answer::NoNamespace { namespace: namespace.to_owned() }),
        403 => Some(Answer::NotAllowed { right: String::new() }),
        _ => None,
    }
}

fn problems(status: &Status) -> Vec<String> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    let mut found: Vec<String> =
        causes
            .map(|cause| {
                if cause.field.is_empty() {
                    cause.message.clone()
                } else {
                    format!("{}: {}", cause.field, cause.message)
                }
            })
            .collect();
    if found.is_empty() {
        found.push(status.message.clone());
    }
    found
}

/// RFC 9111, section 5.5: `299 - "text"`.
fn warning(header: &str) -> Option<String> {
    let (_, quoted) = header.split_once('"')?;
    let (text, _) = quoted.rsplit_once('"')?;
    Some(text.replace("\\\"", "\"").replace("\\\\", "\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: Value) -> Option<Answer> {
        read(&serde_json::from_value(status).unwrap(), "justice")
    }

    #[test]
    fn every_problem_that_the_webhook_names_is_told_with_its_field() {
        let causes = json!([
            {"reason": "FieldValueInvalid", "message": "no such step (step.unknown)", "field": "spec.process.start"},
            {"reason": "FieldValueInvalid", "message": "nothing else", "field": ""},
        ]);
        let denied = json!({
            "code": 403, "reason": "Forbidden", "details": {"causes": causes},
            "message": "admission webhook \"definitions.xizmat.dev\" denied the request: 2 problems",
        });
        let problems = vec!["spec.process.start: no such step (step.unknown)".to_owned(), "nothing else".to_owned()];
        assert_eq!(answered(denied), Some(Answer::Refused { problems }));
    }

    #[test]
    fn a_webhook_that_is_away_a_missing_right_and_a_missing_namespace_are_told_apart() {
        let away = "Internal error occurred: failed calling webhook \"x\": connection refused";
        let why = "\"x\": connection refused".to_owned();
        assert_eq!(answered(json!({"code": 500, "message": away})), Some(Answer::WebhookAway { why }));
        let denied = json!({"code": 403, "message": "servicedefinitions is forbidden: User \"a\" cannot patch"});
        assert!(matches!(answered(denied), Some(Answer::NotAllowed { .. })));
        let absent = json!({"code": 404, "message": "namespaces \"justice\" not found",
            "details": {"kind": "namespaces", "name": "justice"}});
        assert_eq!(answered(absent), Some(Answer::NoNamespace { namespace: "justice".into() }));
        assert_eq!(answered(json!({"code": 503, "message": "etcd"})), None, "that is for the caller to tell");
    }

    #[test]
    fn advice_is_read_from_its_header() {
        assert_eq!(warning(r#"299 - "write \"hosted\"""#).as_deref(), Some("write \"hosted\""));
        assert_eq!(warning("nonsense"), None);
    }
}
