//! One resource of any kind, as files and the operator carry them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Agency, Grant, GrantRequest, Registry, ServiceDefinition};

/// Kinds of resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// A state organisation.
    Agency,
    /// Its data source.
    Registry,
    /// What it asks of another.
    GrantRequest,
    /// What it gives another.
    Grant,
    /// A public service.
    ServiceDefinition,
}

/// A resource of any kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Resource {
    /// A state organisation.
    Agency(Box<Agency>),
    /// Its data source.
    Registry(Box<Registry>),
    /// What it asks of another.
    GrantRequest(Box<GrantRequest>),
    /// What it gives another.
    Grant(Box<Grant>),
    /// A public service.
    ServiceDefinition(Box<ServiceDefinition>),
}

impl Kind {
    /// Every kind, in the order in which a platform publishes them.
    pub const ALL: [Self; 5] = [Self::Agency, Self::Registry, Self::GrantRequest, Self::Grant, Self::ServiceDefinition];

    /// As written in `kind`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agency => "Agency",
            Self::Registry => "Registry",
            Self::GrantRequest => "GrantRequest",
            Self::Grant => "Grant",
            Self::ServiceDefinition => "ServiceDefinition",
        }
    }

    /// From what is written in `kind`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// JSON Schema of the kind, for editors and for the check of structure.
    pub fn schema(self) -> schemars::Schema {
        match self {
            Self::Agency => schemars::schema_for!(Agency),
            Self::Registry => schemars::schema_for!(Registry),
            Self::GrantRequest => schemars::schema_for!(GrantRequest),
            Self::Grant => schemars::schema_for!(Grant),
            Self::ServiceDefinition => schemars::schema_for!(ServiceDefinition),
        }
    }

    /// Reads a resource of this kind.
    pub fn read(self, value: Value) -> Result<Resource, serde_json::Error> {
        Ok(match self {
            Self::Agency => Resource::Agency(serde_json::from_value(value)?),
            Self::Registry => Resource::Registry(serde_json::from_value(value)?),
            Self::GrantRequest => Resource::GrantRequest(serde_json::from_value(value)?),
            Self::Grant => Resource::Grant(serde_json::from_value(value)?),
            Self::ServiceDefinition => Resource::ServiceDefinition(serde_json::from_value(value)?),
        })
    }
}

impl Resource {
    /// Name in the metadata.
    pub fn name(&self) -> &str {
        match self {
            Self::Agency(agency) => &agency.metadata.name,
            Self::Registry(registry) => &registry.metadata.name,
            Self::GrantRequest(request) => &request.metadata.name,
            Self::Grant(grant) => &grant.metadata.name,
            Self::ServiceDefinition(definition) => &definition.metadata.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every field's name, however deep it stands.
    fn fields(schema: &Value, named: &mut BTreeSet<String>) {
        match schema {
            Value::Object(parts) => {
                for (part, value) in parts {
                    if let (true, Value::Object(properties)) = (part == "properties", value) {
                        named.extend(properties.keys().cloned());
                    }
                    fields(value, named);
                }
            }
            Value::Array(parts) => parts.iter().for_each(|part| fields(part, named)),
            _ => {}
        }
    }

    #[test]
    fn no_field_of_any_resource_is_an_address_that_a_service_could_be_sent_to() {
        let mut named = BTreeSet::new();
        for kind in Kind::ALL {
            fields(kind.schema().as_value(), &mut named);
        }
        assert!(
            ["operations", "legalBasis", "nats", "uz-Cyrl"].iter().all(|known| named.contains(*known)),
            "{named:?}"
        );
        let hints =
            ["uri", "url", "href", "address", "endpoint", "host", "link", "hook", "callback", "server", "domain"];
        let is_hinted = |name: &&String| hints.iter().any(|hint| name.to_lowercase().contains(hint));
        let found: Vec<&String> = named.iter().filter(is_hinted).collect();
        // Where an office stands, and where people read an act, a concept or an agency's own pages.
        assert_eq!(found, ["address", "uri"]);
    }
}
