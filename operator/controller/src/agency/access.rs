//! What an agency's own system proves itself with on the bus: a Secret for an administrator to hand over.

use kernel::{Failure, Hash, Random, bytes};
use nkeys::{KeyPair, KeyPairType};

use super::{dereference::Credentials, validate::Sound};
use crate::{outcome::Stopped, run::Operator};

/// Which of the agency's systems it is for the exchange: another one may have its credentials elsewhere.
const AGENT: &str = "cluster";

/// The content of the Secret as it should be. A key stays as long as the Secret does; a token is asked for anew when it would
/// say something else.
pub async fn access(operator: &Operator, agency: &Sound, found: Option<Credentials>) -> Result<Credentials, Stopped> {
    let seed = match (&agency.nats_key, &found) {
        (Some(_), _) => None,
        (None, Some(Credentials { seed: Some(seed), .. })) => Some(seed.clone()),
        (None, _) => Some(made(&*operator.random)?),
    };
    let user = match (&agency.nats_key, &seed) {
        (Some(key), _) => key.clone(),
        (None, seed) => public(seed.as_deref().unwrap_or_default())?,
    };
    let issued = sum(&agency.name, &user);
    let token = match found {
        Some(found) if found.issued == issued => found.token,
        _ => operator.platform.issue_agent(&agency.name, AGENT, &user).await?,
    };
    Ok(Credentials { token, seed, issued })
}

fn made(random: &dyn Random) -> Result<String, Failure> {
    let made = KeyPair::new_from_raw(KeyPairType::User, bytes::<32>(random)).and_then(|user| user.seed());
    made.map_err(|error| Failure::internal("operator.agent-key", error.to_string()))
}

fn public(seed: &str) -> Result<String, Failure> {
    let broken = "The Secret `bus-credentials` holds no NATS user. Delete it: the agency gets other credentials.";
    let user = KeyPair::from_seed(seed);
    user.map(|user| user.public_key())
        .map_err(|error| Failure::invalid("operator.agent-key", broken).with_detail(error))
}

/// Another release may give other permissions.
fn sum(agency: &str, user: &str) -> String {
    Hash::of_parts(&[agency, user, env!("CARGO_PKG_VERSION")].map(str::as_bytes)).to_string()
}
