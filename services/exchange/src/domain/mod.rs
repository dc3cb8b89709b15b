//! The rules of the exchange: who may reach what on NATS, which grants are in force, what a call may ask and get.

pub mod claims;
pub mod contract;
pub mod enforced;
pub mod grant;
pub mod registry_call;
pub mod resource;
