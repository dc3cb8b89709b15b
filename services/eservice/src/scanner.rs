//! Speaks with ClamAV's `clamd`: a file goes there piece by piece (INSTREAM), and nothing of it is kept here.

use std::time::Duration;

use boot::Stage;
use kernel::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How long one exchange of bytes may take, and the answer after the last of them.
const PATIENCE: Duration = Duration::from_secs(60);
/// An answer is one line.
const ANSWER_BYTES_MAX: u64 = 1024;
const NAME_CHARS_MAX: usize = 100;

/// What checks files before anybody reads them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether this scanner knows today's threats or is one for trials; must equal the platform's own stage.
    pub stage: Stage,
    /// Where ClamAV's `clamd` listens, as `host:port`. Its protocol has no encryption: nobody else may listen in between. Its
    /// `StreamMaxLength` must be at least `100M`, the largest file that a field may ask for.
    pub address: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { stage: Stage::Trial, address: "127.0.0.1:3310".to_owned() }
    }
}

/// A scanner, as the platform's configuration names it.
#[derive(Debug, Clone)]
pub struct Scanner {
    address: String,
}

/// What it said of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Clean,
    /// What was found, in the scanner's words.
    Harmful(String),
}

impl Scanner {
    /// A scanner of the other stage is refused: a trial's would let through what harms people.
    pub fn new(settings: &Settings, platform: Stage) -> Result<Self, Failure> {
        if settings.stage != platform {
            return Err(Failure::invalid(
                "scanner.stage-mismatch",
                "The scanner of files is configured for another stage (trial, production) than the platform.",
            ));
        }
        let port = settings.address.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        if port.is_none_or(|(_, port)| port.parse::<u16>().is_err()) {
            let message = "The scanner's address is a host and a port, such as `clamd.example:3310`.";
            return Err(Failure::invalid("scanner.address", message));
        }
        Ok(Self { address: settings.address.clone() })
    }

    /// Begins to send one file.
    pub async fn begin(&self) -> Result<Scan, Failure> {
        let stream = in_time(TcpStream::connect(&self.address)).await?;
        let mut scan = Scan { stream };
        in_time(scan.stream.write_all(b"zINSTREAM\0")).await?;
        Ok(scan)
    }
}

/// A file on its way to the scanner.
pub struct Scan {
    stream: TcpStream,
}

impl Scan {
    /// A piece that holds nothing would end the file, and is not sent.
    pub async fn send(&mut self, piece: &[u8]) -> Result<(), Failure> {
        if piece.is_empty() {
            return Ok(());
        }
        let length = u32::try_from(piece.len()).map_err(away)?;
        in_time(self.stream.write_all(&length.to_be_bytes())).await?;
        in_time(self.stream.write_all(piece)).await
    }

    /// Ends the file and hears what it is.
    pub async fn end(mut self) -> Result<Verdict, Failure> {
        in_time(self.stream.write_all(&0_u32.to_be_bytes())).await?;
        let mut answer = Vec::new();
        in_time(self.stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)).await?;
        verdict(&answer).ok_or_else(|| away(String::from_utf8_lossy(&answer)))
    }
}

async fn in_time<T>(exchange: impl Future<Output = std::io::Result<T>>) -> Result<T, Failure> {
    tokio::time::timeout(PATIENCE, exchange).await.map_err(away)?.map_err(away)
}

fn away(detail: impl std::fmt::Display) -> Failure {
    Failure::unavailable("scanner.away", "The scanner of files does not answer just now.").with_detail(detail)
}

/// None: it could not judge the file, such as one that is larger than it takes.
fn verdict(answer: &[u8]) -> Option<Verdict> {
    let line = std::str::from_utf8(answer).ok()?.trim_end_matches(['\0', '\n']);
    let said = line.strip_prefix("stream: ")?;
    if said == "OK" {
        return Some(Verdict::Clean);
    }
    let name = said.strip_suffix(" FOUND")?;
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || "-._".contains(*letter);
    Some(Verdict::Harmful(name.chars().filter(plain).take(NAME_CHARS_MAX).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_scanner_of_the_platforms_own_stage_at_an_address_is_taken() {
        let code = |settings: &Settings, stage| Scanner::new(settings, stage).err().map(|failure| failure.code);
        let trial = Settings::default();
        assert_eq!(code(&trial, Stage::Trial), None);
        assert_eq!(code(&trial, Stage::Production).unwrap(), "scanner.stage-mismatch");
        for address in ["", "clamd", ":3310", "clamd:port", "clamd:70000"] {
            let settings = Settings { address: address.into(), ..Settings::default() };
            assert_eq!(code(&settings, Stage::Trial).unwrap(), "scanner.address", "{address}");
        }
    }

    #[test]
    fn nothing_but_a_clear_word_is_a_verdict() {
        assert_eq!(verdict(b"stream: OK\0"), Some(Verdict::Clean));
        assert_eq!(
            verdict(b"stream: Win.Test.EICAR_HDB-1 FOUND\0"),
            Some(Verdict::Harmful("Win.Test.EICAR_HDB-1".into()))
        );
        for unclear in
            ["INSTREAM size limit exceeded. ERROR", "stream: ERROR", "", "OK", "stream: OK and more", "\u{fffd}"]
        {
            assert_eq!(verdict(unclear.as_bytes()), None, "{unclear}");
        }
    }
}
