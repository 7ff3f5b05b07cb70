//! X.509 certificates with RSA keys, as far as a channel's signature depends on them.
//!
//! What a certificate says of itself proves nothing; [`Certificate::is_signed_by`] and the reader's own rules do. Old
//! authorities still sign with SHA-1, which strict path builders refuse, so the check of a chain is the reader's.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::asn1_rs::{Any, Tag};
use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::prelude::{
    AttributeTypeAndValue, FromDer as _, KeyUsage, ParsedExtension, X509Certificate, X509Name,
};
use zeroize::Zeroizing;

use super::key::VerifyingKey;
use super::pem;

/// Why a text is not a certificate that can be used. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Neither a PEM block `CERTIFICATE` nor base64.
    #[error("not a certificate text: give a pem block CERTIFICATE or its base64")]
    NotText,
    /// Decoded, but not one whole X.509 certificate.
    #[error("not one whole x.509 certificate")]
    NotX509,
    /// Its key or its signature is not RSA with SHA-256 or SHA-1.
    #[error("not an rsa certificate signed with sha-256 or sha-1")]
    NotRsa,
    /// It has an extension that must be understood and is not.
    #[error("it has a critical extension that is not known here")]
    Critical,
}

/// A certificate, parsed once. Clones share it.
#[derive(Clone)]
pub struct Certificate(Arc<Parsed>);

#[derive(Debug)]
struct Parsed {
    serial: String,
    subject: Vec<u8>,
    issuer: Vec<u8>,
    common_names: Vec<Option<String>>,
    not_before_ms: i64,
    not_after_ms: i64,
    key: VerifyingKey,
    signed: Vec<u8>,
    signature: String,
    sha1: bool,
    authority: bool,
    path_max: Option<u32>,
    digital_signature: bool,
    certificate_sign: bool,
}

impl Certificate {
    /// One certificate: PEM or bare base64 of its DER. Of a PEM text with several blocks, the first.
    ///
    /// # Errors
    /// [`CertificateError`] for anything else.
    pub fn from_pem_or_base64(text: &str) -> Result<Self, CertificateError> {
        let der = pem::decode(text, &["CERTIFICATE"]).ok_or(CertificateError::NotText)?;
        let (rest, certificate) = X509Certificate::from_der(&der).map_err(|_| CertificateError::NotX509)?;
        if !rest.is_empty() {
            return Err(CertificateError::NotX509);
        }
        Parsed::read(&certificate).map(|parsed| Self(Arc::new(parsed)))
    }

    /// The certificates of a PEM text with several blocks, in their order, or the one of a base64. The outer error: the text
    /// holds something else.
    ///
    /// # Errors
    /// [`CertificateError`] for a text without a certificate, or for one that is none within it.
    pub fn all_from_pem_or_base64(
        text: &str,
    ) -> Result<Vec<Result<Self, CertificateError>>, CertificateError> {
        let read = |der: &[u8]| {
            let (_, certificate) = X509Certificate::from_der(der).map_err(|_| CertificateError::NotX509)?;
            Ok(Parsed::read(&certificate).map(|parsed| Self(Arc::new(parsed))))
        };
        blocks(text)?.iter().map(|der| read(der)).collect()
    }

    /// The serial number as decimal digits.
    pub fn serial_decimal(&self) -> &str {
        &self.0.serial
    }

    /// The one common name of the subject; `None` when there is none, more than one, or one that is no text.
    pub fn common_name(&self) -> Option<&str> {
        match self.0.common_names.as_slice() {
            [one] => one.as_deref(),
            _ => None,
        }
    }

    /// The key that it certifies.
    pub fn key(&self) -> &VerifyingKey {
        &self.0.key
    }

    /// Whether a moment (unix ms) is within its time, both ends included.
    pub fn is_valid_at(&self, now_ms: i64) -> bool {
        (self.0.not_before_ms..=self.0.not_after_ms).contains(&now_ms)
    }

    /// The first moment of its time, unix ms.
    pub fn not_before_ms(&self) -> i64 {
        self.0.not_before_ms
    }

    /// The last moment of its time, unix ms.
    pub fn not_after_ms(&self) -> i64 {
        self.0.not_after_ms
    }

    /// Whether both were issued to the same name.
    pub fn has_subject_of(&self, other: &Certificate) -> bool {
        self.0.subject == other.0.subject
    }

    /// Whether `issuer`'s name and key are those that signed it. Whether `issuer` may is [`Certificate::is_authority`].
    pub fn is_signed_by(&self, issuer: &Certificate) -> bool {
        let (own, key) = (&self.0, &issuer.0.key);
        let verified = if own.sha1 {
            key.verify_sha1(&own.signed, &own.signature)
        } else {
            key.verify_sha256(&own.signed, &own.signature)
        };
        own.issuer == issuer.0.subject && verified
    }

    /// Whether it was signed over SHA-1.
    pub fn is_signed_with_sha1(&self) -> bool {
        self.0.sha1
    }

    /// Whether it may sign certificates, with so many authorities below it.
    pub fn is_authority(&self, below: u32) -> bool {
        let own = &self.0;
        own.authority && own.certificate_sign && own.path_max.is_none_or(|most| most >= below)
    }

    /// Whether its key may sign messages.
    pub fn may_sign_messages(&self) -> bool {
        self.0.digital_signature
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Certificate({}, {:?})", self.0.serial, self.common_name())
    }
}

