//! Calls as messages.

use payment::auth_code::AuthCode;
use payment::exchange::Call;
use payment::payment::Intent;
use payment::time::{MINUTE_MS, Time};
use wire::code::PaymentCode;
use wire::http::Request;
use wire::text::beijing;
use wire::wechat_v2::{
    MICROPAY_PATH, MicropayRequest, ORDERQUERY_PATH, OrderQueryRequest, REVERSE_PATH, ReverseRequest,
    V2Merchant, request,
};

use super::super::text::{self, Limit, Taste};
use super::super::{Asking, Outgoing};
use super::{WechatV2, numbers, refund};

/// The longest body, in bytes: of the two published limits, 127 and 128, the smaller (wechat.md §2.2).
const BODY: Taste = Taste { full_width: "&=<>\"'\\", limit: Limit::Bytes(127) };
/// `device_info` is String(32).
const DEVICE_MAX: usize = 32;
/// What `terminal_info` calls the number under which a terminal is registered (unionpay.md §3.1).
const TERMINAL_NUMBER: &str = "device_id";
/// How long the channel may keep an unpaid order open: above both published minima, one and five minutes
/// (wechat.md §2.2, `time_expire`).
const EXPIRY_MS: i64 = 6 * MINUTE_MS;

pub(super) fn outgoing(wechat: &WechatV2, asking: &Asking<'_>) -> Outgoing {
    let merchant = &wechat.merchant;
    let number = asking.intent.channel_order_no.as_str();
    match (asking.call, asking.refund) {
        (Call::Submit, _) => plain(micropay(wechat, asking)),
        (Call::Refund, Some(refund)) => refund::refund(merchant, asking, refund),
        (Call::RefundQuery, Some(refund)) => refund::refund_query(merchant, asking, refund),
        // A refund that is none asks nothing but how the order stands.
        (Call::Query, _) | (Call::Refund | Call::RefundQuery, None) => {
            query(&of(merchant, asking.intent), number, asking.nonce)
        }
        (Call::Reverse, _) => {
            let reverse = ReverseRequest { transaction_id: None, out_trade_no: Some(number.to_owned()) };
            let merchant = of(merchant, asking.intent);
            Outgoing {
                request: request(REVERSE_PATH, &merchant, &reverse.fields(), &text::hex(&asking.nonce)),
                client_certificate: true,
            }
        }
    }
}

/// A query by our number: an order that was never paid can be found by no other (wechat.md §2.3).
pub(super) fn query(merchant: &V2Merchant, number: &str, nonce: [u8; 16]) -> Outgoing {
    let query = OrderQueryRequest { transaction_id: None, out_trade_no: Some(number.to_owned()) };
    plain(request(ORDERQUERY_PATH, merchant, &query.fields(), &text::hex(&nonce)))
}

fn micropay(wechat: &WechatV2, asking: &Asking<'_>) -> Request {
    let Asking { intent, sale, now, .. } = asking;
    let listed = wechat.terminals.of(sale).map(|terminal| terminal.info(TERMINAL_NUMBER));
    let call = MicropayRequest {
        body: text::description(sale.description.as_deref(), &BODY),
        attach: None,
        out_trade_no: intent.channel_order_no.as_str().to_owned(),
        total_fee: intent.amount.fen(),
        fee_type: Some("CNY".to_owned()),
        spbill_create_ip: wechat.terminal_ip.clone(),
        device_info: text::identity(sale.terminal.as_deref(), DEVICE_MAX),
        time_start: Some(compact(*now)),
        time_expire: Some(compact(now.plus_ms(EXPIRY_MS))),
        // Without a code the channel refuses, and nothing can be charged.
        auth_code: PaymentCode::new(asking.code.map(AuthCode::expose).unwrap_or_default()),
        scene_info: None,
        detail: None,
        goods_tag: None,
        limit_pay: None,
        terminal_info: listed.or_else(|| wechat.terminal_info.clone()),
    };
    request(MICROPAY_PATH, &wechat.merchant, &call.fields(), &text::hex(&asking.nonce))
}

/// The merchant of an intent. A query or a reversal under other numbers than the payment's own would be answered about
/// another order, or with a success that does nothing (wechat.md §10, "reverse SUCCESS without effect"). If the key no
/// longer belongs to these numbers, the channel refuses, which is unknown.
pub(super) fn of(merchant: &V2Merchant, intent: &Intent) -> V2Merchant {
    let (appid, mch_id) = numbers(&intent.payee);
    V2Merchant {
        appid: appid.to_owned(),
        mch_id: mch_id.to_owned(),
        sub_appid: None,
        sub_mch_id: intent.payee.sub_merchant.clone(),
        // What the contract with the relay says today; it names no order.
        channel_id: merchant.channel_id.clone(),
        key: merchant.key.clone(),
        sign_type: merchant.sign_type,
    }
}

fn compact(time: Time) -> String {
    beijing::compact(time.0)
}

fn plain(request: Request) -> Outgoing {
    Outgoing { request, client_certificate: false }
}
