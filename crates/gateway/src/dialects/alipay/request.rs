//! Calls as messages.

use payment::auth_code::AuthCode;
use payment::exchange::Call;
use payment::payment::Intent;
use payment::planted::{Bug, on};
use payment::time::Time;
use wire::alipay::{
    App, BankAgent, CANCEL_METHOD, CancelRequest, PAY_METHOD, PayRequest, QUERY_METHOD, QueryRequest,
    REFUND_METHOD, REFUND_QUERY_METHOD, request,
};
use wire::code::PaymentCode;
use wire::http::Request;
use wire::text::beijing;

use super::super::terminal::Terminal;
use super::super::text::{self, Limit, Taste};
use super::super::{Asking, Outgoing};
use super::{Shop, refund};
use crate::store::Sale;

/// At most 256 characters without `/`, `=` and `&` (alipay.md §3.1). Quotation marks, brackets and percent signs go too:
/// the gateway takes such texts for attacks, and notices are decoded twice by many (alipay.md §11, traps 13 to 15).
const SUBJECT: Taste = Taste { full_width: "/=&<>\"'\\%", limit: Limit::Chars(256) };
const STORE_MAX: usize = 32;
const TERMINAL_MAX: usize = 32;
const OPERATOR_MAX: usize = 28;
/// How long an unpaid trade lives: the shortest that the channel recommends (alipay.md §3.1, `timeout_express`).
const EXPIRY: &str = "5m";
const PRODUCT: &str = "FACE_TO_FACE_PAYMENT";
/// What `terminal_params` calls the number under which a terminal is registered.
const TERMINAL_NUMBER: &str = "terminal_id";
/// What a query must be asked for, so that it says what the payer paid and what coupons did (alipay.md §3.3).
const QUERY_OPTIONS: [&str; 2] = ["fund_bill_list", "voucher_detail_list"];

/// A call before it is written for one protocol or the other.
pub(super) struct Message {
    /// The application of the intent.
    pub(super) app: App,
    /// The gateway's name of the call.
    pub(super) method: &'static str,
    /// Its JSON text.
    pub(super) content: String,
}

pub(super) fn message(app: &App, shop: &Shop, asking: &Asking<'_>) -> Message {
    let number = asking.intent.channel_order_no.as_str();
    let own = of(app, asking.intent);
    match (asking.call, asking.refund) {
        (Call::Submit, _) => {
            Message { app: app.clone(), method: PAY_METHOD, content: pay(app, shop, asking) }
        }
        (Call::Refund, Some(refund)) => {
            Message { app: own, method: REFUND_METHOD, content: refund::refund(shop, refund, asking.sale) }
        }
        (Call::RefundQuery, Some(refund)) => {
            Message { app: own, method: REFUND_QUERY_METHOD, content: refund::refund_query(refund) }
        }
        // A refund that is none asks nothing but how the trade stands.
        (Call::Query, _) | (Call::Refund | Call::RefundQuery, None) => {
            Message { app: own, method: QUERY_METHOD, content: query_content(number) }
        }
        (Call::Reverse, _) => {
            let cancel = CancelRequest { out_trade_no: Some(number.to_owned()), trade_no: None };
            Message { app: own, method: CANCEL_METHOD, content: cancel.biz_content() }
        }
    }
}

/// A call over the gateway.
pub(super) fn outgoing(app: &App, shop: &Shop, asking: &Asking<'_>) -> Outgoing {
    let Message { app, method, content } = message(app, shop, asking);
    plain(request(&app, method, &content, &spaced(asking.now)))
}

/// A query by our number, over the gateway.
pub(super) fn query(app: &App, number: &str, now: Time) -> Outgoing {
    plain(request(app, QUERY_METHOD, &query_content(number), &spaced(now)))
}

