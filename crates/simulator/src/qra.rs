//! UnionPay QRA from the platform's side: what is looked at, in which order, and what is answered.
//!
//! Written from the sheet (unionpay.md §4, §10, §13). What goes over the wire comes from the ledger alone.

mod answer;
mod refund;
mod words;

use std::collections::BTreeMap;

use wire::http::{Method, Response};
use wire::qra::{
    Call as WireCall, Caller as Claims, GATEWAY_PATH, Keys, MicropayRequest, QueryRequest, Refusal,
    ReverseRequest, parse_request, unsigned_refusal,
};

use crate::book::{Ask, Check, Failure, Key};
use crate::calendar;
use crate::clearing::{Dialog, Trace};
use crate::fault::{self, Call, Word, Work};
use crate::reaction::Reaction;
use crate::seed::digits;
use crate::settings::Account;
use crate::visit::{Visit, shown};
use answer::Speaker;
use words::Scheme;

/// The name in the ledger.
pub(crate) const CHANNEL: &str = "qra";
/// Where everything arrives (unionpay.md §1, variant A).
pub(crate) const PATH: &str = GATEWAY_PATH;

/// An unanswered dialog ends after so long: WeChat's rule (wechat.md §6), whose heir the platform is.
const DIALOG_MS: i64 = 30_000;
/// Where an order keeps the wallet's own number of it.
const WALLET_NUMBER: &str = "out_transaction_id";

/// The merchant that a call came from.
struct Merchant<'a> {
    mch_id: &'a str,
    keys: &'a Keys,
}

/// Serves one call. What cannot be believed is refused without a signature (unionpay.md §10).
pub(crate) fn handle(visit: &mut Visit<'_>) -> Reaction {
    if visit.request.method != Method::Post {
        return Reaction::whole(unsigned_refusal("Parse xml error"));
    }
    let settings = visit.settings;
    let merchants: Vec<Merchant<'_>> = settings.accounts.iter().filter_map(merchant).collect();
    let of = |mch_id: &str| merchants.iter().find(|merchant| merchant.mch_id == mch_id);
    let parsed =
        parse_request(PATH, &visit.request.body, |mch_id| of(mch_id).map(|found| found.keys.clone()));
    let (claims, call) = match parsed {
        Ok(parsed) => parsed,
        Err(Refusal::LackParams { caller, field }) => {
            let merchant = of(&caller.mch_id).expect("its keys have just fitted");
            return Reaction::whole(formless(visit, merchant, &caller, "LACK_PARAMS", field));
        }
        Err(Refusal::ParamError { caller, field }) => {
            let merchant = of(&caller.mch_id).expect("its keys have just fitted");
            return Reaction::whole(formless(visit, merchant, &caller, "PARAM_ERROR", field));
        }
        Err(refusal) => {
            return Reaction::whole(unsigned_refusal(refusal.message().unwrap_or("Unknown service")));
        }
    };
    let merchant = of(&claims.mch_id).expect("its keys have just fitted");
    match call {
        WireCall::Micropay(request) => micropay(visit, merchant, &claims, &request),
        WireCall::Query(request) => query(visit, merchant, &claims, &request),
        WireCall::Reverse(request) => reverse(visit, merchant, &request),
        WireCall::Refund(request) => refund::refund(visit, merchant, &claims, &request),
        WireCall::RefundQuery(request) => refund::query(visit, merchant, &claims, &request),
        // No bills are made here yet.
        WireCall::Bill(_) => Reaction::whole(unsigned_refusal("Unknown service")),
    }
}

fn merchant(account: &Account) -> Option<Merchant<'_>> {
    match account {
        Account::Qra { mch_id, keys } => Some(Merchant { mch_id, keys }),
        Account::WechatV2 { .. }
        | Account::WechatV3 { .. }
        | Account::Alipay { .. }
        | Account::Acp { .. }
        | Account::Icbc { .. } => None,
    }
}

/// A signed refusal of a request whose form is wrong.
fn formless(
    visit: &Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    code: &str,
    field: &str,
) -> Response {
    Speaker::unnumbered(visit, merchant, claims).refuse(code, &format!("参数错误：{field}"), "N")
}

