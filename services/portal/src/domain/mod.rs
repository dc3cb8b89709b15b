//! Rules of the portal that need no network and no store.

pub mod acting;
pub mod arithmetic;
pub mod calendar;
pub mod copy;
pub mod cpsv;
pub mod csv;
pub mod day;
pub mod form;
pub mod government_service;
pub mod place;
pub mod sign_in;
