//! What leaves: every request read back by the platform's own end.

use gateway::dialects::Dialect;
use gateway::dialects::qra::Qra;
use gateway::store::Sale;
use payment::exchange::{Call, Payee};
use payment::patience::Channel;
use payment::payment::Intent;
use proptest::prelude::*;
use wire::qra::{self, Caller, GATEWAY_PATH, MicropayRequest, Refusal, SignType, parse_request};

use crate::common::{self, NONCE, asking, code};
use crate::qra_traps::{MCH_ID, NUMBER, dialect, intent, keys, merchant, rsa_halves};

const CODE: &str = "6234567890123456789";
const TERMINAL: &str = r#"{"device_type":"11", "terminal_id":"T0000001"}"#;

#[test]
fn a_submit_carries_number_amount_expiry_and_the_tills_identities() {
    let sale = Sale {
        description: Some("咖啡 & 茶".to_owned()),
        outlet: Some("S001".to_owned()),
        terminal: Some("POS-01".to_owned()),
        operator: Some("cashier01".to_owned()),
        ..Sale::default()
    };
    let dialect = Qra::new(merchant(keys()), "203.0.113.7".to_owned(), Some(TERMINAL.to_owned()));
    let (caller, pay) = micropay(&dialect, &intent(), &sale).unwrap();
    let expected = MicropayRequest {
        out_trade_no: NUMBER.to_owned(),
        body: "咖啡 ＆ 茶".to_owned(),
        total_fee: 1234,
        mch_create_ip: "203.0.113.7".to_owned(),
        auth_code: CODE.into(),
        op_user_id: Some("cashier01".to_owned()),
        op_shop_id: Some("S001".to_owned()),
        op_device_id: Some("POS-01".to_owned()),
        device_info: Some("POS-01".to_owned()),
        attach: None,
        time_start: Some("20260315091228".to_owned()),
        time_expire: Some("20260315091828".to_owned()),
        // As it was configured, to the blank (unionpay.md §11, trap 4).
        terminal_info: Some(TERMINAL.to_owned()),
        goods_detail: None,
        goods_tag: None,
        need_receipt: None,
        sub_appid: None,
    };
    assert_eq!(pay, expected);
    let nonce_str = "a5".repeat(16);
    assert_eq!(caller, Caller { mch_id: MCH_ID.to_owned(), nonce_str, sign_type: SignType::Md5 });
}

#[test]
fn every_wallets_code_goes_the_same_way() {
    for digits in ["134567890123456789", "28763443825664394", CODE] {
        let (intent, sale, code) = (intent(), Sale::default(), code(digits));
        let request = dialect().request(&asking(Call::Submit, &intent, &sale, Some(&code))).request;
        let (_, call) = parse_request(&request.path, &request.body, |_| Some(keys())).unwrap();
        let qra::Call::Micropay(pay) = call else { panic!("{call:?}") };
        assert_eq!(pay.auth_code.expose(), digits);
    }
}

#[test]
fn what_does_not_fit_is_left_out_and_an_empty_body_has_a_default() {
    let sale =
        Sale { terminal: Some("收银台1".to_owned()), outlet: Some("x".repeat(33)), ..Sale::default() };
    let (_, pay) = micropay(&dialect(), &intent(), &sale).unwrap();
    assert_eq!((pay.device_info, pay.op_device_id, pay.op_shop_id), (None, None, None));
    assert_eq!((pay.body.as_str(), pay.terminal_info), ("付款码支付", None));
}

#[test]
fn nothing_needs_a_certificate_and_all_goes_to_one_path() {
    assert!(!dialect().undo_needs_certificate());
    for call in common::CALLS {
        let (intent, sale, code) = (intent(), Sale::default(), code(CODE));
        let outgoing = dialect().request(&asking(call, &intent, &sale, Some(&code)));
        assert_eq!((outgoing.request.path.as_str(), outgoing.client_certificate), (GATEWAY_PATH, false));
        assert!(!format!("{:?}{:?}", outgoing.request, dialect()).contains(&CODE[2..]));
    }
}

