//! Reads a checked expression aloud. Where a part has no words, the whole has none: half a sentence would mislead.

use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr as Node, LiteralValue, operators as op},
};
use jiff::civil::Date;

use super::{
    Words,
    phrases::{Phrase, rule},
};
use crate::expr::{Expr, MACROS, Type, money_of, number_of, path_of};

/// These give dates, whatever they are given.
const DATES: [&str; 5] = ["date", "today", "addDays", "addMonths", "addYears"];

pub struct Reader<'w, 'a> {
    words: &'w Words<'a>,
    /// Names of the items of surrounding lists.
    locals: Vec<String>,
}

impl<'w, 'a> Reader<'w, 'a> {
    pub fn new(words: &'w Words<'a>) -> Self {
        Self { words, locals: Vec::new() }
    }

    pub fn whole(&mut self, expr: &Expr) -> Option<String> {
        if *expr.result() == Type::Bool { self.condition(expr.tree()) } else { self.value(expr.tree()) }
    }

    fn say(&self, phrase: &Phrase, parts: &[&str]) -> String {
        self.words.say(phrase, parts)
    }

    /// A value that is yes or no by itself is said to be so.
    fn condition(&mut self, node: &IdedExpr) -> Option<String> {
        match &node.expr {
            Node::Ident(_) | Node::Select(_) => self.is(node, &rule::YES),
            Node::Literal(LiteralValue::Boolean(holds)) => {
                Some(self.say(if *holds.inner() { &rule::ALWAYS } else { &rule::NEVER }, &[]))
            }
            _ => self.value(node),
        }
    }

    fn is(&mut self, node: &IdedExpr, answer: &Phrase) -> Option<String> {
        let name = self.value(node)?;
        Some(self.say(&rule::IS, &[&name, &self.say(answer, &[])]))
    }

    fn value(&mut self, node: &IdedExpr) -> Option<String> {
        match &node.expr {
            Node::Literal(literal) => self.literal(literal),
            Node::Ident(_) | Node::Select(_) => self.path(node),
            Node::List(list) => self.listed(list.elements.iter()),
            Node::Call(call) => self.call(call),
            _ => None,
        }
    }

    fn literal(&self, literal: &LiteralValue) -> Option<String> {
        Some(match literal {
            LiteralValue::Boolean(yes) => self.say(if *yes.inner() { &rule::YES } else { &rule::NO }, &[]),
            LiteralValue::Int(number) => number.inner().to_string(),
            LiteralValue::Null => self.say(&rule::EMPTY, &[]),
            LiteralValue::String(text) => self.words.quoted(text.inner()),
            _ => return None,
        })
    }

    fn path(&self, node: &IdedExpr) -> Option<String> {
        let path = path_of(node)?;
        let root = path.split('.').next().unwrap_or_default();
        let local = self.locals.iter().any(|local| local == root);
        Some(if local { self.words.quoted(&path) } else { self.words.named(&path) })
    }

