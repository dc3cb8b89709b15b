//! The data folder: one running platform a folder, its stage fixed at first start.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use boot::Stage;
use kernel::Failure;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

pub struct Instance {
    pub folder: PathBuf,
    /// True the first time a platform starts here.
    pub first: bool,
    /// Held for as long as the platform runs; the kernel releases it when the process ends, however it ends.
    _lock: fs::File,
}

/// Where the running platform is reached; for people, scripts and the sandbox's counterparts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Addresses {
    pub portal: String,
    pub identity: String,
    pub callback: String,
    pub health: String,
    pub nats: String,
    /// Credentials files of the agencies' own systems.
    pub agents: PathBuf,
}

impl Instance {
    pub fn open(folder: &Path, stage: Stage) -> Result<Self, Failure> {
        let unusable = |error: std::io::Error| {
            let message = format!("The data folder {} cannot be written: {error}.", folder.display());
            Failure::invalid("up.data-folder", message)
        };
        fs::create_dir_all(folder.join("run")).map_err(unusable)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(unusable)?;
        let folder = folder.canonicalize().map_err(unusable)?;
        let lock = fs::File::create(folder.join("run/lock")).map_err(unusable)?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
            let message =
                format!("Another platform is running on {}. Stop it, or give --data another folder.", folder.display());
            Failure::conflict("up.already-running", message)
        })?;
        let first = Self::fix_stage(&folder, stage)?;
        let _ = fs::remove_file(folder.join("run/addresses.json"));
        Ok(Self { folder, first, _lock: lock })
    }

    fn fix_stage(folder: &Path, stage: Stage) -> Result<bool, Failure> {
        let path = folder.join("stage");
        let wanted = stage.as_str();
        match fs::read_to_string(&path) {
            Ok(fixed) if fixed.trim() == wanted => Ok(false),
            Ok(fixed) => {
                let message = format!(
                    "{} was started as {}; it cannot become {wanted}. Use another data folder.",
                    folder.display(),
                    fixed.trim()
                );
                Err(Failure::conflict("up.stage-fixed", message))
            }
            Err(_) => {
                fs::write(&path, wanted).map_err(|error| Failure::invalid("up.data-folder", error.to_string()))?;
                Ok(true)
            }
        }
    }

    pub fn publish(&self, addresses: &Addresses) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(addresses).expect("addresses are JSON");
        let (draft, path) = (self.folder.join("run/addresses.new"), self.folder.join("run/addresses.json"));
        fs::write(&draft, text)
            .and_then(|()| fs::rename(draft, path))
            .map_err(|error| Failure::internal("up.data-folder", error.to_string()))
    }

    pub fn withdraw(&self) {
        let _ = fs::remove_file(self.folder.join("run/addresses.json"));
    }
}
