//! Turns a template and a case's facts into an archivable, accessible PDF (PDF/A-2a, ISO 19005-2, and PDF/UA-1, ISO 14289-1); everything about typst stays here.
//!
//! A template is one typst file. It sees three files and nothing else, neither packages nor the disk, the network,
//! the clock or `plugin`:
//!
//! | file | what it is |
//! |---|---|
//! | `main.typ` | the template itself |
//! | `inputs.json` | the facts: `#let inputs = json("inputs.json")` |
//! | `qr.svg` | the address of the verification page as a QR code: `#image("qr.svg", width: 28mm, alt: "…")` |
//!
//! `inputs` is a dictionary:
//!
//! | key | value |
//! |---|---|
//! | `data` | the case's data, by the definition's schema |
//! | `facts` | what registries answered, by the name under which the definition keeps it |
//! | `applicant` | `name` (family name, given name, patronymic), and what else the case holds of them |
//! | `decision` | `outcome`, `label`, `reasons` (each `code`, `text`, `article`), `note`, `date`; empty before a decision |
//! | `case` | `number`, `submitted` (ISO date), `outcome` |
//! | `document` | `number`, `code`, `verify_url`, `title`, `issued` (ISO date), `valid_until` (ISO date or empty), `qr` (name of the QR file) |
//! | `language` | `uz`, `uz-Cyrl`, `kaa`, `ru` or `en` |
//! | `agency` | `name`, `title` in that language: whose seal the document bears |
//!
//! Language, title, date, page size (A4) and font are set before the template is read; it may change the last two.
//! PDF/UA wants an `alt` text on every image and headings that skip no level. On a trial platform SPECIMEN is laid
//! over every finished page, where no template can reach it.

mod fonts;
mod problem;
mod qr;
mod specimen;
mod twin;
mod world;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

pub use problem::TemplateProblem;
pub use twin::twin;
use world::TemplateWorld;

/// The file that holds the QR code, as a template names it.
pub const QR_FILE: &str = "qr.svg";

/// What a rendering needs beside template and facts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Options {
    /// BCP 47 tag: `uz`, `uz-Cyrl`, `kaa`, `ru`, `en`.
    pub language: String,
    /// Title shown by readers and spoken by screen readers.
    pub title: String,
    /// Stable name of this one document; the PDF's `/ID` is made from it.
    pub identity: String,
    /// Lays SPECIMEN over every page.
    pub specimen: bool,
    /// Text of the QR code: the address of the verification page.
    pub qr: String,
    /// Civil time of issue, seconds since the epoch (UTC).
    pub issued_s: i64,
    pub pages_max: usize,
}

/// Renders a document. The same arguments give the same bytes.
///
/// # Errors
/// Every problem of the template that stops it, with its place in the template (line and column from 1; 0 where the
/// problem has no place).
pub fn render(template: &str, inputs: &Value, options: &Options) -> Result<Vec<u8>, Vec<TemplateProblem>> {
    let rendered = typeset(template, inputs, options);
    // Nothing of one citizen's document stays in the compiler's memory for the next one.
    typst::comemo::evict(0);
    rendered
}

fn typeset(template: &str, inputs: &Value, options: &Options) -> Result<Vec<u8>, Vec<TemplateProblem>> {
    let world = TemplateWorld::new(template, inputs, options)?;
    let mut document = compile(&world)?;
    let pages = document.pages().len();
    if pages > options.pages_max {
        let most = options.pages_max;
        return Err(vec![TemplateProblem::anywhere(format!("The document has {pages} pages; {most} are allowed."))]);
    }
    if options.specimen {
        document = specimen::lay_over(document)?;
    }
    let info = document.info_mut();
    info.title = Some(options.title.as_str().into());
    info.locale = Smart::Custom(world::locale(&options.language));
    info.date = Smart::Auto;
    typst_pdf::pdf(&document, &pdf_options(options)?).map_err(|problems| problem::all(&world, &problems))
}

