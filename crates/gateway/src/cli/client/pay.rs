//! `paycode pay`: one sale to its end, whatever happens to the line in between.

use std::process::ExitCode;

use payment::ids::OrderNo;
use payment::money::Fen;
use payment::time::{SECOND_MS, Time};
use serde_json::{Value, json};
use wire::text::yuan;

use crate::clock::{Entropy, SystemEntropy};
use crate::lifecycle;

use super::super::{EXIT_ERROR, EXIT_UNDECIDED, Usage, world};
use super::follow::{self, AGAIN_MS, follow};
use super::http::{Client, Refusal, Trouble};
use super::progress::Progress;
use super::{Gateway, code, exit_of, show, tell, text};

/// A gateway that restarts is back within this; nothing has left meanwhile.
const UNREACHED_MS: i64 = 3 * SECOND_MS;
/// Once a request may have left, its payment is looked for at least this long, whatever `--wait` says.
const LOST_MS: i64 = 20 * SECOND_MS;
/// What pays at once is answered in one call; what does not is shown soon.
const FIRST_WAIT_SECONDS: i64 = 1;

/// Options of `paycode pay`.
#[derive(clap::Args)]
pub(in crate::cli) struct Pay {
    /// How much, in yuan with two decimals, as in 12.34. 金额（元，两位小数）。
    #[arg(long, value_name = "YUAN", allow_negative_numbers = true)]
    amount: String,
    /// The amount is an integer of fen. 金额以分为单位。
    #[arg(long)]
    fen: bool,
    /// The payment code; `-` reads it from the scanner (stdin), on a terminal without showing it. Better than an argument,
    /// which shows in the process list. 付款码；`-` 从扫码枪（标准输入）读取。
    #[arg(long, default_value = "-", value_name = "CODE")]
    code: String,
    /// The order number, unique for ever; made from date and time when left out. 订单号，永久唯一；省略则自动生成。
    #[arg(long, value_name = "ORDER")]
    order: Option<String>,
    /// The outlet. 门店。
    #[arg(long, value_name = "NAME")]
    outlet: Option<String>,
    /// The terminal. 终端。
    #[arg(long, value_name = "NAME")]
    terminal: Option<String>,
    /// The operator. 操作员。
    #[arg(long, value_name = "NAME")]
    operator: Option<String>,
    /// What the customer sees. 商品描述。
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// How many seconds to wait for a decision; 0 asks once. 最多等待的秒数。
    #[arg(long, default_value_t = 120, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(0..=3600))]
    wait: u16,
    /// A deliberate second sale of the same amount on this terminal. 确为同一终端的第二笔同额收款。
    #[arg(long)]
    second: bool,
    #[command(flatten)]
    gateway: Gateway,
}

/// What came of the request.
enum Charged {
    /// The payment of this sale, however it stands.
    Known(Value),
    Refused(Refusal),
    NotSent(Trouble),
    /// It may have arrived; nobody knows.
    Unknown,
}

pub(in crate::cli) async fn run(pay: Pay, json: bool) -> anyhow::Result<ExitCode> {
    let mut stop = lifecycle::stop_on_signal()?;
    let clock = world::clock();
    let amount = amount(&pay.amount, pay.fen)?;
    let made = pay.order.is_none();
    let order_no = match &pay.order {
        Some(order) => OrderNo::parse(order).map_err(|error| Usage::because(format!("--order: {error}")))?,
        None => make_order_no(clock.now(), &SystemEntropy),
    };
    let order_no = order_no.as_str();
    let client = pay.gateway.client(&clock)?;
    let Some(code) = code::read(&pay.code, stop.clone()).await? else {
        eprintln!("已中止, 未发送任何请求 / stopped; nothing was sent");
        return Ok(ExitCode::from(EXIT_ERROR));
    };
    // Before anything leaves: whoever loses the answer can ask for it.
    show::order(order_no, amount, json);
    let wait = i64::from(pay.wait);
    let sale =
        Sale { order_no, made, body: body(&pay, order_no, amount, &code, wait.min(FIRST_WAIT_SECONDS)) };
    let until = clock.now().plus_ms(wait * SECOND_MS);
    let mut progress = Progress::new(json);
    let ended = tokio::select! {
        biased;
        _ = stop.wait_for(|stop| *stop) => None,
        ended = to_its_end(&client, &sale, until, &mut progress) => Some(ended),
    };
    progress.end();
    Ok(match ended {
        Some(Charged::Known(payment)) => {
            show::payment(&payment, json);
            exit_of(&payment)
        }
        Some(Charged::Refused(refusal)) => {
            show::refusal(&refusal, json);
            ExitCode::from(refusal.exit())
        }
        Some(Charged::NotSent(trouble)) => {
            eprintln!("未发送, 未扣款 / not sent, not charged");
            tell(&trouble, json)
        }
        Some(Charged::Unknown) | None => {
            show::undecided(order_no);
            ExitCode::from(EXIT_UNDECIDED)
        }
    })
}