fn key_of(merchant: &Merchant<'_>, number: &str) -> Key {
    Key { account: format!("qra/{}", merchant.mch_id), number: number.to_owned() }
}

fn micropay(
    visit: &mut Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    request: &MicropayRequest,
) -> Reaction {
    let key = key_of(merchant, &request.out_trade_no);
    let unnumbered = Speaker::unnumbered(visit, merchant, claims);
    let expires_ms = match expires_ms(request) {
        Ok(expires_ms) => expires_ms,
        Err(text) => return Reaction::whole(unnumbered.refuse("PARAM_ERROR", text, "N")),
    };
    if let Some((code, text)) = wrong(visit, request) {
        return Reaction::whole(unnumbered.refuse(code, text, "N"));
    }
    let Some(scheme) = Scheme::of_code(request.auth_code.expose()) else {
        return Reaction::whole(unnumbered.refuse("AUTH_CODE_INVALID", "授权码不属于任何支付方式", "N"));
    };
    if !visit.clearing.admits(visit.now_ms, &key.account) {
        return Reaction::whole(unnumbered.refuse("FREQUENCY_LIMITED", words::CROWDED, "N"));
    }
    let script = visit.script(request.auth_code.expose());
    visit.clearing.follow(CHANNEL, &key, script);
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Pay);
    let ask = ask(visit, &key, request, scheme, expires_ms);
    let charge = visit.charge(CHANNEL, &key, &ask, conduct.work);
    let speaker = Speaker::new(visit, merchant, &key, (Call::Pay, nth), &conduct);
    let response = match (conduct.word, charge) {
        (Word::Unsigned, _) => unsigned_refusal("Internal error"),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(charge)) => {
            let order = visit.clearing.book.order(&key).expect("begun above");
            speaker.charge(charge, scheme, &shown(visit.clearing, &key, order, order.state, &conduct))
        }
        _ => speaker.refuse("SYSTEMERROR", words::TIMED_OUT, "Y"),
    };
    fault::deliver(&conduct, response)
}

/// What is wrong with a request before any order or code is looked at (unionpay.md §4.3).
fn wrong(visit: &Visit<'_>, request: &MicropayRequest) -> Option<(&'static str, &'static str)> {
    const INVALID: &str = "PARAM_ERROR";
    const SHORT_MAX: usize = 32;
    let number = request.out_trade_no.as_str();
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !(5..=32).contains(&number.len()) || !number.bytes().all(sign) {
        return Some((INVALID, "out_trade_no格式错误"));
    }
    if !(1..=visit.settings.max_order).contains(&request.total_fee) {
        return Some((INVALID, "total_fee超出范围"));
    }
    if request.body.chars().count() > 128 || request.mch_create_ip.len() > 16 {
        return Some((INVALID, "body或mch_create_ip过长"));
    }
    let shorts = [&request.op_user_id, &request.op_shop_id, &request.op_device_id, &request.device_info];
    if shorts.into_iter().flatten().any(|text| text.chars().count() > SHORT_MAX) {
        return Some((INVALID, "操作员、门店或设备编号过长"));
    }
    if request.attach.as_deref().is_some_and(|attach| attach.chars().count() > 127) {
        return Some((INVALID, "attach过长"));
    }
    let terminal = request.terminal_info.as_deref();
    let object =
        |text: &str| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok();
    terminal.is_some_and(|text| !object(text)).then_some((INVALID, "terminal_info不是JSON"))
}

/// When an unpaid order dies, unix ms. The two times count only together (unionpay.md §4.3).
fn expires_ms(request: &MicropayRequest) -> Result<Option<i64>, &'static str> {
    let (Some(start), Some(expire)) = (&request.time_start, &request.time_expire) else { return Ok(None) };
    let read = |text: &str| calendar::read_compact(text).ok_or("time_start或time_expire格式错误");
    let (start_ms, expires_ms) = (read(start)?, read(expire)?);
    if expires_ms > start_ms { Ok(Some(expires_ms)) } else { Err("time_expire早于time_start") }
}

