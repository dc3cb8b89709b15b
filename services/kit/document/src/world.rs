//! All that a template can see: itself, its facts and a QR code.

use std::{collections::BTreeMap, str::FromStr, sync::LazyLock, sync::Mutex};

use serde_json::Value as Json;
use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult, PackageError},
    foundations::{Binding, Bytes, Datetime, Duration, Value},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook, Lang, Locale, TextElem},
    utils::LazyHash,
};

use crate::{Options, QR_FILE, TemplateProblem, fonts::FONTS, issued, qr};

pub struct TemplateWorld {
    library: &'static LazyHash<Library>,
    main: Source,
    inputs: (FileId, Bytes),
    qr: (FileId, Bytes),
    today: Option<Datetime>,
}

impl TemplateWorld {
    pub fn new(template: &str, inputs: &Json, options: &Options) -> Result<Self, Vec<TemplateProblem>> {
        let qr = qr::svg(&options.qr)
            .ok_or_else(|| vec![TemplateProblem::anywhere("The verification address is too long for a QR code.")])?;
        Ok(Self {
            library: library(&options.language),
            main: Source::new(file("main.typ"), template.to_owned()),
            inputs: (file("inputs.json"), Bytes::from_string(inputs.to_string())),
            qr: (file(QR_FILE), Bytes::from_string(qr)),
            today: issued(options.issued_s),
        })
    }

    /// For typst text that we wrote ourselves.
    pub fn own(source: &str) -> Self {
        Self {
            library: library("en"),
            main: Source::new(file("own.typ"), source.to_owned()),
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
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(refusal(id)) }
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

/// One standard library a language, made at first need and kept: building one costs more than a page.
fn library(language: &str) -> &'static LazyHash<Library> {
    static LIBRARIES: LazyLock<Mutex<BTreeMap<Lang, &'static LazyHash<Library>>>> = LazyLock::new(Mutex::default);
    let lang = locale(language).lang;
    let mut libraries = LIBRARIES.lock().expect("no holder of this lock panics");
    libraries.entry(lang).or_insert_with(|| Box::leak(Box::new(LazyHash::new(restricted(lang)))))
}

/// Without `plugin`: it runs WebAssembly from raw bytes and has no fuel.
fn restricted(lang: Lang) -> Library {
    let mut library = Library::default();
    library.global.scope_mut().bind("plugin".into(), Binding::detached(Value::None));
    library.std = Binding::detached(library.global.clone());
    library.styles.set(TextElem::lang, lang);
    library
}
