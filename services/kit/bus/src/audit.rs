//! Lets the docket read a database's chain of acts: each service answers for its own.

use kernel::{Failure, Hash};
use proto::{AuditRead, AuditRow, AuditRows, Operation};
use sql::{
    Database,
    audit::{self, Act, Recorded},
};

use crate::{Call, Service};

const ROWS_MAX: i64 = 500;
/// Below the server's limit for one message.
const REPLY_BYTES_MAX: usize = 700_000;

/// Adds the operation to a service.
pub fn answering(service: Service, read: &Operation<AuditRead, AuditRows>, database: &Database) -> Service {
    // It is asked every minute: a database that rests is left resting.
    let database = database.quietly();
    service.on(read, move |call: Call<AuditRead>| {
        let database = database.clone();
        async move { page(&database, &call.request).await }
    })
}

/// Acts after a place; as many as fit into an answer.
pub async fn page(database: &Database, asked: &AuditRead) -> Result<AuditRows, Failure> {
    let limit = i64::from(asked.limit).clamp(1, ROWS_MAX);
    let mut tx = database.read().await?;
    let (last, head) = audit::head(&mut tx).await?;
    let recorded = audit::read(&mut tx, asked.after, limit).await?;
    drop(tx);
    let (mut rows, mut bytes) = (Vec::with_capacity(recorded.len()), 0);
    for one in recorded {
        let purpose = one.act.purpose.as_ref().map_or(0, String::len);
        bytes += one.act.detail.len() + purpose + 256;
        if bytes > REPLY_BYTES_MAX && !rows.is_empty() {
            break;
        }
        rows.push(row(one, asked.purposes));
    }
    Ok(AuditRows { rows, last, head: head.to_vec() })
}

fn row(one: Recorded, words: bool) -> AuditRow {
    let Act { time, actor, service_actor, act, subject, agency, purpose: kept, detail } = one.act;
    AuditRow {
        sequence: one.sequence,
        time_us: time.micros(),
        act,
        agency,
        actor: actor.map(|actor| actor.to_vec()).unwrap_or_default(),
        service_actor: service_actor.unwrap_or_default(),
        subject,
        detail,
        has_purpose: kept.is_some(),
        purpose: kept.filter(|_| words).unwrap_or_default(),
        commitment: one.commitment.to_vec(),
        hash: one.hash.to_vec(),
    }
}

/// The hash that a row has when it follows on another act's.
pub fn link(previous: Hash, row: &AuditRow) -> Result<Hash, Failure> {
    let (time, commitment) = (kernel::Time::from_micros(row.time_us), Hash::from_slice(&row.commitment)?);
    Ok(audit::link(previous, row.sequence, time, &row.act, &row.agency, commitment))
}

#[cfg(test)]
mod tests {
    use kernel::Time;

    use super::*;

    #[tokio::test]
    async fn a_chain_is_told_page_by_page_and_what_was_typed_only_where_it_is_asked_for() {
        for (engine, database) in testkit::databases(&[]).await {
            for number in 0..3_u8 {
                let mut tx = database.begin().await.unwrap();
                let act = Act {
                    time: Time::from_seconds(1_790_000_000),
                    act: "case.opened".into(),
                    subject: vec![number; 16],
                    purpose: Some("a letter of hers".into()),
                    detail: "{}".into(),
                    ..Act::default()
                };
                audit::append(&mut tx, &act).await.unwrap();
                tx.commit().await.unwrap();
            }
            let (mut hash, mut after) = (Hash::of(b""), 0);
            for expected in [2, 1, 0] {
                let asked = AuditRead { after, limit: 2, purposes: false };
                let told = page(&database, &asked).await.unwrap();
                assert_eq!((told.rows.len(), told.last), (expected, 3), "{engine}");
                for row in &told.rows {
                    assert!(row.has_purpose && row.purpose.is_empty(), "{engine}");
                    hash = link(hash, row).unwrap();
                    after = row.sequence;
                }
                if expected == 0 {
                    assert_eq!(told.head, hash.to_vec(), "{engine}");
                }
            }
            let asked = AuditRead { after: 1, limit: 1, purposes: true };
            assert_eq!(page(&database, &asked).await.unwrap().rows[0].purpose, "a letter of hers", "{engine}");
        }
    }
}
