//! APIv3 calls through their types and back, and what is read out of answers.

use serde_json::json;
use wire::verified::{BadField, Verified};
use wire::wechat_v3::{
    Account, Answer, BodyFault, Call, CodepayRequest, Draft, OrderNumber, OrderQueryRequest,
    RefundQueryRequest, RefundRequest, RefundSource, ReverseRequest, SubMerchant, call, certificates_draft,
    error_body, read_request, reply, request, response,
};

use crate::wechat_v3_vectors::{MCHID, NOW, hand, keys, merchant, verifying};

#[test]
fn every_call_of_both_modes_is_read_as_it_was_written() {
    for account in [direct(), provider()] {
        // What a query cannot say: the applications.
        let bare = Account {
            appid: None,
            sub: account.sub.clone().map(|sub| SubMerchant { appid: None, ..sub }),
            ..account.clone()
        };
        let order = |number| Call::OrderQuery(OrderQueryRequest { order: number });
        for (expected, sent) in [
            (&account, Call::Codepay(Box::new(full_codepay()))),
            (&account, Call::Reverse(ReverseRequest { out_trade_no: "S|1*@".to_owned() })),
            (&bare, order(OrderNumber::OutTradeNo("S|1*@".to_owned()))),
            (&bare, order(OrderNumber::TransactionId("4200002871202603151000000001".to_owned()))),
            (&bare, Call::Refund(Box::new(full_refund()))),
            (&bare, Call::RefundQuery(RefundQueryRequest { out_refund_no: "R|@1".to_owned() })),
        ] {
            assert_eq!(arrived(draft_again(&account, &sent)), Ok(Some((expected.clone(), sent))));
        }
    }
    let (_, found) = arrived(certificates_draft()).unwrap().unwrap();
    assert_eq!(found, Call::Certificates);
}

#[test]
fn paths_and_members_are_the_sheets() {
    let query = OrderQueryRequest { order: OrderNumber::OutTradeNo("S1".to_owned()) }.draft(&provider());
    assert_eq!(query.path, "/v3/pay/partner/transactions/out-trade-no/S1");
    assert_eq!(query.query, "sp_mchid=1900000109&sub_mchid=1900000110");
    let reverse = ReverseRequest { out_trade_no: "S1".to_owned() }.draft(&provider());
    assert_eq!(reverse.path, "/v3/pay/partner/transactions/out-trade-no/S1/reverse");
    assert_eq!(
        reverse.body,
        r#"{"sp_appid":"wx1","sp_mchid":"1900000109","sub_appid":"wx2","sub_mchid":"1900000110"}"#
    );
    let refund = full_refund().draft(&provider());
    assert_eq!(refund.path, "/v3/refund/domestic/refunds");
    let written: serde_json::Value = serde_json::from_str(&refund.body).unwrap();
    let amount =
        json!({"refund": 5, "from": [{"account": "AVAILABLE", "amount": 5}], "total": 10, "currency": "CNY"});
    assert_eq!((&written["amount"], &written["sub_mchid"]), (&amount, &json!("1900000110")));
    let asked = RefundQueryRequest { out_refund_no: "R1".to_owned() };
    assert_eq!(
        asked.draft(&direct()),
        Draft::get("/v3/refund/domestic/refunds/R1".to_owned(), String::new())
    );
    assert_eq!(asked.draft(&provider()).query, "sub_mchid=1900000110");
}

