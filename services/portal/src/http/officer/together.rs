//! Several tasks decided alike: chosen in the queue, each read before, with one outcome for the same reasons, each by its own command.

use askama::Template;
use axum::{extract::State, response::Response};
use kernel::{ErrorKind, Failure};
use proto::eservice::v1::{
    CaseReply, Choices, ClaimTaskRequest, DecideTaskRequest, OutcomeChoice, ReadChoicesRequest, Reason, TaskPage,
    operations,
};

use super::{
    TaskPlace,
    claim::{CLAIMED, TYPED},
    opening,
    queue::desk,
    task::{Chosen, chosen, wrong},
};
use crate::{
    domain::form,
    http::{
        Portal, Shared,
        fault::{self, Refused},
        frame::{Frame, page},
        posted::Posted,
        visit::{Officer, Visit},
    },
    store::Session,
};

const MOST: usize = 50;

/// Where in the work the page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Choose,
    Check,
    Done,
}

/// A task that was ticked in the queue, on its way through the pages.
pub struct Picked {
    pub place: TaskPlace,
    pub number: String,
    pub version: i64,
    /// Key of the text that says why it is not decided with the others.
    pub wrong: Option<&'static str>,
}

impl Picked {
    /// As the queue writes it (agency, service, case, task), or as these pages do, with version and number behind.
    fn parse(written: &str) -> Result<Self, Refused> {
        let mut parts = written.splitn(6, '/').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        let place = TaskPlace::new((next(), next(), next(), next()))?;
        let version = next().parse().unwrap_or_default();
        Ok(Self { place, version, number: next(), wrong: None })
    }

    pub fn written(&self) -> String {
        let Self { place: TaskPlace { at, task }, number, version, wrong: _ } = self;
        format!("{}/{}/{}/{task}/{version}/{number}", at.agency, at.service, at.case)
    }
}

#[derive(Template)]
#[template(path = "officer_together.html")]
pub struct TogetherPage {
    pub f: Frame,
    /// The queue to which it leads back, and from which the next case is taken.
    pub queue: String,
    pub stage: Stage,
    pub picked: Vec<Picked>,
    pub outcomes: Vec<OutcomeChoice>,
    pub of_two: bool,
    pub chosen: Chosen,
    /// (id of the input, key of the text)
    pub errors: Vec<(String, &'static str)>,
}

impl TogetherPage {
    pub fn is_choosing(&self) -> bool {
        self.stage == Stage::Choose
    }

    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// What is, or was, decided together.
    pub fn fitting(&self) -> Vec<&Picked> {
        self.picked.iter().filter(|one| one.wrong.is_none()).collect()
    }

    pub fn count(&self) -> i64 {
        i64::try_from(self.fitting().len()).unwrap_or(i64::MAX)
    }

    /// The others, each with the key of why.
    pub fn left(&self) -> Vec<(&Picked, &'static str)> {
        self.picked.iter().filter_map(|one| Some((one, one.wrong?))).collect()
    }

    pub fn is_chosen(&self, outcome: &str) -> bool {
        self.chosen.outcome == outcome
    }

    pub fn has_reason(&self, outcome: &str, code: &str) -> bool {
        self.is_chosen(outcome) && self.chosen.reasons.iter().any(|reason| reason == code)
    }

    pub fn outcome(&self) -> Option<&OutcomeChoice> {
        self.outcomes.iter().find(|outcome| outcome.name == self.chosen.outcome)
    }

    pub fn reasons(&self) -> Vec<&Reason> {
        let declared = self.outcome().map(|outcome| outcome.reasons.as_slice()).unwrap_or_default();
        declared.iter().filter(|reason| self.chosen.reasons.contains(&reason.code)).collect()
    }
}

/// What was ticked is looked at and taken, and one outcome is asked for.
pub async fn choose(
    State(portal): Shared,
    Officer(visit, session): Officer,
    posted: Posted,
) -> Result<Response, Refused> {
    let mut picked = picked(&posted)?;
    let mut first: Option<(String, Choices)> = None;
    for one in &mut picked {
        one.wrong = match admit(&portal, (&visit, &session), one, &mut first, &posted).await {
            Ok(wrong) => wrong,
            Err(failure) => Some(why(&failure)?),
        };
    }
    let choices = first.map(|(_, choices)| choices).unwrap_or_default();
    page(&shown(Frame::new(&portal, &visit), &session, Stage::Choose, picked, choices))
}

/// Whether a task can be decided with the others: of one service, step and revision, and read. Then it is the officer's.
async fn admit(
    portal: &Portal,
    (visit, session): (&Visit, &Session),
    one: &mut Picked,
    first: &mut Option<(String, Choices)>,
    posted: &Posted,
) -> Result<Option<&'static str>, Refused> {
    let choices = choices(portal, visit, session, &one.place).await?;
    one.number.clone_from(&choices.number);
    if !choices.opened {
        return Ok(Some("together-unread"));
    }
    if choices.outdated {
        return Ok(Some("together-outdated"));
    }
    let kind = format!("{}/{}", one.place.at.agency, one.place.at.service);
    if let Some((known, alike)) = first.as_ref()
        && (*known != kind || alike.step != choices.step || alike.revision != choices.revision)
    {
        return Ok(Some("together-other"));
    }
    let request = ClaimTaskRequest { case_id: one.place.at.case.to_vec(), task_id: one.place.task.to_vec() };
    let command = posted.command()?;
    let host = one.place.at.host();
    let taken: CaseReply = portal.services.command(session, &operations::CLAIM_TASK, host, &request, command).await?;
    one.version = taken.version;
    if first.is_none() {
        *first = Some((kind, choices));
    }
    Ok(None)
}

