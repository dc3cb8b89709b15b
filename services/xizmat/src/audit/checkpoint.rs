//! Where the chains ended at a moment: whoever keeps it sees later that an end was cut off, which no chain shows by itself.

use std::path::Path;

use bus::{
    attest::{self, Attested},
    keys::{Key, TrustedKeys},
};
use kernel::{Failure, Hash, Time};
use serde::{Deserialize, Serialize};

use super::chains::Chain;

const FORMAT: &str = "xizmat-audit-checkpoint-v1";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    format: String,
    made: Time,
    chains: Vec<End>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    chain: String,
    acts: i64,
    head: Hash,
}

/// The checkpoint, its hash, and who vouches for it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    checkpoint: Checkpoint,
    hash: Hash,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
}

impl Checkpoint {
    pub fn of(chains: &[Chain], made: Time) -> Self {
        let end = |chain: &Chain| End { chain: chain.name.clone(), acts: chain.proof.acts, head: chain.proof.head };
        Self { format: FORMAT.to_owned(), made, chains: chains.iter().map(end).collect() }
    }

    /// Each chain with how many acts it had.
    pub fn names(&self) -> impl Iterator<Item = (&str, i64)> {
        self.chains.iter().map(|end| (end.chain.as_str(), end.acts))
    }

    pub fn of_chain(&self, name: &str) -> Option<(i64, Hash)> {
        self.chains.iter().find(|end| end.chain == name).map(|end| (end.acts, end.head))
    }

    /// As it is kept: signed where the operator's key is there.
    pub fn sealed(&self, bus: &bus::Settings) -> Result<String, Failure> {
        let text = self.text()?;
        let signature = match bus.key_file.exists() {
            true => Some(attest::attest(&Key::read(&bus.key_file)?, &text, self.made).signature),
            false => {
                eprintln!("xizmat: the operator's key is not here; the checkpoint is not signed.");
                None
            }
        };
        let kept = Kept { checkpoint: self.clone(), hash: Hash::of(&text), signature };
        serde_json::to_string_pretty(&kept).map_err(|error| unreadable(&error))
    }

    /// What the signature covers: it follows from the content alone.
    fn text(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(self).map_err(|error| unreadable(&error))
    }
}

/// One that was kept. A signature must fit under the platform's public keys.
pub fn read(file: &Path, bus: &bus::Settings) -> Result<Checkpoint, Failure> {
    let text = std::fs::read(file).map_err(|error| unreadable(&error))?;
    let kept: Kept = serde_json::from_slice(&text).map_err(|error| unreadable(&error))?;
    let text = kept.checkpoint.text()?;
    if kept.checkpoint.format != FORMAT || kept.hash != Hash::of(&text) {
        return Err(unreadable(&"its hash does not fit"));
    }
    match kept.signature {
        Some(signature) => {
            let keys = TrustedKeys::read(&bus.trusted_keys_file)?;
            let signer = attest::check(&keys, &text, &Attested { time: kept.checkpoint.made, signature })?;
            if signer.role != controller::ROLE {
                return Err(unreadable(&"it is not signed by the operator"));
            }
        }
        None => eprintln!("xizmat: the checkpoint is not signed: believe it as far as the place where it was kept."),
    }
    Ok(kept.checkpoint)
}

fn unreadable(why: &dyn std::fmt::Display) -> Failure {
    let message = "The checkpoint cannot be used. Take one that `xizmat audit checkpoint` printed, unchanged.";
    Failure::invalid("audit.checkpoint", message).with_detail(why)
}
