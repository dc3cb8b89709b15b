//! A folder for this test process; a small shell outlives the process just long enough to remove it.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

struct Folder {
    path: PathBuf,
    /// Reads the pipe that closes when this process ends, however it ends.
    _janitor: Child,
}

pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<Folder> = OnceLock::new();
    &FOLDER.get_or_init(make).path
}

fn make() -> Folder {
    let path = fresh("xizmat-test-");
    let janitor = Command::new("sh")
        .args(["-c", "read -r _; rm -rf \"$0\""])
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("every system that runs these tests has a shell");
    Folder { path, _janitor: janitor }
}

/// Short, because a socket's path holds about 100 bytes.
pub(crate) fn fresh(prefix: &str) -> PathBuf {
    tempfile::Builder::new().prefix(prefix).tempdir().expect("the temporary folder can be written").keep()
}
