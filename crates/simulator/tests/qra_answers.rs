//! What QRA's answers carry, by wallet and by signature, each with its place in the sheet (unionpay.md).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::qra::{MCH_ID, answer, codes, keys, pay, qra, rsa_halves, told};
use common::{Heard, Till, Tongue, gentle};
use simulator::{Account, Settings, Simulator};
use wire::qra::BILL;
use wire::text::Fields;

const CODE: &str = "6234567890123456789";
const WEIXIN: &str = "134567890123456789";
const ALIPAY: &str = "284567890123456789";
const NUMBER: &str = "S20260315091228001";

/// §4.3, §13: what a success carries, by the wallet whose code it was.
#[test]
fn a_success_carries_the_trade_and_its_wallet() {
    let qra = qra();
    for (code, trade_type, bank_type, wallets) in [
        (WEIXIN, "pay.weixin.micropay", "OTHERS", ("42000", 28)),
        (ALIPAY, "pay.alipay.micropay", "ALIPAYACCOUNT", ("20260315", 28)),
        (CODE, "pay.unionpay.micropay", "UNIONPAY", ("31", 24)),
    ] {
        let mut till = Till::new(gentle(), &qra);
        let fields = told(&mut till, &qra, &pay(&qra, NUMBER, 1_250, code));
        let expected = [
            ("version", "2.0"),
            ("charset", "UTF-8"),
            ("sign_type", "MD5"),
            ("status", "0"),
            ("mch_id", "QRA00000000TEST"),
            ("result_code", "0"),
            ("pay_result", "0"),
            ("need_query", "N"),
            ("trade_type", trade_type),
            ("bank_type", bank_type),
            ("total_fee", "1250"),
            ("coupon_fee", "0"),
            ("fee_type", "CNY"),
            ("out_trade_no", NUMBER),
            ("attach", "lane=3"),
            ("device_info", "POS-01"),
            ("time_end", "20260315100000"),
        ];
        for (name, value) in expected {
            assert_eq!(fields.get(name), Some(value), "{name}");
        }
        let id = fields.get("transaction_id").unwrap();
        assert!(id.len() == 32 && id.starts_with("95516000000260315"), "{id}");
        let wallet = fields.get("out_transaction_id").unwrap();
        assert!(wallet.starts_with(wallets.0) && wallet.len() == wallets.1, "{wallet}");
        let own = ["openid", "fund_bill_list", "bank_billno"].map(|name| fields.get(name).is_some());
        let expected = match code {
            WEIXIN => [true, false, false],
            ALIPAY => [true, true, false],
            _ => [false, false, true],
        };
        assert_eq!(own, expected, "{trade_type}");
        // The query says the same of the money, and neither pay_result nor need_query (§13).
        let state = told(&mut till, &qra, &qra.query(NUMBER, 0));
        assert_eq!((state.get("trade_state"), state.get("pay_result")), (Some("SUCCESS"), None));
        assert_eq!(state.get("need_query"), None);
        for name in ["transaction_id", "out_transaction_id", "total_fee", "time_end", "trade_type"] {
            assert_eq!(state.get(name), fields.get(name), "{name}");
        }
    }
}

/// §4.3: a coupon shows beside the order's amount; Alipay lists its funds.
#[test]
fn a_coupon_shows_as_coupon_fee() {
    let qra = qra();
    for code in ["130000503000000001", "280000503000000001", "6200005030000000001"] {
        let mut till = Till::new(gentle(), &qra);
        let fields = told(&mut till, &qra, &pay(&qra, NUMBER, 2_500, code));
        assert_eq!(
            (fields.get("total_fee"), fields.get("coupon_fee")),
            (Some("2500"), Some("500")),
            "{code}"
        );
        let funds = fields.get("fund_bill_list").unwrap_or(r#""20.00""5.00""#);
        assert!(funds.contains(r#""20.00""#) && funds.contains(r#""5.00""#), "{funds}");
        assert_eq!(till.money(NUMBER), (2_000, 0));
    }
}

/// §4.1, §4.5: the wallet's own code passes through; a code of another wallet, or of the merchant's, does not.
#[test]
fn refusals_are_the_wallets_own() {
    let qra = qra();
    for (tail, weixin, alipay, unionpay) in [
        ("201", "NOTENOUGH", "ACQ.BUYER_BALANCE_NOT_ENOUGH", "64"),
        ("202", "AUTHCODEEXPIRE", "ACQ.PAYMENT_AUTH_CODE_INVALID", "86"),
        ("206", "TRADE_ERROR", "ACQ.PAYMENT_REQUEST_HAS_RISK", "38"),
        ("209", "NOAUTH", "NOAUTH", "NOAUTH"),
    ] {
        for (prefix, width, code) in [("13", 9, weixin), ("28", 9, alipay), ("62", 10, unionpay)] {
            let mut till = Till::new(gentle(), &qra);
            let scanned = format!("{prefix}0000{tail}{:0width$}", 1);
            assert_eq!(codes(&mut till, &qra, &pay(&qra, NUMBER, 100, &scanned)), ["1", code, "N"]);
        }
    }
}

/// §4.1: RSA_1_256 is a property of the account, in both directions.
#[test]
fn an_account_may_sign_with_rsa() {
    let mut ours = qra();
    let (merchant, platform) = rsa_halves();
    ours.0.keys = merchant;
    let account = Account::Qra { mch_id: MCH_ID.to_owned(), keys: platform };
    let mut till = Till::new(Simulator::new(Settings::new(vec![account]), 7), &ours);
    let fields = told(&mut till, &ours, &pay(&ours, NUMBER, 100, CODE));
    assert_eq!((fields.get("sign_type"), fields.get("pay_result")), (Some("RSA_1_256"), Some("0")));
    assert_eq!(
        [till.query(NUMBER), till.reverse(NUMBER)],
        [Heard::Paid { total: 100, paid: 100 }, Heard::Reversed { refunded: None }]
    );
    let mut md5 = qra();
    md5.0.keys = keys();
    assert!(md5.fields(&answer(&mut till, &md5.query(NUMBER, 0))).is_err());
    // A wrongly signed answer is one here as well.
    let request = pay(&ours, "S20260315091228002", 100, "6200003070000000001");
    assert!(ours.fields(&answer(&mut till, &request)).is_err());
    assert_eq!(till.money("S20260315091228002"), (100, 0));
}

/// §4.8: bills are not made here yet, which is said without a word about any money.
#[test]
fn a_bill_is_refused_with_status_400() {
    let qra = qra();
    let mut till = Till::new(gentle(), &qra);
    let fields = Fields::from_iter([("bill_date", "20260314"), ("bill_type", "ALL")]);
    let response = answer(&mut till, &qra.send(BILL, &fields));
    let refusal = wire::qra::bill_refusal(&response.body).unwrap().unwrap();
    assert_eq!(refusal.status, "400");
}
