//! What every page needs around its content: language, texts, the visitor, and fresh tokens for its forms.

use std::borrow::Borrow;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use kernel::{CommandId, Currency, Failure, Language, Money, Time};

use super::{Portal, fault::Refused, menu::Entry, posted, visit::Visit};
use crate::{
    assets,
    domain::{self, acting::Principal, sign_in::Kind},
    locales::{self, TEXTS},
};

/// One entry of the language switch.
pub struct Choice {
    pub tag: &'static str,
    pub html_tag: &'static str,
    pub name: &'static str,
    pub href: String,
    pub current: bool,
}

/// How much of an answer that is kept is named beside the one that was typed.
const KEPT_CHARS_MAX: usize = 80;

pub struct Frame {
    pub language: Language,
    pub place: String,
    pub kind: Option<Kind>,
    /// Whether the person may act for somebody else, and for whom they do.
    pub represents: bool,
    pub acting: Option<Principal>,
    /// What an officer finds beside the queue.
    pub menu: Vec<Entry>,
    pub token: String,
    /// Id of the command that this page's form sends.
    pub command: String,
    pub trial: bool,
    pub css: &'static str,
    pub js: &'static str,
}

impl Frame {
    pub fn new(portal: &Portal, visit: &Visit) -> Self {
        let random = portal.random.as_ref();
        let session = visit.session.as_ref();
        let token = session.and_then(|session| posted::token(&session.opened.form_token));
        Self {
            language: visit.language,
            place: visit.place.clone(),
            kind: session.map(|session| session.kind),
            represents: session.is_some_and(|session| session.opened.represents),
            acting: session.and_then(|session| session.opened.acting.clone()),
            menu: visit.menu.clone(),
            token: token.map(|token| token.masked(random)).unwrap_or_default(),
            command: CommandId::new(portal.clock.as_ref(), random).to_string(),
            trial: portal.trial,
            css: assets::CSS,
            js: assets::JS,
        }
    }

    pub fn t(&self, key: &str) -> String {
        TEXTS.get(self.language, key)
    }

    /// A text by a key that is put together, or nothing when there is none.
    pub fn maybe(&self, beginning: &str, rest: impl AsRef<str>) -> Option<String> {
        TEXTS.find(self.language, &format!("{beginning}{}", rest.as_ref()), &[])
    }

    /// A text by a key that is put together, or else the rest itself.
    pub fn named(&self, beginning: &str, rest: impl AsRef<str>) -> String {
        self.maybe(beginning, rest.as_ref()).unwrap_or_else(|| rest.as_ref().to_owned())
    }

    pub fn count(&self, key: &str, number: impl Borrow<i64>) -> String {
        TEXTS.with(self.language, key, &[("n", (*number.borrow()).into())])
    }

    pub fn count_of(&self, key: &str, number: impl Borrow<i32>) -> String {
        self.count(key, i64::from(*number.borrow()))
    }

    pub fn put(&self, key: &str, value: impl AsRef<str>) -> String {
        TEXTS.with(self.language, key, &[("value", value.as_ref().into())])
    }

    pub fn day(&self, micros: impl Borrow<i64>) -> String {
        web::date(self.language, Time::from_micros(*micros.borrow()))
    }

    pub fn moment(&self, micros: impl Borrow<i64>) -> String {
        web::date_time(self.language, Time::from_micros(*micros.borrow()))
    }

    /// How much a file holds, in units that people know; never less than it is.
    pub fn size(&self, bytes: impl Borrow<i64>) -> String {
        let kib = u64::try_from(*bytes.borrow()).unwrap_or_default().div_ceil(1024);
        if kib < 1024 {
            self.put("files-kb", kib.to_string())
        } else {
            self.put("files-mb", kib.div_ceil(1024).to_string())
        }
    }

    /// How much of a file has come.
    pub fn came(&self, bytes: impl Borrow<i64>, whole: impl Borrow<i64>) -> String {
        let (came, whole) = (self.size(bytes), self.size(whole));
        TEXTS.with(self.language, "files-came", &[("came", came.as_str().into()), ("whole", whole.as_str().into())])
    }

    /// Bytes of an id as addresses write them.
    pub fn hex(&self, id: impl AsRef<[u8]>) -> String {
        hex(id.as_ref())
    }

