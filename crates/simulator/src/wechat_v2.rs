//! WeChat Pay APIv2 from the channel's side: what is looked at, in which order, and what is answered.
//!
//! Written from the sheet (wechat.md §2, §5 to §7, §11, §13). What goes over the wire comes from the ledger alone.

mod answer;
mod refund;

use std::collections::BTreeMap;

use wire::http::{Method, Response};
use wire::sign::ApiKey;
use wire::wechat_v2::{
    Call as WireCall, Caller as Claims, MicropayRequest, OrderQueryRequest, Refusal, ReverseRequest,
    parse_request, unsigned_fail,
};

use crate::book::{Ask, Check, Failure, Key};
use crate::calendar;
use crate::fault::{self, Call, Conduct, End, Fault, Script, Word, Work};
use crate::payer::Plan;
use crate::reaction::Reaction;
use crate::relay;
use crate::settings::Account;
use crate::visit::{Visit, shown};
use crate::wechat;
use answer::Speaker;

/// The name in the ledger.
pub(crate) const CHANNEL: &str = "wechat_v2";

/// The shortest validity of `time_expire` (wechat.md §2.2; the sources differ, this is the weaker one).
const VALIDITY_MS_MIN: i64 = 60_000;

/// The account that a call came from.
struct Merchant<'a> {
    appid: &'a str,
    mch_id: &'a str,
    sub_mch_id: Option<&'a str>,
    channel_id: Option<&'a str>,
    key: &'a ApiKey,
}

/// The call's path without the prefixes of the test systems (wechat.md §10); `None` when it is not WeChat's.
pub(crate) fn own_path(path: &str) -> Option<&str> {
    let prefixes = ["/sandboxnew", "/xdc/apiv2sandbox"];
    let path = prefixes.iter().find_map(|prefix| path.strip_prefix(prefix)).unwrap_or(path);
    (path.starts_with("/pay/") || path.starts_with("/secapi/")).then_some(path)
}

/// Serves one call.
pub(crate) fn handle(visit: &mut Visit<'_>, path: &str) -> Reaction {
    if path.starts_with("/secapi/") && !visit.caller.client_certificate {
        return Reaction::whole(no_certificate());
    }
    if visit.request.method != Method::Post {
        return Reaction::whole(unsigned_fail("post数据为空"));
    }
    let settings = visit.settings;
    let merchants = settings.accounts.iter().filter_map(merchant);
    let merchants: Vec<Merchant<'_>> =
        merchants.filter(|merchant| merchant.channel_id.is_some() == visit.relayed).collect();
    let key_of = |mch_id: &str| {
        merchants.iter().find(|merchant| merchant.mch_id == mch_id).map(|merchant| merchant.key.clone())
    };
    let (claims, call) = match parse_request(path, &visit.request.body, key_of) {
        Ok(parsed) => parsed,
        Err(refusal) => return Reaction::whole(refused(visit, &merchants, &refusal)),
    };
    let merchant = match bound(&merchants, &claims) {
        Ok(merchant) => merchant,
        Err(Unbound::Fail(text)) => return Reaction::whole(unsigned_fail(text)),
        Err(Unbound::Refused(merchant, code, text)) => {
            return Reaction::whole(Speaker::unnumbered(visit, merchant, &claims).fail(code, text));
        }
    };
    let foreign = visit.caller.certificate_mch_id.as_ref().is_some_and(|mch_id| *mch_id != claims.mch_id);
    if path.starts_with("/secapi/") && foreign {
        return Reaction::whole(unsigned_fail("证书验证失败"));
    }
    match call {
        WireCall::Micropay(request) => micropay(visit, merchant, &claims, &request),
        WireCall::OrderQuery(request) => orderquery(visit, merchant, &claims, &request),
        WireCall::Reverse(request) => reverse(visit, merchant, &claims, &request),
        WireCall::Refund(request) => refund::refund(visit, merchant, &claims, &request),
        WireCall::RefundQuery(request) => refund::query(visit, merchant, &claims, &request),
    }
}

