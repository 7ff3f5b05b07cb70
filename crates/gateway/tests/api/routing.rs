//! Where codes go: rules of the configuration, an account that cannot be reached any more, and two gateways on one merchant
//! number.

use std::fs;
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

use crate::accounts::{Simulated, probed};
use crate::support::books::ledger;
use crate::support::child::{Folder, Running};
use crate::support::till::{Till, code, order, text};
use crate::support::time::Stopwatch;

/// Alipay's codes go to QRA first. Its line breaks after the intake has opened: the payment that meets that is never asked, and
/// the same call takes the money over the account behind it. Then QRA is probed and passed over at once.
#[test]
fn an_account_that_cannot_be_reached_hands_the_code_on() {
    let folder = Folder::new("routing");
    let simulated = Simulated::start(&folder);
    let line = Line::to(&simulated.channels);
    let rule = "[[routes]]\nprefix = \"25-30\"\naccounts = [\"qra\", \"alipay\"]\n";
    let moved = |table: &str| match table.contains("channel = \"qra\"") {
        true => table.replace(&simulated.channels, &format!("https://{}", line.at)),
        false => table.to_owned(),
    };
    let config = configure(&simulated, "routing", &["alipay", "qra"], rule, moved);
    let (_gateway, till) = serve(&config);

    let first = till.pay(&order("reached", 100, &code("alipay", "000", 1), 30)).json();
    assert_eq!((&first["status"], &first["channel"]), (&json!("paid"), &json!("qra")), "{first}");

    line.cut();
    let second = till.pay(&order("handed-on", 200, &code("alipay", "000", 2), 60));
    assert_eq!(second.status, 201);
    let second = second.json();
    assert_eq!((&second["status"], &second["channel"]), (&json!("paid"), &json!("alipay")), "{second}");
    assert_eq!(second["attempt"], 2, "{second}");
    let before = till.get(&format!("/v1/payments/{}", text(&second["attempts"][0], "id")));
    assert_eq!((&before["status"], &before["channel"]), (&json!("failed"), &json!("qra")), "{before}");
    assert_eq!(before["failure"]["code"], "never_asked", "{before}");
    let charged: Vec<i64> = ledger(&simulated.control).values().map(|line| line.charged).collect();
    assert_eq!(charged.iter().sum::<i64>(), 300, "each sale once: {charged:?}");

    // The probe that this has called for closes QRA's intake: the next sale does not wait for it.
    let stopwatch = Stopwatch::start();
    while intake(&till, "qra") == "open" {
        assert!(stopwatch.seconds() < 40, "{}", till.get("/v1/channels"));
    }
    let third = till.pay(&order("passed-over", 300, &code("alipay", "000", 3), 30)).json();
    assert_eq!((&third["status"], &third["attempt"]), (&json!("paid"), &json!(1)), "{third}");
    assert_eq!(third["channel"], "alipay", "{third}");
}

/// Two shops' systems on one merchant number, with the same order numbers: neither takes the other's money for its own.
/// Without the namespace the second sale would find the first one's order under its number.
#[test]
fn two_gateways_on_one_merchant_number_never_believe_each_other() {
    let folder = Folder::new("namespaces");
    let simulated = Simulated::start(&folder);
    let named = |namespace: &str| {
        let own = format!("namespace = \"{namespace}\"");
        let config = configure(&simulated, namespace, &["wechat", "alipay"], "", |table| {
            let line = table.lines().find(|line| line.starts_with("namespace")).unwrap();
            table.replace(line, &own)
        });
        serve(&config)
    };
    let ((_one, here), (_other, there)) = (named("SHP1"), named("SHP2"));
    thread::scope(|scope| {
        for (wallet, tail) in [("wechat", 1), ("alipay", 2)] {
            let (here, there, simulated) = (&here, &there, &simulated);
            scope.spawn(move || same_order(here, there, simulated, wallet, tail));
        }
    });
}

