//! Makes the secrets of identity at the first start and leaves them alone at every later one.

use std::path::{Path, PathBuf};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use boot::secrets;
use kernel::{Failure, Random, bytes};
use p256::{
    SecretKey,
    pkcs8::{EncodePrivateKey, LineEnding},
};

/// Where the secrets are; each file has mode 0600.
#[derive(Debug, Clone)]
pub struct Provisioned {
    /// PKCS#8 PEM of a P-256 key.
    pub signing_key_file: PathBuf,
    /// 64 hexadecimal digits that seal persons at rest; without it the database is unreadable.
    pub sealing_key_file: PathBuf,
    /// The portal's client secret, read by identity and by the portal.
    pub portal_secret_file: PathBuf,
}

pub fn provision(dir: &Path, random: &dyn Random) -> Result<Provisioned, Failure> {
    let made = Provisioned {
        signing_key_file: dir.join("signing-key.pem"),
        sealing_key_file: dir.join("sealing-key"),
        portal_secret_file: dir.join("portal-client-secret"),
    };
    if !made.signing_key_file.exists() {
        secrets::write_new(&made.signing_key_file, signing_key(random)?.as_bytes())?;
    }
    secrets::read_or_make_key(&made.sealing_key_file, random)?;
    if !made.portal_secret_file.exists() {
        let secret = URL_SAFE_NO_PAD.encode(bytes::<32>(random));
        secrets::write_new(&made.portal_secret_file, secret.as_bytes())?;
    }
    Ok(made)
}

fn signing_key(random: &dyn Random) -> Result<String, Failure> {
    let refused = |error: &dyn std::fmt::Display| {
        Failure::internal("identity.provision", "A signing key could not be made.").with_detail(error)
    };
    // Fewer than one in 2^32 values is outside the curve's order; the next one is taken then.
    let key = std::iter::repeat_with(|| SecretKey::from_slice(&bytes::<32>(random)))
        .take(8)
        .find_map(Result::ok)
        .ok_or_else(|| refused(&"the source of randomness is broken"))?;
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| refused(&error))?;
    Ok(pem.to_string())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;
    use kernel::SeededRandom;

    #[test]
    fn secrets_are_made_once_and_only_their_owner_reads_them() {
        let dir = tempfile::tempdir().unwrap();
        let made = provision(dir.path(), &SeededRandom::new(1)).unwrap();
        let first = fs::read(&made.signing_key_file).unwrap();
        let key = secrets::read_key(&made.sealing_key_file).unwrap();
        provision(dir.path(), &SeededRandom::new(2)).unwrap();
        assert_eq!(fs::read(&made.signing_key_file).unwrap(), first);
        assert_eq!(secrets::read_key(&made.sealing_key_file).unwrap(), key);
        for entry in fs::read_dir(dir.path()).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
