//! What WeChat Pay does whatever version of its interface is spoken: one merchant's orders are one book, and its rules,
//! states and numbers are the same (wechat.md §1, §6 to §8, §11, "V2/V3 mix").

use std::collections::BTreeMap;

use crate::book::{Key, State};
use crate::clearing::{Dialog, Trace, Undo};
use crate::dial::{Dials, UnpaidShows};
use crate::payer;
use crate::refund::{Failed, RefundAsk, RefundName, RefundRules};
use crate::seed::{digits, letters};
use crate::visit::{Shown, Visit};

/// An unanswered dialog ends after so long (wechat.md §6).
pub(crate) const DIALOG_MS: i64 = 30_000;
/// An order can be reversed for so long (wechat.md §7).
const REVERSIBLE_MS: i64 = 7 * 86_400_000;
/// An order has at most 50 refunds (wechat.md §11), within a year of the payment (§5.4), where the rule holds a minute
/// apart (§2.1). The number of a refund that was closed stays that refund's (§13).
const REFUND_RULES: RefundRules =
    RefundRules { parts_max: 50, window_ms: 365 * 86_400_000, pause_ms: 60_000, failed: Failed::Spent };

/// The text of `USERPAYING`, a code and a state (wechat.md §2.3).
pub(crate) const PASSWORD: &str = "需要用户输入支付密码";
/// The text for what is not one of WeChat's codes (wechat.md §1).
pub(crate) const NOT_A_CODE: &str = "请扫描微信支付授权码(以10/11/12/13/14/15为前缀的18位数字)";

/// An order's place in the book.
pub(crate) fn key(mch_id: &str, number: &str) -> Key {
    Key { account: format!("wechat/{mch_id}"), number: number.to_owned() }
}

/// What an order's facts call the merchant that a provider sold it for.
pub(crate) const SUB_MERCHANT: &str = "sub_mchid";

/// Whether an order was sold for another merchant than this one of the same provider (wechat.md §13).
pub(crate) fn is_anothers(visit: &Visit<'_>, key: &Key, sub_merchant: Option<&str>) -> bool {
    let order = visit.clearing.book.order(key);
    let sold_for = order.and_then(|order| order.facts.get(SUB_MERCHANT));
    sold_for.is_some_and(|sold_for| sub_merchant != Some(sold_for))
}

/// The key that a call names: the channel's number wins (wechat.md §2.3, §2.4).
pub(crate) fn named(
    visit: &Visit<'_>,
    account: &str,
    transaction_id: Option<&str>,
    number: Option<&str>,
) -> Option<Key> {
    match (transaction_id, number) {
        (Some(id), _) => visit.clearing.book.find_transaction(account, id).cloned(),
        (None, Some(number)) => Some(Key { account: account.to_owned(), number: number.to_owned() }),
        (None, None) => None,
    }
}

/// Whether a text has the form of a payment code (wechat.md §1).
pub(crate) fn is_formed(code: &str) -> bool {
    let code = code.as_bytes();
    let digits = code.len() == 18 && code.iter().all(u8::is_ascii_digit);
    digits && code[0] == b'1' && (b'0'..=b'5').contains(&code[1])
}

/// The number that WeChat gives an order: 28 digits, 42000 in front (wechat.md §11).
pub(crate) fn transaction_no(seed: u64, key: &Key) -> String {
    format!("42000{}", digits(seed, &["transaction", &key.account, &key.number], 23))
}

/// The payer of a code as an application knows them (wechat.md §13).
pub(crate) fn openid(dials: &Dials, seed: u64, appid: &str, code: &str) -> String {
    let payer = payer::owner(dials, seed, code);
    format!("o{}", letters(seed, &["openid", appid, &payer], 0, 27))
}

/// `trade_state` and its text; none where WeChat knows no order (wechat.md §6).
pub(crate) fn state_words(dials: &Dials, shown: &Shown) -> Option<(&'static str, &'static str)> {
    let unpaid_closed = dials.unpaid_shows == UnpaidShows::Closed && shown.order.charged == 0;
    match shown.state {
        State::Absent | State::Barred => None,
        State::Asking => Some(("USERPAYING", PASSWORD)),
        State::Unpaid => Some(("NOTPAY", "订单未支付")),
        State::Lapsed => Some(("PAYERROR", "支付失败，请撤销订单")),
        State::Paid if !shown.order.refunds.is_empty() => Some(("REFUND", "转入退款")),
        State::Paid => Some(("SUCCESS", "支付成功")),
        State::Reversed if unpaid_closed => Some(("CLOSED", "订单已关闭")),
        State::Reversed => Some(("REVOKED", "订单已撤销")),
        State::Closed => Some(("CLOSED", "订单已关闭")),
    }
}

/// The order is past the time in which it could be reversed.
pub(crate) struct TooOld;

/// Reverses, unless the order is too old (wechat.md §7).
pub(crate) fn undo(visit: &mut Visit<'_>, channel: &str, key: &Key) -> Result<Undo, TooOld> {
    let old = visit.clearing.book.order(key).is_some_and(|order| {
        let live = !matches!(order.state, State::Absent | State::Barred | State::Reversed);
        live && visit.now_ms - order.created_ms > REVERSIBLE_MS
    });
    if old {
        return Err(TooOld);
    }
    Ok(visit.clearing.undo(visit.now_ms, channel, key, Dialog::Blocks, Trace::Tombstone))
}

/// Whether a refund's number has its form (wechat.md §2.5).
pub(crate) fn is_refund_number(number: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_-|*@".contains(&byte);
    number.len() <= 64 && number.bytes().all(sign)
}

/// Whether a refund's request agrees with what is known: `total`, the order's amount (wechat.md §2.5), and a refund's number
/// serves one order of the merchant.
pub(crate) fn refund_fits(visit: &Visit<'_>, key: &Key, number: &str, total: i64) -> bool {
    let book = &visit.clearing.book;
    let known = book.find_refund(&key.account, RefundName::Merchants(number.to_owned()));
    let order = book.order(key).filter(|order| order.paid_ms.is_some());
    known.is_none_or(|known| known == key) && order.is_none_or(|order| order.amount == total)
}

/// A refund of so many fen under this number.
pub(crate) fn refund_ask(visit: &Visit<'_>, key: &Key, number: &str, amount: i64) -> RefundAsk {
    // 29 digits, 50 in front (wechat.md §11).
    let tail = digits(visit.clearing.seed, &["refund", &key.account, number], 27);
    RefundAsk {
        number: number.to_owned(),
        refund_no: format!("50{tail}"),
        amount,
        rules: REFUND_RULES,
        facts: BTreeMap::new(),
    }
}
