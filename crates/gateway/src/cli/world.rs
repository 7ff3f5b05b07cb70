//! From a configuration to a running gateway.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use payment::ids::{MerchantCode, Namespace};
use payment::patience::Channel;
use payment::time::Time;
use wire::alipay::App as AlipayApp;
use wire::sign::{ApiKey, SigningKey, V2SignType, VerifyingKey};
use wire::wechat_v2::V2Merchant;

use crate::app::{App, Fingerprints, Route};
use crate::clock::{Clock, Entropy, SystemEntropy, WallClock};
use crate::config::{AccountConfig, Config, ConfigError};
use crate::dialects::alipay::Alipay;
use crate::dialects::wechat_v2::WechatV2;
use crate::dialects::{Dialect, wallets_of};
use crate::metrics::Metrics;
use crate::runner::{Account, Engine, Health, Ports, latest_seen};
use crate::store::Store;
use crate::store::sqlite::SqliteStore;
use crate::transport::https::{Endpoint, Host, Https};
use crate::transport::tls::{Identity, Roots};

use super::undo::{self, UndoCertificate};

/// The address that is reported as the terminal's where none is configured.
const TERMINAL_IP_DEFAULT: &str = "127.0.0.1";

/// Everything that runs.
pub(super) struct World {
    pub(super) app: Arc<App>,
    pub(super) store: Arc<dyn Store>,
    pub(super) merchant: MerchantCode,
    pub(super) warnings: Vec<String>,
}

