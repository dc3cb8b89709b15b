//! The worker's side: warm up, give up every right, answer until the parent closes the pipe.

use std::{
    io::{Read, Write},
    process::ExitCode,
};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Answer, Request, confine::confine};
use crate::domain::verify::{self, Trust};

/// Templates nest; the compiler recurses on this stack (its own limits end well before).
const STACK_BYTES: usize = 64 * 1024 * 1024;
/// A frame that says more than this is no request of ours.
const REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Tells the parent that the worker is confined and waits.
pub const READY: u8 = b'R';

/// `xizmat worker`.
pub fn main() -> ExitCode {
    let work = std::thread::Builder::new().name("worker".into()).stack_size(STACK_BYTES).spawn(serve);
    match work.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        Ok(Ok(Err(message))) => {
            eprintln!("worker: {message}");
            ExitCode::FAILURE
        }
        _ => ExitCode::FAILURE,
    }
}

fn serve() -> Result<(), String> {
    if !document::warm_up() {
        return Err("the typesetter does not work".into());
    }
    confine()?;
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let mut send =
        |bytes: &[u8]| output.write_all(bytes).and_then(|()| output.flush()).map_err(|error| error.to_string());
    send(&[READY])?;
    loop {
        let mut length = [0; 4];
        if input.read_exact(&mut length).is_err() {
            return Ok(());
        }
        let length = u32::from_be_bytes(length) as usize;
        if length > REQUEST_BYTES_MAX {
            return Err("a request is too large".into());
        }
        let mut request = vec![0; length];
        input.read_exact(&mut request).map_err(|error| error.to_string())?;
        let request = serde_json::from_slice(&request).map_err(|error| error.to_string())?;
        let (status, body) = match answer(request)? {
            Answer::Done(body) => (0, body),
            Answer::Refused(body) => (1, body),
        };
        let length = u32::try_from(body.len()).map_err(|error| error.to_string())?;
        send(&[&[status], length.to_be_bytes().as_slice(), &body].concat())?;
    }
}

fn answer(request: Request) -> Result<Answer, String> {
    Ok(match request {
        Request::Render { template, inputs, options } => made(document::render(&template, &inputs, &options))?,
        Request::Twin { template, inputs, options } => made(document::twin(&template, &inputs, &options))?,
        Request::Check { template, inputs } => {
            let checked = match inputs {
                Some(inputs) => document::check_with(&template, &inputs),
                None => document::check(&template),
            };
            match checked {
                Ok(()) => Answer::Done(Vec::new()),
                Err(problems) => Answer::Refused(json(&problems)?),
            }
        }
        Request::Verify { file, root, revocation_list, status_list, now } => {
            let decode = |text: String| STANDARD.decode(text).map_err(|error| error.to_string());
            let revocation_list = revocation_list.map(decode).transpose()?;
            let root = verify::root_from_pem(&root).ok_or("the root certificate cannot be read")?;
            let trust =
                Trust { root: &root, revocation_list: revocation_list.as_deref(), status_list: status_list.as_deref() };
            Answer::Done(json(&verify::verify(&decode(file)?, &trust, now))?)
        }
    })
}

fn made(made: Result<Vec<u8>, Vec<document::TemplateProblem>>) -> Result<Answer, String> {
    match made {
        Ok(made) => Ok(Answer::Done(made)),
        Err(problems) => Ok(Answer::Refused(json(&problems)?)),
    }
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, String> {
    serde_json::to_vec(value).map_err(|error| error.to_string())
}
