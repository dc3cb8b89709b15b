//! What may be admitted, which revision counts, how words are found and what a service page says.

pub mod admission;
pub mod choice;
pub mod page;
pub mod placement;
pub mod words;
