//! WeChat Pay APIv3 from the channel's side: what is looked at, in which order, and what is answered.
//!
//! Written from the sheet (wechat.md §4, §5.5, §6 to §8, §11, §13). What goes over the wire comes from the ledger alone.

mod answer;
mod bound;
mod keys;
mod refund;
mod status;

use std::collections::BTreeMap;

use wire::http::Response;
use wire::wechat_v3::{
    Account as Claims, BodyFault, Call as WireCall, CodepayRequest, NotOurs, OrderNumber, OrderQueryRequest,
    Received, ReverseRequest, SubMerchant, call, error_body, read_request, unsigned_response,
};

use crate::book::{Ask, Check, Failure, Key};
use crate::fault::{self, Call, Word, Work};
use crate::reaction::Reaction;
use crate::seed::draw;
use crate::settings::Account;
use crate::visit::{Visit, shown};
use crate::wechat;
use answer::Speaker;
use keys::Keys;

/// The name in the ledger.
pub(crate) const CHANNEL: &str = "wechat_v3";

/// What a repeat of a request is known by, among an order's facts.
const REQUEST: &str = "request";

/// The account that a call came from.
struct Merchant<'a> {
    appid: &'a str,
    mchid: &'a str,
    sub: Option<&'a SubMerchant>,
    keys: Keys<'a>,
}

impl Merchant<'_> {
    fn sub_mchid(&self) -> Option<&str> {
        self.sub.map(|sub| sub.mchid.as_str())
    }
}

/// Whether a path is one of this channel.
pub(crate) fn is_own_path(path: &str) -> bool {
    ["/v3/pay/", "/v3/refund/", "/v3/certificates"].iter().any(|root| path.starts_with(root))
}

/// Serves one call.
pub(crate) fn handle(visit: &mut Visit<'_>) -> Reaction {
    let settings = visit.settings;
    let merchants: Vec<Merchant<'_>> = settings.accounts.iter().filter_map(merchant).collect();
    let (signer, received) = match signed(visit, &merchants) {
        Ok(signed) => signed,
        Err(response) => return Reaction::whole(response),
    };
    let (claims, asked) = match call(&received.0) {
        Ok(Some(found)) => found,
        Ok(None) => return Reaction::whole(fault::not_found()),
        Err(wrong) => return Reaction::whole(unread(visit, signer, &received, &wrong)),
    };
    // The download names nobody but its signer, a provider too (wechat.md §4.3).
    let bound = if asked == WireCall::Certificates {
        Ok(signer)
    } else {
        bound::account(&merchants, signer, &claims)
    };
    let merchant = match bound {
        Ok(merchant) => merchant,
        Err(refusal) => {
            return Reaction::whole(refusal.say(Speaker::unnumbered(visit, signer, received.wanted())));
        }
    };
    let asker = Asker { merchant, claims: &claims, wanted: received.wanted() };
    match asked {
        WireCall::Codepay(request) => codepay(visit, &asker, &request),
        WireCall::OrderQuery(request) => query(visit, &asker, &request),
        WireCall::Reverse(request) => reverse(visit, &asker, &request),
        WireCall::Refund(request) => refund::refund(visit, &asker, &request),
        WireCall::RefundQuery(request) => refund::query(visit, &asker, &request),
        WireCall::Certificates => Reaction::whole(keys::download(visit, merchant, received.wanted())),
    }
}

fn merchant(account: &Account) -> Option<Merchant<'_>> {
    let Account::WechatV3 {
        appid,
        mchid,
        sub,
        merchant_serial,
        merchant_key,
        api_v3_key,
        public_key,
        certificates,
    } = account
    else {
        return None;
    };
    let public_key = public_key.as_ref();
    let keys = Keys { merchant_serial, merchant_key, api_v3_key, public_key, certificates };
    Some(Merchant { appid, mchid, sub: sub.as_ref(), keys })
}

/// A request that its merchant signed.
struct Signed(wire::verified::Verified<Received>);

impl Signed {
    /// With which key the answer is wanted to be signed.
    fn wanted(&self) -> Option<&str> {
        self.0.value().answer_serial()
    }
}

/// Who asks, as whom, and by which key the answer is wanted.
struct Asker<'a> {
    merchant: &'a Merchant<'a>,
    claims: &'a Claims,
    wanted: Option<&'a str>,
}

impl Asker<'_> {
    fn key(&self, number: &str) -> Key {
        wechat::key(self.merchant.mchid, number)
    }

    /// The order is one of the provider's other merchants'.
    fn is_anothers(&self, visit: &Visit<'_>, key: &Key) -> bool {
        wechat::is_anothers(visit, key, self.merchant.sub_mchid())
    }
}

