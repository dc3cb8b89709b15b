//! Reads every service's chain of acts into the index, and sees when one was changed after it was read.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use bus::{
    Log, audit,
    subject::{Address, PLATFORM},
};
use kernel::{ErrorKind, Failure, Hash, MessageId, sealed::SEALED_WORDS};
use proto::{
    AuditRead, AuditRow, AuditRows, Operation,
    docket::v1::Act,
    eservice::{
        self,
        v1::{ReadPurposeRequest, operations::READ_PURPOSE},
    },
    exchange, identity, notifications, payments, portal, register, signing,
};

use super::{Docket, not_begun, search};
use crate::{
    ROLE,
    store::{
        acts::{self, Position},
        again,
    },
};

const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How long a search waits for what was done a moment ago.
const PATIENCE: Duration = Duration::from_secs(3);
const TOGETHER: i32 = 500;
const ESERVICE: &str = "eservice";

type Read = Operation<AuditRead, AuditRows>;

const SERVICES: [(&str, &Read); 7] = [
    ("exchange", &exchange::v1::operations::AUDIT_READ),
    ("identity", &identity::v1::operations::AUDIT_READ),
    ("notifications", &notifications::v1::operations::AUDIT_READ),
    ("payments", &payments::v1::operations::AUDIT_READ),
    ("portal", &portal::v1::operations::AUDIT_READ),
    ("register", &register::v1::operations::AUDIT_READ),
    ("signing", &signing::v1::operations::AUDIT_READ),
];

/// Whose chain, and how it is asked for.
struct Chain {
    name: String,
    /// None: the docket's own.
    asked: Option<(&'static Read, String)>,
}

impl Chain {
    fn named(name: &str) -> Option<Self> {
        let asked =
            |read: &'static Read, address: &str| Self { name: name.to_owned(), asked: Some((read, address.into())) };
        match name.split_once('/') {
            Some((ESERVICE, agency)) => Some(asked(&eservice::v1::operations::AUDIT_READ, agency)),
            Some(_) => None,
            None if name == ROLE => Some(Self { name: name.to_owned(), asked: None }),
            None if name == ESERVICE => Some(asked(&eservice::v1::operations::AUDIT_READ, PLATFORM)),
            None => SERVICES.iter().find(|(service, _)| *service == name).map(|(_, read)| asked(read, PLATFORM)),
        }
    }

