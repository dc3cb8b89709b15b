//! References that need the services themselves: configuration, metrics, and what each HTTP edge tells machines.
//!
//! `xizmat reference` prints the configuration; with a folder it writes all of them (`make gen`), or compares.

mod configuration;
mod metrics;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use serde_json::Value;

use crate::health;

#[derive(Args)]
pub struct Options {
    /// Writes every reference into this folder instead of printing the configuration.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Only compares; fails on a difference.
    #[arg(long, requires = "folder")]
    check: bool,
}

pub fn run(options: &Options) -> ExitCode {
    let Some(folder) = &options.folder else {
        print!("{}", configuration::page());
        return ExitCode::SUCCESS;
    };
    let different: Vec<String> = different(folder).into_iter().map(|(path, _)| path.display().to_string()).collect();
    if different.is_empty() {
        return ExitCode::SUCCESS;
    }
    let outcome = if options.check {
        Err(format!("Out of date: {}. Run `make gen`.", different.join(", ")))
    } else {
        write(folder).map(|()| println!("Wrote {}", different.join(", ")))
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Every reference, by its path in the folder.
fn all() -> Vec<(&'static str, String)> {
    vec![
        ("configuration.md", configuration::page()),
        ("metrics.md", metrics::page()),
        ("api/health.yaml", yaml(&health::document())),
        ("api/identity.yaml", yaml(&identity::document())),
        ("api/payments.yaml", yaml(&payments::document())),
        ("api/portal.yaml", yaml(&portal::document())),
    ]
}

/// What the folder holds otherwise, or should not hold.
fn different(folder: &Path) -> Vec<(PathBuf, Option<String>)> {
    let all = all();
    let api = std::fs::read_dir(folder.join("api")).into_iter().flatten().flatten().map(|entry| entry.path());
    let left_over = api.filter(|path| !all.iter().any(|(name, _)| folder.join(name) == *path)).map(|path| (path, None));
    let changed = all.iter().map(|(name, content)| (folder.join(name), content));
    let changed = changed.filter(|(path, content)| std::fs::read_to_string(path).ok().as_ref() != Some(content));
    changed.map(|(path, content)| (path, Some(content.clone()))).chain(left_over).collect()
}

fn write(folder: &Path) -> Result<(), String> {
    for (path, content) in different(folder) {
        let written = match content {
            Some(content) => {
                std::fs::create_dir_all(path.parent().unwrap_or(folder)).and_then(|()| std::fs::write(&path, content))
            }
            None => std::fs::remove_file(&path),
        };
        written.map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

fn yaml(document: &Value) -> String {
    let yaml = serde_saphyr::to_string(document).expect("a document of texts, numbers, lists and maps can be written");
    format!("# Generated (`make gen`); do not edit.\n{yaml}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_references_are_the_ones_that_the_services_give() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"));
        let different: Vec<PathBuf> = different(folder).into_iter().map(|(path, _)| path).collect();
        assert!(different.is_empty(), "out of date, run `make gen`: {different:?}");
    }

    #[test]
    fn what_is_written_as_yaml_reads_as_the_same_document() {
        for document in [health::document(), identity::document(), payments::document(), portal::document()] {
            let back: Value = serde_saphyr::from_str(&yaml(&document)).unwrap();
            assert_eq!(back, document);
        }
    }
}
