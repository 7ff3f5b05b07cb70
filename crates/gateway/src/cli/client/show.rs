//! What a person reads: amounts in yuan, times in Shanghai, one thing a line, and what to do next at the end. With `--json`
//! the API's own bodies, one a line.

use payment::money::Fen;
use payment::time::Time;
use serde_json::Value;
use wire::text::yuan;

use crate::words;

use super::http::Refusal;
use super::progress::moment;
use super::text;

/// How wide the labels of a block are, in columns.
const LABEL_COLUMNS: usize = 24;

/// The order number, before anything leaves. Programs read it on stderr: stdout is for the API's bodies.
pub(super) fn order(order_no: &str, amount: Fen, json: bool) {
    if json {
        eprintln!("order_no {order_no}");
        return;
    }
    println!("{}", line("订单号 / order", order_no));
    println!("{}", line("金额 / amount", &format!("{amount} 元")));
}

/// A payment with everything that a till needs to know.
pub(super) fn payment(payment: &Value, json: bool) {
    if json {
        println!("{payment}");
        return;
    }
    let status = text(payment, "/status");
    println!("{}", words::status(status));
    for (label, value) in rows(payment) {
        if !value.is_empty() {
            println!("{}", line(label, &value));
        }
    }
    for step in next(payment) {
        println!("{}", line("下一步 / next", &step));
    }
}

fn rows(payment: &Value) -> Vec<(&'static str, String)> {
    let at = |pointer: &str| text(payment, pointer);
    let attempt = payment["attempt"].as_i64().filter(|attempt| *attempt > 1);
    let order = match attempt {
        Some(attempt) => format!("{}  (第 {attempt} 次 / attempt {attempt})", at("/order_no")),
        None => at("/order_no").to_owned(),
    };
    let discount = payment["discount_amount"].as_i64().filter(|discount| *discount > 0);
    let paid = match (discount, payment["paid_amount"].as_i64()) {
        (Some(discount), Some(paid)) => {
            format!("{} 元, 优惠 / discount {} 元", yuan::print(paid), yuan::print(discount))
        }
        (None, _) | (_, None) => String::new(),
    };
    let channel_says = format!("{} {}", at("/failure/channel_code"), at("/failure/channel_message"));
    let reversal = match (at("/reversal/status"), at("/reversal/outcome")) {
        ("", _) => String::new(),
        (status, "") => status.to_owned(),
        (status, outcome) => format!("{status}, {outcome}"),
    };
    vec![
        ("订单号 / order", order),
        ("金额 / amount", format!("{} 元", yuan::print(payment["amount"].as_i64().unwrap_or_default()))),
        ("实付 / paid", paid),
        ("支付单 / payment", at("/id").to_owned()),
        ("渠道 / channel", format!("{} (账户 / account {})", at("/channel"), at("/account"))),
        ("渠道单号 / at channel", at("/channel_order_no").to_owned()),
        ("渠道流水 / transaction", at("/channel_transaction_no").to_owned()),
        ("创建 / opened", local(at("/created_at"))),
        ("支付时间 / paid at", local(at("/paid_at"))),
        ("原因 / reason", at("/failure/message").to_owned()),
        ("渠道说 / channel says", channel_says.trim().to_owned()),
        ("撤销 / reversal", reversal),
        ("进展 / now", at("/next_action/message").to_owned()),
        ("处理单 / case", at("/case").to_owned()),
    ]
}

fn next(payment: &Value) -> Vec<String> {
    let order = text(payment, "/order_no");
    match text(payment, "/status") {
        "paid" if text(payment, "/reversal/status") == "pending" => {
            vec![format!("正在退回 / being given back: paycode query {order} --wait 60")]
        }
        "paid" => vec!["交付商品 / hand over the goods".to_owned()],
        "failed" => vec![words::advice(text(payment, "/failure/advice")).to_owned()],
        "reversed" => {
            vec![
                "可重新扫码收款, 订单号不变 / a new code may be scanned, under the same order number"
                    .to_owned(),
            ]
        }
        "processing" => go_on(order),
        "suspended" => vec![format!(
            "不要再收款; 人工处理 / do not charge again; a person looks at it: paycode cases show {}",
            text(payment, "/case")
        )],
        _ => vec!["联系支持 / call support".to_owned()],
    }
}

