//! `[[accounts]]`: what each channel account needs.

use std::path::PathBuf;

use payment::ids::Namespace;
use payment::patience::{Channel, RefundLimits};
use payment::time::DAY_MS;
use serde::Deserialize;

use super::{ConfigError, Secret, TerminalConfig};

/// `[[accounts]]`: the keys of every channel in one flat table, so that an unknown one is named with its line. Which are
/// needed depends on `channel`; see [`AccountConfig::channel`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountConfig {
    /// Its name in rows, logs and refusals; never change it while payments of it are open.
    pub name: String,
    /// `wechat_v2`, `wechat_v3`, `alipay`, `acp`, `qra` or `icbc`.
    #[serde(rename = "channel")]
    pub channel_word: String,
    /// Four characters of A–Z 0–9 that no other installation on this channel account has; never change it.
    pub namespace: String,
    /// The channel's base URLs, the main one first. The channel's own hosts where absent.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Whom to trust instead of the public roots, PEM.
    pub ca: Option<PathBuf>,
    /// An HTTP proxy that tunnels, `http://host:port`.
    pub proxy: Option<String>,
    /// Refunds: how many days after the payment, where the contract allows other than the channel's usual.
    pub refund_days: Option<u32>,
    /// Refunds: how many of one payment, where the contract allows other than the channel's usual.
    pub refund_parts: Option<u32>,
    /// WeChat, both versions: 公众账号ID
    pub appid: Option<String>,
    /// WeChat, QRA: 商户号
    pub mch_id: Option<String>,
    /// WeChat: 子商户号, in provider mode.
    pub sub_mch_id: Option<String>,
    /// WeChat, both versions: 子商户公众账号ID, in provider mode, where the payer is to be known to it too.
    pub sub_appid: Option<String>,
    /// WeChat through UnionPay's platform: 渠道号 of the service provider.
    pub channel_id: Option<String>,
    /// WeChat: the API key (v2); QRA: the shared key of `MD5`. 32 characters.
    pub api_key: Option<Secret>,
    /// WeChat: `MD5` (the channel's default) or `HMAC-SHA256`. QRA: `MD5` (its default) or `RSA_1_256`. ICBC: `RSA2` (SHA-256,
    /// the default) or `RSA` (SHA-1).
    pub sign_type: Option<String>,
    /// WeChat: apiclient_cert.pem, needed to reverse.
    pub client_cert: Option<PathBuf>,
    /// WeChat: apiclient_key.pem
    pub client_key: Option<Secret>,
    /// WeChat: apiclient_cert.p12, which has both; instead of them.
    pub client_p12: Option<PathBuf>,
    /// WeChat: its password, where it is not the mch_id.
    pub client_p12_password: Option<Secret>,
    /// WeChat (both versions), QRA: the IP that is reported as the terminal's (spbill_create_ip, device_ip, mch_create_ip).
    pub terminal_ip: Option<String>,
    /// WeChat APIv3: 商户号; in provider mode the provider's.
    pub mchid: Option<String>,
    /// WeChat APIv3: 子商户号, in provider mode.
    pub sub_mchid: Option<String>,
    /// WeChat APIv3: 商户API私钥, apiclient_key.pem.
    pub merchant_key: Option<Secret>,
    /// WeChat APIv3: the serial of its certificate (商户API证书序列号), hexadecimal.
    pub merchant_serial: Option<String>,
    /// WeChat APIv3: the APIv3 key, 32 characters: platform certificates are downloaded with it.
    pub api_v3_key: Option<Secret>,
    /// WeChat APIv3: 微信支付公钥ID, `PUB_KEY_ID_…`.
    pub public_key_id: Option<String>,
    /// WeChat APIv3: 微信支付公钥, pub_key.pem.
    pub public_key: Option<Secret>,
    /// Alipay: 应用ID. ICBC: the application's number.
    pub app_id: Option<String>,
    /// Alipay: 卖家 PID, 2088…
    pub seller_id: Option<String>,
    /// Alipay, ICBC: the application's private key; QRA with `RSA_1_256`: the merchant's. PKCS#8 or PKCS#1, PEM or base64.
    pub app_private_key: Option<Secret>,
    /// Alipay: the *Alipay* public key (支付宝公钥), not the application's.
    pub alipay_public_key: Option<Secret>,
    /// Alipay: `gateway` (the default) or `v3`.
    pub protocol: Option<String>,
    /// Alipay in certificate mode, instead of `alipay_public_key`: the application's certificate, appCertPublicKey_….crt.
    pub app_cert: Option<PathBuf>,
    /// Alipay in certificate mode: Alipay's certificate, alipayCertPublicKey_RSA2.crt.
    pub alipay_cert: Option<PathBuf>,
    /// Alipay in certificate mode: the roots, alipayRootCert.crt.
    pub alipay_root_cert: Option<PathBuf>,
    /// Alipay, for a provider: the token with which the merchant lets the application act for it.
    pub app_auth_token: Option<Secret>,
    /// Alipay, for a provider: its own PID, 2088…, that earns the commission (sys_service_provider_id).
    pub provider_id: Option<String>,
    /// Alipay through UnionPay's platform: the sub-merchant's number at Alipay (间连商户号, SMID), whose money it is.
    pub smid: Option<String>,
    /// Alipay through UnionPay's platform: 收单机构代码 at the clearing house, 14 letters and digits.
    pub acq_code: Option<String>,
    /// Alipay through UnionPay's platform: the merchant's code at the clearing house, at most 32 letters and digits.
    pub merch_code: Option<String>,
    /// Alipay, WeChat APIv3: 门店编号 sent when the till names no outlet.
    pub store_id: Option<String>,
    /// Alipay: its own number of the shop.
    pub alipay_store_id: Option<String>,
    /// Alipay: 终端号 sent when the till names no terminal.
    pub terminal_id: Option<String>,
    /// Alipay: 操作员 sent when the till names no operator.
    pub operator_id: Option<String>,
    /// QRA with `RSA_1_256`: the *platform's* public key, not the merchant's.
    pub platform_public_key: Option<Secret>,
    /// QRA, Alipay, WeChat through UnionPay's platform: terminal data of 259号文 as a JSON text, signed and sent as it is. Alipay
    /// through UnionPay's platform: three of its members.
    pub terminal_info: Option<String>,
    /// QRA, Alipay, ACP, WeChat APIv2: terminals that have data of their own (259号文).
    #[serde(default)]
    pub terminals: Vec<TerminalConfig>,
    /// ACP: 商户号, 15 letters and digits. ICBC: 商户编号, 12 digits, or 15 of a department.
    pub mer_id: Option<String>,
    /// ACP: the merchant's signing certificate: the `.pfx` that UnionPay hands out, or PEM with `sign_key` beside it.
    pub sign_cert: Option<PathBuf>,
    /// ACP: the key of a PEM `sign_cert`.
    pub sign_key: Option<Secret>,
    /// ACP: the password of a `.pfx`.
    pub sign_cert_password: Option<Secret>,
    /// ACP: UnionPay's root certificate, PEM.
    pub unionpay_root: Option<PathBuf>,
    /// ACP: UnionPay's middle certificate, PEM: the root signed it, and it signed the certificates that answers carry.
    pub unionpay_middle: Option<PathBuf>,
    /// ACP: 终端号, eight letters and digits, of sales whose terminal has no name of that form.
    pub term_id: Option<String>,
    /// ICBC: the *gateway's* public key (网关公钥), not the application's.
    pub gateway_public_key: Option<Secret>,
    /// ICBC: the hash of the gateway's answers, whatever ours is: `SHA1` (the default) or `SHA256`.
    pub answer_hash: Option<String>,
    /// ICBC, Alipay: the content key, base64 of 16 bytes; with it contents are encrypted.
    pub aes_key: Option<Secret>,
}

