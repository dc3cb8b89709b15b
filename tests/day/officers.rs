//! Thirty officers: each looks at their own queue, opens what is theirs to do this hour, and decides as the plan has it.

use std::collections::{BTreeMap, BTreeSet};

use bus::subject::Address;
use kernel::{CaseId, ErrorKind, Failure};
use proto::{
    docket::v1::{ListQueueRequest, Task, operations::LIST_QUEUE},
    eservice::v1::{
        AskApplicantRequest, ClaimTaskRequest, DecideTaskRequest, MarkedField, ReadTaskRequest,
        operations::{ASK_APPLICANT, CLAIM_TASK, DECIDE_TASK, READ_TASK},
    },
    identity::v1::{AppointOfficerRequest, Appointment},
};
use tests::{officer::code, platform::Platform};

use crate::{
    edge::{Edge, Signed},
    life::Life,
    plan::{Course, OFFICES, Service, pinfl},
};

const LANGUAGE: &str = "uz";
/// What the docket shows at most at a time.
const SHOWN: i32 = 100;
/// Serial numbers of officers' PINFLs: no citizen has one of these.
const SERIAL: usize = 900_000;

/// An officer and where they serve.
pub struct Desk {
    agency: &'static str,
    role: &'static str,
    login: String,
    password: String,
    secret: String,
    person: Vec<u8>,
}