/// Whose request it is, or the refusal of one that is nobody's. Only a merchant who is known is answered under a signature
/// (wechat.md §4.1, §11).
fn signed<'a>(
    visit: &Visit<'_>,
    merchants: &'a [Merchant<'a>],
) -> Result<(&'a Merchant<'a>, Signed), Response> {
    let unsigned = |status, code, text| unsigned_response(status, &error_body(code, text));
    if visit.request.header("user-agent").is_none_or(str::is_empty) {
        return Err(unsigned(status::BAD_REQUEST, "PARAM_ERROR", "Http头缺少Accept或User-Agent"));
    }
    let received = read_request(visit.request.clone()).map_err(|_| {
        unsigned(
            status::UNAUTHORIZED,
            "SIGN_ERROR",
            "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》",
        )
    })?;
    let Some(known) = merchants.iter().find(|merchant| merchant.mchid == received.mchid()) else {
        return Err(unsigned(status::UNAUTHORIZED, "SIGN_ERROR", "商户号不存在"));
    };
    let wanted = received.answer_serial().map(str::to_owned);
    let refuse = |text| {
        Err(Speaker::unnumbered(visit, known, wanted.as_deref()).refuse(
            status::UNAUTHORIZED,
            "SIGN_ERROR",
            text,
        ))
    };
    let own = |merchant: &&Merchant<'_>| {
        merchant.mchid == received.mchid()
            && merchant.keys.merchant_serial.eq_ignore_ascii_case(received.serial_no())
    };
    let Some(signer) = merchants.iter().find(own) else {
        return refuse("商户证书序列号有误，请使用签名私钥匹配的证书序列号");
    };
    match received.verify(signer.keys.merchant_key, visit.now_ms.div_euclid(1_000)) {
        Ok(verified) => Ok((signer, Signed(verified))),
        Err(NotOurs::BadSignature) => refuse("签名错误，请检查后再试"),
        Err(NotOurs::Stale) => refuse("Http头Authorization值中timestamp与发起请求的时间不得超过5分钟"),
    }
}

/// A body or a query that is not in its form (wechat.md §4.5).
fn unread(visit: &Visit<'_>, signer: &Merchant<'_>, received: &Signed, wrong: &BodyFault) -> Response {
    let speaker = Speaker::unnumbered(visit, signer, received.wanted());
    match wrong {
        BodyFault::NotJson => speaker.refuse(status::BAD_REQUEST, "PARAM_ERROR", "请求体不是合法的JSON"),
        BodyFault::Missing(field) => speaker.refuse_field(field, "缺少必填参数"),
        BodyFault::Bad(field) => speaker.refuse_field(field, "输入源的值不符合要求"),
        BodyFault::Unexpected(field) => speaker.refuse_field(field, "不支持的参数"),
    }
}

fn codepay(visit: &mut Visit<'_>, asker: &Asker<'_>, request: &CodepayRequest) -> Reaction {
    let key = asker.key(&request.out_trade_no);
    let plain = |visit: &Visit<'_>| Speaker::unnumbered(visit, asker.merchant, asker.wanted);
    if let Some((field, text)) = wrong(visit, request) {
        return Reaction::whole(plain(visit).refuse_field(field, text));
    }
    if !wechat::is_formed(request.auth_code.expose()) {
        return Reaction::whole(plain(visit).refuse(
            status::BAD_REQUEST,
            "AUTH_CODE_INVALID",
            wechat::NOT_A_CODE,
        ));
    }
    if !visit.clearing.admits(visit.now_ms, &key.account) {
        return Reaction::whole(plain(visit).refuse(status::TOO_MANY, "FREQUENCY_LIMITED", answer::CROWDED));
    }
    visit.clearing.follow(CHANNEL, &key, visit.script(request.auth_code.expose()));
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Pay);
    let ask = ask(visit, asker, &key, request);
    let charge = visit.charge(CHANNEL, &key, &ask, conduct.work);
    let speaker = Speaker::new(visit, asker, &key, (Call::Pay, nth), &conduct);
    let response = match (conduct.word, charge) {
        (Word::Unsigned, _) => answer::unsigned_refusal(),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(charge)) => {
            let order = visit.clearing.book.order(&key).expect("begun above");
            let repeats = order.facts.get(REQUEST) == ask.facts.get(REQUEST);
            speaker.charge(charge, repeats, &shown(visit.clearing, &key, order, order.state, &conduct))
        }
        _ => speaker.refuse(status::SERVER_ERROR, "SYSTEM_ERROR", answer::SYSTEM_ERROR),
    };
    fault::deliver(&conduct, response)
}

/// What is wrong with a request before any order or code is looked at (wechat.md §4.4): the member, and why.
fn wrong(visit: &Visit<'_>, request: &CodepayRequest) -> Option<(&'static str, &'static str)> {
    let number = request.out_trade_no.as_str();
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_-*".contains(&byte);
    if !(6..=32).contains(&number.len()) || !number.bytes().all(sign) {
        return Some(("out_trade_no", "商户订单号格式错误"));
    }
    if !(1..=visit.settings.max_order).contains(&request.total) {
        return Some(("total", "订单金额超出范围"));
    }
    if request.currency.as_deref().is_some_and(|currency| currency != "CNY") {
        return Some(("currency", "不支持的币种"));
    }
    let long = |text: Option<&str>, max| text.is_some_and(|text| text.chars().count() > max);
    let texts = [
        ("description", Some(request.description.as_str()), 127),
        ("attach", request.attach.as_deref(), 128),
        ("goods_tag", request.goods_tag.as_deref(), 32),
        ("device_id", request.device_id.as_deref(), 32),
        ("device_ip", request.device_ip.as_deref(), 45),
        ("id", request.store_id.as_deref(), 32),
        ("out_id", request.store_out_id.as_deref(), 256),
    ];
    let found = texts.into_iter().find(|(_, text, max)| long(*text, *max));
    found.map(|(field, ..)| (field, "字符串长度超出限制"))
}