    pub fn money(&self, amount: &proto::Money) -> String {
        match Currency::parse(&amount.currency) {
            Ok(currency) => web::money(self.language, Money { minor: amount.minor, currency }),
            Err(_) => amount.currency.clone(),
        }
    }

    /// An amount that may be left out.
    pub fn sum(&self, amount: &Option<proto::Money>) -> String {
        amount.as_ref().map(|amount| self.money(amount)).unwrap_or_default()
    }

    /// A text of a definition in this language, else in Uzbek.
    pub fn own(&self, text: &Option<proto::Text>) -> String {
        let texts = text.as_ref().map(|text| &text.by_language);
        let found = texts.and_then(|texts| texts.get(self.language.tag()).or_else(|| texts.get("uz")));
        found.cloned().unwrap_or_default()
    }

    /// The words of the reader's language, or what there is in one language only.
    pub fn own_or(&self, text: &Option<proto::Text>, plain: &str) -> String {
        let own = self.own(text);
        if own.is_empty() { plain.to_owned() } else { own }
    }

    pub fn date_parts(&self, value: impl AsRef<str>) -> [String; 3] {
        domain::form::date_parts(value.as_ref())
    }

    /// An ISO 8601 day in words.
    pub fn iso(&self, day: impl AsRef<str>) -> String {
        web::date_of_iso(self.language, day.as_ref())
    }

    /// «Step 2 of 5»: in Fluent's hands, because languages order it differently.
    pub fn step(&self, position: impl Borrow<i32>, count: impl Borrow<i32>) -> String {
        let values = [("n", i64::from(*position.borrow()).into()), ("of", i64::from(*count.borrow()).into())];
        TEXTS.with(self.language, "step", &values)
    }

    /// Within how many working days half of the cases, and nine of ten, were decided.
    pub fn pace(&self, half: impl Borrow<i64>, nine: impl Borrow<i64>) -> String {
        let values = [("half", (*half.borrow()).into()), ("nine", (*nine.borrow()).into())];
        TEXTS.with(self.language, "experience-pace", &values)
    }

    /// The mean of ratings, given in hundredths, and of how many.
    pub fn score(&self, hundredths: impl Borrow<i64>, rated: impl Borrow<i64>) -> String {
        let tenths = (*hundredths.borrow() + 5) / 10;
        let mark = if self.language == Language::En { '.' } else { ',' };
        let score = format!("{}{mark}{}", tenths / 10, tenths % 10);
        let values = [("score", score.as_str().into()), ("n", (*rated.borrow()).into())];
        TEXTS.with(self.language, "experience-score", &values)
    }

    /// So many of so many.
    pub fn of(&self, key: &str, number: usize, whole: usize) -> String {
        let [number, whole] = [number, whole].map(|number| i64::try_from(number).unwrap_or(i64::MAX));
        TEXTS.with(self.language, key, &[("n", number.into()), ("of", whole.into())])
    }

    /// A language's own name, by its tag.
    pub fn language_name(&self, tag: impl AsRef<str>) -> String {
        Language::parse(tag.as_ref())
            .map_or_else(|_| tag.as_ref().to_owned(), |known| locales::own_name(known).to_owned())
    }

    /// Ids of what describes an input: hint, officer's note, error; only those that are there.
    pub fn described(&self, field: &proto::eservice::v1::Field) -> String {
        let new = if field.added { "new" } else { "" };
        let parts = [
            ("new", new),
            ("hint", field.hint.as_str()),
            ("note", field.officer_note.as_str()),
            ("error", field.error.as_str()),
        ];
        let there = parts.iter().filter(|(_, text)| !text.is_empty());
        there.map(|(name, _)| format!("{}-{name}", field.at)).collect::<Vec<_>>().join(" ")
    }

    /// An answer the way people write it: a day in words, yes or no in words.
    pub fn answer(&self, kind: impl AsRef<str>, value: impl AsRef<str>) -> String {
        match (kind.as_ref(), value.as_ref()) {
            ("yes-no" | "checkbox" | "fact", "true") => self.t("yes"),
            ("yes-no" | "checkbox" | "fact", "false") => self.t("no"),
            ("date" | "fact", day) => web::date_of_iso(self.language, day),
            (_, text) => text.to_owned(),
        }
    }

