//! The channels of one seed: their keys at both ends, our dialects, and the simulator's accounts.

use std::sync::{Arc, OnceLock};

use gateway::dialects::Dialect;
use gateway::dialects::acp::Acp;
use gateway::dialects::alipay::{Alipay, Protocol, Shop};
use gateway::dialects::icbc::Icbc;
use gateway::dialects::qra::Qra;
use gateway::dialects::wechat_v2::WechatV2;
use gateway::dialects::wechat_v3::{ChannelSide, Place, WechatV3};
use gateway::sandbox::material;
use simulator::{Account, AlipayTerms, Dials, Settings};
use wire::acp::{AcpMerchant, Registered, Signer, Trust};
use wire::qra::{Keys as QraKeys, QraMerchant};
use wire::sign::{ApiKey, RsaHash, SigningKey, V2SignType};
use wire::wechat_v2::V2Merchant;
use wire::wechat_v3::{ApiV3Key, ChannelKeys, Hand, SubMerchant, V3Merchant};

pub(crate) const MCH_ID: &str = "1900000109";
const APPID: &str = "wx1a2b3c4d5e6f7a8b";
const API_KEY: &str = "192006250b4c09247ec02edce69f6a2d";
const MCHID_V3: &str = "1900000110";
/// The merchant of a provider, whichever version it speaks.
const SUB_MCHID: &str = "1900009999";
const MERCHANT_SERIAL: &str = "5E2A6B4C1D3F5A7B9C0D1E2F3A4B5C6D7E8F9012";
const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0119000001102026110100000001";
const APP_ID: &str = "2026110100000001";
const SELLER_ID: &str = "2088990000000012";
const QRA_MCH_ID: &str = "QRA00000000TEST";
const ICBC_APP_ID: &str = "10000000000000004096";
const MER_ID: &str = "020000000001";
const ACP_MER_ID: &str = "777000000000001";
const ACP_CERT_ID: &str = "69000000002";
/// ACP's two ends; its answers carry certificates only where the keys are RSA, which the tests of the API see to.
const ACP_KEYS: [[u8; 32]; 2] = [[7; 32], [9; 32]];

/// The keys of one seed: a keyed hash in most, RSA in one of a hundred. QRA's are a shared key in every second seed.
pub(crate) struct Keys {
    app: SigningKey,
    channel: SigningKey,
    qra_shares: bool,
    /// The account that takes WeChat's codes: APIv3 in every fourth seed, else APIv2.
    pub(crate) wechat: &'static str,
    /// In four seeds of eight a provider sells at WeChat for its merchant, over either version.
    provider: bool,
    /// In every fourth seed Alipay is spoken to over OpenAPI v3.
    alipay_over_v3: bool,
    /// The account that takes UnionPay's codes: ICBC, ACP and QRA in turn.
    pub(crate) unionpay: &'static str,
    /// In every second seed WeChat's and UnionPay's codes have an account behind the first, to be handed on to.
    pub(crate) behind: Option<[&'static str; 2]>,
}

impl Keys {
    pub(crate) fn of(seed: u64) -> Keys {
        static RSA: OnceLock<material::AlipayMaterial> = OnceLock::new();
        let qra_shares = !seed.is_multiple_of(2);
        let unionpay = match seed % 3 {
            0 => "icbc",
            1 => "acp",
            _ => "qra",
        };
        let wechat = if seed % 4 == 1 { "wechat-v3" } else { "wechat" };
        let provider = seed % 8 >= 4;
        let second = |first: &str, one, other| if first == one { other } else { one };
        let behind = [second(wechat, "wechat", "wechat-v3"), second(unionpay, "icbc", "acp")];
        let behind = (seed / 2).is_multiple_of(2).then_some(behind);
        let (app, channel) = if seed.is_multiple_of(100) {
            let made = RSA.get_or_init(|| material::alipay().expect("RSA keys can be made"));
            let read = |text: &str| SigningKey::from_pem_or_base64(text).expect("a key that was just made");
            (read(&made.app_private_key), read(&made.alipay_private_key))
        } else {
            (SigningKey::keyed_hash([7; 32]), SigningKey::keyed_hash([9; 32]))
        };
        let alipay_over_v3 = seed.is_multiple_of(4);
        Keys { app, channel, qra_shares, wechat, provider, alipay_over_v3, unionpay, behind }
    }

    /// The merchant that a provider sells for at WeChat.
    fn sub_merchant(&self) -> Option<String> {
        self.provider.then(|| SUB_MCHID.to_owned())
    }

    fn sub_merchant_v3(&self) -> Option<SubMerchant> {
        self.sub_merchant().map(|mchid| SubMerchant { mchid, appid: None })
    }

