//! What each part of a booklet shows: texts of the definition in one language, rules in words beside the way they are written.

use api::{
    Assurance, Audience, Channel, Choice, Earned, Evidence, Field, LegalBasis, MessageClass, Recall, ServiceDefinition,
};
use process::words::Words;

use super::texts::Say;

/// A name and what stands beside it.
pub struct Line {
    pub name: String,
    pub values: Vec<String>,
}

/// A rule in words, and exactly.
pub struct Rule {
    pub words: String,
    pub source: String,
}

pub struct Form {
    pub pages: Vec<Page>,
    pub declaration: String,
}

pub struct Page {
    pub title: String,
    pub hint: String,
    pub when: Option<Rule>,
    pub questions: Vec<Question>,
}

pub struct Question {
    pub label: String,
    pub hint: String,
    pub when: Option<Rule>,
    pub lines: Vec<Line>,
    /// What an answer must satisfy, and what is said where it does not.
    pub checks: Vec<(Rule, String)>,
}

pub struct Fee {
    pub title: String,
    pub rule: Rule,
    pub lines: Vec<Line>,
    pub waivers: Vec<Waiver>,
}

pub struct Waiver {
    pub title: String,
    pub when: Rule,
    pub instead: Option<Rule>,
    pub lines: Vec<Line>,
}

pub struct Document {
    pub title: String,
    pub lines: Vec<Line>,
    /// What it says, as plain elements of HTML and escaped text: the worker takes nothing else over from a template.
    pub letter: Option<String>,
    pub template: String,
}

pub struct Message {
    pub title: String,
    pub text: String,
    pub lines: Vec<Line>,
}

/// Of what has no words that is said, above the way it is written.
pub fn rule(source: &str, words: &Words<'_>, t: Say) -> Rule {
    Rule { words: words.told(source).unwrap_or_else(|| t.get("booklet-no-words")), source: source.to_owned() }
}

pub fn law<'a>(act: &'a LegalBasis, words: &Words<'a>) -> String {
    match &act.uri {
        Some(uri) => format!("{} – {uri}", words.act(act)),
        None => words.act(act).to_owned(),
    }
}

/// Answers to choose from, with what helps to choose.
pub fn choices<'a>(options: &'a [Choice], words: &Words<'a>) -> Vec<String> {
    let told = options.iter().map(|option| {
        let label = words.text(&option.label);
        match &option.hint {
            Some(hint) => format!("{label} ({})", words.text(hint)),
            None => label.to_owned(),
        }
    });
    told.collect()
}

/// Lines that say nothing are left out.
pub fn line(t: Say, key: &str, values: impl IntoIterator<Item = String>) -> Option<Line> {
    let values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
    (!values.is_empty()).then(|| Line { name: t.get(key), values })
}

pub fn passport<'a>(definition: &'a ServiceDefinition, words: &Words<'a>, t: Say) -> Vec<Line> {
    let spec = &definition.spec;
    let retention = spec.data.as_ref().and_then(|data| data.retention.as_ref());
    let purpose = spec.data.as_ref().and_then(|data| data.purpose.as_ref());
    let act = |act: &'a LegalBasis| law(act, words);
    let audience = spec.audience.iter().map(|audience| match audience {
        Audience::Citizen => t.named("booklet-audience-", "citizen"),
        Audience::Business => t.named("booklet-audience-", "business"),
    });
    let assurance = match spec.access.assurance {
        Assurance::None => "none",
        Assurance::Low => "low",
        Assurance::Substantial => "substantial",
        Assurance::High => "high",
    };
    let mandates = spec.access.mandates.iter().map(|mandate| t.named("booklet-mandate-", mandate.kind.name()));
    let access = [t.named("booklet-access-", assurance)].into_iter().chain(mandates);
    let from = spec.effective_from.iter().flat_map(|from| {
        let ordered = from.act.as_ref().map(act);
        [from.date.clone()].into_iter().chain(ordered)
    });
    let kept = retention
        .into_iter()
        .flat_map(|retention| [words.span(retention.cases)].into_iter().chain(retention.legal_basis.as_ref().map(act)));
    let subjects = definition.subjects().map(|party| words.text_or(party.title.as_ref(), &party.name).to_owned());
    let prescribed = |form: &'a api::PrescribedForm| {
        let (title, owner, version) = (words.text(&form.title), words.text(&form.owner), &form.version);
        format!("{title} – {owner}, {version} ({})", act(&form.legal_basis))
    };
    let sent = |name: Option<&'a str>| name.map(|name| message_title(name, definition, words));
    let lines = [
        line(t, "booklet-law", spec.legal_basis.iter().map(act)),
        line(t, "booklet-from", from),
        line(t, "booklet-audience", audience),
        line(t, "booklet-access", access),
        line(t, "booklet-subjects", subjects),
        line(t, "booklet-submission", spec.access.submission.iter().map(|asked| words.span(asked.within))),
        line(t, "booklet-needs", spec.needs.iter().map(|need| words.text(need).to_owned())),
        line(t, "booklet-forms", spec.prescribed_forms.iter().map(prescribed)),
        line(t, "booklet-promised", spec.service_level.iter().map(|level| words.span(level.promised))),
        line(t, "booklet-breach", spec.service_level.iter().filter_map(|level| sent(level.on_breach.as_deref()))),
        line(t, "booklet-purpose", purpose.map(|purpose| words.text(purpose).to_owned())),
        line(t, "booklet-kept", kept),
        line(t, "booklet-drafts-kept", retention.map(|retention| words.span(retention.drafts))),
    ];
    lines.into_iter().flatten().collect()
}

