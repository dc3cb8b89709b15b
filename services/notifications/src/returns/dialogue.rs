//! What a mail server says that brings something back, and what it is answered (RFC 5321; RFC 2033, with one recipient a letter).

use std::io;

use boot::metrics::MAIL_RETURNED;
use kernel::MessageId;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use super::take::{Taken, take};
use crate::{
    bus::Office,
    domain::{
        report::{self, BYTES_MAX},
        returns::Returns,
    },
};

/// RFC 5321 asks for 512, extensions for more.
const LINE_BYTES_MAX: usize = 2 * 1024;
const COMMANDS_MAX: usize = 200;

const OK: &str = "250 2.0.0 ok";
const TAKEN: &str = "250 2.0.0 taken";
const TOO_LARGE: &str = "552 5.3.4 a report is smaller";

/// What was said since the last letter.
#[derive(Default)]
struct Envelope {
    /// From nobody, as reports are: whoever can be answered is not let in.
    from_nobody: bool,
    message: Option<MessageId>,
}

pub async fn hold<S: AsyncRead + AsyncWrite + Unpin>(stream: S, office: &Office, returns: &Returns) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    say(&mut stream, "220 returned mail ESMTP").await?;
    let mut envelope = Envelope::default();
    for _ in 0..COMMANDS_MAX {
        let Some(line) = line(&mut stream, LINE_BYTES_MAX).await? else {
            return say(&mut stream, "500 5.5.6 a line is shorter").await;
        };
        let line = String::from_utf8_lossy(&line);
        let verb: String = line.chars().take_while(char::is_ascii_alphabetic).take(8).collect();
        let answer = match verb.to_ascii_uppercase().as_str() {
            "EHLO" | "LHLO" => {
                envelope = Envelope::default();
                let size = format!("250 SIZE {BYTES_MAX}");
                say(&mut stream, "250-returned mail\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES")
                    .await?;
                say(&mut stream, &size).await?;
                continue;
            }
            "HELO" | "RSET" => {
                envelope = Envelope::default();
                OK
            }
            "NOOP" => OK,
            "MAIL" => from(&mut envelope, &line),
            "RCPT" => to(&mut envelope, returns, &line),
            "DATA" => match std::mem::take(&mut envelope).message {
                None => "503 5.5.1 no recipient",
                Some(message) => {
                    say(&mut stream, "354 end with a dot").await?;
                    let Some(raw) = content(&mut stream).await? else {
                        MAIL_RETURNED.count(&["refused"]);
                        return say(&mut stream, TOO_LARGE).await;
                    };
                    keep(office, returns, message, &raw).await
                }
            },
            "QUIT" => return say(&mut stream, "221 2.0.0 bye").await,
            _ => "502 5.5.1 not known here",
        };
        say(&mut stream, answer).await?;
    }
    say(&mut stream, "421 4.7.0 that is enough").await
}

fn from(envelope: &mut Envelope, line: &str) -> &'static str {
    *envelope = Envelope::default();
    if within(line) != Some("") {
        MAIL_RETURNED.count(&["refused"]);
        return "550 5.7.1 reports come from the null sender";
    }
    let size = |word: &str| word.to_ascii_uppercase().strip_prefix("SIZE=")?.parse::<usize>().ok();
    if line.split_whitespace().find_map(size).is_some_and(|size| size > BYTES_MAX) {
        MAIL_RETURNED.count(&["refused"]);
        return TOO_LARGE;
    }
    envelope.from_nobody = true;
    OK
}

fn to(envelope: &mut Envelope, returns: &Returns, line: &str) -> &'static str {
    if !envelope.from_nobody {
        return "503 5.5.1 no sender";
    }
    if envelope.message.is_some() {
        return "452 4.5.3 one recipient a letter";
    }
    envelope.message = within(line).and_then(|address| returns.path.message(address));
    if envelope.message.is_none() {
        MAIL_RETURNED.count(&["refused"]);
        return "550 5.1.1 no such address";
    }
    OK
}

fn within(line: &str) -> Option<&str> {
    let (address, _) = line.split_once('<')?.1.split_once('>')?;
    Some(address)
}

/// Nothing of what came is logged: it names the person.
async fn keep(office: &Office, returns: &Returns, message: MessageId, raw: &[u8]) -> &'static str {
    let Some(report) = report::read(raw) else {
        MAIL_RETURNED.count(&["unreadable"]);
        return TAKEN;
    };
    match take(office, returns, message, report).await {
        Ok(Taken::TooEarly) => "451 4.3.2 the letter is still being sent",
        Ok(taken) => {
            MAIL_RETURNED.count(&[taken.as_str()]);
            TAKEN
        }
        Err(failure) => {
            tracing::warn!(%message, code = %failure.code, ?failure, "a report could not be kept");
            "451 4.3.0 try again later"
        }
    }
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, answer: &str) -> io::Result<()> {
    stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    stream.flush().await
}

/// With its end. `None`: it is longer than that.
async fn line<S: AsyncBufRead + Unpin>(stream: &mut S, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut limited = stream.take(u64::try_from(bytes_max).unwrap_or(u64::MAX));
    limited.read_until(b'\n', &mut line).await?;
    match line.ends_with(b"\n") {
        true => Ok(Some(line)),
        false if line.len() < bytes_max => Err(io::ErrorKind::UnexpectedEof.into()),
        false => Ok(None),
    }
}

/// Up to the line with a dot; a leading dot was doubled by the sender (4.5.2). `None`: it is longer than a report.
async fn content<S: AsyncBufRead + Unpin>(stream: &mut S) -> io::Result<Option<Vec<u8>>> {
    let mut raw = Vec::new();
    loop {
        // The line with the dot and the doubled one have room, too.
        let Some(line) = line(stream, BYTES_MAX - raw.len() + 4).await? else { return Ok(None) };
        if line == b".\r\n" {
            return Ok(Some(raw));
        }
        raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        if raw.len() > BYTES_MAX {
            return Ok(None);
        }
    }
}