    fn listed<'n>(&mut self, nodes: impl Iterator<Item = &'n IdedExpr>) -> Option<String> {
        let values: Option<Vec<String>> = nodes.map(|node| self.value(node)).collect();
        Some(values?.join(", "))
    }

    fn call(&mut self, call: &CallExpr) -> Option<String> {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (op::LOGICAL_AND, [left, right]) => self.joined(&rule::AND, left, right, op::LOGICAL_OR),
            (op::LOGICAL_OR, [left, right]) => self.joined(&rule::OR, left, right, op::LOGICAL_AND),
            (op::LOGICAL_NOT, [operand]) => self.not(operand),
            (op::CONDITIONAL, [condition, yes, no]) => {
                let (condition, yes, no) = (self.condition(condition)?, self.value(yes)?, self.value(no)?);
                Some(self.say(&rule::IF, &[&condition, &yes, &no]))
            }
            (op::EQUALS, [left, right]) => self.compared(&rule::IS, left, right),
            (op::NOT_EQUALS, [left, right]) => self.compared(&rule::IS_NOT, left, right),
            (op::LESS, [left, right]) => self.ordered(&rule::LESS, &rule::BEFORE, left, right),
            (op::LESS_EQUALS, [left, right]) => self.ordered(&rule::AT_MOST, &rule::NOT_AFTER, left, right),
            (op::GREATER, [left, right]) => self.ordered(&rule::MORE, &rule::AFTER, left, right),
            (op::GREATER_EQUALS, [left, right]) => self.ordered(&rule::AT_LEAST, &rule::NOT_BEFORE, left, right),
            (op::ADD, [left, right]) => self.arithmetic("+", left, right),
            (op::SUBSTRACT, [left, right]) => self.arithmetic("−", left, right),
            (op::MULTIPLY, [left, right]) => self.arithmetic("×", left, right),
            (op::DIVIDE, [left, right]) => self.arithmetic("÷", left, right),
            (op::NEGATE, [operand]) => Some(format!("−{}", self.operand(operand)?)),
            (op::IN, [item, list]) => self.one_of(item, list),
            (op::HAS, [field]) => {
                let name = self.path(field)?;
                Some(self.say(&rule::GIVEN, &[&name]))
            }
            (name, [variable, body]) if MACROS.contains(&name) => {
                self.over_list(name, call.target.as_deref()?, variable, body)
            }
            (name, arguments) => {
                let all: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(arguments).collect();
                self.function(name, &all)
            }
        }
    }

    /// What the other word joins stands in brackets: nobody should have to know which binds more strongly.
    fn joined(&mut self, phrase: &Phrase, left: &IdedExpr, right: &IdedExpr, other: &str) -> Option<String> {
        let mut side = |node: &IdedExpr| {
            let said = self.condition(node)?;
            Some(if is_call(node, &[other, op::CONDITIONAL]) { format!("({said})") } else { said })
        };
        let (left, right) = (side(left)?, side(right)?);
        Some(self.say(phrase, &[&left, &right]))
    }

    fn not(&mut self, operand: &IdedExpr) -> Option<String> {
        if matches!(operand.expr, Node::Ident(_) | Node::Select(_)) {
            return self.is(operand, &rule::NO);
        }
        let said = self.condition(operand)?;
        Some(self.say(&rule::NOT, &[&said]))
    }

    fn compared(&mut self, phrase: &Phrase, left: &IdedExpr, right: &IdedExpr) -> Option<String> {
        let (left_said, right_said) = (self.side(left, right)?, self.side(right, left)?);
        Some(self.say(phrase, &[&left_said, &right_said]))
    }

    fn ordered(&mut self, of_numbers: &Phrase, of_dates: &Phrase, left: &IdedExpr, right: &IdedExpr) -> Option<String> {
        let dates = self.is_date(left) || self.is_date(right);
        let (left, right) = (self.value(left)?, self.value(right)?);
        Some(self.say(if dates { of_dates } else { of_numbers }, &[&left, &right]))
    }

    fn is_date(&self, node: &IdedExpr) -> bool {
        match &node.expr {
            Node::Call(call) => DATES.contains(&call.func_name.as_str()),
            _ => path_of(node).is_some_and(|path| self.words.is_date(&path)),
        }
    }

    /// An answer that is chosen from a list, as people see it there.
    fn side(&mut self, node: &IdedExpr, compared_with: &IdedExpr) -> Option<String> {
        if let (Some(text), Some(path)) = (text_of(node), path_of(compared_with))
            && let Some(option) = self.words.option(&path, text)
        {
            return Some(option);
        }
        self.value(node)
    }

    fn one_of(&mut self, item: &IdedExpr, list: &IdedExpr) -> Option<String> {
        let name = self.value(item)?;
        let among = match &list.expr {
            Node::List(list) => {
                let sides: Option<Vec<String>> = list.elements.iter().map(|element| self.side(element, item)).collect();
                sides?.join(", ")
            }
            _ => self.value(list)?,
        };
        Some(self.say(&rule::ONE_OF, &[&name, &among]))
    }

    fn arithmetic(&mut self, sign: &str, left: &IdedExpr, right: &IdedExpr) -> Option<String> {
        Some(format!("{} {sign} {}", self.operand(left)?, self.operand(right)?))
    }

    fn operand(&mut self, node: &IdedExpr) -> Option<String> {
        let said = self.value(node)?;
        let composed = is_call(node, &[op::ADD, op::SUBSTRACT, op::MULTIPLY, op::DIVIDE, op::CONDITIONAL]);
        Some(if composed { format!("({said})") } else { said })
    }

    fn over_list(&mut self, name: &str, list: &IdedExpr, variable: &IdedExpr, body: &IdedExpr) -> Option<String> {
        let Node::Ident(variable) = &variable.expr else { return None };
        let list = self.value(list)?;
        let phrase = match name {
            op::ALL | op::MAP => &rule::EACH,
            op::EXISTS => &rule::AT_LEAST_ONE,
            op::EXISTS_ONE => &rule::EXACTLY_ONE,
            op::FILTER => &rule::THOSE,
            _ => return None,
        };
        self.locals.push(variable.clone());
        let body = if name == op::MAP { self.value(body) } else { self.condition(body) };
        self.locals.pop();
        Some(self.say(phrase, &[&list, &self.words.quoted(variable), &body?]))
    }

    fn function(&mut self, name: &str, arguments: &[&IdedExpr]) -> Option<String> {
        match (name, arguments) {
            ("percent", [amount, rate, rest @ ..]) => {
                let said = self.percent(amount, rate)?;
                self.rounded(said, rest.first().copied())
            }
            ("share", [amount, part, of, rest @ ..]) => {
                let said = format!("{} × {}/{}", self.operand(amount)?, self.operand(part)?, self.operand(of)?);
                self.rounded(said, rest.first().copied())
            }
            ("roundSom", [amount, rest @ ..]) => {
                let amount = self.operand(amount)?;
                let said = self.say(&rule::WHOLE_SOM, &[&amount]);
                self.rounded(said, rest.first().copied())
            }
            ("money", [amount]) => match self.number(amount) {
                Some(number) => Some(number_of(&number).and_then(money_of).ok()?.to_string()),
                None => self.value(amount),
            },
            ("decimal", [number]) => self.number(number).or_else(|| self.value(number)),
            ("date", [day]) => text_of(day).and_then(written_day).or_else(|| self.value(day)),
            ("string", [value]) => self.value(value),
            ("min" | "max" | "sum", all) => {
                let listed = self.listed(all.iter().copied())?;
                let phrase = match name {
                    "min" => &rule::SMALLEST,
                    "max" => &rule::LARGEST,
                    _ => &rule::SUM,
                };
                Some(self.say(phrase, &[&listed]))
            }
            (name, all) => {
                let phrase = plain(name)?;
                let values: Option<Vec<String>> = all.iter().map(|argument| self.value(argument)).collect();
                let values = values?;
                let parts: Vec<&str> = values.iter().map(String::as_str).collect();
                Some(self.say(phrase, &parts))
            }
        }
    }

    fn percent(&mut self, amount: &IdedExpr, rate: &IdedExpr) -> Option<String> {
        let rate = match self.number(rate) {
            Some(rate) => rate,
            None => self.operand(rate)?,
        };
        if path_of(amount).is_some_and(|path| path == "ref.bhm") {
            return Some(self.say(&rule::PERCENT_OF_BASE_AMOUNT, &[&rate]));
        }
        let amount = self.operand(amount)?;
        Some(self.say(&rule::PERCENT, &[&amount, &rate]))
    }

    /// A number that is written out, as a number or as a text.
    fn number(&self, node: &IdedExpr) -> Option<String> {
        match &node.expr {
            Node::Literal(LiteralValue::Int(number)) => Some(number.inner().to_string()),
            _ => text_of(node).map(str::to_owned),
        }
    }

    /// To the nearest is what everybody expects: only another way is said.
    fn rounded(&self, said: String, how: Option<&IdedExpr>) -> Option<String> {
        let Some(how) = how else { return Some(said) };
        let phrase = match text_of(how)? {
            "half-up" => return Some(said),
            "half-even" => &rule::ROUNDED_EVEN,
            "up" => &rule::ROUNDED_UP,
            "down" => &rule::ROUNDED_DOWN,
            _ => return None,
        };
        Some(self.say(phrase, &[&said]))
    }
}