fn same_order(here: &Till, there: &Till, simulated: &Simulated, wallet: &str, tail: u64) {
    let order_no = format!("{wallet}-0001");
    let paid = here.pay(&order(&order_no, 700, &code(wallet, "000", tail), 30)).json();
    assert_eq!(paid["status"], "paid", "{paid}");
    // The same sale at the other shop: its request is lost on the way, and a query of its number finds nothing.
    let lost = there.pay(&order(&order_no, 700, &code(wallet, "302", tail), 65)).json();
    let lost = there.decided(text(&lost, "id"));
    assert_eq!(lost["status"], "reversed", "{lost}");
    assert_ne!(lost["channel_order_no"], paid["channel_order_no"]);
    // And what it reverses is its own number alone.
    let canceled = there.post(&format!("/v1/payments/by-order/{order_no}/cancel"), &json!({}));
    assert_eq!(canceled.json()["status"], "reversed", "{}", canceled.json());
    let line = ledger(&simulated.control)[text(&paid, "channel_order_no")];
    assert_eq!((line.charged, line.net()), (700, 700), "{wallet}");
    assert_eq!(here.get(&format!("/v1/payments/by-order/{order_no}"))["status"], "paid");
}

pub(crate) fn serve(config: &std::path::Path) -> (Running, Till) {
    let stderr = config.with_extension("log");
    let arguments = ["serve", "--config", config.to_str().unwrap(), "--json"];
    let gateway = Running::start(&arguments, "info", &stderr, "api");
    let till = Till::new(&gateway.word("api"), &gateway.word("api_key"));
    assert_eq!(probed(&till)["status"], "ready");
    (gateway, till)
}

/// The exported configuration with these accounts in this order, each as `change` makes it, and what follows them.
pub(crate) fn configure(
    simulated: &Simulated,
    name: &str,
    accounts: &[&str],
    rest: &str,
    change: impl Fn(&str) -> String,
) -> PathBuf {
    let exported = fs::read_to_string(simulated.accounts.join("paycode.toml")).unwrap();
    let mut tables = exported.split("[[accounts]]");
    let head = tables.next().unwrap().replace("127.0.0.1:8080", "127.0.0.1:0");
    let mut text = head.replace("paycode.db", &format!("{name}.db"));
    let tables: Vec<&str> = tables.collect();
    for account in accounts {
        let own = format!("\nname = \"{account}\"\n");
        let table = tables.iter().find(|table| table.contains(&own)).unwrap();
        text.push_str(&format!("[[accounts]]{}", change(table)));
    }
    let path = simulated.accounts.join(format!("{name}.toml"));
    fs::write(&path, format!("{text}{rest}")).unwrap();
    path
}

fn intake(till: &Till, account: &str) -> String {
    let channels = till.get("/v1/channels");
    let rows = channels["data"].as_array().unwrap();
    let row: &Value = rows.iter().find(|row| row["account"] == account).unwrap();
    text(row, "intake").to_owned()
}

/// A line to the channels that can be cut: from then on nobody listens at its end.
struct Line {
    at: SocketAddr,
    open: Arc<AtomicBool>,
    ends: Arc<Mutex<Vec<TcpStream>>>,
    listens: Mutex<Option<JoinHandle<()>>>,
}

impl Line {
    fn to(channels: &str) -> Line {
        let there = channels.strip_prefix("https://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let (open, ends) = (Arc::new(AtomicBool::new(true)), Arc::new(Mutex::new(Vec::new())));
        let listens = thread::spawn({
            let (open, ends) = (Arc::clone(&open), Arc::clone(&ends));
            move || {
                for near in listener.incoming() {
                    if !open.load(Ordering::SeqCst) {
                        return;
                    }
                    let (near, far) = (near.unwrap(), TcpStream::connect(&there).unwrap());
                    let mut ends = ends.lock().unwrap();
                    for (from, to) in [(&near, &far), (&far, &near)] {
                        let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                        ends.push(from.try_clone().unwrap());
                        thread::spawn(move || {
                            // An end that breaks ends the other one too.
                            let _copied = io::copy(&mut from, &mut to);
                            let _closed = to.shutdown(Shutdown::Both);
                        });
                    }
                }
            }
        });
        Line { at, open, ends, listens: Mutex::new(Some(listens)) }
    }

    /// Nobody listens any more, and what is connected breaks.
    fn cut(&self) {
        self.open.store(false, Ordering::SeqCst);
        // Wakes the listener, which leaves.
        drop(TcpStream::connect(self.at).unwrap());
        self.listens.lock().unwrap().take().unwrap().join().unwrap();
        for end in self.ends.lock().unwrap().drain(..) {
            let _closed = end.shutdown(Shutdown::Both);
        }
    }
}
