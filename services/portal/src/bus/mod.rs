//! Questions and commands to the other services: for the portal itself, or on behalf of the signed-in person.

mod services;

pub use services::Services;
