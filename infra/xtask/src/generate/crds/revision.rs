//! The kind that nobody writes: admitted definitions as the operator keeps them.

use api::ServiceRevision;
use serde_json::Value;

use super::{AGENCY, Names, around, resource, rules, status, version};
use crate::generate::Outcome;

pub const NAMES: Names = Names {
    plural: ServiceRevision::PLURAL,
    short: "srev",
    columns: &[
        ("Service", ".spec.service", true),
        ("Revision", ".spec.revision", false),
        ("Change", ".spec.change", true),
        ("Share", ".status.share", true),
        ("Open", ".status.openCases", true),
        ("Drafts", ".status.drafts", true),
        AGENCY_ASIDE,
    ],
    selectable: &[".spec.service", ".spec.revision"],
};

/// The namespace says it already.
const AGENCY_ASIDE: super::Column = (AGENCY.0, AGENCY.1, false);

pub fn definition() -> Outcome<Value> {
    let mut schema = resource(ServiceRevision::schema(), status::revision())?;
    // One value: whoever owns it owns all of it, and nobody keeps a list of its fields.
    let definition = rules::at(&mut schema, "spec.definition")?;
    definition["type"] = "object".into();
    definition["x-kubernetes-map-type"] = "atomic".into();
    rules::never_changes(&mut schema)?;
    Ok(around(ServiceRevision::KIND, "Namespaced", &NAMES, version(&NAMES, schema)))
}

#[cfg(test)]
mod tests {
    use super::{super::structural, *};

    #[test]
    fn a_revision_is_structural_never_changes_and_keeps_the_definition_as_it_is() {
        let definition = definition().unwrap();
        let version = &definition["spec"]["versions"][0];
        let schema = &version["schema"]["openAPIV3Schema"];
        assert_eq!(structural::faults(schema), Vec::<String>::new());
        let spec = &schema["properties"]["spec"];
        assert_eq!(spec["x-kubernetes-validations"][0]["rule"], "self == oldSelf");
        assert_eq!(spec["properties"]["definition"]["x-kubernetes-preserve-unknown-fields"], true);
        assert_eq!(spec["properties"]["change"]["enum"][0], "first");
        let mut schema = schema.clone();
        let paths = NAMES.columns.iter().map(|(_, path, _)| *path).chain(NAMES.selectable.iter().copied());
        for path in paths {
            assert!(rules::at(&mut schema, path.trim_start_matches('.')).is_ok(), "{path}");
        }
    }
}
