//! The architecture's arrows, as a test: which crate may depend on which, and which room may use which.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use serde_json::Value;

use crate::generate::root;

const SERVICES: [&str; 9] =
    ["docket", "eservice", "exchange", "identity", "notifications", "payments", "portal", "register", "signing"];
const KIT: [&str; 8] = ["boot", "bus", "document", "files", "kernel", "sql", "testkit", "web"];
/// May stand on the pure process library.
const PROCESS_USERS: [&str; 7] = ["eservice", "payments", "signing", "notifications", "register", "xizmat", "tests"];
/// No I/O at all below these.
const PURE: [&str; 3] = ["kernel", "process", "api"];
const IO: [&str; 8] = ["tokio", "async-nats", "sqlx", "axum", "reqwest", "lettre", "hyper", "getrandom"];

pub fn run() -> Result<(), String> {
    let mut wrong = crates()?;
    wrong.extend(rooms()?);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("Forbidden arrows (docs/architecture.md says why):\n  {}", wrong.join("\n  ")))
}

fn crates() -> Result<Vec<String>, String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .map_err(|error| error.to_string())?;
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let mut dependencies: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default().to_owned();
        let wanted = package["dependencies"].as_array().into_iter().flatten();
        // What only tests use does not ship.
        let shipped = wanted.filter(|dependency| dependency["kind"] != "dev");
        let names = shipped.filter_map(|dependency| dependency["name"].as_str().map(str::to_owned));
        dependencies.insert(name, names.collect());
    }
    let arrows = dependencies.iter().flat_map(|(from, all)| all.iter().map(move |to| (from.as_str(), to.as_str())));
    Ok(arrows.filter(|(from, to)| forbidden(from, to)).map(|(from, to)| format!("crate {from} → {to}")).collect())
}

fn forbidden(from: &str, to: &str) -> bool {
    let composes = matches!(from, "xizmat" | "tests");
    let service = |name| SERVICES.contains(&name);
    (service(to) && !composes)
        || (to == "process" && !PROCESS_USERS.contains(&from) && from != "controller")
        || (PURE.contains(&from) && (IO.contains(&to) || KIT.contains(&to) && to != "kernel"))
        || (KIT.contains(&from) && to == "api")
        || (from == "document" && KIT.contains(&to))
        || (to == "document" && !matches!(from, "signing" | "xizmat"))
        || (to == "sandbox")
        || (to == "testkit" && !matches!(from, "tests" | "testkit"))
}

/// `domain` knows no adapter: neither its own service's other rooms nor the kit's.
fn rooms() -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for service in SERVICES {
        let folder = root().join("services").join(service).join("src/domain");
        visit(&folder, &mut |path, text| {
            for (number, line) in text.lines().enumerate() {
                let line = line.trim_start();
                let names_adapter = ["crate::store", "crate::bus", "crate::http", "sql::", "bus::", "axum::", "sqlx::"]
                    .iter()
                    .any(|adapter| line.starts_with(&format!("use {adapter}")));
                if names_adapter {
                    let place = path.strip_prefix(root()).unwrap_or(path).display().to_string();
                    wrong.push(format!("room {place}:{} {line}", number + 1));
                }
            }
        })?;
    }
    Ok(wrong)
}

fn visit(folder: &Path, see: &mut dyn FnMut(&Path, &str)) -> Result<(), String> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            visit(&path, see)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            see(&path, &text);
        }
    }
    Ok(())
}
