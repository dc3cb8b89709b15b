//! The examples: they can be published, their scenarios hold, and what is taken away from them is missed.

use std::{fs, path::Path};

use api::{Agency, Registry, Resource};
use kernel::Language;

use super::of;
use crate::{
    Process,
    check::{File, Folder, Options, TemplateChecker, TemplateProblem, check, check_json},
    scenario,
};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(path)).unwrap()
}

fn resource(path: &str) -> Resource {
    let report = check(&read(path), path, &Options::default());
    assert!(report.problems.is_empty(), "{}", of(&report));
    report.resource.unwrap()
}

/// An example's agency, and its folder with the two documents' templates.
fn folder_of(agency: &str, service: &str) -> (Agency, Folder) {
    let Resource::Agency(owner) = resource(&format!("{agency}/agency.yaml")) else { panic!("an agency") };
    let given = if service == "building-permit" { "templates/permit.typ" } else { "templates/certificate.typ" };
    let files = ["service.yaml", given, "templates/refusal.typ"];
    let files = files.map(|path| File { path: path.into(), text: read(&format!("{agency}/{service}/{path}")) });
    (*owner, Folder { path: format!("examples/{agency}/{service}"), files: files.into() })
}

fn example() -> (Agency, Registry, Folder) {
    let (agency, folder) = folder_of("justice", "marriage-certificate-copy");
    let Resource::Registry(registry) = resource("civil-status/registry.yaml") else { panic!("a registry") };
    (agency, *registry, folder)
}

#[test]
fn the_example_can_be_published() {
    let (agency, registry, folder) = example();
    let registries = [registry];
    let options = Options { agency: Some(&agency), registries: &registries, ..Options::default() };
    let report = folder.check(&options).unwrap();
    assert!(report.problems.is_empty(), "{}", of(&report));
    let definition = report.definition.unwrap();
    assert!(definition.document("certificate").unwrap().template.contains("#let inputs"));
    for other in [
        "civil-status/agency.yaml",
        "civil-status/grant.yaml",
        "justice/grant-request.yaml",
        "notary/agency.yaml",
        "notary/grant.yaml",
        "justice/grant-request-notary.yaml",
    ] {
        resource(other);
    }
}

#[test]
fn a_step_that_asks_for_an_office_of_an_agency_without_offices_is_refused() {
    let (mut agency, _, folder) = example();
    agency.spec.offices.clear();
    let report = folder.check(&Options { agency: Some(&agency), ..Options::default() }).unwrap();
    let asked = report.problems.iter().find(|problem| problem.code == "expr.no-offices");
    let path = asked.map(|problem| problem.path.clone()).unwrap_or_default();
    assert!(path.ends_with(".task.office") && !report.runs(), "{}", of(&report));
}

#[test]
fn a_mandate_is_proved_by_an_operation_that_can_prove_it() {
    let (agency, registry, folder) = example();
    let Resource::Registry(notary) = resource("notary/registry.yaml") else { panic!("a registry") };
    let found = |registries: &[Registry], folder: &Folder| {
        let options = Options { agency: Some(&agency), registries, ..Options::default() };
        let report = folder.check(&options).unwrap();
        let found = report.problems.iter().map(|problem| format!("{} {}", problem.code, problem.path));
        found.collect::<Vec<_>>()
    };
    assert_eq!(found(&[registry.clone(), (*notary).clone()], &folder), Vec::<String>::new());
    let written = |from: &str, to: &str| {
        let mut changed = folder.clone();
        changed.files[0].text = changed.files[0].text.replace(from, to);
        changed
    };
    let unknown = written("operation: power-of-attorney", "operation: power-of-atorney");
    let at = "spec.access.mandates[0].operation";
    assert_eq!(found(&[(*notary).clone()], &unknown), [format!("registry.unknown-operation {at}")]);
    let unfit =
        written("registry: notary, operation: power-of-attorney", "registry: civil-status, operation: my-marriages");
    let judged = found(std::slice::from_ref(&registry), &unfit);
    assert!(
        judged.len() > 1 && judged.iter().all(|problem| *problem == format!("mandate.contract {at}")),
        "{judged:?}"
    );
    let foreign = written("kind: attorney", "kind: guardian");
    assert!(found(&[], &foreign).iter().any(|problem| problem.contains("spec.access.mandates[0].kind")));
    let mut silent = *notary;
    silent.spec.operations[0].data_subject = None;
    assert_eq!(found(&[silent], &folder), [format!("mandate.contract {at}")]);
    let parent = written(
        "kind: attorney, registry: notary, operation: power-of-attorney",
        "kind: parent, registry: civil-status, operation: my-children",
    );
    assert_eq!(found(std::slice::from_ref(&registry), &parent), Vec::<String>::new());
    let mut nameless = registry.clone();
    for operation in &mut nameless.spec.operations {
        if let Some(children) = operation.output["properties"].get_mut("children") {
            children["items"]["required"] = serde_json::json!(["number", "pinfl", "familyName", "birthDate"]);
        }
    }
    assert_eq!(found(&[nameless], &parent), [format!("mandate.contract {at}")], "a child without a given name");
    let unproved = written(", registry: notary, operation: power-of-attorney", "");
    assert_eq!(found(&[], &unproved), ["mandate.registry spec.access.mandates[0]"]);
}

