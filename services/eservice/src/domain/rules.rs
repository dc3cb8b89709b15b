//! What rules gave and officers decided in a case, as a task's page tells it: nothing that rests on what the task does not show.

use std::collections::BTreeSet;

use kernel::{Language, Money};
use process::{
    CaseState, Facts, Process,
    case::{OfficerDecision, Task},
    fees::Charge,
    paths,
    results::{By, Given, Used, Whence},
    words::Words,
};
use proto::eservice::v1::{Row, RuleAct, RuleFact, RuleResult, TaskPage};
use serde_json::Value;

use super::{changed::micros, form, progress, text};

/// What identity says of the applicant and officers read besides; the rest no page of theirs shows.
const PERSON_SHOWN: [&str; 2] = ["name", "mandate"];

/// Of a task of the case's own agency; `page` is what it shows.
pub fn results(
    process: &Process,
    state: &CaseState,
    given: &[Given],
    (task, page): (&Task, &TaskPage),
    language: Language,
    facts: &Facts<'_>,
) -> Vec<RuleResult> {
    let definition = process.definition();
    let declared = definition.step(&task.step).and_then(|step| step.task.as_ref());
    let sight = Sight {
        all: declared.is_none_or(|task| task.shows.is_empty()),
        step: &task.step,
        fields: rows(page).map(|row| row.at.as_str()).collect(),
    };
    let teller = Teller { definition, state, page, words: Words::new(definition, language), language, facts };
    // Opinions of other agencies stand on the page by themselves.
    let is_opinion = |given: &Given| matches!(&given.by, By::Decision(decision) if state.is_opinion(decision.task));
    given.iter().filter(|given| !is_opinion(given) && sight.sees(given)).map(|given| teller.result(given)).collect()
}

fn rows(page: &TaskPage) -> impl Iterator<Item = &Row> {
    page.sections.iter().flat_map(|section| &section.rows)
}

/// What a task shows.
struct Sight<'a> {
    /// The whole case.
    all: bool,
    step: &'a str,
    fields: BTreeSet<&'a str>,
}

impl Sight<'_> {
    /// A rule says what it read even where its facts are left out: it is told whole or not at all.
    fn sees(&self, given: &Given) -> bool {
        match &given.by {
            _ if self.all => true,
            By::Decision(decision) => decision.step == self.step,
            // What a table gave says nothing of what it read.
            By::Value { rule, .. } if rule.is_empty() => false,
            By::Value { at, .. } if !self.fields.contains(at.as_str()) => false,
            _ => given.used.iter().all(|used| self.sees_value(&used.path)),
        }
    }

    fn sees_value(&self, path: &str) -> bool {
        match path.split_once('.') {
            Some(("data", at)) => self.fields.contains(at),
            // Every task of the agency shows what registries said, and whose application it is.
            Some(("facts" | "ref", _)) | Some(("applicant", "name")) => true,
            Some(("case", rest)) => !rest.starts_with("decision"),
            _ => false,
        }
    }
}

struct Teller<'a> {
    definition: &'a api::ServiceDefinition,
    state: &'a CaseState,
    page: &'a TaskPage,
    words: Words<'a>,
    language: Language,
    facts: &'a Facts<'a>,
}

