//! Seals a PDF: PAdES baseline B-B (ETSI EN 319 142-1), a certification signature that allows no later change.

pub mod cms;
mod object;
mod update;

use kernel::{Failure, Time};
use lopdf::{Dictionary, Document, Object, ObjectId, StringFormat, dictionary};
use sha2::{Digest, Sha256};
use x509_cert::{Certificate, der::Encode};

use crate::domain::ca::Signature;
use update::Update;

/// Bytes kept for the CMS; two certificates and a signature take less than 2 KiB, a later time stamp 6 KiB.
const CONTENTS_BYTES: usize = 12 * 1024;
/// Wide enough for files up to 9,999,999,999 bytes.
const RANGE_DIGITS: usize = 10;

/// Who seals, with which certificate.
pub struct Sealer<'a> {
    pub key: &'a dyn Signature,
    pub seal: &'a Certificate,
    pub issuing: &'a Certificate,
    /// Shown by readers.
    pub name: &'a str,
}

/// Seals a rendered document. The result begins with the very bytes of the document.
pub fn seal(document: &[u8], sealer: &Sealer<'_>, now: Time) -> Result<Vec<u8>, Failure> {
    let parsed = Document::load_mem(document).map_err(unsealable)?;
    let mut update = Update::new(document, &parsed);
    let (signature, field) = (update.new_id(), update.new_id());
    place_field(&parsed, &mut update, signature, field).map_err(unsealable)?;
    let (bytes, layout) = signature_dictionary(sealer.name, now);
    let at = update.put_raw(signature, &bytes);
    let mut file = update.finish();

    let gap = at + layout.contents..at + layout.contents + 2 + 2 * CONTENTS_BYTES;
    let range = byte_range(gap.start, gap.end, file.len());
    file[at + layout.range..at + layout.range + range.len()].copy_from_slice(range.as_bytes());

    let digest = Sha256::new().chain_update(&file[..gap.start]).chain_update(&file[gap.end..]).finalize();
    let content = make_cms(&digest.into(), sealer)?;
    if content.len() > CONTENTS_BYTES {
        return Err(Failure::internal("seal.too-large", "The seal does not fit into the document."));
    }
    let text = hex::encode(content);
    file[gap.start + 1..gap.start + 1 + text.len()].copy_from_slice(text.as_bytes());
    Ok(file)
}

fn make_cms(digest: &[u8; 32], sealer: &Sealer<'_>) -> Result<Vec<u8>, Failure> {
    let attributes = cms::signed_attributes(digest, sealer.seal).map_err(unsealable)?;
    let signature = sealer.key.sign(&attributes.to_der().map_err(unsealable)?)?;
    cms::signed_data(attributes, &signature, sealer.seal, sealer.issuing).map_err(unsealable)
}

/// Where in the signature dictionary the two values to be filled in begin.
struct Layout {
    range: usize,
    contents: usize,
}

/// Written by hand, because two of its values are filled in place after everything else is known.
fn signature_dictionary(name: &str, now: Time) -> (Vec<u8>, Layout) {
    let mut out = Vec::with_capacity(2 * CONTENTS_BYTES + 512);
    out.extend_from_slice(b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange ");
    let range = out.len();
    out.extend_from_slice(byte_range(0, 0, 0).as_bytes());
    out.extend_from_slice(b"/Contents ");
    let contents = out.len();
    out.push(b'<');
    out.resize(out.len() + 2 * CONTENTS_BYTES, b'0');
    out.push(b'>');
    let mut rest = Dictionary::new();
    rest.set("M", Object::string_literal(pdf_date(now)));
    rest.set("Name", text(name));
    // No change is permitted, not even comments (ISO 32000-1, 12.8.2.2).
    let parameters = dictionary! { "Type" => "TransformParams", "P" => 1, "V" => "1.2" };
    let reference = dictionary! { "Type" => "SigRef", "TransformMethod" => "DocMDP", "TransformParams" => parameters };
    rest.set("Reference", vec![Object::Dictionary(reference)]);
    let mut tail = Vec::new();
    object::write_dictionary(&rest, &mut tail);
    out.extend_from_slice(&tail[2..]);
    (out, Layout { range, contents })
}

fn byte_range(gap_start: usize, gap_end: usize, length: usize) -> String {
    let width = RANGE_DIGITS;
    format!("[0 {gap_start:0width$} {gap_end:0width$} {:0width$}]", length.saturating_sub(gap_end))
}

/// An invisible field of size zero: outside the page for readers and screen readers alike (ISO 14289-1, 7.18.1).
fn place_field(
    parsed: &Document,
    update: &mut Update<'_>,
    signature: ObjectId,
    field: ObjectId,
) -> Result<(), lopdf::Error> {
    let page_id = parsed.page_iter().next().ok_or(lopdf::Error::PageNumberNotFound(1))?;
    let zero = || Object::Integer(0);
    // Print and Locked; PDF/A forbids hidden annotations (ISO 19005-2, 6.3.2).
    let widget = dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "FT" => "Sig", "F" => 132,
        "T" => Object::string_literal("Seal"), "TU" => Object::string_literal("Seal"),
        "Rect" => vec![zero(), zero(), zero(), zero()], "P" => page_id, "V" => signature,
    };
    update.put(field, &Object::Dictionary(widget));

    let mut page = parsed.get_dictionary(page_id)?.clone();
    let mut annotations = match page.get(b"Annots") {
        Ok(annotations) => parsed.dereference(annotations)?.1.as_array()?.clone(),
        Err(_) => Vec::new(),
    };
    annotations.push(field.into());
    page.set("Annots", annotations);
    page.set("Tabs", "S");
    update.put(page_id, &Object::Dictionary(page));

    let root = parsed.trailer.get(b"Root")?.as_reference()?;
    let mut catalog = parsed.get_dictionary(root)?.clone();
    catalog.set("AcroForm", dictionary! { "Fields" => vec![field.into()], "SigFlags" => 3 });
    catalog.set("Perms", dictionary! { "DocMDP" => signature });
    update.put(root, &Object::Dictionary(catalog));
    Ok(())
}

/// `D:YYYYMMDDHHmmSSZ`
fn pdf_date(now: Time) -> String {
    now.to_jiff().strftime("D:%Y%m%d%H%M%SZ").to_string()
}

/// A PDF text string: UTF-16 with a byte order mark.
fn text(text: &str) -> Object {
    let mut bytes = vec![0xfe, 0xff];
    bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    Object::String(bytes, StringFormat::Hexadecimal)
}

fn unsealable(error: impl std::fmt::Display) -> Failure {
    Failure::internal("seal.unsealable", "The document could not be sealed.").with_detail(error)
}

#[cfg(test)]
pub mod tests;
