//! Secrets come from files only, are readable by their owner only, and are made at first start.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use kernel::{Failure, Random, bytes};

/// Reads a secret; surrounding white space (an editor's last line end) does not belong to it.
pub fn read(path: &Path) -> Result<String, Failure> {
    let unreadable = |error| {
        Failure::internal("secret.unreadable", format!("The secret file {} cannot be read.", path.display()))
            .with_detail(error)
    };
    Ok(fs::read_to_string(path).map_err(|error: std::io::Error| unreadable(error))?.trim().to_owned())
}

/// A 32-byte key kept as 64 hexadecimal digits.
pub fn read_key(path: &Path) -> Result<[u8; 32], Failure> {
    let text = read(path)?;
    let hash: kernel::Hash = text.parse().map_err(|_| {
        Failure::internal(
            "secret.malformed",
            format!("The key file {} does not hold 64 hexadecimal digits.", path.display()),
        )
    })?;
    Ok(*hash.as_bytes())
}

/// Writes a secret that only its owner may read; an existing file is never overwritten.
pub fn write_new(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::internal("secret.unwritable", format!("The secret file {} cannot be written.", path.display()))
            .with_detail(error)
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    // Whole or not at all: a crash must not leave half a key behind.
    let draft = path.with_extension("new");
    let _ = fs::remove_file(&draft);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(failed)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::hard_link(&draft, path).map_err(failed)?;
    fs::remove_file(&draft).map_err(failed)
}

/// Reads a 32-byte key, making it first if it is not there yet.
pub fn read_or_make_key(path: &Path, random: &dyn Random) -> Result<[u8; 32], Failure> {
    if !path.exists() {
        write_new(path, kernel::Hash::from_bytes(bytes(random)).to_string().as_bytes())?;
    }
    read_key(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_may_read_it() {
        let folder = std::env::temp_dir().join(format!("xizmat-secret-{}", std::process::id()));
        let path = folder.join("case.key");
        let random = kernel::SeededRandom::new(1);
        let key = read_or_make_key(&path, &random).unwrap();
        assert_eq!(read_or_make_key(&path, &random).unwrap(), key);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(write_new(&path, b"other").is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
