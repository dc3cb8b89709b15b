//! What citizens do in one visit: they sign in, do the next thing, and leave.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use bus::subject::Address;
use kernel::{CaseId, Hash};
use proto::{
    eservice::v1::{
        AnswerQuestionRequest, AttachFileRequest, Case, CaseCommand, OpenDraftRequest, Page, PutPiecesRequest,
        ReadCaseRequest, ReadPageRequest, SavePageRequest, SubmitRequest, Value,
        operations::{
            ANSWER_QUESTION, ATTACH_FILE, OPEN_DRAFT, PUT_PIECES, READ_ANSWERS, READ_CASE, READ_PAGE, SAVE_PAGE,
            SUBMIT, WITHDRAW,
        },
    },
    payments::v1::{BeginAttemptRequest, operations::BEGIN_ATTEMPT},
};
use tests::patience::Patience;

use crate::{
    edge::{Edge, Signed},
    life::{Life, Next},
    plan::{Course, OFFICES, Planned, Service},
};

const PAGES_MAX: usize = 20;
const CORRECTED: &str = "+998901234567";
const DRAWINGS: &str = "drawings.files";
/// A PDF by its first bytes; nobody here reads further.
const DRAWING: &[u8] = b"%PDF-1.7\na building";
/// In how many days an inspector can come.
const VISIT_DAYS: RangeInclusive<u64> = 14..=60;
const LOOK: Duration = Duration::from_millis(100);

struct Visit<'a> {
    edge: &'a Edge,
    who: Signed,
    planned: Planned,
    pinfl: String,
}

/// `provider_away`: the provider takes the money and tells nobody.
pub async fn visit(edge: &Edge, life: &mut Life, provider_away: bool) {
    let who = match life.planned.service {
        Service::Permit => edge.director(&life.key()).await,
        _ => edge.citizen(&life.key()).await,
    };
    let visit = Visit { edge, who, planned: life.planned, pinfl: life.pinfl() };
    life.next = match life.next {
        Next::Apply => visit.apply(life).await,
        Next::Pay => visit.pay(life.case(), provider_away).await,
        Next::Correct => visit.correct(life).await,
        Next::Answer => visit.answer(life).await,
        Next::Withdraw => visit.withdraw(life).await,
        Next::Appeal => visit.appeal(life).await,
        Next::Nothing => Next::Nothing,
    };
}

