//! What WeChat says: the words for every state and outcome, and the fields that go with them.

mod refund;

use wire::http::Response;
use wire::sign::{ApiKey, V2SignType};
use wire::text::Fields;
use wire::wechat_v2::{Caller as Claims, sign_response};

use super::Merchant;
use crate::book::{Key, State};
use crate::calendar;
use crate::clearing::{Charge, Undo};
use crate::dial::{Dials, UnseenAnswer};
use crate::fault::{Call, Conduct, Paper, Word};
use crate::payer::Decline;
use crate::seed::letters;
use crate::visit::{Shown, Visit, other_merchant};
use crate::wechat::{self, TooOld};

pub(super) const SYSTEM_ERROR: &str = "系统错误";
pub(super) const NOT_EXIST: &str = "订单不存在";
pub(super) const REFUND_NOT_EXIST: &str = "退款订单不存在";
pub(super) const CROWDED: &str = "当前使用此业务的用户过多，请稍后再试";
pub(super) const STILL_PAYING: &str = "正在支付中不能发起撤销";
pub(super) const REVERSE_EXPIRED: &str = "订单已超过可撤销的最大期限";

/// Who answers, to whom, and in which hand.
pub(super) struct Speaker {
    fields: Fields,
    key: ApiKey,
    sign_type: V2SignType,
    seed: u64,
    appid: String,
    sub_appid: Option<String>,
    dials: Dials,
}

impl Speaker {
    /// An answer about an order.
    pub(super) fn new(
        visit: &Visit<'_>,
        merchant: &Merchant<'_>,
        claims: &Claims,
        key: &Key,
        (call, nth): (Call, u32),
        conduct: &Conduct,
    ) -> Self {
        let words = ["nonce", call.word(), &key.account, &key.number];
        let nonce = letters(visit.clearing.seed, &words, u64::from(nth), 32);
        let mut speaker = Self::with_nonce(visit, merchant, claims, &nonce);
        if conduct.paper == Paper::WrongSignature {
            speaker.key = ApiKey::new(&"0".repeat(32)).expect("32 visible characters");
        }
        if conduct.word == Word::OtherMerchant {
            speaker.fields.insert("mch_id", other_merchant(merchant.mch_id));
        }
        speaker
    }

    /// An answer to a request that came to no order.
    pub(super) fn unnumbered(visit: &Visit<'_>, merchant: &Merchant<'_>, claims: &Claims) -> Self {
        let nonce = letters(visit.clearing.seed, &["nonce", merchant.mch_id, &claims.nonce_str], 0, 32);
        Self::with_nonce(visit, merchant, claims, &nonce)
    }

    fn with_nonce(visit: &Visit<'_>, merchant: &Merchant<'_>, claims: &Claims, nonce: &str) -> Self {
        let mut fields = Fields::from_iter([
            ("return_code", "SUCCESS"),
            ("return_msg", "OK"),
            ("appid", claims.appid.as_str()),
            ("mch_id", merchant.mch_id),
        ]);
        fields.insert_some("sub_appid", claims.sub_appid.as_deref());
        fields.insert_some("sub_mch_id", claims.sub_mch_id.as_deref());
        fields.insert("nonce_str", nonce);
        Self {
            fields,
            key: merchant.key.clone(),
            sign_type: claims.sign_type,
            seed: visit.clearing.seed,
            appid: claims.appid.clone(),
            sub_appid: claims.sub_appid.clone(),
            dials: visit.clearing.dials.clone(),
        }
    }

    /// Echoes the terminal (wechat.md §2.2).
    pub(super) fn about(mut self, device_info: Option<&str>) -> Self {
        self.fields.insert_some("device_info", device_info);
        self
    }

    fn sealed(self) -> Response {
        sign_response(self.fields, &self.key, self.sign_type)
    }

    /// `result_code=FAIL`.
    pub(super) fn fail(mut self, code: &str, text: &str) -> Response {
        self.fields.insert("result_code", "FAIL");
        self.fields.insert("err_code", code);
        self.fields.insert("err_code_des", text);
        self.sealed()
    }

    /// The answer to a pay call (wechat.md §5.1, §13).
    pub(super) fn charge(self, charge: Charge, shown: &Shown) -> Response {
        let replayed = shown.order.state == State::Paid && shown.state == State::Paid;
        match charge {
            Charge::Paid => self.paid(shown),
            // An answer of another order, which is paid, replayed in place of ours.
            Charge::Asking if replayed => self.paid(shown),
            Charge::Asking => self.fail("USERPAYING", wechat::PASSWORD),
            Charge::Declined(why) => {
                let (code, text) = decline(why);
                self.fail(code, text)
            }
            Charge::CodeStale => self.fail("AUTH_CODE_INVALID", "101 付款码已过期，请刷新再试"),
            Charge::CodeSpent => self.fail("AUTH_CODE_INVALID", "101 每个二维码仅限使用一次，请刷新再试"),
            Charge::Taken(State::Paid) => self.fail("ORDERPAID", "该订单已支付"),
            Charge::Taken(State::Reversed | State::Barred) => self.fail("ORDERREVERSED", "订单已撤销"),
            Charge::Taken(State::Closed) => self.fail("ORDERCLOSED", "订单已关闭"),
            Charge::Taken(State::Absent | State::Asking | State::Unpaid | State::Lapsed)
            | Charge::FactsDiffer => self.fail("OUT_TRADE_NO_USED", "商户订单号重复"),
            Charge::PayerDiffers => self.fail("BUYER_MISMATCH", "支付帐号错误"),
            Charge::Expired => self.fail("ORDERCLOSED", "订单已关闭"),
        }
    }

