//! Sealed files on their way to whoever may read them: in chunks, as attachments that the browser never runs.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bus::subject::PLATFORM;
use futures::{StreamExt, stream};
use kernel::{DocumentId, Failure, Language};
use proto::{
    payments::v1::{ReadReceiptRequest, operations::READ_RECEIPT},
    signing::v1::{ReadDocumentRequest, operations::READ_DOCUMENT},
};

use super::Portal;
use crate::store::Session;

/// What is fetched.
pub enum Sealed {
    Document(DocumentId),
    /// `of`: the agency for which an officer asks; `platform` for everybody else.
    Receipt {
        of: String,
        number: String,
        language: Language,
    },
}

struct Chunk {
    bytes: Vec<u8>,
    size: i64,
    file_name: String,
}

/// As an attachment, for whoever may read it.
pub async fn attached(portal: Arc<Portal>, session: Session, sealed: Sealed) -> Result<Response, Failure> {
    let first = chunk(&portal, &session, &sealed, 0).await?;
    let (size, name) = (first.size, attachment(&first.file_name));
    let rest = stream::unfold(Some((portal, session, sealed, 0_i64, Some(first))), move |state| async move {
        let (portal, session, sealed, offset, first) = state?;
        let found = match first {
            Some(first) => Ok(first),
            None => chunk(&portal, &session, &sealed, offset).await,
        };
        match found {
            Ok(chunk) if chunk.bytes.is_empty() => None,
            Ok(chunk) => {
                let next = offset + i64::try_from(chunk.bytes.len()).unwrap_or(i64::MAX);
                let more = (next < size).then_some((portal, session, sealed, next, None));
                Some((Ok(Bytes::from(chunk.bytes)), more))
            }
            // The length was promised: the browser sees that the file is not whole.
            Err(failure) => Some((Err(std::io::Error::other(failure)), None)),
        }
    });
    // Whoever reads the body may ask once more after its end.
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (header::CONTENT_LENGTH, HeaderValue::from(size)),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, Body::from_stream(rest.fuse())).into_response())
}

async fn chunk(portal: &Arc<Portal>, session: &Session, sealed: &Sealed, offset: i64) -> Result<Chunk, Failure> {
    match sealed {
        Sealed::Document(document) => {
            let request = ReadDocumentRequest { document_id: document.to_vec(), offset, twin: false };
            let read = portal.services.read(session, &READ_DOCUMENT, PLATFORM, &request).await?;
            Ok(Chunk { bytes: read.bytes, size: read.size, file_name: read.file_name })
        }
        Sealed::Receipt { of, number, language } => {
            let (number, language) = (number.clone(), language.tag().to_owned());
            let request = ReadReceiptRequest { number, language, offset };
            let read = portal.services.read(session, &READ_RECEIPT, of.as_str(), &request).await?;
            Ok(Chunk { bytes: read.bytes, size: read.size, file_name: read.file_name })
        }
    }
}

/// Only letters, digits, dots and dashes reach the header.
fn attachment(name: &str) -> HeaderValue {
    let plain: String =
        name.chars().filter(|letter| letter.is_ascii_alphanumeric() || ".-_".contains(*letter)).collect();
    let name = if plain.is_empty() { "document.pdf".to_owned() } else { plain };
    HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).unwrap_or(HeaderValue::from_static("attachment"))
}
