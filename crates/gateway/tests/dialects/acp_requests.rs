//! What leaves: typed again by UnionPay's own end.

use gateway::dialects::acp::Acp;
use gateway::dialects::{Asking, Dialect};
use gateway::store::Sale;
use payment::exchange::{Call, Payee};
use payment::patience::Channel;
use payment::refund::RefundIntent;
use proptest::prelude::*;
use wire::acp::{
    BACK_TRANS_PATH, Call as Arrived, ConsumeRequest, Original, QUERY_TRANS_PATH, QueryRequest,
    RefundRequest, Registered, ReversalRequest, Trust, parse_request,
};
use wire::code::PaymentCode;
use wire::http::Request;
use wire::sign::SigningKey;

use crate::acp_traps::{MER_ID, NUMBER, QUERY_ID, REFUND_TIME, TIME, dialect, intent, merchant, refund};
use crate::common::{self, NONCE, OPENED, REFUND_NO, asking, code};

const CODE: &str = "6235124674559394540";
const NO_NOTICES: &str = "http://www.specialUrl.com";

#[test]
fn a_payment_carries_everything_that_the_sheet_asks_for() {
    let sale = Sale {
        description: Some("咖啡 & [面包] {1+1=2}".to_owned()),
        terminal: Some("POS00017".to_owned()),
        outlet: Some("S001".to_owned()),
        ..Sale::default()
    };
    let sent = pay(&dialect(), &sale);
    let expected = ConsumeRequest {
        order_id: NUMBER.to_owned(),
        txn_time: TIME.to_owned(),
        txn_amt: 7370,
        qr_no: PaymentCode::new(CODE),
        term_id: Some("POS00017".to_owned()),
        back_url: NO_NOTICES.to_owned(),
        order_desc: Some("咖啡 ＆ ［面包］ ｛1＋1＝2｝".to_owned()),
        req_reserved: None,
    };
    assert_eq!(sent, expected);
    for terminal in [None, Some("1"), Some("POS_0017"), Some("POS000017")] {
        let sale = Sale { terminal: terminal.map(str::to_owned), ..Sale::default() };
        assert_eq!(pay(&dialect(), &sale).term_id.as_deref(), Some("00000001"), "{terminal:?}");
    }
}

/// §9, §11 trap 2: consume, query and reversal say the same second, however late they leave and whoever is configured today.
#[test]
fn the_time_and_the_merchant_are_the_intents_own() {
    let today = Acp::new(
        wire::acp::AcpMerchant {
            mer_id: "777000000000002".to_owned(),
            ..merchant(Trust::keyed_hash([6; 32]))
        },
        "00000001".to_owned(),
    );
    let payee = Payee { merchant: MER_ID.to_owned(), sub_merchant: None };
    let mut intent = common::intent(Channel::Acp, NUMBER, 7370, payee);
    intent.opened_at = OPENED.plus_ms(999);
    let (sale, code) = (Sale::default(), code(CODE));
    let sent = |call, hours: i64| {
        let asking = Asking {
            now: OPENED.plus_ms(hours * 3_600_000),
            ..asking(call, &intent, &sale, (call == Call::Submit).then_some(&code))
        };
        read(&today.request(&asking).request)
    };
    let Arrived::Consume(consume) = sent(Call::Submit, 0) else { panic!() };
    assert_eq!((consume.order_id.as_str(), consume.txn_time.as_str()), (NUMBER, TIME));
    let query = QueryRequest { order_id: NUMBER.to_owned(), txn_time: TIME.to_owned() };
    assert_eq!(sent(Call::Query, 30), Arrived::Query(query));
    let reversal = ReversalRequest {
        order_id: NUMBER.to_owned(),
        txn_time: TIME.to_owned(),
        back_url: NO_NOTICES.to_owned(),
    };
    assert_eq!(sent(Call::Reverse, 13), Arrived::Reversal(reversal));
    let path = |call| today.request(&asking(call, &intent, &sale, None)).request.path;
    assert_eq!((path(Call::Query), path(Call::Reverse)), (QUERY_TRANS_PATH.into(), BACK_TRANS_PATH.into()));
}

