//! Whatever reason a host gives for running nothing, somebody is called for it and finds it in the runbook.

use std::{collections::BTreeSet, path::Path};

use crate::host::STARTING;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{ROOT}/{path}")).unwrap()
}

/// Of every fact that does not hold, as the code of hosts writes it. What comes together with others is not said of anybody.
fn reasons(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            reasons(&path, into);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for said in ["Fact::coming(", "Fact::failed(", "Fact::stuck("] {
            for rest in code.split(said).skip(1) {
                match rest.trim_start().strip_prefix('"') {
                    Some(literal) => into.extend(literal.split('"').next().map(str::to_owned)),
                    None if rest.trim_start().starts_with("STARTING") => into.extend([STARTING.to_owned()]),
                    None => assert!(rest.trim_start().starts_with("JOINING"), "which reason is it? {}", path.display()),
                }
            }
        }
    }
}

#[test]
fn the_alert_for_services_that_nothing_runs_and_its_runbook_know_every_reason() {
    let mut given = BTreeSet::new();
    reasons(Path::new(&format!("{ROOT}/operator/controller/src/host")), &mut given);
    assert!(given.contains("AgencyKeysDiffer") && given.contains("DatabaseAway"), "{given:?}");
    let rules = read("charts/xizmat/templates/monitoring.yaml");
    let rule = rules.split("\nXizmatServiceNotRunning:").nth(1).unwrap();
    let asked = rule.split("reason=~\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(asked.split('|').map(str::to_owned).collect::<BTreeSet<_>>(), given);
    let runbook = read("docs/runbooks/XizmatServiceNotRunning.md");
    let unknown: Vec<_> = given.iter().filter(|reason| !runbook.contains(&format!("`{reason}`"))).collect();
    assert!(unknown.is_empty(), "the runbook does not say what to do about {unknown:?}");
}