    async fn read(&self, docket: &Docket, request: &AuditRead) -> Result<AuditRows, Failure> {
        match &self.asked {
            Some((read, address)) => docket.bus.request(read, address, request).await,
            None => audit::page(&docket.database.quietly(), request).await,
        }
    }
}

/// An act with the words that were typed, as its owner has it now; None: it has not, or no longer the same.
pub async fn whole(docket: &Docket, act: &Act) -> Result<Option<AuditRow>, Failure> {
    let Some(chain) = Chain::named(&act.chain) else { return Ok(None) };
    let request = AuditRead { after: act.sequence - 1, limit: 1, purposes: true };
    let rows = chain.read(docket, &request).await?.rows;
    let mut found = rows.into_iter().find(|row| row.sequence == act.sequence && row.hash == act.hash);
    if let Some(row) = found.as_mut().filter(|row| row.purpose.starts_with(SEALED_WORDS)) {
        row.purpose = match act.chain.as_str() {
            ROLE => opened_here(docket, act, std::mem::take(&mut row.purpose)).await?,
            _ => opened(docket, act).await?,
        };
    }
    Ok(found)
}

/// What was typed for a search; nothing once everybody whom it found was erased.
async fn opened_here(docket: &Docket, act: &Act, kept: String) -> Result<String, Failure> {
    let mut tx = docket.database.read().await?;
    let words = search::opened(docket, &mut tx, MessageId::from_slice(&act.subject)?, kept).await?;
    Ok(words.unwrap_or_default())
}

/// Words that are sealed with a case's key, which the host of its service has; nothing once the case was erased.
async fn opened(docket: &Docket, act: &Act) -> Result<String, Failure> {
    if act.service.is_empty() {
        return Ok(String::new());
    }
    let request = ReadPurposeRequest { case_id: act.case_id.clone(), sequence: act.sequence };
    match docket.bus.request(&READ_PURPOSE, Address::service(&act.agency, &act.service), &request).await {
        Ok(purpose) => Ok(purpose.text),
        Err(failure) if failure.kind == ErrorKind::NotFound => Ok(String::new()),
        Err(failure) => Err(failure),
    }
}

pub fn follow(kit: &boot::Kit, docket: &Arc<Docket>) {
    let (docket, shutdown) = (docket.clone(), kit.shutdown.clone());
    kit.spawn("acts", move || {
        let (docket, shutdown) = (docket.clone(), shutdown.clone());
        async move {
            loop {
                let mut waiting = BTreeSet::new();
                let read = catch_up(&docket, &mut waiting).await;
                let looked = match read {
                    Ok(()) => super::unusual::look(&docket, waiting.is_empty()).await,
                    Err(failure) => Err(failure),
                };
                if let Err(failure) = looked {
                    tracing::warn!(?failure, "acts could not be indexed");
                }
                if let Err(failure) = search::forget(&docket).await {
                    tracing::warn!(?failure, "what was typed for searches could not be forgotten");
                }
                if let Err(failure) = not_begun::forget(&docket).await {
                    tracing::warn!(?failure, "events that began no case could not be forgotten");
                }
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
        }
    });
}

/// Reads what was done until now, as far as that goes quickly; says which chains are behind.
pub async fn catch_up_shortly(docket: &Docket) -> Result<Vec<String>, Failure> {
    let mut waiting = BTreeSet::new();
    // What takes longer goes on with the next look.
    if let Ok(outcome) = tokio::time::timeout(PATIENCE, catch_up(docket, &mut waiting)).await {
        outcome?;
    }
    Ok(waiting.into_iter().collect())
}

/// Reads all chains to their ends; those that could not be read are left in `waiting`.
async fn catch_up(docket: &Docket, waiting: &mut BTreeSet<String>) -> Result<(), Failure> {
    waiting.extend(SERVICES.iter().map(|(name, _)| (*name).to_owned()).chain([ROLE.to_owned()]));
    waiting.extend(bus::logs(&docket.bus, &docket.database.quietly(), ESERVICE).await?.iter().map(Log::cursor));
    let _alone = docket.reading.lock().await;
    let mut tx = docket.database.quietly().read().await?;
    let of_before = again::chains(&mut tx).await?;
    drop(tx);
    let mut later = Vec::new();
    for chain in waiting.clone().iter().filter_map(|name| Chain::named(name)) {
        if let Err(failure) = read_on(docket, &chain).await {
            // Nobody runs such a host, and nobody ever did.
            if failure.code != bus::NOT_RUNNING || !is_unread(docket, &chain).await? {
                tracing::debug!(chain = chain.name, ?failure, "a chain of acts waits");
                continue;
            }
        }
        if of_before.contains(&chain.name) {
            later.push(chain);
        } else {
            waiting.remove(&chain.name);
        }
    }
    for chain in later {
        if let Err(failure) = read_again(docket, &chain).await {
            tracing::debug!(chain = chain.name, ?failure, "a chain of acts waits to be read again");
            continue;
        }
        waiting.remove(&chain.name);
    }
    Ok(())
}

async fn is_unread(docket: &Docket, chain: &Chain) -> Result<bool, Failure> {
    let mut tx = docket.database.quietly().read().await?;
    Ok(chain.name.starts_with(ESERVICE) && acts::position(&mut tx, &chain.name).await? == Position::start())
}

async fn read_on(docket: &Docket, chain: &Chain) -> Result<(), Failure> {
    // It is looked every minute: a database that rests is left resting.
    let database = docket.database.quietly();
    loop {
        let mut tx = database.read().await?;
        let from = acts::position(&mut tx, &chain.name).await?;
        drop(tx);
        let page = chain.read(docket, &AuditRead { after: from.sequence, limit: TOGETHER, purposes: false }).await?;
        let taken = judged(from, &page)?;
        if let Some(sequence) = taken.broken {
            tracing::error!(chain = chain.name, sequence, "a chain of acts was changed after it was read");
        }
        if taken == (Taken { to: from, broken: None }) {
            return Ok(());
        }
        let mut tx = database.begin().await?;
        for row in &page.rows {
            acts::add(&mut tx, &chain.name, row).await?;
        }
        if !acts::advance(&mut tx, &chain.name, from, taken.to, taken.broken).await? {
            // Another copy of the docket was faster.
            continue;
        }
        tx.commit().await?;
        if taken.to.sequence >= page.last || page.rows.is_empty() {
            return Ok(());
        }
    }
}

/// What an earlier release took less of than this one.
async fn read_again(docket: &Docket, chain: &Chain) -> Result<(), Failure> {
    let database = docket.database.quietly();
    loop {
        let mut tx = database.read().await?;
        let Some(after) = again::after(&mut tx, &chain.name).await? else { return Ok(()) };
        drop(tx);
        let page = chain.read(docket, &AuditRead { after, limit: TOGETHER, purposes: false }).await?;
        let mut tx = database.begin().await?;
        again::take(&mut tx, &chain.name, &page.rows).await?;
        tx.commit().await?;
    }
}

/// How far a page leads, and its first act that does not follow from what was read before.
#[derive(Debug, PartialEq, Eq)]
struct Taken {
    to: Position,
    broken: Option<i64>,
}

fn judged(from: Position, page: &AuditRows) -> Result<Taken, Failure> {
    let head = Hash::from_slice(&page.head)?;
    if page.last < from.sequence || (page.last == from.sequence && head != from.hash) {
        // Its end was cut off, or it was written anew: what comes from now on is read all the same.
        let broken = Some(page.last.min(from.sequence - 1) + 1);
        return Ok(Taken { to: Position { sequence: page.last, hash: head }, broken });
    }
    let (mut to, mut broken) = (from, None);
    if page.rows.is_empty() && page.last > from.sequence {
        broken = Some(from.sequence + 1);
    }
    for row in &page.rows {
        if broken.is_none() && !fits(to, row)? {
            broken = Some(row.sequence);
        }
        to = Position { sequence: row.sequence, hash: Hash::from_slice(&row.hash)? };
    }
    Ok(Taken { to, broken })
}

fn fits(after: Position, row: &AuditRow) -> Result<bool, Failure> {
    Ok(row.sequence == after.sequence + 1 && audit::link(after.hash, row)?.to_vec() == row.hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: u8) -> Vec<AuditRow> {
        let (mut rows, mut hash): (Vec<AuditRow>, Hash) = (Vec::new(), Hash::of(b""));
        for number in 1..=count {
            let mut row = AuditRow {
                sequence: i64::from(number),
                act: "case.opened".into(),
                commitment: vec![number; 32],
                ..AuditRow::default()
            };
            hash = audit::link(hash, &row).unwrap();
            row.hash = hash.to_vec();
            rows.push(row);
        }
        rows
    }

    fn page(rows: &[AuditRow], after: usize) -> AuditRows {
        let (last, head) = rows.last().map(|row| (row.sequence, row.hash.clone())).unwrap();
        AuditRows { rows: rows[after..].to_vec(), last, head }
    }

    #[test]
    fn a_chain_is_followed_to_its_end() {
        let all = rows(4);
        let taken = judged(Position::start(), &page(&all, 0)).unwrap();
        assert_eq!((taken.to.sequence, taken.broken), (4, None));
        assert_eq!(judged(taken.to, &page(&all, 4)).unwrap(), taken, "nothing came");
        let more = rows(6);
        assert_eq!(judged(taken.to, &page(&more, 4)).unwrap().broken, None);
    }

    #[test]
    fn what_was_changed_after_it_was_read_is_seen_and_what_follows_is_read_all_the_same() {
        let all = rows(4);
        let read = judged(Position::start(), &page(&all, 0)).unwrap().to;
        let cut = judged(read, &page(&all[..2], 2)).unwrap();
        assert_eq!((cut.to.sequence, cut.broken), (2, Some(3)), "the end was cut off");
        let mut anew = rows(5);
        anew[3].hash = vec![9; 32];
        let rewritten = judged(read, &page(&anew[..4], 4)).unwrap();
        assert_eq!((rewritten.to.sequence, rewritten.broken), (4, Some(4)), "the last act is another one");
        anew[4].hash = vec![8; 32];
        let grown = judged(read, &page(&anew, 4)).unwrap();
        assert_eq!((grown.to.sequence, grown.broken), (5, Some(5)), "it does not follow from what was read");
    }

    #[test]
    fn acts_that_the_head_names_and_nobody_has_are_missed() {
        let all = rows(4);
        let read = judged(Position::start(), &page(&all[..2], 0)).unwrap().to;
        assert_eq!(judged(read, &page(&all, 4)).unwrap(), Taken { to: read, broken: Some(3) });
    }

    #[test]
    fn every_chain_has_a_way_to_ask_for_it_and_no_other_name_has() {
        for name in SERVICES.map(|(name, _)| name).into_iter().chain(["docket", "eservice", "eservice/justice"]) {
            assert_eq!(Chain::named(name).unwrap().name, name);
        }
        for name in ["", "operator", "identity/justice", "x/y"] {
            assert!(Chain::named(name).is_none(), "{name}");
        }
    }
}
