//! A disk that can lose power: what SQLite synced stays, of what it only wrote chance keeps some sectors and drops the others.

mod vfs;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use kernel::{Random, SeededRandom};

use crate::{folder::folder, unique};

/// What a drive writes whole or not at all.
const SECTOR: usize = 512;

/// A folder on this disk. Every SQLite database that is opened in it by this process is under its power.
pub struct Disk {
    folder: PathBuf,
    state: Mutex<State>,
}

struct State {
    files: BTreeMap<String, File>,
    random: SeededRandom,
    /// Writes, truncations and syncs so far.
    operations: u64,
    fails_at: Option<u64>,
    /// What was on the disk when the power went.
    left: Option<BTreeMap<String, Vec<u8>>>,
}

#[derive(Default)]
struct File {
    synced: Vec<u8>,
    /// Since the last sync, in order.
    pending: Vec<Change>,
}

enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate(usize),
}

/// The power is off.
struct Off;

impl Disk {
    pub fn new(seed: u64) -> Arc<Self> {
        let folder = folder().join(unique("disk"));
        fs::create_dir_all(&folder).expect("the test's folder can be written");
        // As SQLite names its files: without links.
        let folder = folder.canonicalize().expect("the folder was just made");
        let state = State {
            files: BTreeMap::new(),
            random: SeededRandom::new(seed),
            operations: 0,
            fails_at: None,
            left: None,
        };
        let disk = Arc::new(Self { folder, state: Mutex::new(state) });
        vfs::mount(&disk);
        disk
    }

    /// Where databases on this disk lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The power goes while this operation is under way, counted from the disk's first.
    pub fn fails_at(&self, operation: u64) {
        self.state().fails_at = Some(operation);
    }

    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// A folder with what was left when the power went; with what would be left if it went now, when it has not.
    pub fn after_power_loss(&self) -> PathBuf {
        let again = folder().join(unique("disk-again"));
        fs::create_dir_all(&again).expect("the test's folder can be written");
        let state = self.state();
        for (name, bytes) in state.left.clone().unwrap_or_else(|| state.survivors()) {
            fs::write(again.join(name), bytes).expect("the test's folder can be written");
        }
        again
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    fn is_off(&self) -> bool {
        self.state().left.is_some()
    }

    fn write(&self, name: &str, at: usize, bytes: &[u8]) -> Result<(), Off> {
        let mut state = self.state();
        // The write under way when the power goes may have reached the disk in part.
        let last = state.operate()?;
        state.file(name).pending.push(Change::Write { at, bytes: bytes.to_vec() });
        state.end(last)
    }

    fn truncate(&self, name: &str, size: usize) -> Result<(), Off> {
        let mut state = self.state();
        let last = state.operate()?;
        state.file(name).pending.push(Change::Truncate(size));
        state.end(last)
    }

    fn sync(&self, name: &str) -> Result<(), Off> {
        let mut state = self.state();
        let last = state.operate()?;
        state.end(last)?;
        let file = state.file(name);
        for change in std::mem::take(&mut file.pending) {
            change.apply(&mut file.synced, &mut || true);
        }
        Ok(())
    }

    /// SQLite syncs the folder after it removes a file that matters: the removal itself is taken to be lasting.
    fn remove(&self, name: &str) -> Result<(), Off> {
        let mut state = self.state();
        if state.left.is_some() {
            return Err(Off);
        }
        state.files.remove(name);
        Ok(())
    }
}

impl State {
    fn file(&mut self, name: &str) -> &mut File {
        self.files.entry(name.to_owned()).or_default()
    }

    /// Counts an operation; says whether the power goes during it.
    fn operate(&mut self) -> Result<bool, Off> {
        if self.left.is_some() {
            return Err(Off);
        }
        self.operations += 1;
        Ok(self.fails_at == Some(self.operations))
    }

    fn end(&mut self, last: bool) -> Result<(), Off> {
        if last {
            self.left = Some(self.survivors());
            return Err(Off);
        }
        Ok(())
    }

    fn survivors(&self) -> BTreeMap<String, Vec<u8>> {
        // Nothing of what was not synced, everything, or some of its sectors: each kind of luck is likely enough.
        let luck = kernel::bytes::<1>(&self.random)[0] % 4;
        let mut survives = || match luck {
            0 => false,
            1 => true,
            _ => coin(&self.random),
        };
        let mut left = BTreeMap::new();
        for (name, file) in &self.files {
            let mut bytes = file.synced.clone();
            for change in &file.pending {
                change.apply(&mut bytes, &mut survives);
            }
            left.insert(name.clone(), bytes);
        }
        left
    }
}

fn coin(random: &dyn Random) -> bool {
    kernel::bytes::<1>(random)[0] & 1 == 1
}

impl Change {
    /// Applies what survives, sector by sector.
    fn apply(&self, content: &mut Vec<u8>, survives: &mut dyn FnMut() -> bool) {
        match self {
            Self::Truncate(size) => {
                if survives() {
                    content.truncate(*size);
                }
            }
            Self::Write { at, bytes } => {
                let mut from = *at;
                while from < at + bytes.len() {
                    let to = ((from / SECTOR + 1) * SECTOR).min(at + bytes.len());
                    if survives() {
                        if content.len() < to {
                            content.resize(to, 0);
                        }
                        content[from..to].copy_from_slice(&bytes[from - at..to - at]);
                    }
                    from = to;
                }
            }
        }
    }
}
