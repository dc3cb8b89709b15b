//! Expressions are exact, typed and bounded.

use kernel::{Money, Time};
use serde_json::{Value as Json, json};

use super::{COST_MAX, Expr, ExprProblem, Fault, Scope, Type, TypeEnv, compile};
use crate::{calendar::Calendar, reference::Reference};

fn env() -> TypeEnv {
    let schema = json!({
        "type": "object",
        "properties": {
            "marriage": {"type": "object", "properties": {"date": {"type": "string", "format": "date"}, "office": {"type": "string", "maxLength": 40}}},
            "copies": {"type": "integer", "maximum": 5},
            "rate": {"type": "number"},
            "urgent": {"type": "boolean"},
            "children": {"type": "array", "maxItems": 10, "items": {"type": "object", "properties": {"age": {"type": "integer"}}}},
            "loose": {"type": "array", "items": {"type": "string"}},
            "soato": {"$ref": "#/$defs/soato"}
        },
        "$defs": {"soato": {"type": "string", "maxLength": 10}}
    });
    TypeEnv::new([
        ("data", Type::of_schema(&schema)),
        ("facts", Type::Any),
        ("ref", Type::object([("bhm", Type::Money)])),
    ])
}

fn compiled(source: &str) -> Result<Expr, ExprProblem> {
    compile(source, &env())
}

fn refused(source: &str) -> &'static str {
    compiled(source).unwrap_err().code
}

fn data() -> Json {
    json!({
        "marriage": {"date": "2020-02-29", "office": "yunusobod"},
        "copies": 3, "rate": 2.5, "urgent": true,
        "children": [{"age": 3}, {"age": 17}],
        "soato": "1726266"
    })
}

fn run(source: &str) -> Result<Json, Fault> {
    let (reference, calendar) = (Reference::standard(), Calendar::standard());
    let (data, facts, nothing) = (data(), json!({"disability": {"group": 1}}), json!({}));
    let office = |name: &str, soato: &str| {
        let office = json!({"name": name, "title": {"en": name}, "soato": [soato]});
        serde_json::from_value::<api::Office>(office).unwrap()
    };
    let offices = [office("toshkent", "1726"), office("yunusobod", "1726266")];
    let now: Time = "2026-11-24T09:00:00Z".parse().unwrap();
    let scope = Scope {
        data: &data,
        facts: &facts,
        case: &nothing,
        applicant: &nothing,
        now,
        as_of: now,
        reference: &reference,
        calendar: &calendar,
        offices: &offices,
    };
    let expr = compiled(source).unwrap_or_else(|problem| panic!("{source}: {problem}"));
    expr.eval(&scope).map(|value| value.to_json())
}

#[test]
fn money_is_exact() {
    assert_eq!(run("percent(ref.bhm, '10')"), Ok(json!("41200.00")));
    assert_eq!(run("percent(ref.bhm, '10') * data.copies"), Ok(json!("123600.00")));
    assert_eq!(run("data.urgent ? percent(ref.bhm, '20') : percent(ref.bhm, '10')"), Ok(json!("82400.00")));
    assert_eq!(run("share(money('100'), 1, 3)"), Ok(json!("33.33")));
    assert_eq!(run("roundSom(share(money('100'), 1, 3), 'up')"), Ok(json!("34.00")));
    assert_eq!(run("sum([money('1'), money('2.50')])"), Ok(json!("3.50")));
    assert_eq!(run("data.rate * decimal('0.1') == decimal('0.25')"), Ok(json!(true)));
    let expr = compiled("percent(ref.bhm, '10')").unwrap();
    assert_eq!(*expr.result(), Type::Money);
    assert!(expr.reads().contains("ref.bhm"));
}

#[test]
fn a_double_and_every_inexact_step_are_refused_before_anybody_applies() {
    assert_eq!(refused("ref.bhm * 0.1"), "expr.double");
    assert_eq!(refused("data.copies * 1.5"), "expr.double");
    assert_eq!(refused("ref.bhm * data.rate"), "expr.type");
    assert_eq!(refused("ref.bhm / 3"), "expr.type");
    assert_eq!(refused("ref.bhm + 100"), "expr.type");
    assert_eq!(refused("ref.bhm > 100"), "expr.type");
    assert_eq!(refused("percent(ref.bhm, 'ten')"), "expr.literal");
    assert_eq!(refused("money('1.005')"), "expr.literal");
}

