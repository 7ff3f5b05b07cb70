//! Every word of the phone page, in both languages.

use axum::http::{HeaderMap, header};
use simulator::wallet::Standing;

use crate::lang::Lang;

/// What the address asks for, else what was chosen before, else what the browser prefers.
pub(super) fn choose(asked: Option<&str>, headers: &HeaderMap) -> Lang {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Lang::choose(asked, text(header::COOKIE), text(header::ACCEPT_LANGUAGE))
}

/// The words of a language.
pub(super) fn of(lang: Lang) -> &'static Words {
    match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    }
}

macro_rules! words {
    ($( $name:ident: $zh:literal, $en:literal; )*) => {
        /// The page's words.
        pub(super) struct Words { $( pub(super) $name: &'static str, )* }
        const ZH: Words = Words { $( $name: $zh, )* };
        const EN: Words = Words { $( $name: $en, )* };
    };
}

words! {
    title: "顾客手机", "Customer’s phone";
    play_money: "演示 · 不是真钱", "Play money";
    language: "中文", "English";
    live: "实时", "Live";
    polling: "每 2 秒刷新", "Refreshing every 2 s";
    lost: "连接中断，正在重连…", "Connection lost, trying again…";
    no_script: "此页面需要 JavaScript 才能实时更新。", "This page needs JavaScript to stay up to date.";

    wallets: "钱包", "Wallet";
    show: "请出示给收银员扫码", "Show this to the cashier";
    bar_code: "付款条形码", "Payment bar code";
    qr_code: "付款二维码", "Payment QR code";
    renewed_in: "秒后自动更新", "s until it renews itself";
    new_code: "换一个", "New code";
    expired: "付款码已过期", "The code has expired";

    scenario: "场景", "Scenario";
    scenarios: "选择场景", "Choose a scenario";
    close: "关闭", "Close";
    not_yet: "暂未提供", "not yet";

    balance: "余额", "Balance";
    bill: "最近账单", "Latest payments";
    beijing: "北京时间", "Beijing time";
    nothing_spent: "还没有付款。选一个场景，让收银员扫码。", "Nothing yet. Choose a scenario and have the code scanned.";
    waiting: "等待输入密码", "Waiting for the password";
    by_itself: "由场景自动应答，无需操作", "The scenario answers by itself";
    order: "订单", "Order";

    ask: "确认付款", "Confirm the payment";
    merchant: "演示商户", "Demo merchant";
    play_pin: "演示密码，随便按 6 位", "Play PIN: press any 6 digits";
    no_real_pin: "请勿输入真实密码。按下的数字不会发送。", "Never type a real PIN. The digits are not sent.";
    erase: "删除", "Erase";
    confirm: "确认付款", "Pay";
    refuse: "拒绝", "Refuse";
    done: "完成", "Done";
    gone: "这笔付款已不在等待", "This payment does not wait any more";

    not_charged: "未扣款", "Nothing was charged";
    given_back: "已退回", "Given back";
    taken_away: "商户已收回，或等待超时。未扣款", "The shop took it back, or time ran out. Nothing was charged";
}

/// A group of scenarios, by the hundreds of their numbers.
pub(super) fn group(hundreds: u16, lang: Lang) -> &'static str {
    match hundreds {
        0 => lang.pick("支付成功", "Pays"),
        1 => lang.pick("输入密码", "Password"),
        2 => lang.pick("被拒绝", "Declined"),
        3 => lang.pick("通信故障", "Faults"),
        4 => lang.pick("查询与撤销", "Queries and reversals"),
        5 => lang.pick("优惠", "Coupons"),
        6 => lang.pick("退款", "Refunds"),
        7 => lang.pick("对账单", "Bills"),
        _ => lang.pick("其他", "Others"),
    }
}

/// How a scenario ends, as the API calls it.
pub(super) fn status(status: &'static str, lang: Lang) -> &'static str {
    match status {
        "paid" => lang.pick("成功", "paid"),
        "failed" => lang.pick("失败", "failed"),
        "reversed" => lang.pick("撤销", "reversed"),
        "suspended" => lang.pick("挂起", "suspended"),
        other => other,
    }
}

/// How a spent code stands: a word for the stylesheet, a sign, and a word for people.
pub(super) fn standing(standing: Standing, lang: Lang) -> (&'static str, &'static str, &'static str) {
    match standing {
        Standing::Declined => ("declined", "✕", lang.pick("付款未成功", "Declined")),
        Standing::Asking => ("asking", "⋯", lang.pick("等待输入密码", "Waiting for the password")),
        Standing::Paid => ("paid", "✓", lang.pick("已支付", "Paid")),
        Standing::Refused => ("refused", "✕", lang.pick("已拒绝", "Refused")),
        Standing::Lapsed => ("lapsed", "✕", lang.pick("超时未付", "Timed out")),
        Standing::Reversed => ("reversed", "↩", lang.pick("已撤销", "Reversed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_has_a_group() {
        for scenario in simulator::scenario::all() {
            assert_ne!(group(scenario.number / 100, Lang::En), "Others", "{}", scenario.number);
        }
    }
}