fn ask(visit: &Visit<'_>, asker: &Asker<'_>, key: &Key, request: &CodepayRequest) -> Ask {
    let mut facts = BTreeMap::new();
    let mut fact = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            facts.insert(name.to_owned(), value.to_owned());
        }
    };
    fact("attach", request.attach.as_deref());
    fact(wechat::SUB_MERCHANT, asker.merchant.sub_mchid());
    fact("sub_appid", asker.claims.sub.as_ref().and_then(|sub| sub.appid.as_deref()));
    // A repeat with the identical body is known by it (wechat.md §13).
    let body = String::from_utf8_lossy(&visit.request.body);
    fact(REQUEST, Some(&format!("{:016x}", draw(0, &[&body], 0))));
    Ask {
        amount: request.total,
        code: request.auth_code.expose().to_owned(),
        transaction_no: wechat::transaction_no(visit.clearing.seed, key),
        expires_ms: None,
        life_ms: None,
        dialog_ms: Some(wechat::DIALOG_MS),
        check: Check::NumberFirst,
        failure: Failure::NoOrder,
        facts,
    }
}

fn query(visit: &mut Visit<'_>, asker: &Asker<'_>, request: &OrderQueryRequest) -> Reaction {
    let (id, number) = match &request.order {
        OrderNumber::OutTradeNo(number) => (None, Some(number.as_str())),
        OrderNumber::TransactionId(id) => (Some(id.as_str()), None),
    };
    let known = wechat::named(visit, &asker.key("").account, id, number);
    let Some(key) = known.filter(|key| !asker.is_anothers(visit, key)) else {
        let speaker = Speaker::unnumbered(visit, asker.merchant, asker.wanted);
        return Reaction::whole(speaker.refuse(status::NOT_FOUND, "ORDER_NOT_EXIST", answer::NOT_EXIST));
    };
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Query);
    let (state, order) = visit.clearing.look(visit.now_ms, &key, nth);
    let order = order.expect("begun above");
    let speaker = Speaker::new(visit, asker, &key, (Call::Query, nth), &conduct);
    // An order that was never paid can only be found by the merchant's number (wechat.md §2.3).
    let hidden = id.is_some() && order.paid_ms.is_none();
    let response = match conduct.word {
        Word::Unsigned => answer::unsigned_refusal(),
        Word::SystemError => speaker.refuse(status::SERVER_ERROR, "SYSTEM_ERROR", answer::SYSTEM_ERROR),
        Word::Limited => speaker.refuse(status::TOO_MANY, "FREQUENCY_LIMITED", answer::CROWDED),
        Word::NotFound => speaker.refuse(status::NOT_FOUND, "ORDER_NOT_EXIST", answer::NOT_EXIST),
        _ if hidden => speaker.refuse(status::NOT_FOUND, "ORDER_NOT_EXIST", answer::NOT_EXIST),
        _ => speaker.state(status::OK, &shown(visit.clearing, &key, &order, state, &conduct)),
    };
    fault::deliver(&conduct, response)
}

fn reverse(visit: &mut Visit<'_>, asker: &Asker<'_>, request: &ReverseRequest) -> Reaction {
    let key = asker.key(&request.out_trade_no);
    if asker.is_anothers(visit, &key) {
        let speaker = Speaker::unnumbered(visit, asker.merchant, asker.wanted);
        return Reaction::whole(speaker.refuse(status::BAD_REQUEST, "INVALID_REQUEST", answer::ANOTHERS));
    }
    let (conduct, nth) = visit.clearing.begin(CHANNEL, &key, Call::Reverse);
    let undo = (conduct.work == Work::Done).then(|| wechat::undo(visit, CHANNEL, &key));
    let speaker = Speaker::new(visit, asker, &key, (Call::Reverse, nth), &conduct);
    let response = match (conduct.word, undo) {
        (Word::Unsigned, _) => answer::unsigned_refusal(),
        (Word::Yes, _) => speaker.reversed(&key.number),
        (Word::Refused, _) => speaker.refuse(status::BAD_REQUEST, "INVALID_REQUEST", answer::REVERSE_EXPIRED),
        (Word::StillPaying, _) => speaker.refuse(status::BAD_REQUEST, "USERPAYING", answer::STILL_PAYING),
        (Word::True | Word::OtherAmount | Word::OtherMerchant | Word::OtherOrder, Some(undo)) => {
            speaker.undone(undo, &key.number, visit.clearing.dials.unseen_answer)
        }
        // There is no "again" in V3: whatever is not 2xx is to be repeated (wechat.md §4.4).
        _ => speaker.refuse(status::SERVER_ERROR, "SYSTEM_ERROR", answer::SYSTEM_ERROR),
    };
    fault::deliver(&conduct, response)
}
