//! What the resource says afterwards.

use api::Kind;

use crate::outcome::{Done, Outcome};

pub fn done(kind: Kind) -> Outcome {
    let message = match kind {
        Kind::Grant => "Recorded. It takes effect when officers of this agency have approved it.",
        Kind::GrantRequest => "Recorded. The other agency decides by a grant of its own.",
        _ => "Recorded. Other agencies ask it under a grant.",
    };
    Outcome::Done(Done { message: message.to_owned(), ..Done::default() })
}