/// A query by our number, which is all that an intent knows.
fn query_content(number: &str) -> String {
    let query = QueryRequest {
        out_trade_no: Some(number.to_owned()),
        trade_no: None,
        query_options: QUERY_OPTIONS.map(str::to_owned).to_vec(),
    };
    query.biz_content()
}

fn pay(app: &App, shop: &Shop, asking: &Asking<'_>) -> String {
    let Asking { intent, sale, code, .. } = asking;
    let scene = if code.is_some_and(AuthCode::is_face_token) { "security_code" } else { "bar_code" };
    let factor = if on(Bug::B21) { 100 } else { 1 };
    let listed = shop.terminals.of(sale);
    let call = PayRequest {
        out_trade_no: intent.channel_order_no.as_str().to_owned(),
        total_amount: intent.amount.fen() * factor,
        subject: text::description(sale.description.as_deref(), &SUBJECT),
        // Without a code the channel refuses, and nothing can be charged.
        auth_code: PaymentCode::new(code.map(AuthCode::expose).unwrap_or_default()),
        scene: scene.to_owned(),
        product_code: Some(PRODUCT.to_owned()),
        seller_id: app.seller_id.clone(),
        body: None,
        store_id: store(sale, shop),
        operator_id: either(&sale.operator, &shop.operator_id, OPERATOR_MAX),
        terminal_id: terminal(sale, shop),
        alipay_store_id: shop.alipay_store_id.clone(),
        terminal_params: terminal_params(shop, listed),
        timeout_express: Some(EXPIRY.to_owned()),
        sys_service_provider_id: shop.provider_id.clone(),
        mc_create_trade_ip: None,
        sub_merchant: intent.payee.sub_merchant.clone(),
        bkagent_req_info: shop.agent.as_ref().map(|agent| agent_at(agent, listed)),
        query_options: Vec::new(),
    };
    call.biz_content()
}

/// The terminal's data, where no acquirer says it in a field of its own.
fn terminal_params(shop: &Shop, listed: Option<&Terminal>) -> Option<String> {
    if shop.agent.is_some() {
        return None;
    }
    listed.map(|terminal| terminal.info(TERMINAL_NUMBER)).or_else(|| shop.terminal_params.clone())
}

/// The acquirer at a terminal that is listed: all that it says of the terminal is this one's.
fn agent_at(agent: &BankAgent, listed: Option<&Terminal>) -> BankAgent {
    let Some(Terminal { device_type, serial_num, location, .. }) = listed else { return agent.clone() };
    BankAgent {
        acq_code: agent.acq_code.clone(),
        merch_code: agent.merch_code.clone(),
        device_type: Some(device_type.clone()),
        serial_num: serial_num.clone(),
        location: location.clone(),
    }
}

/// In which shop: the till's outlet, or the account's.
pub(super) fn store(sale: &Sale, shop: &Shop) -> Option<String> {
    either(&sale.outlet, &shop.store_id, STORE_MAX)
}

/// At which terminal: the till's, or the account's.
pub(super) fn terminal(sale: &Sale, shop: &Shop) -> Option<String> {
    either(&sale.terminal, &shop.terminal_id, TERMINAL_MAX)
}

fn either(of_till: &Option<String>, of_account: &Option<String>, max: usize) -> Option<String> {
    text::identity(of_till.as_deref(), max).or_else(|| text::identity(of_account.as_deref(), max))
}

/// The application of an intent: another one would be told that the trade does not exist (alipay.md §9, "Same token").
/// If the key no longer belongs to it, the channel refuses, which is unknown.
pub(super) fn of(app: &App, intent: &Intent) -> App {
    let merchant = &intent.payee.merchant;
    let app_id = merchant.split_once('/').map_or(merchant.as_str(), |(app_id, _)| app_id);
    App { app_id: app_id.to_owned(), ..app.clone() }
}

pub(super) fn spaced(time: Time) -> String {
    beijing::spaced(time.0)
}

pub(super) fn plain(request: Request) -> Outgoing {
    Outgoing { request, client_certificate: false }
}
