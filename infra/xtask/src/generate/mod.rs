//! Everything generated has one writer: this. `--check` writes nothing and names what differs.

mod contracts;
mod crds;
mod errors;
mod permissions;
mod schemas;

use std::{
    fs,
    path::{Path, PathBuf},
};

pub type Outcome<T> = Result<T, String>;

/// A file as it should be, relative to the repository's root.
pub struct Generated {
    pub path: PathBuf,
    pub content: String,
}

/// Folders in which nothing lies but what is generated; what is left over there is gone from the sources.
const OWNED: [&str; 3] = [schemas::FOLDER, crds::FOLDER, errors::FOLDER];

pub fn run(check: bool) -> Outcome<()> {
    let root = root();
    let mut files = contracts::generate(&root)?;
    files.extend(permissions::generate(&root)?);
    files.extend(schemas::generate()?);
    files.extend(crds::generate()?);
    files.extend(errors::generate(&root)?);
    let mut different = Vec::new();
    for file in &files {
        let path = root.join(&file.path);
        if fs::read_to_string(&path).is_ok_and(|present| present == file.content) {
            continue;
        }
        different.push(file.path.display().to_string());
        if !check {
            write(&path, &file.content)?;
        }
    }
    for path in left_over(&root, &files) {
        different.push(path.display().to_string());
        if !check {
            fs::remove_file(root.join(&path)).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    match (check, different.is_empty()) {
        (true, false) => Err(format!("Out of date: {}. Run `cargo run -p xtask -- gen`.", different.join(", "))),
        (_, true) => Ok(()),
        (false, false) => {
            println!("Wrote {}", different.join(", "));
            Ok(())
        }
    }
}

fn left_over(root: &Path, files: &[Generated]) -> Vec<PathBuf> {
    let present = OWNED.iter().flat_map(|folder| {
        let entries = fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
        entries.map(move |entry| Path::new(folder).join(entry.file_name()))
    });
    present.filter(|path| !files.iter().any(|file| file.path == *path)).collect()
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("xtask lies in infra/xtask").to_owned()
}

fn write(path: &Path, content: &str) -> Outcome<()> {
    let folder = path.parent().expect("a generated file lies in a folder");
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(folder).map_err(failed)?;
    fs::write(path, content).map_err(failed)
}
