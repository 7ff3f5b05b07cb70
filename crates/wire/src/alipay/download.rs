//! Fetching one of Alipay's certificates by its number (alipay.md §2.6).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::message::{BizFault, Content, Read};
use super::node_name;
use crate::text::json::LIMITS;
use crate::text::raw_json::{envelope, object};

/// `alipay.open.app.alipaycert.download`
pub const DOWNLOAD_METHOD: &str = "alipay.open.app.alipaycert.download";

/// Asks for the certificate that an answer has named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadRequest {
    /// `alipay_cert_sn`, 32 hexadecimal digits.
    pub alipay_cert_sn: String,
}

impl DownloadRequest {
    /// The JSON text to sign and send.
    pub fn biz_content(&self) -> String {
        let mut content = Content::default();
        content.text("alipay_cert_sn", Some(&self.alipay_cert_sn));
        content.finish()
    }

    /// Reads a `biz_content`.
    ///
    /// # Errors
    /// [`BizFault`].
    pub fn from_biz_content(text: &str) -> Result<Self, BizFault> {
        Ok(Self { alipay_cert_sn: Read::new(text)?.required("alipay_cert_sn")? })
    }
}

/// A certificate's file as an answer carries it, `alipay_cert_content`: base64 of its text.
pub fn certificate_content(pem: &str) -> String {
    STANDARD.encode(pem)
}

/// The certificates' PEM text in the answer to a download. It is as good as what it says: the signature of this answer is
/// by the very certificate that it brings, so whether that is believed, [`super::Certificates::with`] decides by its chain.
pub fn downloaded(body: &[u8]) -> Option<String> {
    let envelope = envelope(body, Some(&node_name(DOWNLOAD_METHOD)), LIMITS).ok()?;
    let members = object(envelope.node, LIMITS).ok()?;
    let content = members.get("alipay_cert_content")?.as_str()?;
    let pem = STANDARD.decode(content.split_whitespace().collect::<String>()).ok()?;
    String::from_utf8(pem).ok()
}