/// §5.2: a refund has a number and a time of its own, in every repeat the same; its query asks for them, not the payment's.
#[test]
fn a_refund_and_its_query_carry_their_own_name() {
    let known = refund();
    let unknown = RefundIntent { channel_transaction_no: String::new(), ..refund() };
    let by_time = Original::Order { order_id: NUMBER.to_owned(), txn_time: TIME.to_owned() };
    for (refund, original) in [(&known, Original::QueryId(QUERY_ID.to_owned())), (&unknown, by_time)] {
        let expected = RefundRequest {
            order_id: REFUND_NO.to_owned(),
            txn_time: REFUND_TIME.to_owned(),
            txn_amt: 370,
            original,
            back_url: NO_NOTICES.to_owned(),
        };
        for hours in [0, 700] {
            assert_eq!(sent(Call::Refund, Some(refund), hours), Arrived::Refund(expected.clone()));
            let query = QueryRequest { order_id: REFUND_NO.to_owned(), txn_time: REFUND_TIME.to_owned() };
            assert_eq!(sent(Call::RefundQuery, Some(refund), hours), Arrived::Query(query));
        }
    }
    // A refund that is none asks for nothing back.
    let query = QueryRequest { order_id: NUMBER.to_owned(), txn_time: TIME.to_owned() };
    assert_eq!(sent(Call::Refund, None, 0), Arrived::Query(query));
}

fn sent(call: Call, refund: Option<&RefundIntent>, hours: i64) -> Arrived {
    let (intent, sale) = (intent(), Sale::default());
    let now = OPENED.plus_ms(hours * 3_600_000);
    read(&dialect().request(&Asking { refund, now, ..asking(call, &intent, &sale, None) }).request)
}

#[test]
fn a_probe_is_a_signed_query() {
    let request = dialect().probe("PROBE20260315", OPENED, NONCE).request;
    let query = QueryRequest { order_id: "PROBE20260315".to_owned(), txn_time: TIME.to_owned() };
    assert_eq!((read(&request), request.path.as_str()), (Arrived::Query(query), QUERY_TRANS_PATH));
}

#[test]
fn nothing_asks_for_the_tls_certificate() {
    let (intent, sale) = (intent(), Sale::default());
    for call in common::CALLS {
        assert!(!dialect().request(&asking(call, &intent, &sale, None)).client_certificate);
    }
    assert!(!dialect().undo_needs_certificate());
}

fn pay(dialect: &Acp, sale: &Sale) -> ConsumeRequest {
    let (intent, code) = (intent(), code(CODE));
    let request = dialect.request(&asking(Call::Submit, &intent, sale, Some(&code))).request;
    match read(&request) {
        Arrived::Consume(consume) => *consume,
        other => panic!("{other:?}"),
    }
}

fn read(request: &Request) -> Arrived {
    let registered = |mer_id: &str| {
        let key = SigningKey::keyed_hash([5; 32]).verifying_key();
        (mer_id == MER_ID).then(|| Registered { cert_id: "69000000002".to_owned(), key })
    };
    parse_request(&request.path, &request.body, registered).unwrap().1
}

proptest! {
    #[test]
    fn any_text_of_the_till_leaves_a_request_that_verifies(
        description in any::<String>(),
        signs in "[&={}\\[\\]<>'\"\\\\/%+\r\n\t 付款🍜]{0,100}",
        terminal in any::<Option<String>>(),
    ) {
        for description in [description, signs, "x&signature=1&txnAmt=1".to_owned()] {
            let terminal = terminal.clone();
            let sale = Sale { description: Some(description), terminal, ..Sale::default() };
            let sent = pay(&dialect(), &sale);
            let shown = sent.order_desc.unwrap();
            prop_assert!((1..=32).contains(&shown.chars().count()));
            let divides = shown.contains(['&', '=', '{', '}', '[', ']', '"', '\'', '<', '>', '%', '+']);
            prop_assert!(!divides, "{}", shown);
            prop_assert_eq!((sent.txn_amt, sent.order_id.as_str()), (7370, NUMBER));
            prop_assert_eq!(sent.term_id.map(|terminal| terminal.len()), Some(8));
        }
    }
}
