//! OpenAPI v3: what leaves, what its answers mean, and that an unsigned refusal alone ends nothing (alipay.md §2.8).

use gateway::dialects::alipay::{Alipay, Protocol, Shop};
use gateway::dialects::{Asking, Dialect, Outgoing, Probed};
use gateway::store::Sale;
use payment::exchange::{
    Answer, Call, Doubt, QueryAnswer, RefundAnswer, RefundQueryAnswer, ReverseAnswer, SubmitAnswer,
};
use serde_json::{Value, json};
use wire::alipay::{
    V3Hand, read_request, read_v3_request, unsigned_response, v3_path, v3_refusal, v3_response,
};
use wire::http::Response;

use crate::alipay_traps::{NUMBER, app, intent, method, our_key, paid_node, refund, signed, their_key};
use crate::common::{NOON, asking, code};

/// What goes over REST.
const V3: [Call; 3] = [Call::Submit, Call::Query, Call::RefundQuery];

fn dialect() -> Alipay {
    Alipay::new(app(), Shop::default()).over(Protocol::V3)
}

fn answer(call: Call, response: &Response) -> Answer {
    dialect().answer(NOON, call, &intent(), Some(&refund()), response)
}

fn hand() -> V3Hand {
    V3Hand { key: their_key(), cert_sn: None, aes_key: None, now_ms: NOON.0, nonce: "n".to_owned() }
}

/// A node of the gateway as v3 says it.
fn served(mut node: Value) -> Response {
    for name in ["code", "msg"] {
        node.as_object_mut().unwrap().remove(name);
    }
    v3_response(200, &node.to_string(), &hand())
}

fn refused(code: &str) -> Response {
    v3_refusal(400, code, "…")
}

fn submit(response: &Response) -> SubmitAnswer {
    match answer(Call::Submit, response) {
        Answer::Submit(answer) => answer,
        other => panic!("{other:?}"),
    }
}