/// By whom a certificate was issued and under which number, whatever its key is and whatever signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The issuer's name from the last part to the first: `CN=…,OU=…,O=…,C=…`, values as they stand.
    pub issuer: String,
    /// The serial number as decimal digits.
    pub serial_decimal: String,
    /// Whether an RSA key signed it, with any hash.
    pub is_signed_with_rsa: bool,
}

impl Issued {
    /// The same of every certificate of a PEM text, in their order, or of the one of a base64.
    ///
    /// # Errors
    /// [`CertificateError`] for a text without a certificate, or one that is none within it.
    pub fn all_from_pem_or_base64(text: &str) -> Result<Vec<Self>, CertificateError> {
        const RSA: &str = "1.2.840.113549.1.1.";
        let read = |der: &[u8]| {
            let (_, certificate) = X509Certificate::from_der(der).map_err(|_| CertificateError::NotX509)?;
            let algorithm = certificate.signature_algorithm.algorithm.to_id_string();
            Ok(Self {
                issuer: reversed(certificate.issuer())?,
                serial_decimal: certificate.tbs_certificate.serial.to_string(),
                is_signed_with_rsa: algorithm.starts_with(RSA),
            })
        };
        blocks(text)?.iter().map(|der| read(der)).collect()
    }
}

/// Every certificate's DER; at least one.
fn blocks(text: &str) -> Result<Vec<Zeroizing<Vec<u8>>>, CertificateError> {
    const END: &str = "-----END CERTIFICATE-----";
    let ends: Vec<&str> = text.split_inclusive(END).filter(|piece| piece.contains(END)).collect();
    let pieces = if ends.is_empty() { vec![text] } else { ends };
    pieces.iter().map(|piece| pem::decode(piece, &["CERTIFICATE"]).ok_or(CertificateError::NotText)).collect()
}

/// A name with its last part first, as Java's `X500Principal` prints it.
fn reversed(name: &X509Name<'_>) -> Result<String, CertificateError> {
    let part = |part: &AttributeTypeAndValue<'_>| {
        let label = match oid2abbrev(part.attr_type(), oid_registry()) {
            Ok(label) => label.to_owned(),
            Err(_) => part.attr_type().to_id_string(),
        };
        let value = text(part.attr_value()).ok_or(CertificateError::NotX509)?;
        Ok(format!("{label}={value}"))
    };
    let mut parts: Vec<String> = name.iter_attributes().map(part).collect::<Result<_, _>>()?;
    parts.reverse();
    Ok(parts.join(","))
}

impl Parsed {
    fn read(certificate: &X509Certificate<'_>) -> Result<Self, CertificateError> {
        const SHA256_WITH_RSA: &str = "1.2.840.113549.1.1.11";
        const SHA1_WITH_RSA: &str = "1.2.840.113549.1.1.5";
        let inner = &certificate.tbs_certificate;
        let algorithm = certificate.signature_algorithm.algorithm.to_id_string();
        let known = [SHA256_WITH_RSA, SHA1_WITH_RSA].contains(&algorithm.as_str());
        if !known || inner.signature != certificate.signature_algorithm {
            return Err(CertificateError::NotRsa);
        }
        let mut parsed = Self {
            serial: inner.serial.to_string(),
            subject: inner.subject.as_raw().to_vec(),
            issuer: inner.issuer.as_raw().to_vec(),
            common_names: inner.subject.iter_common_name().map(|name| text(name.attr_value())).collect(),
            not_before_ms: inner.validity.not_before.timestamp().saturating_mul(1_000),
            not_after_ms: inner.validity.not_after.timestamp().saturating_mul(1_000),
            key: VerifyingKey::from_der(inner.subject_pki.raw).ok_or(CertificateError::NotRsa)?,
            signed: inner.as_ref().to_vec(),
            signature: STANDARD.encode(&certificate.signature_value.data),
            sha1: algorithm == SHA1_WITH_RSA,
            authority: false,
            path_max: None,
            // Without a key usage, any use is allowed (RFC 5280 §4.2.1.3).
            digital_signature: true,
            certificate_sign: true,
        };
        parsed.extensions(certificate)?;
        Ok(parsed)
    }

    fn extensions(&mut self, certificate: &X509Certificate<'_>) -> Result<(), CertificateError> {
        // Also refuses an extension that stands twice.
        certificate.tbs_certificate.extensions_map().map_err(|_| CertificateError::NotX509)?;
        for extension in certificate.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::BasicConstraints(constraints) => {
                    self.authority = constraints.ca;
                    self.path_max = constraints.path_len_constraint;
                }
                ParsedExtension::KeyUsage(usage) => self.usage(usage),
                ParsedExtension::ParseError { .. } => return Err(CertificateError::NotX509),
                // They limit what is not used here: host names, TLS, policies.
                ParsedExtension::ExtendedKeyUsage(_)
                | ParsedExtension::SubjectAlternativeName(_)
                | ParsedExtension::CertificatePolicies(_) => {}
                _ if extension.critical => return Err(CertificateError::Critical),
                _ => {}
            }
        }
        Ok(())
    }

    fn usage(&mut self, usage: &KeyUsage) {
        self.digital_signature = usage.digital_signature();
        self.certificate_sign = usage.key_cert_sign();
    }
}

/// A directory string. Merchants' certificates call theirs Teletex, for the sake of the `@`, and keep to ASCII.
fn text(value: &Any<'_>) -> Option<String> {
    let known =
        [Tag::Utf8String, Tag::PrintableString, Tag::Ia5String, Tag::T61String].contains(&value.tag());
    std::str::from_utf8(value.data).ok().filter(|_| known).map(str::to_owned)
}
