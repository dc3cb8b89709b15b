//! One test binary: every journey through the whole platform.

mod appointed;
mod attorney;
mod documents;
mod edges;
mod erased;
mod faults;
mod fee_dropped;
mod granted;
mod hostile;
mod lapsed;
mod officers;
mod outside_clients;
mod placed;
mod provider;
mod receipts;
mod refused;
mod registered;
mod registry_down;
mod restart;
mod restored;
mod returned;
mod start;
mod strangers;
mod twice;
mod walked;
mod watch;
