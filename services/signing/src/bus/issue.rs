//! Issues a document: number, rendering, seal, record, and the answer kept under the action's id.

use std::sync::Arc;

use ::bus::Call;
use api::{Document, Text};
use boot::Stage;
use kernel::{
    Failure, Hash, Language, Time,
    id::{DocumentId, PersonId},
    sealed::CaseKey,
};
use process::calendar::{Calendar, civil_date};
use prost::Message;
use proto::{
    register::v1::{Agency, ReadAgencyRequest, operations::READ_AGENCY},
    signing::v1::{Document as Issued, IssueDocumentRequest},
};
use sql::{Tx, answers, audit};

use super::{
    Office,
    admitted::{self, Asked},
    recovery, seal,
};
use crate::{
    domain::{
        code,
        inputs::{self, About},
        number,
        verify::receipt,
    },
    store::{
        documents::{self, Stored},
        numbers, seals,
    },
    worker::Refusal,
};

pub const PAGES_MAX: usize = 50;
/// Another replica of signing took the number that was printed: print the next one.
const TRIES: usize = 5;

/// What is decided before a number is.
pub struct Order {
    pub asked: Asked,
    /// The service that asks.
    pub caller: String,
    pub body_hash: Hash,
    pub declared: Document,
    pub agency_titles: Text,
    pub language: Language,
    pub holder: PersonId,
    pub representative: Option<PersonId>,
    pub host_inputs: serde_json::Map<String, serde_json::Value>,
    /// A statement that its QR code holds beside the address of the verification page.
    pub statement: Option<String>,
    /// The revision that declares it, where that is not the case's own.
    pub template: Option<Hash>,
}

pub async fn issue(office: &Arc<Office>, call: Call<IssueDocumentRequest>) -> Result<Issued, Failure> {
    let request = &call.request;
    let asked = admitted::asked(request.action.as_ref(), &call.agency)?;
    if let Some(kept) = recall(office, &asked, &call.body_hash).await? {
        return Ok(kept);
    }
    let template = match request.template_revision.as_slice() {
        [] => None,
        revision => Some(Hash::from_slice(revision)?),
    };
    let declared = admitted::document(office, &asked, template, &request.document).await?;
    let agency_titles = agency_titles(office, &declared.seal).await?;
    let order = Order {
        caller: call.caller.clone(),
        body_hash: call.body_hash,
        agency_titles,
        language: Language::parse(&request.language)?,
        holder: PersonId::from_slice(&request.holder)?,
        representative: representative(&request.representative)?,
        host_inputs: inputs::from_host(&request.inputs)?,
        statement: None,
        template,
        declared,
        asked,
    };
    let lane = office.lane(&order.declared.seal);
    let _turn = lane.lock().await;
    for _ in 0..TRIES {
        if let Some(issued) = attempt(office, &order).await? {
            return Ok(issued);
        }
        if let Some(kept) = recall(office, &order.asked, &order.body_hash).await? {
            return Ok(kept);
        }
    }
    Err(Failure::unavailable("document.number-taken", "The document could not be numbered just now."))
}

/// Nobody, where the holder acts.
pub fn representative(told: &[u8]) -> Result<Option<PersonId>, Failure> {
    (!told.is_empty()).then(|| PersonId::from_slice(told)).transpose()
}

/// The answer kept under the action's id; it is sealed, because it holds the code.
async fn recall(office: &Office, asked: &Asked, body_hash: &Hash) -> Result<Option<Issued>, Failure> {
    let mut tx = office.database.read().await?;
    let Some(kept) = answers::recall(&mut tx, asked.action(), body_hash).await? else { return Ok(None) };
    let lost = || Failure::internal("document.answer", "A kept answer cannot be read.");
    let (id, sealed) = kept.split_at_checked(16).ok_or_else(lost)?;
    let document = documents::by_id(&mut tx, DocumentId::from_slice(id)?).await?.ok_or_else(lost)?;
    let answer = office.document_key(&document)?.open(sealed, &asked.action_id)?;
    Ok(Some(Issued::decode(answer.as_slice()).map_err(|error| lost().with_detail(error))?))
}

/// Titles of the agency whose seal it is, from the register.
pub async fn agency_titles(office: &Office, agency: &str) -> Result<Text, Failure> {
    let request = ReadAgencyRequest { agency: agency.to_owned() };
    let answer: Agency = office.bus.request(&READ_AGENCY, ::bus::subject::PLATFORM, &request).await?;
    let resource: api::Agency = serde_json::from_slice(&answer.resource).map_err(|error| {
        Failure::internal("document.agency", "The agency's description cannot be read.").with_detail(error)
    })?;
    Ok(resource.spec.title)
}

