//! The bill of materials of the image (CycloneDX 1.6, ECMA-424): every crate and library in it, and what stands on what.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

use serde_json::{Map, Value, json};

use super::{contents::Contents, digest};
use crate::generate::{Outcome, root};

/// A package of the build, by the id that cargo gives it.
type Packages<'a> = BTreeMap<&'a str, &'a Value>;

pub fn of(program: &str, contents: &Contents) -> Outcome<Vec<u8>> {
    let metadata = metadata()?;
    let list = |value: &'_ Value| value.as_array().cloned().unwrap_or_default();
    let (all, nodes) = (list(&metadata["packages"]), list(&metadata["resolve"]["nodes"]));
    let packages: Packages<'_> = all.iter().filter_map(|package| Some((package["id"].as_str()?, package))).collect();
    let arrows: BTreeMap<&str, Vec<&str>> =
        nodes.iter().filter_map(|node| Some((node["id"].as_str()?, shipped(node)))).collect();
    // The counterparts are a package of their own.
    let crate_name = program.trim_start_matches("xizmat-");
    let top = packages.iter().find(|(_, package)| package["name"] == crate_name).map(|(id, _)| *id);
    let reached = reach(top.ok_or_else(|| format!("no package makes `{program}`"))?, &arrows);

    let checksums = checksums()?;
    let reference = |id: &str| packages.get(id).map(|package| address(package)).unwrap_or_default();
    let mut components: Vec<_> = reached.iter().map(|id| component(packages[id], &checksums)).collect();
    components.extend(contents.libraries.iter().map(|path| library(path, contents)));
    let mut dependencies: Vec<_> = reached
        .iter()
        .map(|id| {
            let on: BTreeSet<_> = arrows[id].iter().map(|to| reference(to)).collect();
            json!({"ref": reference(id), "dependsOn": on})
        })
        .collect();
    let libraries = contents.libraries.iter().map(|path| format!("/{path}"));
    let holds: Vec<_> = top.into_iter().map(reference).chain(libraries).collect();
    dependencies.push(json!({"ref": program, "dependsOn": holds}));
    dependencies.sort_by_key(|one| one["ref"].as_str().unwrap_or_default().to_owned());
    let image = json!({
        "type": "container", "bom-ref": program, "name": program, "version": env!("CARGO_PKG_VERSION"),
        "licenses": [{"expression": "EUPL-1.2"}],
    });
    let bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": image},
        "components": components,
        "dependencies": dependencies,
    });
    let text = serde_json::to_string_pretty(&bill).map_err(|error| error.to_string())?;
    Ok(format!("{text}\n").into_bytes())
}

fn metadata() -> Outcome<Value> {
    let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", &host])
        .current_dir(root())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

/// What a package stands on when it runs: neither what only tests use nor what only the build uses.
fn shipped(node: &Value) -> Vec<&str> {
    let on = node["deps"].as_array().into_iter().flatten();
    let runs = on.filter(|on| on["dep_kinds"].as_array().into_iter().flatten().any(|kind| kind["kind"].is_null()));
    runs.filter_map(|on| on["pkg"].as_str()).collect()
}

fn reach<'a>(top: &'a str, arrows: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next = vec![top];
    while let Some(id) = next.pop() {
        if reached.insert(id) {
            next.extend(arrows.get(id).into_iter().flatten());
        }
    }
    reached
}

/// Package URL (ECMA-427).
fn address(package: &Value) -> String {
    let part = |field: &str| package[field].as_str().unwrap_or_default().replace('+', "%2B");
    format!("pkg:cargo/{}@{}", part("name"), part("version"))
}

fn component(package: &Value, checksums: &BTreeMap<String, String>) -> Value {
    let address = address(package);
    let mut component = Map::from_iter([
        ("type".to_owned(), json!("library")),
        ("bom-ref".to_owned(), json!(address)),
        ("name".to_owned(), package["name"].clone()),
        ("version".to_owned(), package["version"].clone()),
        ("purl".to_owned(), json!(address)),
    ]);
    if let Some(checksum) = checksums.get(&address) {
        component.insert("hashes".into(), json!([{"alg": "SHA-256", "content": checksum}]));
    }
    if let Some(license) = package["license"].as_str() {
        // Older packages separate alternatives by a slash, which is no SPDX expression.
        component.insert("licenses".into(), json!([{"expression": license.replace('/', " OR ")}]));
    }
    Value::Object(component)
}

/// A shared library is told apart by its bytes.
fn library(path: &str, contents: &Contents) -> Value {
    let hash = digest(contents.entries[path].bytes());
    json!({
        "type": "library", "bom-ref": format!("/{path}"), "name": path.rsplit('/').next(),
        "hashes": [{"alg": "SHA-256", "content": hash.trim_start_matches("sha256:")}],
    })
}

/// Checksums of the registry's archives, by package URL.
fn checksums() -> Outcome<BTreeMap<String, String>> {
    let path = root().join("Cargo.lock");
    let text = fs::read_to_string(&path).map_err(|error| super::failed(&path, &error))?;
    let lock: toml::Table = text.parse().map_err(|error| super::failed(&path, &error))?;
    let packages = lock.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    let known = packages.filter_map(|package| {
        let text = |field: &str| package.get(field).and_then(toml::Value::as_str).map(str::to_owned);
        let address = format!("pkg:cargo/{}@{}", text("name")?, text("version")?.replace('+', "%2B"));
        Some((address, text("checksum")?))
    });
    Ok(known.collect())
}
