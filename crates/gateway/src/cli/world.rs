//! From a configuration to a running gateway.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use payment::ids::{MerchantCode, Namespace};
use payment::patience::Channel;
use payment::time::Time;

use crate::app::{App, Fingerprints, HandingOn, Route, Routing, Rule};
use crate::clock::{Clock, Entropy, SystemEntropy, WallClock};
use crate::config::{AccountConfig, Config, ConfigError};
use crate::metrics::Metrics;
use crate::runner::{Account, Engine, Health, Ports, latest_seen};
use crate::store::Store;
use crate::store::sqlite::SqliteStore;
use crate::transport::Transport;
use crate::transport::https::{Endpoint, Host, Https};
use crate::transport::tls::{Identity, Roots};

use super::accounts::{self, Spoken};
use super::undo::{self, UndoCertificate};

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
    build_over(config, clock, store, |transport| transport).await
}

/// The same over another store, and with something between the engine and the channels.
pub(super) async fn build_over(
    config: &Config,
    clock: Arc<dyn Clock>,
    store: Arc<dyn Store>,
    between: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>,
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
    let mut warnings = Vec::new();
    let (mut accounts, mut endpoints) = (Vec::new(), Vec::new());
    for one in built {
        accounts.push(one.account);
        endpoints.push(one.endpoint);
        warnings.extend(one.warnings);
    }
    let transport = between(Arc::new(Https::new(endpoints, Arc::clone(&clock)).context("accounts")?));
    let mut fresh = [0; 32];
    entropy.fill(&mut fresh);
    let key = store.secret("fingerprint", fresh).await?;
    let metrics = Arc::new(Metrics::new(clock.now()));
    let ports = Ports { store: Arc::clone(&store), transport, clock, entropy, metrics };
    let engine = Engine::new(ports, accounts);
    let app = Arc::new(App {
        engine,
        fingerprints: Fingerprints::new(key),
        routing: routing(config)?,
        handing_on: HandingOn::default(),
    });
    Ok(World { app, store, merchant, warnings })
}

/// Where codes go: the rules of the configuration, and every account by wallet, in the order of the file.
pub(super) fn routing(config: &Config) -> anyhow::Result<Routing> {
    let merchant = MerchantCode::parse(&config.merchant.code).context("merchant.code")?;
    let rules = config.codes()?.into_iter().zip(&config.routes);
    let rules = rules.map(|(codes, route)| Rule {
        merchant: merchant.clone(),
        codes,
        accounts: route.accounts.clone(),
    });
    let mut routing = Routing { rules: rules.collect(), routes: Vec::new() };
    for account in &config.accounts {
        for wallet in account.channel()?.wallets() {
            let (merchant, account) = (merchant.clone(), account.name.clone());
            routing.routes.push(Route { merchant, wallet: *wallet, account });
        }
    }
    Ok(routing)
}

/// The machine's clock.
pub(super) fn clock() -> Arc<dyn Clock> {
    Arc::new(WallClock::start())
}

struct Built {
    account: Account,
    endpoint: Endpoint,
    warnings: Vec<String>,
}

fn build_account(config: &AccountConfig, now: Time) -> anyhow::Result<Built> {
    let identity = undo::identity(config)?;
    let Spoken { dialect, certificates } = accounts::spoken(config)?;
    let certificate = match &identity {
        Some(identity) => {
            let mch_id = config.mch_id.as_deref().unwrap_or_default();
            let key = undo::key_name(config);
            let read = UndoCertificate::read(&identity.chain_pem, mch_id, key)
                .map_err(|why| ConfigError::value(config.key(key), why))?;
            Some(read)
        }
        None => None,
    };
    let named = |key: &str, what| format!("{}: {what}", config.key(key));
    let warning = certificate.as_ref().and_then(|certificate| certificate.warning(now));
    let mut warnings: Vec<String> =
        warning.into_iter().map(|what| named(undo::key_name(config), what)).collect();
    warnings.extend(certificates.iter().filter_map(|own| Some(named(own.key, own.warning(now)?))));
    let needed = dialect.undo_needs_certificate();
    let undo = move |now: Time| {
        certificates.iter().try_for_each(|own| own.check(now))?;
        match &certificate {
            Some(certificate) => certificate.check(now),
            None if needed => undo::missing(),
            None => Ok(()),
        }
    };
    let account = Account {
        name: config.name.clone(),
        dialect,
        namespace: Namespace::parse(&config.namespace)?,
        undo: Arc::new(undo),
        refunds: config.refund_limits(config.channel()?),
        health: Health::unprobed(now),
    };
    Ok(Built { account, endpoint: endpoint(config, identity)?, warnings })
}

