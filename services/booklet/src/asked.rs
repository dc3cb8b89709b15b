//! Who is asked besides the application itself: anybody before they start, and others while it goes on.

use api::{Eligibility, EligibilityOutcome, EligibilityQuestion, Identified, Party, PartyKind, ServiceDefinition};
use process::words::Words;

use super::{
    texts::Say,
    view::{Line, Rule, choices, law, line, rule},
};

/// The check before the start: its page, and each page that may follow.
pub struct Check {
    pub questions: Vec<Asked>,
    pub verdicts: Vec<Verdict>,
}

pub struct Asked {
    pub label: String,
    pub hint: String,
    pub lines: Vec<Line>,
}

pub struct Verdict {
    pub outcome: String,
    /// Nothing where no rule holds.
    pub when: Option<Rule>,
    pub text: String,
    pub lines: Vec<Line>,
}

/// Somebody who has a part in the case.
pub struct Other {
    pub title: String,
    pub lines: Vec<Line>,
}

pub fn check<'a>(check: &'a Eligibility, words: &Words<'a>, t: Say) -> Check {
    let judged = check.rules.iter().map(|judged| {
        let outcome = match judged.outcome {
            EligibilityOutcome::Eligible => "eligible",
            EligibilityOutcome::Not => "not",
        };
        let lines = [
            line(t, "booklet-law", judged.legal_basis.as_ref().map(|act| law(act, words))),
            line(t, "booklet-instead", [words.text_or(judged.instead.as_ref(), "").to_owned()]),
        ];
        Verdict {
            outcome: t.named("booklet-outcome-", outcome),
            when: Some(rule(&judged.when, words, t)),
            text: words.text(&judged.text).to_owned(),
            lines: lines.into_iter().flatten().collect(),
        }
    });
    let unsure = t.named("booklet-outcome-", "unsure");
    let unsure = Verdict { outcome: unsure, when: None, text: String::new(), lines: Vec::new() };
    Check {
        questions: check.questions.iter().map(|question| asked(question, words, t)).collect(),
        verdicts: judged.chain([unsure]).collect(),
    }
}

fn asked<'a>(question: &'a EligibilityQuestion, words: &Words<'a>, t: Say) -> Asked {
    let answers = match question.options.as_slice() {
        [] => vec![t.get("booklet-yes"), t.get("booklet-no")],
        options => choices(options, words),
    };
    Asked {
        label: words.text(&question.label).to_owned(),
        hint: words.text_or(question.hint.as_ref(), "").to_owned(),
        lines: line(t, "booklet-answers", answers).into_iter().collect(),
    }
}

pub fn others<'a>(definition: &'a ServiceDefinition, words: &Words<'a>, t: Say) -> Vec<Other> {
    // Whom it is only about stands on the passport.
    let is_asked = |party: &&Party| definition.steps().iter().any(|step| step.asks() == Some(party.name.as_str()));
    definition.spec.parties.iter().filter(is_asked).map(|party| other(party, definition, words, t)).collect()
}

fn other<'a>(party: &'a Party, definition: &'a ServiceDefinition, words: &Words<'a>, t: Say) -> Other {
    let kind = match party.kind {
        PartyKind::Person => "person",
        PartyKind::Company => "company",
    };
    let known_by = party.identified_by.iter().map(|by| match by {
        Identified::Pinfl => t.named("booklet-known-", "pinfl"),
        Identified::Tin => t.named("booklet-known-", "tin"),
        Identified::ForeignDocument => t.named("booklet-known-", "foreignDocument"),
        Identified::NotYetKnown => t.named("booklet-known-", "notYetKnown"),
    });
    let from = party.from.iter().map(|from| match from.as_str() {
        "applicant" => t.get("booklet-applicant"),
        fact if fact.starts_with("facts.") => words.named(fact),
        at => words.named(&format!("data.{at}")),
    });
    let steps = definition.steps().iter().enumerate().filter(|(_, step)| step.asks() == Some(party.name.as_str()));
    let lines = [
        line(t, "booklet-party-kind", [t.named("booklet-party-", kind)]),
        line(t, "booklet-known-by", known_by),
        line(t, "booklet-number-from", from),
        line(t, "booklet-asked-in", steps.map(|(index, _)| t.number("booklet-step", index + 1))),
    ];
    Other {
        title: words.text_or(party.title.as_ref(), &party.name).to_owned(),
        lines: lines.into_iter().flatten().collect(),
    }
}
