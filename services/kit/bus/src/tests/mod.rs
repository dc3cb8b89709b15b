//! The bus against a real NATS server: what is forged is refused, what is lost in transport is not lost.

mod fixture;
mod log;
mod person;
mod quiet;
mod rotation;
mod three;
mod trace;
mod wire;
