//! Who may speak to the gateway: keys, and the sessions that were opened with them.

use payment::ids::MerchantCode;
use payment::time::Time;

/// An API key as it is stored: never the key itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// SHA-256 of the key.
    pub hash: [u8; 32],
    /// Whose.
    pub merchant: MerchantCode,
    /// What it may do: `pay`, `settle`.
    pub scopes: Vec<String>,
    /// Its name, for people.
    pub name: String,
}

/// A till that has signed in with a key: what its cookie stands for. Only the cookie's hash is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of the cookie.
    pub hash: [u8; 32],
    /// The hash of the key that it was opened with; what the key may do, the session may do.
    pub key: [u8; 32],
    /// 门店
    pub outlet: Option<String>,
    /// 终端
    pub terminal: String,
    /// 操作员
    pub operator: Option<String>,
    /// When it ends by itself.
    pub expires_at: Time,
}
