//! Turns resources from one version into another (`apiextensions.k8s.io/v1`, `ConversionReview`), over the version that is
//! kept: each other version knows the way there and back.

#[cfg(test)]
mod tests;

use api::Kind;
use kernel::Failure;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::kind::{GROUP, VERSION};

pub const API_VERSION: &str = "apiextensions.k8s.io/v1";
pub const KIND: &str = "ConversionReview";
/// A list of a page's resources; the API server asks for 500 at a time.
const OBJECTS_MAX: usize = 10_000;

/// A version besides the one that is kept. Whatever one of the two cannot say has to lie in an annotation meanwhile: a way
/// there and back loses nothing.
///
/// Any part of a resource may be missing or null: when an author applies in another version than before, the API server has
/// what is left of the resource without the author's fields converted, too. What its schema lets in has to be converted, for one
/// resource that is not makes every list of a version unreadable.
pub struct Version {
    pub name: &'static str,
    /// Into the version that is kept.
    pub to_kept: fn(Kind, Value) -> Result<Value, Failure>,
    /// Out of it.
    pub from_kept: fn(Kind, Value) -> Result<Value, Failure>,
}

/// The versions that are served besides the one that is kept: none yet.
pub const OTHERS: &[Version] = &[];

#[derive(Debug, Deserialize)]
pub struct Request {
    #[serde(default)]
    pub uid: String,
    #[serde(rename = "desiredAPIVersion", default)]
    pub desired_api_version: String,
    #[serde(default)]
    pub objects: Vec<Value>,
}

/// The whole answer: every object, in their order, or none and the reason.
pub fn answer(others: &[Version], request: Request) -> Value {
    let Request { uid, desired_api_version, objects } = request;
    let converted = if objects.len() > OBJECTS_MAX {
        Err(unknown(format!("At most {OBJECTS_MAX} resources are converted at a time.")))
    } else {
        objects.into_iter().map(|object| convert(others, object, &desired_api_version)).collect::<Result<Vec<_>, _>>()
    };
    let response = match converted {
        Ok(objects) => json!({"uid": uid, "result": {"status": "Success"}, "convertedObjects": objects}),
        Err(failure) => {
            json!({"uid": uid, "result": {"status": "Failure", "message": failure.to_string()}, "convertedObjects": []})
        }
    };
    json!({"apiVersion": API_VERSION, "kind": KIND, "response": response})
}

fn convert(others: &[Version], object: Value, desired: &str) -> Result<Value, Failure> {
    let word = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (from, name) = (word("apiVersion"), word("kind"));
    let kind = Kind::parse(&name).ok_or_else(|| unknown(format!("`{}` is no kind of resource.", short(&name))))?;
    let (from, to) = (version(others, &from)?, version(others, desired)?);
    let kept = match from {
        Some(version) => (version.to_kept)(kind, object)?,
        None => object,
    };
    let mut wanted = match to {
        Some(version) => (version.from_kept)(kind, kept)?,
        None => kept,
    };
    wanted["apiVersion"] = desired.into();
    Ok(wanted)
}

/// None: the version that is kept.
fn version<'a>(others: &'a [Version], written: &str) -> Result<Option<&'a Version>, Failure> {
    let name = written.strip_prefix(GROUP).and_then(|rest| rest.strip_prefix('/'));
    match name {
        Some(VERSION) => Ok(None),
        Some(name) if others.iter().any(|version| version.name == name) => {
            Ok(others.iter().find(|version| version.name == name))
        }
        _ => {
            let known: Vec<String> = [VERSION]
                .into_iter()
                .chain(others.iter().map(|one| one.name))
                .map(|one| format!("`{GROUP}/{one}`"))
                .collect();
            Err(unknown(format!("`{}` is no version that is known; known: {}.", short(written), known.join(", "))))
        }
    }
}

fn unknown(message: String) -> Failure {
    Failure::invalid("conversion.unknown", message)
}

/// Enough to recognise it.
fn short(written: &str) -> String {
    written.chars().take(100).collect()
}
