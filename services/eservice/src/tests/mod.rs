//! An e-service host as its callers see it, on both engines, with the services around it scripted.

mod acting;
mod address;
mod asked;
mod begin;
mod claims;
mod files;
mod hand_over;
mod hosts;
mod idle;
mod journey;
mod laid_by;
mod listing;
mod mandate;
mod moved;
mod officers;
mod placement;
mod platform;
mod power;
mod rating;
mod replicas;
mod retention;
mod second;
mod standing;
mod two_tabs;
mod withdraw;
mod world;
