//! The limited worker: agencies' templates and foreign files are handled by a child process that owns nothing.
//!
//! The child has an empty environment, standard input and output, and no right to anything else: after warming up it
//! gives up files, processes and sockets (`confine`), and a deadline kills it. Only bytes come back (trust 9 and 10).
//!
//! A request is a frame: four bytes of length (big endian) and JSON. An answer is one byte (0: done, 1: refused), four
//! bytes of length, and the result: a PDF, HTML, a verdict as JSON, or the template's problems as JSON.

mod child;
mod confine;
mod pool;

use base64::{Engine, engine::general_purpose::STANDARD};
use document::{Options, TemplateProblem};
use kernel::{Failure, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use child::main;
pub use confine::confine;
pub use pool::{Limits, Workers};

use crate::domain::verify::Verdict;

#[derive(Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "kebab-case", deny_unknown_fields)]
enum Request {
    Render { template: String, inputs: Value, options: Options },
    Twin { template: String, inputs: Value, options: Options },
    Check { template: String, inputs: Option<Value> },
    Verify { file: String, root: String, revocation_list: Option<String>, status_list: Option<String>, now: Time },
}

/// What came back from the child.
enum Answer {
    Done(Vec<u8>),
    Refused(Vec<u8>),
}

/// A template that cannot be rendered, or a worker that could not do its work.
#[derive(Debug)]
pub enum Refusal {
    Template(Vec<TemplateProblem>),
    Worker(Failure),
}

impl Workers {
    /// Renders one document. Blocks; from async code call it through `spawn_blocking`.
    pub fn render(&self, template: &str, inputs: &Value, options: &Options) -> Result<Vec<u8>, Refusal> {
        let (template, inputs, options) = (template.to_owned(), inputs.clone(), options.clone());
        self.make(&Request::Render { template, inputs, options })
    }

    /// The same content as HTML. Blocks, too.
    pub fn twin(&self, template: &str, inputs: &Value, options: &Options) -> Result<Vec<u8>, Refusal> {
        let (template, inputs, options) = (template.to_owned(), inputs.clone(), options.clone());
        self.make(&Request::Twin { template, inputs, options })
    }

    fn make(&self, request: &Request) -> Result<Vec<u8>, Refusal> {
        match self.ask(request).map_err(Refusal::Worker)? {
            Answer::Done(made) => Ok(made),
            Answer::Refused(problems) => Err(Refusal::Template(read(&problems).map_err(Refusal::Worker)?)),
        }
    }

    /// Whether a template compiles; a spinning one is a problem like any other.
    pub fn check(&self, template: &str) -> Result<(), Vec<TemplateProblem>> {
        self.judge(template, None)
    }

    /// With the inputs it will be given.
    pub fn check_with(&self, template: &str, inputs: &Value) -> Result<(), Vec<TemplateProblem>> {
        self.judge(template, Some(inputs.clone()))
    }

    fn judge(&self, template: &str, inputs: Option<Value>) -> Result<(), Vec<TemplateProblem>> {
        let anywhere = |failure: &Failure| vec![TemplateProblem::anywhere(failure.message.clone())];
        match self.ask(&Request::Check { template: template.to_owned(), inputs }) {
            Ok(Answer::Done(_)) => Ok(()),
            Ok(Answer::Refused(problems)) => Err(read(&problems).unwrap_or_else(|failure| anywhere(&failure))),
            Err(failure) => Err(anywhere(&failure)),
        }
    }

    /// Judges a file from outside.
    pub fn verify(
        &self,
        file: &[u8],
        root_pem: &str,
        revocation_list: Option<&[u8]>,
        status_list: Option<&str>,
        now: Time,
    ) -> Result<Verdict, Failure> {
        let request = Request::Verify {
            file: STANDARD.encode(file),
            root: root_pem.to_owned(),
            revocation_list: revocation_list.map(|list| STANDARD.encode(list)),
            status_list: status_list.map(str::to_owned),
            now,
        };
        match self.ask(&request)? {
            Answer::Done(verdict) => read(&verdict),
            Answer::Refused(_) => Err(broken("the worker refused a verification")),
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(json: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(json).map_err(broken)
}

fn broken(detail: impl std::fmt::Display) -> Failure {
    Failure::unavailable("document.worker", "The document could not be made just now. Try again later.")
        .with_detail(detail)
}