#[test]
fn a_call_in_the_wrong_form_is_named() {
    let good: serde_json::Value = serde_json::from_str(&full_codepay().draft(&direct()).body).unwrap();
    let path = "/v3/pay/transactions/codepay";
    let post = |path: &str, body: String| arrived(Draft::post(path.to_owned(), body)).map(|_| ());
    let with = |pointer: &str, name: &str, value: serde_json::Value| {
        let mut body = good.clone();
        let parent = body.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
        if value.is_null() {
            parent.remove(name)
        } else {
            parent.insert(name.to_owned(), value)
        };
        post(path, body.to_string())
    };
    assert_eq!(with("", "description", json!("x")), Ok(()));
    for name in ["appid", "mchid", "description", "out_trade_no", "payer", "amount", "scene_info"] {
        assert_eq!(with("", name, json!(null)), Err(BodyFault::Missing(name)));
    }
    assert_eq!(with("/payer", "auth_code", json!(null)), Err(BodyFault::Missing("auth_code")));
    assert_eq!(with("/scene_info", "store_info", json!({})), Err(BodyFault::Missing("store_info")));
    for bad in [json!("1250"), json!(-1), json!(1.5), json!({})] {
        assert_eq!(with("/amount", "total", bad), Err(BodyFault::Bad("total")));
    }
    assert_eq!(with("", "description", json!(1)), Err(BodyFault::Bad("description")));
    for pointer in ["", "/payer", "/amount", "/scene_info", "/scene_info/store_info"] {
        assert_eq!(with(pointer, "more", json!(1)), Err(BodyFault::Unexpected("more".to_owned())));
    }
    for body in ["", "[]", "{", r#"{"appid":"a","appid":"b"}"#] {
        assert_eq!(post(path, body.to_owned()), Err(BodyFault::NotJson));
    }
    let get = |path: &str, query: &str| arrived(Draft::get(path.to_owned(), query.to_owned()));
    assert_eq!(get("/v3/pay/transactions/id/1", ""), Err(BodyFault::Missing("mchid")));
    assert_eq!(get("/v3/pay/transactions/id/", "mchid=1"), Err(BodyFault::Bad("transaction_id")));
    assert_eq!(get("/v3/pay/transactions/id/a/b", "mchid=1"), Err(BodyFault::Bad("transaction_id")));
    for path in ["/", path, "/v3/pay/transactionsx/id/1", "/v3/bill/tradebill"] {
        assert_eq!(get(path, "mchid=1"), Ok(None), "{path}");
    }
}

#[test]
fn an_answer_says_what_it_says_and_unknown_members_change_nothing() {
    let order = |more: &str| {
        answered(
            202,
            &format!(
                r#"{{{more}"amount":{{"payer_total":1200,"total":1250,"currency":"CNY","x":[]}},"trade_state":"SUCCESS",
                "success_time":"2026-03-15T09:12:31+08:00","out_trade_no":"S1","payer":{{"openid":"o"}},"attach":""}}"#
            ),
        )
    };
    for answer in [order(""), order(r#""new":{"amount":{"total":1}},"trade_stat":"NOTPAY","#)] {
        assert_eq!((answer.status(), answer.trade_state().as_deref()), (202, Some("SUCCESS")));
        assert_eq!(
            (answer.total(), answer.payer_total(), answer.refund()),
            (Ok(Some(1250)), Ok(Some(1200)), Ok(None))
        );
        assert_eq!(answer.success_time(), Ok(Some(1_773_537_151_000)));
        assert_eq!(
            (answer.openid().as_deref(), answer.attach(), answer.transaction_id()),
            (Some("o"), None, None)
        );
    }
    let empty = answered(204, "");
    assert_eq!((empty.status(), empty.code(), empty.total()), (204, None, Ok(None)));
    let refusal = answered(404, &error_body("ORDER_NOT_EXIST", "订单\"不存在"));
    assert_eq!(
        (refusal.code().as_deref(), refusal.message().as_deref()),
        (Some("ORDER_NOT_EXIST"), Some("订单\"不存在"))
    );
    let detailed = answered(
        400,
        r#"{"code":"PARAM_ERROR","message":"m","detail":{"field":"/amount/total","issue":"i"}}"#,
    );
    assert_eq!(detailed.error_field().as_deref(), Some("/amount/total"));
    assert_eq!(detailed.error_issue().as_deref(), Some("i"));
    let refund = answered(
        200,
        r#"{"refund_id":"50","out_refund_no":"R1","status":"PROCESSING","create_time":"2026-03-15T01:12:31Z","amount":{"refund":5,"total":10}}"#,
    );
    assert_eq!((refund.refund_status().as_deref(), refund.refund()), (Some("PROCESSING"), Ok(Some(5))));
    assert_eq!((refund.create_time(), refund.success_time()), (Ok(Some(1_773_537_151_000)), Ok(None)));
}

