//! What a folder or file says, judged as `xizmat check` does, in the form in which it can be compared with the cluster's.

use std::path::Path;

use api::{Kind, Resource, ServiceDefinition};
use kernel::Failure;
use process::check::Report;
use serde_json::{Value, json};

use super::cluster::Cluster;
use crate::check;

pub struct Local {
    pub file: String,
    pub kind: Kind,
    pub name: String,
    /// Where it would be applied; empty for an agency.
    pub namespace: String,
    /// As it would be applied.
    pub value: Value,
    pub report: Report,
}

impl Local {
    pub fn full_name(&self) -> String {
        if self.namespace.is_empty() { self.name.clone() } else { format!("{}/{}", self.namespace, self.name) }
    }

    pub fn definition(&self) -> Option<&ServiceDefinition> {
        self.report.definition.as_ref()
    }
}

/// Every resource of the folder; what cannot even be read is refused with its place.
pub fn read(path: &Path, cluster: &Cluster) -> Result<Vec<Local>, Failure> {
    let unreadable = |message: String| Failure::invalid("kubectl.unreadable", message);
    let sources = check::sources(&[path.to_owned()]).map_err(unreadable)?;
    if sources.is_empty() {
        let message =
            format!("{}: no resource is there. Name a service's folder, an agency's, or a file.", path.display());
        return Err(unreadable(message));
    }
    let reports = check::judge(&sources);
    let mut all = Vec::new();
    for (source, report) in sources.iter().zip(reports) {
        let text = |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let read = report.value.clone().and_then(|value| {
            let kind = Kind::parse(&text(&value, "/kind")?)?;
            Some((kind, text(&value, "/metadata/name")?, value))
        });
        let Some((kind, name, mut value)) = read else {
            let told = process::check::Format::Human.write(&report.problems);
            return Err(unreadable(format!("{} cannot be read:\n{}", source.name, told.trim_end())));
        };
        let namespace = match kind {
            Kind::Agency => String::new(),
            _ => text(&value, "/metadata/namespace").unwrap_or_else(|| cluster.namespace.clone()),
        };
        if !namespace.is_empty() {
            value["metadata"]["namespace"] = json!(namespace);
        }
        all.push(Local { file: source.name.clone(), kind, name, namespace, value, report });
    }
    Ok(all)
}

/// After our own defaulting, so that both spellings of a default are the same; what no type reads is compared as it is.
pub fn canonical(kind: Kind, value: &Value) -> Value {
    let read = kind.read(value.clone()).ok();
    let written = read.and_then(|resource| match resource {
        Resource::Agency(agency) => serde_json::to_value(agency).ok(),
        Resource::Registry(registry) => serde_json::to_value(registry).ok(),
        Resource::GrantRequest(request) => serde_json::to_value(request).ok(),
        Resource::Grant(grant) => serde_json::to_value(grant).ok(),
        Resource::ServiceDefinition(definition) => serde_json::to_value(definition).ok(),
    });
    written.unwrap_or_else(|| value.clone())
}
