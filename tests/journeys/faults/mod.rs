//! What happens when something breaks: processes killed, the bus gone, the disk full, messages forged, data leaking.

mod citizen;
mod evidence;
mod kill;
mod officer;
mod processes;

/// The example that every fault is tried on.
const SERVICE: &str = "services/justice/marriage-certificate-copy";
