//! Builds the program so that it says nothing of the machine that built it: where its sources lay is written as in every other build.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::generate::{Outcome, root};

/// Apart from other builds: under other flags everything is compiled anew.
const TARGET: &str = "target/image";
/// Between flags, as cargo reads them: a folder's name may hold a space.
const BETWEEN: &str = "\u{1f}";

/// Path of the program's release.
pub fn build(program: &str) -> Outcome<PathBuf> {
    let root = root();
    let places = [(cargo_home()?, "/cargo"), (root.clone(), "/source")];
    let rust = flags("--remap-path-prefix", &places).join(BETWEEN);
    // Libraries in C name their files where they fail.
    let c = flags("-ffile-prefix-map", &places).join(" ");
    let target = root.join(TARGET);
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // The counterparts are a package of their own.
    let package = program.trim_start_matches("xizmat-");
    let status = Command::new(cargo)
        .args(["build", "--locked", "--release", "--package", package, "--target-dir"])
        .arg(&target)
        .current_dir(&root)
        .env("CARGO_ENCODED_RUSTFLAGS", rust)
        .env("CFLAGS", c)
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(target.join("release").join(program)) } else { Err(format!("{program} was not built")) }
}

fn cargo_home() -> Outcome<PathBuf> {
    let named = env::var_os("CARGO_HOME").map(PathBuf::from);
    let usual = || env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    named.or_else(usual).ok_or_else(|| "neither CARGO_HOME nor HOME is set".to_owned())
}

fn flags(flag: &str, places: &[(PathBuf, &str)]) -> Vec<String> {
    places.iter().map(|(place, written)| format!("{flag}={}={written}", place.display())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_this_machine_are_written_as_everywhere() {
        let places = [(PathBuf::from("/home/a b/.cargo"), "/cargo"), (PathBuf::from("/work"), "/source")];
        let written = flags("--remap-path-prefix", &places);
        assert_eq!(written, ["--remap-path-prefix=/home/a b/.cargo=/cargo", "--remap-path-prefix=/work=/source"]);
    }
}
