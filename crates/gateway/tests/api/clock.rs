//! A machine whose clock is wrong: the gateway in this process, with a shifted clock, against the real simulator.

use std::fs;
use std::sync::Arc;
use std::thread;

use gateway::api::{hash_key, new_key};
use gateway::app::{App, Fingerprints, HandingOn, Route, Routing};
use gateway::clock::{Clock, Later, SystemEntropy, WallClock};
use gateway::console::Settings;
use gateway::dialects::Dialect;
use gateway::dialects::alipay::{Alipay, Shop};
use gateway::dialects::wechat_v2::WechatV2;
use gateway::lifecycle;
use gateway::metrics::Metrics;
use gateway::runner::{Account, Engine, Health, Ports};
use gateway::store::sqlite::SqliteStore;
use gateway::store::{KeyRow, Store};
use gateway::transport::https::{Endpoint, Host, Https};
use gateway::transport::tls::Roots;
use payment::auth_code::Wallet;
use payment::ids::{MerchantCode, Namespace};
use payment::time::{SECOND_MS, Time};
use tokio::sync::{oneshot, watch};
use wire::alipay::{App as AlipayApp, Trust};
use wire::sign::{ApiKey, SigningKey, V2SignType, VerifyingKey};
use wire::wechat_v2::V2Merchant;

use crate::accounts::{Simulated, check_closed, probed};
use crate::support::books::ledger;
use crate::support::child::Folder;
use crate::support::till::{Till, code, order, text};

/// The machine's clock, off by so much.
struct Shifted {
    wall: WallClock,
    ahead_ms: i64,
}

impl Clock for Shifted {
    fn now(&self) -> Time {
        self.wall.now().plus_ms(self.ahead_ms)
    }

    fn sleep_until(&self, at: Time) -> Later<'static, ()> {
        self.wall.sleep_until(at.plus_ms(-self.ahead_ms))
    }

    fn raise(&self, _floor: payment::time::Time) {}
}

#[test]
fn a_wrong_clock_closes_the_intake() {
    let folder = Folder::new("clock");
    let simulated = Simulated::start(&folder);
    for (name, ahead_s, open) in [
        ("slow", -600, false),
        ("fast", 600, false),
        ("a-little-slow", -60, true),
        ("a-little-fast", 60, true),
    ] {
        with_clock(&folder, &simulated, name, ahead_s * SECOND_MS, |till| {
            let ready = probed(till);
            for account in ready["accounts"].as_array().unwrap() {
                let off_ms = account["clock_off_ms"].as_i64().unwrap();
                assert!((off_ms + ahead_s * SECOND_MS).abs() < 20 * SECOND_MS, "{name}: {account}");
                let why = account["why"].as_str().unwrap_or_default();
                assert_eq!(why.contains("clock"), !open, "{name}: {account}");
            }
            assert_eq!(ready["status"], if open { "ready" } else { "not_ready" }, "{name}: {ready}");
            for wallet in ["wechat", "alipay"] {
                if open {
                    let tail = u64::try_from(ahead_s + 100).unwrap();
                    let paid = till.pay(&order(wallet, 100, &code(wallet, "000", tail), 20)).json();
                    assert_eq!(text(&paid, "status"), "paid", "{name}: {paid}");
                } else {
                    check_closed(till, wallet, "clock");
                }
            }
        });
        if !open {
            assert!(ledger(&simulated.control).is_empty(), "{name}: not one byte of a payment left");
        }
    }
}

