//! Expressions: CEL, parsed by the `cel` crate; typed, bounded and evaluated here, because fees and rights hang on them.
//!
//! The evaluator is ours for three reasons: numbers are exact (int, Decimal, Money; a double does not exist), the cost is
//! bounded before and while an expression runs, and nothing depends on the order of a hash map.

mod eval;
mod exact;
mod functions;
mod infer;
mod scope;
#[cfg(test)]
mod tests;
mod types;
mod value;

use std::{collections::BTreeSet, fmt};

use cel::IdedExpr;

pub(crate) use eval::add;
pub use exact::{Rounding, percent};
pub(crate) use exact::{money as money_of, parse as number_of};
pub(crate) use functions::MACROS;
pub(crate) use infer::path_of;
pub use scope::{Evaluated, Scope};
pub use types::{Fields, ITEMS_MAX, TEXT_MAX, Type, TypeEnv};
pub use value::Value;

/// Longest source in bytes.
pub const SOURCE_MAX: usize = 2_000;
/// Deepest nesting.
pub const DEPTH_MAX: u16 = 32;
/// Most accesses and operators: a chain of them descends as deep as it is long.
pub const PARTS_MAX: usize = 250;
/// Highest cost, in evaluation steps; about ten milliseconds.
pub const COST_MAX: u64 = 100_000;

/// What is wrong with an expression, found before anybody applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExprProblem {
    /// Stable: `expr.type`, `expr.unknown-name`, …
    pub code: &'static str,
    /// What is wrong and what to write instead.
    pub message: String,
    /// Byte in the source at which it stands.
    pub offset: usize,
}

impl fmt::Display for ExprProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({} at {})", self.message, self.code, self.offset)
    }
}

impl std::error::Error for ExprProblem {}

/// What went wrong while an expression was evaluated; never holds a value of the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub code: &'static str,
    pub message: String,
}

impl Fault {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    fn kind(wanted: &str, got: &str) -> Self {
        Self::new("expr.type", format!("{got} stands where {wanted} is needed"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.message, self.code)
    }
}

/// A checked expression.
#[derive(Debug, Clone)]
pub struct Expr {
    source: String,
    tree: IdedExpr,
    result: Type,
    cost: u64,
    reads: BTreeSet<String>,
    calls: BTreeSet<&'static str>,
}

impl Expr {
    pub fn source(&self) -> &str {
        &self.source
    }

    pub fn result(&self) -> &Type {
        &self.result
    }

    pub(crate) fn tree(&self) -> &IdedExpr {
        &self.tree
    }

    /// Upper bound of evaluation steps, from `maxItems` and `maxLength` or the platform's caps.
    pub fn cost(&self) -> u64 {
        self.cost
    }

    /// Paths that it reads: `data.marriage.date`, `facts.disability.group`, `ref.bhm`.
    pub fn reads(&self) -> &BTreeSet<String> {
        &self.reads
    }

    /// Whether it uses this function anywhere.
    pub fn calls(&self, function: &str) -> bool {
        self.calls.contains(function)
    }

    /// Refuses an expression whose result cannot stand where `wanted` is needed.
    pub fn expect(&self, wanted: &Type) -> Result<(), ExprProblem> {
        if wanted.accepts(&self.result) {
            return Ok(());
        }
        let message = format!("the expression gives {}, but {wanted} is needed here", self.result);
        Err(ExprProblem { code: "expr.type", message, offset: 0 })
    }

    pub fn eval<'a>(&'a self, scope: &'a Scope<'a>) -> Result<Value<'a>, Fault> {
        eval::evaluate(&self.tree, scope, self.cost).map(|evaluated| evaluated.value)
    }

    /// With the reference values that were used: what goes into a fee's arithmetic.
    pub fn eval_traced<'a>(&'a self, scope: &'a Scope<'a>) -> Result<Evaluated<'a>, Fault> {
        eval::evaluate(&self.tree, scope, self.cost)
    }

    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, Fault> {
        self.eval(scope)?.as_bool()
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source && self.result == other.result
    }
}

/// Parses, types and bounds an expression.
pub fn compile(source: &str, env: &TypeEnv) -> Result<Expr, ExprProblem> {
    if source.len() > SOURCE_MAX {
        let message = format!("an expression has at most {SOURCE_MAX} bytes; compute parts of it in a `set` step");
        return Err(ExprProblem { code: "expr.too-long", message, offset: SOURCE_MAX });
    }
    if source.trim().is_empty() {
        let message = "the expression is empty".to_owned();
        return Err(ExprProblem { code: "expr.syntax", message, offset: 0 });
    }
    nesting(source)?;
    let parser = cel::Env::default().with_optional_support(false).parser().max_recursion_depth(DEPTH_MAX);
    let (tree, places) = parser.parse_with_source_info(source).map_err(|errors| syntax(source, &errors))?;
    let inferred = infer::infer(&tree, env, &places)?;
    if inferred.cost > COST_MAX {
        let message = format!(
            "the expression may take {} steps, more than the {COST_MAX} allowed; bound its lists and texts with maxItems and maxLength",
            inferred.cost
        );
        return Err(ExprProblem { code: "expr.cost", message, offset: 0 });
    }
    Ok(Expr {
        source: source.to_owned(),
        tree,
        result: inferred.of,
        cost: inferred.cost,
        reads: inferred.reads,
        calls: inferred.calls,
    })
}

/// The parser descends once a bracket, access or operator: what nests too deeply is refused before it is parsed. Texts count
/// too, because only the parser knows for sure where they end.
fn nesting(source: &str) -> Result<(), ExprProblem> {
    let mut depth = 0_u16;
    let mut run = 0_u16;
    for (offset, byte) in source.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        run = if matches!(byte, b'!' | b'-') { run + 1 } else { 0 };
        if depth > DEPTH_MAX || run > DEPTH_MAX {
            let message = format!("the expression nests deeper than {DEPTH_MAX}");
            return Err(ExprProblem { code: "expr.too-deep", message, offset });
        }
    }
    let mut parts = source.bytes().enumerate().filter(|(_, byte)| b".[?+-*/%<>=!&|".contains(byte));
    if let Some((offset, _)) = parts.nth(PARTS_MAX) {
        let message = format!(
            "an expression has at most {PARTS_MAX} operators and accesses; compute parts of it in a `set` step"
        );
        return Err(ExprProblem { code: "expr.too-long", message, offset });
    }
    Ok(())
}

fn syntax(source: &str, errors: &cel::ParseErrors) -> ExprProblem {
    let Some(first) = errors.errors.first() else {
        return ExprProblem { code: "expr.syntax", message: "the expression cannot be read".into(), offset: 0 };
    };
    let (line, column) = first.pos;
    let before: usize = source.split_inclusive('\n').take(usize::try_from(line - 1).unwrap_or(0)).map(str::len).sum();
    let offset = (before + usize::try_from(column - 1).unwrap_or(0)).min(source.len());
    if first.msg.to_lowercase().contains("recursion") {
        let message = format!("the expression nests deeper than {DEPTH_MAX}");
        return ExprProblem { code: "expr.too-deep", message, offset };
    }
    let message = format!("the expression cannot be read: {}", first.msg);
    ExprProblem { code: "expr.syntax", message, offset }
}