/// Exactly two decimals in yuan, or an integer of fen: `12` alone could be either.
pub(super) fn amount(argument: &str, in_fen: bool) -> anyhow::Result<Fen> {
    let fen = if in_fen {
        argument.parse::<i64>().ok().filter(|_| argument.bytes().all(|byte| byte.is_ascii_digit()))
    } else {
        let two = argument.split_once('.').is_some_and(|(_, decimals)| decimals.len() == 2);
        yuan::parse(argument).ok().filter(|_| two)
    };
    let rule = if in_fen {
        "以分为单位的整数 / an integer of fen, as in 1234"
    } else {
        "两位小数的元, 如 12.00 / yuan with two decimals, as in 12.00; for fen add --fen"
    };
    let fen = fen.ok_or_else(|| Usage::because(format!("--amount {argument}: {rule}")))?;
    Fen::payable(fen).map_err(|error| Usage::because(format!("--amount {argument}: {error}")))
}

/// Date first, so that it sorts and never restarts; then what keeps two tills apart.
fn make_order_no(now: Time, entropy: &dyn Entropy) -> OrderNo {
    const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut random = [0; 6];
    entropy.fill(&mut random);
    let tail: String = random.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect();
    let made = format!("{}-{tail}", show::shanghai(now).strftime("%Y%m%d-%H%M%S"));
    OrderNo::parse(&made).expect("digits, letters and hyphens")
}

fn body(pay: &Pay, order_no: &str, amount: Fen, code: &str, wait_seconds: i64) -> Value {
    let mut body = json!({
        "order_no": order_no,
        "amount": amount.fen(),
        "auth_code": code,
        "wait_seconds": wait_seconds,
        "second": pay.second,
    });
    for (name, value) in [
        ("outlet", &pay.outlet),
        ("terminal", &pay.terminal),
        ("operator", &pay.operator),
        ("description", &pay.description),
    ] {
        if let Some(value) = value {
            body[name] = json!(value);
        }
    }
    body
}

struct Sale<'a> {
    order_no: &'a str,
    /// The order number was made here: whatever is found under it is this request's.
    made: bool,
    body: Value,
}

async fn to_its_end(client: &Client, sale: &Sale<'_>, until: Time, progress: &mut Progress) -> Charged {
    match charge(client, sale, until, progress).await {
        Charged::Known(payment) => {
            Charged::Known(follow(client, payment, until, follow::is_decided, progress).await)
        }
        other => other,
    }
}

/// Sends the request until it is answered. Repeating it is safe; a lost answer is unknown, never a failure.
async fn charge(client: &Client, sale: &Sale<'_>, until: Time, progress: &mut Progress) -> Charged {
    let clock = &client.clock;
    let unreached = clock.now().plus_ms(UNREACHED_MS);
    let lost = until.max(clock.now().plus_ms(LOST_MS));
    let mut may_have_left = false;
    loop {
        match client.post("/v1/payments", &sale.body, FIRST_WAIT_SECONDS * SECOND_MS).await {
            Ok(payment) => return Charged::Known(payment),
            // A gateway that is stopping refuses although an earlier try may have been taken.
            Err(Trouble::Refused(refusal)) if !(may_have_left && refusal.is_retryable()) => {
                return Charged::Refused(refusal);
            }
            Err(trouble @ Trouble::NotSent(_)) if !may_have_left => {
                if clock.now() >= unreached {
                    return Charged::NotSent(trouble);
                }
            }
            Err(trouble) => {
                may_have_left = true;
                progress.lost(&follow::said(&trouble));
                if let Some(payment) = look(client, sale).await {
                    return Charged::Known(payment);
                }
            }
        }
        if may_have_left && clock.now() >= lost {
            return Charged::Unknown;
        }
        clock.sleep_until(clock.now().plus_ms(AGAIN_MS)).await;
    }
}

/// Asks by order number. A former attempt that ended without money is another code's: it says nothing about this one.
async fn look(client: &Client, sale: &Sale<'_>) -> Option<Value> {
    let payment = client.get(&format!("/v1/payments/by-order/{}", sale.order_no), 0).await.ok()?;
    let other = !sale.made && matches!(text(&payment, "/status"), "failed" | "reversed");
    (!other).then_some(payment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_their_unit_is_plain() {
        for (text, in_fen, fen) in [
            ("12.34", false, 1234),
            ("0.01", false, 1),
            ("1000000.00", false, 100_000_000),
            ("1234", true, 1234),
        ] {
            assert_eq!(amount(text, in_fen).unwrap().fen(), fen, "{text}");
        }
        for (text, in_fen) in [
            ("12", false),
            ("12.3", false),
            ("12.345", false),
            ("0.00", false),
            ("-1.00", false),
            ("1e2.00", false),
            ("1000000.01", false),
            ("12.00", true),
            ("+12", true),
            ("0", true),
            ("100000001", true),
        ] {
            assert!(amount(text, in_fen).is_err_and(|error| error.is::<Usage>()), "{text}");
        }
    }

    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn an_order_number_begins_with_the_shanghai_date() {
        // 2026-11-21 23:59:59 UTC is the 22nd in Shanghai.
        let made = make_order_no(Time(1_795_305_599_000), &Zeros);
        assert_eq!(made.as_str(), "20261122-075959-000000");
    }
}