#[test]
fn what_is_unknown_is_named_with_what_was_meant() {
    let problem = compiled("data.mariage.date == today()").unwrap_err();
    assert_eq!(problem.code, "expr.unknown-field");
    assert!(problem.message.contains("`marriage`"), "{}", problem.message);
    assert_eq!(refused("datum.copies"), "expr.unknown-name");
    assert_eq!(refused("percnt(ref.bhm, '1')"), "expr.unknown-function");
    assert_eq!(refused("officeFor(data.copies)"), "expr.type");
    assert_eq!(refused("officeFor()"), "expr.arguments");
    assert_eq!(refused("birthDate(data.marriage.date)"), "expr.type", "a date is no PINFL");
    assert_eq!(refused("data.urgent && data.copies"), "expr.type");
    assert_eq!(refused("1 +"), "expr.syntax");
    assert_eq!(refused(""), "expr.syntax");
    let placed = compiled("data.urgent && data.nothing").unwrap_err();
    assert!(placed.offset >= 15, "{}", placed.offset);
}

#[test]
fn cost_length_and_depth_are_bounded() {
    assert!(compiled("data.children.all(c, c.age < 18)").unwrap().cost() < 200);
    assert_eq!(refused("data.loose.all(a, data.loose.exists(b, a == b))"), "expr.cost");
    assert_eq!(refused(&"1 + ".repeat(600)), "expr.too-long");
    assert_eq!(refused(&format!("{}1{}", "(".repeat(200), ")".repeat(200))), "expr.too-deep");
    assert_eq!(refused(&format!("{}true", "!".repeat(1000))), "expr.too-deep");
    let chains = [
        format!("facts{}", ".a".repeat(990)),
        format!("facts{}", ".a".repeat(249)),
        format!("r'\\'.a{}", ".a".repeat(900)),
        format!("{}1", "true ? 1 : ".repeat(170)),
        "facts[0]".repeat(200),
        vec!["1"; 250].join("+"),
        vec!["true"; 120].join("||"),
    ];
    for hostile in chains {
        // Ends, with whatever verdict.
        let _ = compiled(&hostile);
    }
    assert!(compiled(&vec!["1"; 200].join("+")).unwrap().cost() < COST_MAX);
    assert_eq!(refused(&vec!["1"; 400].join("+")), "expr.too-long");
}

#[test]
fn dates_lists_facts_and_offices_read_naturally() {
    assert_eq!(run("data.marriage.date < today()"), Ok(json!(true)));
    assert_eq!(run("years(data.marriage.date, date('2026-02-28'))"), Ok(json!(5)));
    assert_eq!(run("birthDate('62001040170218')"), Ok(json!("2004-01-20")));
    assert_eq!(run("birthDate('62001040170219')").unwrap_err().code, "expr.no-pinfl");
    assert_eq!(run("addDays(today(), 1)"), Ok(json!("2026-11-25")));
    assert_eq!(run("data.children.exists(c, c.age > 16)"), Ok(json!(true)));
    assert_eq!(run("data.children.map(c, c.age)"), Ok(json!([3, 17])));
    assert_eq!(run("size(data.children.filter(c, c.age < 16))"), Ok(json!(1)));
    assert_eq!(run("facts.disability.group in [1, 2]"), Ok(json!(true)));
    assert_eq!(run("officeFor(data.soato)"), Ok(json!("yunusobod")));
    assert_eq!(run("officeFor('1726999')"), Ok(json!("toshkent")));
    assert_eq!(run("officeFor('yunusobod')"), Ok(json!("yunusobod")), "by its own name, too");
    assert_eq!(run("officeFor('9999')").unwrap_err().code, "expr.no-office");
    assert_eq!(run("officeFor('')").unwrap_err().code, "expr.no-office");
}

#[test]
fn a_missing_value_is_a_fault_and_can_be_guarded() {
    assert_eq!(run("facts.nobody.group").unwrap_err().code, "expr.missing");
    assert_eq!(run("has(facts.nobody.group) && facts.nobody.group == 1"), Ok(json!(false)));
    assert_eq!(run("has(data.marriage.date)"), Ok(json!(true)));
    assert_eq!(run("facts.nobody.group == 1 || data.urgent"), Ok(json!(true)));
    assert_eq!(run("data.copies / 0").unwrap_err().code, "expr.division");
    assert_eq!(run("9223372036854775807 + data.copies").unwrap_err().code, "expr.overflow");
}

#[test]
fn equal_amounts_compare_equal_whatever_made_them() {
    assert_eq!(run("percent(ref.bhm, '100') == ref.bhm"), Ok(json!(true)));
    assert_eq!(run("min(money('5'), money('3')) == money('3.00')"), Ok(json!(true)));
    assert_eq!(Money::uzs(300).to_decimal().to_string(), "3.00");
}