impl Visit<'_> {
    fn host(&self) -> Address<'static> {
        let (agency, service) = self.planned.service.place();
        Address::service(agency, service)
    }

    fn number(&self) -> usize {
        self.planned.number
    }

    async fn apply(&self, life: &mut Life) -> Next {
        let (agency, service) = self.planned.service.place();
        let opening = OpenDraftRequest {
            agency: agency.into(),
            service: service.into(),
            language: self.planned.language().into(),
            ..OpenDraftRequest::default()
        };
        let draft = self.edge.ask(&self.who, &OPEN_DRAFT, self.host(), &opening).await;
        let draft = draft.unwrap_or_else(|failure| panic!("{} cannot begin: {failure:?}", self.number()));
        let case = CaseId::from_slice(&draft.case_id).expect("a case's id");
        life.cases.push(case);
        if self.planned.course == Course::LeftDraft {
            self.save(case, &draft.first_page, "").await;
            return Next::Nothing;
        }
        self.fill(case, draft.first_page, "+998907654321").await;
        self.submit(life, case).await;
        match (self.planned.service, self.planned.course) {
            (_, Course::Unpaid) => Next::Nothing,
            (Service::Marriage | Service::Permit, _) => Next::Pay,
            (_, Course::Withdrawn) => Next::Withdraw,
            _ => Next::Nothing,
        }
    }

    /// Page after page until nothing is left to answer.
    async fn fill(&self, case: CaseId, first: String, phone: &str) {
        let mut page = first;
        for _ in 0..PAGES_MAX {
            if page.is_empty() {
                return;
            }
            page = self.save(case, &page, phone).await;
        }
        panic!("{}: there is no end to the questions; last {page}", self.number());
    }

    /// Answers one page; says which is the next.
    async fn save(&self, case: CaseId, page: &str, phone: &str) -> String {
        match page {
            "inspection" => return self.choose_day(case, page).await,
            "drawings" => self.attach_drawing(case, page).await,
            _ => {}
        }
        let saved = self.try_save(case, page, &self.answers(phone)).await;
        saved.unwrap_or_else(|wrong| panic!("{}: not taken on {page}: {wrong:?}", self.number()))
    }

    /// The first working day on which an inspector can come.
    async fn choose_day(&self, case: CaseId, page: &str) -> String {
        for days in VISIT_DAYS {
            let day = self.edge.day(days);
            let answers = BTreeMap::from([("inspection.date", day.as_str())]);
            if let Ok(next) = self.try_save(case, page, &answers).await {
                return next;
            }
        }
        panic!("{}: no working day is taken", self.number())
    }

    /// Attaches a file, and waits until it was looked at for harm: nothing is sent before.
    async fn attach_drawing(&self, case: CaseId, page: &str) {
        let putting = PutPiecesRequest {
            case_id: case.to_vec(),
            page: page.to_owned(),
            at: DRAWINGS.into(),
            pieces: vec![DRAWING.to_vec()],
            begins: true,
            ..PutPiecesRequest::default()
        };
        let put = self.edge.ask(&self.who, &PUT_PIECES, self.host(), &putting).await;
        put.unwrap_or_else(|failure| panic!("{} cannot send a file: {failure:?}", self.number()));
        let attaching = AttachFileRequest {
            case_id: case.to_vec(),
            page: page.to_owned(),
            at: DRAWINGS.into(),
            name: "plan.pdf".into(),
            pieces: vec![Hash::of(DRAWING).to_vec()],
            ..AttachFileRequest::default()
        };
        let attached = self.edge.ask(&self.who, &ATTACH_FILE, self.host(), &attaching).await;
        attached.unwrap_or_else(|failure| panic!("{} cannot attach a file: {failure:?}", self.number()));
        let patience = Patience::default();
        loop {
            let shown = self.shown(case, page).await;
            let mut files = shown.fields.iter().flat_map(|field| &field.files);
            if files.all(|file| file.state.is_empty()) {
                return;
            }
            assert!(patience.lasts(), "{}: nobody looks at the file", self.number());
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn shown(&self, case: CaseId, page: &str) -> Page {
        let reading =
            ReadPageRequest { case_id: case.to_vec(), page: page.to_owned(), language: self.planned.language().into() };
        let shown = self.edge.ask(&self.who, &READ_PAGE, self.host(), &reading).await;
        shown.unwrap_or_else(|failure| panic!("{}, {page}: {failure:?}", self.number()))
    }

    /// The next page, or what is wrong with which answer.
    async fn try_save(
        &self,
        case: CaseId,
        page: &str,
        answers: &BTreeMap<&'static str, &str>,
    ) -> Result<String, Vec<(String, String)>> {
        let shown = self.shown(case, page).await;
        let typed =
            shown.fields.iter().filter(|field| !field.fact && !matches!(field.kind.as_str(), "files" | "entries"));
        let values = typed.map(|field| {
            let text = answers.get(field.at.as_str()).map_or_else(|| field.value.clone(), |text| (*text).to_owned());
            Value { at: field.at.clone(), text }
        });
        let saving = SavePageRequest {
            case_id: case.to_vec(),
            page: page.to_owned(),
            language: self.planned.language().into(),
            values: values.collect(),
            disputed: Vec::new(),
            shown_hash: shown.shown_hash.clone(),
        };
        let saved = self.edge.ask(&self.who, &SAVE_PAGE, self.host(), &saving).await;
        let saved = saved.unwrap_or_else(|failure| panic!("{}, {page}: {failure:?}", self.number()));
        match saved.page {
            Some(again) => Err(again.fields.into_iter().map(|field| (field.at, field.error_code)).collect()),
            None => Ok(saved.next),
        }
    }

    fn answers<'a>(&'a self, phone: &'a str) -> BTreeMap<&'static str, &'a str> {
        let (office, soato, inspectorate) = OFFICES[self.planned.office];
        BTreeMap::from([
            ("marriage.date", "2012-06-16"),
            ("marriage.office", office),
            ("formerName.changed", "false"),
            ("reason.kind", "lost"),
            ("benefit.kind", "none"),
            ("use.kind", "work"),
            ("address.soato", soato),
            ("address.street", "Navoiy"),
            ("address.house", "1"),
            ("owner.pinfl", self.pinfl.as_str()),
            ("resident.name", "Karimov Aziz Anvarovich"),
            ("household.children", "false"),
            ("site.office", inspectorate),
            ("site.address", "Bog‘ishamol ko‘chasi, 12"),
            ("site.cadastre", "10:09:04:02:01:0123"),
            ("building.name", "Savdo markazi"),
            ("building.use", "public"),
            ("building.floors", "2"),
            ("building.area", "480"),
            ("fire.exits", "3"),
            ("fire.water", "true"),
            ("utilities.water", "network"),
            ("utilities.sewage", "network"),
            ("environment.trees", "0"),
            ("environment.river", "false"),
            ("contact.phone", phone),
            ("appeal.grounds", "The office has written to me that it keeps the record."),
        ])
    }

    async fn submit(&self, life: &mut Life, case: CaseId) {
        let reading = ReadCaseRequest { case_id: case.to_vec(), language: self.planned.language().into() };
        let answers = self.edge.ask(&self.who, &READ_ANSWERS, self.host(), &reading).await;
        let answers = answers.unwrap_or_else(|failure| panic!("{}: {failure:?}", self.number()));
        assert!(answers.incomplete.is_empty(), "{}: {:?} are left", self.number(), answers.incomplete);
        let sending = SubmitRequest {
            case_id: case.to_vec(),
            version: answers.version,
            shown_hash: answers.shown_hash,
            language: self.planned.language().into(),
            ..SubmitRequest::default()
        };
        let sent = self.edge.ask(&self.who, &SUBMIT, self.host(), &sending).await;
        let sent = sent.unwrap_or_else(|failure| panic!("{} is not taken: {failure:?}", self.number()));
        assert!(!sent.number.is_empty(), "{}: what is acknowledged has a number", self.number());
        life.acts.push((case, "case.submitted"));
    }

    async fn read(&self, case: CaseId) -> Case {
        let reading = ReadCaseRequest { case_id: case.to_vec(), language: self.planned.language().into() };
        let read = self.edge.ask(&self.who, &READ_CASE, self.host(), &reading).await;
        read.unwrap_or_else(|failure| panic!("{}: {failure:?}", self.number()))
    }

    /// Whoever pays twice has two of the provider's pages open, and presses on both.
    async fn pay(&self, case: CaseId, provider_away: bool) -> Next {
        let intent = self.read(case).await.intent;
        assert!(!intent.is_empty(), "{}: nothing is to be paid", self.number());
        let times = if self.planned.course == Course::PaidTwice { 2 } else { 1 };
        let mut pages = Vec::new();
        for _ in 0..times {
            let beginning = BeginAttemptRequest {
                intent: intent.clone(),
                provider: "payme".into(),
                return_url: self.edge.home(),
                language: self.planned.language().into(),
            };
            let begun = self.edge.ask_platform(&self.who, &BEGIN_ATTEMPT, &beginning).await;
            pages.push(begun.unwrap_or_else(|failure| panic!("{} cannot pay: {failure:?}", self.number())).url);
        }
        let away = provider_away && self.planned.course == Course::Granted;
        for page in pages {
            self.edge.press(&page, "pay", if away { "debit-without-completion" } else { "none" }).await;
        }
        if self.planned.course == Course::Withdrawn { Next::Withdraw } else { Next::Nothing }
    }

    async fn correct(&self, life: &mut Life) -> Next {
        let case = life.case();
        let page = self.read(case).await.correct_page;
        assert!(!page.is_empty(), "{}: nothing is to be corrected", self.number());
        self.fill(case, page, CORRECTED).await;
        self.submit(life, case).await;
        Next::Nothing
    }

    async fn answer(&self, life: &mut Life) -> Next {
        let case = life.case();
        let answer = AnswerQuestionRequest { case_id: case.to_vec(), number: 1, text: "In Tashkent.".into() };
        let answered = self.edge.ask(&self.who, &ANSWER_QUESTION, self.host(), &answer).await;
        answered.unwrap_or_else(|failure| panic!("{} cannot answer: {failure:?}", self.number()));
        life.answered = true;
        life.acts.push((case, "case.answered"));
        Next::Nothing
    }

    async fn withdraw(&self, life: &mut Life) -> Next {
        let case = life.case();
        let version = self.read(case).await.version;
        let taking_back = CaseCommand { case_id: case.to_vec(), version };
        let withdrawn = self.edge.ask(&self.who, &WITHDRAW, self.host(), &taking_back).await;
        withdrawn.unwrap_or_else(|failure| panic!("{} cannot withdraw: {failure:?}", self.number()));
        life.acts.push((case, "case.withdrawn"));
        Next::Nothing
    }

    async fn appeal(&self, life: &mut Life) -> Next {
        let (agency, service) = self.planned.service.place();
        let opening = OpenDraftRequest {
            agency: agency.into(),
            service: service.into(),
            language: self.planned.language().into(),
            origin: life.case().to_vec(),
            start: "appeal".into(),
            ..OpenDraftRequest::default()
        };
        let draft = self.edge.ask(&self.who, &OPEN_DRAFT, self.host(), &opening).await;
        let draft = draft.unwrap_or_else(|failure| panic!("{} cannot appeal: {failure:?}", self.number()));
        let case = CaseId::from_slice(&draft.case_id).expect("a case's id");
        life.cases.push(case);
        self.fill(case, draft.first_page, CORRECTED).await;
        self.submit(life, case).await;
        Next::Nothing
    }
}
