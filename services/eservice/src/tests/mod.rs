//! An e-service host as its callers see it, on both engines, with the services around it scripted.

mod address;
mod claims;
mod files;
mod hand_over;
mod hosts;
mod idle;
mod journey;
mod laid_by;
mod listing;
mod mandate;
mod officers;
mod placement;
mod platform;
mod power;
mod recalled;
mod replicas;
mod retention;
mod scanned;
mod standing;
mod two_tabs;
mod world;
