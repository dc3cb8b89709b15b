//! What a case keeps of the mandate by which somebody acts for the applicant: confirmed at each submission, ended once.

use kernel::{ErrorKind, id::PersonId};

use super::Run;
use crate::{Refusal, case::Mandate, event::What};

/// A representative submits only on what the registry has just said, and for a company whoever identity has just named as its
/// director; the applicant needs no mandate, nor does the officer who took in what the applicant signed.
pub fn confirm(run: &mut Run<'_>, by: PersonId, said: Option<&Mandate>) -> Result<(), Refusal> {
    let Some(applicant) = &run.state.applicant else { return Ok(()) };
    if applicant.person == by || run.state.is_taken_in_by(by) {
        return Ok(());
    }
    let unproved = || {
        let message = "Nobody submits for somebody else without a mandate that is in force.";
        Refusal::new(ErrorKind::Forbidden, "mandate.unproved", message)
    };
    let said = said.filter(|said| said.ended.is_none() && run.now() < said.until).ok_or_else(unproved)?;
    let company = applicant.mandate.as_ref().is_some_and(Mandate::is_asserted);
    let entitled = match company {
        true => said.is_asserted(),
        false => !said.is_asserted() && applicant.represented_by(run.now()) == Some(by),
    };
    if !entitled {
        return Err(unproved());
    }
    run.emit(What::MandateConfirmed { mandate: said.clone() });
    Ok(())
}

pub fn end(run: &mut Run<'_>, reason: &str) {
    let mandate = run.state.applicant.as_ref().and_then(|applicant| applicant.mandate.as_ref());
    if mandate.is_some_and(|mandate| mandate.ended.is_none()) {
        run.emit(What::MandateEnded { reason: reason.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Language, Time};

    use super::*;
    use crate::{
        Command, Event, Facts,
        case::CaseState,
        decide, replay,
        sample::{self, Law},
    };

    fn representative() -> PersonId {
        PersonId::from_bytes([8; 16])
    }

    fn mandate(until: Time) -> Mandate {
        Mandate {
            kind: "attorney".into(),
            record: "2026-1".into(),
            source: "notary/power-of-attorney".into(),
            representative: "Aliyev Botir".into(),
            attorney: "30207880170130".into(),
            until,
            checked: sample::tuesday(),
            ended: None,
        }
    }

    fn opened(law: &Law) -> (CaseState, Vec<Event>) {
        let Command::OpenDraft { case_id, mut applicant, language, channel, beginning } = sample::open(1) else {
            unreachable!()
        };
        applicant.actor = representative();
        applicant.mandate = Some(mandate(sample::tuesday().plus(std::time::Duration::from_secs(3600))));
        let open = Command::OpenDraft { case_id, applicant, language, channel, beginning };
        let absent = CaseState::absent(case_id);
        let decision = decide(&sample::process(), &absent, &open, &law.at(sample::tuesday(), 0)).unwrap();
        (decision.state, decision.events)
    }

    fn submit(state: &CaseState, by: PersonId, said: Option<Mandate>, facts: &Facts<'_>) -> &'static str {
        let submit = Command::Submit {
            number: "1".into(),
            shown_hash: kernel::Hash::of(b""),
            by,
            language: Language::Uz,
            mandate: said,
            signed_in: None,
        };
        decide(&sample::process(), state, &submit, facts).map_or_else(|refusal| refusal.code, |_| "")
    }

    #[test]
    fn a_representative_submits_only_on_what_the_registry_has_just_said() {
        let law = Law::new();
        let (state, _) = opened(&law);
        let (now, hour) = (sample::tuesday(), std::time::Duration::from_secs(3600));
        let facts = law.at(now, 0);
        assert_eq!(submit(&state, representative(), None, &facts), "mandate.unproved");
        assert_eq!(submit(&state, representative(), Some(mandate(now)), &facts), "mandate.unproved", "its last moment");
        let other = PersonId::from_bytes([9; 16]);
        assert_eq!(submit(&state, other, Some(mandate(now.plus(hour))), &facts), "mandate.unproved", "somebody else");
        // Beyond the mandate the answers are judged: this draft has none.
        assert_eq!(submit(&state, representative(), Some(mandate(now.plus(hour))), &facts), "case.incomplete");
        assert_eq!(submit(&state, sample::applicant(), None, &facts), "case.incomplete", "the applicant needs none");
    }

    #[test]
    fn for_a_company_submits_whoever_is_its_director_now_and_the_one_who_began_has_no_right_by_that() {
        let law = Law::new();
        let (now, minute) = (sample::tuesday(), std::time::Duration::from_secs(60));
        let directs = || Mandate { kind: "director".into(), record: String::new(), ..mandate(now.plus(minute)) };
        let Command::OpenDraft { case_id, mut applicant, language, channel, .. } = sample::open(1) else {
            unreachable!()
        };
        applicant.actor = representative();
        applicant.mandate = Some(directs());
        let open = Command::OpenDraft { case_id, applicant, language, channel, beginning: None };
        let facts = law.at(now, 0);
        let state = decide(&sample::process(), &CaseState::absent(case_id), &open, &facts).unwrap().state;
        assert_eq!(state.applicant.as_ref().unwrap().represented_by(now), None);
        let next = PersonId::from_bytes([9; 16]);
        assert_eq!(submit(&state, next, Some(directs()), &facts), "case.incomplete", "the next director goes on");
        assert_eq!(submit(&state, representative(), None, &facts), "mandate.unproved");
        let record = Some(mandate(now.plus(minute)));
        assert_eq!(submit(&state, representative(), record, &facts), "mandate.unproved", "of another kind");
        let (of_a_person, _) = opened(&law);
        assert_eq!(submit(&of_a_person, representative(), Some(directs()), &facts), "mandate.unproved");
    }

    #[test]
    fn an_ended_mandate_stays_ended_and_replay_gives_the_same() {
        let law = Law::new();
        let (state, mut events) = opened(&law);
        let facts = law.at(sample::tuesday(), 0);
        assert_eq!(state.applicant.as_ref().unwrap().represented_by(facts.now), Some(representative()));
        let end = Command::EndMandate { reason: "mandate.revoked".into() };
        let ended = decide(&sample::process(), &state, &end, &facts).unwrap();
        events.extend(ended.events.clone());
        assert_eq!(ended.state.applicant.as_ref().unwrap().represented_by(facts.now), None);
        assert_eq!(ended.state.timeline.last().unwrap().code, "mandate-ended");
        assert!(decide(&sample::process(), &ended.state, &end, &facts).unwrap().events.is_empty(), "once");
        assert!(replay(CaseState::absent(state.case_id), &events) == ended.state);
        let said = Some(mandate(facts.now.plus(std::time::Duration::from_secs(9))));
        assert_eq!(submit(&ended.state, representative(), said, &facts), "mandate.unproved");
    }
}
