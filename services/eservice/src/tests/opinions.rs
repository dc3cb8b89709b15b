//! The opinion of another agency: only under its grant, only what the task names, through whatever request it is tried.

use std::sync::atomic::Ordering;

use bus::Call;
use kernel::Failure;
use proto::eservice::v1::{
    AdmitReaderRequest, AskApplicantRequest, CaseReply, ClaimTaskRequest, DecideTaskRequest, EraseCaseRequest,
    HoldCaseRequest, Lenders, ListRecordsRequest, ReadCaseRequest, ReadChoicesRequest, ReadFileRequest,
    ReadPageRequest, ReadReasonsRequest, ReadTaskRequest, RequestOpinionRequest, TaskPage,
};
use serde_json::json;

use super::{
    platform::placed,
    questions::{taken, told},
    world::{CITIZEN, EXPERT, NUKUS, OFFICER, World, person},
};
use crate::{
    bus::{answers, case, claim, files, keeping, page, question, reader, request, task},
    store::MIGRATIONS,
};

type At = (Vec<u8>, Vec<u8>);

/// The example, in which an expert of another agency is asked before the registrar decides.
fn with_opinion(definition: &mut serde_json::Value) {
    let steps = definition["spec"]["process"]["steps"].as_array_mut().unwrap();
    let pay = steps.iter_mut().find(|step| step["name"] == "pay").unwrap();
    pay["next"] = "opinion".into();
    let label = json!({"uz": "Xulosa", "en": "Opinion"});
    steps.push(json!({
        "name": "opinion",
        "task": {
            "title": label, "agency": "health", "role": "expert", "shows": ["office"], "deadline": "1 working day",
            "outcomes": [
                {"name": "fine", "label": label, "next": "review"},
                {"name": "objection", "label": label, "next": "review", "reasons": [{"code": "risk", "text": label}]},
            ],
        },
    }));
}

/// A paid case that waits for the opinion.
async fn waiting(world: &World) -> At {
    let admitted = world.platform.revised(with_opinion);
    world.placed(vec![placed(&admitted, 100), placed(&world.platform.admitted, 100)], "").await;
    let case = Box::pin(world.submitted(CITIZEN)).await.case_id;
    for _ in 0..4 {
        Box::pin(world.settle()).await;
        world.clock.advance(std::time::Duration::from_secs(20));
    }
    Box::pin(world.paid(&case)).await;
    Box::pin(world.settle()).await;
    let task = world.open_task(&case).await;
    (case, task)
}

async fn reads(world: &World, who: u8, (case_id, task_id): &At, purpose: &str) -> Result<TaskPage, Failure> {
    let (case_id, task_id) = (case_id.clone(), task_id.clone());
    let request = ReadTaskRequest { case_id, task_id, language: "en".into(), purpose: purpose.into() };
    task::read(world.host.clone(), world.call(who, request)).await
}

async fn claims(world: &World, who: u8, (case_id, task_id): &At) -> Result<CaseReply, Failure> {
    let request = ClaimTaskRequest { case_id: case_id.clone(), task_id: task_id.clone() };
    claim::claim(world.host.clone(), world.call(who, request)).await
}

async fn decides(world: &World, who: u8, (case_id, task_id): &At, outcome: &str) -> Result<CaseReply, Failure> {
    let version = world.case(CITIZEN, case_id).await.version;
    let request = DecideTaskRequest {
        case_id: case_id.clone(),
        version,
        task_id: task_id.clone(),
        outcome: outcome.into(),
        reasons: if outcome == "objection" { vec!["risk".into()] } else { Vec::new() },
        note: "A hazard nearby.".into(),
        ..DecideTaskRequest::default()
    };
    world.decide(who, request).await
}

fn code<T>(outcome: Result<T, Failure>) -> String {
    outcome.err().map(|failure| failure.code.into_owned()).unwrap_or_default()
}

fn shows_nothing_else(page: &TaskPage) {
    assert!(
        page.opinion && page.rules.is_empty() && page.sections.iter().all(|section| section.page == "office"),
        "{page:?}"
    );
    assert!(page.timeline.is_empty() && page.documents.is_empty() && page.opinions.is_empty(), "{page:?}");
    assert!(page.questions.is_empty() && page.returnable.is_empty() && page.representation.is_none(), "{page:?}");
    for secret in ["Karimova", "901112233", "31203850000015"] {
        assert!(!format!("{page:?}").contains(secret), "{secret}: {page:?}");
    }
}