fn read(path: &Path, key: &str) -> Result<String, ConfigError> {
    std::fs::read_to_string(path)
        .map_err(|error| ConfigError::value(key, format!("{}: {error}", path.display())))
}

fn endpoint(config: &AccountConfig, identity: Option<Identity>) -> anyhow::Result<Endpoint> {
    let roots = match &config.ca {
        Some(path) => Roots::Pem(read(path, &config.key("ca"))?),
        None => Roots::Public,
    };
    let mut hosts = Vec::new();
    for url in config.base_urls()? {
        let key = config.key("hosts");
        let host = host(&url, "https://", 443, &key)?;
        if !host.path.is_empty() && signs_the_path(config)? {
            let why = format!("{url:?}: this channel signs the path of a call, so its base URL has none");
            return Err(ConfigError::value(key, why).into());
        }
        hosts.push(host);
    }
    let proxy = match &config.proxy {
        Some(url) => Some(host(url, "http://", 3128, &config.key("proxy"))?),
        None => None,
    };
    if let Some(proxy) = proxy.as_ref().filter(|proxy| !proxy.path.is_empty()) {
        let why = format!("a proxy has no path: {:?}", proxy.path);
        return Err(ConfigError::value(config.key("proxy"), why).into());
    }
    Ok(Endpoint { account: config.name.clone(), hosts, roots, identity, proxy })
}

fn host(url: &str, scheme: &str, port: u16, key: &str) -> Result<Host, ConfigError> {
    let wrong = || ConfigError::value(key, format!("{url:?} is not {scheme}host[:port][/path]"));
    let rest = url.strip_prefix(scheme).ok_or_else(wrong)?.trim_end_matches('/');
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let (name, port) = match host.rsplit_once(':') {
        Some((name, text)) => (name, text.parse().map_err(|_| wrong())?),
        None => (host, port),
    };
    if name.is_empty() || path.contains(['?', '#', ' ']) {
        return Err(wrong());
    }
    Ok(Host { name: name.to_owned(), port, path: path.to_owned() })
}

/// Whether the path of a call is part of what is signed: a base URL with a path of its own would make two of it.
fn signs_the_path(config: &AccountConfig) -> Result<bool, ConfigError> {
    Ok(match config.channel()? {
        Channel::WechatV3 | Channel::Icbc => true,
        // The gateway's path is under no signature, OpenAPI v3's are.
        Channel::Alipay => config.protocol.as_deref() == Some("v3"),
        Channel::WechatV2 | Channel::Qra | Channel::Acp => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(lines: &str) -> Result<Vec<Host>, String> {
        let config: AccountConfig =
            toml::from_str(&format!("name = \"a\"\nnamespace = \"TEST\"\n{lines}")).unwrap();
        endpoint(&config, None).map(|endpoint| endpoint.hosts).map_err(|error| error.to_string())
    }

    #[test]
    fn a_base_url_has_a_path_only_where_the_channel_does_not_sign_it() {
        let relay =
            hosts("channel = \"wechat_v2\"\nhosts = [\"https://relay.example:8443/wechat/\"]").unwrap();
        let host = Host { name: "relay.example".to_owned(), port: 8443, path: "/wechat".to_owned() };
        assert_eq!(relay, [host]);
        let alipay = hosts("channel = \"alipay\"\nhosts = [\"https://relay.example/alipay\"]").unwrap();
        assert_eq!((alipay[0].port, alipay[0].path.as_str()), (443, "/alipay"));
        let plain = hosts("channel = \"icbc\"\nhosts = [\"https://gw.example/\"]").unwrap();
        assert_eq!((plain[0].port, plain[0].path.as_str()), (443, ""));
        for (lines, word) in [
            ("channel = \"icbc\"\nhosts = [\"https://gw.example/api\"]", "signs the path"),
            ("channel = \"wechat_v3\"\nhosts = [\"https://gw.example/api\"]", "signs the path"),
            (
                "channel = \"alipay\"\nprotocol = \"v3\"\nhosts = [\"https://gw.example/api\"]",
                "signs the path",
            ),
            ("channel = \"alipay\"\nproxy = \"http://proxy:3128/x\"", "no path"),
            ("channel = \"alipay\"\nhosts = [\"http://gw.example\"]", "accounts.a.hosts"),
            ("channel = \"alipay\"\nhosts = [\"https://gw.example/a?b\"]", "accounts.a.hosts"),
        ] {
            let error = hosts(lines).unwrap_err();
            assert!(error.contains(word), "{lines}: {error}");
        }
    }
}
