//! ACP's rules one by one, each with its place in the sheet (unionpay.md).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::acp::{Acp, TIME, acp, code, codes, told};
use common::{Heard, MORNING, Till, Tongue, gentle, turned};
use wire::acp::{BACK_TRANS_PATH, FILE_PATH, FileRequest, QUERY_TRANS_PATH, request};
use wire::http::{Method, Request};
use wire::sign::SigningKey;
use wire::text::Fields;

const CODE: &str = "6234567890123456789";
const OTHER_CODE: &str = "6234567890123456780";
const NUMBER: &str = "S20260315091228001";
const SECOND: &str = "S20260315091228002";

/// A payer who never answers, one who confirms after 25 s, one without funds, one whose code is used, one who confirms in
/// the same instant as the reverse.
const NEVER: &str = "6200001040000000001";
const CONFIRMS: &str = "6200001020000000001";
const NO_FUNDS: &str = "6200002010000000001";
const USED: &str = "6200002030000000001";
const WITH_REVERSE: &str = "6200001050000000001";

fn consume(acp: &Acp, number: &str, amount: i64, code: &str) -> Request {
    acp.send(&acp.consume(number, amount, code).fields())
}

fn names(fields: &Fields) -> Vec<&str> {
    fields.iter().map(|(name, _)| name).collect()
}

/// §5.1, §10: a wrong signature is 11 and signed; what belongs to no merchant is refused unsigned.
#[test]
fn what_cannot_be_believed_is_refused() {
    let good = acp();
    let mut wrong = acp();
    wrong.0.key = SigningKey::keyed_hash([9; 32]);
    let mut other_certificate = acp();
    other_certificate.0.cert_id = "69000000003".to_owned();
    let signed = |request: &Request| {
        let mut till = Till::new(gentle(), &good);
        let fields = told(&mut till, &good, request);
        assert!(till.simulator.changes().is_empty(), "a refused request leaves nothing");
        (code(&fields).to_owned(), fields.get("orderId").map(str::to_owned))
    };
    let probe = |acp: &Acp| acp.query("PROBE000", 0);
    let named = |code: &str| (code.to_owned(), Some("PROBE000".to_owned()));
    assert_eq!(signed(&probe(&wrong)), named("11"));
    assert_eq!(signed(&probe(&other_certificate)), named("11"));
    let kind = Fields::from_iter([("txnType", "01"), ("txnSubType", "01"), ("orderId", "PROBE000")]);
    assert_eq!(signed(&good.send(&kind)), named("10"));
    let timeless = Fields::from_iter([("txnType", "00"), ("txnSubType", "00"), ("orderId", "PROBE000")]);
    assert_eq!(signed(&good.send(&timeless)), named("13"));

    let mut stranger = acp();
    stranger.0.mer_id = "777000000000009".to_owned();
    for request in [probe(&stranger), Request { body: b"%".to_vec(), ..probe(&good) }] {
        let mut till = Till::new(gentle(), &good);
        let response = till.call(&request).response.unwrap();
        let text = String::from_utf8(response.body.clone()).unwrap();
        assert!(response.status == 200 && text == "respCode=31&respMsg=商户状态不正确[0000031]", "{text}");
        assert!(till.simulator.changes().is_empty());
    }
    let elsewhere = [
        Request { method: Method::Get, ..probe(&good) },
        Request { path: FILE_PATH.to_owned(), body: Vec::new(), ..probe(&good) },
    ];
    for request in elsewhere {
        let response = Till::new(gentle(), &good).call(&request).response.unwrap();
        assert_eq!(response.status, 404);
    }
}

/// §5.2, §13: the answer to a consume is *accepted* and nothing of a booking; the query tells, and by what name.
#[test]
fn accepted_is_not_paid() {
    let acp = acp();
    let mut till = Till::new(gentle(), &acp);
    let accepted = told(&mut till, &acp, &consume(&acp, NUMBER, 100, CODE));
    let common = ["version", "encoding", "signMethod", "bizType", "accessType", "merId"];
    let own = [
        "txnType",
        "txnSubType",
        "orderId",
        "txnTime",
        "txnAmt",
        "currencyCode",
        "respCode",
        "respMsg",
        "signature",
    ];
    assert_eq!(names(&accepted), [&common[..], &own].concat());
    assert_eq!((code(&accepted), accepted.get("respMsg")), ("00", Some("成功[0000000]")));
    assert_eq!((accepted.get("txnAmt"), accepted.get("txnTime")), (Some("100"), Some(TIME)));

    let paid = told(&mut till, &acp, &acp.query(NUMBER, 0));
    let booked = ["queryId", "traceNo", "traceTime", "settleAmt", "settleCurrencyCode", "settleDate"];
    for name in booked {
        assert!(paid.get(name).is_some(), "{name}");
    }
    assert_eq!(paid.get("queryId").unwrap().len(), 21);
    assert_eq!((paid.get("traceTime"), paid.get("settleDate")), (Some("0315100000"), Some("0315")));
    assert_eq!((paid.get("txnAmt"), paid.get("settleAmt")), (Some("100"), Some("100")));

    till.pay(SECOND, 100, CONFIRMS);
    let waiting = told(&mut till, &acp, &acp.query(SECOND, 0));
    assert!(booked.iter().all(|name| waiting.get(name).is_none()) && waiting.get("txnAmt").is_none());
    till.wait(25_000);
    let paid = told(&mut till, &acp, &acp.query(SECOND, 0));
    assert_eq!(paid.get("traceTime"), Some("0315100025"), "when it was booked");
}

