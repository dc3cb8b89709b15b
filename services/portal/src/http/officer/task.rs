//! One case on one page, and the decision.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use kernel::{ErrorKind, Failure};
use proto::eservice::v1::{
    CaseReply, Claim, DecideTaskRequest, MarkedField, Proposal, ReadTaskRequest, TaskPage, operations,
};

use super::{
    Parts, TaskPlace,
    claim::CLAIMED,
    opening,
    queue::{back, desk},
};
use crate::{
    domain::form,
    http::{
        Portal, Shared,
        fault::Refused,
        frame::{Frame, hex, page},
        posted::Posted,
        visit::{Officer, Visit},
    },
    store::Session,
};

/// Beginnings of names of inputs; what a ticked one says.
const REASONS: &str = "_reasons:";
const MARK: &str = "_mark:";
const TICKED: &str = "yes";

/// What was chosen on the page, so that it can be shown again beside what is wrong.
#[derive(Default)]
pub struct Chosen {
    pub outcome: String,
    pub reasons: Vec<String>,
    pub note: String,
    pub marked: Vec<MarkedField>,
    /// Something is ticked beneath another decision than the chosen one.
    pub contradicts: bool,
}

impl Chosen {
    /// What the officer starts from: of a proposal that came back, what was proposed.
    pub fn before(task: &TaskPage) -> Self {
        let back = task.proposal.as_ref().filter(|proposal| proposal.sent_back_us > 0);
        back.map_or_else(Self::default, |proposal| Self {
            outcome: proposal.outcome.clone(),
            reasons: proposal.reasons.iter().map(|reason| reason.code.clone()).collect(),
            note: proposal.note.clone(),
            marked: proposal.marked.clone(),
            contradicts: false,
        })
    }
}

#[derive(Template)]
#[template(path = "officer_task.html")]
pub struct TaskTemplate {
    pub f: Frame,
    pub task: TaskPage,
    /// Who reads.
    pub person: Vec<u8>,
    pub action: String,
    /// Where the task is taken and given back.
    pub claims: String,
    /// Where a proposal is agreed to or sent back.
    pub second: String,
    /// Where it is shown what the applicant would be sent.
    pub preview: String,
    /// The queue from which the next case is taken.
    pub next: String,
    pub late: bool,
    pub chosen: Chosen,
    /// A note that was typed and not kept.
    pub noted: String,
    /// (id of the input, key of the text)
    pub errors: Vec<(String, &'static str)>,
}

impl TaskTemplate {
    pub fn is_chosen(&self, outcome: &str) -> bool {
        self.chosen.outcome == outcome
    }

    pub fn has_reason(&self, outcome: &str, code: &str) -> bool {
        self.is_chosen(outcome) && self.chosen.reasons.iter().any(|reason| reason == code)
    }

    /// Whether there is anything to tick beneath a decision.
    pub fn has_ticks(&self) -> bool {
        self.task.outcomes.iter().any(|outcome| outcome.returns || !outcome.reasons.is_empty())
    }

    pub fn mark(&self, at: &str) -> Option<&MarkedField> {
        self.chosen.marked.iter().find(|field| field.at == at)
    }

    pub fn note_on(&self, at: &str) -> &str {
        self.mark(at).map_or("", |field| field.note.as_str())
    }

    pub fn document(&self, id: &[u8]) -> String {
        format!("{}/documents/{}", self.action, hex(id))
    }

    /// The claim, where somebody else has the task: then it is theirs to decide.
    pub fn others(&self) -> Option<&Claim> {
        self.task.claim.as_ref().filter(|claim| claim.officer != self.person)
    }

    pub fn own(&self) -> Option<&Claim> {
        self.task.claim.as_ref().filter(|claim| claim.officer == self.person)
    }

    /// What waits for a second officer.
    pub fn proposed(&self) -> Option<&Proposal> {
        self.task.proposal.as_ref().filter(|proposal| proposal.sent_back_us == 0)
    }

    /// What a second officer sent back, and why.
    pub fn sent_back(&self) -> Option<&Proposal> {
        self.task.proposal.as_ref().filter(|proposal| proposal.sent_back_us > 0)
    }

