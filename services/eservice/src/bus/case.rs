//! The applicant looks at their case; so does the officer who types it, until it is sent.

use std::sync::Arc;

use bus::{Call, Person};
use kernel::{CaseId, ErrorKind, Failure, Language, MessageId, Time};
use proto::eservice::v1::{Case, OpeningReason, ReadCaseRequest, ReadReasonsRequest, Reasons};

use super::{asked, begin, filed, noted, own, own_service, paper, subject};
use crate::{
    domain::{progress, rating, reason, retention, text},
    host::{Host, Reach},
    store::{openings, ratings, retention as kept},
};

pub async fn read(host: Arc<Host>, call: Call<ReadCaseRequest>) -> Result<Case, Failure> {
    let person = call.person()?;
    let case_id = CaseId::from_slice(&call.request.case_id)?;
    let language = text::language(&call.request.language);
    if let Some(erased) = erased(&host, person, case_id, language).await? {
        return Ok(erased);
    }
    let case = paper::filled(&host, person, case_id).await;
    if case.as_ref().is_err_and(|failure| failure.kind == ErrorKind::NotFound) {
        if let Some(asked) = asked::only(&host, person, case_id).await? {
            return Ok(asked);
        }
        if let Some(told) = subject::only(&host, person, case_id, language).await? {
            return Ok(told);
        }
    }
    let case = noted(&host, person, case_id, &call.agency, case).await?;
    let service = own_service(&host, person, &case).await?;
    let mut tx = host.database.read().await?;
    let rated = ratings::given(&mut tx, case_id).await?;
    drop(tx);
    let mut told = progress::case(&service.process, &case.state, case.version, language, &host.facts(&service));
    told.rate_until_us = rating::open_until(&case.state).map_or(0, Time::micros);
    if let Some((score, words)) = rated {
        told.rated = i32::try_from(score).unwrap_or_default();
        // Not for an officer who types what came on paper.
        let words = words.filter(|_| !person.officer).map(|kept| rating::open_words(&case.key, case_id, &kept));
        told.rating_words = words.transpose()?.unwrap_or_default();
    }
    begin::tell(&host, person, &case, &mut told, language).await?;
    filed::name(&case, told.files.iter_mut().chain(filed::of_thread(&mut told.questions)));
    filed::judge(&host, case_id, told.files.iter_mut().chain(filed::of_thread(&mut told.questions))).await?;
    Ok(told)
}

/// What whoever applied may still know of a case whose key was destroyed: that, when, and under which act.
async fn erased(host: &Host, person: &Person, case_id: CaseId, language: Language) -> Result<Option<Case>, Failure> {
    let mut tx = host.database.read().await?;
    let found = kept::erased(&mut tx, case_id).await?;
    drop(tx);
    let mark = retention::mark(host.keys.lookup(), case_id, person.id);
    let Some(erased) = found.filter(|erased| !person.officer && erased.mark == mark.to_vec()) else {
        return Ok(None);
    };
    let service = host.service(&erased.agency, erased.revision, Reach::Platform).await?;
    Ok(Some(Case {
        case_id: case_id.to_vec(),
        version: erased.version,
        number: erased.number,
        service_title: service.definition().title(language.tag()).to_owned(),
        agency: erased.agency,
        service: erased.service,
        phase: "erased".to_owned(),
        erased_us: erased.at.micros(),
        erased_under: text::of_map(&erased.under, language),
        ..Case::default()
    }))
}

/// Openings of a case of which one answer tells.
const OPENINGS_MAX: i64 = 200;

/// What officers typed when they opened this case from outside of their own queues.
pub async fn reasons(host: Arc<Host>, call: Call<ReadReasonsRequest>) -> Result<Reasons, Failure> {
    let person = call.person()?;
    let case_id = CaseId::from_slice(&call.request.case_id)?;
    let case = own(&host, person, case_id).await;
    let case = noted(&host, person, case_id, &call.agency, case).await?;
    own_service(&host, person, &case).await?;
    let mut tx = host.database.read().await?;
    let before = if call.request.before == 0 { i64::MAX } else { call.request.before };
    let (found, next) = openings::reasons(&mut tx, case_id, before, OPENINGS_MAX).await?;
    let mut reasons = Vec::with_capacity(found.len());
    for (id, kept) in found {
        let Ok(opening) = id.parse::<MessageId>() else { continue };
        reasons.push(OpeningReason { opening: opening.to_vec(), text: reason::open(&case.key, case.id, &kept)? });
    }
    Ok(Reasons { reasons, next: next.unwrap_or_default() })
}
