//! Who may sign an answer: 微信支付公钥 by its number, platform certificates by their serial (wechat.md §4.2).

use std::collections::BTreeMap;

use super::{PUBLIC_KEY_ID, PlatformCertificate};
use crate::sign::VerifyingKey;

/// A text that is no number of a 微信支付公钥.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the number of a wechat pay public key begins with PUB_KEY_ID_ and goes on, {0:?} does not")]
pub struct SerialError(pub String);

/// The channel's keys, each under its serial. Without any, nothing is believed.
#[derive(Clone, Debug, Default)]
pub struct ChannelKeys(BTreeMap<String, VerifyingKey>);

impl ChannelKeys {
    /// No key yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a 微信支付公钥 under its number, prefix included: configured by hand, never downloaded.
    ///
    /// # Errors
    /// [`SerialError`] without the prefix, or with nothing behind it.
    pub fn add_public_key(&mut self, id: &str, key: VerifyingKey) -> Result<(), SerialError> {
        let well_formed = id
            .strip_prefix(PUBLIC_KEY_ID)
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        if !well_formed {
            return Err(SerialError(id.to_owned()));
        }
        self.0.insert(id.to_owned(), key);
        Ok(())
    }

    /// Adds a platform certificate that was downloaded.
    pub fn add_certificate(&mut self, certificate: &PlatformCertificate) {
        self.0.insert(certificate.serial_no.clone(), certificate.key.clone());
    }

    /// Forgets a key that is no longer to be believed: one that ended or was replaced.
    pub fn remove(&mut self, serial: &str) {
        self.0.remove(serial);
    }

    /// The key of exactly that serial.
    pub fn of(&self, serial: &str) -> Option<&VerifyingKey> {
        self.0.get(serial)
    }

    /// The serials that are known.
    pub fn serials(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