fn merchant(account: &Account) -> Option<Merchant<'_>> {
    match account {
        Account::WechatV2 { appid, mch_id, sub_mch_id, channel_id, api_key } => {
            let (sub_mch_id, channel_id) = (sub_mch_id.as_deref(), channel_id.as_deref());
            Some(Merchant { appid, mch_id, sub_mch_id, channel_id, key: api_key })
        }
        Account::WechatV3 { .. }
        | Account::Alipay { .. }
        | Account::Qra { .. }
        | Account::Acp { .. }
        | Account::Icbc { .. } => None,
    }
}

/// nginx's page for a missing client certificate (wechat.md §2.1).
fn no_certificate() -> Response {
    fault::page(400, "400 No required SSL certificate was sent")
}

fn refused(visit: &Visit<'_>, merchants: &[Merchant<'_>], refusal: &Refusal) -> Response {
    match refusal {
        Refusal::UnknownPath => fault::not_found(),
        Refusal::LackParams { caller, field } | Refusal::ParamError { caller, field } => {
            let merchant = merchants.iter().find(|merchant| merchant.mch_id == caller.mch_id);
            let merchant = merchant.expect("its key has just fitted");
            let code = refusal.err_code().unwrap_or("PARAM_ERROR");
            Speaker::unnumbered(visit, merchant, caller).fail(code, &format!("参数错误：{field}"))
        }
        Refusal::PostDataEmpty
        | Refusal::XmlFormat(_)
        | Refusal::UnknownMerchant { .. }
        | Refusal::SignError => unsigned_fail(refusal.return_msg().unwrap_or("system error")),
    }
}

/// Why a signed request names no account here.
enum Unbound<'a> {
    /// `return_msg`, unsigned.
    Fail(&'static str),
    /// Who answers, `err_code`, text.
    Refused(&'a Merchant<'a>, &'static str, &'static str),
}

