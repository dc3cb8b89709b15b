//! One test binary: every journey through the whole platform.

mod documents;
mod faults;
mod granted;
mod hostile;
mod lapsed;
mod provider;
mod receipts;
mod refused;
mod registry_down;
mod restart;
mod returned;
mod start;
mod strangers;
mod twice;
mod watch;
