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

/// Puts an authority that was made elsewhere (`issuing.key` beside the other files, as a Secret holds them) where the
/// sealing process keeps its seals' keys. One that is there already stays, another is refused.
pub fn place(from: &Path, folder: &Path) -> Result<(), Failure> {
    let issuing = format!("{ISSUING}.key");
    let in_place = format!("{KEYS_FOLDER}/{issuing}");
    // The root certificate comes last: where it is, everything is.
    let files =
        [(WRAPPING_FILE, WRAPPING_FILE), (&issuing, &in_place), (ISSUING_FILE, ISSUING_FILE), (ROOT_FILE, ROOT_FILE)];
    for (name, placed) in files {
        let path = folder.join(placed);
        let content = std::fs::read(from.join(name)).map_err(unusable)?;
        match std::fs::read(&path) {
            Ok(there) if there == content => {}
            Ok(_) => {
                let message = format!("{} holds another authority already.", folder.display());
                return Err(Failure::conflict("ca.exists", message));
            }
            Err(_) => boot::secrets::write_new(&path, &content)?,
        }
    }
    Ok(())
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

    #[test]
    fn an_authority_made_elsewhere_is_placed_once_and_never_replaced() {
        let folder = testkit::folder().join("placed-authority");
        let kit = Kit::system(Stage::Trial);
        let made = |name: &str| {
            let (made, flat) = (folder.join(name), folder.join(format!("{name}-secret")));
            Authority::open(&made, &kit).unwrap();
            std::fs::create_dir_all(&flat).unwrap();
            for file in [ROOT_FILE, ISSUING_FILE, WRAPPING_FILE, "keys/issuing.key"] {
                let to = flat.join(Path::new(file).file_name().unwrap());
                std::fs::copy(made.join(file), to).unwrap();
            }
            flat
        };
        let (first, second, placed) = (made("first"), made("second"), folder.join("placed"));
        place(&first, &placed).unwrap();
        let opened = Authority::open(&placed, &kit).unwrap();
        assert_eq!(opened.root_pem, std::fs::read_to_string(first.join(ROOT_FILE)).unwrap());
        place(&first, &placed).unwrap();
        assert_eq!(place(&second, &placed).unwrap_err().code, "ca.exists");
        assert_eq!(Authority::open(&placed, &kit).unwrap().root_pem, opened.root_pem);
    }
}
