//! Calls as messages.

use payment::auth_code::AuthCode;
use payment::exchange::Call;
use payment::payment::Intent;
use payment::time::{MINUTE_MS, Time};
use wire::code::PaymentCode;
use wire::http::Request;
use wire::qra::{
    MICROPAY, MicropayRequest, QUERY, QraMerchant, QueryRequest, REVERSE, ReverseRequest, request,
};
use wire::text::beijing;

use super::super::text::{self, Limit, Taste};
use super::super::{Asking, Outgoing};
use super::{Qra, refund};

/// The longest body: of the two published limits, 127 and 128, the smaller, in bytes (unionpay.md §4.3).
const BODY: Taste = Taste { full_width: "&=<>\"'\\", limit: Limit::Bytes(127) };
/// `device_info`, `op_user_id`, `op_shop_id` and `op_device_id` are String(32).
const IDENTITY_MAX: usize = 32;
/// What `terminal_info` calls the number under which a terminal is registered (unionpay.md §3.1, the platform's sample).
const TERMINAL_NUMBER: &str = "terminal_id";
/// How long the platform may keep an unpaid order open, as for WeChat, whose rules it hands on (wechat.md §2.2).
const EXPIRY_MS: i64 = 6 * MINUTE_MS;

pub(super) fn outgoing(qra: &Qra, asking: &Asking<'_>) -> Outgoing {
    let number = asking.intent.channel_order_no.as_str();
    let merchant = of(&qra.merchant, asking.intent);
    match (asking.call, asking.refund) {
        (Call::Submit, _) => plain(micropay(qra, asking)),
        (Call::Refund, Some(refund)) => plain(refund::refund(&qra.merchant, asking, refund)),
        (Call::RefundQuery, Some(refund)) => plain(refund::refund_query(&qra.merchant, asking, refund)),
        // A refund that is none asks nothing but how the order stands.
        (Call::Query, _) | (Call::Refund | Call::RefundQuery, None) => query(&merchant, number, asking.nonce),
        (Call::Reverse, _) => {
            let reverse = ReverseRequest { out_trade_no: number.to_owned() };
            plain(request(REVERSE, &merchant, &reverse.fields(), &text::hex(&asking.nonce)))
        }
    }
}

/// A query by our number, which is all that an intent knows.
pub(super) fn query(merchant: &QraMerchant, number: &str, nonce: [u8; 16]) -> Outgoing {
    let query = QueryRequest { transaction_id: None, out_trade_no: Some(number.to_owned()) };
    plain(request(QUERY, merchant, &query.fields(), &text::hex(&nonce)))
}

fn micropay(qra: &Qra, asking: &Asking<'_>) -> Request {
    let Asking { intent, sale, now, .. } = asking;
    let listed = qra.terminals.of(sale).map(|terminal| terminal.info(TERMINAL_NUMBER));
    let identity = |told: &Option<String>| text::identity(told.as_deref(), IDENTITY_MAX);
    let call = MicropayRequest {
        out_trade_no: intent.channel_order_no.as_str().to_owned(),
        body: text::description(sale.description.as_deref(), &BODY),
        total_fee: intent.amount.fen(),
        mch_create_ip: qra.terminal_ip.clone(),
        // Without a code the platform refuses, and nothing can be charged.
        auth_code: PaymentCode::new(asking.code.map(AuthCode::expose).unwrap_or_default()),
        op_user_id: identity(&sale.operator),
        op_shop_id: identity(&sale.outlet),
        op_device_id: identity(&sale.terminal),
        device_info: identity(&sale.terminal),
        attach: None,
        // The two count only together.
        time_start: Some(compact(*now)),
        time_expire: Some(compact(now.plus_ms(EXPIRY_MS))),
        terminal_info: listed.or_else(|| qra.terminal_info.clone()),
        goods_detail: None,
        goods_tag: None,
        need_receipt: None,
        sub_appid: None,
    };
    request(MICROPAY, &of(&qra.merchant, intent), &call.fields(), &text::hex(&asking.nonce))
}

/// The merchant of an intent: under another number than the payment's own, another merchant's orders would be asked
/// about. If the key no longer belongs to it, the platform refuses, which is unknown.
pub(super) fn of(merchant: &QraMerchant, intent: &Intent) -> QraMerchant {
    QraMerchant { mch_id: intent.payee.merchant.clone(), keys: merchant.keys.clone() }
}

fn compact(time: Time) -> String {
    beijing::compact(time.0)
}

pub(super) fn plain(request: Request) -> Outgoing {
    Outgoing { request, client_certificate: false }
}
