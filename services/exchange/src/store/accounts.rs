//! Which agencies have an account, under which keys.

use kernel::Time;
use sql::{Error, Tx, args};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub agency: String,
    pub public_key: String,
    pub signing_key: String,
}

/// False when the agency has one already; its identity key never changes.
pub async fn open(tx: &mut Tx, account: &Account, now: Time) -> Result<bool, Error> {
    let opened = tx
        .execute(
            "INSERT INTO accounts (agency, public_key, signing_key, created) VALUES ($1, $2, $3, $4)
             ON CONFLICT (agency) DO NOTHING",
            args![&account.agency, &account.public_key, &account.signing_key, now],
        )
        .await?;
    Ok(opened == 1)
}

pub async fn all(tx: &mut Tx) -> Result<Vec<Account>, Error> {
    let rows = tx.fetch_all("SELECT agency, public_key, signing_key FROM accounts", args![]).await?;
    let read =
        |row: &sql::Row| Ok(Account { agency: row.text(0)?, public_key: row.text(1)?, signing_key: row.text(2)? });
    let mut accounts = rows.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
    accounts.sort_by(|one, other| one.agency.cmp(&other.agency));
    Ok(accounts)
}
