//! What can be wrong with an account: the changed lines of its configuration, and what has to be said about it.

use std::fs;
use std::path::Path;

/// One thing that is wrong.
pub(crate) struct Sick {
    pub(crate) name: &'static str,
    pub(crate) account: &'static str,
    /// Of the configuration's lines, the one that starts so becomes this one, or goes.
    pub(crate) change: &'static [(&'static str, &'static str)],
    /// The key that `doctor` and `/readyz` must name.
    pub(crate) key: &'static str,
    /// A word of what to do.
    pub(crate) advice: &'static str,
}

pub(crate) const SICK: &[Sick] = &[
    Sick {
        name: "another-api-key",
        account: "wechat",
        change: &[("api_key", "api_key = { file = \"other-api-key.txt\" }")],
        key: "api_key",
        advice: "check the APIv2 key",
    },
    Sick {
        name: "another-appid",
        account: "wechat",
        change: &[("appid", "appid = \"wx0000000000000000\"")],
        key: "appid",
        advice: "not bound to each other",
    },
    // The channel answers a strange mch_id with a bare *system error*; the certificate tells more.
    Sick {
        name: "another-number",
        account: "wechat",
        change: &[("mch_id", "mch_id = \"1900000999\"")],
        key: "1900000999",
        advice: "client_cert",
    },
    Sick {
        name: "no-undo-certificate",
        account: "wechat",
        change: &[("client_cert", ""), ("client_key", "")],
        key: "client_cert",
        advice: "set both (apiclient_cert.pem, apiclient_key.pem)",
    },
    Sick {
        name: "another-merchants-certificate",
        account: "wechat",
        change: &[
            ("client_cert", "client_cert = \"foreign-cert.pem\""),
            ("client_key", "client_key = { file = \"foreign-key.pem\" }"),
        ],
        key: "client_cert",
        advice: "download 1900000109's API certificate",
    },
    Sick {
        name: "an-expired-certificate",
        account: "wechat",
        change: &[
            ("client_cert", "client_cert = \"expired-cert.pem\""),
            ("client_key", "client_key = { file = \"expired-key.pem\" }"),
        ],
        key: "client_cert",
        advice: "renew it on the merchant platform",
    },
    Sick {
        name: "another-v3-key",
        account: "wechat-v3",
        change: &[("merchant_key", "merchant_key = { file = \"other-private.txt\" }")],
        key: "merchant_key, merchant_serial",
        advice: "WeChat Pay refuses our signature",
    },
    Sick {
        name: "another-v3-serial",
        account: "wechat-v3",
        change: &[("merchant_serial", "merchant_serial = \"5E2A6B4C1D3F5A7B9C0D1E2F3A4B5C6D7E8F9012\"")],
        key: "merchant_key, merchant_serial",
        advice: "key and serial are of one certificate",
    },
    Sick {
        name: "another-v3-number",
        account: "wechat-v3",
        change: &[("mchid", "mchid = \"1900000999\"")],
        key: "mchid",
        advice: "WeChat Pay refuses our signature",
    },
    Sick {
        name: "another-v3-public-key",
        account: "wechat-v3",
        change: &[("public_key", "public_key = { file = \"other-public.txt\" }")],
        key: "public_key",
        advice: "the answer's signature does not fit this key",
    },
    Sick {
        name: "another-v3-public-key-id",
        account: "wechat-v3",
        change: &[("public_key_id", "public_key_id = \"PUB_KEY_ID_0\"")],
        key: "public_key_id, public_key",
        advice: "the answer is signed with another key",
    },
    Sick {
        name: "another-api-v3-key",
        account: "wechat-v3",
        change: &[("public_key_id", "api_v3_key = { file = \"other-api-key.txt\" }"), ("public_key", "")],
        key: "api_v3_key",
        advice: "check the APIv3 key",
    },
    Sick {
        name: "a-merchant-as-a-provider",
        account: "wechat-v3",
        change: &[("mchid", "mchid = \"1900000110\"\nsub_mchid = \"1900009999\"")],
        key: "mchid, sub_mchid",
        advice: "a merchant of its own must not",
    },
    Sick {
        name: "a-v2-merchant-as-a-provider",
        account: "wechat",
        change: &[("mch_id", "mch_id = \"1900000109\"\nsub_mch_id = \"1900009930\"")],
        key: "appid, mch_id",
        advice: "in provider mode check sub_mch_id too",
    },
    Sick {
        name: "a-v2-provider-for-nobody",
        account: "wechat-provider",
        change: &[("sub_mch_id", ""), ("sub_appid", "")],
        key: "appid, mch_id",
        advice: "in provider mode check sub_mch_id too",
    },
    Sick {
        name: "another-v2-providers-key",
        account: "wechat-provider",
        change: &[("api_key", "api_key = { file = \"wechat-api-key.txt\" }")],
        key: "api_key",
        advice: "WeChat Pay refuses our signature",
    },
    Sick {
        name: "a-provider-for-nobody",
        account: "wechat-v3-provider",
        change: &[("sub_mchid", ""), ("sub_appid", "")],
        key: "mchid, sub_mchid",
        advice: "a provider must set sub_mchid",
    },
    Sick {
        name: "another-providers-merchant",
        account: "wechat-v3-provider",
        change: &[("sub_mchid", "sub_mchid = \"1900000110\"")],
        key: "mchid, sub_mchid",
        advice: "unknown, or not of each other",
    },
    Sick {
        name: "another-providers-key",
        account: "wechat-v3-provider",
        change: &[("merchant_key", "merchant_key = { file = \"wechat-v3-apiclient-key.pem\" }")],
        key: "merchant_key, merchant_serial",
        advice: "WeChat Pay refuses our signature",
    },
    Sick {
        name: "another-private-key",
        account: "alipay",
        change: &[("app_private_key", "app_private_key = { file = \"other-private.txt\" }")],
        key: "app_private_key",
        advice: "pairs with the application public key",
    },
    Sick {
        name: "another-public-key",
        account: "alipay",
        change: &[("alipay_public_key", "alipay_public_key = { file = \"other-public.txt\" }")],
        key: "alipay_public_key",
        advice: "the *Alipay* public key is needed",
    },
    Sick {
        name: "another-app",
        account: "alipay",
        change: &[("app_id", "app_id = \"2026110100009999\"")],
        key: "app_id",
        advice: "no such application",
    },
    Sick {
        name: "another-app-certificate",
        account: "alipay-cert",
        change: &[
            ("app_cert", "app_cert = \"other-app.crt\""),
            ("app_private_key", "app_private_key = { file = \"other-app-key.pem\" }"),
        ],
        key: "app_cert",
        advice: "does not know this certificate",
    },
    Sick {
        name: "a-key-for-certificates",
        account: "alipay-cert",
        change: &[
            ("app_cert", "alipay_public_key = { file = \"alipay-public.pem\" }"),
            ("alipay_cert", ""),
            ("alipay_root_cert", ""),
        ],
        key: "app_cert",
        advice: "in certificate mode",
    },
    Sick {
        name: "another-token",
        account: "alipay-provider",
        change: &[("app_auth_token", "app_auth_token = { file = \"other-token.txt\" }")],
        key: "app_auth_token",
        advice: "the token is wrong",
    },
    Sick {
        name: "another-content-key",
        account: "alipay-provider",
        change: &[("aes_key", "aes_key = { file = \"other-aes-key.txt\" }")],
        key: "aes_key",
        advice: "not the application's AES key",
    },
    Sick {
        name: "another-shared-key",
        account: "qra",
        change: &[("api_key", "api_key = { file = \"other-api-key.txt\" }")],
        key: "api_key",
        advice: "the platform refuses our signature",
    },
    Sick {
        name: "another-qra-number",
        account: "qra",
        change: &[("mch_id", "mch_id = \"QRA99999999TEST\"")],
        key: "mch_id",
        advice: "no such merchant",
    },
    Sick {
        name: "another-signing-certificate",
        account: "acp",
        change: &[
            ("sign_cert", "sign_cert = \"other-sign.pem\""),
            ("sign_key", "sign_key = { file = \"other-sign-key.pem\" }"),
        ],
        key: "sign_cert",
        advice: "UnionPay refuses our signature",
    },
    // The simulated channel does not look at dates; we do.
    Sick {
        name: "an-expired-signing-certificate",
        account: "acp",
        change: &[("sign_cert", "sign_cert = \"expired-sign.pem\"")],
        key: "sign_cert",
        advice: "renew it at CFCA",
    },
    Sick {
        name: "another-acp-number",
        account: "acp",
        change: &[("mer_id", "mer_id = \"777000000000009\"")],
        key: "mer_id",
        advice: "no such merchant",
    },
    Sick {
        name: "another-chain",
        account: "acp",
        change: &[
            ("unionpay_root", "unionpay_root = \"other-root.pem\""),
            ("unionpay_middle", "unionpay_middle = \"other-middle.pem\""),
        ],
        key: "unionpay_root, unionpay_middle",
        advice: "are production and test mixed?",
    },
];

