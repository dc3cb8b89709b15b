//! Rules of documents: numbers and codes, certificates, seals and their verification. No I/O.

pub mod ca;
pub mod code;
pub mod inputs;
pub mod jws;
pub mod keeper;
pub mod number;
pub mod pades;
pub mod verify;
