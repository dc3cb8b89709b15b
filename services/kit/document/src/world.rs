//! All that a template can see: itself, its facts and a QR code.

use std::{collections::BTreeMap, str::FromStr, sync::LazyLock, sync::Mutex};

use serde_json::Value as Json;
use typst::{
    Feature, Library, LibraryExt, World,
    diag::{FileError, FileResult, PackageError},
    foundations::{Binding, Bytes, Datetime, Duration, Value},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook, Lang, Locale, TextElem},
    utils::LazyHash,
};

use crate::{Options, QR_FILE, TemplateProblem, fonts::FONTS, issued, qr};

/// What is laid out side by side is read one after the other, and what only fills the paper is left out.
const READ_ALOUD: &str = r##"#show grid: it => for cell in it.children {
  if cell.func() == grid.cell { block(cell.body) } else if cell.func() in (grid.header, grid.footer) {
    for inner in cell.children { block(inner.body) }
  }
}
#show stack: it => for child in it.children { if type(child) == content { block(child) } }
#show selector.or(align, pad, place, rotate, scale, skew, move, columns): it => it.body
#show selector.or(rect, square, circle, ellipse): it => block(it.body)
#show selector.or(v, line, polygon, curve, pagebreak, colbreak, hide, repeat): none
#show h: [ ]
#include "main.typ"
"##;

/// What a template becomes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum As {
    Pages,
    Html,
}

pub struct TemplateWorld {
    library: &'static LazyHash<Library>,
    main: Source,
    /// The template, where `main` is ours and includes it.
    included: Option<Source>,
    inputs: (FileId, Bytes),
    qr: (FileId, Bytes),
    today: Option<Datetime>,
}

impl TemplateWorld {
    pub fn new(template: &str, inputs: &Json, options: &Options) -> Result<Self, Vec<TemplateProblem>> {
        let qr = qr::svg(&options.qr)
            .ok_or_else(|| vec![TemplateProblem::anywhere("The verification address is too long for a QR code.")])?;
        Ok(Self {
            library: library(&options.language, As::Pages),
            main: Source::new(file("main.typ"), template.to_owned()),
            included: None,
            inputs: (file("inputs.json"), Bytes::from_string(inputs.to_string())),
            qr: (file(QR_FILE), Bytes::from_string(qr)),
            today: issued(options.issued_s),
        })
    }

    /// The same template with the same facts, to be read instead of looked at.
    pub fn to_be_read(template: &str, inputs: &Json, options: &Options) -> Result<Self, Vec<TemplateProblem>> {
        let looked_at = Self::new(template, inputs, options)?;
        Ok(Self {
            library: library(&options.language, As::Html),
            main: Source::new(file("aloud.typ"), READ_ALOUD.to_owned()),
            included: Some(looked_at.main),
            inputs: looked_at.inputs,
            qr: looked_at.qr,
            today: looked_at.today,
        })
    }

    /// For typst text that we wrote ourselves.
    pub fn own(source: &str) -> Self {
        Self {
            library: library("en", As::Pages),
            main: Source::new(file("own.typ"), source.to_owned()),
            included: None,
            inputs: (file("inputs.json"), Bytes::from_string("{}")),
            qr: (file(QR_FILE), Bytes::from_string("")),
            today: None,
        }
    }
}

impl World for TemplateWorld {
    fn library(&self) -> &LazyHash<Library> {
        self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let known = std::iter::once(&self.main).chain(&self.included).find(|known| known.id() == id);
        known.cloned().ok_or_else(|| refusal(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let known = [&self.inputs, &self.qr].into_iter().find(|(known, _)| *known == id);
        known.map(|(_, bytes)| bytes.clone()).ok_or_else(|| refusal(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.faces.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

fn file(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("our own file names are plain");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

fn refusal(id: FileId) -> FileError {
    match id.get().root() {
        VirtualRoot::Package(_) => FileError::Package(PackageError::Other(Some("packages are not available".into()))),
        VirtualRoot::Project => {
            FileError::Other(Some("a template sees only \"inputs.json\" and \"qr.svg\", no other file".into()))
        }
    }
}

/// The compiler knows languages, not scripts: `uz-Cyrl` is Uzbek.
pub fn locale(language: &str) -> Locale {
    let primary = language.split('-').next().unwrap_or(language);
    Locale::new(Lang::from_str(primary).unwrap_or(Lang::UZBEK), None)
}

/// One standard library a language and a use, made at first need and kept: building one costs more than a page.
fn library(language: &str, made: As) -> &'static LazyHash<Library> {
    type Made = BTreeMap<(Lang, As), &'static LazyHash<Library>>;
    static LIBRARIES: LazyLock<Mutex<Made>> = LazyLock::new(Mutex::default);
    let lang = locale(language).lang;
    let mut libraries = LIBRARIES.lock().expect("no holder of this lock panics");
    libraries.entry((lang, made)).or_insert_with(|| Box::leak(Box::new(LazyHash::new(restricted(lang, made)))))
}

/// Without `plugin`: it runs WebAssembly from raw bytes and has no fuel. And without what would let a template say something else in
/// HTML than on paper.
fn restricted(lang: Lang, made: As) -> Library {
    let mut library = match made {
        As::Pages => Library::default(),
        As::Html => Library::builder().with_features(std::iter::once(Feature::Html).collect()).build(),
    };
    for name in ["plugin", "html", "target"] {
        library.global.scope_mut().bind(name.into(), Binding::detached(Value::None));
    }
    library.std = Binding::detached(library.global.clone());
    library.styles.set(TextElem::lang, lang);
    library
}
