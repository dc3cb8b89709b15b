//! What happens when something breaks: processes killed, the bus gone, the disk full, messages forged, data leaking.

mod bus_away;
mod disk_full;
mod forged;
mod kill;
mod leaks;
mod replayed;
mod standing;
