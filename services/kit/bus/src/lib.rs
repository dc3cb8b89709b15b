//! The bus between services: signed requests and events over NATS, where the database stays the truth.
//!
//! A message is believed only if its sender's detached signature fits its subject, id, time and body, and the caller
//! named by the subject is the signer. Requests follow the NATS micro-services protocol, events CloudEvents 1.0.

mod admission;
mod assertion;
mod call;
mod connection;
mod consumer;
mod encryption;
mod event;
pub mod header;
mod host_keys;
pub mod keys;
mod log;
mod log_end;
mod nudge;
mod outbox_read;
mod pace;
pub mod recovery;
mod refusal;
pub mod relay;
mod replay;
mod replicas;
mod request;
mod service;
mod signature;
mod stream;
pub mod subject;
mod suspicion;

#[cfg(test)]
mod tests;

pub use admission::{Admitted, Revisions};
pub use call::{Assurance, Call, Person};
pub use connection::{Bus, HostName, Settings};
pub use consumer::{consume, consume_beside};
pub use event::{Event, Place};
pub use host_keys::trusted as trusted_host;
pub use log::{Log, logs};
pub use nudge::{Heard, Nudges};
pub use outbox_read::read_again;
pub use replicas::Replicas;
pub use request::{NOT_RUNNING, OnBehalf};
pub use service::Service;
pub use stream::{consumer_name, keep as keep_stream, stream_name};
