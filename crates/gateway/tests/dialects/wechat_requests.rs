//! What leaves: read again with the channel's own eyes.

use gateway::dialects::wechat_v2::WechatV2;
use gateway::dialects::{Asking, Dialect};
use gateway::store::Sale;
use payment::exchange::{Call, Payee};
use payment::patience::Channel;
use payment::payment::Intent;
use proptest::prelude::*;
use wire::sign::V2SignType;
use wire::wechat_v2::{self, Caller, MicropayRequest, Refusal, V2Merchant, parse_request};

use crate::common::{self, NONCE, asking, code};
use crate::wechat_traps::{NUMBER, dialect, intent, key, merchant, payee, refund};

const CODE: &str = "134567890123456789";

#[test]
fn a_submit_carries_number_amount_expiry_and_the_tills_identities() {
    let sale = Sale {
        description: Some("咖啡 & 茶".to_owned()),
        terminal: Some("POS-01".to_owned()),
        ..Sale::default()
    };
    let (caller, pay) = micropay(&dialect(), &intent(), &sale).unwrap();
    let expected = MicropayRequest {
        body: "咖啡 ＆ 茶".to_owned(),
        attach: None,
        out_trade_no: NUMBER.to_owned(),
        total_fee: 1250,
        fee_type: Some("CNY".to_owned()),
        spbill_create_ip: "203.0.113.7".to_owned(),
        device_info: Some("POS-01".to_owned()),
        time_start: Some("20260315091228".to_owned()),
        time_expire: Some("20260315091828".to_owned()),
        auth_code: CODE.into(),
        scene_info: None,
        detail: None,
        goods_tag: None,
        limit_pay: None,
        terminal_info: None,
    };
    assert_eq!(pay, expected);
    assert_eq!(caller.nonce_str, "a5".repeat(16));
    assert_eq!((caller.appid.as_str(), caller.mch_id.as_str()), ("wx1a2b3c4d5e6f7a8b", "1900000109"));
}

#[test]
fn what_does_not_fit_is_left_out_and_an_empty_body_has_a_default() {
    let sale = Sale { terminal: Some("收银台1".to_owned()), ..Sale::default() };
    let (_, pay) = micropay(&dialect(), &intent(), &sale).unwrap();
    assert_eq!((pay.device_info, pay.body.as_str()), (None, "付款码支付"));
}

#[test]
fn what_gives_money_back_needs_the_certificate() {
    assert!(dialect().undo_needs_certificate());
    for (call, path, certificate) in [
        (Call::Submit, "/pay/micropay", false),
        (Call::Query, "/pay/orderquery", false),
        (Call::Reverse, "/secapi/pay/reverse", true),
        (Call::Refund, "/secapi/pay/refund", true),
        (Call::RefundQuery, "/pay/refundquery", false),
    ] {
        let (intent, sale, code, refund) = (intent(), Sale::default(), code(CODE), refund());
        let asking = Asking { refund: Some(&refund), ..asking(call, &intent, &sale, Some(&code)) };
        let outgoing = dialect().request(&asking);
        assert_eq!((outgoing.request.path.as_str(), outgoing.client_certificate), (path, certificate));
        assert!(!format!("{:?}{:?}", outgoing.request, dialect()).contains(&CODE[2..]));
    }
}

/// unionpay.md §8, §3.1: the acquirer's fields go out signed, the terminal exactly as it was written.
#[test]
fn the_relays_fields_go_out_as_they_are_configured() {
    const TERMINAL: &str = r#"{ "device_type" : "11", "location":"+31.23/+121.47" }"#;
    let relay = V2Merchant {
        sub_appid: Some("wxsub".to_owned()),
        sub_mch_id: Some("1900000999".to_owned()),
        channel_id: Some("243012345".to_owned()),
        ..merchant(V2SignType::Md5)
    };
    let relay = WechatV2::new(relay, "203.0.113.7".to_owned()).with_terminal_info(Some(TERMINAL.to_owned()));
    let (caller, pay) = micropay(&relay, &intent(), &Sale::default()).unwrap();
    assert_eq!(caller.sub_appid.as_deref(), Some("wxsub"));
    assert_eq!(
        (caller.sub_mch_id.as_deref(), caller.channel_id.as_deref()),
        (Some("1900000999"), Some("243012345"))
    );
    assert_eq!(pay.terminal_info.as_deref(), Some(TERMINAL));
    let theirs = Payee { sub_merchant: Some("1900000111".to_owned()), ..payee() };
    let (sale, intent) = (Sale::default(), common::intent(Channel::WechatV2, NUMBER, 1250, theirs));
    let request = relay.request(&asking(Call::Reverse, &intent, &sale, None)).request;
    let (caller, _) = parse_request(&request.path, &request.body, |_| Some(key())).unwrap();
    assert_eq!(
        (caller.sub_mch_id.as_deref(), caller.channel_id.as_deref()),
        (Some("1900000111"), Some("243012345"))
    );
}

