//! Where a PostgreSQL is and how the way to it is protected: nothing travels to another machine in the clear unless told.

use std::{net::IpAddr, str::FromStr};

use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};

use crate::Error;

/// Reads a connection URL. To another machine TLS is demanded (`sslmode=require`); with the authority's certificate
/// (`sslrootcert=…`) also that the server is the one it is named as. Only `sslmode=disable` does without.
pub(crate) fn options(url: &str) -> Result<PgConnectOptions, Error> {
    let options = PgConnectOptions::from_str(url)?;
    let rooted = options.to_url_lossy().query_pairs().any(|(name, _)| name == "sslrootcert");
    let here = options.get_socket().is_some() || is_this_machine(options.get_host());
    let mode = match options.get_ssl_mode() {
        PgSslMode::VerifyCa => {
            let message = "`sslmode=verify-ca` leaves the database server's name unchecked: write `verify-full`.";
            return Err(Error::refused("store.insecure", message));
        }
        // The driver would not look at the authority's certificate.
        PgSslMode::Require | PgSslMode::Prefer | PgSslMode::Allow if rooted => PgSslMode::VerifyFull,
        PgSslMode::Prefer | PgSslMode::Allow if !here => PgSslMode::Require,
        told => told,
    };
    Ok(options.ssl_mode(mode))
}

/// A refusal to talk in the clear, or to the wrong server, is no outage: nobody waits for it to end.
pub(crate) fn unprotected(error: sqlx::Error, options: &PgConnectOptions) -> Error {
    let why = match error {
        sqlx::Error::Tls(why) => why.to_string(),
        // The handshake's own refusals, such as a certificate that does not fit.
        sqlx::Error::Io(why) if why.kind() == std::io::ErrorKind::InvalidData => why.to_string(),
        other => return other.into(),
    };
    let message = format!(
        "The way to PostgreSQL on {} is not protected: {why}. Switch TLS on at the server and trust its certificate \
         (`sslrootcert`), or write `sslmode=disable` into the URL where the network itself is safe.",
        options.get_host()
    );
    Error::refused("store.insecure", message)
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> String {
        match options(url) {
            Ok(options) => format!("{:?}", options.get_ssl_mode()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn only_this_machine_is_reached_without_tls_unless_told() {
        for local in ["localhost", "127.0.0.1", "127.0.1.7", "[::1]", "%2Frun%2Fpostgresql"] {
            assert_eq!(mode(&format!("postgres://user@{local}/x")), "Prefer", "{local}");
        }
        assert_eq!(mode("postgres:///x?host=/run/postgresql"), "Prefer");
        for remote in ["db.example", "10.0.0.7", "localhost.example", "[fd00::1]"] {
            assert_eq!(mode(&format!("postgres://user@{remote}/x")), "Require", "{remote}");
            assert_eq!(mode(&format!("postgres://user@{remote}/x?sslmode=prefer")), "Require", "{remote}");
            assert_eq!(mode(&format!("postgres://user@{remote}/x?sslmode=disable")), "Disable", "{remote}");
        }
    }

    #[test]
    fn an_authoritys_certificate_is_looked_at_together_with_the_name() {
        assert_eq!(mode("postgres://db.example/x?sslrootcert=/ca.pem"), "VerifyFull");
        assert_eq!(mode("postgres://db.example/x?sslmode=require&sslrootcert=/ca.pem"), "VerifyFull");
        assert_eq!(mode("postgres://localhost/x?sslrootcert=/ca.pem"), "VerifyFull");
        assert!(mode("postgres://db.example/x?sslmode=verify-ca&sslrootcert=/ca.pem").contains("verify-full"));
    }
}