/// §5.2, §12: a query names its own type or the queried one's; it is taken at either path.
#[test]
fn queries_come_and_go_in_both_spellings() {
    let acp = acp();
    let mut till = Till::new(gentle(), &acp);
    till.pay(NUMBER, 100, CODE);
    let query = acp.query(NUMBER, 0);
    let kinds: Vec<_> = (0..40)
        .map(|_| {
            let fields = told(&mut till, &acp, &query);
            (fields.get("txnType").unwrap().to_owned(), fields.get("txnSubType").unwrap().to_owned())
        })
        .collect();
    for kind in [("00", "00"), ("01", "06")] {
        assert!(kinds.contains(&(kind.0.to_owned(), kind.1.to_owned())), "{kinds:?}");
    }
    let other_path = Request { path: BACK_TRANS_PATH.to_owned(), ..query };
    assert!(codes(&mut till, &acp, &other_path).starts_with("00/"));
    let wrong_path = Request { path: QUERY_TRANS_PATH.to_owned(), ..consume(&acp, SECOND, 100, CODE) };
    assert_eq!(codes(&mut till, &acp, &wrong_path), "10");
}

/// §10, §11 trap 2: the time is part of the name.
#[test]
fn a_number_at_another_time_is_another_order() {
    let acp = acp();
    let mut till = Till::new(gentle(), &acp);
    till.pay(NUMBER, 100, CODE);
    assert_eq!(codes(&mut till, &acp, &acp.ask(NUMBER, "20260315100001")), "34");
    let mut later = acp.consume(NUMBER, 70, OTHER_CODE);
    later.txn_time = "20260315100001".to_owned();
    assert_eq!(codes(&mut till, &acp, &acp.send(&later.fields())), "00");
    let charged: Vec<i64> = till.simulator.ledger_of(NUMBER).iter().map(|line| line.charged).collect();
    assert_eq!(charged, [100, 70]);
    assert!(codes(&mut till, &acp, &acp.ask(NUMBER, "20260315100001")).starts_with("00/"));
    assert!(matches!(till.reverse(NUMBER), Heard::Reversed { .. }));
    let held: Vec<i64> =
        till.simulator.ledger_of(NUMBER).iter().map(|line| line.charged - line.returned).collect();
    assert_eq!(held, [0, 70], "a reversal names its order by the time, too");
}

/// The probe: a number that cannot exist is answered signed; it is no line of the ledger.
#[test]
fn a_number_that_cannot_exist_is_not_found() {
    let acp = acp();
    let mut till = Till::new(gentle(), &acp);
    assert_eq!(till.query("PROBE0000000000"), Heard::NotFound);
    assert_eq!(till.simulator.ledger(), []);
}

/// §5.1, §5.2: forms and ranges, before any code is spent.
#[test]
fn malformed_requests_are_refused_and_leave_nothing() {
    let acp = acp();
    let mut till = Till::new(gentle(), &acp);
    let set = |name: &str, value: &str| {
        let mut fields = acp.consume(NUMBER, 100, CODE).fields();
        fields.insert(name, value);
        acp.send(&fields)
    };
    for (request, expected) in [
        (set("qrNo", ""), "13"),
        (set("backUrl", ""), "13"),
        (set("qrNo", "623456789012345678901"), "10"),
        (set("qrNo", "62345678901234567x9"), "10"),
        (set("termId", "1"), "10"),
        (set("reqReserved", &"x".repeat(1_025)), "10"),
        (set("orderId", "S_20260315"), "10"),
        (set("txnTime", "2026-03-15"), "10"),
        (set("txnAmt", "1.00"), "10"),
        (set("txnAmt", "100000001"), "33"),
    ] {
        assert_eq!(codes(&mut till, &acp, &request), expected);
    }
    assert_eq!(till.simulator.ledger(), []);
    assert_eq!(till.pay(NUMBER, 1, CODE), Heard::Paid { total: 1, paid: 1 });
}

