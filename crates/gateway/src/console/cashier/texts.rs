//! Everything that the till says, in both languages: key, 中文, English. `{name}` is filled in by the script.

use crate::lang::Lang;

const TEXTS: &[(&str, &str, &str)] = &[
    ("title", "收银台", "Cashier"),
    ("terminal", "终端", "Terminal"),
    ("outlet", "门店", "Outlet"),
    ("operator", "收银员", "Operator"),
    ("sign_in", "登录", "Sign in"),
    ("sign_out", "退出", "Sign out"),
    ("sign_in_text", "用本网关的密钥登录这台终端。", "Sign this terminal in with a key of this gateway."),
    ("key", "密钥（pk_…）", "Key (pk_…)"),
    ("optional", "可不填", "optional"),
    ("identity_rule", "字母、数字、. _ -，最多 32 个", "letters, digits, . _ -, at most 32"),
    (
        "key_unknown",
        "密钥不对，或无收款权限；请核对后重试",
        "This key is not known here, or may not charge; check it and try again",
    ),
    (
        "terminal_malformed",
        "终端必填；终端、门店、收银员只能用字母、数字和 . _ -，最多 32 个",
        "Terminal is required; terminal, outlet and operator take letters, digits and . _ -, at most 32",
    ),
    ("no_script", "收银台需要启用 JavaScript", "The cashier page needs JavaScript"),
    ("line_up", "已连接", "Connected"),
    ("line_down", "连接中断，正在重连", "Connection lost, reconnecting"),
    ("amount", "收款金额（元）", "Amount (yuan)"),
    ("charge", "去收款", "Charge"),
    (
        "amount_help",
        "输入金额，回车；或直接扫码。+ 累加，Esc 清除",
        "Type the amount, Enter; or scan right away. + adds items, Esc clears",
    ),
    (
        "scanned_first",
        "已扫到付款码，请输入金额后回车",
        "A code has been scanned; type the amount, then Enter",
    ),
    ("scan", "请扫描顾客的付款码", "Scan the customer's payment code"),
    (
        "scan_help",
        "对准顾客手机上的条码或二维码",
        "Point the scanner at the bar code or QR code on the phone",
    ),
    ("hand_help", "也可以输入或粘贴数字，然后回车", "Or type or paste the digits, then Enter"),
    ("hand_refused", "请使用扫码枪；本店未开启手工输入", "Use the scanner; typing codes by hand is off here"),
    ("back", "返回修改金额", "Back to the amount"),
    ("submit_code", "确认", "Send"),
    ("tray", "未定论", "Undecided"),
    ("tray_empty", "没有未定论的收款", "Nothing is undecided"),
    ("last_five", "最近五笔", "Last five"),
    ("last_empty", "本终端还没有收款", "No payments on this terminal yet"),
    ("warning", "请勿重复收款", "Do not charge again"),
    ("busy", "正在收款…", "Charging…"),
    ("typing", "请顾客输入密码", "The customer is confirming"),
    ("typing_text", "请顾客在手机上确认支付", "Ask the customer to confirm on the phone"),
    ("unknown", "结果未知，正在核实", "Result unknown, being checked"),
    (
        "unknown_text",
        "系统正在向渠道查询，结果会自动显示在这里",
        "The channel is being asked; the result will show here by itself",
    ),
    ("offline", "网关没有应答，正在核实", "The gateway does not answer, being checked"),
    ("offline_text", "网络恢复后自动显示结果", "The result will show here when the line is back"),
    ("not_arrived", "重扫的这一笔尚未到达网关", "The new scan has not reached the gateway so far"),
    (
        "not_arrived_text",
        "可以就同一笔再扫一次，网关只会收一次；不要另开一笔",
        "Scan again for this same sale, which the gateway charges once; do not begin another one",
    ),
    ("resuming", "正在找回中断的收款", "Finding the interrupted payment"),
    ("reversing", "正在撤销", "Being reversed"),
    ("reversing_text", "撤销确认后自动显示结果", "The result will show here once the reversal is confirmed"),
    ("paid", "收款成功", "Paid"),
    ("discount", "顾客实付 ¥{paid}，优惠 ¥{off}", "The customer paid ¥{paid}, discount ¥{off}"),
    ("failed", "收款失败，未扣款", "Failed, not charged"),
    ("reversed", "已撤销，未收款", "Reversed, not paid"),
    ("reversed_text", "顾客没有付出这笔钱；可以重新扫码", "The customer keeps the money; you may scan again"),
    ("suspended", "待人工处理", "Waiting for a person"),
    (
        "suspended_text",
        "请联系店长或支持人员，并报出处理单号",
        "Call the manager or support and give the case number",
    ),
    ("refused", "没有收款", "Not charged"),
    ("nothing", "未收款", "Not charged"),
    (
        "nothing_text",
        "上一笔没有到达网关，已作废；可以重新收款",
        "The last sale never reached the gateway and is void; you may charge again",
    ),
    ("cancel", "撤销这笔收款", "Cancel this payment"),
    ("cancelling", "正在取消", "Cancelling"),
    ("cancel_title", "撤销这笔收款？", "Cancel this payment?"),
    (
        "cancel_text",
        "顾客若已付款，将全额退回；确认前不要让顾客离开。",
        "If the customer has paid, all of it goes back. Let nobody leave before it is confirmed.",
    ),
    ("cancel_yes", "撤销", "Cancel it"),
    ("cancel_no", "继续等待", "Keep waiting"),
    ("aside", "先接待下一位", "Next customer meanwhile"),
    ("next_sale", "下一笔", "Next sale"),
    ("new_sale", "新的一笔", "New sale"),
    ("rescan", "重新扫码", "Scan again"),
    ("scan_again", "请让顾客刷新付款码后再扫", "Ask the customer for a fresh code and scan it"),
    ("scan_ignored", "扫码已忽略：先完成当前步骤", "Scan ignored: finish what is on the screen first"),
    (
        "ime",
        "输入法已开启，会吞掉扫码的数字；请切换到英文输入",
        "An input method is on and may swallow digits; switch it to English",
    ),
    ("scanner", "扫码枪测试", "Scanner test"),
    (
        "scanner_help",
        "扫任意一个付款码或商品条码。这里不会收款，也不会发送任何内容。",
        "Scan any payment code or bar code. Nothing is charged here, and nothing is sent.",
    ),
    ("scanner_wait", "等待扫码…", "Waiting for a scan…"),
    ("scanner_burst", "正在接收…", "Receiving…"),
    (
        "scanner_hand",
        "像是手工输入：两次按键间隔超过 60 毫秒。扫码枪若显示此行，请调快发送间隔",
        "Looks like typing: more than 60 ms between keys. If a scanner shows this, set a shorter delay between characters",
    ),
    ("scanner_code", "付款码：{wallet}", "A payment code of {wallet}"),
    ("scanner_no_code", "不是付款码（{digits} 位数字）", "Not a payment code ({digits} digits)"),
    (
        "scanner_speed",
        "{digits} 位数字，最慢间隔 {ms} 毫秒（60 以内可用）",
        "{digits} digits, slowest gap {ms} ms (up to 60 works)",
    ),
    ("scanner_end_enter", "以 Enter 结尾，可用", "Ends with Enter, fine"),
    ("scanner_end_tab", "以 Tab 结尾，可用", "Ends with Tab, fine"),
    (
        "scanner_end_silence",
        "没有结尾键：可用，但每次多等 0.1 秒；建议设置为以 Enter 结尾",
        "No end key: works, but waits 0.1 s longer; better set it to end with Enter",
    ),
    ("scanner_key", "按键", "Key"),
    ("scanner_place", "键位", "Place"),
    ("scanner_gap", "间隔（毫秒）", "Gap (ms)"),
    ("back_to_till", "返回收银台", "Back to the till"),
    ("second_title", "确定是另一笔收款吗？", "Is this another sale?"),
    (
        "second_text",
        "本终端还有未定论的收款（{waiting}）。如果是同一位顾客，请勿重复收款！只有换了顾客或商品，才继续收 ¥{amount}。",
        "This terminal has undecided payments ({waiting}). If it is the same customer, do not charge again! Go on with ¥{amount} only for another sale.",
    ),
    ("second_yes", "是另一笔，继续", "Another sale, go on"),
    ("second_no", "返回", "Go back"),
    ("seconds_left", "秒内须完成", "seconds left"),
    ("seconds_passed", "秒已过", "seconds passed"),
    ("age_s", "{n} 秒前", "{n} s ago"),
    ("age_min", "{n} 分钟前", "{n} min ago"),
    ("tray_busy", "正在收款", "Charging"),
    ("tray_typing", "等顾客输密码", "Customer confirms"),
    ("tray_unknown", "结果未知", "Unknown"),
    ("tray_reversing", "正在撤销", "Reversing"),
    ("tray_suspended", "待人工处理", "Needs a person"),
    ("status_processing", "未定论", "Undecided"),
    ("status_paid", "已支付", "Paid"),
    ("status_failed", "失败", "Failed"),
    ("status_reversed", "已撤销", "Reversed"),
    ("status_suspended", "待人工", "Suspended"),
    ("wallet_wechat", "微信", "WeChat"),
    ("wallet_alipay", "支付宝", "Alipay"),
    ("wallet_unionpay", "云闪付", "UnionPay"),
    ("wallet_icbc", "工行", "ICBC"),
];

