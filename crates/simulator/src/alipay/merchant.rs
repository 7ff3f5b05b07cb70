//! Who calls: the application, what was agreed on with it, and the merchant that it acts for (alipay.md §2.6, §9).

use wire::sign::{AesKey, SigningKey, VerifyingKey};

use crate::settings::{Account, AlipayTerms, Settings};

/// The application that a call came from, and the merchant that it acts for.
#[derive(Clone)]
pub(super) struct Merchant<'a> {
    pub(super) app_id: &'a str,
    pub(super) seller_id: &'a str,
    pub(super) app_key: &'a VerifyingKey,
    pub(super) key: &'a SigningKey,
    pub(super) terms: &'a AlipayTerms,
    /// With a key, the answer is encrypted.
    pub(super) answer_key: Option<&'a AesKey>,
    pub(super) hand: Hand,
}

/// Over which protocol it is answered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    /// The gateway, version 2.
    Gateway,
    /// OpenAPI v3.
    Rest,
}

/// A refusal before any order is looked at: `code` and `sub_code`.
pub(super) type Refused = (&'static str, &'static str);

/// `code` of what is missing.
pub(super) const MISSING: &str = "40001";
/// `code` of what is wrong.
pub(super) const INVALID: &str = "40002";

/// The applications that are served: behind UnionPay's relay those that are behind it, and nowhere else (unionpay.md §8).
pub(super) fn merchants(settings: &Settings, relayed: bool) -> Vec<Merchant<'_>> {
    let all = settings.accounts.iter().filter_map(merchant);
    all.filter(|merchant| merchant.terms.relay.is_some() == relayed).collect()
}

/// The account as an application, if it is one.
fn merchant(account: &Account) -> Option<Merchant<'_>> {
    match account {
        Account::Alipay { app_id, seller_id, app_public_key, alipay_signing_key, terms } => Some(Merchant {
            app_id,
            seller_id,
            app_key: app_public_key,
            key: alipay_signing_key,
            terms,
            answer_key: None,
            hand: Hand::Gateway,
        }),
        Account::WechatV2 { .. }
        | Account::WechatV3 { .. }
        | Account::Qra { .. }
        | Account::Acp { .. }
        | Account::Icbc { .. } => None,
    }
}

/// The application in the merchant's place whose token it sends: from here on its orders are the merchant's (alipay.md §9).
pub(super) fn acting<'a>(
    merchant: &Merchant<'a>,
    token: Option<&str>,
    now_ms: i64,
) -> Result<Merchant<'a>, Refused> {
    let Some(token) = token else { return Ok(merchant.clone()) };
    let grant = merchant.terms.grants.iter().find(|grant| grant.token == token);
    match grant {
        None => Err(("20001", "aop.invalid-app-auth-token")),
        Some(grant) if now_ms > grant.until_ms => Err(("20001", "aop.app-auth-token-time-out")),
        Some(grant) => Ok(Merchant { seller_id: &grant.seller_id, ..merchant.clone() }),
    }
}

/// Whether a request names the certificates that its application has: both, or in public-key mode none (alipay.md §2.6).
pub(super) fn certified(
    merchant: &Merchant<'_>,
    (app_sn, root_sn): (Option<&str>, Option<&str>),
    now_ms: i64,
) -> Result<(), Refused> {
    let Some(certificates) = &merchant.terms.certificates else {
        return if app_sn.is_none() { Ok(()) } else { Err((INVALID, "isv.app-cert-not-exist")) };
    };
    let app_sn = app_sn.ok_or((MISSING, "isv.missing-app-cert-sn"))?;
    if app_sn != certificates.app_cert_sn {
        return Err((INVALID, "isv.app-cert-not-exist"));
    }
    if now_ms > certificates.app_until_ms {
        return Err((INVALID, "isv.app-cert-expired"));
    }
    let root_sn = root_sn.ok_or((MISSING, "isv.missing-alipay-root-cert-sn"))?;
    if root_sn != certificates.root_cert_sn {
        return Err((INVALID, "isv.invalid-alipay-root-cert-sn"));
    }
    Ok(())
}