/// What an officer did with a citizen's task.
pub struct Done {
    /// Place among the lives.
    pub life: usize,
    pub case: CaseId,
    pub act: Act,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Decided(&'static str),
    Asked,
    /// The list of what is late named it.
    Reported,
    /// Nobody else works on it meanwhile.
    Claimed,
}

enum Verdict {
    Decide { outcome: &'static str, reasons: &'static [&'static str], marked: &'static [&'static str] },
    Ask,
    Wait,
}

/// Fifteen registrars and ten migration officers in five offices each, five inspectors in the information centre.
fn roster() -> Vec<(&'static str, &'static str, &'static str, usize)> {
    let registrars = OFFICES.iter().map(|(office, _)| ("justice", *office, "registrar", 3));
    let migration = OFFICES.iter().map(|(office, _)| ("interior", *office, "migration-officer", 2));
    registrars.chain(migration).chain([("interior", "information-centre", "inspector", 5)]).collect()
}

/// Gives all of them their roles; the desks of each office together.
pub async fn appoint(edge: &Edge) -> Vec<Vec<Desk>> {
    let (mut offices, mut number) = (Vec::new(), 0);
    for (agency, office, role, count) in roster() {
        let mut desks = Vec::new();
        for _ in 0..count {
            number += 1;
            desks.push(appointed(edge, (agency, office, role), number).await);
        }
        offices.push(desks);
    }
    offices
}

async fn appointed(
    edge: &Edge,
    (agency, office, role): (&'static str, &'static str, &'static str),
    number: usize,
) -> Desk {
    let login = format!("{role}-{number}");
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let secret: String = (0..32).map(|place| char::from(letters[(place * 7 + number) % 32])).collect();
    let asked = AppointOfficerRequest {
        login: login.clone(),
        display_name: format!("Officer {number}"),
        pinfl: pinfl(4, SERIAL + number).0,
        appointment: Some(Appointment {
            agency: agency.into(),
            office: office.into(),
            role: role.into(),
            from_us: edge.now().micros(),
            to_us: 0,
        }),
        demo_password: format!("a day in simulated time {number}"),
        demo_totp_secret: secret.clone(),
    };
    let person = edge.appoint(agency, &asked).await.person;
    Desk { agency, role, login, password: asked.demo_password, secret, person }
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
        let password = (desk.login.as_str(), desk.password.as_str());
        let who = edge.officer(password, || code(&desk.secret, platform.ahead())).await;
        let session = Session { edge, who, desk };
        let late: BTreeSet<Vec<u8>> = session.queue(true).await.into_iter().map(|task| task.task_id).collect();
        for task in session.queue(false).await {
            let case = CaseId::from_slice(&task.case_id).expect("a case's id");
            let Some(&life) = known.get(&case) else { continue };
            let is_late = late.contains(&task.task_id);
            let mine = match task.assignee.is_empty() {
                // Whoever refused never sees the appeal: it waits for nobody's turn.
                true => task.step == "reconsider" || (life + turn) % desks.len() == place,
                false => task.assignee == desk.person,
            };
            if !mine || !touched.insert(task.task_id.clone()) {
                continue;
            }
            let verdict = verdict(&lives[life], &task, is_late);
            let acts = session.act(&task, verdict).await;
            let acts = acts.unwrap_or_else(|failure| panic!("{}: {failure:?}", lives[life].planned.number));
            let reported = (is_late && !acts.is_empty()).then_some(Act::Reported);
            done.extend(reported.into_iter().chain(acts).map(|act| Done { life, case, act }));
        }
    }
    done
}

/// What the plan has an officer do with a task.
fn verdict(life: &Life, task: &Task, is_late: bool) -> Verdict {
    let decide = |outcome, reasons| Verdict::Decide { outcome, reasons, marked: &[] };
    let refusal: &'static [&'static str] = match life.planned.service {
        Service::Residence => &["no-such-dwelling"],
        _ => &["no-record"],
    };
    match life.planned.course {
        Course::Appealed { upheld: true } if task.step == "reconsider" => decide("uphold", &["unfounded"]),
        Course::Appealed { .. } if task.step == "reconsider" => decide("allow", &[]),
        Course::Refused | Course::Appealed { .. } => decide("refuse", refusal),
        Course::Corrected if life.decisions.is_empty() => {
            Verdict::Decide { outcome: "return", reasons: &[], marked: &["contact.phone"] }
        }
        Course::Asked if !life.answered => Verdict::Ask,
        Course::Neglected if !is_late => Verdict::Wait,
        Course::Withdrawn | Course::Unpaid | Course::LeftDraft => Verdict::Wait,
        _ => decide("approve", &[]),
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
    async fn act(&self, task: &Task, verdict: Verdict) -> Result<Vec<Act>, Failure> {
        let acted = match verdict {
            Verdict::Wait => return Ok(Vec::new()),
            Verdict::Ask => self.ask(task).await,
            Verdict::Decide { outcome, reasons, marked } => self.decide(task, outcome, (reasons, marked)).await,
        };
        match acted {
            Err(failure) if matches!(failure.kind, ErrorKind::Stale | ErrorKind::Conflict | ErrorKind::NotFound) => {
                Ok(Vec::new())
            }
            acted => acted,
        }
    }

    async fn ask(&self, task: &Task) -> Result<Vec<Act>, Failure> {
        let host = Address::service(self.desk.agency, &task.service);
        let claiming = ClaimTaskRequest { case_id: task.case_id.clone(), task_id: task.task_id.clone() };
        self.edge.ask(&self.who, &CLAIM_TASK, host, &claiming).await?;
        let asking = AskApplicantRequest {
            case_id: task.case_id.clone(),
            task_id: task.task_id.clone(),
            text: "Where was it?".into(),
        };
        self.edge.ask(&self.who, &ASK_APPLICANT, host, &asking).await?;
        Ok(vec![Act::Claimed, Act::Asked])
    }

    async fn decide(
        &self,
        task: &Task,
        outcome: &'static str,
        (reasons, marked): (&[&str], &[&str]),
    ) -> Result<Vec<Act>, Failure> {
        let host = Address::service(self.desk.agency, &task.service);
        let opening = ReadTaskRequest {
            case_id: task.case_id.clone(),
            task_id: task.task_id.clone(),
            language: LANGUAGE.into(),
            purpose: String::new(),
        };
        let page = self.edge.ask(&self.who, &READ_TASK, host, &opening).await?;
        let marked = marked.iter().map(|at| MarkedField { at: (*at).to_owned(), note: "Nobody answers.".into() });
        let deciding = DecideTaskRequest {
            case_id: task.case_id.clone(),
            version: page.version,
            task_id: task.task_id.clone(),
            outcome: outcome.into(),
            reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
            marked: marked.collect(),
            language: LANGUAGE.into(),
            ..DecideTaskRequest::default()
        };
        self.edge.ask(&self.who, &DECIDE_TASK, host, &deciding).await?;
        Ok(vec![Act::Decided(outcome)])
    }
}