    fn paid(mut self, shown: &Shown) -> Response {
        self.fields.insert("result_code", "SUCCESS");
        self.trade(shown);
        self.sealed()
    }

    /// The trade fields of a paid order (wechat.md §2.2).
    fn trade(&mut self, shown: &Shown) {
        let order = &shown.order;
        let openid = |app: &str| wechat::openid(&self.dials, self.seed, app, &order.code);
        let (appid, sub_openid) = (openid(&self.appid), self.sub_appid.as_deref().map(openid));
        let fields = &mut self.fields;
        fields.insert("openid", appid);
        fields.insert("is_subscribe", "N");
        if let Some(sub_openid) = sub_openid {
            fields.insert("sub_openid", sub_openid);
            fields.insert("sub_is_subscribe", "N");
        }
        fields.insert("trade_type", "MICROPAY");
        fields.insert("bank_type", "OTHERS");
        fields.insert("total_fee", order.amount.to_string());
        fields.insert("fee_type", "CNY");
        fields.insert("transaction_id", order.transaction_no.as_str());
        fields.insert("out_trade_no", shown.number.as_str());
        fields.insert("attach", order.facts.get("attach").map_or("", String::as_str));
        fields.insert("time_end", calendar::compact(order.paid_ms.unwrap_or(order.created_ms)));
        fields.insert("cash_fee", order.payable().to_string());
        fields.insert("cash_fee_type", "CNY");
        if order.discount > 0 {
            fields.insert("coupon_fee", order.discount.to_string());
        }
    }

    /// The answer to a query: all trade fields for a paid order, also a refunded one, the minimal set otherwise (wechat.md
    /// §2.3, §13).
    pub(super) fn state(mut self, shown: &Shown) -> Response {
        let (name, text) = match wechat::state_words(&self.dials, shown) {
            Some(words) => words,
            None => return self.fail("ORDERNOTEXIST", NOT_EXIST),
        };
        let order = &shown.order;
        self.fields.insert_some("device_info", order.facts.get("device_info").map(String::as_str));
        self.fields.insert("result_code", "SUCCESS");
        if shown.state == State::Paid {
            self.trade(shown);
            if order.discount > 0 {
                self.coupon(order.discount);
            }
        } else {
            self.fields.insert("out_trade_no", shown.number.as_str());
            self.fields.insert("attach", order.facts.get("attach").map_or("", String::as_str));
        }
        self.fields.insert("trade_state", name);
        self.fields.insert("trade_state_desc", text);
        self.sealed()
    }

    fn coupon(&mut self, discount: i64) {
        self.fields.insert("coupon_count", "1");
        self.fields.insert("coupon_type_0", "CASH");
        self.fields.insert("coupon_id_0", "10000");
        self.fields.insert("coupon_fee_0", discount.to_string());
    }

    /// The answer to a reverse: a failure when there is a code (wechat.md §2.4).
    pub(super) fn undo(mut self, code: &str, text: &str, recall: &str) -> Response {
        self.fields.insert("result_code", if code.is_empty() { "SUCCESS" } else { "FAIL" });
        self.fields.insert_some("err_code", Some(code));
        self.fields.insert_some("err_code_des", Some(text));
        self.fields.insert("recall", recall);
        self.sealed()
    }

    /// The answer to a reverse that was served (wechat.md §5.3, §7, §11, §13).
    pub(super) fn undone(self, undo: Result<Undo, TooOld>, unseen: UnseenAnswer) -> Response {
        match undo {
            Ok(Undo::Unseen) if unseen == UnseenAnswer::Invalid => {
                self.undo("INVALID_TRANSACTIONID", "无效transaction_id", "N")
            }
            Ok(Undo::Unseen | Undo::Unpaid | Undo::Returned) => self.undo("", "", "N"),
            Ok(Undo::DialogOpen) => self.undo("USERPAYING", STILL_PAYING, "Y"),
            Ok(Undo::FundsShort) => self.undo("TRADE_ERROR", "商户可用余额不足", "N"),
            Ok(Undo::Refunded) => self.undo("TRADE_ERROR", "订单已退款", "N"),
            Err(TooOld) => self.undo("REVERSE_EXPIRE", REVERSE_EXPIRED, "N"),
        }
    }
}

/// The codes for declines (wechat.md §5.1).
fn decline(why: Decline) -> (&'static str, &'static str) {
    match why {
        Decline::NoFunds => ("NOTENOUGH", "余额不足"),
        Decline::CodeExpired => ("AUTHCODEEXPIRE", "二维码已过期，请用户在微信上刷新后再试"),
        Decline::CodeUsed => ("AUTH_CODE_INVALID", "101 每个二维码仅限使用一次，请刷新再试"),
        Decline::CodeMalformed => ("AUTH_CODE_ERROR", "授权码参数错误，请扫描微信支付被扫条码/二维码"),
        Decline::OverLimit => ("TRADE_ERROR", "交易金额超出付款人限额"),
        Decline::Risk => ("TRADE_ERROR", "交易存在风险，已被拦截"),
        Decline::CardType => ("NOTSUPORTCARD", "不支持卡类型"),
        Decline::Frozen => ("TRADE_ERROR", "付款人账户异常"),
        Decline::MerchantMayNot => ("NOAUTH", "商户无此接口权限"),
    }
}
