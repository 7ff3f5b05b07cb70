//! What an account's contract says of refunds is what tills are shown, in refusals too.

use jiff::Timestamp;
use serde_json::Value;

use crate::accounts::Simulated;
use crate::routing::{configure, serve};
use crate::support::child::Folder;

use crate::support::till::{code, order, text};

#[test]
fn a_shorter_contract_is_shown_wherever_a_payment_is() {
    let folder = Folder::new("contract");
    let simulated = Simulated::start(&folder);
    let config = configure(&simulated, "contract", &["wechat", "alipay"], "", |table| {
        let alipay = table.contains("name = \"alipay\"");
        if alipay { table.replacen("name = ", "refund_days = 90\nname = ", 1) } else { table.to_owned() }
    });
    let (_gateway, till) = serve(&config);
    for (wallet, tail, days) in [("wechat", 1, 365), ("alipay", 2, 90)] {
        let paid = till.pay(&order(wallet, 700, &code(wallet, "000", tail), 30)).json();
        assert_eq!(days_shown(&paid), days, "{paid}");
        let again = till.pay(&order(wallet, 700, &code(wallet, "000", tail + 2), 30)).json();
        assert_eq!((&again["code"], days_shown(&again["payment"])), (&"order_paid".into(), days), "{again}");
        let listed = till.payments().into_iter().find(|payment| payment["id"] == paid["id"]).unwrap();
        assert_eq!(days_shown(&listed), days, "{listed}");
    }
}

/// How long after the payment it may be refunded.
fn days_shown(payment: &Value) -> i64 {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let until = at(text(&payment["can"], "refund_until"));
    until.duration_since(at(text(payment, "paid_at"))).as_hours() / 24
}