#[tokio::test]
async fn without_a_grant_of_their_agency_officers_see_and_do_nothing() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let at = Box::pin(waiting(&world)).await;
        assert_eq!(code(Box::pin(reads(&world, EXPERT, &at, "")).await), "case.not-found", "{engine}");
        assert_eq!(code(Box::pin(claims(&world, EXPERT, &at)).await), "case.not-found", "{engine}");
        assert_eq!(code(Box::pin(decides(&world, EXPERT, &at, "fine")).await), "case.not-found", "{engine}");
        world.platform.lends.store(true, Ordering::SeqCst);
        assert_eq!(code(Box::pin(claims(&world, EXPERT, &at)).await), "case.not-found", "{engine}: asked a moment ago");
        world.clock.advance(std::time::Duration::from_secs(60));
        Box::pin(decides(&world, EXPERT, &at, "fine")).await.unwrap();
        let review = world.open_task(&at.0).await;
        Box::pin(decides(&world, OFFICER, &(at.0, review), "approve")).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn an_expert_sees_only_what_is_named_and_their_opinion_is_the_own_agencys_to_weigh() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        world.platform.lends.store(true, Ordering::SeqCst);
        let at = Box::pin(waiting(&world)).await;
        shows_nothing_else(&Box::pin(reads(&world, EXPERT, &at, "")).await.unwrap());
        for who in [OFFICER, NUKUS] {
            let own = Box::pin(reads(&world, who, &at, "")).await;
            assert_eq!(code(own), "case.not-found", "{engine}: the opinion is the other agency's to give");
        }
        Box::pin(claims(&world, EXPERT, &at)).await.unwrap();
        Box::pin(nothing_else_is_open(&world, &at)).await;
        Box::pin(decides(&world, EXPERT, &at, "objection")).await.unwrap();

        let seen = world.case(CITIZEN, &at.0).await;
        assert!(seen.decision.is_none(), "{engine}: an opinion decides nothing");
        assert!(seen.timeline.iter().any(|row| row.code == "opinion-given"), "{engine}");
        let review = (at.0.clone(), world.open_task(&at.0).await);
        assert_eq!(code(Box::pin(reads(&world, EXPERT, &review, "Why not")).await), "case.not-found", "{engine}");
        assert_eq!(code(Box::pin(claims(&world, EXPERT, &review)).await), "case.not-found", "{engine}");
        assert_eq!(code(Box::pin(decides(&world, EXPERT, &review, "approve")).await), "case.not-found", "{engine}");
        let after = Box::pin(reads(&world, EXPERT, &at, "I look at what I said")).await.unwrap();
        shows_nothing_else(&after);
        let page = Box::pin(reads(&world, OFFICER, &review, "")).await.unwrap();
        let said = &page.opinions[0];
        assert_eq!((said.agency.as_str(), page.opinion), ("health", false), "{engine}");
        let decision = said.decision.as_ref().unwrap();
        assert_eq!((decision.outcome.as_str(), decision.note.as_str()), ("objection", "A hazard nearby."), "{engine}");
        Box::pin(decides(&world, OFFICER, &review, "approve")).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

/// Every other request of the e-service by which something of a case can be read or done.
async fn nothing_else_is_open(world: &World, (case_id, task_id): &At) {
    let host = || world.host.clone();
    let case_id = || case_id.clone();
    let language = || "en".to_owned();
    let read = ReadCaseRequest { case_id: case_id(), language: language() };
    let answered = answers::read(host(), world.call(EXPERT, read.clone())).await;
    assert_eq!(code(answered), "case.not-found");
    assert_eq!(code(case::read(host(), world.call(EXPERT, read)).await), "case.not-found");
    let shown = ReadPageRequest { case_id: case_id(), page: "office".into(), language: language() };
    assert_eq!(code(page::read(host(), world.call(EXPERT, shown)).await), "case.not-found");
    for task in [Vec::new(), task_id.clone()] {
        let file = ReadFileRequest { case_id: case_id(), id: vec![1; 32], task_id: task, ..ReadFileRequest::default() };
        assert_eq!(code(files::read(host(), world.call(EXPERT, file)).await), "case.not-found");
    }
    let reasons = ReadReasonsRequest { case_id: case_id(), before: 0 };
    assert_eq!(code(case::reasons(host(), world.call(EXPERT, reasons)).await), "case.not-found");
    let messages = AdmitReaderRequest { case_id: case_id(), document_id: Vec::new(), officer: person(EXPERT).to_vec() };
    let asked = Call { caller: "notifications".into(), person: None, ..world.call(EXPERT, messages) };
    assert_eq!(code(reader::admit(host(), asked).await), "case.not-found");
    let question = AskApplicantRequest { case_id: case_id(), task_id: task_id.clone(), text: "Who are you?".into() };
    assert_eq!(code(question::ask(host(), world.call(EXPERT, question)).await), "question.not-foreseen");
    let hold = HoldCaseRequest { case_id: case_id(), reason: "x".into(), ..HoldCaseRequest::default() };
    assert!(keeping::hold(host(), world.call(EXPERT, hold)).await.is_err());
    let erase = EraseCaseRequest {
        case_id: case_id(),
        reason: "x".into(),
        legal_basis: "x".into(),
        ..EraseCaseRequest::default()
    };
    assert!(keeping::erase(host(), world.call(EXPERT, erase)).await.is_err());
    let agency = ListRecordsRequest {
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        ..ListRecordsRequest::default()
    };
    assert!(keeping::list(host(), world.call(EXPERT, agency)).await.is_err());
}