/// Whether a template compiles, as far as that can be judged without a case: what it reads of a case's data is unknown
/// here, so a missing key is not held against it. `check_with` judges with sample data.
pub fn check(template: &str) -> Result<(), Vec<TemplateProblem>> {
    let problems = check_with(template, &sample_inputs(json!({}), "uz")).err().unwrap_or_default();
    let kept: Vec<_> = problems.into_iter().filter(|problem| !problem.is_about_facts()).collect();
    if kept.is_empty() { Ok(()) } else { Err(kept) }
}

/// Whether a template compiles and makes a conforming PDF with the given sample facts.
pub fn check_with(template: &str, inputs: &Value) -> Result<(), Vec<TemplateProblem>> {
    render(template, inputs, &sample_options(inputs)).map(drop)
}

/// Of a document that nobody gets, in the language of its sample facts.
#[must_use]
pub fn sample_options(inputs: &Value) -> Options {
    Options {
        language: inputs["language"].as_str().unwrap_or("uz").to_owned(),
        title: "Sample".to_owned(),
        identity: "sample".to_owned(),
        specimen: true,
        qr: "https://example.invalid/verify?number=sample-2026-1".to_owned(),
        issued_s: 1_767_225_600,
        pages_max: 50,
    }
}

/// Sample facts around a case's sample data: what a check renders a template with.
pub fn sample_inputs(data: Value, language: &str) -> Value {
    json!({
        "data": data,
        "facts": {},
        "applicant": {
            "name": "Karimova Dilnoza Rustam qizi", "given_name": "Dilnoza", "family_name": "Karimova",
            "patronymic": "Rustam qizi",
        },
        "decision": {
            "outcome": "approve", "label": "Sample", "note": "", "date": "2026-01-01",
            "reasons": [{"code": "sample", "text": "Sample", "article": "1"}],
        },
        "case": {"number": "sample-2026-1", "submitted": "2026-01-01", "outcome": "approved"},
        "document": {
            "number": "sample-2026-1", "code": "0000-0000-0000-0000", "title": "Sample", "issued": "2026-01-01",
            "verify_url": "https://example.invalid/verify?number=sample-2026-1", "valid_until": "2027-01-01",
            "qr": QR_FILE,
        },
        "language": language,
        "agency": {"name": "sample", "title": "Sample"},
    })
}

/// Loads the fonts and the compiler's tables and starts its threads, so that a worker can give up the right to do so.
pub fn warm_up() -> bool {
    // Two pages and an image: layout and export both fork work to the thread pool.
    let template = "= A\n#image(\"qr.svg\", alt: \"a\")\n*b* _c_\n#pagebreak()\n== D\n#table(columns: 2, [a], [b])";
    let inputs = sample_inputs(json!({}), "uz");
    let works = check_with(template, &inputs).is_ok() && twin(template, &inputs, &sample_options(&inputs)).is_ok();
    // On a busy machine a thread of the pool may not have begun yet; what it asks of the system while it begins is more
    // than a confined worker may.
    rayon::broadcast(|_| ());
    works
}

fn compile(world: &TemplateWorld) -> Result<PagedDocument, Vec<TemplateProblem>> {
    typst::compile::<PagedDocument>(world).output.map_err(|problems| problem::all(world, &problems))
}

fn pdf_options(options: &Options) -> Result<PdfOptions, Vec<TemplateProblem>> {
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|refusal| vec![TemplateProblem::anywhere(refusal.message().to_string())])?;
    Ok(PdfOptions {
        ident: Smart::Custom(options.identity.clone()),
        creator: Smart::Custom(Some("Xizmat".to_owned())),
        timestamp: issued(options.issued_s).map(Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    })
}

/// The date and time of issue as the compiler knows them.
fn issued(issued_s: i64) -> Option<Datetime> {
    let utc = jiff::Timestamp::from_second(issued_s).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
    let small = |number: i8| u8::try_from(number).ok();
    Datetime::from_ymd_hms(
        i32::from(utc.year()),
        small(utc.month())?,
        small(utc.day())?,
        small(utc.hour())?,
        small(utc.minute())?,
        small(utc.second())?,
    )
}

#[cfg(test)]
mod tests;