/// A message by what stands over it.
fn message_title<'a>(name: &'a str, definition: &'a ServiceDefinition, words: &Words<'a>) -> String {
    let title = definition.notification(name).and_then(|message| message.title.as_ref());
    words.text_or(title, name).to_owned()
}

pub fn form<'a>(form: &'a api::Form, definition: &'a ServiceDefinition, words: &Words<'a>, t: Say) -> Form {
    let pages = form.pages.iter().map(|page| Page {
        title: words.text(&page.title).to_owned(),
        hint: words.text_or(page.hint.as_ref(), "").to_owned(),
        when: page.when.as_deref().map(|when| rule(when, words, t)),
        questions: page.fields.iter().map(|field| question(field, definition, words, t)).collect(),
    });
    Form { pages: pages.collect(), declaration: words.text_or(form.declaration.as_ref(), "").to_owned() }
}

fn question<'a>(field: &'a Field, definition: &'a ServiceDefinition, words: &Words<'a>, t: Say) -> Question {
    let lists = &definition.spec.lists;
    let from = field.options_from.iter().map(|from| match lists.iter().find(|list| list.name == *from) {
        Some(list) => words.answered(&list.registry, &list.result),
        None if from == "offices" => t.get("booklet-offices"),
        None => from.clone(),
    });
    let entries = field.repeat.iter().map(|repeat| {
        let parts = repeat.fields.iter().map(|part| match choices(&part.options, words).join(", ") {
            none if none.is_empty() => words.text(&part.label).to_owned(),
            answers => format!("{} ({answers})", words.text(&part.label)),
        });
        format!(
            "{} ({}–{}): {}",
            words.text(&repeat.entry),
            repeat.min,
            repeat.max,
            parts.collect::<Vec<_>>().join(", ")
        )
    });
    let prefill = field.prefill.iter().map(|known| words.answered(&known.registry, &known.result));
    let optional = line(t, "booklet-optional", field.optional.then(|| t.get("booklet-yes")));
    let lines = [
        line(t, "booklet-why", [words.text_or(field.why.as_ref(), "").to_owned()]),
        line(t, "booklet-answers", choices(&field.options, words).into_iter().chain(from)),
        line(t, "booklet-file", field.evidence.iter().map(|evidence| file(evidence, t))),
        line(t, "booklet-filled-from", prefill),
        line(t, "booklet-entries", entries),
        optional,
    ];
    let checks = field.check.iter().map(|check| (rule(&check.that, words, t), words.text(&check.message).to_owned()));
    Question {
        label: words.text(&field.label).to_owned(),
        hint: words.text_or(field.hint.as_ref(), "").to_owned(),
        when: field.when.as_deref().map(|when| rule(when, words, t)),
        lines: lines.into_iter().flatten().collect(),
        checks: checks.collect(),
    }
}

fn file(evidence: &Evidence, t: Say) -> String {
    let types = evidence.types.iter().map(|media| media.rsplit('/').next().unwrap_or(media).to_uppercase());
    let types = types.collect::<Vec<_>>().join(", ");
    // Rounded down: what is said to be allowed is allowed.
    let size = match usize::try_from(evidence.size).unwrap_or(usize::MAX) {
        bytes if bytes < 1 << 20 => t.number("booklet-kilobytes", bytes >> 10),
        bytes => t.number("booklet-megabytes", bytes >> 20),
    };
    format!("{types}; {size}")
}