impl Teller<'_> {
    fn result(&self, given: &Given) -> RuleResult {
        let told = RuleResult {
            title: self.step(&given.step),
            facts: given.used.iter().map(|used| self.fact(used)).collect(),
            time_us: given.at.micros(),
            ..RuleResult::default()
        };
        match &given.by {
            By::Way { case, fired, next } => self.way((given, *case, fired), next, told),
            By::Value { at, rule, value } => RuleResult {
                kind: "value".to_owned(),
                title: self.label(at),
                rule: self.words.rule(rule),
                result: self.shown(&self.origin(at), value).unwrap_or_default(),
                ..told
            },
            By::Fee { fee, amount, charge } => self.fee(fee, *amount, charge.as_deref(), told),
            By::Decision(decision) => self.decision(decision, told),
        }
    }

    fn way(
        &self,
        (given, case, fired): (&Given, Option<usize>, &[String]),
        next: &str,
        told: RuleResult,
    ) -> RuleResult {
        let declared = self.definition.step(&given.step).and_then(|step| step.decide.as_ref());
        let case = case.and_then(|case| declared?.cases.get(case)).map(|case| self.words.rule(&case.when));
        let table = declared.and_then(|decide| decide.table.as_ref());
        let rules = table.into_iter().flat_map(|table| table.rules.iter().map(move |rule| (table, rule)));
        let held: Vec<_> = rules.filter(|(_, rule)| fired.contains(&rule.name)).collect();
        let articles = held.iter().filter_map(|(_, rule)| rule.article.clone());
        RuleResult {
            kind: "way".to_owned(),
            rule: case
                .into_iter()
                .chain(held.iter().map(|(table, rule)| self.words.held(table, rule)))
                .collect::<Vec<_>>()
                .join("; "),
            result: self.step(next),
            acts: articles.map(|title| RuleAct { title, uri: String::new() }).collect(),
            ..told
        }
    }

    fn step(&self, name: &str) -> String {
        self.definition.step(name).map_or_else(|| name.to_owned(), |step| self.words.step_title(step))
    }

    /// Where something spares the payer, that is the rule that held.
    fn fee(&self, name: &str, amount: Money, charge: Option<&Charge>, told: RuleResult) -> RuleResult {
        let fee = self.definition.fee(name);
        let waiver = charge.and_then(|charge| charge.waiver.as_ref());
        let rule = waiver.map(|waiver| &waiver.when).or(charge.map(|charge| &charge.formula));
        let spared = waiver.and_then(|waiver| fee?.waivers.get(waiver.index)?.legal_basis.as_ref());
        let ordered = fee.and_then(|fee| fee.legal_basis.as_ref());
        RuleResult {
            kind: "fee".to_owned(),
            title: fee.map_or(name, |fee| self.words.fee(fee)).to_owned(),
            rule: rule.map(|rule| self.words.rule(rule)).unwrap_or_default(),
            result: waiver.map(|waiver| text::of_map(&waiver.title, self.language)).unwrap_or_default(),
            amount: Some(form::money(amount)),
            acts: spared.into_iter().chain(ordered).map(|act| self.act(act)).collect(),
            ..told
        }
    }

    fn act(&self, act: &api::LegalBasis) -> RuleAct {
        let title = act.title.in_language(self.language.tag()).to_owned();
        RuleAct { title, uri: act.uri.clone().unwrap_or_default() }
    }

    fn decision(&self, decision: &OfficerDecision, told: RuleResult) -> RuleResult {
        let said = progress::decided(self.definition, decision, self.language);
        let kind = if decision.officer.is_some() { "decision" } else { "silence" };
        let result = if said.label.is_empty() { said.outcome } else { said.label };
        RuleResult { kind: kind.to_owned(), result, reasons: said.reasons, ..told }
    }

    fn fact(&self, used: &Used) -> RuleFact {
        let (root, rest) = used.path.split_once('.').unwrap_or((used.path.as_str(), ""));
        let label = match root {
            "data" => self.label(rest),
            // A registry's own name for it, which the host puts into words.
            "facts" => rest.split_once('.').map_or(rest, |(_, field)| field).to_owned(),
            _ => self.words.named(&used.path),
        };
        let (whence, source, read_us) = match &used.whence {
            Whence::Answer => ("answer", "", 0),
            Whence::Computed => ("computed", "", 0),
            Whence::Registry { source, read } => ("registry", source.as_str(), micros(*read)),
            Whence::Decision => ("decision", "", 0),
            Whence::Person => ("person", "", 0),
            Whence::Case => ("case", "", 0),
            Whence::Law { from } => ("law", from.as_str(), 0),
        };
        let row = Row { label, source: source.to_owned(), read_us, ..self.value(used) };
        RuleFact { row: Some(row), whence: whence.to_owned() }
    }

    /// As the page shows it where it is still the same, else as it was.
    fn value(&self, used: &Used) -> Row {
        let of_kind = |kind: &str, value: String| Row { kind: kind.to_owned(), value, ..Row::default() };
        let Some(value) = used.value.as_ref().filter(|value| !value.is_null()) else {
            return of_kind("absent", String::new());
        };
        if let Some(at) = used.path.strip_prefix("data.")
            && paths::get(&self.state.data, at) == Some(value)
            && let Some(row) = rows(self.page).find(|row| row.at == at)
        {
            return of_kind(&row.kind, row.value.clone());
        }
        match self.shown(&used.path, value) {
            Some(shown) => of_kind("fact", shown),
            None => of_kind("withheld", String::new()),
        }
    }

    /// What a step puts into the data from the applicant's identity is shown as that is.
    fn origin(&self, at: &str) -> String {
        let mut sets = self.definition.steps().iter().filter_map(|step| step.set.as_ref()).flatten();
        let copied = sets.find(|set| set.at == at && set.to.starts_with("applicant."));
        copied.map_or_else(|| format!("data.{at}"), |set| set.to.clone())
    }

    /// None: an officer does not read it here.
    fn shown(&self, path: &str, value: &Value) -> Option<String> {
        let is_secret = path.strip_prefix("applicant.").is_some_and(|field| !PERSON_SHOWN.contains(&field));
        match value {
            _ if is_secret => None,
            Value::Object(_) => None,
            Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
                Some(items.len().to_string())
            }
            Value::Array(items) => {
                Some(items.iter().map(|item| self.in_words(path, item)).collect::<Vec<_>>().join(", "))
            }
            value => Some(self.in_words(path, value)),
        }
    }

    /// The words of an option, of an outcome, of an office; else the value itself.
    fn in_words(&self, path: &str, value: &Value) -> String {
        let plain = text::of_value(value);
        let label = match path.split_once('.') {
            Some(("data", at)) => {
                let field = self.field(at);
                field.and_then(|field| field.options.iter().find(|option| option.value == plain)).map(|one| &one.label)
            }
            Some(("case", "decision.outcome")) => {
                let tasks = self.definition.steps().iter().filter_map(|step| step.task.as_ref());
                tasks.flat_map(|task| &task.outcomes).find(|outcome| outcome.name == plain).map(|one| &one.label)
            }
            _ => None,
        };
        match label {
            Some(label) => label.in_language(self.language.tag()).to_owned(),
            None => progress::office_title(&plain, self.language, self.facts),
        }
    }

    fn label(&self, at: &str) -> String {
        let label = self.field(at).map(|field| field.label.in_language(self.language.tag()));
        label.unwrap_or(at).to_owned()
    }

    fn field(&self, at: &str) -> Option<&api::Field> {
        self.definition.spec.forms.iter().find_map(|form| form.field(at))
    }
}

