//! Both books: what the gateway says was paid, and what the simulated channels' customers really paid.

use std::collections::BTreeMap;

use serde_json::Value;

use super::child::Demo;
use super::till::{Till, code, order, text};

/// One number of the simulator's ledger, in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) charged: i64,
    pub(crate) returned: i64,
}

impl Line {
    pub(crate) fn net(self) -> i64 {
        self.charged - self.returned
    }
}

/// The whole ledger by channel order number.
pub(crate) fn ledger(simulator: &Till) -> BTreeMap<String, Line> {
    let lines = simulator.get("/_simulator/ledger");
    let mut ledger = BTreeMap::new();
    for line in lines.as_array().unwrap() {
        let number = text(line, "out_trade_no").to_owned();
        let sums =
            Line { charged: line["charged"].as_i64().unwrap(), returned: line["returned"].as_i64().unwrap() };
        assert!(ledger.insert(number, sums).is_none(), "two lines of one number: {line}");
    }
    ledger
}

/// What is wrong between the books: of every payment by its status, of every charge by its payment, of every sale.
pub(crate) fn differences(payments: &[Value], ledger: &BTreeMap<String, Line>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut rest = ledger.clone();
    let mut kept: BTreeMap<&str, i64> = BTreeMap::new();
    for payment in payments {
        let line = rest.remove(text(payment, "channel_order_no")).unwrap_or_default();
        let right = match text(payment, "status") {
            "paid" => {
                let refunded = payment["amount_refunded"].as_i64().unwrap();
                payment["paid_amount"].as_i64() == Some(line.net() + refunded) && line.charged > 0
            }
            "failed" | "reversed" => line.net() == 0,
            _ => false,
        };
        if !right {
            wrong.push(format!("{line:?} against {payment}"));
        }
        if line.net() != 0 {
            *kept.entry(text(payment, "order_no")).or_default() += 1;
        }
    }
    wrong.extend(rest.iter().map(|(number, line)| format!("{number} {line:?} belongs to no payment")));
    wrong
        .extend(kept.iter().filter(|(_, count)| **count > 1).map(|(order, _)| format!("{order} kept twice")));
    wrong
}

/// Beats about once a second for as long as it is needed: a payment that nobody confirms, long-polled.
pub(crate) struct Metronome {
    payment: Option<String>,
    made: u64,
}

impl Metronome {
    pub(crate) fn new() -> Metronome {
        Metronome { payment: None, made: 0 }
    }

    pub(crate) fn beat(&mut self, demo: &Demo) {
        if let Some(id) = &self.payment {
            let payment = demo.till.get(&format!("/v1/payments/{id}?wait=1"));
            if payment["status"] == "processing" {
                return;
            }
        }
        self.made += 1;
        // A tail that no test uses, and another one after a restart of the test's own counting.
        let tail = 900_000_000 + self.made;
        let opened = demo.till.pay(&order(&format!("METRONOME-{tail}"), 1, &code("alipay", "104", tail), 0));
        assert_eq!(opened.status, 201, "{}", opened.json());
        self.payment = Some(text(&opened.json(), "id").to_owned());
    }

    /// Beats until there is nothing left to say, or until `seconds` have passed; answers what was left.
    pub(crate) fn until_none(
        &mut self,
        demo: &Demo,
        seconds: u64,
        left: impl Fn() -> Vec<String>,
    ) -> Vec<String> {
        let stopwatch = super::time::Stopwatch::start();
        loop {
            let said = left();
            if said.is_empty() || stopwatch.seconds() >= seconds {
                return said;
            }
            self.beat(demo);
        }
    }
}
