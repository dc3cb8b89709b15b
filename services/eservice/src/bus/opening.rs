//! Records that an officer opens a case, in the audit and for "who looked at my data", before anything of it is shown.

use std::collections::BTreeSet;

use kernel::{Failure, Hash, MessageId, PersonId};
use process::case::{IssuedDocument, Task};
use prost::Message;
use proto::{Event as _, eservice::v1::CaseOpened, identity::v1::Officer};
use sql::{Tx, outbox::Outgoing};

use crate::{
    domain::{
        changed,
        opening::{self, Earlier, LASTS, Opening},
        reason,
    },
    execute::{act, note},
    host::{Host, Service},
    store::{cases::Case, openings},
};

/// Who looks at what. Whether they may has been judged.
pub struct Look<'a> {
    pub who: PersonId,
    pub officer: &'a Officer,
    pub case: &'a Case,
    pub task: &'a Task,
    /// A document of the case, instead of the task's page.
    pub document: Option<&'a IssuedDocument>,
    /// A file that the applicant attached, instead of either.
    pub file: Option<&'a OpenedFile>,
    /// Of the case, where its page is shown: whatever came before has been seen then. None of a document, a file, messages.
    pub version: Option<i64>,
    /// As it was typed now; empty: nothing was.
    pub reason: &'a str,
}

/// A file of a case as the record may name it: by its address, which says nothing once the case's key is destroyed, and its field.
pub struct OpenedFile {
    pub address: Hash,
    pub at: String,
}

impl Look<'_> {
    /// What is looked at, as the record names it.
    fn thing(&self) -> String {
        match (self.document, self.file) {
            (Some(document), _) => document.document.to_string(),
            (None, Some(file)) => file.address.to_string(),
            (None, None) => self.task.id.to_string(),
        }
    }

    /// Its name in the definition; of the case as a whole, none.
    fn name(&self) -> String {
        let file = self.file.map(|file| file.at.clone());
        self.document.map(|document| document.name.clone()).or(file).unwrap_or_default()
    }
}

/// Other people whose answers are part of the case, or whom it is about.
pub(super) fn parties(case: &Case) -> Vec<Vec<u8>> {
    let subjects = case.state.subjects().map(|(subject, _)| subject);
    let others: BTreeSet<PersonId> = case.state.consenting().map(|party| party.person).chain(subjects).collect();
    others.into_iter().filter(|person| *person != case.applicant).map(|person| person.to_vec()).collect()
}

/// A page that was read before something came has not been read as it is.
async fn outdate(tx: &mut Tx, look: &Look<'_>, thing: &str, earlier: &mut [Earlier]) -> Result<(), Failure> {
    let seen = earlier.iter().filter(|one| one.thing == thing).map(|one| one.version).max();
    let Some(seen) = seen.filter(|_| look.version.is_some()) else { return Ok(()) };
    let outdated = openings::is_outdated(tx, look.case, look.who, seen).await?;
    earlier.iter_mut().filter(|one| one.thing == thing).for_each(|one| one.outdated = outdated);
    Ok(())
}

pub async fn record(host: &Host, service: &Service, look: &Look<'_>) -> Result<(), Failure> {
    let (now, case, task) = (host.now(), look.case, look.task);
    let own = opening::in_own_queue(look.officer, task, now);
    let document = look.document.map(|document| document.document);
    let thing = look.thing();
    let mut tx = host.database.read().await?;
    let mut earlier = openings::earlier(&mut tx, case.id, look.who, now.minus(LASTS)).await?;
    outdate(&mut tx, look, &thing, &mut earlier).await?;
    drop(tx);
    for one in &mut earlier {
        one.reason = one.reason.take().map(|kept| reason::open(&case.key, case.id, &kept)).transpose()?;
    }
    let Opening::New(typed) = opening::judge(own, task, &thing, look.reason, &earlier)? else { return Ok(()) };
    let acting = opening::acting(look.officer, task, now).cloned().unwrap_or_default();
    let id = MessageId::new(&*host.clock, &*host.random);
    let opened = CaseOpened {
        case: Some(changed::case_ref(&case.state)),
        opening: id.to_vec(),
        applicant: case.applicant.to_vec(),
        time_us: now.micros(),
        agency: task.agency.clone(),
        office: acting.office,
        role: task.role.clone(),
        purpose: Some(changed::title_of(task, service.definition())),
        reasoned: typed.is_some(),
        document: look.name(),
        parties: parties(case),
    };
    let mut recorded = act(openings::ACT, now, Some(look.who), case.id, &case.agency);
    recorded.detail = serde_json::json!({
        "opening": id, "thing": thing, "task": task.id, "step": task.step, "office": opened.office, "role": task.role,
        "version": look.version, "document": document, "file": look.file.map(|file| &file.at), "reasoned": typed.is_some(),
    })
    .to_string();
    let kept = typed.map(|typed| reason::seal(&case.key, case.id, &typed, &*host.random));
    recorded.purpose = Some(kept.unwrap_or_else(|| task.step.clone()));
    let mut tx = host.database.begin().await?;
    note(&mut tx, recorded).await?;
    let told = Outgoing {
        message_id: id,
        name: CaseOpened::NAME.to_owned(),
        agency: case.agency.clone(),
        case: Some((case.id, case.version)),
        time: now,
        body: opened.encode_to_vec(),
    };
    sql::outbox::enqueue(&mut tx, &told).await?;
    Ok(tx.commit().await?)
}