/// Opens the store and builds the engine; nothing runs yet.
pub(super) async fn build(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<World> {
    let path = config.store.path.clone();
    let store = tokio::task::spawn_blocking(move || SqliteStore::open(&path))
        .await?
        .with_context(|| format!("store.path = {}", config.store.path.display()))?;
    build_on(config, clock, Arc::new(store)).await
}

/// The same over another store.
pub(super) async fn build_on(
    config: &Config,
    clock: Arc<dyn Clock>,
    store: Arc<dyn Store>,
) -> anyhow::Result<World> {
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let seen = latest_seen(store.as_ref()).await?;
    if seen > clock.now() {
        let behind_s = seen.since_ms(clock.now()) / 1000;
        tracing::warn!(
            behind_s,
            "the wall clock was set back; this process goes on from the latest row's time"
        );
        clock.raise(seen);
    }
    let merchant = MerchantCode::parse(&config.merchant.code).context("merchant.code")?;
    let mut built = Vec::new();
    for account in &config.accounts {
        built.push(build_account(account, clock.now())?);
    }
    let mut routes = Vec::new();
    let mut warnings = Vec::new();
    let (mut accounts, mut endpoints) = (Vec::new(), Vec::new());
    for one in built {
        for wallet in wallets_of(one.account.dialect.channel()) {
            let account = one.account.name.clone();
            routes.push(Route { merchant: merchant.clone(), wallet: *wallet, account });
        }
        accounts.push(one.account);
        endpoints.push(one.endpoint);
        warnings.extend(one.warning);
    }
    let transport = Https::new(endpoints, Arc::clone(&clock)).context("accounts")?;
    let mut fresh = [0; 32];
    entropy.fill(&mut fresh);
    let key = store.secret("fingerprint", fresh).await?;
    let metrics = Arc::new(Metrics::new(clock.now()));
    let ports = Ports { store: Arc::clone(&store), transport: Arc::new(transport), clock, entropy, metrics };
    let engine = Engine::new(ports, accounts);
    let app = Arc::new(App { engine, fingerprints: Fingerprints::new(key), routes });
    Ok(World { app, store, merchant, warnings })
}

/// The machine's clock.
pub(super) fn clock() -> Arc<dyn Clock> {
    Arc::new(WallClock::start())
}

struct Built {
    account: Account,
    endpoint: Endpoint,
    warning: Option<String>,
}

fn build_account(config: &AccountConfig, now: Time) -> anyhow::Result<Built> {
    let identity = identity(config)?;
    let dialect: Arc<dyn Dialect> = match config.channel()? {
        Channel::Alipay => Arc::new(alipay(config)?),
        Channel::WechatV2 | Channel::WechatV3 | Channel::Qra | Channel::Acp | Channel::Icbc => {
            Arc::new(wechat_v2(config)?)
        }
    };
    let certificate = match &identity {
        Some(identity) => {
            let mch_id = config.mch_id.as_deref().unwrap_or_default();
            let read = UndoCertificate::read(&identity.chain_pem, mch_id)
                .map_err(|why| ConfigError::value(config.key("client_cert"), why))?;
            Some(read)
        }
        None => None,
    };
    let warning = certificate.as_ref().and_then(|certificate| certificate.warning(now));
    let needed = dialect.undo_needs_certificate();
    let undo = move |now: Time| match &certificate {
        Some(certificate) => certificate.check(now),
        None if needed => undo::missing(),
        None => Ok(()),
    };
    let account = Account {
        name: config.name.clone(),
        dialect,
        namespace: Namespace::parse(&config.namespace)?,
        undo: Arc::new(undo),
        health: Health::unprobed(now),
    };
    let warning = warning.map(|what| format!("{}: {what}", config.key("client_cert")));
    Ok(Built { account, endpoint: endpoint(config, identity)?, warning })
}

fn identity(config: &AccountConfig) -> anyhow::Result<Option<Identity>> {
    let (Some(chain), Some(key)) = (&config.client_cert, &config.client_key) else {
        return Ok(None);
    };
    let chain_pem = read(chain, &config.key("client_cert"))?;
    let key_pem = key.read(&config.key("client_key"))?.to_string();
    Ok(Some(Identity { chain_pem, key_pem }))
}

fn read(path: &Path, key: &str) -> Result<String, ConfigError> {
    std::fs::read_to_string(path)
        .map_err(|error| ConfigError::value(key, format!("{}: {error}", path.display())))
}

fn wechat_v2(config: &AccountConfig) -> Result<WechatV2, ConfigError> {
    let key = config.need("api_key", &config.api_key)?.read(&config.key("api_key"))?;
    let sign_type = config.sign_type.as_deref().unwrap_or("MD5");
    let sign_type = V2SignType::from_name(sign_type)
        .ok_or_else(|| ConfigError::value(config.key("sign_type"), "MD5 or HMAC-SHA256"))?;
    let merchant = V2Merchant {
        appid: config.need("appid", &config.appid)?.clone(),
        mch_id: config.need("mch_id", &config.mch_id)?.clone(),
        sub_appid: None,
        sub_mch_id: config.sub_mch_id.clone(),
        key: ApiKey::new(&key)
            .map_err(|error| ConfigError::value(config.key("api_key"), error.to_string()))?,
        sign_type,
    };
    let terminal_ip = config.terminal_ip.clone().unwrap_or_else(|| TERMINAL_IP_DEFAULT.to_owned());
    Ok(WechatV2::new(merchant, terminal_ip))
}

fn alipay(config: &AccountConfig) -> Result<Alipay, ConfigError> {
    let private = config.need("app_private_key", &config.app_private_key)?;
    let private = private.read(&config.key("app_private_key"))?;
    let public = config.need("alipay_public_key", &config.alipay_public_key)?;
    let public = public.read(&config.key("alipay_public_key"))?;
    let app = AlipayApp {
        app_id: config.need("app_id", &config.app_id)?.clone(),
        signing_key: SigningKey::from_pem_or_base64(&private)
            .map_err(|error| ConfigError::value(config.key("app_private_key"), error.to_string()))?,
        alipay_key: VerifyingKey::from_pem_or_base64(&public)
            .map_err(|error| ConfigError::value(config.key("alipay_public_key"), error.to_string()))?,
        seller_id: config.seller_id.clone(),
        app_auth_token: None,
    };
    Ok(Alipay::new(app, config.store_id.clone()))
}

fn endpoint(config: &AccountConfig, identity: Option<Identity>) -> anyhow::Result<Endpoint> {
    let roots = match &config.ca {
        Some(path) => Roots::Pem(read(path, &config.key("ca"))?),
        None => Roots::Public,
    };
    let mut hosts = Vec::new();
    for url in config.base_urls()? {
        hosts.push(host(&url, "https://", 443, &config.key("hosts"))?);
    }
    let proxy = match &config.proxy {
        Some(url) => Some(host(url, "http://", 3128, &config.key("proxy"))?),
        None => None,
    };
    Ok(Endpoint { account: config.name.clone(), hosts, roots, identity, proxy })
}

fn host(url: &str, scheme: &str, port: u16, key: &str) -> Result<Host, ConfigError> {
    let wrong = || ConfigError::value(key, format!("{url:?} is not {scheme}host[:port]"));
    let rest = url.strip_prefix(scheme).ok_or_else(wrong)?.trim_end_matches('/');
    let (name, port) = match rest.rsplit_once(':') {
        Some((name, text)) => (name, text.parse().map_err(|_| wrong())?),
        None => (rest, port),
    };
    if name.is_empty() || name.contains('/') {
        return Err(wrong());
    }
    Ok(Host { name: name.to_owned(), port })
}
