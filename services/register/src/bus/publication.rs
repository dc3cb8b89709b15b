//! What waits for its agency's lawyer and head: they read it, approve it, take that back, or send it to its author.

use std::sync::Arc;

use ::bus::{Call, Person, subject::PLATFORM};
use api::{Agency, ServiceDefinition};
use kernel::{ErrorKind, Failure, Hash, Language, Time};
use proto::{
    identity::v1::{ReadPersonRequest, operations::READ_OFFICER},
    register::v1::{
        self as wire, ApproveRevisionRequest, BookletPiece, ListProposalsRequest, ProposalCard, Proposals,
        ReadBookletRequest, ReadProposalRequest, ReturnRevisionRequest, Verdict, WithdrawApprovalRequest,
    },
};
use sql::{Tx, audit};

use super::{Register, freeing, letters::Letters, publish, read_definition, unreadable};
use crate::{
    domain::{
        admission::Admissible,
        history, placement as shares,
        publication::{self, Said},
    },
    store::{self, Proposal},
};

/// More of them in one agency are a flood, not work for two persons; the newest are shown.
const PROPOSALS_MAX: usize = 100;
/// Of a booklet in one answer.
const PIECE_BYTES_MAX: usize = 400_000;

/// What the operator is told of a revision that is sound and not approved yet; nothing when it may be published. Nobody is asked to
/// approve texts that nobody has reviewed.
pub async fn hold(
    tx: &mut Tx,
    admissible: &Admissible,
    caller: &str,
    now: Time,
) -> Result<Vec<wire::Problem>, Failure> {
    let Admissible { definition, canonical, revision, unreviewed } = admissible;
    if !unreviewed.is_empty() {
        return Ok(unreviewed.iter().map(publish::problem).collect());
    }
    let said = store::said(tx, *revision).await?;
    if publication::is_approved(&said) {
        return Ok(Vec::new());
    }
    let (agency, service) = (&definition.spec.agency, &definition.metadata.name);
    let waits = store::proposal(tx, agency, service).await?;
    if waits.is_none_or(|known| known.revision != *revision) {
        let proposal = Proposal {
            agency: agency.clone(),
            service: service.clone(),
            revision: *revision,
            definition: canonical.clone(),
            proposed: now,
        };
        store::propose(tx, &proposal).await?;
        let mut proposed = publish::act("revision.proposed", now, caller, agency, *revision);
        proposed.detail = serde_json::json!({"service": service}).to_string();
        audit::append(tx, &proposed).await?;
        tracing::info!(%revision, agency, service, "waits for approval");
    }
    Ok(vec![not_approved(*revision, &said)])
}

fn not_approved(revision: Hash, said: &[Said]) -> wire::Problem {
    let (message, help) = if publication::is_returned(said) {
        let message = format!("revision {revision} was sent back");
        (message, "read why on the portal's page /publication, then change the definition and apply it again")
    } else {
        let roles: Vec<String> = publication::missing(said).iter().map(|role| format!("a `{role}`")).collect();
        let message = format!("revision {revision} waits for the approval of {}", roles.join(" and "));
        let help = "officers with such a role in the whole agency approve it on the portal's page /publication, or with \
                    `xizmat approve`; until then what runs goes on, and afterwards it is published by itself";
        (message, help)
    };
    wire::Problem {
        code: "publication.not-approved".to_owned(),
        path: "spec".to_owned(),
        message,
        help: help.to_owned(),
        warning: false,
    }
}

pub async fn list(register: Arc<Register>, call: Call<ListProposalsRequest>) -> Result<Proposals, Failure> {
    let ListProposalsRequest { agency, language } = &call.request;
    let language = Language::parse(language)?;
    let person = call.person()?;
    let outcome = roles(&register, person, agency).await;
    let held = noted(&register, person, agency, outcome).await?;
    let mut tx = register.database.read().await?;
    let mut proposals = Vec::new();
    for proposal in store::proposals(&mut tx, agency, PROPOSALS_MAX).await? {
        let said = store::said(&mut tx, proposal.revision).await?;
        proposals.push(card(&proposal, &definition(&proposal)?, &said, language));
    }
    let freeing = freeing::told(&mut tx, agency, (person, &held)).await?;
    Ok(Proposals { proposals, freeing })
}

