//! The authority on disk: made once by `xizmat ca init`, opened by the sealing process, which never sees the root's key.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use boot::Stage;
use kernel::{Clock, Failure, Random};
use x509_cert::Certificate;

use crate::{
    domain::{
        ca::{self, Ceremony, name},
        verify::root_from_pem,
    },
    keys::{Files, ISSUING, Key, Offline, SealKeys},
};

const ROOT_FILE: &str = "root.pem";
const ISSUING_FILE: &str = "issuing.pem";
const KEYS_FOLDER: &str = "keys";
const WRAPPING_FILE: &str = "sealing.key";

/// What the root's key is left with after the ceremony.
pub enum RootKey<'a> {
    /// Sealed under a passphrase into a file that is then carried away.
    Offline { file: &'a Path, passphrase_file: &'a Path },
    /// A trial's root signs once and is forgotten: a trial that needs another authority starts anew.
    Forgotten,
}

/// The authority as the sealing process knows it.
pub struct Authority {
    pub root: Certificate,
    pub root_pem: String,
    pub issuing: Certificate,
    pub issuing_pem: String,
    pub key: Key,
    pub keys: Arc<dyn SealKeys>,
    /// Keys the look-up hashes of verification codes.
    pub code_key: [u8; 32],
}

/// Makes root and issuing authority (`xizmat ca init`). Refuses a folder that has one.
pub fn init(
    folder: &Path,
    platform: &str,
    stage: Stage,
    root_key: &RootKey<'_>,
    clock: &dyn Clock,
    random: &Arc<dyn Random>,
) -> Result<(), Failure> {
    if folder.join(ROOT_FILE).exists() {
        return Err(Failure::conflict("ca.exists", format!("{} holds an authority already.", folder.display())));
    }
    let trial = stage == Stage::Trial;
    if !trial && matches!(root_key, RootKey::Forgotten) {
        return Err(Failure::invalid("ca.root-key", "In production the root key must be kept offline."));
    }
    let ceremony = Ceremony::hold(platform, trial, clock.now(), &**random)?;
    let wrapping = boot::secrets::read_or_make_key(&folder.join(WRAPPING_FILE), &**random)?;
    let files = Files::new(folder.join(KEYS_FOLDER), wrapping, random.clone());
    if let RootKey::Offline { file, passphrase_file } = root_key {
        let passphrase = boot::secrets::read(passphrase_file)?;
        let kept = Offline::seal("root", &ceremony.root_key, &passphrase, &**random)?;
        let text = serde_json::to_vec_pretty(&kept).map_err(unusable)?;
        boot::secrets::write_new(file, &text)?;
        // Read back before the key is forgotten: in ten years nobody can repair it.
        let written: Offline = serde_json::from_slice(&std::fs::read(file).map_err(unusable)?).map_err(unusable)?;
        if written.open(&passphrase)? != ceremony.root_key {
            return Err(unusable("the root key's file does not open"));
        }
    }
    files.keep(ISSUING, &ceremony.issuing_key)?;
    boot::secrets::write_new(&folder.join(ISSUING_FILE), ca::pem(&ceremony.issuing)?.as_bytes())?;
    // The root certificate comes last: where it is, everything is.
    boot::secrets::write_new(&folder.join(ROOT_FILE), ca::pem(&ceremony.root)?.as_bytes())
}

impl Authority {
    /// Opens the folder's authority; on a trial platform it is made at first start.
    pub fn open(folder: &Path, kit: &boot::Kit) -> Result<Self, Failure> {
        if !folder.join(ROOT_FILE).exists() {
            if kit.stage != Stage::Trial {
                return Err(Failure::invalid(
                    "ca.missing",
                    format!("{} holds no authority. Make one with `xizmat ca init`.", folder.display()),
                ));
            }
            clear_half_made(folder);
            init(folder, "Xizmat", kit.stage, &RootKey::Forgotten, &*kit.clock, &kit.random)?;
        }
        let wrapping = boot::secrets::read_key(&folder.join(WRAPPING_FILE))?;
        let keys: Arc<dyn SealKeys> = Arc::new(Files::new(folder.join(KEYS_FOLDER), wrapping, kit.random.clone()));
        let key = keys.open(ISSUING)?.ok_or_else(|| unusable("the issuing key is missing"))?;
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(unusable);
        let (root_pem, issuing_pem) = (read(ROOT_FILE)?, read(ISSUING_FILE)?);
        let parse = |pem: &str| root_from_pem(pem).ok_or_else(|| unusable("a certificate cannot be read"));
        let (root, issuing) = (parse(&root_pem)?, parse(&issuing_pem)?);
        if name::is_trial(root.tbs_certificate().subject()) != (kit.stage == Stage::Trial) {
            return Err(Failure::invalid(
                "ca.stage-mismatch",
                "The authority is of another stage (trial, production) than the platform.",
            ));
        }
        let code_key = *kernel::keyed_hash(&wrapping, &[b"verification-codes"]).as_bytes();
        Ok(Self { root, root_pem, issuing, issuing_pem, key, keys, code_key })
    }
}

/// A first start that was killed half way leaves keys that certify nothing yet.
fn clear_half_made(folder: &Path) {
    let half_made: [PathBuf; 2] = [folder.join(ISSUING_FILE), folder.join(KEYS_FOLDER).join(format!("{ISSUING}.key"))];
    for file in half_made {
        let _ = std::fs::remove_file(file);
    }
}

fn unusable(error: impl std::fmt::Display) -> Failure {
    Failure::internal("ca.unusable", "The platform's authority cannot be used.").with_detail(error)
}

#[cfg(test)]
mod tests {
    use boot::Kit;

    use super::*;

    #[test]
    fn a_trial_makes_its_authority_once_and_production_refuses_it() {
        let folder = testkit::folder().join("authority");
        let first = Authority::open(&folder, &Kit::system(Stage::Trial)).unwrap();
        let second = Authority::open(&folder, &Kit::system(Stage::Trial)).unwrap();
        assert_eq!(first.root_pem, second.root_pem);
        let refused = Authority::open(&folder, &Kit::system(Stage::Production)).err().unwrap();
        assert_eq!(refused.code, "ca.stage-mismatch");
        let missing = Authority::open(&folder.join("none"), &Kit::system(Stage::Production)).err().unwrap();
        assert_eq!(missing.code, "ca.missing");
    }
}
