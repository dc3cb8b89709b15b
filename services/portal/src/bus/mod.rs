//! Questions and commands to the other services: for the portal itself, or on behalf of the signed-in person.

mod recovery;
mod services;

pub use recovery::serve;
pub use services::Services;
