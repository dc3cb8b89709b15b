//! Rules of an e-service host: who may do what, and what people are shown. No I/O.

pub mod access;
pub mod applicant;
pub mod changed;
pub mod figures;
pub mod form;
pub mod intake;
pub mod lookup;
pub mod mandate;
pub mod marks;
pub mod number;
pub mod offer;
pub mod opening;
pub mod parties;
pub mod permit;
pub mod progress;
pub mod reason;
pub mod retention;
pub mod review;
pub mod summary;
pub mod text;
