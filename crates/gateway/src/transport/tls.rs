//! TLS settings of both sides: whom we trust, who we are. There is no switch that turns a check off.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Whom a connection trusts.
#[derive(Clone)]
pub enum Roots {
    /// The roots that browsers trust.
    Public,
    /// These certificates, as PEM.
    Pem(String),
}

/// Who we are: a certificate chain and its key, as PEM.
#[derive(Clone)]
pub struct Identity {
    /// The chain, our own certificate first.
    pub chain_pem: String,
    /// Its private key.
    pub key_pem: String,
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A PEM text is not what it should be.
    #[error("{what} cannot be read: {why}")]
    Pem {
        /// Which text.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// rustls refuses the combination.
    #[error("TLS cannot be set up: {0}")]
    Rustls(#[from] rustls::Error),
}

pub(super) fn pem_error(what: &'static str, why: impl std::fmt::Display) -> TlsError {
    TlsError::Pem { what, why: why.to_string() }
}

pub(super) fn certificates(pem: &str, what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match parsed {
        Ok(chain) if chain.is_empty() => Err(pem_error(what, "it holds no certificate")),
        Ok(chain) => Ok(chain),
        Err(error) => Err(pem_error(what, error)),
    }
}

fn key(pem: &str, what: &'static str) -> Result<PrivateKeyDer<'static>, TlsError> {
    // The error may quote the text; the kind of failure is enough.
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| pem_error(what, "it holds no private key"))
}

/// DER as PEM.
#[must_use]
pub fn pem(label: &str, der: &[u8]) -> String {
    const LINE: usize = 64;
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in STANDARD.encode(der).as_bytes().chunks(LINE) {
        text.extend(line.iter().map(|byte| char::from(*byte)));
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

/// The public half (SPKI) of a private key in PKCS#8, where rustls can sign with it.
pub(super) fn public_key(pkcs8: &[u8]) -> Option<Vec<u8>> {
    let key = PrivateKeyDer::Pkcs8(pkcs8.to_vec().into());
    let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).ok()?;
    key.public_key().map(|spki| spki.to_vec())
}

fn root_store(roots: &Roots) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    match roots {
        Roots::Public => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Roots::Pem(pem) => {
            for certificate in certificates(pem, "the trusted certificate (ca)")? {
                store.add(certificate)?;
            }
        }
    }
    Ok(store)
}

/// The client's side.
pub fn connector(roots: &Roots, identity: Option<&Identity>) -> Result<TlsConnector, TlsError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(root_store(roots)?);
    let config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => builder.with_client_auth_cert(
            certificates(&identity.chain_pem, "the client certificate")?,
            key(&identity.key_pem, "the client key")?,
        )?,
    };
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The server's side; with `client_roots`, a client may show a certificate that these issued.
pub fn acceptor(identity: &Identity, client_roots: Option<&str>) -> Result<TlsAcceptor, TlsError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let builder = match client_roots {
        None => builder.with_no_client_auth(),
        Some(pem) => {
            let roots = Arc::new(root_store(&Roots::Pem(pem.to_owned()))?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider)
                .allow_unauthenticated()
                .build()
                .map_err(|error| pem_error("the client certificates' root", error))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let config = builder.with_single_cert(
        certificates(&identity.chain_pem, "the server certificate")?,
        key(&identity.key_pem, "the server key")?,
    )?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
