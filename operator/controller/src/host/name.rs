//! Names of what the operator makes: of objects in the agency's namespace, of databases and of roles.

use kernel::Hash;

/// The host that an agency's services share. No service may be called so.
pub const SHARED: &str = "shared";
/// Made once and kept for ever: without it nobody reads the agency's cases.
pub const AGENCY_KEY: &str = "agency-key";
/// The same key in the platform's namespace, which nobody deletes by a slip with an agency's.
pub fn kept_key(agency: &str) -> String {
    format!("{AGENCY_KEY}-{agency}")
}

/// Copies from the platform's namespace.
pub const LOOKUP_KEY: &str = "lookup-key";
pub const TRUSTED_KEYS: &str = "trusted-keys";
/// Entry of it: who signs the bus's certificate. Other tools call it so, too.
pub const AUTHORITY: &str = "ca.crt";
/// SQLite only.
pub const VOLUME: &str = "cases";

/// Credentials and signing key of a host.
pub fn bus(host: &str) -> String {
    format!("{host}-bus")
}

pub fn database_access(host: &str) -> String {
    format!("{host}-database")
}

pub fn settings(host: &str) -> String {
    format!("{host}-settings")
}

/// PostgreSQL cuts names after 63 bytes, of which a role has two.
const BYTES_MAX: usize = 30;
const DATABASE: &str = "agency_";

pub fn database(agency: &str) -> String {
    let plain = agency.replace('-', "_");
    if DATABASE.len() + plain.len() <= BYTES_MAX {
        return format!("{DATABASE}{plain}");
    }
    let hash = short(&[agency.as_bytes()], 8);
    format!("{DATABASE}{}_{hash}", &plain[..BYTES_MAX - DATABASE.len() - 1 - hash.len()])
}

/// The full role is `<database>_<this>`. Joined names alone would be ambiguous (`a` and `b-c`, `a-b` and `c`): a service
/// could be named so that its host gets another agency's role. The hash over both tells them apart.
pub fn role(agency: &str, host: &str) -> String {
    let hash = short(&[agency.as_bytes(), host.as_bytes()], 16);
    let plain: String = host.replace('-', "_").chars().take(BYTES_MAX - 1 - hash.len()).collect();
    format!("{plain}_{hash}")
}

fn short(parts: &[&[u8]], digits: usize) -> String {
    Hash::of_parts(parts).to_string().chars().take(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_the_database_server_and_are_nobody_elses() {
        assert_eq!(database("civil-status"), "agency_civil_status");
        let long = "ministry-of-employment-and-poverty-reduction";
        let full = |agency: &str, host: &str| format!("{}_{}", database(agency), role(agency, host));
        for (agency, host) in [("justice", "marriage-certificate-copy"), (long, long), ("a", "b")] {
            assert!(database(agency).len() <= BYTES_MAX && role(agency, host).len() <= BYTES_MAX);
        }
        assert_ne!(full("a", "b-c"), full("a-b", "c"));
        assert_ne!(full("a", "b-owner"), format!("{}_owner", database("a-b")));
        assert_ne!(database(long), database(&format!("{long}-2")));
    }
}
