//! What the worker gives up before it sees its first request: files, processes, sockets, memory and time without end.

use std::collections::BTreeMap;

use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// On top of what the process has mapped when it is warm.
const MEMORY_BYTES: u64 = 512 * 1024 * 1024;
/// For all the requests of a worker's life; a single one ends at its deadline.
const CPU_SECONDS: u64 = 120;

/// Gives up everything but computing and the two pipes. Cannot be taken back.
pub fn confine() -> Result<(), String> {
    let mapped = mapped_bytes().ok_or("the size of the process is unknown")?;
    let limits = [
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, 0),
        (Resource::Nproc, 0),
        (Resource::Cpu, CPU_SECONDS),
        (Resource::As, mapped + MEMORY_BYTES),
    ];
    for (resource, most) in limits {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit).map_err(|error| format!("{resource:?}: {error}"))?;
    }
    // The fonts' and the compiler's threads are already there; the filter binds them too.
    // The stricter answer of the two filters counts, so their order does not.
    for filter in [without_files()?, computing_only()?] {
        seccompiler::apply_filter_all_threads(&filter).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Opening a file fails instead of killing: the C library's allocator looks at a kernel setting and does without it.
fn without_files() -> Result<BpfProgram, String> {
    let denied = SeccompAction::Errno(libc::EACCES.unsigned_abs());
    compiled(BTreeMap::from([(libc::SYS_openat, Vec::new())]), SeccompAction::Allow, denied)
}

fn mapped_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// What computing needs: memory, locks, clocks, randomness, the two pipes, the end. Anything else kills the process.
fn computing_only() -> Result<BpfProgram, String> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = [
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_brk,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_getrandom,
        libc::SYS_sigaltstack,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_restart_syscall,
        libc::SYS_gettid,
        libc::SYS_getpid,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_openat,
    ]
    .into_iter()
    .map(|call| (call, Vec::new()))
    .collect();
    // Memory may be asked for, but never made executable.
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![not_executable()?]);
    }
    // What aborts sends itself a signal. Others of the same user must not get one.
    rules.insert(libc::SYS_tgkill, vec![to_itself()?]);
    compiled(rules, SeccompAction::KillProcess, SeccompAction::Allow)
}

fn compiled(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    listed: SeccompAction,
) -> Result<BpfProgram, String> {
    let architecture = std::env::consts::ARCH.try_into().map_err(|_| "this processor is not supported".to_owned())?;
    let filter = SeccompFilter::new(rules, otherwise, listed, architecture);
    filter.and_then(BpfProgram::try_from).map_err(|error| error.to_string())
}

fn not_executable() -> Result<SeccompRule, String> {
    let executable = u64::from(libc::PROT_EXEC.unsigned_abs());
    let condition = SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(executable), 0);
    condition.and_then(|condition| SeccompRule::new(vec![condition])).map_err(|error| error.to_string())
}

fn to_itself() -> Result<SeccompRule, String> {
    let ourselves = u64::from(std::process::id());
    let condition = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, ourselves);
    condition.and_then(|condition| SeccompRule::new(vec![condition])).map_err(|error| error.to_string())
}