impl AccountConfig {
    /// An account with these common keys and nothing of a channel yet.
    #[must_use]
    pub fn bare(name: &str, channel: Channel, namespace: &str) -> AccountConfig {
        AccountConfig {
            name: name.to_owned(),
            channel_word: channel.word().to_owned(),
            namespace: namespace.to_owned(),
            hosts: Vec::new(),
            ca: None,
            proxy: None,
            refund_days: None,
            refund_parts: None,
            appid: None,
            mch_id: None,
            sub_mch_id: None,
            sub_appid: None,
            channel_id: None,
            api_key: None,
            sign_type: None,
            client_cert: None,
            client_key: None,
            client_p12: None,
            client_p12_password: None,
            terminal_ip: None,
            mchid: None,
            sub_mchid: None,
            merchant_key: None,
            merchant_serial: None,
            api_v3_key: None,
            public_key_id: None,
            public_key: None,
            app_id: None,
            seller_id: None,
            app_private_key: None,
            alipay_public_key: None,
            protocol: None,
            app_cert: None,
            alipay_cert: None,
            alipay_root_cert: None,
            app_auth_token: None,
            provider_id: None,
            smid: None,
            acq_code: None,
            merch_code: None,
            store_id: None,
            alipay_store_id: None,
            terminal_id: None,
            operator_id: None,
            platform_public_key: None,
            terminal_info: None,
            terminals: Vec::new(),
            mer_id: None,
            sign_cert: None,
            sign_key: None,
            sign_cert_password: None,
            unionpay_root: None,
            unionpay_middle: None,
            term_id: None,
            gateway_public_key: None,
            answer_hash: None,
            aes_key: None,
        }
    }

