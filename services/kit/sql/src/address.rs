//! Where a PostgreSQL is and how the way to it is protected: nothing travels to another machine in the clear unless told.

use std::{borrow::Cow, net::IpAddr, str::FromStr};

use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};

use crate::Error;

/// Parameters that name a file, or hold what would be in it.
const FILES: [&str; 3] = ["sslrootcert", "sslcert", "sslkey"];
/// What the driver writes before a file's name, and does not read.
const SHOWN: &str = "file: ";

/// Reads a connection URL. To another machine TLS is demanded (`sslmode=require`); with the authority's certificate
/// (`sslrootcert=…`) also that the server is the one it is named as. Only `sslmode=disable` does without. The certificate is
/// named by its file, or stands in the URL itself, where whoever reads the URL has no file.
pub(crate) fn options(url: &str) -> Result<PgConnectOptions, Error> {
    let options = PgConnectOptions::from_str(url)?;
    let authority = parameters(&options).into_iter().find(|(name, _)| name == "sslrootcert").map(|(_, value)| value);
    let rooted = authority.is_some();
    let options = match authority {
        Some(written) if written.trim_start().starts_with("-----BEGIN ") => {
            options.ssl_root_cert_from_pem(written.into_bytes())
        }
        _ => options,
    };
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

/// A URL that `options` reads again as the same.
pub(crate) fn url(options: &PgConnectOptions) -> String {
    let mut url = options.to_url_lossy();
    url.query_pairs_mut().clear().extend_pairs(parameters(options));
    url.to_string()
}

/// What stands behind the address: each parameter as it is written in a URL.
fn parameters(options: &PgConnectOptions) -> Vec<(String, String)> {
    let written = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
        let shown = FILES.contains(&&*name).then(|| value.strip_prefix(SHOWN)).flatten();
        let value = shown.unwrap_or(&value).to_owned();
        (name.into_owned(), value)
    };
    options.to_url_lossy().query_pairs().map(written).collect()
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

    #[test]
    fn a_url_that_is_written_is_read_as_the_same() {
        let certificate = "-----BEGIN CERTIFICATE-----\nA+b/c=\n-----END CERTIFICATE-----\n";
        let inside: String = certificate.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for (given, authority) in [("/ca.pem", "/ca.pem"), (inside.as_str(), certificate)] {
            let first = options(&format!("postgres://a:b%40c@db.example:5433/x?sslrootcert={given}")).unwrap();
            let again = options(&url(&first)).unwrap();
            assert_eq!(url(&first), url(&again));
            assert!(parameters(&again).contains(&("sslrootcert".to_owned(), authority.to_owned())), "{}", url(&again));
            assert_eq!((again.get_host(), again.get_port(), again.get_database()), ("db.example", 5433, Some("x")));
        }
        let file = options("postgres://db.example/x?sslrootcert=/ca.pem&sslcert=/own.pem&sslkey=/own.key").unwrap();
        assert!(!url(&file).contains("file"), "{}", url(&file));
    }
}
