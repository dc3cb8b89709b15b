//! SQLite's own way to files, with the disk told of every write and sync; files elsewhere are not touched by it.
#![expect(unsafe_code, reason = "SQLite takes a file system as C function pointers over memory that it owns")]

use std::{
    collections::BTreeMap,
    ffi::{CStr, c_char, c_int, c_void},
    mem,
    path::{Path, PathBuf},
    ptr,
    sync::{Arc, Mutex, OnceLock},
};

use libsqlite3_sys::{
    SQLITE_CANTOPEN, SQLITE_IOERR, SQLITE_OK, sqlite3_file, sqlite3_filename, sqlite3_initialize, sqlite3_int64,
    sqlite3_io_methods, sqlite3_vfs, sqlite3_vfs_find, sqlite3_vfs_register,
};

use super::{Disk, Off};

static DISKS: Mutex<BTreeMap<PathBuf, Arc<Disk>>> = Mutex::new(BTreeMap::new());
static PARENT: OnceLock<Parent> = OnceLock::new();

/// The file system that SQLite chose by itself.
struct Parent(*mut sqlite3_vfs);

// SAFETY: SQLite never changes or frees a registered file system, and its functions may be called from any thread.
unsafe impl Send for Parent {}
// SAFETY: as above.
unsafe impl Sync for Parent {}

/// An open file of ours; the parent's own file lies behind it in the same memory.
#[repr(C)]
struct Open {
    base: sqlite3_file,
    /// A `Box<Place>`, from opening to closing.
    place: *mut Place,
}

struct Place {
    disk: Arc<Disk>,
    name: String,
}

/// From now on databases in the disk's folder are opened through it.
pub fn mount(disk: &Arc<Disk>) {
    PARENT.get_or_init(register);
    DISKS.lock().expect("no holder of this lock panics").insert(disk.folder().to_owned(), disk.clone());
}

fn register() -> Parent {
    // SAFETY: the default file system is there after `sqlite3_initialize` and lives for ever; the copy that is
    // registered is leaked and so lives as long. `Open` before the parent's file keeps its alignment of eight.
    unsafe {
        sqlite3_initialize();
        let parent = sqlite3_vfs_find(ptr::null());
        assert!(!parent.is_null(), "SQLite has a file system");
        let mut own = *parent;
        own.szOsFile += mem::size_of::<Open>() as c_int;
        own.pNext = ptr::null_mut();
        own.zName = c"xizmat-test-disk".as_ptr();
        own.xOpen = Some(open);
        own.xDelete = Some(delete);
        assert_eq!(sqlite3_vfs_register(Box::leak(Box::new(own)), 1), SQLITE_OK);
        Parent(parent)
    }
}

fn parent() -> *mut sqlite3_vfs {
    PARENT.get().expect("functions of ours are called after they were registered").0
}

/// Which disk a file is on, and its name there.
fn place(path: &Path) -> Option<Place> {
    let name = path.file_name()?.to_str()?.to_owned();
    let disk = DISKS.lock().expect("no holder of this lock panics").get(path.parent()?).cloned()?;
    Some(Place { disk, name })
}

