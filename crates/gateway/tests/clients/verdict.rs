//! What a client tells, and whether the simulator's ledger agrees.

use serde_json::Value;

/// What the ledger holds for one order, fen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Charged {
    pub(crate) channel: String,
    pub(crate) order: String,
    pub(crate) charged: u64,
    pub(crate) returned: u64,
}

impl Charged {
    pub(crate) fn from_row(row: &Value) -> Charged {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        let fen = |name: &str| row[name].as_u64().unwrap();
        Charged {
            channel: text("channel"),
            order: text("out_trade_no"),
            charged: fen("charged"),
            returned: fen("returned"),
        }
    }

    /// `charged ORDER FEN RETURNED_FEN`, as clients print it.
    fn from_line(line: &str, channel: &str) -> Option<Charged> {
        let words: Vec<&str> = line.split(' ').collect();
        let ["charged", order, charged, returned] = words[..] else { return None };
        let fen = |word: &str| word.parse().unwrap_or_else(|error| panic!("{line}: {error}"));
        let [charged, returned] = [charged, returned].map(fen);
        Some(Charged { channel: channel.to_owned(), order: order.to_owned(), charged, returned })
    }
}

/// What is wrong: a verdict that did not hold, no verdict at all, or money that one side knows and the other does not.
pub(crate) fn judge(told: &str, channel: &str, ledger: &[Charged]) -> Vec<String> {
    let mut findings: Vec<String> =
        told.lines().filter(|line| line.starts_with("not ok ")).map(str::to_owned).collect();
    if !told.lines().any(|line| line.starts_with("ok ")) {
        findings.push("it tells nothing".to_owned());
    }
    let expected: Vec<Charged> = told.lines().filter_map(|line| Charged::from_line(line, channel)).collect();
    for order in &expected {
        let booked = ledger.iter().find(|row| row.order == order.order);
        let nothing = order.charged == 0 && order.returned == 0;
        if !booked.map_or(nothing, |row| row == order) {
            findings.push(format!("{order:?}, and the ledger has {booked:?}"));
        }
    }
    let untold = ledger.iter().filter(|row| !expected.iter().any(|order| order.order == row.order));
    findings.extend(untold.map(|row| format!("nobody told of {row:?}")));
    findings
}

#[test]
fn what_is_wrong_is_seen() {
    let row = |order: &str, charged, returned| Charged {
        channel: "alipay".to_owned(),
        order: order.to_owned(),
        charged,
        returned,
    };
    let told = "ok paid\ncharged a 5 0\ncharged b 0 0";
    let booked = [row("a", 5, 0)];
    assert_eq!(judge(told, "alipay", &booked), [""; 0]);
    let wrong = [
        (told, "qra", vec![row("a", 5, 0)]),
        (told, "alipay", vec![row("a", 5, 5)]),
        (told, "alipay", vec![]),
        (told, "alipay", vec![row("a", 5, 0), row("b", 5, 0)]),
        (told, "alipay", vec![row("a", 5, 0), row("c", 5, 5)]),
        ("ok paid\nnot ok queried: b\ncharged a 5 0", "alipay", booked.to_vec()),
        ("charged a 5 0", "alipay", booked.to_vec()),
    ];
    for (told, channel, ledger) in wrong {
        assert_eq!(judge(told, channel, &ledger).len(), 1, "{told} {channel} {ledger:?}");
    }
}