/// The account that fits every number of the request (wechat.md §11, step 1; §13 for providers).
fn bound<'a>(merchants: &'a [Merchant<'a>], claims: &Claims) -> Result<&'a Merchant<'a>, Unbound<'a>> {
    let of_number = merchants.iter().filter(|merchant| merchant.mch_id == claims.mch_id);
    let any = of_number.clone().next().expect("its key has just fitted");
    let of_app: Vec<_> = of_number.filter(|merchant| merchant.appid == claims.appid).collect();
    if of_app.is_empty() {
        return Err(Unbound::Refused(any, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配"));
    }
    let wanted = claims.sub_mch_id.as_deref();
    let provider = of_app.iter().any(|merchant| merchant.sub_mch_id.is_some());
    match (of_app.into_iter().find(|merchant| merchant.sub_mch_id == wanted), wanted) {
        (Some(merchant), _) if merchant.channel_id == claims.channel_id.as_deref() => Ok(merchant),
        (Some(merchant), _) => Err(Unbound::Refused(merchant, "PARAM_ERROR", "渠道号channel_id不匹配")),
        (None, None) => Err(Unbound::Fail("受理机构必须传入sub_mch_id")),
        (None, Some(_)) if !provider => Err(Unbound::Fail("普通商户不允许传sub_mch_id")),
        (None, Some(_)) => Err(Unbound::Refused(any, "MCHID_NOT_EXIST", "sub_mch_id不存在")),
    }
}

fn key_of(merchant: &Merchant<'_>, number: &str) -> Key {
    wechat::key(merchant.mch_id, number)
}

fn micropay(
    visit: &mut Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    request: &MicropayRequest,
) -> Reaction {
    let key = key_of(merchant, &request.out_trade_no);
    let lacking = visit.relayed.then(|| relay::lacks(request.terminal_info.as_deref())).flatten();
    if let Some(field) = lacking {
        let speaker = Speaker::unnumbered(visit, merchant, claims);
        return Reaction::whole(speaker.fail("LACK_PARAMS", &format!("缺少参数：{field}")));
    }
    if let Some((code, text)) = wrong(visit, request) {
        return Reaction::whole(Speaker::unnumbered(visit, merchant, claims).fail(code, text));
    }
    if !visit.clearing.admits(visit.now_ms, &key.account) {
        let speaker = Speaker::unnumbered(visit, merchant, claims);
        return Reaction::whole(speaker.fail("FREQUENCY_LIMITED", answer::CROWDED));
    }
    let script = visit.script(request.auth_code.expose()).or_else(|| negative_test(visit));
    visit.clearing.follow(CHANNEL, &key, script);
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Pay);
    let ask = ask(visit, claims, &key, request);
    let charge = visit.charge(CHANNEL, &key, &ask, conduct.work);
    let speaker = Speaker::new(visit, merchant, claims, &key, (Call::Pay, nth), &conduct)
        .about(request.device_info.as_deref());
    let response = match (conduct.word, charge) {
        (Word::Unsigned, _) => unsigned_fail("system error"),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(charge)) => {
            let order = visit.clearing.book.order(&key).expect("begun above");
            speaker.charge(charge, &shown(visit.clearing, &key, order, order.state, &conduct))
        }
        _ => speaker.fail("SYSTEMERROR", answer::SYSTEM_ERROR),
    };
    fault::deliver(&conduct, response)
}

/// What is wrong with a request before any order or code is looked at (wechat.md §2.2, §11).
fn wrong(visit: &Visit<'_>, request: &MicropayRequest) -> Option<(&'static str, &'static str)> {
    const INVALID: &str = "PARAM_ERROR";
    let number = request.out_trade_no.as_str();
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_-|*@".contains(&byte);
    if !(6..=32).contains(&number.len()) || !number.bytes().all(sign) {
        return Some((INVALID, "商户订单号格式错误"));
    }
    if !(1..=visit.settings.max_order).contains(&request.total_fee) {
        return Some((INVALID, "total_fee超出范围"));
    }
    if request.body.chars().count() > 128 || request.fee_type.as_deref().is_some_and(|fee| fee != "CNY") {
        return Some((INVALID, "body或fee_type错误"));
    }
    if let Some(text) = &request.time_expire {
        let expires_ms = calendar::read_compact(text);
        if expires_ms.is_none_or(|at_ms| at_ms < visit.now_ms + VALIDITY_MS_MIN) {
            return Some((INVALID, "time_expire时间过短，刷卡至少1分钟"));
        }
    }
    let formed = wechat::is_formed(request.auth_code.expose());
    (!formed).then_some(("AUTH_CODE_INVALID", wechat::NOT_A_CODE))
}

/// The test header of WeChat's own sandbox (wechat.md §10, "Test systems").
fn negative_test(visit: &Visit<'_>) -> Option<Script> {
    let silent = |call| Fault {
        call,
        from: 1,
        to: 1,
        conduct: Conduct::ending(Work::Done, End::Silence { ms: 60_000 }),
    };
    let name = visit.request.header("wechatpay-negative-test").filter(|_| visit.obeys_scripts())?;
    match name {
        "MICROPAY_USERPAYING" => Some(Script::plain(Plan::Confirms { after_ms: 5_000 }, &[])),
        "MICROPAY_PAYERROR" => Some(Script::plain(Plan::Never, &[])),
        "MICROPAY_TIMEOUT" => Some(Script::plain(Plan::AtOnce, &[silent(Call::Pay)])),
        "MICROPAY_PAY_QUERY_TIMEOUT" => {
            Some(Script::plain(Plan::AtOnce, &[silent(Call::Pay), silent(Call::Query)]))
        }
        _ => None,
    }
}

fn ask(visit: &Visit<'_>, claims: &Claims, key: &Key, request: &MicropayRequest) -> Ask {
    let mut facts = BTreeMap::new();
    let mut fact = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            facts.insert(name.to_owned(), value.to_owned());
        }
    };
    fact("attach", request.attach.as_deref());
    fact("device_info", request.device_info.as_deref());
    fact(wechat::SUB_MERCHANT, claims.sub_mch_id.as_deref());
    fact("sub_appid", claims.sub_appid.as_deref());
    Ask {
        amount: request.total_fee,
        code: request.auth_code.expose().to_owned(),
        transaction_no: wechat::transaction_no(visit.clearing.seed, key),
        expires_ms: request.time_expire.as_deref().and_then(calendar::read_compact),
        life_ms: None,
        dialog_ms: Some(wechat::DIALOG_MS),
        check: Check::CodeFirst,
        failure: Failure::NoOrder,
        facts,
    }
}

