//! What must be true of a resource before the exchange keeps it: it speaks only for its own agency.

use api::{Agency, Grant, GrantRequest, GrantedTo, Kind, Registry, Resource};
use serde_json::Value;

use super::{contract, grant};

/// Reads a resource of `agency`'s folder or namespace, or lists what is wrong with it.
pub fn read(agency: &str, kind: &str, bytes: &[u8]) -> Result<Resource, Vec<String>> {
    let kind = Kind::parse(kind).filter(|kind| *kind != Kind::ServiceDefinition);
    let kind = kind.ok_or_else(|| vec!["The exchange keeps Agency, Registry, GrantRequest and Grant.".to_owned()])?;
    let value: Value = serde_json::from_slice(bytes).map_err(|error| vec![format!("It is not JSON: {error}.")])?;
    let resource = kind.read(value).map_err(|error| vec![format!("It is not a {}: {error}.", kind.name())])?;
    let mut problems = names(agency, &resource);
    match &resource {
        Resource::Agency(of) => problems.extend(own_agency(agency, of)),
        Resource::Registry(of) => problems.extend(own_registry(agency, of)),
        Resource::GrantRequest(of) => problems.extend(own_request(agency, of)),
        Resource::Grant(of) => problems.extend(own_grant(agency, of)),
        Resource::ServiceDefinition(_) => {}
    }
    if problems.is_empty() { Ok(resource) } else { Err(problems) }
}

/// On a production platform a registry has every name that people read, in every language; elsewhere it can be tried out
/// without.
pub fn speaks(resource: Resource, production: bool) -> Result<Resource, Vec<String>> {
    let Resource::Registry(registry) = &resource else { return Ok(resource) };
    let spec = &registry.spec;
    let mut problems = Vec::new();
    if !spec.title.missing().is_empty() {
        problems.push(format!("`spec.title` is missing in {}.", spec.title.missing().join(", ")));
    }
    for operation in &spec.operations {
        for field in operation.untitled() {
            problems.push(format!("`{field}`, which `{}` answers, has no title in some language.", operation.name));
        }
    }
    if production && !problems.is_empty() { Err(problems) } else { Ok(resource) }
}

fn names(agency: &str, resource: &Resource) -> Vec<String> {
    let wrong = |name: &str| format!("`{name}` is not a name: use 1 to 63 lower-case letters, digits and hyphens.");
    let names = [agency, resource.name()];
    names.into_iter().filter(|name| !is_name(name)).map(wrong).collect()
}

/// Names become parts of subjects.
fn is_name(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(letter)
}

fn foreign(field: &str, agency: &str, other: &str) -> Option<String> {
    (agency != other).then(|| format!("`{field}` is `{other}`, but the resource lies with `{agency}`."))
}

fn own_agency(agency: &str, resource: &Agency) -> Vec<String> {
    foreign("metadata.name", agency, &resource.metadata.name).into_iter().collect()
}

fn own_registry(agency: &str, registry: &Registry) -> Vec<String> {
    let mut problems: Vec<_> = foreign("spec.agency", agency, &registry.spec.agency).into_iter().collect();
    for operation in &registry.spec.operations {
        if !is_name(&operation.name) {
            problems.push(format!("`{}` is not a name of an operation.", operation.name));
        }
        for (part, schema) in [("input", &operation.input), ("output", &operation.output)] {
            if let Err(why) = contract::compile(schema) {
                problems.push(format!("The {part} of `{}` is not a contract: {why}.", operation.name));
            }
        }
        let required = |field: &String| {
            let required = operation.input["required"].as_array();
            required.is_some_and(|names| names.iter().any(|name| name == field.as_str()))
        };
        if operation.data_subject.as_ref().is_some_and(|field| !required(field)) {
            problems.push(format!("The data subject of `{}` must be a required field of its input.", operation.name));
        }
    }
    problems
}

fn own_request(agency: &str, request: &GrantRequest) -> Vec<String> {
    foreign("spec.to", agency, &request.spec.to).into_iter().collect()
}

fn own_grant(agency: &str, resource: &Grant) -> Vec<String> {
    let mut problems: Vec<_> = foreign("spec.from", agency, &resource.spec.from).into_iter().collect();
    problems.extend(grant::end(&resource.spec).err().map(|failure| failure.message));
    if !is_name(&resource.spec.to) {
        problems.push("`spec.to` is not the name of an agency.".into());
    }
    if resource.spec.about == GrantedTo::Anyone && resource.spec.per_minute.is_none() {
        problems.push("`spec.about` is `anyone`, which needs a rate of its own: write `perMinute`.".into());
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = include_str!("../../../../examples/civil-status/registry.yaml");

    fn registry(change: impl Fn(&mut Value)) -> Resource {
        let mut value: Value = serde_saphyr::from_str(REGISTRY).unwrap();
        change(&mut value);
        read("civil-status", "Registry", value.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_registry_without_a_name_that_people_read_is_tried_out_and_not_published_for_production() {
        assert!(speaks(registry(|_| ()), true).is_ok());
        let silent = |value: &mut Value| {
            value["spec"]["operations"][1]["fields"].as_array_mut().unwrap().pop();
        };
        let half = |value: &mut Value| {
            value["spec"]["operations"][0]["fields"][0]["title"].as_object_mut().unwrap().remove("kaa");
        };
        assert!(speaks(registry(silent), false).is_ok());
        for (change, operation) in [(&silent as &dyn Fn(&mut Value), "`find`"), (&half, "`my-marriages`")] {
            let problems = speaks(registry(change), true).unwrap_err();
            assert!(problems.len() == 1 && problems[0].contains(operation), "{problems:?}");
        }
    }

    #[test]
    fn a_grant_about_anyone_has_a_rate_of_its_own() {
        const GRANT: &str = include_str!("../../../../examples/civil-status/grant.yaml");
        let granted = |about: &str, per_minute: Option<u32>| {
            let mut value: Value = serde_saphyr::from_str(GRANT).unwrap();
            value["spec"]["about"] = about.into();
            value["spec"].as_object_mut().unwrap().remove("perMinute");
            if let Some(per_minute) = per_minute {
                value["spec"]["perMinute"] = per_minute.into();
            }
            read("civil-status", "Grant", value.to_string().as_bytes()).map(drop)
        };
        assert_eq!(granted("case", None), Ok(()));
        assert_eq!(granted("anyone", Some(10)), Ok(()));
        let problems = granted("anyone", None).unwrap_err();
        assert!(problems.len() == 1 && problems[0].contains("perMinute"), "{problems:?}");
    }
}