    pub fn is_own(&self, proposal: &Proposal) -> bool {
        proposal.officer == self.person
    }

    /// There is nothing here that this officer can decide now: they may go on to another case.
    pub fn is_done_with(&self) -> bool {
        let waits = self.task.closed_us > 0 || self.task.kept_off || self.task.awaited_until_us > 0;
        waits || self.others().is_some() || self.proposed().is_some_and(|proposal| self.is_own(proposal))
    }

    pub fn label_of(&self, at: &str) -> String {
        let field = self.task.returnable.iter().find(|field| field.at == at);
        field.map_or_else(|| at.to_owned(), |field| field.label.clone())
    }

    /// Where the applicant is asked.
    pub fn questions(&self) -> String {
        self.action.replacen("/tasks/", "/questions/", 1)
    }

    /// Where another agency is asked.
    pub fn requests(&self) -> String {
        self.action.replacen("/tasks/", "/opinions/", 1)
    }

    /// Where a note is written.
    pub fn notes(&self) -> String {
        self.action.replacen("/tasks/", "/notes/", 1)
    }

    pub fn error_on(&self, id: &str) -> Option<&'static str> {
        self.errors.iter().find(|(at, _)| at == id).map(|(_, key)| *key)
    }
}

pub async fn task(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    let read = read(&portal, &visit, &session, &place, "").await;
    if let Err(failure) = &read
        && let Some(asked) = opening::asks_for_a_reason(failure)
    {
        return opening::ask(&portal, &visit, &place, asked, "", None);
    }
    let task = read?;
    let chosen = Chosen::before(&task);
    show(&portal, (&visit, &session), &place, task, chosen, Vec::new())
}

pub async fn read(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    place: &TaskPlace,
    reason: &str,
) -> Result<TaskPage, Failure> {
    let request = ReadTaskRequest {
        case_id: place.at.case.to_vec(),
        task_id: place.task.to_vec(),
        language: visit.language.tag().into(),
        purpose: reason.to_owned(),
    };
    portal.services.read(session, &operations::READ_TASK, place.at.host(), &request).await
}

