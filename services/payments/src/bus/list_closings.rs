//! `list-closings`: closed days, newest first.

use kernel::Failure;
use proto::payments::v1::{Closings, ListClosingsRequest};

use super::{
    Office,
    finance::{admitted, cut, day, rows},
    read_closing::told,
    treasurer::noted,
};
use crate::store;

pub async fn handle(office: &Office, call: bus::Call<ListClosingsRequest>) -> Result<Closings, Failure> {
    let person = call.person()?;
    let allowed = admitted(office, person, &call.agency).await;
    noted(office, person, (&call.agency, &[]), allowed).await?;
    let before = call.request.before.as_str();
    if !before.is_empty() {
        day(before)?;
    }
    let limit = rows(call.request.limit);
    let mut tx = office.database.read().await?;
    let (days, more) = cut(store::closings::list(&mut tx, before, limit + 1).await?, limit);
    Ok(Closings { closings: days.iter().map(|closing| told(closing, &call.agency)).collect(), more })
}
