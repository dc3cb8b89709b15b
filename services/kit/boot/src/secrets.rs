//! Secrets come from files only, are readable by their owner only, and are made at first start.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use kernel::{Failure, Random, bytes};

/// Makes the names of drafts within this process differ.
static DRAFTS: AtomicU64 = AtomicU64::new(0);

/// Reads a secret; surrounding white space (an editor's last line end) does not belong to it.
pub fn read(path: &Path) -> Result<String, Failure> {
    let unreadable = |error| {
        Failure::internal("secret.unreadable", format!("The secret file {} cannot be read.", path.display()))
            .because(error)
    };
    let secret = fs::read_to_string(path).map_err(|error: std::io::Error| unreadable(error))?.trim().to_owned();
    if secret.is_empty() {
        // An empty password would be everybody's.
        return Err(Failure::internal("secret.empty", format!("The secret file {} is empty.", path.display())));
    }
    Ok(secret)
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
    // The draft is this writer's own: two that make the same secret at once must not write into one file.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    let draft = path.with_file_name(format!(".{name}.{}-{number}.new", std::process::id()));
    // A name like ours can only be left from a process that ended: its number was given anew.
    let _ = fs::remove_file(&draft);
    let written = write_whole(&draft, content).and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    written.and(removed).map_err(failed)
}

fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Reads a 32-byte key, making it first if it is not there yet.
pub fn read_or_make_key(path: &Path, random: &dyn Random) -> Result<[u8; 32], Failure> {
    if !path.exists()
        && let Err(failure) = write_new(path, kernel::Hash::from_bytes(bytes(random)).to_string().as_bytes())
        && !path.exists()
    {
        return Err(failure);
    }
    // Whoever made it first: everybody reads the one that is there.
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

    #[test]
    fn many_who_make_the_same_secret_at_once_leave_one_whole_secret() {
        let folder = std::env::temp_dir().join(format!("xizmat-secret-race-{}", std::process::id()));
        for round in 0..20 {
            let path = folder.join(format!("{round}.key"));
            let make = |seed: u64| read_or_make_key(&path, &kernel::SeededRandom::new(seed));
            let keys: Vec<_> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..8).map(|seed| scope.spawn(move || make(seed))).collect();
                threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
            });
            assert!(keys.iter().all(|key| *key == keys[0]), "everybody has the same key");
        }
        let left = fs::read_dir(&folder).unwrap().count();
        assert_eq!(left, 20, "no draft stays behind");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_empty_secret_is_none() {
        let path = std::env::temp_dir().join(format!("xizmat-secret-empty-{}", std::process::id()));
        fs::write(&path, " \n").unwrap();
        assert_eq!(read(&path).unwrap_err().code, "secret.empty");
        fs::remove_file(path).unwrap();
    }
}
