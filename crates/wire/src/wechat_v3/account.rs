//! Who a call is for: a merchant, or a provider's merchant (wechat.md §4.4, direct and partner).

use super::body::{BodyFault, Object, Read};
use crate::text::Fields;

/// An account at WeChat Pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Bound to `mchid`; in provider mode the provider's, on the wire `sp_appid`. Queries and refunds do not say it.
    pub appid: Option<String>,
    /// Merchant number, at most 32 characters; in provider mode the provider's, on the wire `sp_mchid`.
    pub mchid: String,
    /// Provider mode only.
    pub sub: Option<SubMerchant>,
}

/// The merchant behind a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubMerchant {
    /// `sub_mchid`.
    pub mchid: String,
    /// `sub_appid`.
    pub appid: Option<String>,
}

const TRANSACTIONS: &str = "/v3/pay/transactions";
const PARTNER_TRANSACTIONS: &str = "/v3/pay/partner/transactions";

impl Account {
    /// A path of the payment calls: `rest` begins with a slash.
    pub(super) fn path(&self, rest: &str) -> String {
        let root = if self.sub.is_some() { PARTNER_TRANSACTIONS } else { TRANSACTIONS };
        format!("{root}{rest}")
    }

    /// What of `path` follows the payment calls' root, and whether it is a provider's.
    pub(super) fn rest_of(path: &str) -> Option<(&str, Mode)> {
        let partner = path.strip_prefix(PARTNER_TRANSACTIONS).map(|rest| (rest, Mode::Provider));
        partner.or_else(|| path.strip_prefix(TRANSACTIONS).map(|rest| (rest, Mode::Merchant)))
    }

    /// The members of a body, in the order of the channel's page.
    pub(super) fn write(&self, object: &mut Object) {
        match &self.sub {
            None => {
                object.text("appid", self.appid.as_deref());
                object.text("mchid", Some(&self.mchid));
            }
            Some(sub) => {
                object.text("sp_appid", self.appid.as_deref());
                object.text("sp_mchid", Some(&self.mchid));
                object.text("sub_appid", sub.appid.as_deref());
                object.text("sub_mchid", Some(&sub.mchid));
            }
        }
    }

    pub(super) fn read(read: &mut Read, mode: Mode) -> Result<Self, BodyFault> {
        Ok(match mode {
            Mode::Merchant => Self { appid: read.text("appid")?, mchid: read.required("mchid")?, sub: None },
            Mode::Provider => Self {
                appid: read.text("sp_appid")?,
                mchid: read.required("sp_mchid")?,
                sub: Some(SubMerchant { appid: read.text("sub_appid")?, mchid: read.required("sub_mchid")? }),
            },
        })
    }

    /// The query of a query.
    pub(super) fn query(&self) -> Fields {
        match &self.sub {
            None => Fields::from_iter([("mchid", self.mchid.as_str())]),
            Some(sub) => {
                Fields::from_iter([("sp_mchid", self.mchid.as_str()), ("sub_mchid", sub.mchid.as_str())])
            }
        }
    }

    pub(super) fn from_query(query: &Fields, mode: Mode) -> Result<Self, BodyFault> {
        let filled =
            |name: &'static str| query.filled(name).map(str::to_owned).ok_or(BodyFault::Missing(name));
        Ok(match mode {
            Mode::Merchant => Self { appid: None, mchid: filled("mchid")?, sub: None },
            Mode::Provider => Self {
                appid: None,
                mchid: filled("sp_mchid")?,
                sub: Some(SubMerchant { mchid: filled("sub_mchid")?, appid: None }),
            },
        })
    }
}

/// Which of the two families of paths a call came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Merchant,
    Provider,
}
