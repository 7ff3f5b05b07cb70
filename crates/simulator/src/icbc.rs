//! ICBC's open platform, family F1, from the channel's side: what is looked at, in which order, and what is answered.
//!
//! Written from the sheet (icbc.md §2 to §4, §8, §12). What goes over the wire comes from the ledger alone.

mod answer;
mod order;
mod reject;

use wire::http::Method;
use wire::icbc::{
    AesKey, BizFault, Hand, MSG_ID_MAX, PAY_PATH, PayRequest, QUERY_PATH, QueryRequest, REJECT_PATH,
    REJECT_QUERY_PATH, REVERSE_PATH, Received, RejectQueryRequest, RejectRequest, ReverseRequest, hash_of,
    read_request,
};
use wire::sign::{RsaHash, SigningKey, VerifyingKey};

use crate::book::Key;
use crate::calendar;
use crate::fault;
use crate::reaction::Reaction;
use crate::settings::Account;
use crate::visit::Visit;
use answer::Speaker;

/// The name in the ledger.
pub(crate) const CHANNEL: &str = "icbc";

/// The refund query before its third version (icbc.md §1).
const OLD_REJECT_QUERY_PATH: &str = "/api/qrcode/V2/reject/query";
/// A timestamp may be so far off, where the window is watched (icbc.md §12).
const CLOCK_MS_MAX: i64 = 600_000;

/// The gateway's own refusals, as numbers (icbc.md §4): app_id, signature, message number, timestamp, parameter. All but the
/// last are invented (icbc.md §8, §12).
const NO_APP: i64 = 400_016;
const BAD_SIGN: i64 = 400_017;
const USED_MSG_ID: i64 = 400_018;
const STALE: i64 = 400_019;
const INVALID: i64 = 400_026;

/// The application that a call came from.
struct Merchant<'a> {
    app_id: &'a str,
    mer_id: &'a str,
    app_key: &'a VerifyingKey,
    key: &'a SigningKey,
    hash: RsaHash,
    aes_key: Option<&'a AesKey>,
}

impl Merchant<'_> {
    /// How answers to a call are signed; where the call was encrypted, they are.
    fn hand(&self, received: &Received) -> Hand {
        let sealed = received.parameter("encrypt_type").is_some();
        Hand { key: self.key.clone(), hash: self.hash, aes_key: self.aes_key.filter(|_| sealed).cloned() }
    }
}

/// Whether a path is one of this gateway.
pub(crate) fn is_own_path(path: &str) -> bool {
    let calls = [PAY_PATH, QUERY_PATH, REVERSE_PATH, REJECT_PATH, REJECT_QUERY_PATH, OLD_REJECT_QUERY_PATH];
    calls.contains(&path)
}

/// Serves one call. Refusals are signed like other answers (icbc.md §12).
pub(crate) fn handle(visit: &mut Visit<'_>) -> Reaction {
    let settings = visit.settings;
    let merchants: Vec<Merchant<'_>> = settings.accounts.iter().filter_map(merchant).collect();
    let Some(any) = merchants.first() else { return Reaction::whole(fault::not_found()) };
    if visit.request.method != Method::Post {
        return Reaction::whole(fault::not_found());
    }
    let Ok(received) = read_request(visit.request) else {
        let hand = Hand { key: any.key.clone(), hash: any.hash, aes_key: None };
        return Reaction::whole(Speaker::unnumbered(visit, hand, "").gateway(INVALID));
    };
    let msg_id = received.parameter("msg_id").unwrap_or_default().to_owned();
    let app_id = received.parameter("app_id").unwrap_or_default();
    let found = merchants.iter().find(|merchant| merchant.app_id == app_id);
    let hand = found.unwrap_or(any).hand(&received);
    let speaker = Speaker::unnumbered(visit, hand.clone(), &msg_id);
    let merchant = match found.ok_or(NO_APP).and_then(|merchant| looked_at(visit, merchant, &received)) {
        Ok(merchant) => merchant,
        Err(code) => return Reaction::whole(speaker.gateway(code)),
    };
    let content = received.biz_content(merchant.aes_key);
    if received.verify(merchant.app_key).is_err() {
        return Reaction::whole(speaker.gateway(BAD_SIGN));
    }
    if !visit.clearing.first_of_its_kind(visit.now_ms, &format!("icbc/{}/{msg_id}", merchant.app_id)) {
        return Reaction::whole(speaker.gateway(USED_MSG_ID));
    }
    let Some(content) = content else { return Reaction::whole(speaker.gateway(INVALID)) };
    let call = Arrived { merchant, hand, msg_id: &msg_id };
    serve(visit, &call, &content).unwrap_or_else(|_| Reaction::whole(speaker.gateway(INVALID)))
}