/// Functions whose arguments fill the phrase in their order.
fn plain(name: &str) -> Option<&'static Phrase> {
    Some(match name {
        "size" => &rule::SIZE,
        "startsWith" => &rule::BEGINS_WITH,
        "endsWith" => &rule::ENDS_WITH,
        "contains" => &rule::CONTAINS,
        "today" => &rule::TODAY,
        "age" => &rule::AGE,
        "years" => &rule::YEARS,
        "days" => &rule::DAYS,
        "addDays" => &rule::PLUS_DAYS,
        "addMonths" => &rule::PLUS_MONTHS,
        "addYears" => &rule::PLUS_YEARS,
        "isWorkingDay" => &rule::WORKING_DAY,
        "officeFor" => &rule::OFFICE_FOR,
        _ => return None,
    })
}

fn is_call(node: &IdedExpr, names: &[&str]) -> bool {
    matches!(&node.expr, Node::Call(call) if names.contains(&call.func_name.as_str()))
}

fn text_of(node: &IdedExpr) -> Option<&str> {
    match &node.expr {
        Node::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

/// `31.01.2026`, as days are written in the country.
fn written_day(iso: &str) -> Option<String> {
    iso.parse().ok().map(day)
}

pub fn day(day: Date) -> String {
    format!("{:02}.{:02}.{}", day.day(), day.month(), day.year())
}
