//! The architecture's arrows, as a test: which crate may depend on which, and which room may use which.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use serde_json::Value;

use crate::{
    generate::root,
    sources,
    tokens::{after_test_item, ident, is_punct, tokens},
};

const SERVICES: [&str; 9] =
    ["docket", "eservice", "exchange", "identity", "notifications", "payments", "portal", "register", "signing"];
const KIT: [&str; 8] = ["boot", "bus", "document", "files", "kernel", "sql", "testkit", "web"];
/// May stand on the pure process library.
const PROCESS_USERS: [&str; 10] =
    ["booklet", "docket", "eservice", "payments", "signing", "notifications", "register", "xizmat", "tests", "bench"];
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
    let composes = matches!(from, "xizmat" | "tests" | "bench");
    let service = |name| SERVICES.contains(&name);
    (service(to) && !composes)
        || (to == "process" && !PROCESS_USERS.contains(&from) && from != "controller")
        || (PURE.contains(&from) && (IO.contains(&to) || KIT.contains(&to) && to != "kernel"))
        || (KIT.contains(&from) && to == "api")
        || (from == "document" && KIT.contains(&to))
        || (to == "document" && !matches!(from, "signing" | "xizmat" | "bench"))
        || (to == "sandbox")
        || (to == "testkit" && !matches!(from, "tests" | "testkit" | "bench"))
}

/// Rooms and crates of adapters; as the first part of a path they are no business of `domain`.
const ADAPTERS: [&str; 9] = ["store", "bus", "http", "sql", "sqlx", "axum", "reqwest", "async_nats", "lettre"];

/// `domain` knows no adapter: neither its own service's other rooms nor the kit's.
fn rooms() -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    sources::visit(&root(), &mut |path, text| {
        let place = path.display().to_string();
        let service = SERVICES.iter().any(|service| place.starts_with(&format!("services/{service}/src/domain")));
        if service && !place.contains("/tests") {
            let stream: TokenStream = text.parse().map_err(|error| format!("{place}: {error}"))?;
            let mut found = BTreeSet::new();
            paths(stream.into_iter().collect(), false, &mut found);
            wrong.extend(found.into_iter().map(|adapter| format!("room {place} → {adapter}")));
        }
        Ok(())
    })?;
    Ok(wrong)
}

/// Adapters that a path begins with, after `crate::` and inside the braces of a `use` too.
fn paths(all: Vec<TokenTree>, inside_crate: bool, found: &mut BTreeSet<String>) {
    let mut at = 0;
    while at < all.len() {
        if let Some(after) = after_test_item(&all, at) {
            at = after;
            continue;
        }
        let before = |back: usize| at.checked_sub(back).and_then(|place| all.get(place));
        let after_crate = is_punct(before(1), ':') && ident(before(3)).is_some_and(|word| word == "crate");
        match all.get(at) {
            Some(TokenTree::Group(group)) => {
                let braces = group.delimiter() == Delimiter::Brace;
                paths(tokens(group), braces && (after_crate || inside_crate && !is_punct(before(1), ':')), found);
            }
            Some(TokenTree::Ident(word)) => {
                let word = word.to_string();
                let leads = is_punct(all.get(at + 1), ':') && is_punct(all.get(at + 2), ':');
                let first = !is_punct(before(1), ':') || ident(before(3)).is_none();
                if ADAPTERS.contains(&word.as_str()) && (after_crate || first && (leads || inside_crate)) {
                    found.insert(word);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapters(source: &str) -> Vec<String> {
        let mut found = BTreeSet::new();
        paths(source.parse::<TokenStream>().unwrap().into_iter().collect(), false, &mut found);
        found.into_iter().collect()
    }

    #[test]
    fn a_domain_that_reaches_for_an_adapter_is_found_however_it_is_written() {
        assert_eq!(adapters("use crate::store::Entry;"), ["store"]);
        assert_eq!(adapters("use crate::{domain::Case, store};"), ["store"]);
        assert_eq!(adapters("use crate::{domain::Case, bus::{Call, Reply}};"), ["bus"]);
        assert_eq!(adapters("fn f(tx: &mut sql::Tx) { ::bus::relay::run(); }"), ["bus", "sql"]);
        assert_eq!(adapters("use kernel::Failure; fn store(case: &Case) { proto::http::get(store); }"), [""; 0]);
        assert_eq!(adapters("#[cfg(test)] mod tests { use crate::store::Entry; }"), [""; 0]);
    }

    #[test]
    fn services_meet_only_in_contracts() {
        assert!(forbidden("portal", "payments") && forbidden("kernel", "tokio") && forbidden("portal", "process"));
        assert!(!forbidden("xizmat", "payments") && !forbidden("portal", "proto") && !forbidden("signing", "document"));
    }
}
