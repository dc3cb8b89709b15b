//! The certificate that is shown to whoever connects now; those who are connected keep theirs.

use std::sync::{Arc, PoisonError, RwLock};

use kernel::Failure;
use tokio_rustls::rustls::{
    self, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

/// A certificate with its chain and its key, as PEM.
pub struct Shown<'a> {
    pub chain: &'a str,
    pub key: &'a str,
}

#[derive(Debug)]
pub struct Served {
    provider: Arc<CryptoProvider>,
    now: RwLock<Option<Arc<CertifiedKey>>>,
}

impl Served {
    pub fn nothing_yet() -> Arc<Self> {
        Arc::new(Self { provider: Arc::new(aws_lc_rs::default_provider()), now: RwLock::new(None) })
    }

    /// From the next connection on.
    pub fn show(&self, Shown { chain, key }: Shown<'_>) -> Result<(), Failure> {
        let chain =
            CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
        if chain.is_empty() {
            return Err(unreadable("it holds no certificate"));
        }
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| unreadable("its key cannot be read"))?;
        let certified = CertifiedKey::from_der(chain, key, &self.provider).map_err(unreadable)?;
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(certified));
        Ok(())
    }

    /// HTTP/1.1 only: the API server keeps a connection for each request that it has under way.
    pub fn configuration(self: &Arc<Self>) -> Result<Arc<ServerConfig>, rustls::Error> {
        let mut configuration = ServerConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(configuration))
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn unreadable(error: impl std::fmt::Display) -> Failure {
    let message = "The webhook's certificate cannot be used. With `operator.webhook.certificate_folder`: put a PEM chain into \
        `tls.crt` and its key into `tls.key`; else empty the Secret that `operator.webhook.secret` names.";
    Failure::unavailable("operator.certificate", message).with_detail(error)
}
