//! The one form in which every message is signed: a detached Ed25519 JWS with an unencoded payload (RFC 7797).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Failure, Hash, Time, id::MessageId};
use serde::{Deserialize, Serialize};

use crate::keys::{Key, Signer, TrustedKeys, refused};

/// What a signature covers. The body is covered by its hash, whatever else matters by `bound`.
pub struct Signed<'a> {
    pub subject: &'a str,
    pub message_id: MessageId,
    pub time: Time,
    pub body_hash: Hash,
    /// Request: deadline and assertion. Reply: the request's id and the refusal. Event: its place in the log.
    pub bound: &'a [&'a [u8]],
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    b64: bool,
    crit: [String; 1],
    kid: String,
}

impl Signed<'_> {
    /// One line each; no part can hold a line break, so no two messages share a text.
    fn payload(&self) -> String {
        format!(
            "xizmat-message-v1\n{}\n{}\n{}\n{}\n{}",
            self.subject,
            self.message_id,
            self.time.micros(),
            self.body_hash,
            Hash::of_parts(self.bound)
        )
    }
}

pub fn sign(key: &Key, signed: &Signed<'_>) -> String {
    sign_text(key, &signed.payload())
}

/// Each kind of text begins with a line of its own, so that none can be taken for another.
pub fn sign_text(key: &Key, payload: &str) -> String {
    let header = Header { alg: "EdDSA".into(), b64: false, crit: ["b64".into()], kid: key.kid().to_owned() };
    let header = serde_json::to_vec(&header).expect("a struct of texts is JSON");
    let header = URL_SAFE_NO_PAD.encode(header);
    let signature = key.sign(format!("{header}.{payload}").as_bytes());
    format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The id of the key under which a signature claims to be made.
pub fn kid(signature: &str) -> Option<String> {
    let (encoded, _) = signature.split_once("..").filter(|_| signature.len() < 1024)?;
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()?;
    Some(header.kid)
}

/// Says who signed, or refuses.
pub fn verify(keys: &TrustedKeys, signature: &str, signed: &Signed<'_>) -> Result<Signer, Failure> {
    verify_text(keys, signature, signed.time, &signed.payload())
}

/// The same of a text that was signed at `time`.
pub fn verify_text(keys: &TrustedKeys, signature: &str, time: Time, payload: &str) -> Result<Signer, Failure> {
    if signature.is_empty() {
        return Err(refused("it is not signed"));
    }
    let (encoded, bytes) = signature
        .split_once("..")
        .filter(|_| signature.len() < 1024)
        .ok_or_else(|| refused("its signature is malformed"))?;
    let header: Header = URL_SAFE_NO_PAD
        .decode(encoded)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| refused("its signature is malformed"))?;
    if header.alg != "EdDSA" || header.b64 || header.crit[0] != "b64" {
        return Err(refused("its signature is of another kind"));
    }
    let bytes: [u8; 64] = URL_SAFE_NO_PAD
        .decode(bytes)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| refused("its signature is malformed"))?;
    let input = format!("{encoded}.{payload}");
    keys.verify(&header.kid, time, input.as_bytes(), &bytes)
}
