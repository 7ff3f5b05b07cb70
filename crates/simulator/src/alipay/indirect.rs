//! What UnionPay's relay looks at in a payment for a sub-merchant behind an acquirer (间连; unionpay.md §3.1, §8).
//!
//! The sheet says which fields there are, not what a wrong one is answered: a simulator's choice from Alipay's own sub-codes
//! (alipay.md §4.2), with the field named in `sub_msg`.

use wire::alipay::{BankAgent, PayRequest};

use crate::settings::AlipayRelay;

/// Why a payment is refused: `sub_code`, and the field.
pub(super) type Wrong = (&'static str, &'static str);

const BAD: &str = "ACQ.INVALID_PARAMETER";
/// What kinds of terminal there are (unionpay.md §3.1, `device_type`).
const DEVICE_TYPES: std::ops::RangeInclusive<u8> = 1..=13;
/// Kinds that have a serial of their own (unionpay.md §3.1, `serial_num`).
const WITH_SERIAL: [&str; 8] = ["02", "03", "04", "05", "06", "08", "09", "10"];

/// What a payment lacks of what the acquirer has to say, or says of another.
pub(super) fn wrong(relay: &AlipayRelay, request: &PayRequest) -> Option<Wrong> {
    match request.sub_merchant.as_deref() {
        None => return Some(("ACQ.SECONDARY_MERCHANT_ID_BLANK", "sub_merchant.merchant_id")),
        Some(smid) if smid != relay.smid => {
            return Some(("ACQ.SECONDARY_MERCHANT_ID_INVALID", "sub_merchant.merchant_id"));
        }
        Some(_) => {}
    }
    let Some(agent) = &request.bkagent_req_info else { return Some((BAD, "bkagent_req_info")) };
    if agent.acq_code.as_deref() != Some(relay.acq_code.as_str()) {
        return Some((BAD, "bkagent_req_info.acq_code"));
    }
    if relay.merch_code.is_some() && agent.merch_code != relay.merch_code {
        return Some((BAD, "bkagent_req_info.merch_code"));
    }
    wrong_terminal(agent).map(|field| (BAD, field))
}

fn wrong_terminal(agent: &BankAgent) -> Option<&'static str> {
    let kind = agent.device_type.as_deref().unwrap_or_default();
    let is_kind = kind.len() == 2 && kind.parse().is_ok_and(|number: u8| DEVICE_TYPES.contains(&number));
    if !is_kind {
        return Some("bkagent_req_info.device_type");
    }
    let serial = agent.serial_num.as_deref();
    let lacking = serial.is_none() && WITH_SERIAL.contains(&kind);
    if lacking || serial.is_some_and(|serial| serial.chars().count() > 50) {
        return Some("bkagent_req_info.serial_num");
    }
    let is_placed = agent.location.as_deref().is_some_and(is_place);
    (!is_placed).then_some("bkagent_req_info.location")
}

/// Latitude and longitude with their signs, at most 32 characters.
fn is_place(text: &str) -> bool {
    let half = |text: &str, most: f64| {
        text.starts_with(['+', '-']) && text.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= most)
    };
    let halves = text.split_once('/');
    text.len() <= 32 && halves.is_some_and(|(north, east)| half(north, 90.0) && half(east, 180.0))
}