fn go_on(order: &str) -> Vec<String> {
    vec![
        format!("继续等 / wait on: paycode query {order} --wait 60"),
        format!("不要了 / give up: paycode cancel {order}"),
    ]
}

/// What is said where nobody knows how it ended. On stderr: there is no body of the API's to print.
pub(super) fn undecided(order: &str) {
    eprintln!("结果未知, 请勿重复收款 / the result is not known: do not charge again");
    for step in go_on(order) {
        eprintln!("{}", line("下一步 / next", &step));
    }
}

/// An order number that was cancelled before any payment existed.
pub(super) fn tombstone(said: &Value, json: bool) {
    if json {
        println!("{said}");
        return;
    }
    println!("已取消, 从未收款 / cancelled; there never was a payment");
    println!("{}", line("订单号 / order", text(said, "/order_no")));
    println!("{}", line("下一步 / next", "这个订单号不能再用 / this order number takes no payment any more"));
}

/// A refund, and what to do next.
pub(super) fn refund(refund: &Value, json: bool) {
    if json {
        println!("{refund}");
        return;
    }
    let at = |pointer: &str| text(refund, pointer);
    let status = at("/status");
    println!("{}", words::refund_status(status));
    let channel_says = format!("{} {}", at("/failure/channel_code"), at("/failure/channel_message"));
    for (label, value) in [
        ("退款单号 / refund no", at("/refund_no").to_owned()),
        ("金额 / amount", format!("{} 元", yuan::print(refund["amount"].as_i64().unwrap_or_default()))),
        ("订单号 / order", at("/order_no").to_owned()),
        ("退款单 / refund", at("/id").to_owned()),
        ("渠道单号 / at channel", at("/channel_refund_no").to_owned()),
        ("创建 / opened", local(at("/created_at"))),
        ("结束 / ended", local(at("/ended_at"))),
        ("原因 / reason", at("/failure/message").to_owned()),
        ("渠道说 / channel says", channel_says.trim().to_owned()),
        ("处理单 / case", at("/case").to_owned()),
    ] {
        if !value.is_empty() {
            println!("{}", line(label, &value));
        }
    }
    let again = || {
        let amount = refund["amount"].as_i64().unwrap_or_default();
        let (order, number) = (at("/order_no"), at("/refund_no"));
        format!(
            "继续等 / wait on: paycode refund {order} --refund-no {number} --amount {}",
            yuan::print(amount)
        )
    };
    match status {
        "pending" => println!("{}", line("下一步 / next", &again())),
        "failed" => {
            println!("{}", line("下一步 / next", words::refund_advice(at("/failure/advice"))));
        }
        _ => {}
    }
}

/// A refusal: what, why, and what to do.
pub(super) fn refusal(refusal: &Refusal, json: bool) {
    let body = &refusal.body;
    if json {
        println!("{body}");
        return;
    }
    let order = match text(body, "/payment/order_no") {
        "" => "ORDER",
        order => order,
    };
    eprintln!("拒绝 / refused: {}", text(body, "/title"));
    eprintln!("{}", line("说明 / detail", text(body, "/detail")));
    eprintln!("{}", line("下一步 / next", &words::after_refusal(text(body, "/code"), order)));
    eprintln!("{}", line("请求号 / request", text(body, "/request_id")));
}

/// What happened to a payment, oldest first.
pub(super) fn timeline(events: &Value, json: bool) {
    let events = events["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    if json {
        events.iter().for_each(|event| println!("{event}"));
        return;
    }
    println!("时间线 / timeline ({ZONE})");
    for event in events {
        let at = moment(text(event, "/at")).map(|at| shanghai(at).strftime("%m-%d %H:%M:%S%.3f").to_string());
        let at = at.unwrap_or_default();
        println!("  {at}  {:<6}  {}", text(event, "/kind"), told(event));
    }
}

