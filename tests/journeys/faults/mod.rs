//! What happens when something breaks: processes killed, the bus gone, the disk full, messages forged, data leaking.

mod bus_away;
mod citizen;
mod disk_full;
mod evidence;
mod forged;
mod kill;
mod leaks;
mod officer;
mod processes;
