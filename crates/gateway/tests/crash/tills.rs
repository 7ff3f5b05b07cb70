//! Many tills at once, each with a sale of its own: asking until it is decided, and asking again after a restart.

use std::sync::mpsc;
use std::sync::{Condvar, Mutex};

use serde_json::Value;

use crate::memory::Memory;
use crate::support::till::{Till, code, order, text};

/// The scenarios that are mixed, none of which needs a person.
const MIX: [&str; 12] = ["000", "001", "101", "301", "302", "303", "304", "305", "103", "104", "201", "405"];

/// The sale of a number: scenario and channel go round, the amounts differ.
pub(crate) fn sale(number: usize) -> Value {
    let wallet = if number.is_multiple_of(2) { "wechat" } else { "alipay" };
    let scenario = MIX[number / 2 % MIX.len()];
    let place = u64::try_from(number).unwrap();
    let amount = 1_000 + i64::try_from(number).unwrap();
    order(&format!("sale-{number}-{scenario}"), amount, &code(wallet, scenario, place), 65)
}

/// Where the gateway answers now. A till whose connection broke waits here for the next one.
pub(crate) struct Counter {
    open: Mutex<(u64, Option<Till>)>,
    moved: Condvar,
}

impl Counter {
    pub(crate) fn new(till: Till) -> Counter {
        Counter { open: Mutex::new((0, Some(till))), moved: Condvar::new() }
    }

    /// The gateway is there again, somewhere else.
    pub(crate) fn reopen(&self, till: Till) {
        let mut open = self.open.lock().unwrap();
        *open = (open.0 + 1, Some(till));
        self.moved.notify_all();
    }

    /// It does not come back.
    pub(crate) fn close(&self) {
        let mut open = self.open.lock().unwrap();
        *open = (open.0 + 1, None);
        self.moved.notify_all();
    }

    fn is_closed(&self) -> bool {
        self.open.lock().unwrap().1.is_none()
    }

    /// The gateway after the one of this number, once there is one.
    fn after(&self, number: Option<u64>) -> (u64, Option<Till>) {
        let open = self.open.lock().unwrap();
        let open = self.moved.wait_while(open, |open| Some(open.0) == number).unwrap();
        (open.0, open.1.clone())
    }
}

/// One till's sale to its end. Every answer goes into the memory, every decision is told to `decided`.
pub(crate) fn sell(counter: &Counter, memory: &Memory, sale: &Value, decided: &mpsc::Sender<String>) {
    let (mut number, mut till) = counter.after(None);
    let mut id: Option<String> = None;
    while let Some(at) = till.as_ref().filter(|_| !counter.is_closed()) {
        let Some(payment) = ask(at, sale, id.as_deref()) else {
            (number, till) = counter.after(Some(number));
            // After a restart the till does what a till does: it sends the same request again.
            id = None;
            continue;
        };
        memory.hear(&payment);
        if payment["status"] != "processing" {
            decided.send(text(&payment, "id").to_owned()).unwrap();
            return;
        }
        id = Some(text(&payment, "id").to_owned());
    }
}

/// The payment as it is now, or nothing: the connection broke, or the gateway is on its way out.
fn ask(till: &Till, sale: &Value, id: Option<&str>) -> Option<Value> {
    let answer = match id {
        None => till.try_send("POST", "/v1/payments", sale.to_string().as_bytes()),
        Some(id) => till.try_send("GET", &format!("/v1/payments/{id}?wait=20"), b""),
    };
    let answer = answer.ok()?;
    let body = answer.json();
    match answer.status {
        200 | 201 => Some(body),
        503 => {
            assert_eq!(
                (&body["code"], &body["retryable"]),
                (&"store_unavailable".into(), &true.into()),
                "{body}"
            );
            None
        }
        _ => panic!("{}: {body}", answer.status),
    }
}
