//! The API server as the user may see it: what is asked of it, and refusals that name the right that is missing.

use std::{error::Error as _, path::PathBuf};

use api::Kind;
use clap::Args;
use controller::{connect, kind};
use k8s_openapi::NamespaceResourceScope;
use kernel::Failure;
use kube::{
    Api, Client,
    api::{ListParams, ObjectList},
    core::Status,
};
use serde::de::DeserializeOwned;

use super::resource::Applied;

/// Where to look; the words are kubectl's own.
#[derive(Args)]
pub struct Target {
    /// Namespace of the agency; left out: that of the context.
    #[arg(short, long, global = true)]
    namespace: Option<String>,
    /// Every namespace.
    #[arg(short = 'A', long, global = true, conflicts_with = "namespace")]
    all_namespaces: bool,
    /// Context of the kubeconfig; left out: the current one.
    #[arg(long, global = true)]
    context: Option<String>,
    /// Kubeconfig file; left out: as kubectl finds it.
    #[arg(long, global = true, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
}

pub struct Cluster {
    pub client: Client,
    pub namespace: String,
    /// Look everywhere, where a command can.
    pub everywhere: bool,
}

/// What is asked, in the words of roles: a refusal names it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub verb: &'a str,
    /// As roles write it, with its group: `servicedefinitions.xizmat.dev`.
    pub resource: &'a str,
    /// None: of the cluster, or of all namespaces.
    pub namespace: Option<&'a str>,
    pub name: Option<&'a str>,
}

/// Rights that were missing for what is only told besides.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Missing(Vec<String>);

impl Cluster {
    pub async fn connect(target: &Target) -> Result<Self, Failure> {
        let unknown = |error: String| {
            let message = format!(
                "No API server is known: {error}. Name one with `--kubeconfig` or `--context`; \
                 `kubectl config get-contexts` lists them."
            );
            Failure::invalid("kubectl.no-cluster", message)
        };
        let found = connect::configuration(target.kubeconfig.as_deref(), target.context.as_deref());
        let configuration = found.await.map_err(unknown)?;
        let namespace = target.namespace.clone().unwrap_or_else(|| configuration.default_namespace.clone());
        let client = Client::try_from(configuration).map_err(|error| unknown(error.to_string()))?;
        Ok(Self { client, namespace, everywhere: target.all_namespaces })
    }

    pub fn resources(&self, of: Kind, namespace: &str) -> Api<Applied> {
        Api::namespaced_with(self.client.clone(), namespace, &kind::resource(of))
    }

    /// A service's definition; the user means the one of this name in their namespace.
    pub async fn definition(&self, name: &str) -> Result<Applied, Failure> {
        let asked = Asked {
            verb: "get",
            resource: "servicedefinitions.xizmat.dev",
            namespace: Some(&self.namespace),
            name: Some(name),
        };
        let found = self.resources(Kind::ServiceDefinition, &self.namespace).get_opt(name).await;
        found.map_err(|error| refusal(&error, asked))?.ok_or_else(|| not_found(name, &self.namespace))
    }

    /// All of a kind, in one namespace or in all.
    pub async fn list(&self, of: Kind, namespace: Option<&str>) -> Result<Vec<Applied>, Failure> {
        let resource = kind::resource(of);
        let named = format!("{}.{}", resource.plural, resource.group);
        let api: Api<Applied> = match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        };
        let listed = api.list(&ListParams::default()).await;
        let asked = Asked { verb: "list", resource: &named, namespace, name: None };
        listed.map(|list| list.items).map_err(|error| refusal(&error, asked))
    }

    /// Objects of Kubernetes itself that are told besides: who may not list them still sees the rest.
    pub async fn beside<K>(
        &self,
        resource: &str,
        namespace: &str,
        labels: &str,
        missing: &mut Missing,
    ) -> Result<Vec<K>, Failure>
    where
        K: kube::Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + DeserializeOwned
            + std::fmt::Debug,
    {
        let api: Api<K> = Api::namespaced(self.client.clone(), namespace);
        let listed: Result<ObjectList<K>, kube::Error> = api.list(&ListParams::default().labels(labels)).await;
        let asked = Asked { verb: "list", resource, namespace: Some(namespace), name: None };
        Ok(missing.or_note(listed, asked)?.map(|list| list.items).unwrap_or_default())
    }
}

impl Missing {
    /// Nothing, and a note, where only the right is missing.
    pub fn or_note<T>(&mut self, answer: Result<T, kube::Error>, asked: Asked<'_>) -> Result<Option<T>, Failure> {
        match answer {
            Ok(found) => Ok(Some(found)),
            Err(kube::Error::Api(status)) if status.is_forbidden() => {
                let right = asked.right();
                if !self.0.contains(&right) {
                    self.0.push(right);
                }
                Ok(None)
            }
            Err(error) => Err(refusal(&error, asked)),
        }
    }

    /// One sentence, or nothing.
    pub fn sentence(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| format!("Not shown, because you may not: {}.", self.0.join("; ")))
    }

    pub fn rights(&self) -> &[String] {
        &self.0
    }
}

