//! An application that nobody corrects any more, or sends again: what was typed and never sent counts for nothing.

use std::collections::BTreeSet;

use kernel::Hash;

use super::Run;
use crate::{
    case::{TokenId, Waiting},
    event::{CorrectionForgotten, What},
    evidence, forms,
};

/// The token no longer waits for the correction.
pub fn forget(run: &mut Run<'_>, token: TokenId) {
    let Some(Waiting::Applicant { form }) = run.token(token).map(|token| token.waiting.clone()) else { return };
    let is_open = run.state.returned.is_some() || !run.state.unsent.is_empty();
    let Some(form) = run.process.definition().form(&form).filter(|_| is_open) else { return };
    let mut was = run.state.clone();
    was.put_back();
    let typed: BTreeSet<&String> = run.state.typed_since().keys().collect();
    let answers = typed.iter().filter_map(|at| run.state.answers.get(*at));
    let forgotten: BTreeSet<Hash> =
        answers.filter_map(|answer| evidence::read(answer)).flatten().map(|file| file.hash).collect();
    let pages = form.pages.iter().filter(|page| page.fields.iter().any(|field| typed.contains(&field.at)));
    let pages = pages.map(|page| forms::page_id(&form.name, &page.key())).collect();
    // Where nothing was typed, what was sent stands as it is, whatever day it is now.
    let is_as_sent = run.state.typed_since().is_empty();
    let data = if is_as_sent { was.data.clone() } else { forms::assess(run.process, &was, &run.facts, form).data };
    run.emit(What::CorrectionForgotten(CorrectionForgotten { data, pages, forgotten }));
}