/// Runs a gateway in this process for as long as the check takes.
fn with_clock(folder: &Folder, simulated: &Simulated, name: &str, ahead_ms: i64, check: impl FnOnce(&Till)) {
    let (told, ready) = std::sync::mpsc::channel();
    let (stop, stopped) = oneshot::channel();
    thread::scope(|scope| {
        let path = folder.path().join(format!("{name}.db"));
        let running = scope.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let clock = Arc::new(Shifted { wall: WallClock::start(), ahead_ms });
                let store = Arc::new(SqliteStore::open(&path).unwrap());
                let merchant = MerchantCode::parse(&name.replace('-', "")).unwrap();
                let key = new_key(&SystemEntropy);
                let scopes = vec!["pay".to_owned()];
                let row = KeyRow {
                    hash: hash_key(&key),
                    merchant: merchant.clone(),
                    scopes,
                    name: "till".to_owned(),
                };
                store.add_key(row).await.unwrap();
                let app = app(simulated, store, clock, merchant);
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send((listener.local_addr().unwrap(), key)).unwrap();
                let switch = watch::Sender::new(false);
                let stop = switch.subscribe();
                tokio::spawn(async move {
                    let _dropped_or_told: Result<(), _> = stopped.await;
                    switch.send_replace(true);
                    std::future::pending::<()>().await;
                });
                lifecycle::run(app, Settings::default(), listener, None, stop).await;
            });
        });
        let (address, key) = ready.recv().unwrap();
        check(&Till::new(&format!("http://{address}"), &key));
        stop.send(()).unwrap();
        running.join().unwrap();
    });
}

fn app(
    simulated: &Simulated,
    store: Arc<SqliteStore>,
    clock: Arc<Shifted>,
    merchant: MerchantCode,
) -> Arc<App> {
    let dialects: [(&str, Wallet, Arc<dyn Dialect>); 2] = [
        ("wechat", Wallet::Wechat, Arc::new(wechat(simulated))),
        ("alipay", Wallet::Alipay, Arc::new(alipay(simulated))),
    ];
    let (mut accounts, mut endpoints, mut routes) = (Vec::new(), Vec::new(), Vec::new());
    for (name, wallet, dialect) in dialects {
        accounts.push(Account {
            name: name.to_owned(),
            refunds: dialect.channel().patience().refunds,
            dialect,
            namespace: Namespace::parse("TEST").unwrap(),
            undo: Arc::new(|_| Ok(())),
            health: Health::unprobed(clock.now()),
        });
        let port = simulated.channels.rsplit_once(':').unwrap().1.parse().unwrap();
        endpoints.push(Endpoint {
            account: name.to_owned(),
            hosts: vec![Host { name: "127.0.0.1".to_owned(), port, path: String::new() }],
            roots: Roots::Pem(file(simulated, "ca.pem")),
            identity: None,
            proxy: None,
        });
        routes.push(Route { merchant: merchant.clone(), wallet, account: name.to_owned() });
    }
    let transport = Https::new(endpoints, Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
    let entropy = Arc::new(SystemEntropy);
    let metrics = Arc::new(Metrics::new(clock.now()));
    let ports = Ports { store, transport: Arc::new(transport), clock, entropy, metrics };
    let engine = Engine::new(ports, accounts);
    Arc::new(App {
        engine,
        fingerprints: Fingerprints::new([7; 32]),
        routing: Routing { rules: Vec::new(), routes },
        handing_on: HandingOn::default(),
    })
}

fn wechat(simulated: &Simulated) -> WechatV2 {
    let merchant = V2Merchant {
        appid: simulated.number("appid"),
        mch_id: simulated.number("mch_id"),
        sub_appid: None,
        sub_mch_id: None,
        channel_id: None,
        key: ApiKey::new(&file(simulated, "wechat-api-key.txt")).unwrap(),
        sign_type: V2SignType::from_name("MD5").unwrap(),
    };
    WechatV2::new(merchant, "127.0.0.1".to_owned())
}

fn alipay(simulated: &Simulated) -> Alipay {
    let app = AlipayApp {
        app_id: simulated.number("app_id"),
        signing_key: SigningKey::from_pem_or_base64(&file(simulated, "alipay-app-private.pem")).unwrap(),
        trust: Trust::Key(VerifyingKey::from_pem_or_base64(&file(simulated, "alipay-public.pem")).unwrap()),
        seller_id: Some(simulated.number("seller_id")),
        app_auth_token: None,
        aes_key: None,
    };
    Alipay::new(app, Shop::default())
}

fn file(simulated: &Simulated, name: &str) -> String {
    fs::read_to_string(simulated.accounts.join(name)).unwrap().trim_end().to_owned()
}