#[test]
fn a_member_in_the_wrong_form_is_not_an_absent_one() {
    for (amount, value) in [
        (r#"{"total":"1250"}"#, r#""1250""#),
        (r#"{"total":12.5}"#, "12.5"),
        (r#"{"total":-1}"#, "-1"),
        ("1250", "1250"),
        (r#""""#, r#""""#),
    ] {
        let answer = answered(200, &format!(r#"{{"amount":{amount}}}"#));
        let bad = BadField { field: "amount.total", value: value.to_owned() };
        assert_eq!(answer.total(), Err(bad));
    }
    for absent in [r#"{"amount":null}"#, r#"{"amount":{}}"#, r#"{"amount":{"total":null}}"#] {
        assert_eq!(answered(200, absent).total(), Ok(None));
    }
    for time in ["1773537151", r#""20260315091231""#, r#""2026-03-15 09:12:31""#] {
        assert!(answered(200, &format!(r#"{{"success_time":{time}}}"#)).success_time().is_err(), "{time}");
    }
    assert_eq!(answered(200, r#"{"out_trade_no":12}"#).out_trade_no().as_deref(), Some("12"));
}

#[test]
fn nothing_that_can_be_spent_is_printed() {
    let draft = full_codepay().draft(&direct());
    let sent = request(draft.clone(), &merchant(), NOW, "n");
    let received = read_request(sent.clone()).unwrap();
    let printed = format!("{:?} {draft:?} {sent:?} {received:?} {:?}", full_codepay(), merchant());
    assert!(printed.contains("13****") && !printed.contains("134567890123456789"), "{printed}");
}

/// What the typed call writes.
pub(crate) fn draft_again(account: &Account, call: &Call) -> Draft {
    match call {
        Call::Codepay(codepay) => codepay.draft(account),
        Call::OrderQuery(query) => query.draft(account),
        Call::Reverse(reverse) => reverse.draft(account),
        Call::Refund(refund) => refund.draft(account),
        Call::RefundQuery(query) => query.draft(account),
        Call::Certificates => certificates_draft(),
    }
}

fn arrived(draft: Draft) -> Result<Option<(Account, Call)>, BodyFault> {
    let sent = request(draft, &merchant(), NOW, "n");
    call(&read_request(sent).unwrap().verify(&verifying(), NOW).unwrap())
}

fn answered(status: u16, body: &str) -> Verified<Answer> {
    reply(&response(status, body, &hand(), NOW, "n"), &keys(), NOW).unwrap()
}

fn direct() -> Account {
    Account { appid: Some("wx1".to_owned()), mchid: MCHID.to_owned(), sub: None }
}

fn provider() -> Account {
    let sub = SubMerchant { mchid: "1900000110".to_owned(), appid: Some("wx2".to_owned()) };
    Account { sub: Some(sub), ..direct() }
}

fn full_codepay() -> CodepayRequest {
    let some = |text: &str| Some(text.to_owned());
    CodepayRequest {
        description: "咖啡 \"大\"".to_owned(),
        out_trade_no: "S20260315091228001".to_owned(),
        attach: some("说明"),
        goods_tag: some("1234"),
        support_fapiao: Some(true),
        auth_code: "134567890123456789".into(),
        total: 1250,
        currency: some("CNY"),
        device_id: some("POS-01"),
        device_ip: some("203.0.113.7"),
        store_id: some("1"),
        store_out_id: some("STORE-0001"),
        detail: Some(json!({"cost_price": 1, "goods_detail": []})),
        profit_sharing: Some(false),
    }
}

fn full_refund() -> RefundRequest {
    let some = |text: &str| Some(text.to_owned());
    RefundRequest {
        transaction_id: some("42"),
        out_trade_no: some("S1"),
        out_refund_no: "R|@1".to_owned(),
        reason: some("退"),
        notify_url: some("https://example.com/n"),
        funds_account: some("AVAILABLE"),
        refund: 5,
        from: vec![RefundSource { account: "AVAILABLE".to_owned(), amount: 5 }],
        total: 10,
        currency: "CNY".to_owned(),
        goods_detail: Some(json!([{"merchant_goods_id": "1"}])),
    }
}
