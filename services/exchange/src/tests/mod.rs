//! The exchange on a real NATS server in operator mode: walls, grants, calls of a registry.

mod agents;
mod announced;
mod enforced;
mod hosts;
mod journey;
mod platform;
mod walls;