const REQUEST: &str = "Is the office open to the public?";

async fn lenders(world: &World, who: u8, (case_id, task_id): &At) -> Result<Lenders, Failure> {
    let (case_id, task_id) = (case_id.clone(), task_id.clone());
    let asked = ReadChoicesRequest { case_id, task_id, language: "en".into() };
    Box::pin(request::lenders(world.host.clone(), world.call(who, asked))).await
}

async fn requests(world: &World, who: u8, (case_id, task_id): &At) -> Result<CaseReply, Failure> {
    let asked = RequestOpinionRequest {
        case_id: case_id.clone(),
        task_id: task_id.clone(),
        agency: "health".into(),
        role: "expert".into(),
        text: REQUEST.into(),
        pages: vec!["office".into()],
    };
    Box::pin(request::ask(world.host.clone(), world.call(who, asked))).await
}

#[tokio::test]
async fn an_opinion_beside_the_process_is_asked_under_a_grant_and_shows_the_named_pages_alone() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let at = Box::pin(taken(&world)).await;
        assert!(lenders(&world, OFFICER, &at).await.unwrap().lenders.is_empty(), "{engine}");
        assert_eq!(code(requests(&world, OFFICER, &at).await), "opinion.no-grant", "{engine}");
        world.platform.lends.store(true, Ordering::SeqCst);
        world.clock.advance(std::time::Duration::from_secs(60));
        for who in [NUKUS, EXPERT, CITIZEN] {
            assert_eq!(code(lenders(&world, who, &at).await), "case.not-found", "{engine}: {who}");
            assert_eq!(code(requests(&world, who, &at).await), "case.not-found", "{engine}: {who}");
        }
        let offered = lenders(&world, OFFICER, &at).await.unwrap();
        assert_eq!((offered.lenders[0].agency.as_str(), offered.lenders[0].role.as_str()), ("health", "expert"));
        assert!(offered.pages.iter().any(|page| page.page == "office"), "{engine}: {offered:?}");
        requests(&world, OFFICER, &at).await.unwrap();
        let indexed = Box::pin(told(&world)).await.tasks;
        let beside = indexed.into_iter().find(|task| task.requested).unwrap();
        assert_eq!((beside.agency.as_str(), beside.role.as_str()), ("health", "expert"), "{engine}");

        let asked = (at.0.clone(), beside.task_id);
        assert_eq!(code(Box::pin(reads(&world, NUKUS, &asked, "")).await), "case.not-found", "{engine}");
        let page = Box::pin(reads(&world, EXPERT, &asked, "")).await.unwrap();
        shows_nothing_else(&page);
        assert_eq!((page.request.as_str(), page.outcomes.len()), (REQUEST, 2), "{engine}");
        assert!(page.notes.is_empty() && page.correction.is_none() && !page.may_request, "{engine}: {page:?}");
        assert!(Box::pin(claims(&world, EXPERT, &asked)).await.is_err(), "{engine}: nobody takes it");
        let own = Box::pin(reads(&world, OFFICER, &at, "")).await.unwrap();
        assert!(own.opinions[0].decision.is_none() && own.opinions[0].awaited_until_us > 0, "{engine}");
        Box::pin(decides(&world, EXPERT, &asked, "objection")).await.unwrap();
        let own = Box::pin(reads(&world, OFFICER, &at, "")).await.unwrap();
        let said = own.opinions[0].decision.clone().unwrap();
        assert_eq!((said.outcome.as_str(), said.note.as_str()), ("objection", "A hazard nearby."), "{engine}");
        let told = world.case(CITIZEN, &at.0).await;
        assert!(!format!("{told:?}").contains(REQUEST), "{engine}: the applicant reads that one was asked, not what");
        assert!(told.timeline.iter().any(|row| row.code == "opinion-given"), "{engine}");
        Box::pin(decides(&world, OFFICER, &at, "approve")).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}
