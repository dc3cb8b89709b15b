//! Shows a document before it is decided: the same template and worker, SPECIMEN on every page, and nothing that would prove it.

use std::sync::Arc;

use ::bus::Call;
use kernel::{Failure, Hash, Language};
use process::calendar::{Calendar, civil_date};
use proto::signing::v1::{DocumentPreview, PreviewDocumentRequest};

use super::{
    Office, admitted,
    issue::{PAGES_MAX, agency_titles, refused, whole_seconds},
};
use crate::domain::inputs::{self, About};

/// Stands where number and code will be.
const NONE_YET: &str = "—";
/// What one answer over the bus can hold.
const BYTES_MAX: usize = 900_000;

pub async fn preview(office: &Arc<Office>, call: Call<PreviewDocumentRequest>) -> Result<DocumentPreview, Failure> {
    let request = &call.request;
    let asked = admitted::looked_at(request.case.as_ref(), &call.agency)?;
    let declared = admitted::document(office, &asked, None, &request.document).await?;
    let agency_titles = agency_titles(office, &declared.seal).await?;
    let language = Language::parse(&request.language)?;
    let now = whole_seconds(office.clock.now());
    let titles = declared.title.clone().unwrap_or_default();
    let title = match titles.in_language(language.tag()) {
        "" => declared.name.clone(),
        title => title.to_owned(),
    };
    let valid_until = declared.valid_for.map(|span| Calendar::standard().deadline(now, span));
    let about = About {
        number: NONE_YET,
        code: NONE_YET,
        title: &title,
        verify_url: &office.verify_url,
        issued: &civil_date(now).to_string(),
        valid_until: &valid_until.map(|until| civil_date(until).to_string()).unwrap_or_default(),
        language: language.tag(),
        agency: &declared.seal,
        agency_title: agency_titles.in_language(language.tag()),
    };
    let inputs = inputs::complete(inputs::from_host(&request.inputs)?, &about);
    let options = document::Options {
        language: language.tag().to_owned(),
        title: title.clone(),
        identity: Hash::of_parts(&[b"preview", asked.case.as_bytes(), declared.name.as_bytes()]).to_string(),
        specimen: true,
        qr: office.verify_url.clone(),
        issued_s: now.micros() / 1_000_000,
        pages_max: PAGES_MAX,
    };
    let (office, template) = (office.clone(), declared.template.clone());
    let work = move || office.workers.render(&template, &inputs, &options).map_err(refused);
    let pdf = tokio::task::spawn_blocking(work).await.map_err(|error| {
        Failure::internal("document.worker", "The document could not be made just now.").with_detail(error)
    })??;
    if pdf.len() > BYTES_MAX {
        return Err(Failure::invalid(
            "document.preview-large",
            "The document is too large to be shown before it is made.",
        ));
    }
    Ok(DocumentPreview { pdf })
}