fn with_asking<T>(call: Call, run: impl Fn(&Asking<'_>) -> T) -> T {
    let (intent, sale, code, refund) = (intent(), Sale::default(), code("28763443825664394"), refund());
    run(&Asking { refund: Some(&refund), ..asking(call, &intent, &sale, Some(&code)) })
}

#[test]
fn every_call_has_its_path_and_the_content_that_the_gateway_gets() {
    for call in V3 {
        let sent = with_asking(call, |asking| dialect().request(asking).request);
        assert_eq!((sent.path.as_str(), sent.query.as_str()), (v3_path(method(call)).as_str(), ""));
        let received = read_v3_request(&sent).unwrap().verify(&our_key().verifying_key()).unwrap();
        let gateway = Alipay::new(app(), Shop::default());
        let over_gateway = with_asking(call, |asking| gateway.request(asking).request);
        let over_gateway = read_request(&over_gateway).unwrap();
        assert_eq!(received.value().content(None).unwrap(), over_gateway.biz_content().unwrap());
        assert_eq!(received.value().item("nonce"), Some("a5a5a5a5-a5a5-a5a5-a5a5-a5a5a5a5a5a5"));
        assert!(!format!("{sent:?}{received:?}").contains("28763443825664394"));
    }
}

/// A refusal of what moves money has to be signed.
#[test]
fn cancels_and_refunds_go_over_the_gateway() {
    for call in [Call::Reverse, Call::Refund] {
        let sent = with_asking(call, |asking| dialect().request(asking).request);
        let received = read_request(&sent).unwrap().verify(&our_key().verifying_key()).unwrap();
        assert_eq!(received.value().parameter("method"), Some(method(call)));
        let refused = signed(call, &json!({"code": "40004", "sub_code": "ACQ.SELLER_BALANCE_NOT_ENOUGH"}));
        let over_gateway = Alipay::new(app(), Shop::default());
        let over_gateway = over_gateway.answer(NOON, call, &intent(), Some(&refund()), &refused);
        assert_eq!(answer(call, &refused), over_gateway, "{call:?}");
        let unknown = answer(call, &served(paid_node(call)));
        let is_unknown = matches!(
            unknown,
            Answer::Reverse(ReverseAnswer::Unknown(_)) | Answer::Refund(RefundAnswer::Unknown(_))
        );
        assert!(is_unknown, "{unknown:?}");
        let refusal = v3_refusal(400, "ACQ.CANCEL_NOT_ALLOWED", "");
        assert!(with_asking(call, |asking| dialect().again(asking, &refusal)).is_none(), "sent once");
    }
}

#[test]
fn what_is_served_means_what_it_means_over_the_gateway() {
    assert!(matches!(submit(&served(paid_node(Call::Submit))), SubmitAnswer::Paid(_)));
    for call in V3 {
        let over_gateway = Alipay::new(app(), Shop::default()).answer(
            NOON,
            call,
            &intent(),
            Some(&refund()),
            &signed(call, &paid_node(call)),
        );
        assert_eq!(answer(call, &served(paid_node(call))), over_gateway, "{call:?}");
    }
}

/// A payer who types, a 202, an answer without a signature or with a wrong one: the query decides.
#[test]
fn a_pay_that_is_not_dated_is_unknown() {
    let mut typing = paid_node(Call::Submit);
    typing.as_object_mut().unwrap().remove("gmt_payment");
    assert_eq!(submit(&served(typing)), SubmitAnswer::Unknown(Doubt::Incomplete("gmt_payment")));
    let accepted = submit(&v3_response(202, "{}", &hand()));
    assert!(matches!(accepted, SubmitAnswer::Unknown(Doubt::ChannelUnsure(_))));
    let mut forged = served(paid_node(Call::Submit));
    forged.body.push(b' ');
    assert_eq!(submit(&forged), SubmitAnswer::Unknown(Doubt::Forged));
    let mut unsigned = served(paid_node(Call::Submit));
    unsigned.headers.retain(|(name, _)| name != "alipay-signature");
    assert!(matches!(submit(&unsigned), SubmitAnswer::Unknown(_)));
    let html = Response { status: 502, ..Response::ok("text/html", b"<html>".to_vec()) };
    assert_eq!(submit(&html), SubmitAnswer::Unknown(Doubt::Status(502)));
}

#[test]
fn an_unsigned_refusal_of_a_pay_is_asked_about_and_never_believed() {
    let declined = submit(&refused("ACQ.BUYER_BALANCE_NOT_ENOUGH"));
    let SubmitAnswer::DeclinedAsk(why) = declined else { panic!("{declined:?}") };
    assert_eq!(why.channel.code, "ACQ.BUYER_BALANCE_NOT_ENOUGH");
    for code in [
        "ACQ.SYSTEM_ERROR",
        "ACQ.TRADE_HAS_SUCCESS",
        "ACQ.CONTEXT_INCONSISTENT",
        "ACQ.NOBODY_KNOWS_THIS",
        "BUYER_BALANCE_NOT_ENOUGH",
        "invalid-signature",
        "invalid-app-id",
        "",
    ] {
        assert!(matches!(submit(&refused(code)), SubmitAnswer::Unknown(_)), "{code}");
    }
    // The same code with another status is no word of the business.
    let elsewhere = v3_refusal(500, "ACQ.BUYER_BALANCE_NOT_ENOUGH", "");
    assert_eq!(submit(&elsewhere), SubmitAnswer::Unknown(Doubt::Status(500)));
    // Whatever the code is, without a signature it is never the end by itself.
    for line in include_str!("testdata/alipay_codes.txt").lines() {
        for word in line.split_whitespace() {
            let answer = submit(&refused(&format!("ACQ.{word}")));
            assert!(!matches!(answer, SubmitAnswer::Declined(_) | SubmitAnswer::Paid(_)), "{word}");
        }
    }
    // With one that is right it would be.
    let body = json!({"code": "ACQ.BUYER_BALANCE_NOT_ENOUGH", "message": "余额不足"}).to_string();
    let signed = submit(&v3_response(400, &body, &hand()));
    assert!(matches!(signed, SubmitAnswer::Declined(_)), "{signed:?}");
}

/// Questions that are refused are repeated over the gateway, where refusals are signed.
#[test]
fn what_is_refused_is_asked_again_where_refusals_are_signed() {
    let again = |call, response: &Response| -> Option<Outgoing> {
        with_asking(call, |asking| dialect().again(asking, response))
    };
    let absent = refused("ACQ.TRADE_NOT_EXIST");
    for call in [Call::Query, Call::RefundQuery] {
        let unknown = answer(call, &absent);
        assert!(
            matches!(
                unknown,
                Answer::Query(QueryAnswer::Unknown(Doubt::Status(400)))
                    | Answer::RefundQuery(RefundQueryAnswer::Unknown(Doubt::Status(400)))
            ),
            "{unknown:?}"
        );
        let sent = again(call, &absent).unwrap().request;
        let received = read_request(&sent).unwrap().verify(&our_key().verifying_key()).unwrap();
        assert_eq!(received.value().parameter("method"), Some(method(call)));
        assert!(received.value().biz_content().unwrap().contains(NUMBER));
        for other in [v3_refusal(429, "app-call-limited", ""), v3_refusal(500, "unknow-error", "")] {
            assert!(again(call, &other).is_none(), "{other:?}");
        }
        assert!(again(call, &served(paid_node(call))).is_none());
    }
    assert!(again(Call::Submit, &absent).is_none(), "a submit is sent once");
    let gateway = Alipay::new(app(), Shop::default());
    assert!(with_asking(Call::Query, |asking| gateway.again(asking, &absent)).is_none());
    // The gateway's answer is read as such.
    let absent = signed(Call::Query, &json!({"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"}));
    assert_eq!(answer(Call::Query, &absent), Answer::Query(QueryAnswer::NotFound));
    let absent =
        unsigned_response(method(Call::Query), "{\"code\":\"40004\",\"sub_code\":\"ACQ.TRADE_NOT_EXIST\"}");
    let unsigned = answer(Call::Query, &absent);
    assert!(matches!(unsigned, Answer::Query(QueryAnswer::Unknown(Doubt::Unsigned(_)))), "{unsigned:?}");
}

#[test]
fn a_probe_goes_over_the_gateway_whose_refusal_is_signed() {
    let sent = dialect().probe("PROBE20260315", NOON, [0; 16]).request;
    assert!(read_request(&sent).unwrap().verify(&our_key().verifying_key()).is_ok());
    let absent = signed(Call::Query, &json!({"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"}));
    assert_eq!(dialect().probed(NOON, &absent), Probed::Healthy);
}
