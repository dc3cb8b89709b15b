//! What a decision may know besides the case: the moment, chance, the law of the day. All of it is an argument.

use kernel::Time;

use crate::{calendar::Calendar, reference::Reference};

#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub now: Time,
    /// Random bits for the jitter of retries; what came of them is in the events.
    pub jitter: u64,
    pub reference: &'a Reference,
    pub calendar: &'a Calendar,
    /// Offices of the service's agency as they are today: what `officeFor` and `optionsFrom: offices` go by.
    pub offices: &'a [api::Office],
    /// Which life the host's data is in: 0 until it was restored to an earlier moment. Actions asked for in another life have
    /// other ids, so that nobody who remembers the life that was lost answers for this one.
    pub era: i64,
}
