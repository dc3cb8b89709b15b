//! Acts of which an earlier release took less than this one are read once more. How far a chain was read stays as it is meanwhile: what
//! was changed after it was read is seen all the same.

use std::collections::BTreeSet;

use kernel::Failure;
use proto::AuditRow;
use sql::{Error, Tx, args};

use super::acts;

/// Chains in which something is left to be read again.
pub async fn chains(tx: &mut Tx) -> Result<BTreeSet<String>, Error> {
    let rows = tx.fetch_all("SELECT chain FROM act_chains WHERE again IS NOT NULL", args![]).await?;
    rows.iter().map(|row| row.text(0)).collect()
}

/// Behind which act it goes on; None: it is done.
pub async fn after(tx: &mut Tx, chain: &str) -> Result<Option<i64>, Error> {
    let select = "SELECT again FROM act_chains WHERE chain = $1 AND again IS NOT NULL";
    let row = tx.fetch_optional(select, args![chain]).await?;
    row.map(|row| row.int(0)).transpose()
}

/// Takes what comes next; where nothing does, or all that was known came, it is done.
pub async fn take(tx: &mut Tx, chain: &str, rows: &[AuditRow]) -> Result<(), Failure> {
    for row in rows {
        acts::add(tx, chain, row).await?;
    }
    let to = rows.last().map_or(i64::MAX, |row| row.sequence);
    tx.execute(
        "UPDATE act_chains SET again = CASE WHEN sequence > $2 THEN $2 END WHERE chain = $1 AND again IS NOT NULL",
        args![chain, to],
    )
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use kernel::{CaseId, Hash};

    use super::*;
    use crate::store::{MIGRATIONS, acts::Sought, search};

    const NUMBER: &str = "JUS-2026-000001";

    fn row(sequence: u8, act: &str, detail: &serde_json::Value) -> AuditRow {
        AuditRow {
            sequence: i64::from(sequence),
            time_us: i64::from(sequence),
            act: act.into(),
            agency: "justice".into(),
            subject: vec![1; 16],
            detail: detail.to_string(),
            hash: vec![sequence; 32],
            ..AuditRow::default()
        }
    }

    #[tokio::test]
    async fn acts_that_an_earlier_release_indexed_are_read_once_more_and_the_place_in_the_chain_stays() {
        let (first, second) = ([1_u8; 32], [2_u8; 32]);
        let old = |sequence: u8, act: &str| {
            format!(
                "INSERT INTO acts (chain, sequence, hash, time, act, agency, service_actor, case_id, office, outside,
                                   has_purpose)
                 VALUES ('eservice/justice', {sequence}, $1, {sequence}, '{act}', 'justice', '', $2, '', 0, 0)"
            )
        };
        let (searched, erased) = (old(1, search::ACT), old(2, "case.key-destroyed"));
        let place = "INSERT INTO act_chains (chain, sequence, hash, broken) VALUES ('eservice/justice', 2, $1, NULL)";
        let rows: [(&str, &[&[u8]]); 3] =
            [(searched.as_str(), &[&first, &[1; 16]]), (erased.as_str(), &[&second, &[1; 16]]), (place, &[&second])];
        for (engine, _, database) in testkit::expanded(MIGRATIONS, 12, &rows).await {
            let mut tx = database.begin().await.unwrap();
            let of = Sought { number: NUMBER.into(), ..Sought::default() };
            assert_eq!(
                chains(&mut tx).await.unwrap().into_iter().collect::<Vec<_>>(),
                ["eservice/justice"],
                "{engine}"
            );
            assert_eq!(after(&mut tx, "eservice/justice").await.unwrap(), Some(0), "{engine}");
            let again = row(1, search::ACT, &serde_json::json!({ "reasoned": true }));
            take(&mut tx, "eservice/justice", &[again]).await.unwrap();
            assert_eq!(after(&mut tx, "eservice/justice").await.unwrap(), Some(1), "{engine}");
            let outside = tx.fetch_one("SELECT outside FROM acts WHERE sequence = 1", args![]).await.unwrap();
            assert_eq!(outside.int(0).unwrap(), 1, "{engine}");
            let again = row(2, "case.key-destroyed", &serde_json::json!({ "number": NUMBER }));
            take(&mut tx, "eservice/justice", &[again]).await.unwrap();
            assert!(chains(&mut tx).await.unwrap().is_empty(), "{engine}: once");
            let place = acts::position(&mut tx, "eservice/justice").await.unwrap();
            assert_eq!((place.sequence, place.hash), (2, Hash::from_bytes(second)), "{engine}");
            let found = acts::search(&mut tx, &of, crate::domain::auditor::Place::start(), 50).await.unwrap();
            let case = CaseId::from_bytes([1; 16]).to_vec();
            assert!(found.len() == 2 && found.iter().all(|(_, act)| act.case_id == case), "{engine}: {found:?}");
        }
    }
}