/// The body of a line of the timeline, in the order in which one asks.
fn told(event: &Value) -> String {
    let at = |name: &str| text(event, &format!("/body/{name}"));
    match text(event, "/kind") {
        "state" => {
            let wake = moment(at("wake_at"))
                .map(|at| format!(", 下次 / next {}", shanghai(at).strftime("%H:%M:%S")));
            format!("{} ({}){}", at("phase"), at("status"), wake.unwrap_or_default())
        }
        "call" => format!("→ {} #{}", at("call"), event["body"]["number"]),
        "answer" => {
            let rest = rest(event, &["call", "number", "says"]);
            format!("← {} #{}: {}{rest}", at("call"), event["body"]["number"], at("says"))
        }
        "refund" => {
            let wake = moment(at("wake_at"))
                .map(|at| format!(", 下次 / next {}", shanghai(at).strftime("%H:%M:%S")));
            format!("{} {} ({}){}", at("refund_no"), at("phase"), at("status"), wake.unwrap_or_default())
        }
        "polls" => format!("{} × {}", event["body"]["count"], at("says")),
        _ => rest(event, &[]).trim_start_matches(", ").to_owned(),
    }
}

/// What else is in a body.
fn rest(event: &Value, without: &[&str]) -> String {
    let body = event["body"].as_object().into_iter().flatten();
    let shown = body.filter(|(name, value)| !without.contains(&name.as_str()) && !value.is_null());
    shown
        .map(|(name, value)| format!(", {name} {}", value.as_str().map_or(value.to_string(), str::to_owned)))
        .collect()
}

/// Cases, newest first.
pub(super) fn cases(cases: &[Value], json: bool) {
    if json {
        cases.iter().for_each(|case| println!("{case}"));
        return;
    }
    if cases.is_empty() {
        println!("没有待处理的单 / no case waits for anybody");
        return;
    }
    for case in cases {
        let status = text(case, "/status");
        println!("{}  {status:<6}  {}", text(case, "/id"), local(text(case, "/opened_at")));
        println!("{}", line("事由 / about", text(case, "/message")));
        println!("{}", line("支付单 / payment", text(case, "/payment")));
    }
    println!("{}", line("下一步 / next", "paycode cases show CASE"));
}

/// One case.
pub(super) fn case(case: &Value, json: bool) {
    if json {
        println!("{case}");
        return;
    }
    let open = text(case, "/status") == "open";
    println!("{}", if open { "待处理 / open" } else { "已关闭 / closed" });
    let (outcome, evidence, operator) = (
        text(case, "/settlement/outcome"),
        text(case, "/settlement/evidence"),
        text(case, "/settlement/operator"),
    );
    let settled =
        if outcome.is_empty() { String::new() } else { format!("{outcome} ({operator}: {evidence})") };
    for (label, value) in [
        ("处理单 / case", text(case, "/id")),
        ("事由 / about", text(case, "/message")),
        ("支付单 / payment", text(case, "/payment")),
        ("打开 / opened", &local(text(case, "/opened_at"))),
        ("关闭 / closed", &local(text(case, "/closed_at"))),
        ("核定 / settled", &settled),
        ("支付单状态 / now", text(case, "/payment_status")),
    ] {
        if !value.is_empty() {
            println!("{}", line(label, value));
        }
    }
    if open {
        let step = format!(
            "查证后 / once checked: paycode cases settle {} --outcome paid|failed|reversed|refunded --evidence \"…\" --operator NAME",
            text(case, "/id")
        );
        println!("{}", line("下一步 / next", &step));
    }
}

/// The zone of every time that is shown.
const ZONE: &str = "+08:00 北京时间";

/// A moment on Shanghai's clocks.
pub(in crate::cli) fn shanghai(at: Time) -> jiff::Zoned {
    const SHANGHAI_HOURS: i8 = 8;
    let timestamp = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    timestamp.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(SHANGHAI_HOURS)))
}

fn local(rfc3339: &str) -> String {
    moment(rfc3339)
        .map(|at| format!("{} {ZONE}", shanghai(at).strftime("%Y-%m-%d %H:%M:%S")))
        .unwrap_or_default()
}

/// A labelled line; Chinese characters are two columns wide.
fn line(label: &str, value: &str) -> String {
    let width: usize = label.chars().map(|sign| if u32::from(sign) < 0x2e80 { 1 } else { 2 }).sum();
    format!("  {label}{}{value}", " ".repeat(LABEL_COLUMNS.saturating_sub(width).max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_aligned_and_times_are_shanghais() {
        assert_eq!(line("订单号 / order", "x"), format!("  订单号 / order{}x", " ".repeat(10)));
        assert_eq!(local("2026-11-21T23:59:59.999Z"), "2026-11-22 07:59:59 +08:00 北京时间");
        assert_eq!(local(""), "");
    }
}