/// One try with the number that comes next; `None`: somebody else took it, or performed the action.
async fn attempt(office: &Arc<Office>, order: &Order) -> Result<Option<Issued>, Failure> {
    let now = whole_seconds(office.clock.now());
    let year = civil_date(now).year();
    let pattern = order.declared.numbering.as_deref().unwrap_or(number::STANDARD);
    let agency = &order.declared.seal;
    let mut tx = office.database.read().await?;
    let n = numbers::next(&mut tx, agency, year, pattern).await?;
    drop(tx);
    let (draft, seal, files) = Draft::sealed(office, order, number::fill(pattern, agency, year, n)?, now).await?;
    let mut tx = office.database.begin().await?;
    sql::case_log::hold(&mut tx, order.asked.case, &order.asked.agency).await?;
    if answers::recall(&mut tx, order.asked.action(), &order.body_hash).await?.is_some()
        || !numbers::take(&mut tx, agency, year, pattern, n).await?
    {
        return Ok(None);
    }
    let issued = draft.answer();
    draft.store(office, &mut tx, order, &seal, &files).await?;
    let hour = seals::count_since(&mut tx, agency, now.minus(std::time::Duration::from_secs(3600))).await?;
    tx.commit().await?;
    tracing::info!(agency, seals_within_the_hour = hour, "document sealed");
    Ok(Some(issued))
}

/// What was made of a template: the sealed PDF, and the same content as HTML where HTML can say it.
pub struct Files {
    pdf: Vec<u8>,
    twin: Option<Vec<u8>>,
}

/// A document with its number and code, on its way.
pub struct Draft {
    pub stored: Stored,
    key: CaseKey,
    code: String,
    title: String,
}

impl Draft {
    /// Rendered and sealed under this number, with the seal and the file; nothing is recorded yet.
    pub async fn sealed(
        office: &Arc<Office>,
        order: &Order,
        number: String,
        now: Time,
    ) -> Result<(Self, Arc<seals::Seal>, Files), Failure> {
        let mut draft = Self::begin(office, order, number, now)?;
        let title = order.agency_titles.in_language("uz").to_owned();
        let seal = Arc::new(seal::of_agency(office, &order.declared.seal, &title, now).await?);
        let files = draft.make_files(office, order, seal.clone(), title).await?;
        draft.stored.size = i64::try_from(files.pdf.len()).unwrap_or(i64::MAX);
        draft.stored.hash = Hash::of(&files.pdf);
        draft.stored.twin = files.twin.as_deref().map(Hash::of);
        draft.stored.seal.clone_from(&seal.serial);
        Ok((draft, seal, files))
    }

    fn begin(office: &Office, order: &Order, number: String, now: Time) -> Result<Self, Failure> {
        let declared = &order.declared;
        let code = code::generate(&*office.random);
        let key = CaseKey::generate(&*office.random);
        let id = DocumentId::new(&*office.clock, &*office.random);
        let titles = declared.title.clone().unwrap_or_default();
        let title = match titles.in_language(order.language.tag()) {
            "" => declared.name.clone(),
            title => title.to_owned(),
        };
        let calendar = Calendar::standard();
        let json = |text: &Text| serde_json::to_string(text).unwrap_or_default();
        let stored = Stored {
            id,
            agency: declared.seal.clone(),
            owner: order.asked.agency.clone(),
            service: order.asked.service.clone(),
            revision: order.asked.revision,
            case: order.asked.case,
            kind: declared.name.clone(),
            titles: json(&titles),
            agency_titles: json(&order.agency_titles),
            language: order.language.tag().to_owned(),
            holder: order.holder,
            representative: order.representative,
            code_hash: code::hash(&office.authority.code_key, &number, &code),
            code_sealed: key.seal(code.as_bytes(), b"code", &*office.random),
            wrapped_key: key.wrap(&office.agency_key(&declared.seal)?, &*office.random),
            hash: Hash::from_bytes([0; 32]),
            size: 0,
            twin: None,
            seal: Vec::new(),
            sealed: now,
            valid_until: declared.valid_for.map(|span| calendar.deadline(now, span)),
            status: "valid".to_owned(),
            status_since: now,
            reason: String::new(),
            number,
        };
        Ok(Self { stored, key, code, title })
    }

