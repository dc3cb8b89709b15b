//! For whom an application in the list is: names are not in any index, so each e-service is asked, which also judges the mandate.

use std::collections::BTreeMap;

use futures::future::join_all;
use kernel::{CaseId, ErrorKind};
use proto::docket::v1::Entry;

use super::{
    Portal,
    frame::Frame,
    submit::{ASKED, any_case},
    visit::{CasePlace, Visit},
};
use crate::store::Session;

/// Of so many applications a list names the people; others only say that somebody acts for somebody else.
const NAMED_MAX: usize = 20;

/// By case. What is not the reader's any more is taken out of the list.
pub async fn names(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    entries: &mut Vec<Entry>,
) -> BTreeMap<Vec<u8>, String> {
    // Whoever is asked is told of nobody else.
    let named = |entry: &&Entry| !entry.representation.is_empty() && entry.phase != ASKED;
    let represented = entries.iter().filter(named).take(NAMED_MAX);
    let places = represented.filter_map(|entry| {
        let case = CaseId::from_slice(&entry.case_id).ok()?;
        Some(CasePlace { agency: entry.agency.clone(), service: entry.service.clone(), case, typed: false })
    });
    let asked = places.map(|place| async move { (place.case, any_case(portal, visit, session, &place).await) });
    let f = Frame::new(portal, visit);
    let mut names = BTreeMap::new();
    for (case, found) in join_all(asked).await {
        match found {
            Ok(found) => names.extend(f.behalf(&found.representation).map(|words| (case.to_vec(), words))),
            Err(refused) if refused.0.kind == ErrorKind::NotFound => {
                entries.retain(|entry| entry.case_id != case.to_vec());
            }
            Err(_) => {}
        }
    }
    names
}
