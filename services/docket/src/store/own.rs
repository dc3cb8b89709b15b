//! Which cases an officer has a part in: no list of an officer holds them, as they could neither open nor decide them.

use proto::identity::v1::Officer;
use sql::{Value, args};

/// Arguments of a statement that is put together, in their order.
#[derive(Default)]
pub(super) struct Arguments(pub(super) Vec<Value>);

impl Arguments {
    /// The arguments' places, as the statement names them.
    pub(super) fn put(&mut self, more: Vec<Value>) -> String {
        let places = more.into_iter().map(|value| {
            self.0.push(value);
            format!("${}", self.0.len())
        });
        places.collect::<Vec<_>>().join(", ")
    }
}

/// Holds of an entry in which the officer has no part: neither they nor a company that they direct applies or is asked, and it does
/// not name them.
pub(super) fn no_part(officer: &Officer, arguments: &mut Arguments) -> String {
    let mut own = vec![arguments.put(args![&officer.person])];
    own.extend(officer.directs.iter().map(|company| arguments.put(args![company])));
    let own = own.join(", ");
    let party = arguments.put(args![&officer.party]);
    format!(
        "(entries.applicant NOT IN ({own})
          AND NOT EXISTS (SELECT 1 FROM parties WHERE parties.case_id = entries.case_id AND party IN ({own}, {party})))"
    )
}
