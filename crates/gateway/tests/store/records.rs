//! The codec: what is written is read back as a crash leaves it, and nothing is guessed.

use gateway::store::record::{
    RecordError, decode_payment, decode_reversal, decode_watch, encode_payment, encode_reversal, encode_watch,
};
use gateway::store::{PaymentRow, ReversalRow, WatchRow};
use payment::patience::Channel;
use proptest::prelude::*;

use crate::life::{Life, Want, want};

fn check(life: &Life) {
    let row = &life.row;
    let recovered = PaymentRow { payment: row.payment.clone().recovered(), ..row.clone() };
    assert_eq!(decode_payment(&encode_payment(row)), Ok(recovered));
    if let Some(row) = &life.watch {
        let recovered = WatchRow { watch: row.watch.clone().recovered(), ..row.clone() };
        assert_eq!(decode_watch(&encode_watch(row)), Ok(recovered));
    }
    let watched = life.watch.as_ref().and_then(|row| row.watch.reversal.clone());
    for reversal in row.payment.reversal.clone().into_iter().chain(watched) {
        let intent = &row.payment.intent;
        let row = ReversalRow {
            id: 7,
            merchant: intent.merchant.clone(),
            payment_id: intent.id,
            order_no: intent.order_no.clone(),
            amount: intent.amount,
            channel: intent.channel,
            reversal,
        };
        assert_eq!(decode_reversal(&encode_reversal(&row)), Ok(row));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_record_is_what_a_crash_leaves(
        channel in 0..Channel::ALL.len(),
        choices in prop::collection::vec(any::<u16>(), 1..60),
    ) {
        let mut life = Life::of(Want { channel: Channel::ALL[channel], ..want(1) }.row(1));
        check(&life);
        for choice in choices {
            if life.choose(choice).is_some() {
                check(&life);
            }
        }
    }
}

/// A record with one thing in it changed.
fn changed(from: &str, to: &str) -> String {
    let text = encode_payment(&want(1).row(1));
    assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
    text.replace(from, to)
}

fn cause(text: &str) -> String {
    decode_payment(text).unwrap_err().to_string()
}

#[test]
fn another_format_is_refused_by_its_number() {
    let newer = changed("{\"format\":1,", "{\"format\":2,");
    assert_eq!(decode_payment(&newer), Err(RecordError::Format { what: "payment", found: 2 }));
    // Also where the rest cannot be understood.
    let newest = decode_payment("{\"format\":3,\"blob\":\"\"}");
    assert_eq!(newest, Err(RecordError::Format { what: "payment", found: 3 }));
}

#[test]
fn what_is_not_understood_is_named() {
    let unknown = [
        (changed("\"wechat_v2\"", "\"wechat_v9\""), "\"wechat_v9\" is no channel; known are wechat_v2, "),
        (changed("\"wallet\":\"wechat\"", "\"wallet\":\"purse\""), "\"purse\" is no wallet"),
        (changed("\"phase\":\"submitting\"", "\"phase\":\"hovering\""), "`hovering`"),
        (changed("\"amount\":1234", "\"amount\":-1"), "-1 fen is not an amount"),
        (changed("\"order_no\":\"o-1\"", "\"order_no\":\"o 1\""), "\"o 1\" is not an order number"),
        (changed("\"host\":0", "\"host\":0,\"mood\":1"), "`mood`"),
        (changed("\"host\":0,", ""), "`host`"),
        (changed("\"call\":\"submit\"", "\"call\":\"shout\""), "\"shout\" is no call"),
        (changed("\"fingerprint\":\"01", "\"fingerprint\":\"zz"), "is no fingerprint"),
        (changed("\"phase\":\"submitting\"", "\"phase\":\"paid\""), "wake"),
        ("nonsense".to_owned(), "the record of a payment"),
    ];
    for (text, expected) in unknown {
        let cause = cause(&text);
        assert!(cause.contains(expected), "{cause} should name {expected}");
    }
}

/// Records are in databases: what this version wrote, later ones read.
#[test]
fn the_format_is_frozen() {
    let text = encode_payment(&want(1).row(1));
    assert_eq!(text, include_str!("payment.json").trim_end());
}