/// A number that was configured yesterday is still asked about under yesterday's number; and keys are today's.
#[test]
fn every_call_uses_the_intents_facts() {
    let (ours, theirs) = rsa_halves();
    let mut today = merchant(ours);
    today.mch_id = "QRA99999999NEW0".to_owned();
    let today = Qra::new(today, "203.0.113.7".to_owned(), None);
    assert_eq!(today.payee(), Payee { merchant: "QRA99999999NEW0".to_owned(), sub_merchant: None });
    let payee = Payee { merchant: "QRA11111111OLD0".to_owned(), sub_merchant: None };
    let intent = common::intent(Channel::Qra, NUMBER, 1234, payee);
    for call in common::CALLS {
        let (sale, code) = (Sale::default(), code(CODE));
        let request = today.request(&asking(call, &intent, &sale, Some(&code))).request;
        let (caller, read) = parse_request(&request.path, &request.body, |_| Some(theirs.clone())).unwrap();
        assert_eq!((caller.mch_id.as_str(), caller.sign_type), ("QRA11111111OLD0", SignType::Rsa1With256));
        let number = match read {
            qra::Call::Micropay(pay) => pay.out_trade_no,
            qra::Call::Query(query) => {
                assert_eq!(query.transaction_id, None);
                query.out_trade_no.unwrap()
            }
            qra::Call::Reverse(reverse) => reverse.out_trade_no,
            other => panic!("{other:?}"),
        };
        assert_eq!(number, NUMBER);
    }
}

#[test]
fn a_submit_without_its_code_charges_nothing() {
    let (intent, sale) = (intent(), Sale::default());
    let request = dialect().request(&asking(Call::Submit, &intent, &sale, None)).request;
    let refused = parse_request(&request.path, &request.body, |_| Some(keys())).unwrap_err();
    assert!(matches!(refused, Refusal::LackParams { field: "auth_code", .. }), "{refused:?}");
}

#[test]
fn a_probe_is_a_signed_query() {
    let request = dialect().probe("PROBE20260315", common::OPENED, NONCE).request;
    let (caller, call) = parse_request(&request.path, &request.body, |_| Some(keys())).unwrap();
    let qra::Call::Query(query) = call else { panic!("{call:?}") };
    assert_eq!((caller.mch_id.as_str(), query.out_trade_no.as_deref()), (MCH_ID, Some("PROBE20260315")));
}

fn micropay(dialect: &Qra, intent: &Intent, sale: &Sale) -> Result<(Caller, MicropayRequest), Refusal> {
    let code = code(CODE);
    let request = dialect.request(&asking(Call::Submit, intent, sale, Some(&code))).request;
    let (caller, call) = parse_request(&request.path, &request.body, |_| Some(keys()))?;
    match call {
        qra::Call::Micropay(pay) => Ok((caller, *pay)),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn any_text_of_the_till_leaves_a_request_that_verifies(
        description in any::<String>(),
        signs in "[&=<>\\]'\"\\\\/%+\r\n\t 付款🍜]{0,200}",
        terminal in any::<String>(),
    ) {
        for description in [description, signs, format!("x&total_fee=1&key=]]>{terminal}")] {
            let sale = Sale {
                description: Some(description),
                terminal: Some(terminal.clone()),
                operator: Some(terminal.clone()),
                ..Sale::default()
            };
            let (_, pay) = micropay(&dialect(), &intent(), &sale).unwrap();
            prop_assert!((1..=127).contains(&pay.body.len()));
            prop_assert!(!pay.body.contains(['&', '=', '<', '>', '"', '\'', '\\']));
            let odd = |sign: char| sign.is_control() || sign.len_utf8() > 3;
            prop_assert!(!pay.body.contains(odd));
            prop_assert_eq!(pay.total_fee, 1234);
            prop_assert_eq!(pay.out_trade_no.as_str(), NUMBER);
        }
    }
}
