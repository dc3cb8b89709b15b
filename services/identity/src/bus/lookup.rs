//! The hashes by which what an officer typed is looked for: whoever keeps the index has no key to it.

use kernel::{Failure, Hash, lookup};
use proto::identity::v1::{HashLookupRequest, LookupHashes};

use crate::provider::Provider;

pub fn hash(provider: &Provider, request: &HashLookupRequest) -> Result<LookupHashes, Failure> {
    let kind = lookup::Kind::parse(&request.kind).ok_or_else(|| {
        let message = "Applicants are found by `pinfl`, `tin`, `phone` or `name`: name one of them.";
        Failure::invalid("identity.lookup-kind", message)
    })?;
    let found = lookup::hashes(&provider.lookup, kind, &request.text);
    Ok(LookupHashes { hashes: found.into_iter().map(Hash::to_vec).collect() })
}
