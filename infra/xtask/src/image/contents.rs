//! What the image holds: the program, the libraries that it names, certificates; no shell, no package manager, no folder to write to.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use super::failed;
use crate::generate::Outcome;

/// Authorities as the distribution ships them: those that only this machine trusts stay out of the image.
const AUTHORITIES: &str = "/usr/share/ca-certificates/mozilla";
/// For distributions that ship one file.
const AUTHORITIES_FILE: &str = "/etc/pki/tls/certs/ca-bundle.crt";
/// Libraries look a user up by number; nobody can log in.
const USERS: &str = "xizmat:x:65532:65532::/:/nonexistent\n";
const GROUPS: &str = "xizmat:x:65532:\n";

pub enum Entry {
    Folder,
    Program(Vec<u8>),
    File(Vec<u8>),
}

pub struct Contents {
    /// By path without the leading slash; a folder comes before what lies in it.
    pub entries: BTreeMap<String, Entry>,
    /// Paths of the shared libraries.
    pub libraries: Vec<String>,
}

impl Entry {
    pub fn mode(&self) -> u32 {
        if matches!(self, Self::File(_)) { 0o644 } else { 0o755 }
    }

    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Folder => &[],
            Self::Program(bytes) | Self::File(bytes) => bytes,
        }
    }
}

pub fn of(program: &str, binary: &Path) -> Outcome<Contents> {
    let mut contents = Contents { entries: BTreeMap::new(), libraries: Vec::new() };
    contents.add(program, Entry::Program(stripped(binary)?));
    for library in libraries(binary)? {
        let path = library.display().to_string().trim_start_matches('/').to_owned();
        contents.add(&path, Entry::Program(fs::read(&library).map_err(|error| failed(&library, &error))?));
        contents.libraries.push(path);
    }
    contents.add("etc/ssl/certs/ca-certificates.crt", Entry::File(authorities()?));
    contents.add("etc/passwd", Entry::File(USERS.into()));
    contents.add("etc/group", Entry::File(GROUPS.into()));
    Ok(contents)
}

impl Contents {
    fn add(&mut self, path: &str, entry: Entry) {
        for (end, _) in path.match_indices('/') {
            self.entries.entry(path[..end].to_owned()).or_insert(Entry::Folder);
        }
        self.entries.insert(path.to_owned(), entry);
    }

    /// Writes the files into a folder.
    pub fn unpack(&self, root: &Path) -> Outcome<()> {
        fs::create_dir_all(root).map_err(|error| failed(root, &error))?;
        for (path, entry) in &self.entries {
            let path = root.join(path);
            let written = match entry {
                Entry::Folder => fs::create_dir_all(&path),
                Entry::Program(bytes) | Entry::File(bytes) => fs::write(&path, bytes),
            };
            let mode = fs::Permissions::from_mode(entry.mode());
            written.and_then(|()| fs::set_permissions(&path, mode)).map_err(|error| failed(&path, &error))?;
        }
        Ok(())
    }
}

/// A copy of the program without symbols; the original stays for debugging.
fn stripped(binary: &Path) -> Outcome<Vec<u8>> {
    let copy =
        std::env::temp_dir().join(format!("xizmat-stripped-{}-{:?}", std::process::id(), std::thread::current().id()));
    let outcome = output(Command::new("strip").args(["--strip-all", "-o"]).arg(&copy).arg(binary));
    let bytes = outcome.and_then(|_| fs::read(&copy).map_err(|error| failed(&copy, &error)));
    fs::remove_file(&copy).ok();
    bytes
}

/// Shared libraries with the loader, as `ldd` names them.
fn libraries(binary: &Path) -> Outcome<Vec<PathBuf>> {
    let told = output(Command::new("ldd").arg(binary))?;
    let mut libraries = Vec::new();
    for line in told.lines().map(str::trim) {
        let place = line.split_once("=> ").map_or(line, |(_, place)| place);
        let place = place.split_once(" (").map_or(place, |(place, _)| place);
        if place == "not found" {
            return Err(format!("{}: {line}", binary.display()));
        }
        // The kernel's own library has a name and no place.
        if place.starts_with('/') {
            libraries.push(PathBuf::from(place));
        }
    }
    libraries.sort();
    Ok(libraries)
}

fn authorities() -> Outcome<Vec<u8>> {
    let Ok(folder) = fs::read_dir(AUTHORITIES) else {
        return fs::read(AUTHORITIES_FILE)
            .map_err(|_| "no certificates of authorities: install the package ca-certificates".into());
    };
    let mut paths: Vec<_> = folder.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut together = Vec::new();
    for path in paths {
        together.extend(fs::read(&path).map_err(|error| failed(&path, &error))?);
    }
    Ok(together)
}

fn output(command: &mut Command) -> Outcome<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
