//! Signing's operations on the bus.

mod admitted;
mod doubt;
mod erase;
mod issue;
mod preview;
mod read;
mod reader;
mod receipt;
mod recovery;
mod request_seal;
mod revoke;
mod seal;
pub mod status_list;
mod verify;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use ::bus::{Bus, Revisions, Service};
use boot::Stage;
use kernel::{
    Clock, Failure, Random,
    sealed::{AgencyKey, CaseKey},
};
use proto::signing::v1::operations;
use sql::Database;

use crate::{authority::Authority, store::documents::Stored, worker::Workers};

/// Everything an operation works with.
pub struct Office {
    pub bus: Bus,
    pub database: Database,
    pub revisions: Revisions,
    pub authority: Authority,
    pub workers: Arc<Workers>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub stage: Stage,
    /// Address of the page that verifies documents.
    pub verify_url: String,
    pub agency_keys_dir: std::path::PathBuf,
    /// One document at a time an agency: numbers are printed before they are taken.
    pub lanes: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    pub lists: status_list::Lists,
}

/// Answers that cost a seal or a read of everything are made once in so many seconds.
pub const FRESH: Duration = Duration::from_secs(60);

pub async fn serve(office: Arc<Office>, kit: &boot::Kit) -> Result<(), Failure> {
    macro_rules! with_office {
        ($operation:path) => {{
            let office = office.clone();
            move |call| {
                let office = office.clone();
                async move { $operation(&office, call).await }
            }
        }};
    }
    let service = Service::new("signing")
        .recording(&office.database)
        .on(&operations::ISSUE_DOCUMENT, with_office!(issue::issue))
        .on(&operations::PREVIEW_DOCUMENT, with_office!(preview::preview))
        .on(&operations::REVOKE_DOCUMENT, with_office!(revoke::revoke))
        .on(&operations::READ_DOCUMENT, with_office!(read::document))
        .on(&operations::ISSUE_RECEIPT, with_office!(receipt::issue))
        .on(&operations::READ_RECEIPT, with_office!(receipt::read))
        .on(&operations::VERIFY_CODE, with_office!(verify::code))
        .on(&operations::VERIFY_FILE, with_office!(verify::file))
        .on(&operations::READ_STATUS_LIST, with_office!(status_list::read))
        .on(&operations::READ_TRUST, with_office!(read::trust))
        .on(&operations::REQUEST_SEAL, with_office!(request_seal::request))
        .on(&operations::LIST_SEALS, with_office!(doubt::list))
        .on(&operations::DOUBT_SEAL, with_office!(doubt::doubt))
        .on(&operations::WITHDRAW_SEAL, with_office!(doubt::withdraw))
        .on(&operations::LIST_SEALED, with_office!(doubt::sealed));
    let recovering = (&operations::READ_RECOVERY, &operations::END_RECOVERY);
    let keeper = Arc::new(recovery::Recovered(office.clone()));
    let service = ::bus::audit::answering(service, &operations::AUDIT_READ, &office.database);
    let service = ::bus::recovery::answering(service, recovering, &office.database, &office.clock, keeper);
    erase::follow(&office, kit);
    boot::metrics::SEALS_STRANGE.not_yet(&[]);
    office.bus.clone().serve(service, kit).await
}

impl Office {
    /// The key that wraps an agency's document keys. Apart from the one for its cases, although it may lie beside it.
    fn agency_key(&self, agency: &str) -> Result<AgencyKey, Failure> {
        let agency = ::bus::subject::token(agency)?;
        let path = self.agency_keys_dir.join(format!("{agency}.documents.key"));
        let key = match self.stage {
            Stage::Trial => boot::secrets::read_or_make_key(&path, &*self.random)?,
            Stage::Production => boot::secrets::read_key(&path)?,
        };
        Ok(AgencyKey::from_bytes(key))
    }

    /// The key of one document.
    fn document_key(&self, document: &Stored) -> Result<CaseKey, Failure> {
        CaseKey::unwrap(&self.agency_key(&document.agency)?, &document.wrapped_key)
    }

    fn lane(&self, agency: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut lanes = self.lanes.lock().expect("no holder of this lock panics");
        lanes.entry(agency.to_owned()).or_default().clone()
    }
}

fn unknown_document() -> Failure {
    Failure::not_found("document.unknown", "There is no such document.")
}
