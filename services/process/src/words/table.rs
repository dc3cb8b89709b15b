//! A decision table, rule by rule: its inputs by the names that people have for them, its cells as they would be said.

use api::{CollectBy, Hit, Table, TableInput, TableRule};

use super::{
    Words,
    phrases::{Phrase, rule, table as table_words},
};
use crate::{
    calendar::numerals,
    expr::{Type, compile, money_of},
    table::{self, Cell, Constant, Relation, Test},
};

impl<'a> Words<'a> {
    pub(super) fn table(&self, table: &'a Table) -> Vec<String> {
        let mut lines = vec![match (table.hit, &table.collect) {
            (Hit::First, _) => self.say(&table_words::FIRST, &[]),
            (Hit::Collect, Some(collect)) => {
                let at = self.named(&format!("data.{}", collect.at));
                let phrase = if collect.by == CollectBy::Sum { &table_words::SUM } else { &table_words::LIST };
                self.say(phrase, &[&at, &self.number(&collect.next)])
            }
            _ => self.say(&table_words::UNIQUE, &[]),
        }];
        lines.extend(table.rules.iter().flat_map(|rule| self.table_rule(table, rule)));
        lines
    }

    /// A rule that held: its name, and what had to hold.
    pub fn held(&self, table: &'a Table, rule: &'a TableRule) -> String {
        let name = self.quoted(&rule.name);
        self.condition(table, rule).map_or_else(|| name.clone(), |condition| format!("{name}: {condition}"))
    }

    fn condition(&self, table: &'a Table, rule: &'a TableRule) -> Option<String> {
        let cells = table.inputs.iter().zip(&rule.when).filter_map(|(input, cell)| self.cell(input, cell));
        cells.reduce(|all, one| self.say(&rule::AND, &[&all, &one]))
    }

    fn table_rule(&self, table: &'a Table, rule: &'a TableRule) -> Vec<String> {
        let name = match &rule.article {
            Some(article) => format!("{} ({article})", self.quoted(&rule.name)),
            None => self.quoted(&rule.name),
        };
        let condition = self.condition(table, rule);
        let mut lines = Vec::new();
        if let Some(next) = &rule.next {
            let next = self.number(next);
            lines.push(match &condition {
                Some(condition) => self.say(&table_words::RULE_LEADS, &[&name, condition, &next]),
                None => self.say(&table_words::RULE_LEADS_ALWAYS, &[&name, &next]),
            });
        }
        if let Some(gives) = &rule.gives {
            let gives = self.rule(gives);
            lines.push(match &condition {
                Some(condition) => self.say(&table_words::RULE_GIVES, &[&name, condition, &gives]),
                None => self.say(&table_words::RULE_GIVES_ALWAYS, &[&name, &gives]),
            });
        }
        lines.extend(rule.set.iter().map(|value| format!("{name}: {}", self.set(value))));
        lines
    }

    /// Nothing where it does not matter. What cannot be read stays as it is written.
    fn cell(&self, input: &'a TableInput, cell: &str) -> Option<String> {
        let said = self.told(&input.is);
        let label = input.label.as_ref().map(|label| self.text(label)).filter(|label| !label.is_empty());
        let name = label.map(|label| self.quoted(label)).or(said).unwrap_or_else(|| self.quoted(&input.is));
        let several = |tests: &[Test]| {
            let told: Vec<String> = tests.iter().map(|test| self.test(input, &name, test)).collect();
            match (told.len(), self.listed(input, tests)) {
                (2.., Some(among)) => self.say(&rule::ONE_OF, &[&name, &among]),
                (1, _) => told.concat(),
                _ => {
                    let joined = told.into_iter().reduce(|all, one| self.say(&rule::OR, &[&all, &one]));
                    format!("({})", joined.unwrap_or_default())
                }
            }
        };
        match table::read(cell) {
            Ok(Cell::Any) => None,
            Ok(Cell::One(tests)) => Some(several(&tests)),
            Ok(Cell::Not(tests)) => Some(self.say(&rule::NOT, &[&several(&tests)])),
            Err(_) => Some(format!("{name} {cell}")),
        }
    }

    /// Where each is one value that it may be.
    fn listed(&self, input: &TableInput, tests: &[Test]) -> Option<String> {
        let values: Option<Vec<String>> = tests
            .iter()
            .map(|test| match test {
                Test::Compared(Relation::Is, constant) => Some(self.constant(input, constant)),
                _ => None,
            })
            .collect();
        values.map(|values| values.join(", "))
    }

    fn test(&self, input: &TableInput, name: &str, test: &Test) -> String {
        match test {
            Test::Between(from, to) => {
                let (from, to) = (self.constant(input, from), self.constant(input, to));
                self.say(&rule::FROM_TO, &[name, &from, &to])
            }
            Test::Compared(relation, constant) => {
                let phrase = phrase(*relation, matches!(constant, Constant::Date(_)));
                self.say(phrase, &[name, &self.constant(input, constant)])
            }
        }
    }

    /// A chosen answer as people see it; a number beside an amount is an amount.
    fn constant(&self, input: &TableInput, constant: &Constant) -> String {
        match constant {
            Constant::Bool(yes) => self.say(if *yes { &rule::YES } else { &rule::NO }, &[]),
            Constant::Text(text) => self.option(&input.is, text).unwrap_or_else(|| self.quoted(text)),
            Constant::Date(date) => numerals(*date),
            Constant::Number(number) => {
                let is_money = compile(&input.is, &self.env).is_ok_and(|expr| *expr.result() == Type::Money);
                let amount = is_money.then(|| money_of(*number).ok()).flatten();
                amount.map_or_else(|| number.to_string(), |amount| amount.to_string())
            }
        }
    }
}

fn phrase(relation: Relation, of_dates: bool) -> &'static Phrase {
    match (relation, of_dates) {
        (Relation::Is, _) => &rule::IS,
        (Relation::Less, false) => &rule::LESS,
        (Relation::Less, true) => &rule::BEFORE,
        (Relation::AtMost, false) => &rule::AT_MOST,
        (Relation::AtMost, true) => &rule::NOT_AFTER,
        (Relation::More, false) => &rule::MORE,
        (Relation::More, true) => &rule::AFTER,
        (Relation::AtLeast, false) => &rule::AT_LEAST,
        (Relation::AtLeast, true) => &rule::NOT_BEFORE,
    }
}
