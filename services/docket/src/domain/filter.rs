//! What an officer narrows their queue to, and the names under which they keep it.

use kernel::{Failure, Time};
use proto::docket::v1::{ListQueueRequest, QueueFilter};

/// As many as a person keeps apart.
pub const SAVED_MAX: usize = 20;
const NAME_CHARS_MAX: usize = 40;
/// Names in definitions are shorter.
const PART_BYTES_MAX: usize = 100;
const HOLDERS: [&str; 5] = ["", "mine", "nobody", "others", "second"];

/// Empty parts let everything through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    pub office: String,
    pub service: String,
    pub status: String,
    /// `mine`, `nobody`, `others`; `second`: a colleague's proposal waits for somebody to check it
    pub holder: String,
    pub late: bool,
    /// By which claims hold and deadlines have passed.
    pub now: Time,
}

impl Filter {
    pub fn all(now: Time) -> Self {
        let none = String::new;
        Self { office: none(), service: none(), status: none(), holder: none(), late: false, now }
    }

    pub fn of(asked: &ListQueueRequest, now: Time) -> Result<Self, Failure> {
        known(&asked.holder)?;
        Ok(Self {
            office: asked.office.clone(),
            service: asked.service.clone(),
            status: asked.status.clone(),
            holder: asked.holder.clone(),
            late: asked.late,
            now,
        })
    }
}

fn known(holder: &str) -> Result<(), Failure> {
    if HOLDERS.contains(&holder) {
        return Ok(());
    }
    Err(Failure::invalid(
        "docket.filter",
        "A queue is narrowed to tasks that are `mine`, that `nobody` has, that `others` have or that wait for a `second` \
         officer: name one of them.",
    ))
}

/// A filter that is worth keeping, under the name by which it is chosen.
pub fn named(filter: QueueFilter) -> Result<QueueFilter, Failure> {
    let name = filter.name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(Failure::invalid("docket.filter-name", "Give the filter a name of at most 40 letters."));
    }
    known(&filter.holder)?;
    let parts = [&filter.agency, &filter.office, &filter.service, &filter.role, &filter.status];
    if parts.iter().any(|part| part.len() > PART_BYTES_MAX) {
        return Err(Failure::invalid("docket.filter", "There is no such agency, office, service, role or state."));
    }
    Ok(QueueFilter { name, ..filter })
}

pub fn too_many() -> Failure {
    Failure::conflict("docket.filters-full", "You keep 20 filters already. Remove one that you no longer need.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_kept_under_a_short_name_and_only_with_what_there_is() {
        let filter = |name: &str, holder: &str| QueueFilter {
            name: name.into(),
            holder: holder.into(),
            ..QueueFilter::default()
        };
        assert_eq!(named(filter("  My   late ones ", "mine")).unwrap().name, "My late ones");
        let code = |filter: QueueFilter| named(filter).unwrap_err().code;
        assert_eq!(code(filter(" ", "")), "docket.filter-name");
        assert_eq!(code(filter(&"x".repeat(41), "")), "docket.filter-name");
        assert_eq!(code(filter("x", "yours")), "docket.filter");
        assert_eq!(code(QueueFilter { office: "x".repeat(101), ..filter("x", "") }), "docket.filter");
        let asked = ListQueueRequest { holder: "yours".into(), ..ListQueueRequest::default() };
        assert_eq!(Filter::of(&asked, Time::default()).unwrap_err().code, "docket.filter");
    }
}