/// The key that a query or reverse names: the channel's number wins (wechat.md §2.3, §2.4). None for an order of another
/// merchant of the provider (§13).
fn named(
    visit: &Visit<'_>,
    merchant: &Merchant<'_>,
    transaction_id: Option<&str>,
    number: Option<&str>,
) -> Option<Key> {
    let known = wechat::named(visit, &key_of(merchant, "").account, transaction_id, number);
    known.filter(|key| !wechat::is_anothers(visit, key, merchant.sub_mch_id))
}

fn orderquery(
    visit: &mut Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    request: &OrderQueryRequest,
) -> Reaction {
    let id = request.transaction_id.as_deref();
    let Some(key) = named(visit, merchant, id, request.out_trade_no.as_deref()) else {
        let speaker = Speaker::unnumbered(visit, merchant, claims);
        return Reaction::whole(speaker.fail("ORDERNOTEXIST", answer::NOT_EXIST));
    };
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Query);
    let (state, order) = visit.clearing.look(visit.now_ms, &key, nth);
    let order = order.expect("begun above");
    let speaker = Speaker::new(visit, merchant, claims, &key, (Call::Query, nth), &conduct);
    // An order that was never paid can only be found by the merchant's number (wechat.md §2.3).
    let hidden = id.is_some() && order.paid_ms.is_none();
    let response = match conduct.word {
        Word::Unsigned => unsigned_fail("system error"),
        Word::SystemError => speaker.fail("SYSTEMERROR", answer::SYSTEM_ERROR),
        Word::Limited => speaker.fail("FREQUENCY_LIMITED", answer::CROWDED),
        Word::NotFound => speaker.fail("ORDERNOTEXIST", answer::NOT_EXIST),
        _ if hidden => speaker.fail("ORDERNOTEXIST", answer::NOT_EXIST),
        _ => speaker.state(&shown(visit.clearing, &key, &order, state, &conduct)),
    };
    fault::deliver(&conduct, response)
}

fn reverse(
    visit: &mut Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    request: &ReverseRequest,
) -> Reaction {
    let id = request.transaction_id.as_deref();
    let Some(key) = named(visit, merchant, id, request.out_trade_no.as_deref()) else {
        let speaker = Speaker::unnumbered(visit, merchant, claims);
        return Reaction::whole(speaker.undo("INVALID_TRANSACTIONID", "无效transaction_id", "N"));
    };
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Reverse);
    let undo = (conduct.work == Work::Done).then(|| wechat::undo(visit, CHANNEL, &key));
    let speaker = Speaker::new(visit, merchant, claims, &key, (Call::Reverse, nth), &conduct);
    let response = match (conduct.word, undo) {
        (Word::Unsigned, _) => unsigned_fail("system error"),
        (Word::Again, _) => speaker.undo("", "", "Y"),
        (Word::Yes, _) => speaker.undo("", "", "N"),
        (Word::Refused, _) => speaker.undo("REVERSE_EXPIRE", answer::REVERSE_EXPIRED, "N"),
        (Word::StillPaying, _) => speaker.undo("USERPAYING", answer::STILL_PAYING, "Y"),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(undo)) => {
            speaker.undone(undo, visit.clearing.dials.unseen_answer)
        }
        _ => speaker.undo("SYSTEMERROR", answer::SYSTEM_ERROR, "Y"),
    };
    fault::deliver(&conduct, response)
}
