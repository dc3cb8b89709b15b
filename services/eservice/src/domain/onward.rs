//! From which case an application began, and what may be begun from it, as people read it.

use kernel::Language;
use process::{CaseState, start};
use proto::eservice::v1::{Followed, Onward, Origin};

use super::{changed::micros, progress, text};

/// What the definition calls the way by which the case began; nothing of the service's own form.
pub fn title(definition: &api::ServiceDefinition, start: &str, language: Language) -> String {
    let declared = definition.spec.starts.iter().find(|declared| declared.name == start);
    text::optional(declared.and_then(|declared| declared.title.as_ref()), language)
}

pub fn origin(definition: &api::ServiceDefinition, state: &CaseState, language: Language) -> Option<Origin> {
    let origin = state.origin.as_ref()?;
    Some(Origin {
        case_id: origin.case_id.to_vec(),
        number: origin.number.clone(),
        ending: progress::ending_of(definition, &origin.outcome, language),
        ended_us: origin.ended.micros(),
        decision: origin.decision.as_ref().map(|decision| progress::decided(definition, decision, language)),
    })
}

/// A way on that is open now.
pub fn offered(way: &start::Onward<'_>, language: Language) -> Onward {
    let act = way.start.legal_basis.as_ref().map(|act| &act.title);
    Onward {
        start: way.start.name.clone(),
        title: text::optional(way.start.title.as_ref(), language),
        until_us: micros(way.until),
        legal_basis: text::optional(act, language),
    }
}

/// What was begun already.
pub fn followed(definition: &api::ServiceDefinition, state: &CaseState, language: Language) -> Followed {
    Followed {
        case_id: state.case_id.to_vec(),
        title: title(definition, &state.start, language),
        number: state.number.clone().unwrap_or_default(),
        phase: state.public_phase().to_owned(),
    }
}
