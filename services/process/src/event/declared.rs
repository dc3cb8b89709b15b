//! What was declared when an application was sent.

use kernel::Hash;
use serde::{Deserialize, Serialize};

use crate::command::SignedIn;

/// What was declared by sending an application: beside the hash of what was shown it says which words bound whom, and how surely
/// the person was known at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// Form whose declaration it is; with the event's language and the case's revision it names the text.
    pub form: String,
    /// SHA-256 of the text as it stood there; none where the form has no words of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Hash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_in: Option<SignedIn>,
}
