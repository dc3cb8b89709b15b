//! Files of a form: their pieces arrive and are acknowledged, alone or as parts of an upload, a file is made of them and attached, taken
//! away, and read by whoever may see the answers.

use std::sync::Arc;

use ::files::pieces::{CASE_BYTES_MAX, Folder, PIECE_BYTES};
use boot::metrics;
use bus::{Call, Person};
use kernel::{CaseId, Failure, Hash, TaskId};
use process::{
    Command,
    case::Task,
    evidence::{self, FileReference},
    forms::{self, FileField},
};
use prost::Message;
use proto::{
    Empty,
    eservice::v1::{AttachFileRequest, CaseReply, FilePiece, PutPiecesRequest, ReadFileRequest, RemoveFileRequest},
    identity::v1::Officer,
};

use super::{
    command_id,
    draft::{decoded, replied},
    filed, noted,
    opening::{self, Look, OpenedFile},
    own_service, paper,
    task::allowed,
    uploads,
};
use crate::{
    domain::{access, intake, permit::Reading, review},
    execute::{Order, act, on_behalf},
    host::{Host, Reach, Service},
    store::cases::Case,
};

/// So many come with one message: NATS carries at most 1 MB.
const TOGETHER_MAX: usize = 3;

/// Stores pieces. Nothing of the case changes: what no file is made of is gone after a day.
pub async fn put(host: Arc<Host>, call: Call<PutPiecesRequest>) -> Result<Empty, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case, service) = open(&host, person, &asked.case_id, &call.agency).await?;
    let field = file_field(&host, &service, &case, &asked.page, &asked.at)?;
    if asked.pieces.is_empty() || asked.pieces.len() > TOGETHER_MAX {
        return Err(Failure::invalid("file.pieces", "One to three pieces come with one message."));
    }
    if asked.begins && asked.pieces.first().and_then(|first| kind_of(first, &field)).is_none() {
        return Err(wrong_type());
    }
    let hosted = case.hosted_service();
    let folder = Folder { case: case.id, key: &case.key, hosted_service: &hosted };
    let mut tx = host.database.begin().await?;
    if asked.upload.is_empty() {
        for piece in &asked.pieces {
            folder.put(&mut tx, piece, &*host.random, host.now()).await?;
        }
    } else {
        uploads::put(&host, &mut tx, &folder, asked).await?;
    }
    if folder.bytes(&mut tx).await? > CASE_BYTES_MAX {
        return Err(case_full());
    }
    tx.commit().await?;
    Ok(Empty {})
}

pub(super) fn case_full() -> Failure {
    let message =
        "All files of one application have at most 256 MB together. Take one away, or wait a day after doing so.";
    Failure::conflict("file.case-full", message)
}

pub(super) fn wrong_size() -> Failure {
    Failure::invalid("file.size", "The file is empty or larger than this question takes.")
}

pub async fn attach(host: Arc<Host>, call: Call<AttachFileRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case, service) = open(&host, person, &asked.case_id, &call.agency).await?;
    let field = file_field(&host, &service, &case, &asked.page, &asked.at)?;
    let (name, pieces) = match asked.upload.as_slice() {
        [] => (asked.name.clone(), hashes(&asked.pieces)?),
        upload => uploads::whole(&host, &case, (asked.page.as_str(), asked.at.as_str()), upload).await?,
    };
    let file = made(&host, &case, &field, &name, &pieces).await;
    let is_lost = file.as_ref().is_err_and(|failure| failure.code == "file.not-stored");
    if is_lost && !asked.upload.is_empty() {
        // What came was found harmful meanwhile: nobody can go on from nothing.
        uploads::ended(&host, &case, &asked.upload).await?;
    }
    let command = Command::AttachFile { page: asked.page.clone(), at: asked.at.clone(), file: file? };
    let reply = change(&host, person, &call, case.id, "file.attached", &asked.at, &command).await?;
    if !asked.upload.is_empty() {
        uploads::ended(&host, &case, &asked.upload).await?;
    }
    Ok(reply)
}

fn hashes(pieces: &[Vec<u8>]) -> Result<Vec<Hash>, Failure> {
    if pieces.len() as u64 > evidence::BYTES_MAX.div_ceil(PIECE_BYTES as u64) {
        return Err(wrong_size());
    }
    pieces.iter().map(|piece| Hash::from_slice(piece)).collect()
}