pub fn show(
    portal: &Portal,
    by: (&Visit, &Session),
    place: &TaskPlace,
    task: TaskPage,
    chosen: Chosen,
    errors: Vec<(String, &'static str)>,
) -> Result<Response, Refused> {
    show_with(portal, by, place, task, (chosen, String::new()), errors)
}

/// The same with what was typed as a note.
pub fn show_with(
    portal: &Portal,
    (visit, session): (&Visit, &Session),
    place: &TaskPlace,
    mut task: TaskPage,
    (chosen, noted): (Chosen, String),
    errors: Vec<(String, &'static str)>,
) -> Result<Response, Refused> {
    task.timeline.reverse();
    let late = task.closed_us == 0 && task.due_us > 0 && task.due_us < portal.clock.now().micros();
    page(&TaskTemplate {
        f: Frame::new(portal, visit),
        person: session.person.to_vec(),
        action: place.path(),
        claims: place.path().replacen("/tasks/", "/claims/", 1),
        second: place.path().replacen("/tasks/", "/second/", 1),
        preview: place.path().replacen("/tasks/", "/preview/", 1),
        next: desk(session, &place.at.agency),
        late,
        chosen,
        noted,
        errors,
        task,
    })
}

pub async fn decide(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(parts): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = TaskPlace::new(parts)?;
    // Closed: it may be this very decision, sent twice, which is answered as it was the first time.
    let task = match read(&portal, &visit, &session, &place, "").await {
        Ok(task) => Some(task).filter(|task| task.closed_us == 0),
        Err(failure) if failure.code == opening::CLOSED => None,
        Err(failure) => return Err(failure.into()),
    };
    let chosen = chosen(&posted, task.as_ref());
    let done = if task.as_ref().is_some_and(|task| task.of_two) { "proposed" } else { "yes" };
    if let Some(task) = task {
        let errors = wrong(&chosen, &task);
        if !errors.is_empty() {
            return show(&portal, (&visit, &session), &place, task, chosen, errors);
        }
    }
    let request = DecideTaskRequest {
        case_id: place.at.case.to_vec(),
        version: posted.version()?,
        task_id: place.task.to_vec(),
        outcome: chosen.outcome,
        reasons: chosen.reasons,
        note: chosen.note,
        marked: chosen.marked,
        language: visit.language.tag().into(),
        together: false,
    };
    let sent =
        portal.services.command(&session, &operations::DECIDE_TASK, place.at.host(), &request, posted.command()?).await;
    let reply: CaseReply = match sent {
        Ok(reply) => reply,
        Err(failure) if failure.code == opening::CLOSED => {
            return opening::decided_meanwhile(&portal, (&visit, &session), &place);
        }
        Err(failure) if failure.kind == ErrorKind::Stale || failure.code == CLAIMED => {
            let key = if failure.code == CLAIMED { "claim-taken" } else { "task-changed" };
            let chosen = Chosen {
                outcome: request.outcome,
                reasons: request.reasons,
                note: request.note,
                marked: request.marked,
                contradicts: false,
            };
            let task = read(&portal, &visit, &session, &place, "").await?;
            return show(&portal, (&visit, &session), &place, task, chosen, vec![("decision".into(), key)]);
        }
        Err(failure) => return Err(failure.into()),
    };
    portal.sessions.note_seen(&session, place.at.case, reply.version).await?;
    Ok(back(&desk(&session, &place.at.agency), done).into_response())
}

/// What is ticked: outcomes by their reasons, and those to which the marked answers belong.
struct Ticked<'f> {
    reasoned: BTreeSet<&'f str>,
    returning: BTreeSet<&'f str>,
}

impl<'f> Ticked<'f> {
    fn of(posted: &'f Posted) -> Self {
        let marks = posted.0.iter().any(|(name, value)| name.starts_with(MARK) && value == TICKED);
        let returning = form::controls(&posted.0, "_returns").into_iter().filter(|_| marks);
        let reasoned = posted.0.iter().filter_map(|(name, _)| name.strip_prefix(REASONS));
        Self { reasoned: reasoned.collect(), returning: returning.collect() }
    }

    /// Whoever ticks why it is refused says that it is: the one outcome beneath which something is ticked is meant.
    fn meant(&self) -> Option<&'f str> {
        let all: BTreeSet<&str> = self.reasoned.union(&self.returning).copied().collect();
        all.first().copied().filter(|_| all.len() == 1)
    }

    fn contradicts(&self, outcome: &str) -> bool {
        let beneath_another = self.reasoned.iter().any(|of| *of != outcome);
        beneath_another || !self.returning.is_empty() && !self.returning.contains(outcome)
    }
}

/// Only what belongs to the outcome that was chosen, by its button or by what is ticked beneath it. Of a task that is closed,
/// everything that was marked: that is what the decision, if it is the one that closed it, was sent with.
pub fn chosen(posted: &Posted, task: Option<&TaskPage>) -> Chosen {
    let beneath = Ticked::of(posted);
    let outcome = match posted.control("_outcome") {
        "" => beneath.meant().unwrap_or_default().to_owned(),
        chosen => chosen.to_owned(),
    };
    let reasons = form::controls(&posted.0, &format!("{REASONS}{outcome}"));
    let returns = task.is_none_or(|task| task.outcomes.iter().any(|choice| choice.name == outcome && choice.returns));
    let ticked = posted.0.iter().filter(|(_, value)| returns && value == TICKED);
    let marked = ticked.filter_map(|(name, _)| name.strip_prefix(MARK));
    let known = |at: &&str| task.is_none_or(|task| task.returnable.iter().any(|field| field.at == *at));
    Chosen {
        reasons: reasons.into_iter().map(str::to_owned).collect(),
        note: posted.control("_note").trim().to_owned(),
        marked: marked
            .filter(known)
            .map(|at| MarkedField { at: at.to_owned(), note: posted.control(&format!("_why:{at}")).trim().to_owned() })
            .collect(),
        contradicts: beneath.contradicts(&outcome),
        outcome,
    }
}

