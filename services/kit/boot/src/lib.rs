//! How a service starts, runs and stops: configuration, the real clock and randomness, telemetry, metrics, supervision, shutdown.

mod clock;
pub mod config;
mod kit;
pub mod metrics;
pub mod panics;
pub mod secrets;
pub mod telemetry;

pub use clock::{OsRandom, SystemClock};
pub use config::Settings;
pub use kit::{Kit, Stage, Started};