impl Sick {
    /// The wallet whose codes go to the account.
    pub(crate) fn wallet(&self) -> &'static str {
        match self.account {
            "acp" | "qra" => "unionpay",
            "wechat" | "wechat-provider" | "wechat-v3" | "wechat-v3-provider" => "wechat",
            _ => "alipay",
        }
    }

    /// The accounts of its configuration: QRA would take the codes of a WeChat account that is closed.
    pub(crate) fn accounts(&self) -> [&'static str; 2] {
        match self.account {
            "acp" => ["alipay", "acp"],
            "qra" => ["alipay", "qra"],
            "wechat-v3" => ["alipay", "wechat-v3"],
            "wechat-v3-provider" => ["alipay", "wechat-v3-provider"],
            "wechat-provider" => ["alipay", "wechat-provider"],
            "alipay-cert" => ["wechat", "alipay-cert"],
            "alipay-provider" => ["wechat", "alipay-provider"],
            _ => ["wechat", "alipay"],
        }
    }
}

/// A certificate of another merchant, one that has expired, and keys of another installation.
pub(crate) fn foreign(accounts: &Path) {
    let key = rcgen::KeyPair::generate().unwrap();
    for (name, merchant, expired) in [("foreign", "1900000999", false), ("expired", "1900000109", true)] {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, merchant);
        if expired {
            params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        }
        let certificate = params.self_signed(&key).unwrap();
        fs::write(accounts.join(format!("{name}-cert.pem")), certificate.pem()).unwrap();
        fs::write(accounts.join(format!("{name}-key.pem")), key.serialize_pem()).unwrap();
    }
    fs::write(accounts.join("other-api-key.txt"), "0123456789abcdef0123456789abcdef").unwrap();
    let other =
        gateway::sandbox::material::open(&accounts.join("other"), &gateway::clock::SystemEntropy).unwrap();
    fs::write(accounts.join("other-private.txt"), other.alipay.app_private_key).unwrap();
    fs::write(accounts.join("other-public.txt"), other.alipay.alipay_public_key).unwrap();
    fs::write(accounts.join("other-app.crt"), other.alipay_cert.app_pem).unwrap();
    fs::write(accounts.join("other-app-key.pem"), other.alipay_cert.app_key_pem).unwrap();
    fs::write(accounts.join("other-token.txt"), other.alipay_provider.app_auth_token).unwrap();
    fs::write(accounts.join("other-aes-key.txt"), other.alipay_provider.aes_key).unwrap();
    fs::write(accounts.join("other-sign.pem"), other.acp.sign_pem).unwrap();
    fs::write(accounts.join("other-sign-key.pem"), other.acp.sign_key_pem).unwrap();
    fs::write(accounts.join("other-root.pem"), other.acp.root_pem).unwrap();
    fs::write(accounts.join("other-middle.pem"), other.acp.middle_pem).unwrap();
    let key = fs::read_to_string(accounts.join("acp-sign-key.pem")).unwrap();
    let registered = fs::read_to_string(accounts.join("acp-sign.pem")).unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.serial_number = Some(serial(&registered).into());
    params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let expired = params.self_signed(&rcgen::KeyPair::from_pem(&key).unwrap()).unwrap();
    fs::write(accounts.join("expired-sign.pem"), expired.pem()).unwrap();
}

/// By which a merchant's certificate is known.
fn serial(certificate: &str) -> u64 {
    wire::sign::Certificate::from_pem_or_base64(certificate).unwrap().serial_decimal().parse().unwrap()
}