/// One text.
pub(super) fn text(lang: Lang, key: &str) -> &'static str {
    let found = TEXTS.iter().find(|(known, _, _)| *known == key);
    found.map_or("", |(_, zh, en)| lang.pick(zh, en))
}

/// All texts of a language, for the script.
pub(super) fn all(lang: Lang) -> String {
    let texts: std::collections::BTreeMap<&str, &str> =
        TEXTS.iter().map(|(key, zh, en)| (*key, lang.pick(zh, en))).collect();
    serde_json::to_string(&texts).expect("texts are JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPTS: [&str; 4] = [
        include_str!("till.js"),
        include_str!("screen.js"),
        include_str!("view.js"),
        include_str!("scanner.js"),
    ];
    const PAGE: &str = include_str!("page.rs");

    /// The keys that stand between `before` and a quote.
    fn keys<'a>(source: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
        source.split(before).skip(1).filter_map(|rest| rest.split('"').next())
    }

    #[test]
    fn what_is_said_has_words_in_both_languages() {
        for (key, zh, en) in TEXTS {
            assert!(!zh.is_empty() && !en.is_empty(), "{key}");
            assert_eq!(TEXTS.iter().filter(|(other, _, _)| other == key).count(), 1, "{key} stands twice");
        }
        let said = SCRIPTS.iter().flat_map(|script| keys(script, "say(\""));
        for key in said.chain(keys(PAGE, "t(\"")) {
            assert!(TEXTS.iter().any(|(known, _, _)| *known == key), "{key} has no words");
        }
    }
}
