//! Tells the operator which seal an agency has, before a case needs it.

use std::sync::Arc;

use ::bus::{Call, subject};
use kernel::Failure;
use proto::signing::v1::{RequestSealRequest, Seal};

use super::{
    Office,
    issue::{agency_titles, whole_seconds},
    seal,
};

pub async fn request(office: &Arc<Office>, call: Call<RequestSealRequest>) -> Result<Seal, Failure> {
    let agency = subject::token(&call.request.agency)?;
    let titles = agency_titles(office, agency).await?;
    // Two who ask at the same time get the same seal.
    let lane = office.lane(agency);
    let _turn = lane.lock().await;
    let now = whole_seconds(office.clock.now());
    let seal = seal::of_agency(office, agency, titles.in_language("uz"), now).await?;
    Ok(Seal { serial: seal.serial, since_us: seal.since.micros(), until_us: seal.until.micros() })
}