/// §5.4: the same number and time a second time is 12, however its order stands.
#[test]
fn a_number_and_time_serve_one_order() {
    let acp = acp();
    let mut till = Till::new(turned(|dials| dials.pay_late = 1), &acp);
    let again = |till: &mut Till<'_>, number| codes(till, &acp, &consume(&acp, number, 100, OTHER_CODE));
    till.pay(NUMBER, 100, CODE);
    assert_eq!(again(&mut till, NUMBER), "12");
    till.pay(SECOND, 100, NEVER);
    assert_eq!(again(&mut till, SECOND), "12");
    till.reverse(SECOND);
    assert_eq!(again(&mut till, SECOND), "12");
    let tombstone = "S20260315091228003";
    assert_eq!(codes(&mut till, &acp, &acp.reverse(tombstone, 0)), "34");
    assert_eq!(again(&mut till, tombstone), "12");
    assert_eq!((till.money(SECOND), till.money(tombstone)), ((0, 0), (0, 0)));
}

/// §10: where no request is held up, the reversal of an unseen number leaves nothing.
#[test]
fn reversing_an_unseen_number_leaves_nothing() {
    let acp = acp();
    let mut till = Till::new(gentle(), &acp);
    for _ in 0..2 {
        assert_eq!(codes(&mut till, &acp, &acp.reverse(NUMBER, 0)), "34");
    }
    assert_eq!(till.query(NUMBER), Heard::NotFound);
    assert_eq!(till.pay(NUMBER, 100, CODE), Heard::Paid { total: 100, paid: 100 });
}

/// §3, §10, §13: a code is fresh for 60 s and serves one order; one that is no code of UnionPay's leaves nothing.
#[test]
fn a_code_is_single_use_and_soon_stale() {
    let acp = acp();
    let mut till = Till::new(gentle(), &acp);
    till.pay(NUMBER, 100, CODE);
    assert_eq!(codes(&mut till, &acp, &consume(&acp, SECOND, 100, CODE)), "86");
    assert_eq!(till.query(SECOND), Heard::NotFound);
    assert_eq!(codes(&mut till, &acp, &consume(&acp, SECOND, 100, "134567890123456789")), "88");
    assert_eq!(codes(&mut till, &acp, &consume(&acp, SECOND, 100, USED)), "86");
    assert_eq!(till.query(SECOND), Heard::NotFound);
    let third = "S20260315091228003";
    till.simulator = turned(|dials| dials.code_fresh_ms = 0);
    till.pay(NUMBER, 100, CODE);
    till.wait(1);
    assert_eq!(codes(&mut till, &acp, &consume(&acp, third, 100, CODE)), "86");
}

/// §5.4, §13: 99 by the state of the consume, and what its query shows afterwards.
#[test]
fn a_reversal_goes_by_the_state_of_the_consume() {
    let acp = acp();
    let mut till = Till::new(gentle(), &acp);
    let reversed = |till: &mut Till<'_>, number: &str| codes(till, &acp, &acp.reverse(number, 0));
    let queried = |till: &mut Till<'_>, number: &str| {
        let fields = told(till, &acp, &acp.query(number, 0));
        (fields.get("origRespCode").unwrap_or("").to_owned(), fields.get("queryId").is_some())
    };
    let cases = [
        (NUMBER, CODE, true),
        (SECOND, NEVER, false),
        ("S20260315091228003", NO_FUNDS, false),
        // Booked with the reversal itself.
        ("S20260315091228004", WITH_REVERSE, true),
    ];
    for (number, code, booked) in cases {
        till.pay(number, 100, code);
        assert_eq!(reversed(&mut till, number), "00", "{code}");
        assert_eq!(queried(&mut till, number), ("46".to_owned(), booked), "{code}");
        assert_eq!(reversed(&mut till, number), "46", "{code}");
        let returned = if booked { 100 } else { 0 };
        assert_eq!(till.money(number), (returned, returned));
    }
    let refunded = "S20260315091228005";
    till.pay(refunded, 100, OTHER_CODE);
    till.refund((refunded, 100), ("R1", 1));
    assert_eq!(reversed(&mut till, refunded), "45");
    assert!(queried(&mut till, refunded).1);
}