async fn choices(portal: &Portal, visit: &Visit, session: &Session, place: &TaskPlace) -> Result<Choices, Refused> {
    let request = ReadChoicesRequest {
        case_id: place.at.case.to_vec(),
        task_id: place.task.to_vec(),
        language: visit.language.tag().into(),
    };
    Ok(portal.services.read(session, &operations::READ_CHOICES, place.at.host(), &request).await?)
}

/// What was chosen is shown once more, with everything it will be done to.
pub async fn check(
    State(portal): Shared,
    Officer(visit, session): Officer,
    posted: Posted,
) -> Result<Response, Refused> {
    let picked = picked(&posted)?;
    let Some(one) = picked.first() else { return Err(fault::no_such_page().into()) };
    let choices = choices(&portal, &visit, &session, &one.place).await?;
    let mut shown = shown(Frame::new(&portal, &visit), &session, Stage::Check, picked, choices);
    let task = TaskPage { outcomes: shown.outcomes.clone(), ..TaskPage::default() };
    shown.chosen = chosen(&posted, Some(&task));
    shown.errors = wrong(&shown.chosen, &task);
    if !shown.errors.is_empty() {
        shown.stage = Stage::Choose;
    }
    page(&shown)
}

/// Each on its own: what fails says why and keeps nothing else back. The same form again decides nothing twice and says the same.
pub async fn decide(
    State(portal): Shared,
    Officer(visit, session): Officer,
    posted: Posted,
) -> Result<Response, Refused> {
    let mut picked = picked(&posted)?;
    let chosen = chosen(&posted, None);
    let command = posted.command()?;
    for one in &mut picked {
        let request = DecideTaskRequest {
            case_id: one.place.at.case.to_vec(),
            version: one.version,
            task_id: one.place.task.to_vec(),
            outcome: chosen.outcome.clone(),
            reasons: chosen.reasons.clone(),
            note: chosen.note.clone(),
            marked: Vec::new(),
            language: visit.language.tag().into(),
            together: true,
        };
        let host = one.place.at.host();
        let sent: Result<CaseReply, Failure> =
            portal.services.command(&session, &operations::DECIDE_TASK, host, &request, command).await;
        match sent {
            Ok(reply) => portal.sessions.note_seen(&session, one.place.at.case, reply.version).await?,
            Err(failure) => one.wrong = Some(why(&Refused(failure))?),
        }
    }
    let of_two = posted.control("_of_two") == "yes";
    let mut shown =
        shown(Frame::new(&portal, &visit), &session, Stage::Done, picked, Choices { of_two, ..Choices::default() });
    shown.chosen = chosen;
    page(&shown)
}

fn shown(f: Frame, session: &Session, stage: Stage, picked: Vec<Picked>, choices: Choices) -> TogetherPage {
    let agency = picked.first().map(|one| one.place.at.agency.as_str()).unwrap_or_default();
    let queue = desk(session, agency);
    let mut outcomes = choices.outcomes;
    // What is sent back has its own marks and notes.
    outcomes.retain(|outcome| !outcome.returns);
    TogetherPage {
        f,
        queue,
        stage,
        picked,
        outcomes,
        of_two: choices.of_two,
        chosen: Chosen::default(),
        errors: Vec::new(),
    }
}

/// Each task once.
fn picked(posted: &Posted) -> Result<Vec<Picked>, Refused> {
    let mut found: Vec<Picked> = Vec::new();
    for written in form::controls(&posted.0, "_task") {
        let one = Picked::parse(written)?;
        if !found.iter().any(|known| known.place.task == one.place.task) {
            found.push(one);
        }
    }
    if found.len() > MOST {
        let message = "At most 50 tasks are decided together. Choose fewer.";
        return Err(Refused(Failure::invalid("portal.too-many-tasks", message)));
    }
    Ok(found)
}

/// Key of the text that says why one task is left out. Without a session nothing can be done to any of them.
fn why(refused: &Refused) -> Result<&'static str, Refused> {
    let failure = &refused.0;
    Ok(match failure.code.as_ref() {
        _ if failure.kind == ErrorKind::Unauthenticated => return Err(Refused(failure.clone())),
        "task.not-opened" => "together-unread",
        "task.outdated" => "together-outdated",
        CLAIMED => "together-taken",
        TYPED => "together-typed",
        opening::CLOSED => "together-closed",
        "task.proposed" | "task.own-proposal" => "together-proposed",
        "task.reason-needed" => "together-outside",
        _ => match failure.kind {
            ErrorKind::NotFound => "together-not-yours",
            ErrorKind::Stale | ErrorKind::Conflict => "together-changed",
            _ => "together-failed",
        },
    })
}
