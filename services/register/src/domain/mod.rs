//! What may be admitted, who has to approve it, which revision counts, how words are found and what a service page says.

pub mod admission;
pub mod choice;
pub mod description;
pub mod eligibility;
pub mod forms;
pub mod history;
pub mod page;
pub mod passport;
pub mod placement;
pub mod publication;
pub mod words;
