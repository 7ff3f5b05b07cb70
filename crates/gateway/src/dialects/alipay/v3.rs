//! OpenAPI v3 (alipay.md §2.8): the same calls and the same tables over REST.
//!
//! What v3 serves is signed and means what it means over the gateway. What it *refuses* carries no signature, and an unsigned
//! refusal proves nothing. So cancels and refunds go over the gateway, whose refusals are signed: they move money, and are sent
//! as often as they were written down and no more. A refused question is asked again there. A submit is sent once: a code of
//! the table that says *declined* is taken as a reason to ask at once, and only a signed *no such trade* makes it a failure
//! ([`SubmitAnswer::DeclinedAsk`]). Any other refusal is unknown. An accepted pay that is not dated is unknown as well: how v3
//! tells of a payer who types is not documented.

use payment::exchange::{Answer, Call, Doubt, SubmitAnswer};
use payment::payment::Intent;
use payment::refund::RefundIntent;
use payment::time::Time;
use wire::alipay::{App, V3Refusal, V3Reply, bare_sub_code, v3_reply, v3_request};
use wire::http::Response;

use super::super::table::{find, submit_answer};
use super::super::{Asking, Outgoing, text};
use super::pay_table::PAY;
use super::request::{Message, message, plain};
use super::{Shop, answer};

/// Whether a call goes over REST.
pub(super) fn takes(call: Call) -> bool {
    match call {
        Call::Submit | Call::Query | Call::RefundQuery => true,
        Call::Reverse | Call::Refund => false,
    }
}

/// A call over REST.
pub(super) fn outgoing(app: &App, shop: &Shop, asking: &Asking<'_>) -> Outgoing {
    let Message { app, method, content } = message(app, shop, asking);
    plain(v3_request(&app, method, &content, &uuid(asking.nonce), asking.now.0))
}

/// 32 hexadecimal digits in five groups.
fn uuid(nonce: [u8; 16]) -> String {
    let digits = text::hex(&nonce);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// Whether an answer refuses without having to be believed: the same is asked over the gateway. What is limited is not asked
/// at once again, and what failed inside has nothing to say.
pub(super) fn is_refused(response: &Response) -> bool {
    (400..500).contains(&response.status) && response.status != 429
}

/// Whether an answer is of this protocol; the gateway's are all 200 and signed inside.
pub(super) fn is_own(response: &Response) -> bool {
    response.status != 200 || response.header("alipay-signature").is_some()
}

pub(super) fn read(
    app: &App,
    now: Time,
    call: Call,
    intent: &Intent,
    about_refund: Option<&RefundIntent>,
    response: &Response,
) -> Answer {
    let node = match v3_reply(response, app, now.0) {
        Ok(V3Reply::Served(node)) => Ok(node),
        Ok(V3Reply::Accepted) => Err(Doubt::ChannelUnsure(text::said("202", ""))),
        Ok(V3Reply::Refused(refusal)) if call == Call::Submit => {
            return Answer::Submit(not_paid(&refusal));
        }
        // The gateway is asked; a page of somebody between us and Alipay is no refusal either.
        Ok(V3Reply::Refused(_)) => Err(Doubt::Status(response.status)),
        Err(_) if response.status != 200 => Err(Doubt::Status(response.status)),
        Err(error) => Err(answer::doubt(error)),
    };
    answer::told_of(call, node, app, intent, about_refund)
}

/// A refused submit. The channel's own error and the system's codes tell nothing.
fn not_paid(refusal: &V3Refusal) -> SubmitAnswer {
    let V3Refusal { status, code, message, is_signed } = refusal;
    let said = text::said(code, message);
    let business = bare_sub_code(code);
    let is_business = *status == 400 && business != code;
    match find(PAY, business).filter(|_| is_business) {
        Some(means) => match submit_answer(Some(means), said) {
            SubmitAnswer::Declined(decline) if !is_signed => SubmitAnswer::DeclinedAsk(decline),
            other => other,
        },
        None if *status >= 500 => SubmitAnswer::Unknown(Doubt::Status(*status)),
        None if *is_signed => SubmitAnswer::Unknown(Doubt::Unlisted(said)),
        None => SubmitAnswer::Unknown(Doubt::Unsigned(said)),
    }
}