/// Numbers that were configured yesterday are still asked about under yesterday's numbers.
#[test]
fn query_and_reversal_use_the_intents_facts() {
    let today = WechatV2::new(
        V2Merchant {
            appid: "wxnew".to_owned(),
            sub_appid: Some("wxsub".to_owned()),
            sub_mch_id: Some("1900000999".to_owned()),
            ..merchant(V2SignType::HmacSha256)
        },
        "203.0.113.7".to_owned(),
    );
    let theirs = Payee { sub_merchant: Some("1900000111".to_owned()), ..payee() };
    let intent = common::intent(Channel::WechatV2, NUMBER, 1250, theirs);
    for call in [Call::Query, Call::Reverse] {
        let sale = Sale { description: Some("x".to_owned()), ..Sale::default() };
        let request = today.request(&asking(call, &intent, &sale, None)).request;
        let (caller, read) = parse_request(&request.path, &request.body, |_| Some(key())).unwrap();
        let expected = Caller {
            appid: "wx1a2b3c4d5e6f7a8b".to_owned(),
            mch_id: "1900000109".to_owned(),
            sub_appid: None,
            sub_mch_id: Some("1900000111".to_owned()),
            channel_id: None,
            nonce_str: "a5".repeat(16),
            sign_type: V2SignType::HmacSha256,
        };
        assert_eq!(caller, expected);
        let number = match read {
            wechat_v2::Call::OrderQuery(query) => (query.out_trade_no, query.transaction_id),
            wechat_v2::Call::Reverse(reverse) => (reverse.out_trade_no, reverse.transaction_id),
            other => panic!("{other:?}"),
        };
        assert_eq!(number, (Some(NUMBER.to_owned()), None));
    }
}

#[test]
fn a_submit_without_its_code_charges_nothing() {
    let (intent, sale) = (intent(), Sale::default());
    let request = dialect().request(&asking(Call::Submit, &intent, &sale, None)).request;
    let refused = parse_request(&request.path, &request.body, |_| Some(key())).unwrap_err();
    assert!(matches!(refused, Refusal::LackParams { field: "auth_code", .. }), "{refused:?}");
}

#[test]
fn a_probe_is_a_signed_query() {
    let request = dialect().probe("PROBE20260315", common::OPENED, NONCE).request;
    let (_, call) = parse_request(&request.path, &request.body, |_| Some(key())).unwrap();
    let wechat_v2::Call::OrderQuery(query) = call else { panic!("{call:?}") };
    assert_eq!(query.out_trade_no.as_deref(), Some("PROBE20260315"));
}

fn micropay(dialect: &WechatV2, intent: &Intent, sale: &Sale) -> Result<(Caller, MicropayRequest), Refusal> {
    let code = code(CODE);
    let request = dialect.request(&asking(Call::Submit, intent, sale, Some(&code))).request;
    let (caller, call) = parse_request(&request.path, &request.body, |_| Some(key()))?;
    match call {
        wechat_v2::Call::Micropay(pay) => Ok((caller, *pay)),
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
                ..Sale::default()
            };
            let (_, pay) = micropay(&dialect(), &intent(), &sale).unwrap();
            prop_assert!((1..=127).contains(&pay.body.len()));
            prop_assert!(!pay.body.contains(['&', '=', '<', '>', '"', '\'', '\\']));
            let odd = |sign: char| sign.is_control() || sign.len_utf8() > 3;
            prop_assert!(!pay.body.contains(odd));
            prop_assert_eq!(pay.total_fee, 1250);
            prop_assert_eq!(pay.out_trade_no.as_str(), NUMBER);
        }
    }
}
