//! Types of expressions, taken from the data schema so that a definition that cannot work is refused before anybody applies.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde_json::Value as Json;

/// Where a schema gives no bound, the platform's own caps count.
pub const ITEMS_MAX: u64 = 1_000;
pub const TEXT_MAX: u64 = 10_000;
/// How deep `$ref` and nesting are followed.
const DEPTH_MAX: u32 = 24;

#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// Known only when it is there: facts of a registry whose contract the definition does not hold.
    Any,
    Null,
    Bool,
    Int,
    Decimal,
    Money,
    Text {
        max: u64,
    },
    Date,
    List {
        item: Arc<Type>,
        max: u64,
    },
    Object(Arc<Fields>),
}

/// Fields of an object; an open one may hold others too.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fields {
    pub fields: BTreeMap<String, Type>,
    pub open: bool,
}

impl Type {
    pub const fn text() -> Self {
        Self::Text { max: TEXT_MAX }
    }

    pub fn object(fields: impl IntoIterator<Item = (&'static str, Type)>) -> Self {
        let fields = fields.into_iter().map(|(name, of)| (name.to_owned(), of)).collect();
        Self::Object(Arc::new(Fields { fields, open: false }))
    }

    /// The type that a JSON Schema (2020-12) describes; what the schema leaves open is `Any`.
    pub fn of_schema(schema: &Json) -> Self {
        of_schema(schema, schema, 0)
    }

    pub fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Decimal | Self::Any)
    }

    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text { .. } | Self::Any)
    }

    /// Whether a value of `other` can stand where this type is wanted.
    pub fn accepts(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::Decimal, Self::Int) | (Self::Text { .. }, Self::Text { .. } | Self::Date) => true,
            (Self::Date, Self::Text { .. }) => true,
            (Self::List { item: wanted, .. }, Self::List { item, .. }) => wanted.accepts(item),
            (Self::Object(_), Self::Object(_)) => true,
            (wanted, other) => wanted == other,
        }
    }

    /// The type of either branch of a conditional.
    pub fn join(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Text { max: a }, Self::Text { max: b }) => Some(Self::Text { max: a.max(b) }),
            (Self::Int, Self::Decimal) | (Self::Decimal, Self::Int) => Some(Self::Decimal),
            (Self::List { item: a, max: m }, Self::List { item: b, max: n }) => {
                let item = Arc::unwrap_or_clone(a).join(Arc::unwrap_or_clone(b))?;
                Some(Self::List { item: Arc::new(item), max: m.max(n) })
            }
            (Self::Null, other) | (other, Self::Null) => Some(other),
            (Self::Any, _) | (_, Self::Any) => Some(Self::Any),
            (a, b) if a == b => Some(a),
            (Self::Object(_), Self::Object(_)) => Some(Self::Any),
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => out.write_str("any"),
            Self::Null => out.write_str("null"),
            Self::Bool => out.write_str("bool"),
            Self::Int => out.write_str("int"),
            Self::Decimal => out.write_str("Decimal"),
            Self::Money => out.write_str("Money"),
            Self::Text { .. } => out.write_str("text"),
            Self::Date => out.write_str("date"),
            Self::List { item, .. } => write!(out, "list of {item}"),
            Self::Object(_) => out.write_str("object"),
        }
    }
}

fn of_schema(schema: &Json, root: &Json, depth: u32) -> Type {
    if depth > DEPTH_MAX {
        return Type::Any;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        return target.map_or(Type::Any, |target| of_schema(target, root, depth + 1));
    }
    match kind_of(schema) {
        Some("boolean") => Type::Bool,
        Some("integer") => Type::Int,
        Some("number") => Type::Decimal,
        Some("null") => Type::Null,
        Some("string") => of_string(schema),
        Some("array") => Type::List {
            item: Arc::new(schema.get("items").map_or(Type::Any, |items| of_schema(items, root, depth + 1))),
            max: schema["maxItems"].as_u64().unwrap_or(ITEMS_MAX).min(ITEMS_MAX),
        },
        Some("object") => {
            let properties = schema["properties"].as_object();
            let fields = properties.into_iter().flatten();
            let fields = fields.map(|(name, of)| (name.clone(), of_schema(of, root, depth + 1)));
            Type::Object(Arc::new(Fields {
                fields: fields.collect(),
                open: properties.is_none() || schema.get("patternProperties").is_some(),
            }))
        }
        _ => Type::Any,
    }
}

