//! The folder in which keys are made, and its whole content as one flat list.

use std::path::{Path, PathBuf};

use boot::secrets::write_new;
use controller::secrets::Files;
use kernel::Failure;

/// Parts of the folder that are kept. URLs of databases follow from their passwords.
const KEPT: [&str; 5] = ["nats", "identity", "keys", "agencies", "passwords"];

pub struct Folder(PathBuf);

impl Folder {
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn read(&self, name: &str) -> Result<Vec<u8>, Failure> {
        let path = self.path(name);
        std::fs::read(&path).map_err(|error| unusable(&path, &error))
    }

    /// Replaces a file that is not kept.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), Failure> {
        let path = self.path(name);
        let _ = std::fs::remove_file(&path);
        write_new(&path, content)
    }

    /// Writes what was kept the last time; what lies there from an attempt that was cut off goes.
    pub fn restore(&self, kept: &Files) -> Result<(), Failure> {
        for part in KEPT {
            let _ = std::fs::remove_dir_all(self.path(part));
        }
        kept.iter().try_for_each(|(key, content)| write_new(&self.path(&key.replace('_', "/")), content))
    }

    /// Every file that is kept, its place written as the key of a Secret: `_` for `/`.
    pub fn everything(&self) -> Result<Files, Failure> {
        let mut files = Files::new();
        for part in KEPT {
            collect(&self.0, &self.path(part), &mut files)?;
        }
        // Of a server beside the keys; on Kubernetes servers have a configuration of their own.
        files.remove("nats_server.conf");
        Ok(files)
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Files) -> Result<(), Failure> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|error| unusable(folder, &error))?,
    };
    for entry in entries {
        let path = entry.map_err(|error| unusable(folder, &error))?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
            continue;
        }
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        assert!(!name.contains('_'), "`_` stands for `/`, and no name that we make has one");
        files.insert(name.replace('/', "_"), std::fs::read(&path).map_err(|error| unusable(&path, &error))?);
    }
    Ok(())
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::internal("provision.folder", format!("{} cannot be used: {error}.", path.display()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use boot::{Kit, Stage};

    use super::*;
    use crate::provision::{make, plan::Plan};

    /// Without what is signed anew at each run.
    fn lasting(files: &Files) -> BTreeMap<String, Vec<u8>> {
        files
            .iter()
            .filter(|(key, _)| !key.ends_with(".creds"))
            .map(|(key, bytes)| (key.clone(), bytes.clone()))
            .collect()
    }

    #[test]
    fn a_second_run_makes_the_same_platform_from_what_was_kept() {
        let plan = Plan {
            release: "x".into(),
            roles: proto::permissions::ROLES.to_vec(),
            agencies: vec!["justice".into()],
            nats_nodes: vec!["a".into(), "b".into(), "c".into()],
            nats_tls: Some("/etc/nats".into()),
            nats_names: vec!["x-nats".into()],
            databases: false,
        };
        let kit = Kit::system(Stage::Trial);
        let first = Folder::new(&testkit::folder().join("provision-first"));
        make(&first, &plan, &kit).unwrap();
        let kept = first.everything().unwrap();
        for parcel in plan.parcels() {
            parcel.files.iter().for_each(|(_, file)| assert!(!first.read(file).unwrap().is_empty(), "{file}"));
        }
        let second = Folder::new(&testkit::folder().join("provision-second"));
        // An attempt before this one was cut off with keys of its own.
        make(&second, &plan, &kit).unwrap();
        second.restore(&kept).unwrap();
        make(&second, &plan, &kit).unwrap();
        assert_eq!(lasting(&second.everything().unwrap()), lasting(&kept));
        let grown = Plan { agencies: vec!["justice".into(), "notary".into()], ..plan };
        make(&second, &grown, &kit).unwrap();
        let more = second.everything().unwrap();
        assert!(kept.iter().all(|(key, bytes)| key.ends_with(".creds") || more[key] == *bytes), "no key is replaced");
        assert!(more.contains_key("agencies_eservice_notary.key"));
    }
}