pub async fn read(register: Arc<Register>, call: Call<ReadProposalRequest>) -> Result<wire::Proposal, Failure> {
    let (asked, person) = (&call.request, call.person()?);
    let language = Language::parse(&asked.language)?;
    let outcome = roles(&register, person, &asked.agency).await;
    let held = noted(&register, person, &asked.agency, outcome).await?;
    let mut tx = register.database.read().await?;
    let proposal = found(&mut tx, (&asked.agency, &asked.service), &asked.revision).await?;
    let (new, said) = (definition(&proposal)?, store::said(&mut tx, proposal.revision).await?);
    let entries = store::entries(&mut tx, Some((&asked.agency, &asked.service))).await?;
    let effective_from = new.spec.effective_from.as_ref().map(|from| from.date.clone()).unwrap_or_default();
    let base = shares::replaced(&entries, &effective_from, &register.today(), register.shows_drafts());
    let (changes, untold) = match base {
        Some(base) => history::changes(&read_definition(&mut tx, base.revision).await?, &new, language),
        None => (Vec::new(), 0),
    };
    let change = publish::change(&register, &mut tx, &entries, &new, proposal.revision).await?;
    let agency = register.agency(&mut tx, &asked.agency).await?;
    drop(tx);
    let booklets = booklets(&register.letters, &proposal, agency, Language::ALL.to_vec()).await?;
    let role = publication::speaks_as(&held, &said, person.actor).unwrap_or_default().to_owned();
    Ok(wire::Proposal {
        card: Some(card(&proposal, &new, &said, language)),
        effective_from,
        change,
        changes,
        untold: i32::try_from(untold).unwrap_or(i32::MAX),
        booklets: booklets.iter().map(booklet_of).collect(),
        said: said.iter().map(|one| told(one, person)).collect(),
        role,
    })
}

pub async fn booklet(register: Arc<Register>, call: Call<ReadBookletRequest>) -> Result<BookletPiece, Failure> {
    let (asked, person) = (&call.request, call.person()?);
    let language = Language::parse(&asked.language)?;
    let outcome = roles(&register, person, &asked.agency).await;
    noted(&register, person, &asked.agency, outcome).await?;
    let mut tx = register.database.read().await?;
    let proposal = found(&mut tx, (&asked.agency, &asked.service), &asked.revision).await?;
    let agency = register.agency(&mut tx, &asked.agency).await?;
    drop(tx);
    let written = booklets(&register.letters, &proposal, agency, vec![language]).await?;
    let file = written.into_iter().next().map(|(_, file)| file).unwrap_or_default();
    let begin = usize::try_from(asked.offset).unwrap_or(usize::MAX).min(file.len());
    let end = begin.saturating_add(PIECE_BYTES_MAX).min(file.len());
    Ok(BookletPiece { bytes: file[begin..end].to_vec(), size: length(&file) })
}

/// What a person says of a revision that waits.
enum Word {
    Approve(Vec<Hash>),
    Return(String),
    Withdraw,
}

pub async fn approve(register: Arc<Register>, call: Call<ApproveRevisionRequest>) -> Result<Verdict, Failure> {
    let (asked, person) = (&call.request, call.person()?);
    let read = asked.booklets.iter().map(|hash| Hash::from_slice(hash)).collect::<Result<Vec<_>, _>>()?;
    if read.is_empty() || read.len() > publication::BOOKLETS_MAX {
        let message = "An approval names the booklets that were read by their hashes: one to five.";
        return Err(Failure::invalid("publication.booklets", message));
    }
    let outcome = roles(&register, person, &asked.agency).await;
    let held = noted(&register, person, &asked.agency, outcome).await?;
    let (service, revision) = meant(&register, asked, &read).await?;
    spoken(&register, person, (&asked.agency, &service, revision.as_bytes()), &held, Word::Approve(read)).await
}

pub async fn withdraw(register: Arc<Register>, call: Call<WithdrawApprovalRequest>) -> Result<Verdict, Failure> {
    let (asked, person) = (&call.request, call.person()?);
    let outcome = roles(&register, person, &asked.agency).await;
    let held = noted(&register, person, &asked.agency, outcome).await?;
    spoken(&register, person, (&asked.agency, &asked.service, &asked.revision), &held, Word::Withdraw).await
}

pub async fn send_back(register: Arc<Register>, call: Call<ReturnRevisionRequest>) -> Result<Verdict, Failure> {
    let (asked, person) = (&call.request, call.person()?);
    let note = publication::worded(&asked.note)?;
    let outcome = roles(&register, person, &asked.agency).await;
    let held = noted(&register, person, &asked.agency, outcome).await?;
    spoken(&register, person, (&asked.agency, &asked.service, &asked.revision), &held, Word::Return(note)).await
}

