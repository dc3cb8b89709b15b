//! Ties a child program's life to ours, also when we are killed: the guard stops it when its own standard input closes.

use std::{
    ffi::OsString,
    fs::File,
    io::Read,
    path::Path,
    process::{Child, Command, ExitCode, Stdio},
    sync::mpsc::Receiver,
    time::Duration,
};

use rustix::{
    fs::{FlockOperation, flock},
    io::{FdFlags, fcntl_setfd},
    process::{Pid, Signal, kill_process},
};

/// How long a child may take to stop by itself.
const GRACE: Duration = Duration::from_secs(4);

/// `xizmat guard [--alone FILE] PROGRAM ARGS…`: runs the program until it ends or our standard input does.
pub fn run(program: &[OsString], alone: Option<&Path>) -> ExitCode {
    let Some((name, arguments)) = program.split_first() else { return ExitCode::FAILURE };
    let (closed, parent_gone) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = closed.send(());
    });
    let _lock = match alone.map(|file| lock(file, &parent_gone)) {
        None => None,
        Some(Ok(Some(file))) => Some(file),
        Some(Ok(None)) => return ExitCode::SUCCESS,
        Some(Err(error)) => {
            eprintln!("{}: {error}", name.to_string_lossy());
            return ExitCode::FAILURE;
        }
    };
    let mut child = match Command::new(name).args(arguments).stdin(Stdio::null()).spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("{}: {error}", name.to_string_lossy());
            return ExitCode::FAILURE;
        }
    };
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return ExitCode::SUCCESS,
            Ok(Some(_)) | Err(_) => return ExitCode::FAILURE,
            Ok(None) => {}
        }
        if parent_gone.recv_timeout(Duration::from_millis(100)).is_ok() {
            stop(&mut child);
            return ExitCode::SUCCESS;
        }
    }
}

/// Waits until no other program of this file runs: two must never write to the same storage. The program inherits the
/// lock, so it counts as running even when its guard was killed. None: our parent went first.
fn lock(file: &Path, parent_gone: &Receiver<()>) -> std::io::Result<Option<File>> {
    let file = File::create(file)?;
    while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        if parent_gone.recv_timeout(Duration::from_millis(20)).is_ok() {
            return Ok(None);
        }
    }
    fcntl_setfd(&file, FdFlags::empty())?;
    Ok(Some(file))
}

fn stop(child: &mut Child) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, Signal::TERM);
    }
    let tenth = GRACE / 40;
    for _ in 0..40 {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(tenth);
    }
    let _ = child.kill();
    let _ = child.wait();
}