pub fn fee<'a>(fee: &'a api::Fee, words: &Words<'a>, t: Say) -> Fee {
    let earned = match fee.earned {
        Earned::OnResult => "onResult",
        Earned::OnReview => "onReview",
        Earned::OnSubmission => "onSubmission",
    };
    let shares = fee.to.iter().map(|share| match &share.account {
        Some(account) => format!("{} ({account}): {}", words.agency(&share.agency), share.share),
        None => format!("{}: {}", words.agency(&share.agency), share.share),
    });
    let lines = [
        line(t, "booklet-law", fee.legal_basis.as_ref().map(|act| words.act(act).to_owned())),
        line(t, "booklet-earned", [t.named("booklet-earned-", earned)]),
        line(t, "booklet-gets", shares),
    ];
    let waivers = fee.waivers.iter().map(|waiver| {
        let lines = [
            line(t, "booklet-facts-from", waiver.from.as_deref().map(|from| registry(from, words))),
            line(t, "booklet-law", waiver.legal_basis.as_ref().map(|act| words.act(act).to_owned())),
        ];
        Waiver {
            title: words.text_or(waiver.title.as_ref(), "").to_owned(),
            when: rule(&waiver.when, words, t),
            instead: waiver.amount.as_deref().map(|amount| rule(amount, words, t)),
            lines: lines.into_iter().flatten().collect(),
        }
    });
    Fee {
        title: words.fee(fee).to_owned(),
        rule: rule(&fee.amount, words, t),
        lines: lines.into_iter().flatten().collect(),
        waivers: waivers.collect(),
    }
}

/// Of `registry/operation` what people know: whose answer it is.
fn registry(from: &str, words: &Words<'_>) -> String {
    words.answered(from.split('/').next().unwrap_or(from), "")
}

pub fn document<'a>(
    document: &'a api::Document,
    letter: Option<String>,
    definition: &'a ServiceDefinition,
    words: &Words<'a>,
    t: Say,
) -> Document {
    let valid = document.valid_for.map_or_else(|| t.get("booklet-without-end"), |span| words.span(span));
    let lines = [
        line(t, "booklet-valid-for", [valid]),
        line(t, "booklet-seal", [words.agency(&document.seal).to_owned()]),
        line(t, "booklet-numbering", document.numbering.clone()),
    ];
    let recalled = document.recall.iter().flat_map(|recall| recalled(recall, definition, words, t));
    Document {
        title: words.text_or(document.title.as_ref(), &document.name).to_owned(),
        lines: lines.into_iter().flatten().chain(recalled).collect(),
        letter,
        template: document.template.clone(),
    }
}

/// Who takes an issued document back, why, and what a new one may say otherwise.
fn recalled<'a>(recall: &'a Recall, definition: &'a ServiceDefinition, words: &Words<'a>, t: Say) -> Vec<Line> {
    let reasons = recall.reasons.iter().map(|reason| match &reason.article {
        Some(article) => format!("{} ({article})", words.text(&reason.text)),
        None => words.text(&reason.text).to_owned(),
    });
    let corrected = recall.corrects.iter().map(|field| match &field.label {
        Some(label) => words.text(label).to_owned(),
        None => words.named(&field.at),
    });
    let told = recall.notify.as_deref().map(|name| message_title(name, definition, words));
    let lines = [
        line(t, "booklet-recall", [recall.role.clone()]),
        line(t, "booklet-recall-reasons", reasons),
        line(t, "booklet-recall-by-two", recall.four_eyes.then(|| t.get("booklet-yes"))),
        line(t, "booklet-corrects", corrected),
        line(t, "booklet-recall-told", told),
    ];
    lines.into_iter().flatten().collect()
}

pub fn message<'a>(message: &'a api::Notification, words: &Words<'a>, t: Say) -> Message {
    let channels = message.channels.iter().map(|channel| match channel {
        Channel::Inbox => t.named("booklet-channel-", "inbox"),
        Channel::Sms => t.named("booklet-channel-", "sms"),
        Channel::Email => t.named("booklet-channel-", "email"),
    });
    let class = match message.class {
        MessageClass::Mandatory => "mandatory",
        MessageClass::Informative => "informative",
    };
    let lines = [
        line(t, "booklet-channels", channels),
        line(t, "booklet-class", [t.named("booklet-class-", class)]),
        line(t, "booklet-night", message.urgent.then(|| t.get("booklet-yes"))),
        line(t, "booklet-message-why", [words.text_or(message.why.as_ref(), "").to_owned()]),
        line(t, "booklet-short", [words.text_or(message.short.as_ref(), "").to_owned()]),
    ];
    Message {
        title: words.text_or(message.title.as_ref(), &message.name).to_owned(),
        text: words.text(&message.text).to_owned(),
        lines: lines.into_iter().flatten().collect(),
    }
}