/// # Safety
/// `name` is null or a C string.
unsafe fn place_of(name: *const c_char) -> Option<Place> {
    if name.is_null() {
        return None;
    }
    // SAFETY: as said above.
    let path = unsafe { CStr::from_ptr(name) };
    place(Path::new(path.to_str().ok()?))
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes a name it keeps until the file is closed, and memory of `szOsFile` bytes.
    unsafe {
        let parent = parent();
        let open = (*parent).xOpen.expect("every file system opens");
        let Some(place) = place_of(name) else {
            return open(parent, name, file, flags, out);
        };
        (*file).pMethods = ptr::null();
        if place.disk.is_off() {
            return SQLITE_CANTOPEN;
        }
        let opened = open(parent, name, inner(file), flags, out);
        if opened == SQLITE_OK {
            let ours = file.cast::<Open>();
            (*ours).place = Box::into_raw(Box::new(place));
            (*ours).base.pMethods = &raw const METHODS;
        }
        opened
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: SQLite passes a C string.
    unsafe {
        if let Some(place) = place_of(name)
            && place.disk.remove(&place.name).is_err()
        {
            return SQLITE_IOERR;
        }
        let parent = parent();
        (*parent).xDelete.expect("every file system deletes")(parent, name, sync_folder)
    }
}

/// # Safety
/// `file` is memory of `szOsFile` bytes as `register` says.
unsafe fn inner(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: the parent's file lies behind ours.
    unsafe { file.cast::<Open>().add(1).cast() }
}

/// # Safety
/// `file` was opened by `open` and is not closed yet.
unsafe fn judged(file: *mut sqlite3_file, judge: impl FnOnce(&Place) -> Result<(), Off>) -> c_int {
    // SAFETY: `place` points to a box until the file is closed.
    match judge(unsafe { &*(*file.cast::<Open>()).place }) {
        Ok(()) => SQLITE_OK,
        Err(Off) => SQLITE_IOERR,
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes an open file once.
    unsafe {
        drop(Box::from_raw((*file.cast::<Open>()).place));
        let inner = inner(file);
        (*(*inner).pMethods).xClose.expect("every file closes")(inner)
    }
}

unsafe extern "C" fn read(file: *mut sqlite3_file, to: *mut c_void, amount: c_int, from: sqlite3_int64) -> c_int {
    // SAFETY: SQLite passes an open file and a buffer of `amount` bytes.
    unsafe {
        let judged = judged(file, |place| if place.disk.is_off() { Err(Off) } else { Ok(()) });
        if judged != SQLITE_OK {
            return judged;
        }
        let inner = inner(file);
        (*(*inner).pMethods).xRead.expect("every file is read")(inner, to, amount, from)
    }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, amount: c_int, to: sqlite3_int64) -> c_int {
    // SAFETY: SQLite passes an open file and `amount` bytes.
    unsafe {
        let bytes = std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(amount).unwrap_or_default());
        let at = usize::try_from(to).unwrap_or_default();
        let judged = judged(file, |place| place.disk.write(&place.name, at, bytes));
        if judged != SQLITE_OK {
            return judged;
        }
        let inner = inner(file);
        (*(*inner).pMethods).xWrite.expect("every file is written")(inner, from, amount, to)
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: SQLite passes an open file.
    unsafe {
        let cut = usize::try_from(size).unwrap_or_default();
        let judged = judged(file, |place| place.disk.truncate(&place.name, cut));
        if judged != SQLITE_OK {
            return judged;
        }
        let inner = inner(file);
        (*(*inner).pMethods).xTruncate.expect("every file is cut")(inner, size)
    }
}

/// The real disk is not asked to sync: what is left after the power went is what the model says.
unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite passes an open file.
    unsafe { judged(file, |place| place.disk.sync(&place.name)) }
}

/// Functions that only pass their arguments on to the parent's file.
macro_rules! passed_on {
    ($($name:ident $method:ident ($($argument:ident: $kind:ty),*) $(-> $answer:ty)?;)*) => {$(
        unsafe extern "C" fn $name(file: *mut sqlite3_file $(, $argument: $kind)*) $(-> $answer)? {
            // SAFETY: the arguments are SQLite's own, for the parent's file.
            unsafe {
                let inner = inner(file);
                (*(*inner).pMethods).$method.expect("SQLite's own file system has it")(inner $(, $argument)*)
            }
        }
    )*};
}

passed_on! {
    size xFileSize (size: *mut sqlite3_int64) -> c_int;
    lock xLock (level: c_int) -> c_int;
    unlock xUnlock (level: c_int) -> c_int;
    is_reserved xCheckReservedLock (out: *mut c_int) -> c_int;
    control xFileControl (operation: c_int, argument: *mut c_void) -> c_int;
    sector_size xSectorSize () -> c_int;
    characteristics xDeviceCharacteristics () -> c_int;
    map_shared xShmMap (page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int;
    lock_shared xShmLock (offset: c_int, count: c_int, flags: c_int) -> c_int;
    fence_shared xShmBarrier ();
    unmap_shared xShmUnmap (delete: c_int) -> c_int;
}

/// Version 2: with shared memory, which a write-ahead log needs; without memory-mapped reading.
static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(is_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(map_shared),
    xShmLock: Some(lock_shared),
    xShmBarrier: Some(fence_shared),
    xShmUnmap: Some(unmap_shared),
    xFetch: None,
    xUnfetch: None,
};
