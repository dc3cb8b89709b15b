//! The check before the start: what anybody answered is judged by the revision in force, and forgotten with the reply.

use std::sync::Arc;

use ::bus::Call;
use kernel::{Failure, Language};
use proto::register::v1::{CheckEligibilityRequest, EligibilityVerdict};

use super::{Register, passport::unknown_service};
use crate::{
    domain::{choice, eligibility},
    store,
};

/// More than any check has questions.
const ANSWERS_MAX: usize = 20;

pub async fn check(
    register: Arc<Register>,
    call: Call<CheckEligibilityRequest>,
) -> Result<EligibilityVerdict, Failure> {
    let CheckEligibilityRequest { agency, service, language, answers } = call.request;
    let language = Language::parse(&language)?.tag();
    if answers.len() > ANSWERS_MAX {
        return Err(Failure::invalid("eligibility.too-many", "No check asks so much. Open it again."));
    }
    let mut tx = register.database.read().await?;
    let entries = store::entries(&mut tx, Some((&agency, &service))).await?;
    let entry = choice::current(&entries, &register.today(), register.shows_drafts());
    let revision = entry.ok_or_else(unknown_service)?.revision;
    let definition = register.definition(&mut tx, revision).await?;
    let check = definition.spec.eligibility.as_ref();
    let check = check.ok_or_else(|| Failure::not_found("eligibility.none", "This service has no such check."))?;
    Ok(eligibility::verdict(check, &answers, (language, register.clock.now())))
}