#[test]
fn a_director_applies_where_companies_are_meant_and_no_registry_is_asked() {
    let (agency, registry, folder) = example();
    let found = |audience: &str, mandate: &str| {
        let mut changed = folder.clone();
        let text = &mut changed.files[0].text;
        *text = text.replace("audience: [citizen]", &format!("audience: [{audience}]"));
        *text = text.replace("kind: attorney, registry: notary, operation: power-of-attorney", mandate);
        let options =
            Options { agency: Some(&agency), registries: std::slice::from_ref(&registry), ..Options::default() };
        let report = changed.check(&options).unwrap();
        let found = report.problems.iter().map(|problem| format!("{} {}", problem.code, problem.path));
        found.collect::<Vec<_>>()
    };
    assert_eq!(found("citizen, business", "kind: director"), Vec::<String>::new());
    let at = "spec.access.mandates[0]";
    assert_eq!(found("citizen", "kind: director"), [format!("mandate.audience {at}.kind")]);
    let asking = "kind: director, registry: civil-status, operation: my-marriages";
    assert_eq!(found("business", asking), [format!("mandate.registry {at}")]);
}

/// Every registry of the examples, whose contracts are known.
fn registries() -> Vec<Registry> {
    let kept = |giver: &str| {
        let Resource::Registry(registry) = resource(&format!("{giver}/registry.yaml")) else { panic!("a registry") };
        *registry
    };
    ["civil-status", "court", "notary"].map(kept).into()
}

#[test]
fn the_examples_have_nothing_to_find_fault_with_and_their_scenarios_hold_in_every_language() {
    let examples = [
        ("justice", "marriage-certificate-copy", 12),
        ("interior", "no-criminal-record", 13),
        ("interior", "residence-registration", 18),
        ("construction", "building-permit", 10),
    ];
    let registries = registries();
    for (agency, service, least) in examples {
        let (owner, folder) = folder_of(agency, service);
        let options = Options { agency: Some(&owner), registries: &registries, ..Options::default() };
        let report = folder.check(&options).unwrap();
        assert!(report.problems.is_empty(), "{service}: {}", of(&report));
        let process =
            Process::compile(&report.definition.unwrap()).unwrap_or_else(|problems| panic!("{service}: {problems:?}"));
        let scenarios =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../examples/{agency}/{service}/scenarios"));
        let mut played = 0;
        for file in fs::read_dir(scenarios).unwrap() {
            let path = file.unwrap().path();
            let mut scenario = scenario::parse(&fs::read_to_string(&path).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            for language in Language::ALL {
                scenario.given.language = language;
                let report = scenario::run(&process, &owner.spec.offices, &scenario);
                assert!(report.passed(), "{} in {}: {report}", path.display(), language.tag());
            }
            played += 1;
        }
        assert!(played >= least, "{service}: {played}");
    }
}

#[test]
fn agencies_give_each_other_what_is_asked_of_them() {
    for (giver, given, asked) in [
        ("fire-safety", "grant", "construction/grant-request-fire-safety"),
        ("fire-safety", "grant-fee", "construction/grant-request-fire-safety-fee"),
        ("sanitary", "grant", "construction/grant-request-sanitary"),
        ("ecology", "grant", "construction/grant-request-ecology"),
        ("court", "grant", "interior/grant-request"),
        ("civil-status", "grant-names", "interior/grant-request-names"),
        ("civil-status", "grant-children", "interior/grant-request-children"),
        ("civil-status", "grant", "justice/grant-request"),
        ("notary", "grant", "justice/grant-request-notary"),
    ] {
        let Resource::Grant(given) = resource(&format!("{giver}/{given}.yaml")) else { panic!("a grant") };
        let Resource::GrantRequest(asked) = resource(&format!("{asked}.yaml")) else { panic!("a request") };
        assert_eq!(given.spec, asked.spec, "{giver}");
    }
}

/// Finds fault with what it is given, so that its words can be followed to their place.
struct Strict;

impl TemplateChecker for Strict {
    fn check(&self, template: &str, inputs: &serde_json::Value) -> Result<(), Vec<TemplateProblem>> {
        let wrong = inputs["language"] == "kaa" && template.contains("refusal that explains");
        let found = wrong || inputs["data"]["marriage"]["date"] != "2026-01-01";
        if found {
            Err(vec![TemplateProblem { line: 7, column: 3, message: "unknown variable".into() }])
        } else {
            Ok(())
        }
    }

    fn read(&self, _: &str, _: &serde_json::Value) -> Result<Option<String>, String> {
        Ok(None)
    }
}

#[test]
fn a_template_that_fails_in_one_language_is_named_with_its_line() {
    let (agency, _, folder) = example();
    let report =
        folder.check(&Options { agency: Some(&agency), templates: Some(&Strict), ..Options::default() }).unwrap();
    let problem = &report.problems[0];
    assert_eq!(
        (problem.code, problem.file.as_str(), problem.line, problem.column),
        ("document.template", "examples/justice/marriage-certificate-copy/templates/refusal.typ", 7, 3)
    );
    assert_eq!((problem.message.as_str(), report.problems.len()), ("unknown variable (in kaa)", 1));
}

#[test]
fn the_rendered_resource_passes_as_json_too() {
    let (agency, _, folder) = example();
    let options = Options { agency: Some(&agency), ..Options::default() };
    let rendered = folder.check(&options).unwrap().value.unwrap();
    let report = check_json(rendered.to_string().as_bytes(), &options);
    assert!(report.problems.is_empty(), "{}", of(&report));
    assert_eq!(report.definition, folder.check(&options).unwrap().definition);
}
