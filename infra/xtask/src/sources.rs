//! Every Rust source of the house, except what is generated or built.

use std::{fs, path::Path};

const ROOTS: [&str; 5] = ["services", "operator", "proto", "infra", "tests"];
const SKIPPED: [&str; 4] = ["gen", "target", "assets", "node_modules"];

/// Shows each file with its path relative to the root, in the order of their names.
pub fn visit(root: &Path, see: &mut dyn FnMut(&Path, &str) -> Result<(), String>) -> Result<(), String> {
    ROOTS.iter().try_for_each(|folder| descend(root, &root.join(folder), see))
}

fn descend(root: &Path, folder: &Path, see: &mut dyn FnMut(&Path, &str) -> Result<(), String>) -> Result<(), String> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                descend(root, &path, see)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            see(path.strip_prefix(root).unwrap_or(&path), &text)?;
        }
    }
    Ok(())
}