    /// QRA's keys from the merchant's end, or from the platform's.
    fn qra(&self, own: &SigningKey, theirs: &SigningKey) -> QraKeys {
        if self.qra_shares {
            return QraKeys::Md5(api_key());
        }
        QraKeys::Rsa1With256 { own: own.clone(), theirs: theirs.verifying_key() }
    }
}

fn api_key() -> ApiKey {
    ApiKey::new(API_KEY).expect("32 characters")
}

/// The simulator's side.
pub(crate) fn settings(keys: &Keys, dials: Dials) -> Settings {
    let wechat = Account::WechatV2 {
        appid: APPID.to_owned(),
        mch_id: MCH_ID.to_owned(),
        sub_mch_id: keys.sub_merchant(),
        channel_id: None,
        api_key: api_key(),
    };
    let alipay = Account::Alipay {
        app_id: APP_ID.to_owned(),
        seller_id: SELLER_ID.to_owned(),
        app_public_key: keys.app.verifying_key(),
        alipay_signing_key: keys.channel.clone(),
        terms: AlipayTerms::default(),
    };
    let qra = Account::Qra { mch_id: QRA_MCH_ID.to_owned(), keys: keys.qra(&keys.channel, &keys.app) };
    let icbc = Account::Icbc {
        app_id: ICBC_APP_ID.to_owned(),
        mer_id: MER_ID.to_owned(),
        app_public_key: keys.app.verifying_key(),
        gateway_signing_key: keys.channel.clone(),
        answer_hash: RsaHash::Sha1,
        aes_key: None,
    };
    let [own, theirs] = ACP_KEYS.map(SigningKey::keyed_hash);
    let acp = Account::Acp {
        mer_id: ACP_MER_ID.to_owned(),
        registered: Registered { cert_id: ACP_CERT_ID.to_owned(), key: own.verifying_key() },
        signer: Signer { key: theirs, certificate: String::new() },
    };
    let wechat_v3 = Account::WechatV3 {
        appid: APPID.to_owned(),
        mchid: MCHID_V3.to_owned(),
        sub: keys.sub_merchant_v3(),
        merchant_serial: MERCHANT_SERIAL.to_owned(),
        merchant_key: keys.app.verifying_key(),
        api_v3_key: ApiV3Key::new(API_KEY).expect("32 characters"),
        public_key: Some(Hand { key: keys.channel.clone(), serial: PUBLIC_KEY_ID.to_owned() }),
        // Certificates are RSA's; the tests of the dialect see to them.
        certificates: Vec::new(),
    };
    let accounts = vec![wechat, alipay, acp, wechat_v3, qra, icbc];
    Settings { dials, scenarios: false, ..Settings::new(accounts) }
}

/// Our side, with the accounts' names. `seed` chooses between hashes that mean the same.
pub(crate) fn dialects(seed: u64, keys: &Keys) -> Vec<(&'static str, Arc<dyn Dialect>)> {
    let even = seed.is_multiple_of(2);
    let here = || "127.0.0.1".to_owned();
    let wechat = V2Merchant {
        appid: APPID.to_owned(),
        mch_id: MCH_ID.to_owned(),
        sub_appid: None,
        sub_mch_id: keys.sub_merchant(),
        channel_id: None,
        key: api_key(),
        sign_type: if even { V2SignType::Md5 } else { V2SignType::HmacSha256 },
    };
    let alipay = wire::alipay::App {
        app_id: APP_ID.to_owned(),
        signing_key: keys.app.clone(),
        trust: wire::alipay::Trust::Key(keys.channel.verifying_key()),
        seller_id: Some(SELLER_ID.to_owned()),
        app_auth_token: None,
        aes_key: None,
    };
    let protocol = if keys.alipay_over_v3 { Protocol::V3 } else { Protocol::Gateway };
    let qra = QraMerchant { mch_id: QRA_MCH_ID.to_owned(), keys: keys.qra(&keys.app, &keys.channel) };
    let icbc = wire::icbc::App {
        app_id: ICBC_APP_ID.to_owned(),
        signing_key: keys.app.clone(),
        request_hash: if even { RsaHash::Sha256 } else { RsaHash::Sha1 },
        gateway_key: keys.channel.verifying_key(),
        answer_hash: RsaHash::Sha1,
        aes_key: None,
    };
    let acp = AcpMerchant {
        mer_id: ACP_MER_ID.to_owned(),
        cert_id: ACP_CERT_ID.to_owned(),
        key: SigningKey::keyed_hash(ACP_KEYS[0]),
        trust: Trust::keyed_hash(ACP_KEYS[1]),
    };
    let mut channel_keys = ChannelKeys::new();
    channel_keys.add_public_key(PUBLIC_KEY_ID, keys.channel.verifying_key()).expect("it has the prefix");
    let wechat_v3 = WechatV3::new(
        wire::wechat_v3::Account {
            appid: Some(APPID.to_owned()),
            mchid: MCHID_V3.to_owned(),
            sub: keys.sub_merchant_v3(),
        },
        V3Merchant {
            mchid: MCHID_V3.to_owned(),
            serial_no: MERCHANT_SERIAL.to_owned(),
            signing_key: keys.app.clone(),
            answer_serial: Some(PUBLIC_KEY_ID.to_owned()),
        },
        ChannelSide::new(channel_keys, None),
        Place { terminal_ip: here(), store_id: MCHID_V3.to_owned() },
    );
    vec![
        ("wechat-v3", Arc::new(wechat_v3)),
        ("wechat", Arc::new(WechatV2::new(wechat, here()))),
        ("alipay", Arc::new(Alipay::new(alipay, Shop::default()).over(protocol))),
        ("acp", Arc::new(Acp::new(acp, "00000001".to_owned()))),
        ("qra", Arc::new(Qra::new(qra, here(), None))),
        ("icbc", Arc::new(Icbc::new(icbc, MER_ID.to_owned()))),
    ]
}
