//! An officer keeps what they narrow their queue to, under names of their own.

use std::sync::Arc;

use bus::Call;
use kernel::Failure;
use proto::{
    Empty,
    docket::v1::{RemoveFilterRequest, SaveFilterRequest},
};

use super::Docket;
use crate::{
    domain::filter::{SAVED_MAX, named, too_many},
    store::filters,
};

pub async fn save(docket: Arc<Docket>, call: Call<SaveFilterRequest>) -> Result<Empty, Failure> {
    let person = call.person()?;
    docket.appointed(person).await?;
    let filter = named(call.request.filter.clone().unwrap_or_default())?;
    let mut tx = docket.database.begin().await?;
    if !filters::save(&mut tx, person.id, &filter, SAVED_MAX).await? {
        return Err(too_many());
    }
    tx.commit().await?;
    Ok(Empty {})
}

pub async fn remove(docket: Arc<Docket>, call: Call<RemoveFilterRequest>) -> Result<Empty, Failure> {
    let person = call.person()?;
    docket.appointed(person).await?;
    let mut tx = docket.database.begin().await?;
    filters::remove(&mut tx, person.id, &call.request.name).await?;
    tx.commit().await?;
    Ok(Empty {})
}