    /// Renders in the limited worker and seals. Both take their time, so neither happens on the runtime's threads.
    async fn make_files(
        &self,
        office: &Arc<Office>,
        order: &Order,
        seal: Arc<seals::Seal>,
        seal_title: String,
    ) -> Result<Files, Failure> {
        let stored = &self.stored;
        let address = format!("{}?number={}", office.verify_url, stored.number);
        let day = |at: Time| civil_date(at).to_string();
        let about = About {
            number: &stored.number,
            code: &self.code,
            title: &self.title,
            verify_url: &address,
            issued: &day(stored.sealed),
            valid_until: &stored.valid_until.map(day).unwrap_or_default(),
            language: order.language.tag(),
            agency: &stored.agency,
            agency_title: order.agency_titles.in_language(order.language.tag()),
        };
        let inputs = inputs::complete(order.host_inputs.clone(), &about);
        let options = document::Options {
            language: stored.language.clone(),
            title: self.title.clone(),
            identity: stored.id.to_string(),
            specimen: office.stage == Stage::Trial,
            qr: order.statement.as_deref().map_or_else(|| address.clone(), |said| receipt::address(&address, said)),
            issued_s: stored.sealed.micros() / 1_000_000,
            pages_max: PAGES_MAX,
        };
        let (office, template, now) = (office.clone(), order.declared.template.clone(), stored.sealed);
        let is_receipt = stored.kind == documents::RECEIPT;
        let work = move || {
            let pdf = office.workers.render(&template, &inputs, &options).map_err(refused)?;
            let twin = if is_receipt { None } else { twin(&office, &template, &inputs, &options)? };
            Ok(Files { pdf: seal::apply(&office.authority, &seal, &seal_title, &pdf, now)?, twin })
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            Failure::internal("document.worker", "The document could not be made just now.").with_detail(error)
        })?
    }

    fn answer(&self) -> Issued {
        Issued {
            document_id: self.stored.id.to_vec(),
            number: self.stored.number.clone(),
            code: self.code.clone(),
            title: self.title.clone(),
            hash: self.stored.hash.to_vec(),
            size: self.stored.size,
            sealed_us: self.stored.sealed.micros(),
            status: self.stored.status.clone(),
        }
    }

    /// Document, file, record of the seal and answer: all of them, or none.
    pub async fn store(
        &self,
        office: &Office,
        tx: &mut Tx,
        order: &Order,
        seal: &seals::Seal,
        files: &Files,
    ) -> Result<(), Failure> {
        let (stored, now) = (&self.stored, self.stored.sealed);
        recovery::supersede(tx, (stored.case, &stored.kind), stored.id, &stored.agency, now).await?;
        documents::add(tx, stored).await?;
        let scope = stored.id.as_bytes();
        for file in std::iter::once(&files.pdf).chain(&files.twin) {
            let hash = ::files::put(tx, scope, &self.key, file, &*office.random, now).await?;
            ::files::name(tx, scope, hash).await?;
        }
        if !seals::record(tx, stored.id, stored.hash, seal, now).await? {
            let message = "The agency's seal was withdrawn while the document was made. Ask for it once more.";
            return Err(Failure::unavailable("seal.withdrawn-meanwhile", message));
        }
        let sealed = self.key.seal(&self.answer().encode_to_vec(), &order.asked.action_id, &*office.random);
        let answer = [scope.as_slice(), &sealed].concat();
        answers::keep(tx, order.asked.action(), &order.body_hash, &answer, now).await?;
        let detail = serde_json::json!({
            "case": stored.case, "number": stored.number, "hash": stored.hash, "service": stored.service,
            "kind": stored.kind, "twin": stored.twin, "template": order.template,
        });
        let act = audit::Act {
            time: now,
            service_actor: Some(order.caller.clone()),
            act: "document.issued".into(),
            subject: stored.id.to_vec(),
            agency: stored.agency.clone(),
            detail: detail.to_string(),
            ..audit::Act::default()
        };
        Ok(audit::append(tx, &act).await?)
    }
}

/// The same content as HTML. A template that HTML cannot follow is a document all the same; whoever keeps it reads why.
fn twin(
    office: &Office,
    template: &str,
    inputs: &serde_json::Value,
    options: &document::Options,
) -> Result<Option<Vec<u8>>, Failure> {
    match office.workers.twin(template, inputs, options) {
        Ok(html) => Ok(Some(html)),
        Err(Refusal::Worker(failure)) if matches!(&*failure.code, "document.too-slow" | "document.too-much") => {
            tracing::warn!(code = &*failure.code, "a document cannot be read as a page");
            Ok(None)
        }
        Err(Refusal::Worker(failure)) => Err(failure),
        Err(Refusal::Template(problems)) => {
            let places = problems.iter().map(|problem| format!("{}:{}", problem.line, problem.column));
            tracing::warn!(places = places.collect::<Vec<_>>().join(", "), "a document cannot be read as a page");
            Ok(None)
        }
    }
}

/// PDF and CMS know whole seconds; so does everything that is compared with them.
pub fn whole_seconds(now: Time) -> Time {
    Time::from_micros(now.micros() / 1_000_000 * 1_000_000)
}

/// The problems name places in the template, which is public; the values of a case are not among them.
pub fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Worker(failure) => failure,
        Refusal::Template(problems) => {
            let places: Vec<_> =
                problems.iter().map(|problem| format!("{}:{}", problem.line, problem.column)).collect();
            Failure::invalid("document.template", format!("The document's template fails at {}.", places.join(", ")))
        }
    }
}
