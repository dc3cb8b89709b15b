//! A version that no release serves. What v1alpha1 calls the agency of a definition is its owner there, and it knows a note that
//! v1alpha1 does not.

use api::Kind;
use kernel::Failure;
use serde_json::{Map, Value};

/// By its name it comes after v1alpha1, so that clients who name no version ask for it, as they will for a real one.
pub const NAME: &str = "v1alpha99";
/// Where a note lies in v1alpha1.
pub const NOTE: &str = "v1alpha99.xizmat.dev/note";
/// A version may have what another one cannot keep, although it should not: this one does, for what is then to be seen.
pub const NOTE_CHARACTERS_MAX: usize = 100;

pub fn to_kept(kind: Kind, mut object: Value) -> Result<Value, Failure> {
    if kind != Kind::ServiceDefinition {
        return Ok(object);
    }
    let Some(spec) = members(&mut object, "spec") else { return Ok(object) };
    rename(spec, "owner", "agency");
    if let Some(note) = spec.shift_remove("note") {
        fits(&note)?;
        object["metadata"]["annotations"][NOTE] = note;
    }
    Ok(object)
}

pub fn from_kept(kind: Kind, mut object: Value) -> Result<Value, Failure> {
    if kind != Kind::ServiceDefinition {
        return Ok(object);
    }
    // Without a spec there is no place for a note; it stays where it lies.
    let Some(spec) = members(&mut object, "spec") else { return Ok(object) };
    rename(spec, "agency", "owner");
    if let Some(note) = take_note(&mut object) {
        fits(&note)?;
        object["spec"]["note"] = note;
    }
    Ok(object)
}

fn take_note(object: &mut Value) -> Option<Value> {
    let metadata = members(object, "metadata")?;
    let annotations = members_of(metadata, "annotations")?;
    let note = annotations.shift_remove(NOTE)?;
    if annotations.is_empty() {
        metadata.shift_remove("annotations");
    }
    Some(note)
}

fn fits(note: &Value) -> Result<(), Failure> {
    if note.as_str().is_some_and(|note| note.chars().count() <= NOTE_CHARACTERS_MAX) {
        return Ok(());
    }
    let message = format!("v1alpha1 has no room for a note of more than {NOTE_CHARACTERS_MAX} characters; shorten it.");
    Err(Failure::invalid("conversion.impossible", message))
}

fn rename(spec: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = spec.shift_remove(from) {
        spec.insert(to.to_owned(), value);
    }
}

fn members<'a>(object: &'a mut Value, name: &str) -> Option<&'a mut Map<String, Value>> {
    members_of(object.as_object_mut()?, name)
}

fn members_of<'a>(object: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Map<String, Value>> {
    object.get_mut(name)?.as_object_mut()
}
