//! A service that lives in a folder: `service.yaml` with its templates beside it becomes one resource.

use api::Kind;
use serde_json::Value;

use super::{Options, Report, check, findings::Findings, names::instead};

/// A file with its path relative to the service's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// For example `templates/certificate.typ`.
    pub path: String,
    /// Its whole text.
    pub text: String,
}

/// A service's folder, read by somebody else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Path of the folder as it should be shown; may be empty.
    pub path: String,
    /// Its files.
    pub files: Vec<File>,
}

impl Folder {
    /// Name of the file that holds the definition.
    pub const DEFINITION: &'static str = "service.yaml";

    /// Checks the folder and gives the resource with its templates inlined.
    pub fn check(&self, options: &Options<'_>) -> Option<Report> {
        let definition = self.files.iter().find(|file| file.path == Self::DEFINITION)?;
        let options = Options { files: &self.files, ..*options };
        Some(check(&definition.text, &self.shown(Self::DEFINITION), &options))
    }

    /// Scenario files of the folder.
    pub fn scenarios(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.starts_with("scenarios/") && file.path.ends_with(".yaml"))
    }

    /// Path of a file as it should be shown.
    pub fn shown(&self, path: &str) -> String {
        if self.path.is_empty() { path.to_owned() } else { format!("{}/{path}", self.path.trim_end_matches('/')) }
    }
}

/// Whether a template is the path of a file rather than its text.
pub fn is_path(template: &str) -> bool {
    template.ends_with(".typ") && !template.contains('\n') && template.len() <= 200
}

/// Puts the text of template files where their paths stand.
pub fn inline(value: &mut Value, kind: Kind, files: &[File], findings: &mut Findings) {
    if kind != Kind::ServiceDefinition {
        return;
    }
    let Some(documents) = value.pointer_mut("/spec/documents").and_then(Value::as_array_mut) else { return };
    for (index, document) in documents.iter_mut().enumerate() {
        let Some(Value::String(template)) = document.get_mut("template") else { continue };
        if !is_path(template) {
            continue;
        }
        match files.iter().find(|file| file.path == *template) {
            Some(file) => file.text.clone_into(template),
            None => {
                let known = files.iter().map(|file| file.path.as_str()).filter(|path| path.ends_with(".typ"));
                let path = format!("spec.documents[{index}].template");
                findings.error(
                    "document.no-template",
                    &path,
                    format!("there is no file `{template}` beside the definition"),
                    instead(template, known),
                );
            }
        }
    }
}