    /// The channel, if this version speaks it.
    pub fn channel(&self) -> Result<Channel, ConfigError> {
        Channel::from_word(&self.channel_word).ok_or_else(|| {
            let spoken = Channel::ALL.map(Channel::word).join(", ");
            let why = format!("{:?} is no channel of this version: {spoken}", self.channel_word);
            ConfigError::value(self.key("channel"), why)
        })
    }

    /// How errors name one of its keys.
    #[must_use]
    pub fn key(&self, field: &str) -> String {
        format!("accounts.{}.{field}", self.name)
    }

    /// A key that this channel needs.
    pub fn need<'a, T>(&self, field: &str, value: &'a Option<T>) -> Result<&'a T, ConfigError> {
        value
            .as_ref()
            .ok_or_else(|| ConfigError::value(self.key(field), format!("{} needs it", self.channel_word)))
    }

    /// The base URLs to use, the main one first.
    pub fn base_urls(&self) -> Result<Vec<String>, ConfigError> {
        if !self.hosts.is_empty() {
            return Ok(self.hosts.clone());
        }
        let own: &[&str] = match self.channel()? {
            Channel::WechatV2 | Channel::WechatV3 => {
                &["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"]
            }
            Channel::Alipay => &["https://openapi.alipay.com"],
            Channel::Qra => &["https://qra.95516.com"],
            Channel::Icbc => &["https://gw.open.icbc.com.cn"],
            Channel::Acp => &["https://gateway.95516.com"],
        };
        Ok(own.iter().map(|host| (*host).to_owned()).collect())
    }

    /// The rules that the shape alone does not carry.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let named = !self.name.is_empty()
            && self.name.len() <= 32
            && self.name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if !named {
            return Err(ConfigError::value("accounts.name", "1 to 32 characters of A-Z a-z 0-9 _ -"));
        }
        if self.client_p12.is_some() && (self.client_cert.is_some() || self.client_key.is_some()) {
            let why =
                "client_p12 has certificate and key: take out client_cert and client_key, or client_p12";
            return Err(ConfigError::value(self.key("client_p12"), why));
        }
        let (absent, there) = match (&self.client_cert, &self.client_key) {
            (Some(_), None) => ("client_key", "client_cert"),
            (None, Some(_)) => ("client_cert", "client_key"),
            (Some(_), Some(_)) | (None, None) => ("", ""),
        };
        if !absent.is_empty() {
            return Err(ConfigError::value(self.key(absent), format!("{there} needs it beside it")));
        }
        self.channel()?;
        Namespace::parse(&self.namespace)
            .map_err(|error| ConfigError::value(self.key("namespace"), error.to_string()))?;
        Ok(())
    }

    /// The secrets that may stand in files.
    pub(super) fn secrets(&mut self) -> impl Iterator<Item = &mut Secret> {
        let secrets = [
            &mut self.api_key,
            &mut self.client_key,
            &mut self.client_p12_password,
            &mut self.merchant_key,
            &mut self.api_v3_key,
            &mut self.public_key,
            &mut self.app_private_key,
            &mut self.alipay_public_key,
            &mut self.app_auth_token,
            &mut self.platform_public_key,
            &mut self.sign_key,
            &mut self.sign_cert_password,
            &mut self.gateway_public_key,
            &mut self.aes_key,
        ];
        secrets.into_iter().flatten()
    }

    /// The other files.
    pub(super) fn files(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let files = [
            &mut self.ca,
            &mut self.client_cert,
            &mut self.client_p12,
            &mut self.app_cert,
            &mut self.alipay_cert,
            &mut self.alipay_root_cert,
            &mut self.sign_cert,
            &mut self.unionpay_root,
            &mut self.unionpay_middle,
        ];
        files.into_iter().flatten()
    }

    /// What refunds of this account may be: the channel's limits, or less where the contract says so.
    #[must_use]
    pub fn refund_limits(&self, channel: Channel) -> RefundLimits {
        let limits = channel.patience().refunds;
        RefundLimits {
            window_ms: self.refund_days.map_or(limits.window_ms, |days| i64::from(days) * DAY_MS),
            parts_max: self.refund_parts.unwrap_or(limits.parts_max),
            ..limits
        }
    }
}
