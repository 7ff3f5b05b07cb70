//! Calls as messages.

use payment::auth_code::AuthCode;
use payment::exchange::Call;
use payment::payment::Intent;
use payment::time::Time;
use wire::code::PaymentCode;
use wire::wechat_v3::{
    Account, CodepayRequest, Draft, OrderNumber, OrderQueryRequest, ReverseRequest, SubMerchant, V3Merchant,
    certificates_draft, request,
};

use super::super::text::{self, Limit, Taste};
use super::super::{Asking, Outgoing};
use super::keys::seconds;
use super::{Place, numbers, refund};

/// `description` is string(127) (wechat.md §4.4); whether bytes or characters is not said, so the smaller.
const DESCRIPTION: Taste = Taste { full_width: "", limit: Limit::Bytes(127) };
/// `device_id` is string(32), `store_info.out_id` string(256).
const DEVICE_MAX: usize = 32;
const STORE_MAX: usize = 256;

pub(super) fn outgoing(
    account: &Account,
    merchant: &V3Merchant,
    place: &Place,
    asking: &Asking<'_>,
) -> Outgoing {
    let (account, merchant) = of(account, merchant, asking.intent);
    let number = asking.intent.channel_order_no.as_str();
    let draft = match (asking.call, asking.refund) {
        (Call::Submit, _) => codepay(&account, place, asking),
        (Call::Refund, Some(refund)) => refund::refund(&account, refund),
        (Call::RefundQuery, Some(refund)) => refund::refund_query(&account, refund),
        // A refund that is none asks nothing but how the order stands.
        (Call::Query, _) | (Call::Refund | Call::RefundQuery, None) => query_draft(&account, number),
        (Call::Reverse, _) => ReverseRequest { out_trade_no: number.to_owned() }.draft(&account),
    };
    signed(draft, &merchant, asking.now, asking.nonce)
}

/// A query by our number: an order that was never paid can be found by no other (wechat.md §2.3).
pub(super) fn query(
    account: &Account,
    merchant: &V3Merchant,
    number: &str,
    now: Time,
    nonce: [u8; 16],
) -> Outgoing {
    signed(query_draft(account, number), merchant, now, nonce)
}

/// The download of the platform certificates.
pub(super) fn certificates(merchant: &V3Merchant, now: Time, nonce: [u8; 16]) -> Outgoing {
    signed(certificates_draft(), merchant, now, nonce)
}

fn query_draft(account: &Account, number: &str) -> Draft {
    OrderQueryRequest { order: OrderNumber::OutTradeNo(number.to_owned()) }.draft(account)
}

fn codepay(account: &Account, place: &Place, asking: &Asking<'_>) -> Draft {
    let Asking { intent, sale, code, .. } = asking;
    let call = CodepayRequest {
        description: text::description(sale.description.as_deref(), &DESCRIPTION),
        out_trade_no: intent.channel_order_no.as_str().to_owned(),
        attach: None,
        goods_tag: None,
        support_fapiao: None,
        // Without a code the channel refuses, and nothing can be charged.
        auth_code: PaymentCode::new(code.map(AuthCode::expose).unwrap_or_default()),
        total: intent.amount.fen(),
        currency: Some("CNY".to_owned()),
        device_id: text::identity(sale.terminal.as_deref(), DEVICE_MAX),
        device_ip: Some(place.terminal_ip.clone()),
        store_id: None,
        store_out_id: text::identity(sale.outlet.as_deref(), STORE_MAX)
            .or_else(|| Some(place.store_id.clone())),
        detail: None,
        profit_sharing: None,
    };
    call.draft(account)
}

/// The account of an intent. A query or a reversal under other numbers than the payment's own would be answered about
/// another order, or with a success that does nothing (wechat.md §10, "reverse SUCCESS without effect"). If the key no
/// longer belongs to these numbers, the channel refuses, which is unknown.
fn of(account: &Account, merchant: &V3Merchant, intent: &Intent) -> (Account, V3Merchant) {
    let (appid, mchid) = numbers(&intent.payee);
    let sub = intent.payee.sub_merchant.as_ref().map(|sub_mchid| {
        let configured = account.sub.as_ref().filter(|sub| sub.mchid == *sub_mchid);
        let appid = configured.and_then(|sub| sub.appid.clone());
        SubMerchant { mchid: sub_mchid.clone(), appid }
    });
    let account = Account { appid: Some(appid.to_owned()), mchid: mchid.to_owned(), sub };
    (account, V3Merchant { mchid: mchid.to_owned(), ..merchant.clone() })
}

fn signed(draft: Draft, merchant: &V3Merchant, now: Time, nonce: [u8; 16]) -> Outgoing {
    let request = request(draft, merchant, seconds(now), &text::hex(&nonce));
    Outgoing { request, client_certificate: false }
}
