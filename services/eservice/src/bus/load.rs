//! The operator asks how many cases run on which revision and how they fare. It hears numbers only.

use std::{collections::BTreeMap, sync::Arc};

use bus::Call;
use kernel::{Failure, Hash, Time};
use proto::eservice::v1::{Load, ReadLoadRequest, RevisionLoad};

use crate::{
    domain::figures,
    host::{Host, Reach},
    store::{load, marks},
};

/// Enough to judge a revision by, and little enough for a small host's memory.
const MARKS_MAX: i64 = 50_000;

pub async fn read(host: Arc<Host>, call: Call<ReadLoadRequest>) -> Result<Load, Failure> {
    let ReadLoadRequest { agency, service, since_us, kept } = call.request;
    // Asked time and again, whatever happens.
    let mut tx = host.database.quietly().read().await?;
    let counted = load::counted(&mut tx, &agency, &service, kept).await?;
    let marked = match since_us {
        0 => Vec::new(),
        since => marks::since(&mut tx, &format!("{agency}/{service}"), Time::from_micros(since), MARKS_MAX).await?,
    };
    drop(tx);
    let mut loads: BTreeMap<Hash, RevisionLoad> = BTreeMap::new();
    for counted in counted {
        let load = loads.entry(counted.revision).or_default();
        match counted.phase.as_str() {
            "draft" => load.drafts += counted.count,
            "ended" | "discarded" => {
                load.kept += counted.count;
                let until = counted.kept_until.map_or(0, Time::micros);
                load.kept_until_us = load.kept_until_us.max(until);
            }
            _ => load.open += counted.count,
        }
    }
    let pages = pages(&host, &agency, &marked).await?;
    for (revision, figures) in figures::figures(&marked, &pages) {
        loads.entry(revision).or_default().figures = Some(figures);
    }
    let revisions = loads.into_iter().map(|(revision, load)| RevisionLoad { revision: revision.to_vec(), ..load });
    Ok(Load { revisions: revisions.collect() })
}

/// Pages of each revision in the order of its forms, named as events name them.
async fn pages(host: &Host, agency: &str, marked: &[figures::Marked]) -> Result<BTreeMap<Hash, Vec<String>>, Failure> {
    let mut pages = BTreeMap::new();
    for mark in marked {
        if pages.contains_key(&mark.revision) {
            continue;
        }
        let service = host.service(agency, mark.revision, Reach::Platform).await?;
        let forms = &service.definition().spec.forms;
        let named = forms
            .iter()
            .flat_map(|form| form.pages.iter().map(|page| process::forms::page_id(&form.name, &page.key())));
        pages.insert(mark.revision, named.collect());
    }
    Ok(pages)
}
