//! The pieces of the page that change: they are drawn here for the first view and for every later one.

use maud::{Markup, html};
use serde_json::{Map, Value, json};
use simulator::Prompt;
use simulator::wallet::{self, Purse, Spending, Standing};
use wire::text::{beijing, yuan};

use super::super::Scene;
use super::words;
use crate::lang::Lang;

/// What every wallet holds at first, fen.
const START_FEN: i64 = 1_000_000;

/// Everything that changes, as the page's script takes it.
pub(super) fn state(scene: &Scene, lang: Lang) -> Value {
    let purses: Map<String, Value> = scene
        .purses
        .iter()
        .map(|(wallet, purse)| {
            let shown = json!({ "balance": balance(purse), "bill": bill(purse, lang).into_string() });
            (wallet.name.to_owned(), shown)
        })
        .collect();
    let (asked, waiting): (Vec<&Prompt>, Vec<&Prompt>) =
        scene.prompts.iter().partition(|prompt| prompt.by_hand);
    let asked: Vec<Value> = asked
        .iter()
        .map(|prompt| {
            json!({
                "number": prompt.out_trade_no,
                "wallet": prompt.wallet,
                "html": question(prompt, lang).into_string(),
            })
        })
        .collect();
    let spendings = scene.purses.iter().flat_map(|(_, purse)| &purse.spendings);
    let spendings: Vec<Value> = spendings
        .map(|spending| {
            json!({
                "code": spending.code,
                "number": spending.out_trade_no,
                "html": outcome(spending, lang).into_string(),
            })
        })
        .collect();
    json!({
        "purses": purses,
        "asked": asked,
        "waiting": waiting_list(&waiting, lang).into_string(),
        "spendings": spendings,
    })
}

/// What is left in a wallet, in yuan.
pub(super) fn balance(purse: &Purse) -> String {
    grouped(START_FEN - purse.charged + purse.returned)
}

/// The latest lines of a wallet's bill.
pub(super) fn bill(purse: &Purse, lang: Lang) -> Markup {
    let words = words::of(lang);
    html! {
        @if purse.spendings.is_empty() {
            p.empty { (words.nothing_spent) }
        } @else {
            ol.lines {
                @for spending in &purse.spendings { (line(spending, lang)) }
            }
        }
    }
}

fn line(spending: &Spending, lang: Lang) -> Markup {
    let (class, sign, word) = words::standing(spending.standing, lang);
    html! {
        li.line data-standing=(class) {
            span.sign aria-hidden="true" { (sign) }
            span.word { (word) }
            span.sum data-zero[spending.charged == 0] { (taken(spending.charged)) }
            span.meta {
                time datetime=(beijing::spaced(spending.at).replace(' ', "T") + "+08:00") { (moment(spending.at)) }
                " " span.number { (masked(&spending.out_trade_no)) }
            }
            span.back { @if spending.returned > 0 { (words::of(lang).given_back) " +" (grouped(spending.returned)) } }
        }
    }
}

/// Minus and the sum; zero without a sign.
fn taken(fen: i64) -> String {
    if fen == 0 { grouped(0) } else { format!("−{}", grouped(fen)) }
}

/// Questions that are open, but not for this page's hand.
fn waiting_list(prompts: &[&Prompt], lang: Lang) -> Markup {
    let words = words::of(lang);
    html! {
        @for prompt in prompts {
            li {
                span.word { (words.waiting) }
                span.sum { "¥" (grouped(prompt.amount)) }
                span.meta {
                    @if let Some(wallet) = wallet::find(prompt.wallet) { (lang.pick(wallet.zh, wallet.en)) " · " }
                    (words.by_itself)
                }
            }
        }
    }
}

/// What the password dialog asks.
fn question(prompt: &Prompt, lang: Lang) -> Markup {
    let words = words::of(lang);
    html! {
        @if let Some(wallet) = wallet::find(prompt.wallet) { p.app { (lang.pick(wallet.zh, wallet.en)) } }
        p.payee { (words.merchant) " " span.number { (prompt.merchant) } }
        p.amount { span.currency { "¥" } (grouped(prompt.amount)) }
        p.meta { (words.order) " " span.number { (masked(&prompt.out_trade_no)) } }
    }
}

/// What came of a spent code.
fn outcome(spending: &Spending, lang: Lang) -> Markup {
    let words = words::of(lang);
    let (class, sign, word) = words::standing(spending.standing, lang);
    let held = spending.charged - spending.returned;
    html! {
        div.verdict data-standing=(class) {
            span.sign aria-hidden="true" { (sign) }
            p.word { (word) }
            @if spending.standing == Standing::Asking || held > 0 {
                p.amount { span.currency { "¥" } (grouped(if held > 0 { held } else { spending.amount })) }
            } @else if spending.returned > 0 {
                p.note { (words.given_back) " ¥" (grouped(spending.returned)) }
            } @else if matches!(spending.standing, Standing::Lapsed | Standing::Reversed) {
                p.note { (words.taken_away) }
            } @else {
                p.note { (words.not_charged) }
            }
            p.meta { (words.merchant) " " span.number { (spending.merchant) } }
            p.meta { (moment(spending.at)) }
        }
    }
}

/// Fen as yuan, thousands apart.
fn grouped(fen: i64) -> String {
    let text = yuan::print(fen);
    let (whole, decimals) = text.split_once('.').expect("two decimals follow a point");
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("−", digits));
    let mut grouped = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{decimals}")
}

/// Month, day and time of day in Beijing.
fn moment(unix_ms: i64) -> String {
    beijing::spaced(unix_ms).split_off("2026-".len())
}

/// A number without its middle.
fn masked(number: &str) -> String {
    let signs: Vec<char> = number.chars().collect();
    if signs.len() <= 12 {
        return number.to_owned();
    }
    signs[..6].iter().chain(&['…']).chain(&signs[signs.len() - 4..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_grouped() {
        for (fen, text) in [
            (0, "0.00"),
            (1, "0.01"),
            (99_999, "999.99"),
            (1_000_000, "10,000.00"),
            (-123_456_789, "−1,234,567.89"),
        ] {
            assert_eq!(grouped(fen), text);
        }
        assert_eq!((taken(0), taken(1_234)), ("0.00".to_owned(), "−12.34".to_owned()));
    }

    #[test]
    fn a_number_loses_its_middle() {
        assert_eq!(masked("PC0123456789ABCDEF"), "PC0123…CDEF");
        assert_eq!(masked("123456789012"), "123456789012");
    }
}
