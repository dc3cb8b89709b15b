//! Thirty officers: each looks at their own queue, opens what is theirs to do this hour, and decides as the plan has it.

use std::collections::{BTreeMap, BTreeSet};

use bus::subject::Address;
use kernel::{CaseId, ErrorKind, Failure};
use proto::{
    docket::v1::{
        ListHeldRequest, ListQueueRequest, Task,
        operations::{LIST_HELD, LIST_QUEUE},
    },
    eservice::v1::{
        AskApplicantRequest, ClaimTaskRequest, ConfirmTaskRequest, DecideTaskRequest, MarkedField, ReadTaskRequest,
        ReleaseTaskRequest,
        operations::{ASK_APPLICANT, CLAIM_TASK, CONFIRM_TASK, DECIDE_TASK, READ_TASK, RELEASE_TASK},
    },
};
use tests::platform::Platform;

use crate::{
    edge::{Edge, Signed},
    life::Life,
    plan::{BEFOREHAND, Course, Planned, Service},
    staff::Desk,
};

/// What the docket shows at most at a time.
const SHOWN: i32 = 100;
/// How much somebody has in hand who falls ill.
const IN_HAND: usize = 5;
/// How often somebody looks again at what others changed while they decided.
const TRIES: usize = 5;

/// What an officer did with a citizen's task.
pub struct Done {
    /// Place among the lives.
    pub life: usize,
    pub case: CaseId,
    pub act: Act,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Decided(&'static str),
    /// Before anybody decides: step and outcome.
    Said(String),
    /// Of two who decide, the first.
    Proposed,
    /// And the second.
    Confirmed(&'static str),
    Asked,
    /// The list of what is late named it.
    Reported,
    /// Nobody else works on it meanwhile.
    Claimed,
    /// Whoever leads the office gave it back to the queue.
    TakenBack,
    /// It was done for an officer of another office.
    StoodIn,
}

#[derive(Clone, Copy)]
enum Verdict {
    Decide { outcome: &'static str, reasons: &'static [&'static str], marked: &'static [&'static str] },
    Ask,
    Wait,
}

/// One hour in one office. `turn`: who of those who are there takes what nobody has yet.
pub async fn work(
    (edge, platform): (&Edge, &Platform),
    desks: &[&Desk],
    (lives, known): (&[Life], &BTreeMap<CaseId, usize>),
    turn: usize,
) -> Vec<Done> {
    let (mut done, mut touched) = (Vec::new(), BTreeSet::new());
    for (place, desk) in desks.iter().enumerate() {
        let session = Session { edge, who: desk.sign_in(edge, platform).await, desk };
        let late: BTreeSet<Vec<u8>> = session.queue(true).await.into_iter().map(|task| task.task_id).collect();
        for task in session.queue(false).await {
            let case = CaseId::from_slice(&task.case_id).expect("a case's id");
            let Some(&life) = known.get(&case) else { continue };
            let is_late = late.contains(&task.task_id);
            let mine = match (task.proposer.is_empty(), task.assignee.is_empty()) {
                (false, _) => task.proposer != desk.person,
                // Whoever refused never sees the appeal: it waits for nobody's turn.
                (true, true) => task.step == "reconsider" || (life + turn) % desks.len() == place,
                (true, false) => task.assignee == desk.person,
            };
            if !mine || !touched.insert(task.task_id.clone()) {
                continue;
            }
            let verdict = verdict(&lives[life], &task, is_late);
            let acts = session.act(&lives[life], &task, verdict).await;
            let acts = acts.unwrap_or_else(|failure| panic!("{}: {failure:?}", lives[life].planned.number));
            let reported = (is_late && !acts.is_empty()).then_some(Act::Reported);
            let elsewhere = !desk.office.is_empty() && !task.office.is_empty() && task.office != desk.office;
            let stood_in = (elsewhere && !acts.is_empty()).then_some(Act::StoodIn);
            let acts = reported.into_iter().chain(stood_in).chain(acts);
            done.extend(acts.map(|act| Done { life, case, act }));
        }
    }
    done
}

/// Whoever is about to fall ill takes a few tasks that nobody has.
pub async fn take_in_hand(
    (edge, platform): (&Edge, &Platform),
    desk: &Desk,
    known: &BTreeMap<CaseId, usize>,
) -> Vec<Done> {
    let session = Session { edge, who: desk.sign_in(edge, platform).await, desk };
    let mut done = Vec::new();
    for task in session.queue(false).await.into_iter().filter(|task| task.assignee.is_empty()).take(IN_HAND) {
        let case = CaseId::from_slice(&task.case_id).expect("a case's id");
        let Some(&life) = known.get(&case) else { continue };
        let claimed = session.claim(&task).await;
        claimed.unwrap_or_else(|failure| panic!("{} cannot take a task: {failure:?}", desk.login));
        done.push(Done { life, case, act: Act::Claimed });
    }
    done
}

/// Whoever leads gives back to the queue what those have in hand who fell ill.
pub async fn take_back(
    (edge, platform): (&Edge, &Platform),
    lead: &Desk,
    (ill, known): (&[&Desk], &BTreeMap<CaseId, usize>),
) -> Vec<Done> {
    let session = Session { edge, who: lead.sign_in(edge, platform).await, desk: lead };
    let mut done = Vec::new();
    for absent in ill.iter().filter(|absent| absent.agency == lead.agency) {
        let asked = ListHeldRequest {
            agency: lead.agency.into(),
            officer: absent.person.clone(),
            ..ListHeldRequest::default()
        };
        let held = edge.ask_platform(&session.who, &LIST_HELD, &asked).await;
        let held = held.unwrap_or_else(|failure| panic!("{}: {failure:?}", lead.login));
        assert!(held.next.is_empty(), "{} has more in hand than one takes", absent.login);
        for task in held.tasks {
            let case = CaseId::from_slice(&task.case_id).expect("a case's id");
            let Some(&life) = known.get(&case) else { continue };
            let officer = absent.person.clone();
            let releasing =
                ReleaseTaskRequest { case_id: task.case_id.clone(), task_id: task.task_id.clone(), officer };
            let released = edge.ask(&session.who, &RELEASE_TASK, host(&task), &releasing).await;
            released.unwrap_or_else(|failure| panic!("{} takes nothing back: {failure:?}", lead.login));
            done.push(Done { life, case, act: Act::TakenBack });
        }
    }
    done
}

/// Another agency's experts work on cases that are not their agency's.
fn host(task: &Task) -> Address<'_> {
    Address::service(&task.case_agency, &task.service)
}

/// What the plan has an officer do with a task.
fn verdict(life: &Life, task: &Task, is_late: bool) -> Verdict {
    let Planned { course, service, .. } = life.planned;
    let refusal: &'static [&'static str] = match service {
        Service::Residence => &["no-such-dwelling"],
        Service::Permit => &["fire"],
        _ => &["no-record"],
    };
    match course {
        Course::Withdrawn | Course::Unpaid | Course::LeftDraft => Verdict::Wait,
        _ if is_beforehand(life, task) => beforehand(course, &task.step, is_late),
        Course::Appealed { upheld: true } if task.step == "reconsider" => decide("uphold", &["unfounded"]),
        Course::Appealed { .. } if task.step == "reconsider" => decide("allow", &[]),
        Course::Refused | Course::Appealed { .. } => decide("refuse", refusal),
        Course::Corrected if life.decisions.is_empty() => {
            Verdict::Decide { outcome: "return", reasons: &[], marked: &["contact.phone"] }
        }
        Course::Asked if !life.asked => Verdict::Ask,
        Course::Asked if !life.answered => Verdict::Wait,
        Course::Neglected if service != Service::Permit && !is_late => Verdict::Wait,
        _ => decide("approve", &[]),
    }
}

fn decide(outcome: &'static str, reasons: &'static [&'static str]) -> Verdict {
    Verdict::Decide { outcome, reasons, marked: &[] }
}

fn is_beforehand(life: &Life, task: &Task) -> bool {
    life.planned.service == Service::Permit && BEFOREHAND.contains(&task.step.as_str())
}

/// What another agency or the inspector says of a building. One that neglects it says nothing before it is late.
fn beforehand(course: Course, step: &str, is_late: bool) -> Verdict {
    match (step, course) {
        ("fire", Course::Refused | Course::Appealed { .. }) => decide("object", &["exits"]),
        ("ecology", Course::Neglected) if !is_late => Verdict::Wait,
        ("inspect", _) => decide("matches", &[]),
        _ => decide("support", &[]),
    }
}

struct Session<'a> {
    edge: &'a Edge,
    who: Signed,
    desk: &'a Desk,
}

impl Session<'_> {
    /// The officer's whole queue, or what of it should have been decided by now.
    async fn queue(&self, late: bool) -> Vec<Task> {
        let (mut tasks, mut after) = (Vec::new(), String::new());
        loop {
            let asked = ListQueueRequest {
                agency: self.desk.agency.into(),
                role: self.desk.role.into(),
                limit: SHOWN,
                late,
                after,
                ..ListQueueRequest::default()
            };
            let queue = self.edge.ask_platform(&self.who, &LIST_QUEUE, &asked).await;
            let queue = queue.unwrap_or_else(|failure| panic!("{}: {failure:?}", self.desk.login));
            tasks.extend(queue.tasks);
            after = queue.next;
            if after.is_empty() {
                return tasks;
            }
        }
    }

    /// Nothing where somebody was faster: the queue is an index, and a moment old.
    async fn act(&self, life: &Life, task: &Task, verdict: Verdict) -> Result<Vec<Act>, Failure> {
        for _ in 0..TRIES {
            let acted = match verdict {
                Verdict::Wait => return Ok(Vec::new()),
                Verdict::Ask => self.ask(task).await,
                Verdict::Decide { outcome, reasons, marked } => {
                    self.decide(life, task, (outcome, reasons, marked)).await
                }
            };
            match acted {
                // Another agency said something meanwhile: what there is now is looked at.
                Err(failure) if failure.kind == ErrorKind::Stale => {}
                Err(failure) if matches!(failure.kind, ErrorKind::Conflict | ErrorKind::NotFound) => break,
                acted => return acted,
            }
        }
        Ok(Vec::new())
    }

    async fn claim(&self, task: &Task) -> Result<(), Failure> {
        let claiming = ClaimTaskRequest { case_id: task.case_id.clone(), task_id: task.task_id.clone() };
        self.edge.ask(&self.who, &CLAIM_TASK, host(task), &claiming).await.map(drop)
    }

    async fn ask(&self, task: &Task) -> Result<Vec<Act>, Failure> {
        self.claim(task).await?;
        let asking = AskApplicantRequest {
            case_id: task.case_id.clone(),
            task_id: task.task_id.clone(),
            text: "Where was it?".into(),
        };
        self.edge.ask(&self.who, &ASK_APPLICANT, host(task), &asking).await?;
        Ok(vec![Act::Claimed, Act::Asked])
    }

    async fn decide(
        &self,
        life: &Life,
        task: &Task,
        (outcome, reasons, marked): (&'static str, &[&str], &[&str]),
    ) -> Result<Vec<Act>, Failure> {
        let opening = ReadTaskRequest {
            case_id: task.case_id.clone(),
            task_id: task.task_id.clone(),
            language: self.desk.language.into(),
            purpose: String::new(),
        };
        let page = self.edge.ask(&self.who, &READ_TASK, host(task), &opening).await?;
        let (case_id, task_id, version) = (task.case_id.clone(), task.task_id.clone(), page.version);
        if !task.proposer.is_empty() {
            let confirming = ConfirmTaskRequest { case_id, version, task_id };
            self.edge.ask(&self.who, &CONFIRM_TASK, host(task), &confirming).await?;
            return Ok(vec![Act::Confirmed(outcome)]);
        }
        let marked = marked.iter().map(|at| MarkedField { at: (*at).to_owned(), note: "Nobody answers.".into() });
        let deciding = DecideTaskRequest {
            case_id,
            version,
            task_id,
            outcome: outcome.into(),
            reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
            marked: marked.collect(),
            language: self.desk.language.into(),
            ..DecideTaskRequest::default()
        };
        self.edge.ask(&self.who, &DECIDE_TASK, host(task), &deciding).await?;
        Ok(vec![match page.of_two {
            true => Act::Proposed,
            false if is_beforehand(life, task) => Act::Said(format!("{} {outcome}", task.step)),
            false => Act::Decided(outcome),
        }])
    }
}