fn ask(
    visit: &Visit<'_>,
    key: &Key,
    request: &MicropayRequest,
    scheme: Scheme,
    expires_ms: Option<i64>,
) -> Ask {
    let seed = visit.clearing.seed;
    let day = &calendar::compact(visit.now_ms)[..8];
    let drawn = |word: &str, count| digits(seed, &[word, &key.account, &key.number], count);
    let mut facts = BTreeMap::new();
    facts.insert(WALLET_NUMBER.to_owned(), scheme.number(day, &drawn("wallet", 23)));
    let echoed = [("attach", request.attach.as_deref()), ("device_info", request.device_info.as_deref())];
    for (name, value) in echoed {
        facts.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
    Ask {
        amount: request.total_fee,
        code: request.auth_code.expose().to_owned(),
        // 32 digits: the platform's mark, yyMMdd and 15 more (unionpay.md §13).
        transaction_no: format!("95516000000{}{}", &day[2..], drawn("transaction", 15)),
        expires_ms,
        life_ms: None,
        dialog_ms: Some(DIALOG_MS),
        check: Check::CodeFirst,
        failure: Failure::Order,
        facts,
    }
}

/// By the platform's number, which wins, or by the merchant's (unionpay.md §4.4).
fn named(
    visit: &Visit<'_>,
    merchant: &Merchant<'_>,
    transaction_id: Option<&str>,
    number: Option<&str>,
) -> Option<Key> {
    match transaction_id {
        Some(id) => visit.clearing.book.find_transaction(&key_of(merchant, "").account, id).cloned(),
        None => number.map(|number| key_of(merchant, number)),
    }
}

fn query(
    visit: &mut Visit<'_>,
    merchant: &Merchant<'_>,
    claims: &Claims,
    request: &QueryRequest,
) -> Reaction {
    let id = request.transaction_id.as_deref();
    let Some(key) = named(visit, merchant, id, request.out_trade_no.as_deref()) else {
        let speaker = Speaker::unnumbered(visit, merchant, claims);
        return Reaction::whole(speaker.fail("ORDERNOTEXIST", words::NOT_EXIST));
    };
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Query);
    let (state, order) = visit.clearing.look(visit.now_ms, &key, nth);
    let order = order.expect("begun above");
    let speaker = Speaker::new(visit, merchant, &key, (Call::Query, nth), &conduct);
    let response = match conduct.word {
        Word::Unsigned => unsigned_refusal("Internal error"),
        Word::SystemError => speaker.fail("SYSTEMERROR", words::SYSTEM_ERROR),
        Word::Limited => speaker.fail("FREQUENCY_LIMITED", words::CROWDED),
        Word::NotFound => speaker.fail("ORDERNOTEXIST", words::NOT_EXIST),
        _ => speaker.state(&shown(visit.clearing, &key, &order, state, &conduct)),
    };
    fault::deliver(&conduct, response)
}

/// Closes a dialog by force, and leaves a tombstone where no order is known (unionpay.md §10, §13).
fn reverse(visit: &mut Visit<'_>, merchant: &Merchant<'_>, request: &ReverseRequest) -> Reaction {
    let key = key_of(merchant, &request.out_trade_no);
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Reverse);
    let undo = (conduct.work == Work::Done)
        .then(|| visit.clearing.undo(visit.now_ms, CHANNEL, &key, Dialog::Closes, Trace::Tombstone));
    let speaker = Speaker::new(visit, merchant, &key, (Call::Reverse, nth), &conduct);
    let code = visit.clearing.book.order(&key).map_or("", |order| order.code.as_str());
    let scheme = Scheme::of_code(code).unwrap_or(Scheme::UnionPay);
    let response = match (conduct.word, undo) {
        (Word::Unsigned, _) => unsigned_refusal("Internal error"),
        (Word::Yes, _) => speaker.done(),
        (Word::Refused, _) => {
            let (code, text) = scheme.not_reversible();
            speaker.fail(code, text)
        }
        (Word::StillPaying, _) => speaker.fail("USERPAYING", words::STILL_PAYING),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(undo)) => {
            speaker.undone(undo, scheme)
        }
        // "Again" has no flag of its own here: it is this error (unionpay.md §4.4, §12).
        _ => speaker.fail("SYSTEMERROR", words::SYSTEM_ERROR),
    };
    fault::deliver(&conduct, response)
}