#[cfg(test)]
mod tests {
    use kernel::Time;

    use super::*;

    fn rule(paths: &[&str]) -> Given {
        let used = |path: &&str| Used { path: (*path).to_owned(), value: None, whence: Whence::Answer };
        Given {
            at: Time::default(),
            step: "judge".into(),
            by: By::Way { case: None, fired: Vec::new(), next: "pay".into() },
            used: paths.iter().map(used).collect(),
        }
    }

    #[test]
    fn a_task_that_shows_a_part_tells_only_rules_that_rest_on_it() {
        let part = Sight { all: false, step: "review", fields: ["goods.kind"].into() };
        assert!(part.sees(&rule(&["data.goods.kind", "facts.record.state", "ref.bhm", "case.submitted"])));
        let value = |at: &str, rule: &str| Given {
            by: By::Value { at: at.into(), rule: rule.into(), value: Value::Null },
            ..self::rule(&[])
        };
        assert!(part.sees(&value("goods.kind", "'food'")) && !part.sees(&value("income", "'low'")), "where it is put");
        assert!(!part.sees(&value("goods.kind", "")), "a table may have read anything");
        let whole = Sight { all: true, ..part };
        let part = Sight { all: false, step: "review", fields: ["goods.kind"].into() };
        for hidden in ["data.shop.phone", "data", "applicant.pinfl", "case.decision.outcome"] {
            let rule = rule(&["data.goods.kind", hidden]);
            assert!(!part.sees(&rule) && whole.sees(&rule), "{hidden}");
        }
    }
}