/// The revision whose booklets were read. Whoever approves a file names no service: its hash is enough.
async fn meant(register: &Register, asked: &ApproveRevisionRequest, read: &[Hash]) -> Result<(String, Hash), Failure> {
    let mut tx = register.database.read().await?;
    let waiting = if asked.service.is_empty() {
        store::proposals(&mut tx, &asked.agency, PROPOSALS_MAX).await?
    } else {
        vec![found(&mut tx, (&asked.agency, &asked.service), &asked.revision).await?]
    };
    let agency = register.agency(&mut tx, &asked.agency).await?;
    drop(tx);
    for proposal in waiting {
        let written = booklets(&register.letters, &proposal, agency.clone(), Language::ALL.to_vec()).await?;
        let hashes: Vec<Hash> = written.iter().map(|(_, file)| Hash::of(file)).collect();
        if read.iter().all(|hash| hashes.contains(hash)) {
            return Ok((proposal.service, proposal.revision));
        }
    }
    if asked.service.is_empty() { Err(unknown()) } else { Err(changed()) }
}

async fn spoken(
    register: &Register,
    person: &Person,
    (agency, service, revision): (&str, &str, &[u8]),
    held: &[&'static str],
    word: Word,
) -> Result<Verdict, Failure> {
    let now = register.clock.now();
    let mut tx = register.database.begin().await?;
    let proposal = found(&mut tx, (agency, service), revision).await?;
    let verdict = speak(&mut tx, &proposal, (person, held), word, now).await?;
    tx.commit().await?;
    Ok(verdict)
}

/// A person's last word counts; the same one again changes nothing.
async fn speak(
    tx: &mut Tx,
    proposal: &Proposal,
    (person, held): (&Person, &[&'static str]),
    word: Word,
    now: Time,
) -> Result<Verdict, Failure> {
    let before = store::said(tx, proposal.revision).await?;
    let role = publication::speaks_as(held, &before, person.actor).ok_or_else(unknown)?;
    let (act, approves, booklets, note) = match word {
        Word::Withdraw => {
            if store::unsay(tx, proposal.revision, person.actor).await? {
                audit::append(tx, &spoke("approval.withdrawn", person, proposal, (role, &[]), now)).await?;
            }
            return stands(tx, proposal).await;
        }
        Word::Approve(booklets) => ("revision.approved", true, booklets, String::new()),
        Word::Return(note) => ("revision.returned", false, Vec::new(), note),
    };
    let said = Said { person: person.actor, role: role.to_owned(), approves, booklets, note, time: now };
    let known = before.iter().find(|one| one.person == person.actor);
    if known.is_none_or(|known| Said { time: now, ..known.clone() } != said) {
        store::say(tx, proposal.revision, &said).await?;
        let mut act = spoke(act, person, proposal, (role, &said.booklets), now);
        act.purpose = Some(said.note).filter(|note| !note.is_empty());
        audit::append(tx, &act).await?;
    }
    stands(tx, proposal).await
}

async fn stands(tx: &mut Tx, proposal: &Proposal) -> Result<Verdict, Failure> {
    let said = store::said(tx, proposal.revision).await?;
    Ok(Verdict {
        service: proposal.service.clone(),
        revision: proposal.revision.to_vec(),
        missing: missing(&said),
        returned: publication::is_returned(&said),
    })
}

fn spoke(act: &str, person: &Person, proposal: &Proposal, (role, booklets): (&str, &[Hash]), now: Time) -> audit::Act {
    let booklets: Vec<String> = booklets.iter().map(Hash::to_string).collect();
    let (service, command) = (&proposal.service, person.command_id);
    let detail = serde_json::json!({"service": service, "role": role, "booklets": booklets, "command": command});
    audit::Act {
        time: now,
        actor: Some(person.actor),
        act: act.to_owned(),
        subject: proposal.revision.to_vec(),
        agency: proposal.agency.clone(),
        detail: detail.to_string(),
        ..audit::Act::default()
    }
}

/// In which roles the person may speak for the agency. Whoever has none learns no more than that there is nothing for them.
pub(super) async fn roles(register: &Register, person: &Person, agency: &str) -> Result<Vec<&'static str>, Failure> {
    if !person.officer {
        return Err(unknown());
    }
    let request = ReadPersonRequest { person: person.actor.to_vec(), case_id: Vec::new() };
    let officer = register.bus.request(&READ_OFFICER, PLATFORM, &request).await;
    let officer = officer.map_err(|failure| if failure.kind == ErrorKind::NotFound { unknown() } else { failure })?;
    let held = publication::held(&officer, agency, register.clock.now());
    if held.is_empty() { Err(unknown()) } else { Ok(held) }
}

/// Passes an outcome on; who was refused for who they are leaves an audit row.
pub(super) async fn noted<T>(
    register: &Register,
    person: &Person,
    agency: &str,
    outcome: Result<T, Failure>,
) -> Result<T, Failure> {
    if let Err(failure) = &outcome
        && failure.kind == ErrorKind::NotFound
    {
        let refused = audit::Act {
            time: register.clock.now(),
            actor: Some(person.actor),
            act: "publication.refused".into(),
            subject: Hash::of(agency.as_bytes()).to_vec(),
            agency: agency.to_owned(),
            detail: serde_json::json!({"code": failure.code, "officer": person.officer}).to_string(),
            ..audit::Act::default()
        };
        let mut tx = register.database.begin().await?;
        audit::append(&mut tx, &refused).await?;
        tx.commit().await?;
    }
    outcome
}

async fn found(tx: &mut Tx, (agency, service): (&str, &str), revision: &[u8]) -> Result<Proposal, Failure> {
    let proposal = store::proposal(tx, agency, service).await?.ok_or_else(unknown)?;
    if proposal.revision == Hash::from_slice(revision)? { Ok(proposal) } else { Err(changed()) }
}

pub(super) fn unknown() -> Failure {
    Failure::not_found("publication.unknown", "Nothing waits for your approval under this name.")
}

fn changed() -> Failure {
    let message = "What waits for approval is another revision now, or is told in other words. Read it again.";
    Failure::stale("publication.changed", message)
}

fn definition(proposal: &Proposal) -> Result<ServiceDefinition, Failure> {
    serde_json::from_slice(&proposal.definition).map_err(|error| unreadable(&error))
}

/// The files as the author's desk writes them. Not on a thread that others wait for.
async fn booklets(
    letters: &Arc<Letters>,
    proposal: &Proposal,
    agency: Agency,
    languages: Vec<Language>,
) -> Result<Vec<(Language, Vec<u8>)>, Failure> {
    let (definition, letters) = (definition(proposal)?, letters.clone());
    let write = move |language| match ::booklet::write(&definition, Some(&agency), language, &*letters) {
        Ok(html) => Ok((language, html.into_bytes())),
        Err(error) => Err(unwritten(&error)),
    };
    let work = move || languages.into_iter().map(write).collect::<Result<Vec<_>, Failure>>();
    tokio::task::spawn_blocking(work).await.map_err(|error| unreadable(&error))?
}

/// Rather none than one without its letters: it would have another hash than at the author's desk.
fn unwritten(error: &str) -> Failure {
    let message = "The booklet could not be written just now. Try again in a moment.";
    Failure::unavailable("publication.booklet", message).with_detail(error)
}

fn length(file: &[u8]) -> i64 {
    i64::try_from(file.len()).unwrap_or(i64::MAX)
}

fn booklet_of((language, file): &(Language, Vec<u8>)) -> wire::Booklet {
    wire::Booklet { language: language.tag().to_owned(), hash: Hash::of(file).to_vec(), size: length(file) }
}

fn missing(said: &[Said]) -> Vec<String> {
    publication::missing(said).into_iter().map(str::to_owned).collect()
}

fn card(proposal: &Proposal, definition: &ServiceDefinition, said: &[Said], language: Language) -> ProposalCard {
    ProposalCard {
        agency: proposal.agency.clone(),
        service: proposal.service.clone(),
        revision: proposal.revision.to_vec(),
        title: definition.spec.title.in_language(language.tag()).to_owned(),
        proposed_us: proposal.proposed.micros(),
        missing: missing(said),
        returned: publication::is_returned(said),
    }
}

fn told(said: &Said, reader: &Person) -> wire::Said {
    wire::Said {
        role: said.role.clone(),
        approves: said.approves,
        note: said.note.clone(),
        time_us: said.time.micros(),
        own: said.person == reader.actor,
    }
}

#[cfg(test)]
mod tests;
