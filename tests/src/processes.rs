//! The processes that belong to one data folder, as the kernel lists them.

use std::{path::Path, time::Duration};

use crate::patience::Patience;
use rustix::process::{Pid, Signal, kill_process};

/// A process whose command line names the data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    pub pid: i32,
    pub command: String,
}

impl Process {
    pub fn is_nats(&self) -> bool {
        self.command.contains("server.conf") && !self.command.contains(" guard ")
    }

    pub fn is_sealing(&self) -> bool {
        self.command.contains(" serve signing") && !self.command.contains(" guard ")
    }

    pub fn is_gone(&self) -> bool {
        command(self.pid).as_deref() != Some(&self.command)
    }

    pub fn kill(&self) {
        let pid = Pid::from_raw(self.pid).expect("a listed process has a number");
        kill_process(pid, Signal::KILL).expect("it is ours");
    }
}

/// The platform's children with their guards.
pub fn children(data: &Path) -> Vec<Process> {
    let data = data.canonicalize().expect("the platform made its folder");
    let numbers = std::fs::read_dir("/proc").expect("a Linux system").flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let all = numbers.filter_map(|pid| Some(Process { pid, command: command(pid)? }));
    let ours = |process: &Process| process.command.contains(&format!("{}/", data.display()));
    all.filter(ours)
        .filter(|process| process.is_nats() || process.is_sealing() || process.command.contains(" guard "))
        .collect()
}

fn command(pid: i32) -> Option<String> {
    let raw = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let text = String::from_utf8_lossy(&raw).replace('\0', " ");
    // A process that has ended and was not waited for has no command line any more.
    (!text.is_empty()).then_some(text)
}

/// Waits until all of them have ended, and names those that have not.
pub async fn end(processes: &[Process]) {
    let mut left: Vec<&Process> = processes.iter().collect();
    let patience = Patience::default();
    while patience.lasts() {
        left.retain(|process| !process.is_gone());
        if left.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("these outlived their platform: {left:?}");
}
