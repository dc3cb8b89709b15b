//! An e-service host as its callers see it, on both engines, with the services around it scripted.

mod journey;
mod platform;
mod replicas;
mod standing;
mod world;
