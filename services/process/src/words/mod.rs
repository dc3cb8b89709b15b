//! A definition in plain words of one language: its rules, its fees, its steps. Who reads them need not read expressions.

mod names;
mod phrases;
mod rule;
mod span;
mod steps;
mod table;
#[cfg(test)]
mod tests;

use api::{Agency, Fee, LegalBasis, ServiceDefinition, Text};
use kernel::Language;

pub use span::said;
pub use steps::StepWords;

use crate::{
    eligibility,
    expr::{Expr, TypeEnv, compile},
    reference::Reference,
};
use phrases::Phrase;

/// A definition and the language in which it is told.
pub struct Words<'a> {
    definition: &'a ServiceDefinition,
    agency: Option<&'a Agency>,
    language: Language,
    env: TypeEnv,
}

impl<'a> Words<'a> {
    pub fn new(definition: &'a ServiceDefinition, language: Language) -> Self {
        let reference = Reference::standard();
        let mut env = TypeEnv::of_definition(definition, &reference.names());
        if let Some(check) = &definition.spec.eligibility {
            // Its rules read answers, which no other rule of a definition that passed the check can name.
            env.variables.extend(eligibility::names(check, &reference.names()).variables);
        }
        Self { definition, agency: None, language, env }
    }

    /// The same, where the agency that owns the service is known: others keep their names, so that it is told alike everywhere.
    pub fn of_agency(self, agency: Option<&'a Agency>) -> Self {
        Self { agency, ..self }
    }

    /// A condition or an amount. What cannot be told in words stays as it is written.
    pub fn rule(&self, source: &str) -> String {
        self.told(source).unwrap_or_else(|| self.quoted(source))
    }

    /// Nothing when there are no words for it.
    pub fn told(&self, source: &str) -> Option<String> {
        let expr: Expr = compile(source, &self.env).ok()?;
        rule::Reader::new(self).whole(&expr)
    }

    /// A text of the definition.
    pub fn text(&self, text: &'a Text) -> &'a str {
        text.in_language(self.language.tag())
    }

    /// A text that may be missing, else a name.
    pub fn text_or(&self, text: Option<&'a Text>, name: &'a str) -> &'a str {
        text.map(|text| self.text(text)).filter(|text| !text.is_empty()).unwrap_or(name)
    }

    pub fn fee(&self, fee: &'a Fee) -> &'a str {
        self.text_or(fee.title.as_ref(), &fee.name)
    }

    pub fn act(&self, act: &'a LegalBasis) -> &'a str {
        self.text(&act.title)
    }

    /// An agency as people call it.
    pub fn agency(&self, name: &'a str) -> &'a str {
        let known = self.agency.filter(|agency| agency.metadata.name == name);
        known.map_or(name, |agency| self.text_or(Some(&agency.spec.title), name))
    }

    /// A value of a registry's answer.
    pub fn answered(&self, registry: &str, field: &str) -> String {
        let registry = self.quoted(registry);
        match field {
            "" => self.say(&phrases::rule::WHOLE_FACT, &[&registry]),
            field => self.say(&phrases::rule::FACT, &[&self.quoted(field), &registry]),
        }
    }

    /// A length of time.
    pub fn span(&self, span: api::Span) -> String {
        said(span, self.language.tag())
    }

    pub fn quoted(&self, text: &str) -> String {
        phrases::quoted(self.language, text)
    }

    fn say(&self, phrase: &Phrase, parts: &[&str]) -> String {
        phrase.say(self.language, parts)
    }
}
