//! What the definition says afterwards.

use super::build::Wanted;
use crate::outcome::{Done, Hosting, Outcome};

/// `today` as ISO 8601 writes it: dates compare as text.
pub fn done(wanted: Wanted, admitted: Option<String>, hosting: Option<Hosting>, today: &str) -> Outcome {
    let later = wanted.from.as_str() > today;
    let message = match (&admitted, wanted.draft) {
        (None, _) => "Judged only: the operator is in read-only mode.".to_owned(),
        (_, true) => "Tried out: it runs, but texts are missing and it is not published.".to_owned(),
        (_, false) if later => format!("Admitted; applications follow it from {}.", wanted.from),
        (_, false) => "Citizens find it in the portal.".to_owned(),
    };
    let url = admitted.is_some().then_some(wanted.url);
    Outcome::Done(Done { revision: admitted, later, url, message, hosting: hosting.map(Box::new), ..Done::default() })
}
