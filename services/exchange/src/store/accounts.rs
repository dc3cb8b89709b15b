//! Which agencies have an account, under which keys.

use kernel::Time;
use sql::{Error, Tx, args};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub agency: String,
    pub public_key: String,
    pub signing_key: String,
    /// The agency ended: nobody is let in.
    pub closed: bool,
}

/// False when the agency has one that is open; its identity key never changes.
pub async fn open(tx: &mut Tx, account: &Account, now: Time) -> Result<bool, Error> {
    let opened = tx
        .execute(
            "INSERT INTO accounts (agency, public_key, signing_key, created) VALUES ($1, $2, $3, $4)
             ON CONFLICT (agency) DO UPDATE SET closed = NULL WHERE accounts.closed IS NOT NULL",
            args![&account.agency, &account.public_key, &account.signing_key, now],
        )
        .await?;
    Ok(opened == 1)
}

/// Lets nobody in any more.
pub async fn close(tx: &mut Tx, agency: &str, now: Time) -> Result<(), Error> {
    tx.execute("UPDATE accounts SET closed = $2 WHERE agency = $1 AND closed IS NULL", args![agency, now]).await?;
    Ok(())
}

/// The agency's account, where it lets anybody in.
pub async fn of(tx: &mut Tx, agency: &str) -> Result<Option<Account>, Error> {
    Ok(all(tx).await?.into_iter().find(|account| account.agency == agency && !account.closed))
}

pub async fn all(tx: &mut Tx) -> Result<Vec<Account>, Error> {
    let rows = tx.fetch_all("SELECT agency, public_key, signing_key, closed FROM accounts", args![]).await?;
    let read = |row: &sql::Row| {
        let closed = row.opt_time(3)?.is_some();
        Ok(Account { agency: row.text(0)?, public_key: row.text(1)?, signing_key: row.text(2)?, closed })
    };
    let mut accounts = rows.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
    accounts.sort_by(|one, other| one.agency.cmp(&other.agency));
    Ok(accounts)
}