/// The schema's type word; `[x, "null"]` is x. A schema of constants has the type of its first one.
fn kind_of(schema: &Json) -> Option<&str> {
    match &schema["type"] {
        Json::String(word) => return Some(word),
        Json::Array(words) => {
            let mut words = words.iter().filter_map(Json::as_str).filter(|word| *word != "null");
            return match (words.next(), words.next()) {
                (Some(word), None) => Some(word),
                _ => None,
            };
        }
        _ => {}
    }
    if schema.get("properties").is_some() {
        return Some("object");
    }
    let example = schema.get("const").or_else(|| schema["enum"].get(0))?;
    Some(match example {
        Json::String(_) => "string",
        Json::Bool(_) => "boolean",
        Json::Number(number) if number.is_i64() => "integer",
        Json::Number(_) => "number",
        _ => return None,
    })
}

fn of_string(schema: &Json) -> Type {
    if schema["format"].as_str() == Some("date") {
        return Type::Date;
    }
    let longest = |options: &Vec<Json>| {
        let lengths = options.iter().filter_map(Json::as_str).map(|text| text.len() as u64);
        lengths.max().unwrap_or(TEXT_MAX)
    };
    let max = schema["enum"].as_array().map(longest).or_else(|| schema["maxLength"].as_u64());
    Type::Text { max: max.unwrap_or(TEXT_MAX).min(TEXT_MAX) }
}

/// The names an expression may use, with their types.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TypeEnv {
    pub variables: BTreeMap<String, Type>,
}

impl TypeEnv {
    pub fn new(variables: impl IntoIterator<Item = (&'static str, Type)>) -> Self {
        let variables = variables.into_iter().map(|(name, of)| (name.to_owned(), of)).collect();
        Self { variables }
    }

    /// `data`, `facts`, `ref`, `case` and `applicant` as every expression of this definition sees them.
    pub fn of_definition(definition: &api::ServiceDefinition, reference_names: &[&str]) -> Self {
        let data = definition.spec.data.as_ref();
        let facts = definition.steps().iter().filter_map(|step| step.call.as_ref());
        let facts = facts.map(|call| (call.fact(), Type::Any)).collect();
        let names = reference_names.iter().map(|name| ((*name).to_owned(), Type::Money)).collect();
        Self::new([
            ("data", data.map_or(Type::Any, |data| Type::of_schema(&data.schema))),
            ("facts", Type::Object(Arc::new(Fields { fields: facts, open: false }))),
            ("ref", Type::Object(Arc::new(Fields { fields: names, open: false }))),
            ("case", case_type(definition.spec.process.as_ref().is_some_and(|process| process.office.is_some()))),
            ("applicant", applicant_type()),
        ])
    }

    /// The same before an application is sent: no office is responsible for it yet.
    pub fn of_draft(&self) -> Self {
        let mut env = self.clone();
        env.variables.insert("case".to_owned(), case_type(false));
        env
    }
}

/// Most areas of an office that an expression is judged by.
const AREAS_MAX: u64 = 1_000;
const SOATO_DIGITS_MAX: u64 = 10;

fn case_type(with_office: bool) -> Type {
    let reasons = Type::List { item: Arc::new(Type::text()), max: 100 };
    let decision = Type::object([("outcome", Type::text()), ("reasons", reasons), ("note", Type::text())]);
    let areas = Type::List { item: Arc::new(Type::Text { max: SOATO_DIGITS_MAX }), max: AREAS_MAX };
    let office = Type::object([("name", Type::text()), ("soato", areas)]);
    let fields = [
        ("number", Type::text()),
        ("submitted", Type::Date),
        ("channel", Type::text()),
        ("submittedBy", Type::text()),
        ("origin", Type::object([("number", Type::text()), ("outcome", Type::text())])),
        ("language", Type::text()),
        ("decision", decision),
    ];
    Type::object(fields.into_iter().chain(with_office.then_some(("office", office))))
}

fn applicant_type() -> Type {
    Type::object([
        ("name", Type::text()),
        ("family_name", Type::text()),
        ("given_name", Type::text()),
        ("patronymic", Type::text()),
        ("pinfl", Type::text()),
        ("tin", Type::text()),
        ("birthDate", Type::Date),
        ("sex", Type::text()),
        ("phone", Type::text()),
        ("email", Type::text()),
        ("address", Type::text()),
        ("mandate", Type::text()),
    ])
}
