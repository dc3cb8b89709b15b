//! Forms: which pages and fields a person sees, what their answers mean, what is wrong with them, and where to go next.

mod assess;
mod coerce;
mod corrected;
mod entries;
mod files;
mod kind;
mod lists;
mod moved;
mod options;
mod outline;
mod prefill;
mod review;
mod sequence;
mod shown;
#[cfg(test)]
mod tests;
mod validate;
mod view;

pub use assess::{Assessment, assess, assess_with};
pub use coerce::{TEXT_MAX, tidy};
pub(crate) use coerce::{date, integer, number};
pub use corrected::{Corrected, corrected};
pub use entries::typed as typed_entries;
pub use files::{FileField, file_field};
pub use kind::{FieldKind, kind_of};
pub use lists::{asks, hold_lists, offered};
pub use moved::{FieldPlace, Unsettled, asked_once, is_added, unsettled};
pub use options::{OptionView, options_of};
pub use outline::{Part, Standing, ends_part, is_outlined, outline};
pub use prefill::{Wanted, hold, wanted};
pub use review::{Review, Row, Section, consented, review, review_asked, told};
pub use sequence::{Sequence, sequence};
pub use shown::shown_hash;
pub use view::{FieldView, PageView, page_view};

use api::Form;

use crate::{
    case::{CaseState, Phase, Waiting},
    process::Process,
};

/// The form a person can work on now: the draft's, or the one a token waits with.
pub fn current<'p>(process: &'p Process, state: &CaseState) -> Option<&'p Form> {
    match state.phase {
        Phase::Draft => process.first_form(state),
        Phase::Running => state.tokens.values().find_map(|token| match &token.waiting {
            Waiting::Applicant { form } => process.definition().form(form),
            _ => None,
        }),
        _ => None,
    }
}

/// The form whose answers a reader sees when nobody works on one: the one the case began with, and where an event began it, the one
/// with which others do.
pub fn current_or_start<'p>(process: &'p Process, state: &CaseState) -> Option<&'p Form> {
    let begun = || if state.announced.is_some() { process.start_form("") } else { process.first_form(state) };
    current(process, state).or_else(begun)
}

/// How a page is named inside the case: `form/page`.
pub fn page_id(form: &str, page: &str) -> String {
    format!("{form}/{page}")
}