pub async fn remove(host: Arc<Host>, call: Call<RemoveFileRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case, service) = open(&host, person, &asked.case_id, &call.agency).await?;
    let id = Hash::from_slice(&asked.id)?;
    // One that is gone already is taken away once more: the command finds nothing to do.
    let file = named(&service, &case, id).map_or(id, |file| file.hash);
    let command = Command::RemoveFile { page: asked.page.clone(), at: asked.at.clone(), file };
    change(&host, person, &call, case.id, "file.removed", &asked.at, &command).await
}

/// The person's own case and its service.
pub(super) async fn open(host: &Host, person: &Person, id: &[u8], agency: &str) -> Result<(Case, Service), Failure> {
    let id = CaseId::from_slice(id)?;
    let case = paper::filled(host, person, id).await;
    let case = noted(host, person, id, agency, case).await?;
    let service = own_service(host, person, &case).await?;
    Ok((case, service))
}

pub(super) fn file_field<'s>(
    host: &Host,
    service: &'s Service,
    case: &Case,
    page: &str,
    at: &str,
) -> Result<FileField<'s>, Failure> {
    forms::file_field(&service.process, &case.state, &host.facts(service), page, at)
        .ok_or_else(|| Failure::stale("file.no-field", "The application does not ask for files here now."))
}

/// What a file that begins so is, if the field takes that.
fn kind_of(first: &[u8], field: &FileField<'_>) -> Option<&'static str> {
    evidence::type_of(first).filter(|kind| field.evidence.types.iter().any(|taken| taken == kind))
}

fn wrong_type() -> Failure {
    Failure::invalid("file.type", "The file is of another kind than this question takes.")
}

/// Makes the file, not yet named by the case: the command that names it finds it durable.
async fn made(
    host: &Host,
    case: &Case,
    field: &FileField<'_>,
    name: &str,
    pieces: &[Hash],
) -> Result<FileReference, Failure> {
    let hosted = case.hosted_service();
    let folder = Folder { case: case.id, key: &case.key, hosted_service: &hosted };
    let mut tx = host.database.begin().await?;
    let first = match pieces.first() {
        Some(first) => folder.loose(&mut tx, *first).await?.unwrap_or_default(),
        None => Vec::new(),
    };
    // Whether all of it is there is said before what it is.
    let made = folder.make(&mut tx, pieces, host.now()).await?;
    let kind = kind_of(&first, field).ok_or_else(wrong_type)?;
    tx.commit().await?;
    Ok(FileReference {
        hash: made.hash,
        name: evidence::tidy_name(name, kind),
        size: made.size,
        media_type: kind.to_owned(),
    })
}

/// Executes a person's command about a file, with its record.
async fn change<Q>(
    host: &Host,
    person: &Person,
    call: &Call<Q>,
    case_id: CaseId,
    name: &str,
    at: &str,
    command: &Command,
) -> Result<CaseReply, Failure> {
    let mut recorded = act(name, host.now(), Some(person.actor), case_id, &call.agency);
    recorded.detail = serde_json::json!({"field": at}).to_string();
    let recorded = on_behalf(recorded, person);
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: None,
        numbered: false,
        acts: vec![recorded],
        command: &|case, service, _| {
            paper::allow(host, case, person)?;
            intake::assured(service.definition(), person.assurance.as_str())?;
            Ok(command.clone())
        },
        answer: &|case, _| Ok(replied(case).encode_to_vec()),
        outgoing: Vec::new(),
    };
    let done = host.execute(&order).await;
    decoded(&noted(host, person, case_id, &call.agency, done).await?.answer())
}

/// One piece of a file, for whoever sees the answer to which it belongs.
pub async fn read(host: Arc<Host>, call: Call<ReadFileRequest>) -> Result<FilePiece, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let case_id = CaseId::from_slice(&asked.case_id)?;
    let id = Hash::from_slice(&asked.id)?;
    let found = match asked.task_id.as_slice() {
        [] => of_applicant(&host, person, case_id, id).await,
        task => of_task(&host, person, case_id, TaskId::from_slice(task)?, id).await,
    };
    let (case, file, shown) = noted(&host, person, case_id, &call.agency, found).await?;
    let pieces = file.size.div_ceil(PIECE_BYTES as u64);
    if !u64::try_from(asked.place).is_ok_and(|place| place < pieces) {
        return Err(Failure::invalid("file.place", "The file has no such piece."));
    }
    filed::readable(&host, case.id, id).await?;
    let permit = match &shown {
        Some(shown) => permitted(&host, person, &case, shown, (id, asked.permit.as_slice())).await?,
        None => Vec::new(),
    };
    let hosted = case.hosted_service();
    let folder = Folder { case: case.id, key: &case.key, hosted_service: &hosted };
    let mut tx = host.database.read().await?;
    let bytes = there(&case, folder.piece(&mut tx, file.hash, asked.place).await)?;
    let size = i64::try_from(file.size).unwrap_or(i64::MAX);
    Ok(FilePiece { bytes, size, name: file.name, kind: file.media_type, permit })
}

