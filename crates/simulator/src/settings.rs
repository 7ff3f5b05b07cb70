//! What a simulator is built from: the accounts it serves and the dials it is set to.

use wire::acp::{Registered, Signer};
use wire::qra::Keys;
use wire::sign::{AesKey, ApiKey, RsaHash, SigningKey, VerifyingKey};
use wire::wechat_v3::{ApiV3Key, Hand, SubMerchant};

use crate::dial::Dials;

/// What a simulator is built from. The settings of a restored one must be those of the original.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The merchants' accounts, of any channel.
    pub accounts: Vec<Account>,
    /// How hostile the world is.
    pub dials: Dials,
    /// Obey scenario codes and the `X-Sim-Scenario` header.
    pub scenarios: bool,
    /// The largest order that a channel takes, fen.
    pub max_order: i64,
}

impl Settings {
    /// A gentle world with scenarios, and orders up to 1,000,000.00 yuan.
    pub fn new(accounts: Vec<Account>) -> Self {
        Self { accounts, dials: Dials::gentle(), scenarios: true, max_order: 100_000_000 }
    }
}

/// A merchant's account at one of the channels, with the keys that the channel holds.
#[derive(Clone, Debug)]
pub enum Account {
    /// WeChat Pay APIv2, merchant or provider (wechat.md §2.1). Answers use the digest of the request.
    WechatV2 {
        /// The application bound to the merchant number.
        appid: String,
        /// The merchant number; a provider's in provider mode. Its orders are one book over all its accounts here.
        mch_id: String,
        /// The sub-merchant, in provider mode.
        sub_mch_id: Option<String>,
        /// The 渠道号 of an account behind UnionPay's relay, which serves it in place of WeChat's hosts (unionpay.md §8).
        channel_id: Option<String>,
        /// The APIv2 key, which signs both directions.
        api_key: ApiKey,
    },
    /// WeChat Pay APIv3, merchant or provider (wechat.md §4).
    WechatV3 {
        /// The application bound to the merchant number; the provider's in provider mode.
        appid: String,
        /// The merchant number. Its orders are one book with those of APIv2.
        mchid: String,
        /// The sub-merchant, in provider mode; without an application any `sub_appid` is taken as its own.
        sub: Option<SubMerchant>,
        /// Serial of the merchant's certificate, upper-case hexadecimal.
        merchant_serial: String,
        /// Checks the merchant's requests.
        merchant_key: VerifyingKey,
        /// Seals the platform certificates.
        api_v3_key: ApiV3Key,
        /// 微信支付公钥: signs where the merchant asks for it, and where there is no platform certificate.
        public_key: Option<Hand>,
        /// 平台证书; none for a merchant who was given a public key alone.
        certificates: Vec<PlatformHand>,
    },
    /// An application at Alipay: the gateway, version 2, and OpenAPI v3 (alipay.md §2).
    Alipay {
        /// The application.
        app_id: String,
        /// The merchant (PID, `2088…`) that the application signs for.
        seller_id: String,
        /// Checks the application's requests.
        app_public_key: VerifyingKey,
        /// Signs Alipay's answers.
        alipay_signing_key: SigningKey,
        /// What else was agreed on with the application.
        terms: AlipayTerms,
    },
    /// UnionPay QRA (unionpay.md §4), which carries the codes of every wallet.
    Qra {
        /// The merchant number.
        mch_id: String,
        /// The platform's side of the keys: what signs its answers and checks the merchant's requests.
        keys: Keys,
    },
    /// UnionPay ACP 5.1.0 (unionpay.md §5): codes of UnionPay's own wallets.
    Acp {
        /// The merchant number, 15 letters and digits.
        mer_id: String,
        /// Checks the merchant's requests: the certificate that was registered for it.
        registered: Registered,
        /// UnionPay's key, and the certificate that answers carry.
        signer: Signer,
    },
    /// ICBC's open platform, family F1 (icbc.md §1, §2).
    Icbc {
        /// The application.
        app_id: String,
        /// The merchant that the application may act for: 12 digits, or 15 of a department.
        mer_id: String,
        /// Checks the application's requests.
        app_public_key: VerifyingKey,
        /// Signs the gateway's answers; 1024 bits are documented in the field.
        gateway_signing_key: SigningKey,
        /// The hash of the gateway's answers, whatever a request used: SHA-1 in the field.
        answer_hash: RsaHash,
        /// The content key. Requests that are encrypted get encrypted answers.
        aes_key: Option<AesKey>,
    },
}

/// A platform certificate from WeChat's side. Two may be handed out at once while one takes over from the other
/// (wechat.md §4.2).
#[derive(Clone, Debug)]
pub struct PlatformHand {
    /// What signs, and the certificate's serial.
    pub hand: Hand,
    /// The certificate that the download hands out, PEM.
    pub pem: String,
    /// From when on it is handed out, unix ms.
    pub from_ms: i64,
    /// From when on it signs what nobody asked another one for, unix ms.
    pub signs_from_ms: i64,
    /// When it ends, unix ms.
    pub until_ms: i64,
}

/// What is agreed on with an application at Alipay beside its keys. The default: public-key mode, acting for itself, in the
/// clear.
#[derive(Clone, Debug, Default)]
pub struct AlipayTerms {
    /// Certificate mode; an application is in one mode only (alipay.md §2.6).
    pub certificates: Option<AlipayCertificates>,
    /// The merchants that the application may act for (alipay.md §9).
    pub grants: Vec<AlipayGrant>,
    /// The content key: requests may be encrypted, and are answered so (alipay.md §2.5).
    pub aes_key: Option<AesKey>,
    /// What holds for an acquirer's application behind UnionPay's relay, which serves it in place of Alipay's own hosts
    /// (unionpay.md §8).
    pub relay: Option<AlipayRelay>,
}

/// An acquirer and the sub-merchant behind it (间连), as Alipay and UnionPay know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlipayRelay {
    /// The sub-merchant's number at Alipay (SMID), which every payment names.
    pub smid: String,
    /// The acquirer's code at the clearing house, 14 characters, which every payment names.
    pub acq_code: String,
    /// The sub-merchant's code at the clearing house, at most 32 characters. Every payment names it where there is one.
    pub merch_code: Option<String>,
}

/// The certificates of an application in certificate mode (alipay.md §2.6), by their numbers.
#[derive(Clone, Debug)]
pub struct AlipayCertificates {
    /// The application's own.
    pub app_cert_sn: String,
    /// The roots.
    pub root_cert_sn: String,
    /// Until when the application's own is valid, unix ms.
    pub app_until_ms: i64,
    /// The certificate that signs answers.
    pub alipay_cert_sn: String,
    /// Its file as it is handed out to those who fetch it ([`wire::alipay::certificate_content`]).
    pub alipay_cert_content: String,
}

/// A merchant's leave to act for it.
#[derive(Clone, Debug)]
pub struct AlipayGrant {
    /// `app_auth_token`
    pub token: String,
    /// The merchant (PID, `2088…`).
    pub seller_id: String,
    /// Until when, unix ms.
    pub until_ms: i64,
}
