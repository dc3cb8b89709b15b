//! How a definition wants to be run, and whether it can be.

use api::{Deployment, Isolation, Replicas};
use serde_json::Value;

use super::{
    amount::{Cpu, Memory},
    name::SHARED,
};
use crate::outcome::{Stopped, refused};

/// What a definition asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// It runs here; other levels are only described.
    pub hosted: bool,
    pub dedicated: bool,
    pub copies: Copies,
    pub amounts: Amounts,
}

/// How many copies: an autoscaler moves between both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copies {
    pub min: i32,
    pub max: i32,
}

/// What one copy may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amounts {
    pub cpu: Cpu,
    pub memory: Memory,
    /// The author named it: it is kept free for each copy, not only allowed.
    pub cpu_kept: bool,
    pub memory_kept: bool,
}

/// One copy can be taken away, by a node's maintenance for example, and another still answers.
pub const COPIES: Copies = Copies { min: 2, max: 2 };
pub const AMOUNTS: Amounts = Amounts { cpu: Cpu(1000), memory: Memory(256 << 20), cpu_kept: false, memory_kept: false };
const MEMORY_MIN: Memory = Memory(64 << 20);

impl Wish {
    /// Nothing is taken any more: one copy beside the agency's others carries out what the law says of what is kept.
    pub fn only_kept(self) -> Self {
        let copies = Copies { min: 1, max: 1 };
        Self { hosted: true, dedicated: false, copies, amounts: AMOUNTS }
    }
}

/// Said of it where something else hosts the service.
pub const UNFOLLOWED: &str =
    "one host serves the services of all agencies here, and nobody follows how this one wants to be run";

/// Whether a service that runs here says how.
pub fn says_how(spec: &Value) -> bool {
    is_hosted(spec) && spec.get("deployment").is_some()
}

fn is_hosted(spec: &Value) -> bool {
    spec.get("level").and_then(Value::as_str).is_none_or(|level| level == "hosted")
}

pub fn wish(name: &str, spec: &Value) -> Result<Wish, Stopped> {
    let hosted = is_hosted(spec);
    let deployment: Deployment = match spec.get("deployment") {
        Some(written) => serde_json::from_value(written.clone())
            .map_err(|error| refused("Invalid", format!("spec.deployment: {error}")))?,
        None => Deployment::default(),
    };
    if hosted && name == SHARED {
        let message =
            format!("metadata.name: `{SHARED}` names what an agency\u{2019}s services share. Choose another.");
        return Err(refused("NameReserved", message));
    }
    let Deployment { isolation, replicas, resources } = deployment;
    let resources = resources.unwrap_or_default();
    let amounts = Amounts {
        cpu_kept: resources.cpu.is_some(),
        memory_kept: resources.memory.is_some(),
        cpu: amount(resources.cpu.as_deref(), AMOUNTS.cpu, Cpu::parse, "cpu", "500m")?,
        memory: amount(resources.memory.as_deref(), AMOUNTS.memory, Memory::parse, "memory", "256Mi")?,
    };
    if amounts.memory < MEMORY_MIN {
        let least = MEMORY_MIN.text();
        return Err(refused("Invalid", format!("spec.deployment.resources.memory: a copy needs {least} at least.")));
    }
    let copies = copies(replicas, spec.get("replicas").and_then(Value::as_i64));
    Ok(Wish { hosted, dedicated: isolation == Isolation::Dedicated, copies, amounts })
}

fn amount<T>(
    written: Option<&str>,
    default: T,
    parse: impl Fn(&str) -> Option<T>,
    field: &str,
    example: &str,
) -> Result<T, Stopped> {
    let Some(text) = written else { return Ok(default) };
    parse(text).ok_or_else(|| {
        let message =
            format!("spec.deployment.resources.{field}: `{text}` is no amount; write for example `{example}`.");
        refused("Invalid", message)
    })
}

/// Whoever scales the definition itself, by hand or by an autoscaler of their own, decides within its bounds.
fn copies(replicas: Option<Replicas>, scaled: Option<i64>) -> Copies {
    let number = |count: u32| i32::try_from(count.max(1)).unwrap_or(i32::MAX);
    let bounds = replicas.map_or(COPIES, |Replicas { min, max }| Copies { min: number(min), max: number(max) });
    let Some(scaled) = scaled else { return bounds };
    let count = i32::try_from(scaled).unwrap_or(i32::MAX).clamp(bounds.min, bounds.max.max(bounds.min));
    Copies { min: count, max: count }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::outcome::Outcome;

    fn wished(spec: Value) -> Wish {
        wish("copy", &spec).unwrap()
    }

    fn refusal(name: &str, spec: Value) -> String {
        match wish(name, &spec).map_err(|stopped| *stopped) {
            Err(Outcome::Refused { message, .. }) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_service_runs_alone_in_two_copies_unless_it_says_otherwise() {
        let wish = wished(json!({"agency": "justice"}));
        assert_eq!(wish, Wish { hosted: true, dedicated: true, copies: COPIES, amounts: AMOUNTS });
        assert!(!wished(json!({"deployment": {"isolation": "shared"}})).dedicated);
        assert!(!wished(json!({"level": "listed"})).hosted);
    }

    #[test]
    fn whoever_scales_the_definition_stays_within_its_bounds() {
        let scaled =
            |count: i64| wished(json!({"replicas": count, "deployment": {"replicas": {"min": 2, "max": 5}}})).copies;
        assert_eq!(scaled(1), Copies { min: 2, max: 2 });
        assert_eq!(scaled(4), Copies { min: 4, max: 4 });
        assert_eq!(scaled(9), Copies { min: 5, max: 5 });
        let none = wished(json!({"deployment": {"replicas": {"min": 0, "max": 3}}})).copies;
        assert_eq!(none, Copies { min: 1, max: 3 }, "a service that nobody can reach is no service");
    }

    #[test]
    fn an_amount_that_is_none_is_refused_with_its_place_and_an_example() {
        let wrong = |resources: Value| refusal("copy", json!({"deployment": {"resources": resources}}));
        assert!(wrong(json!({"cpu": "much"})).contains("spec.deployment.resources.cpu: `much`"));
        assert!(wrong(json!({"cpu": "much"})).contains("`500m`"));
        assert!(wrong(json!({"memory": "16Mi"})).contains("64Mi at least"));
        assert!(refusal("shared", json!({})).contains("Choose another"));
    }
}
