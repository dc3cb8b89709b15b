//! Ties a child program's life to ours, also when we are killed: the guard stops it when its own standard input closes.

use std::{
    ffi::OsString,
    io::Read,
    process::{Child, Command, ExitCode, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

/// How long a child may take to stop by itself.
const GRACE: Duration = Duration::from_secs(4);

/// `xizmat guard PROGRAM ARGS…`: runs the program until it ends or our standard input does.
pub fn run(program: &[OsString]) -> ExitCode {
    let Some((name, arguments)) = program.split_first() else { return ExitCode::FAILURE };
    let mut child = match Command::new(name).args(arguments).stdin(Stdio::null()).spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("{}: {error}", name.to_string_lossy());
            return ExitCode::FAILURE;
        }
    };
    let (closed, parent_gone) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = closed.send(());
    });
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