impl Asked<'_> {
    pub fn right(&self) -> String {
        let Self { verb, resource, namespace, .. } = self;
        match namespace {
            Some(namespace) => format!("{verb} {resource} in the namespace {namespace}"),
            None => format!("{verb} {resource} in the cluster"),
        }
    }
}

fn not_found(name: &str, namespace: &str) -> Failure {
    let message = format!(
        "There is no ServiceDefinition `{name}` in the namespace `{namespace}`. `kubectl xizmat status -A` lists all; \
         say where it is with `--namespace`."
    );
    Failure::not_found("kubectl.not-found", message)
}

/// What came instead of an answer, and what to do about it.
pub fn refusal(error: &kube::Error, asked: Asked<'_>) -> Failure {
    let status = match error {
        kube::Error::Api(status) => status,
        other => return unreachable_server(other),
    };
    match status.code {
        401 => {
            let message = "The API server does not know who you are. Sign in again as your cluster asks for it, or choose \
                           another context with `--context`.";
            Failure::unauthenticated("kubectl.signed-out", message)
        }
        403 if denied_by_role(status) => {
            let message = format!(
                "You may not {}. Ask the cluster's administrators for that right, or choose another context with \
                 `--context`.",
                asked.right()
            );
            Failure::forbidden("kubectl.forbidden", message)
        }
        // An object that is not there has a name; a kind that is not there has none.
        404 if status.details.as_ref().is_none_or(|details| details.name.is_empty()) => {
            let message = format!(
                "The cluster does not know {}. Install the chart of the platform first (docs/platform-engineer.md).",
                asked.resource
            );
            Failure::not_found("kubectl.unknown-kind", message)
        }
        _ => {
            let named = asked.name.map(|name| format!(" {name}")).unwrap_or_default();
            let Asked { verb, resource, .. } = asked;
            let message = format!("The API server refuses to {verb} {resource}{named}: {}", status.message);
            Failure::conflict("kubectl.refused", message)
        }
    }
}

/// A webhook's refusal has the same number as a missing right.
fn denied_by_role(status: &Status) -> bool {
    !status.message.contains("admission webhook")
}

fn unreachable_server(error: &kube::Error) -> Failure {
    if let kube::Error::SerdeError(why) = error {
        let message = format!(
            "The API server's answer cannot be read: {why}. Its operator may be of a newer release than this program: take \
             the program of that release."
        );
        return Failure::internal("kubectl.garbled-answer", message);
    }
    let mut last: &dyn std::error::Error = error;
    // The outermost words only say that something failed.
    while let Some(source) = last.source() {
        last = source;
    }
    let outermost = error.source().is_none();
    let why = if outermost { error.to_string() } else { last.to_string() };
    let message = format!(
        "The API server does not answer: {why}. Try `kubectl version`; when that fails too, the cluster or the way to it is down."
    );
    Failure::unavailable("kubectl.unreachable", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: u16, message: &str, name: &str) -> kube::Error {
        let details =
            kube::core::response::StatusDetails { name: name.to_owned(), ..serde_json::from_str("{}").unwrap() };
        let reason = if code == 403 { "Forbidden" } else { "NotFound" };
        kube::Error::Api(Status::failure(message, reason).with_code(code).with_details(details).boxed())
    }

    const PODS: Asked<'_> = Asked { verb: "list", resource: "pods", namespace: Some("justice"), name: None };

    #[test]
    fn a_missing_right_is_named_with_its_verb_its_resource_and_its_place() {
        let failure = refusal(&answer(403, "pods is forbidden: User \"nodira\" cannot list resource", ""), PODS);
        assert_eq!(failure.code, "kubectl.forbidden");
        assert!(failure.message.contains("You may not list pods in the namespace justice."), "{failure}");
    }

    #[test]
    fn what_a_webhook_refuses_is_no_missing_right() {
        let failure = refusal(&answer(403, "admission webhook \"x\" denied the request: no", "copy"), PODS);
        assert_eq!(failure.code, "kubectl.refused");
        assert!(failure.message.ends_with("denied the request: no"));
    }

    #[test]
    fn a_kind_that_is_not_there_is_told_from_an_object_that_is_not_there() {
        let kind = answer(404, "the server could not find the requested resource", "");
        assert_eq!(refusal(&kind, PODS).code, "kubectl.unknown-kind");
        assert_eq!(refusal(&answer(404, "pods \"x\" not found", "x"), PODS).code, "kubectl.refused");
    }

    #[test]
    fn what_is_told_besides_is_left_out_with_a_note_and_only_once() {
        let mut missing = Missing::default();
        for _ in 0..2 {
            let seen: Option<()> = missing.or_note(Err(answer(403, "pods is forbidden", "")), PODS).unwrap();
            assert!(seen.is_none());
        }
        let sentence = missing.sentence().unwrap();
        assert_eq!(sentence, "Not shown, because you may not: list pods in the namespace justice.");
        assert!(missing.or_note::<()>(Err(answer(500, "etcd", "x")), PODS).is_err(), "anything else is an error");
    }
}