/// A file that a case names lies here: one that does not is an alarm, not an ordinary refusal.
fn there(case: &Case, piece: Result<Option<Vec<u8>>, Failure>) -> Result<Vec<u8>, Failure> {
    let missing =
        || Failure::internal("file.missing", "A file is missing here. The platform's operators have been told.");
    let piece = piece.and_then(|piece| piece.ok_or_else(missing));
    if let Err(failure) = &piece
        && matches!(failure.code.as_ref(), "file.missing" | "file.damaged" | "sealed.unreadable")
    {
        metrics::FILES_MISSING.count(&[]);
        tracing::error!(case = %case.id, code = %failure.code, "a file that a case names cannot be read");
    }
    piece
}

/// A file, and how an officer comes to it; the applicant comes by themselves.
type Found = (Case, FileReference, Option<Shown>);

/// A task that shows a file.
struct Shown {
    task: Task,
    officer: Officer,
    service: Service,
    /// The field to which the file belongs.
    at: String,
}

async fn of_applicant(host: &Host, person: &Person, case_id: CaseId, id: Hash) -> Result<Found, Failure> {
    let case = paper::filled(host, person, case_id).await?;
    let service = own_service(host, person, &case).await?;
    let file = named(&service, &case, id).ok_or_else(no_such_file)?;
    Ok((case, file, None))
}

/// The file of this address, while the case names it.
fn named(service: &Service, case: &Case, id: Hash) -> Option<FileReference> {
    let named = evidence::named(&service.process, &case.state);
    named.into_iter().map(|(_, file)| file).find(|file| filed::address(case, file.hash) == id)
}

/// When the officer's task shows it: that is judged anew for each piece.
async fn of_task(host: &Host, person: &Person, case_id: CaseId, task_id: TaskId, id: Hash) -> Result<Found, Failure> {
    let (case, task, officer) = allowed(host, person, case_id, task_id).await?;
    let service = host.service(&case.agency, case.revision, Reach::Platform).await?;
    let (language, facts) = (case.state.language, host.facts(&service));
    let page = review::page(&service.process, &case.state, case.version, &task, language, &facts);
    let rows = page.sections.iter().flat_map(|section| &section.rows).filter(|row| !row.files.is_empty());
    let found = rows
        .flat_map(|row| evidence::of(&case.state.answers, &row.at).into_iter().map(move |file| (&row.at, file)))
        .find(|(_, file)| filed::address(&case, file.hash) == id);
    let (at, file) = found.map(|(at, file)| (at.clone(), file)).ok_or_else(no_such_file)?;
    Ok((case, file, Some(Shown { task, officer, service, at })))
}

/// Records the opening before anything of the file is read; whoever reads on in it is not asked again why.
async fn permitted(
    host: &Host,
    person: &Person,
    case: &Case,
    shown: &Shown,
    (address, permit): (Hash, &[u8]),
) -> Result<Vec<u8>, Failure> {
    let reading = Reading { case: case.id, task: shown.task.id, officer: person.actor, file: address };
    if reading.is_permitted(&case.key, permit, host.now()) {
        return Ok(permit.to_vec());
    }
    let opened = OpenedFile { address, at: shown.at.clone() };
    let look = Look {
        who: person.actor,
        officer: &shown.officer,
        case,
        task: &shown.task,
        document: None,
        file: Some(&opened),
        reason: "",
    };
    opening::record(host, &shown.service, &look).await?;
    Ok(reading.permit(&case.key, host.now(), &*host.random))
}

/// Another case's file, an unknown one and one that is not shown look alike.
fn no_such_file() -> Failure {
    access::not_found().with_detail("no file of this case, or none that is shown")
}
