//! Every scenario over the channels that stand behind others in `demo`: a gateway with one account alone, from the
//! configuration that the simulator exports, over real TLS and with real signatures (ICBC's as in the field: requests
//! SHA-256, answers SHA-1). Status, ledger and time as written in API §2.

use std::fs;
use std::path::PathBuf;
use std::thread;

use serde_json::{Value, json};

use crate::accounts::{Simulated, probed};
use crate::support::books::{Line, ledger};
use crate::support::child::{Folder, Running};
use crate::support::till::{Till, order, text};
use crate::support::time::Stopwatch;

/// What a scenario must come to: status, what is charged, when it is decided (from, to, s), and a failure's advice or a
/// reversal's outcome.
type Row = (&'static str, &'static str, Charged, (u64, u64), Option<&'static str>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Charged {
    Nothing,
    Kept,
    GivenBack,
    /// The payer had a coupon.
    Less,
}
use Charged::{GivenBack, Kept, Less, Nothing};

/// QRA answers within 30 s, and an order may appear until 90 s after it was asked for; it never says what a reversal was.
#[rustfmt::skip]
const QRA: &[Row] = &[
    ("000", "paid",      Kept,      (0, 10),   None),
    ("001", "paid",      Kept,      (2, 15),   None),
    ("101", "paid",      Kept,      (5, 20),   None),
    ("102", "paid",      Kept,      (25, 45),  None),
    ("103", "reversed",  Nothing,   (8, 75),   None),
    ("104", "reversed",  Nothing,   (20, 75),  None),
    ("105", "reversed",  GivenBack, (20, 100), None),
    ("106", "reversed",  Nothing,   (20, 75),  None),
    ("201", "failed",    Nothing,   (0, 15),   Some("other_wallet")),
    ("202", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("203", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("204", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("205", "failed",    Nothing,   (0, 15),   Some("other_wallet")),
    ("206", "failed",    Nothing,   (0, 15),   Some("other_wallet")),
    ("207", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("208", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("209", "failed",    Nothing,   (0, 15),   Some("call_support")),
    ("301", "paid",      Kept,      (0, 25),   None),
    ("302", "reversed",  Nothing,   (85, 105), None),
    ("303", "paid",      Kept,      (0, 25),   None),
    ("304", "reversed",  Nothing,   (85, 105), None),
    ("305", "paid",      Kept,      (25, 50),  None),
    ("306", "paid",      Kept,      (0, 25),   None),
    ("307", "paid",      Kept,      (0, 25),   None),
    ("308", "paid",      Kept,      (0, 25),   None),
    ("309", "paid",      Kept,      (5, 30),   None),
    ("310", "paid",      Kept,      (0, 25),   None),
    ("401", "paid",      Kept,      (5, 40),   None),
    ("402", "paid",      Kept,      (0, 30),   None),
    ("403", "reversed",  Nothing,   (20, 100), None),
    ("404", "suspended", Nothing,   (20, 100), None),
    ("405", "failed",    GivenBack, (0, 15),   Some("other_wallet")),
    ("503", "paid",      Less,      (0, 10),   None),
];

/// ICBC does not say why it declines; a refusal before an order is the merchant's.
#[rustfmt::skip]
const ICBC: &[Row] = &[
    ("000", "paid",      Kept,      (0, 10),   None),
    ("001", "paid",      Kept,      (2, 15),   None),
    ("101", "paid",      Kept,      (5, 20),   None),
    ("102", "paid",      Kept,      (25, 45),  None),
    ("103", "reversed",  Nothing,   (58, 85),  Some("closed")),
    ("104", "reversed",  Nothing,   (58, 85),  Some("closed")),
    ("105", "reversed",  GivenBack, (58, 100), Some("refunded")),
    ("106", "reversed",  Nothing,   (58, 85),  Some("closed")),
    ("201", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("202", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("203", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("204", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("205", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("206", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("207", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("208", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("209", "failed",    Nothing,   (0, 15),   Some("call_support")),
    ("301", "paid",      Kept,      (0, 25),   None),
    ("302", "reversed",  Nothing,   (88, 100), None),
    ("303", "paid",      Kept,      (0, 25),   None),
    ("304", "reversed",  Nothing,   (88, 100), None),
    ("305", "paid",      Kept,      (28, 50),  None),
    ("306", "paid",      Kept,      (0, 25),   None),
    ("307", "paid",      Kept,      (0, 25),   None),
    ("308", "paid",      Kept,      (0, 25),   None),
    ("309", "paid",      Kept,      (5, 30),   None),
    ("310", "paid",      Kept,      (0, 25),   None),
    ("401", "paid",      Kept,      (5, 40),   None),
    ("402", "paid",      Kept,      (0, 30),   None),
    ("403", "reversed",  Nothing,   (58, 100), Some("closed")),
    ("404", "suspended", Nothing,   (58, 100), None),
    ("405", "failed",    GivenBack, (0, 15),   Some("new_code")),
    ("503", "paid",      Less,      (0, 10),   None),
];

/// WeChat never says which a reversal was; TRADE_ERROR and RULE_LIMIT are codes for several reasons.
#[rustfmt::skip]
const WECHAT_V3: &[Row] = &[
    ("000", "paid",      Kept,      (0, 10),   None),
    ("001", "paid",      Kept,      (2, 15),   None),
    ("101", "paid",      Kept,      (5, 20),   None),
    ("102", "paid",      Kept,      (25, 45),  None),
    ("103", "reversed",  Nothing,   (8, 75),   None),
    ("104", "reversed",  Nothing,   (20, 75),  None),
    ("105", "reversed",  GivenBack, (20, 100), None),
    ("106", "reversed",  Nothing,   (20, 75),  None),
    ("201", "failed",    Nothing,   (0, 15),   Some("other_wallet")),
    ("202", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("203", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("204", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("205", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("206", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("207", "failed",    Nothing,   (0, 15),   Some("new_code")),
    ("208", "failed",    Nothing,   (0, 15),   Some("other_wallet")),
    ("209", "failed",    Nothing,   (0, 15),   Some("call_support")),
    ("301", "paid",      Kept,      (0, 25),   None),
    ("302", "reversed",  Nothing,   (55, 80),  None),
    ("303", "paid",      Kept,      (0, 25),   None),
    ("304", "reversed",  Nothing,   (55, 80),  None),
    ("305", "paid",      Kept,      (10, 30),  None),
    ("306", "paid",      Kept,      (0, 25),   None),
    ("307", "paid",      Kept,      (0, 25),   None),
    ("308", "paid",      Kept,      (0, 25),   None),
    ("309", "paid",      Kept,      (5, 30),   None),
    ("310", "paid",      Kept,      (0, 25),   None),
    ("401", "paid",      Kept,      (5, 40),   None),
    ("402", "paid",      Kept,      (0, 30),   None),
    ("403", "reversed",  Nothing,   (20, 100), None),
    ("404", "suspended", Nothing,   (20, 100), None),
    ("405", "failed",    GivenBack, (0, 15),   Some("other_wallet")),
    ("503", "paid",      Less,      (0, 10),   None),
];

/// Under load, the times of a machine with two cores are not those of the channel.
const SLACK_S: u64 = 10;

#[test]
fn every_scenario_over_qra_ends_as_written() {
    play("qra", QRA);
}

#[test]
fn every_scenario_over_icbc_ends_as_written() {
    play("icbc", ICBC);
}

#[test]
fn every_scenario_over_wechats_v3_ends_as_written() {
    play("wechat_v3", WECHAT_V3);
}

/// The wallet whose codes go to the channel here, and the first two digits and the length of its codes.
fn wallet(channel: &str) -> (&'static str, &'static str, usize) {
    if channel == "wechat_v3" { ("wechat", "13", 18) } else { ("unionpay", "62", 19) }
}

fn play(account: &str, rows: &[Row]) {
    let folder = Folder::new(account);
    let simulated = Simulated::start(&folder);
    let config = alone(&simulated, account);
    let stderr = config.with_extension("log");
    let arguments = ["serve", "--config", config.to_str().unwrap(), "--json"];
    let gateway = Running::start(&arguments, "info", &stderr, "api");
    let till = Till::new(&gateway.word("api"), &gateway.word("api_key"));
    assert_eq!(probed(&till)["status"], "ready");
    let mut ended: Vec<(Row, Value)> = thread::scope(|scope| {
        let till = &till;
        let sell = |(row, amount): (&Row, i64)| (*row, sell(till, account, row, (amount, 1)));
        let sales: Vec<_> = rows.iter().zip(1_000..).map(|sale| scope.spawn(move || sell(sale))).collect();
        sales.into_iter().map(|sale| sale.join().unwrap()).collect()
    });
    let mut wrong: Vec<String> =
        ended.iter().flat_map(|(row, payment)| check(account, row, payment)).collect();
    // Another one that takes 25 s: what was charged after a decline is back by then.
    let slow = rows.iter().find(|row| row.0 == "102").unwrap();
    ended.push((*slow, sell(&till, account, slow, (999, 2))));
    wrong.extend(sums(&ended, &simulated));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    refund(&till, account, &ended[0].1, &simulated);
}

/// A part goes back; the list of refunds says when it is done.
fn refund(till: &Till, account: &str, payment: &Value, simulated: &Simulated) {
    let target = format!("/v1/payments/{}/refunds", text(payment, "id"));
    let opened = till.post(&target, &json!({ "refund_no": format!("{account}-1"), "amount": 300 }));
    assert_eq!(opened.status, 201, "{}", opened.json());
    let ended = till.get(&format!("/v1/refunds/{}?wait=60", text(&opened.json(), "id")));
    assert_eq!(ended["status"], "succeeded", "{ended}");
    let line = ledger(&simulated.control)[text(payment, "channel_order_no")];
    assert_eq!((line.charged, line.net()), (1_000, 700));
}

/// The exported configuration with one account: the first of this channel.
pub(crate) fn alone(simulated: &Simulated, channel: &str) -> PathBuf {
    let exported = fs::read_to_string(simulated.accounts.join("paycode.toml")).unwrap();
    let mut tables = exported.split("[[accounts]]");
    let head = tables.next().unwrap().replace("127.0.0.1:8080", "127.0.0.1:0");
    let channel = format!("channel = \"{channel}\"");
    let own = tables.find(|table| table.contains(&channel)).unwrap_or_else(|| panic!("{exported}"));
    let path = simulated.accounts.join("alone.toml");
    fs::write(&path, format!("{}[[accounts]]{}", head.replace("paycode.db", "alone.db"), own)).unwrap();
    path
}

fn sell(till: &Till, account: &str, row: &Row, (amount, tail): (i64, u32)) -> Value {
    let stopwatch = Stopwatch::start();
    let (_, prefix, length) = wallet(account);
    let code = format!("{prefix}0000{}{:0width$}", row.0, tail, width = length - 9);
    let opened = till.pay(&order(&format!("{account}-{}-{tail}", row.0), amount, &code, 65));
    assert_eq!(opened.status, 201, "{}", opened.json());
    let mut payment = till.decided(text(&opened.json(), "id"));
    payment["seconds"] = stopwatch.seconds().into();
    payment
}

fn check(account: &str, row: &Row, payment: &Value) -> Vec<String> {
    let (scenario, status, charged, (from, to), more) = *row;
    let mut wrong = Vec::new();
    let mut want = |what: &str, right: bool| {
        if !right {
            wrong.push(format!("{scenario}: {what}: {payment}"));
        }
    };
    want("status", payment["status"] == status);
    want("time", (from..=to + SLACK_S).contains(&payment["seconds"].as_u64().unwrap()));
    want("channel", payment["channel"] == account && payment["wallet"] == wallet(account).0);
    let paid = payment["paid_amount"].as_i64();
    want(
        "paid_amount",
        match charged {
            Kept => paid == payment["amount"].as_i64(),
            Less => paid.is_some_and(|paid| 0 < paid && Some(paid) < payment["amount"].as_i64()),
            Nothing | GivenBack => paid.is_none(),
        },
    );
    want("case", payment["case"].is_string() == (status == "suspended"));
    match status {
        "failed" => want("advice", payment["failure"]["advice"].as_str() == more),
        "reversed" => {
            want("reversal", payment["reversal"]["status"] == "done");
            want("outcome", payment["reversal"]["outcome"].as_str() == more);
        }
        _ => want("failure", payment["failure"].is_null()),
    }
    wrong
}

/// Where the channel's ledger is not as written; it must hold nothing else.
fn sums(ended: &[(Row, Value)], simulated: &Simulated) -> Vec<String> {
    let ledger = ledger(&simulated.control);
    let mut wrong = Vec::new();
    for ((scenario, _, charged, ..), payment) in ended {
        let line: Line = ledger.get(text(payment, "channel_order_no")).copied().unwrap_or_default();
        let amount = payment["amount"].as_i64().unwrap();
        let expected = match charged {
            Nothing => (0, 0),
            Kept => (amount, amount),
            GivenBack => (amount, 0),
            Less => (payment["paid_amount"].as_i64().unwrap(), payment["paid_amount"].as_i64().unwrap()),
        };
        if (line.charged, line.net()) != expected {
            wrong.push(format!("{scenario}: {line:?} for {payment}"));
        }
    }
    if ledger.len() > ended.len() {
        wrong.push(format!("{} numbers in the ledger", ledger.len()));
    }
    wrong
}