    /// For whom the application is, when somebody acts for somebody else in it: the same sentence for whoever reads.
    pub fn behalf(&self, of: &Option<proto::eservice::v1::Representation>) -> Option<String> {
        let of = of.as_ref()?;
        let until = self.iso(&of.until);
        let values = [
            ("principal", of.principal.as_str().into()),
            ("representative", of.representative.as_str().into()),
            ("record", of.record.as_str().into()),
            ("until", until.as_str().into()),
        ];
        let key = match (of.kind.as_str(), of.ended) {
            ("director", _) => "behalf-director",
            ("parent", false) => "behalf-parent",
            ("parent", true) => "behalf-parent-ended",
            (_, false) => "behalf",
            (_, true) => "behalf-ended",
        };
        Some(TEXTS.with(self.language, key, &values))
    }

    /// What happened, in the case's own words or in ours.
    pub fn event(&self, row: &proto::eservice::v1::TimelineRow) -> String {
        if row.text.is_empty() { self.named("event-", &row.code) } else { row.text.clone() }
    }

    /// Who did it; the platform itself is not named.
    pub fn actor(&self, actor: impl AsRef<str>) -> String {
        if actor.as_ref() == "system" { String::new() } else { self.named("actor-", actor) }
    }

    /// Where a case stands, in the definition's words or in ours.
    pub fn standing(&self, case: &proto::eservice::v1::Case) -> String {
        if case.status_text.is_empty() {
            self.maybe("status-", &case.status).unwrap_or_default()
        } else {
            case.status_text.clone()
        }
    }

    /// The sentence for a code of what is wrong with an answer.
    pub fn wrong(&self, field: &proto::eservice::v1::Field) -> String {
        let word = field.error_code.strip_prefix("field.").unwrap_or("other");
        let word = match (field.kind.as_str(), word.strip_prefix("exclusive-").unwrap_or(word)) {
            // Digits, but not a number that the definition takes.
            ("phone", "pattern") => "phone",
            ("files", "required" | "min-items") => "file-required",
            (_, word) => word,
        };
        let limit = field.error_parameters.get("limit").map_or("", String::as_str);
        let kept = self.answer(&field.kind, &field.kept);
        let kept = match kept.char_indices().nth(KEPT_CHARS_MAX) {
            _ if kept.is_empty() => self.t("not-given"),
            Some((end, _)) => format!("{}…", &kept[..end]),
            None => kept,
        };
        let label = field.label.trim_end_matches('?');
        let item = field.error_parameters.get("item").map_or("", String::as_str);
        let values =
            [("label", label.into()), ("limit", limit.into()), ("kept", kept.as_str().into()), ("item", item.into())];
        let said = TEXTS.find(self.language, &format!("wrong-{word}"), &values);
        said.unwrap_or_else(|| TEXTS.with(self.language, "wrong-other", &values))
    }

    pub fn lang(&self) -> &'static str {
        self.language.html_tag()
    }

    /// Opaque id of whomever the person acts for; empty: for themselves.
    pub fn acts_for(&self) -> &str {
        self.acting.as_ref().map_or("", |acting| acting.principal.as_str())
    }

    pub fn is_citizen(&self) -> bool {
        self.kind == Some(Kind::Citizen)
    }

    pub fn is_officer(&self) -> bool {
        self.kind == Some(Kind::Officer)
    }

    pub fn is_at(&self, path: &str) -> bool {
        self.place == path
    }

    /// The switch leads to this page in another language.
    pub fn languages(&self) -> Vec<Choice> {
        let joint = if self.place.contains('?') { '&' } else { '?' };
        let choice = |language: Language| Choice {
            tag: language.tag(),
            html_tag: language.html_tag(),
            name: locales::own_name(language),
            href: format!("{}{joint}lang={}", self.place, language.tag()),
            current: language == self.language,
        };
        Language::ALL.into_iter().map(choice).collect()
    }
}

/// Bytes as addresses write them.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A page, ready to send.
pub fn page(template: &impl Template) -> Result<Response, Refused> {
    page_with(StatusCode::OK, template)
}

pub fn page_with(status: StatusCode, template: &impl Template) -> Result<Response, Refused> {
    let html = template.render().map_err(|error| {
        Refused(Failure::internal("portal.page", "This page could not be made.").with_detail(error))
    })?;
    Ok((status, Html(html)).into_response())
}
