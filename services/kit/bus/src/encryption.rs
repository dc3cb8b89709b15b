//! Whether a connection is encrypted, and whose word counts that the server is the right one.

use async_nats::{
    ConnectOptions,
    rustls::{
        RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, pem::PemObject},
    },
};
use kernel::Failure;

use crate::Settings;

impl Settings {
    /// With this every client of the bus begins. The file is read anew with each connection: another authority needs no restart.
    pub fn connect_options(&self) -> ConnectOptions {
        // Several libraries bring a provider of their own, and the client would not know which to take; the first one stays.
        let _ = ring::default_provider().install_default();
        // Said here and not only by the address: a server that is found later, or says that it needs no TLS, is no way around it.
        let options = ConnectOptions::new().require_tls(self.is_encrypted());
        match &self.ca_file {
            Some(file) => options.add_root_certificates(file.clone()),
            None => options,
        }
    }

    /// Who signs the server's certificate, as PEM. None where nobody is named.
    pub fn authority(&self) -> Result<Option<String>, Failure> {
        let Some(file) = &self.ca_file else { return Ok(None) };
        let refused = |why: String| {
            let message = format!(
                "{} (`bus.ca_file`) holds no certificate of an authority: {why}. It is PEM, as whoever runs the servers \
                 hands it out; Kubernetes calls it `ca.crt`.",
                file.display()
            );
            Failure::internal("bus.ca", message)
        };
        let text = std::fs::read_to_string(file).map_err(|error| refused(error.to_string()))?;
        let mut authorities = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
            let certificate = certificate.map_err(|error| refused(error.to_string()))?;
            authorities.add(certificate).map_err(|error| refused(error.to_string()))?;
        }
        if authorities.is_empty() {
            return Err(refused("there is none in it".to_owned()));
        }
        Ok(Some(text))
    }

    /// Every address under which the bus is; whichever answers is taken.
    pub fn servers(&self) -> Vec<String> {
        self.url.split(',').map(|server| server.trim().to_owned()).collect()
    }

    fn is_encrypted(&self) -> bool {
        self.ca_file.is_some() || self.servers().iter().any(|server| server.starts_with("tls://"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_encrypted_where_any_address_or_an_authority_says_so() {
        let plain = Settings { url: "nats://127.0.0.1:4222".into(), ..Settings::default() };
        assert!(!plain.is_encrypted());
        assert!(Settings { url: "tls://bus:4222".into(), ..Settings::default() }.is_encrypted());
        assert!(Settings { url: "nats://one:4222, tls://two:4222".into(), ..Settings::default() }.is_encrypted());
        assert!(Settings { ca_file: Some("ca.crt".into()), ..plain }.is_encrypted());
    }

    #[test]
    fn a_file_without_an_authority_is_refused_before_anybody_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.crt");
        let settings = Settings { ca_file: Some(file.clone()), ..Settings::default() };
        let refused = || settings.authority().unwrap_err();
        assert_eq!(refused().code, "bus.ca", "there is no file");
        for text in ["", "certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(refused().code, "bus.ca", "{text}");
        }
        assert_eq!(Settings::default().authority().unwrap(), None);
    }
}
