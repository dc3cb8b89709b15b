//! How many cases of a service there are, by revision and phase.

use kernel::{Hash, Time};
use sql::{Error, Tx, args};

pub struct Counted {
    pub revision: Hash,
    pub phase: String,
    pub count: i64,
    /// When the last of them may be erased, where one has a day.
    pub kept_until: Option<Time>,
}

/// Drafts and open cases; ended ones only when they are asked for, because there may be very many.
pub async fn counted(tx: &mut Tx, agency: &str, service: &str, ended: bool) -> Result<Vec<Counted>, Error> {
    let open = "SELECT revision, phase, COUNT(*), MAX(erase_due) FROM cases
                WHERE agency = $1 AND service = $2 AND phase IN ('draft', 'running', 'returned') AND erased IS NULL
                GROUP BY revision, phase";
    let kept = "SELECT revision, phase, COUNT(*), MAX(erase_due) FROM cases
                WHERE agency = $1 AND service = $2 AND phase IN ('ended', 'discarded') AND erased IS NULL
                GROUP BY revision, phase";
    let mut rows = tx.fetch_all(open, args![agency, service]).await?;
    if ended {
        rows.extend(tx.fetch_all(kept, args![agency, service]).await?);
    }
    let counted = |row: &sql::Row| {
        Ok(Counted {
            revision: row.parsed(0, Hash::from_slice)?,
            phase: row.text(1)?,
            count: row.int(2)?,
            kept_until: row.opt_time(3)?,
        })
    };
    rows.iter().map(counted).collect()
}
