//! PKCS#12 (`.p12`, `.pfx`), as WeChat and UnionPay hand out a merchant's certificate: a certificate and its key in one
//! file under a password, in the old RC2-40 and 3DES as well as in today's AES. The only place that knows the format.

use p12_keystore::error::Error;
use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, Pkcs12Archive, PrivateKey,
    PrivateKeyChain,
};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::tls::{self, Identity, pem};

/// Why a file gives no identity, and what to do. Says nothing of what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum P12Error {
    /// Not a whole PKCS#12 file.
    #[error("it is no whole PKCS#12 file; copy it again from the merchant platform's download, in binary")]
    NotP12,
    /// The password does not open it.
    #[error("the password does not open it")]
    Password,
    /// Encrypted in a way that is not read here.
    #[error(
        "its encryption is not known here; write it anew with `openssl pkcs12 -export`, or use the PEM pair"
    )]
    Unsupported,
    /// Only certificates inside.
    #[error("it holds no private key; export it together with its key, or download it again")]
    NoKey,
    /// More than one key inside.
    #[error("it holds {0} private keys; export the merchant's own alone")]
    Keys(usize),
    /// No certificate inside belongs to the key.
    #[error("none of its {0} certificates belongs to its private key; download it again")]
    NoCertificate(usize),
}

impl From<Error> for P12Error {
    fn from(error: Error) -> P12Error {
        match error {
            // Without a checksum a wrong password shows as nonsense behind the decryption.
            Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) | Error::InvalidPrivateKey => {
                P12Error::Password
            }
            Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => P12Error::Unsupported,
            Error::IoError(_)
            | Error::DerError(_)
            | Error::InvalidVersion
            | Error::UnsupportedContentType
            | Error::UnsupportedCertificateType
            | Error::X509Error(_)
            | Error::InvalidLength
            | Error::InvalidParameters
            | Error::InvalidData => P12Error::NotP12,
        }
    }
}

/// Opens a file's bytes: the certificate that belongs to the one key, then the others, and the key.
pub fn open(bytes: &[u8], password: &str) -> Result<Identity, P12Error> {
    let archive = Pkcs12Archive::from_pkcs12(bytes, password)?;
    let key = match archive.keys.as_slice() {
        [] => return Err(P12Error::NoKey),
        [one] => one.key.as_der(),
        several => return Err(P12Error::Keys(several.len())),
    };
    let public = tls::public_key(key).ok_or(P12Error::Unsupported)?;
    let mut chain: Vec<&[u8]> = archive.certs.iter().map(|bag| bag.cert.as_der()).collect();
    // The key tells which is ours, whatever the order and the names in the file are.
    let own = chain.iter().position(|der| certifies(der, &public));
    let own = own.ok_or(P12Error::NoCertificate(chain.len()))?;
    chain[..=own].rotate_right(1);
    Ok(Identity {
        chain_pem: chain.iter().map(|der| pem("CERTIFICATE", der)).collect(),
        key_pem: pem("PRIVATE KEY", key),
    })
}

fn certifies(certificate: &[u8], public: &[u8]) -> bool {
    X509Certificate::from_der(certificate)
        .is_ok_and(|(_, certificate)| certificate.tbs_certificate.subject_pki.raw == public)
}

/// Writes an identity as a file of the old kind, 3DES with SHA-1, which every client reads.
pub fn write(identity: &Identity, password: &str) -> Result<Vec<u8>, tls::TlsError> {
    const ITERATIONS: u32 = 2048;
    let wrong = |error: Error| tls::pem_error("the .p12 file", error);
    let key = PrivateKeyDer::from_pem_slice(identity.key_pem.as_bytes());
    let key = key.map_err(|_| tls::pem_error("the key for the .p12 file", "it holds no private key"))?;
    let key = PrivateKey::from_der(key.secret_der()).map_err(wrong)?;
    let mut chain = Vec::new();
    for certificate in tls::certificates(&identity.chain_pem, "the certificate for the .p12 file")? {
        chain.push(Certificate::from_der(&certificate).map_err(wrong)?);
    }
    let mut store = KeyStore::new();
    let entry = PrivateKeyChain::new("1", key, chain);
    store.add_entry("Tenpay Certificate", KeyStoreEntry::PrivateKeyChain(entry));
    store
        .writer(password)
        .encryption_algorithm(EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc)
        .encryption_iterations(ITERATIONS)
        .mac_algorithm(MacAlgorithm::HmacSha1)
        .mac_iterations(ITERATIONS)
        .write()
        .map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> Identity {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap();
        Identity { chain_pem: certificate.pem(), key_pem: key.serialize_pem() }
    }

    #[test]
    fn what_is_written_is_read() {
        let identity = made();
        let file = write(&identity, "1900000109").unwrap();
        let read = open(&file, "1900000109").unwrap();
        let der = |text: &str| tls::certificates(text, "it").unwrap();
        assert_eq!(der(&read.chain_pem), der(&identity.chain_pem));
        assert!(tls::connector(&tls::Roots::Public, Some(&read)).is_ok());
        assert_eq!(open(&file, "1900000108").err(), Some(P12Error::Password));
    }

    /// openssl sorts them; other tools do not.
    #[test]
    fn our_own_certificate_comes_first_wherever_it_is() {
        let (own, other) = (made(), made());
        let chain = format!("{}{}", other.chain_pem, own.chain_pem);
        let file = write(&Identity { chain_pem: chain, key_pem: own.key_pem.clone() }, "1").unwrap();
        let read = open(&file, "1").unwrap();
        assert_eq!(read.chain_pem, format!("{}{}", own.chain_pem, other.chain_pem).replace('\r', ""));
        let file = write(&Identity { chain_pem: other.chain_pem, key_pem: own.key_pem }, "1").unwrap();
        assert_eq!(open(&file, "1").err(), Some(P12Error::NoCertificate(1)));
    }

    #[test]
    fn a_file_that_is_cut_or_changed_anywhere_is_refused_and_nothing_panics() {
        let file = write(&made(), "1").unwrap();
        for end in 0..file.len() {
            assert!(open(&file[..end], "1").is_err(), "{end} bytes");
        }
        // Every decryption costs its rounds: a bit here and there.
        for at in (0..file.len()).step_by(13) {
            let mut changed = file.clone();
            changed[at] ^= 0x10;
            assert!(open(&changed, "1").is_err(), "bit of byte {at}");
        }
    }
}