/// A call that is believed: who calls, how it is answered, and its message number.
struct Arrived<'a> {
    merchant: &'a Merchant<'a>,
    hand: Hand,
    msg_id: &'a str,
}

impl Arrived<'_> {
    fn key_of(&self, number: &str) -> Key {
        Key { account: format!("icbc/{}", self.merchant.mer_id), number: number.to_owned() }
    }

    /// The order that a call names. The channel's number may stand beside ours or alone, whole or as its last 15 digits
    /// (icbc.md §3.1); two numbers of different orders name none, and so does another merchant.
    fn named(&self, visit: &Visit<'_>, mer_id: &str, names: Names<'_>) -> Option<Key> {
        if mer_id != self.merchant.mer_id {
            return None;
        }
        let own = names.out_trade_no.map(|number| self.key_of(number));
        let Some(id) = names.order_id else { return own };
        let whole = if id.len() == 15 { format!("{mer_id}{id}") } else { id.to_owned() };
        let found = visit.clearing.book.find_transaction(&self.key_of("").account, &whole)?;
        own.is_none_or(|own| own == *found).then(|| found.clone())
    }
}

/// The numbers by which a call names an order.
struct Names<'a> {
    out_trade_no: Option<&'a str>,
    order_id: Option<&'a str>,
}

fn serve(visit: &mut Visit<'_>, call: &Arrived<'_>, content: &str) -> Result<Reaction, BizFault> {
    Ok(match visit.request.path.as_str() {
        PAY_PATH => order::pay(visit, call, &PayRequest::from_biz_content(content)?),
        QUERY_PATH => order::query(visit, call, &QueryRequest::from_biz_content(content)?),
        REVERSE_PATH => order::reverse(visit, call, &ReverseRequest::from_biz_content(content)?),
        REJECT_PATH => reject::reject(visit, call, &RejectRequest::from_biz_content(content)?),
        _ => reject::list(visit, call, &RejectQueryRequest::from_biz_content(content)?),
    })
}

fn merchant(account: &Account) -> Option<Merchant<'_>> {
    match account {
        Account::Icbc { app_id, mer_id, app_public_key, gateway_signing_key, answer_hash, aes_key } => {
            Some(Merchant {
                app_id,
                mer_id,
                app_key: app_public_key,
                key: gateway_signing_key,
                hash: *answer_hash,
                aes_key: aes_key.as_ref(),
            })
        }
        Account::WechatV2 { .. }
        | Account::WechatV3 { .. }
        | Account::Alipay { .. }
        | Account::Qra { .. }
        | Account::Acp { .. } => None,
    }
}

/// The other public parameters, before the signature (icbc.md §2).
fn looked_at<'a>(
    visit: &Visit<'_>,
    merchant: &'a Merchant<'a>,
    received: &Received,
) -> Result<&'a Merchant<'a>, i64> {
    let numbered = received.parameter("msg_id").is_some_and(|msg_id| msg_id.len() <= MSG_ID_MAX);
    let json = received.parameter("format").is_none_or(|format| format.eq_ignore_ascii_case("json"));
    let typed = received.parameter("sign_type").is_some_and(|name| hash_of(name).is_some());
    if !numbered || !json || !typed {
        return Err(INVALID);
    }
    let sent_ms = received.parameter("timestamp").and_then(calendar::read_spaced).ok_or(INVALID)?;
    if visit.clearing.dials.timestamp_window && (visit.now_ms - sent_ms).abs() > CLOCK_MS_MAX {
        return Err(STALE);
    }
    Ok(merchant)
}