/// §5.4, §13: a settlement day ends at 23:00, also for reversals of what is booked.
#[test]
fn a_settlement_day_ends_at_eleven() {
    let acp = acp();
    // 22:59:59 and 23:00:00.
    let before = MORNING + 13 * 3_600_000 - 1_000;
    let settled = |till: &mut Till<'_>, number: &str| {
        told(till, &acp, &acp.query(number, 0)).get("settleDate").unwrap().to_owned()
    };
    let mut till = Till::new(gentle(), &acp);
    till.now_ms = before;
    till.pay(NUMBER, 100, CODE);
    till.pay(SECOND, 100, NEVER);
    assert_eq!(settled(&mut till, NUMBER), "0315");
    till.now_ms = before + 1_000;
    let third = "S20260315091228003";
    till.pay(third, 100, OTHER_CODE);
    assert_eq!(settled(&mut till, third), "0316");
    assert_eq!(codes(&mut till, &acp, &acp.reverse(NUMBER, 0)), "39");
    assert_eq!(codes(&mut till, &acp, &acp.reverse(third, 0)), "00");
    // What nobody booked is of no day.
    assert_eq!(codes(&mut till, &acp, &acp.reverse(SECOND, 0)), "00");
    assert_eq!((till.money(NUMBER), till.money(third)), ((100, 0), (100, 100)));
}

/// Chosen: an order that nobody pays is over after three minutes.
#[test]
fn an_unpaid_order_dies() {
    let acp = acp();
    let mut till = Till::new(gentle(), &acp);
    till.pay(NUMBER, 100, NEVER);
    till.now_ms = MORNING + 179_999;
    assert_eq!(till.query(NUMBER), Heard::Asking);
    till.now_ms = MORNING + 180_000;
    assert_eq!(codes(&mut till, &acp, &acp.query(NUMBER, 0)), "00/69");
    assert!(!till.simulator.confirm(till.now_ms, NUMBER));
    assert_eq!(codes(&mut till, &acp, &acp.reverse(NUMBER, 0)), "00");
    assert_eq!(till.query(NUMBER), Heard::Closed);
}

/// §5.2: accepted, and declined all the same: only the query tells. Declines of the code are told at once.
#[test]
fn a_decline_may_be_told_later() {
    let acp = acp();
    let mut till =
        Till::new(turned(|dials| (dials.payer_declined, dials.acp_tells_later) = (1000, true)), &acp);
    let mut told_later = Vec::new();
    for nth in 0..60 {
        let number = format!("S2026031509{nth:02}");
        let code = format!("62345678901234567{nth:02}");
        let first = codes(&mut till, &acp, &consume(&acp, &number, 100, &code));
        let then = codes(&mut till, &acp, &acp.query(&number, 0));
        match first.as_str() {
            "86" | "88" => assert_eq!(then, "34"),
            _ => told_later.push((first, then)),
        }
        assert_eq!(till.money(&number), (0, 0));
    }
    assert!(told_later.iter().all(|(first, _)| first == "00"), "{told_later:?}");
    for later in ["00/64", "00/33", "00/38", "00/68", "00/61"] {
        assert!(told_later.iter().any(|(_, then)| then == later), "{later}: {told_later:?}");
    }
}

/// §5.1: answers in the clear, or as forms.
#[test]
fn answers_may_come_as_forms() {
    let acp = acp();
    let body = |till: &mut Till<'_>| {
        let response = till.call(&acp.query("PROBE000", 0)).response.unwrap();
        (code(&acp.fields(&response).unwrap()).to_owned(), String::from_utf8(response.body).unwrap())
    };
    let clear = body(&mut Till::new(gentle(), &acp));
    let encoded = body(&mut Till::new(turned(|dials| dials.acp_form_answers = true), &acp));
    assert_eq!((clear.0.as_str(), encoded.0.as_str()), ("34", "34"));
    assert!(clear.1.contains("查无此交易[0000034]") && encoded.1.is_ascii(), "{} {}", clear.1, encoded.1);
}

/// §13: that the time be current is a knob, and for the consume only.
#[test]
fn the_time_of_a_consume_must_be_current_where_that_is_watched() {
    let acp = acp();
    for (watched, off_ms, expected) in
        [(true, 600_000, "00"), (true, 601_000, "10"), (true, -601_000, "10"), (false, 86_400_000, "00")]
    {
        let mut till = Till::new(turned(|dials| dials.timestamp_window = watched), &acp);
        till.wait(off_ms);
        assert_eq!(codes(&mut till, &acp, &consume(&acp, NUMBER, 100, CODE)), expected, "{off_ms}");
        assert!(codes(&mut till, &acp, &acp.query(NUMBER, 0)).starts_with(if expected == "00" {
            "00"
        } else {
            "34"
        }));
    }
}

/// §5.2, §13: a day without rows has no file; none is made here yet.
#[test]
fn there_is_no_settlement_file() {
    let acp = acp();
    let mut till = Till::new(gentle(), &acp);
    let file =
        FileRequest { txn_time: TIME.to_owned(), settle_date: "0314".to_owned(), file_type: "00".to_owned() };
    let fields = told(&mut till, &acp, &request(FILE_PATH, &acp.0, &file.fields()));
    assert_eq!((code(&fields), fields.get("settleDate")), ("98", Some("0314")));
    assert_eq!((fields.get("fileType"), fields.get("orderId")), (Some("00"), None));
}