pub fn wrong(chosen: &Chosen, task: &TaskPage) -> Vec<(String, &'static str)> {
    let Some(outcome) = task.outcomes.iter().find(|choice| choice.name == chosen.outcome) else {
        let first =
            task.outcomes.first().map_or_else(|| "decision".to_owned(), |choice| format!("outcome-{}", choice.name));
        return vec![(first, "task-choose")];
    };
    let mut found = Vec::new();
    if chosen.contradicts {
        found.push((format!("outcome-{}", outcome.name), "task-contradicts"));
    }
    if outcome.needs_reason && !outcome.reasons.is_empty() && chosen.reasons.is_empty() {
        let first = outcome.reasons.first().map_or("", |reason| reason.code.as_str());
        found.push((format!("reason-{}-{first}", outcome.name), "task-reason-missing"));
    }
    if outcome.returns && chosen.marked.is_empty() {
        let first = task.returnable.first().map_or("", |field| field.at.as_str());
        found.push((format!("mark-{first}"), "task-mark-missing"));
    }
    for field in chosen.marked.iter().filter(|field| field.note.is_empty()) {
        found.push((format!("why-{}", field.at), "task-why-missing"));
    }
    found
}

#[cfg(test)]
mod tests {
    use proto::eservice::v1::{OutcomeChoice, Reason, ReturnableField};

    use super::*;

    fn task() -> TaskPage {
        let outcome = |name: &str| OutcomeChoice { name: name.into(), ..OutcomeChoice::default() };
        let reasons = vec![Reason { code: "no-record".into(), ..Reason::default() }];
        TaskPage {
            outcomes: vec![
                outcome("approve"),
                OutcomeChoice { reasons, needs_reason: true, ..outcome("refuse") },
                OutcomeChoice { returns: true, ..outcome("return") },
            ],
            returnable: vec![ReturnableField { at: "phone".into(), ..ReturnableField::default() }],
            ..TaskPage::default()
        }
    }

    /// As the page's form sends it.
    fn sent(pairs: &[(&str, &str)]) -> (Chosen, Vec<&'static str>) {
        let always = [("_returns", "return"), ("_why:phone", "Nobody answers")];
        let pairs = always.iter().chain(pairs).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let task = task();
        let chosen = chosen(&Posted(pairs.collect()), Some(&task));
        let wrong = wrong(&chosen, &task).into_iter().map(|(_, key)| key).collect();
        (chosen, wrong)
    }

    #[test]
    fn what_is_ticked_beneath_one_decision_alone_chooses_it() {
        let (refused, wrong) = sent(&[("_reasons:refuse", "no-record")]);
        assert_eq!((refused.outcome.as_str(), refused.reasons.len(), wrong.len()), ("refuse", 1, 0));
        let (returned, wrong) = sent(&[("_mark:phone", "yes")]);
        assert_eq!((returned.outcome.as_str(), returned.marked.len(), wrong.len()), ("return", 1, 0));
        assert_eq!(returned.marked[0].note, "Nobody answers");
    }

    #[test]
    fn nothing_ticked_or_two_decisions_at_once_choose_none() {
        assert_eq!(sent(&[]).1, ["task-choose"], "a mark's empty line is no mark");
        assert_eq!(sent(&[("_reasons:refuse", "no-record"), ("_mark:phone", "yes")]).1, ["task-choose"]);
        assert_eq!(sent(&[("_reasons:other", "no-record")]).1, ["task-choose"], "no such decision");
    }

    #[test]
    fn what_is_ticked_beneath_another_decision_than_the_chosen_one_is_asked_about() {
        assert_eq!(sent(&[("_outcome", "approve"), ("_reasons:refuse", "no-record")]).1, ["task-contradicts"]);
        assert_eq!(sent(&[("_outcome", "approve"), ("_mark:phone", "yes")]).1, ["task-contradicts"]);
        assert!(sent(&[("_outcome", "approve")]).1.is_empty());
        assert!(sent(&[("_outcome", "refuse"), ("_reasons:refuse", "no-record")]).1.is_empty());
        assert!(sent(&[("_outcome", "return"), ("_mark:phone", "yes")]).1.is_empty());
    }
}
