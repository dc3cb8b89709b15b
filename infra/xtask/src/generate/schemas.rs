//! JSON Schemas for editors, from the resource types.

use api::Kind;
use serde_json::Value;

use super::{Generated, Outcome, contracts::kebab};

pub const FOLDER: &str = "operator/api/schema";

pub fn generate() -> Outcome<Vec<Generated>> {
    Kind::ALL.into_iter().map(one).collect()
}

fn one(kind: Kind) -> Outcome<Generated> {
    let mut schema = serde_json::to_value(kind.schema()).map_err(|error| error.to_string())?;
    // What must stand there anyway is offered by the editor and refused when it is another word.
    for (field, only) in [("apiVersion", api::API_VERSION), ("kind", kind.name())] {
        schema["properties"][field]["const"] = Value::from(only);
    }
    let text = serde_json::to_string_pretty(&schema).map_err(|error| error.to_string())?;
    let path = format!("{FOLDER}/{}.schema.json", kebab(kind.name()));
    Ok(Generated { path: path.into(), content: format!("{text}\n") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_editor_gets_a_draft_2020_12_schema_of_every_kind() {
        let files = generate().unwrap();
        assert_eq!(files.len(), Kind::ALL.len());
        for file in files {
            let schema: Value = serde_json::from_str(&file.content).unwrap();
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{}", file.path.display());
            assert_eq!(schema["properties"]["apiVersion"]["const"], api::API_VERSION);
        }
    }
}
