//! Public-key-certificate mode (公钥证书模式, alipay.md §2.6): how certificates are numbered, and which of Alipay's are believed.

use crate::sign::{Certificate, CertificateError, Issued, VerifyingKey, md5_hex};

/// A certificate's number on the wire (`app_cert_sn`, `alipay_cert_sn`): of the first one, where the text holds several.
///
/// # Errors
/// [`CertificateError`] when the text is no certificate.
pub fn cert_sn(text: &str) -> Result<String, CertificateError> {
    let issued = Issued::all_from_pem_or_base64(text)?;
    issued.first().map(sn).ok_or(CertificateError::NotText)
}

/// The number of a file of roots (`alipay_root_cert_sn`): those that RSA signed, joined by `_`; SM2's and ECDSA's do not
/// count. Empty where none counts.
///
/// # Errors
/// [`CertificateError`] when the text holds anything but certificates.
pub fn root_cert_sn(text: &str) -> Result<String, CertificateError> {
    let issued = Issued::all_from_pem_or_base64(text)?;
    let numbers: Vec<String> = issued.iter().filter(|issued| issued.is_signed_with_rsa).map(sn).collect();
    Ok(numbers.join("_"))
}

fn sn(issued: &Issued) -> String {
    md5_hex(format!("{}{}", issued.issuer, issued.serial_decimal).as_bytes())
}

/// What is wrong with the three certificate files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificatesError {
    /// `appCertPublicKey_….crt`
    #[error("the application's certificate: {0}")]
    App(CertificateError),
    /// `alipayCertPublicKey_RSA2.crt`
    #[error("alipay's certificate: {0}")]
    Alipay(CertificateError),
    /// `alipayRootCert.crt`
    #[error("the root certificates: {0}")]
    Root(CertificateError),
    /// None of the roots is an authority with an RSA key.
    #[error("there is no authority with an rsa key among them")]
    NoRoot,
    /// Neither a root nor a certificate beside it has signed Alipay's.
    #[error(
        "no root certificate leads to it; take it anew, with the authority's certificate that stands below it in the file"
    )]
    NoChain,
}

/// One of Alipay's certificates, with those of the authorities that its file carries.
#[derive(Clone, Debug)]
struct Known {
    sn: String,
    own: Certificate,
    above: Vec<Certificate>,
}

impl Known {
    fn read(text: &str) -> Result<Known, CertificateError> {
        let sn = cert_sn(text)?;
        let mut all = Certificate::all_from_pem_or_base64(text)?.into_iter();
        let own = all.next().ok_or(CertificateError::NotText)??;
        Ok(Known { sn, own, above: all.flatten().collect() })
    }

    /// Whether a root leads to it, over at most one authority between.
    fn leads_from(&self, roots: &[Certificate], valid: impl Fn(&Certificate) -> bool) -> bool {
        let root = |certificate: &Certificate, below| {
            let signs = |root: &&Certificate| root.is_authority(below) && certificate.is_signed_by(root);
            roots.iter().filter(signs).any(&valid)
        };
        let over = |middle: &Certificate| {
            middle.is_authority(0) && valid(middle) && self.own.is_signed_by(middle) && root(middle, 1)
        };
        self.own.may_sign_messages()
            && valid(&self.own)
            && (root(&self.own, 0) || self.above.iter().any(over))
    }
}

/// An application's certificates: its own number, the roots, and those of Alipay's that are believed.
#[derive(Clone, Debug)]
pub struct Certificates {
    app_cert_sn: String,
    root_cert_sn: String,
    roots: Vec<Certificate>,
    known: Vec<Known>,
}

impl Certificates {
    /// Takes the three files as Alipay hands them out. Alipay's certificate must lead to a root; its dates are looked at
    /// when an answer is.
    ///
    /// # Errors
    /// [`CertificatesError`] says which file it is.
    pub fn read(app: &str, alipay: &str, root: &str) -> Result<Self, CertificatesError> {
        let app_cert_sn = cert_sn(app).map_err(CertificatesError::App)?;
        let root_cert_sn = root_cert_sn(root).map_err(CertificatesError::Root)?;
        let roots = Certificate::all_from_pem_or_base64(root).map_err(CertificatesError::Root)?;
        // The others are SM2's and ECDSA's: they count for nothing here (alipay.md §2.6).
        let roots: Vec<Certificate> =
            roots.into_iter().flatten().filter(|root| root.is_authority(0)).collect();
        if roots.is_empty() {
            return Err(CertificatesError::NoRoot);
        }
        let known = Known::read(alipay).map_err(CertificatesError::Alipay)?;
        if !known.leads_from(&roots, |_| true) {
            return Err(CertificatesError::NoChain);
        }
        Ok(Self { app_cert_sn, root_cert_sn, roots, known: vec![known] })
    }

    /// `app_cert_sn` of every request.
    pub fn app_cert_sn(&self) -> &str {
        &self.app_cert_sn
    }

    /// `alipay_root_cert_sn` of every request.
    pub fn root_cert_sn(&self) -> &str {
        &self.root_cert_sn
    }

    /// The key of the certificate of that number, if it is on file and within its time (unix ms).
    pub fn key(&self, sn: &str, now_ms: i64) -> Option<&VerifyingKey> {
        let known = self.known.iter().find(|known| known.sn == sn)?;
        let valid = |certificate: &Certificate| certificate.is_valid_at(now_ms);
        known.leads_from(&self.roots, valid).then(|| known.own.key())
    }

    /// Whether a certificate of that number is on file, whatever its time.
    pub fn knows(&self, sn: &str) -> bool {
        self.known.iter().any(|known| known.sn == sn)
    }

    /// The same with a certificate that was fetched for this number, if it proves itself: it has the number, a root leads
    /// to it at that moment (unix ms), and it was issued to the name that stands in the one on file. The last matters:
    /// merchants' own certificates lead to the same roots.
    pub fn with(&self, sn: &str, text: &str, now_ms: i64) -> Option<Self> {
        let fetched = Known::read(text).ok()?;
        let valid = |certificate: &Certificate| certificate.is_valid_at(now_ms);
        let named = self.known.iter().any(|known| fetched.own.has_subject_of(&known.own));
        let proven = fetched.sn == sn && named && fetched.leads_from(&self.roots, valid);
        if !proven || self.knows(sn) {
            return None;
        }
        let known = self.known.iter().cloned().chain([fetched]).collect();
        Some(Self { known, ..self.clone() })
    }
}
