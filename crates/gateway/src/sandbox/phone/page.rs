//! The page as it is served first; the script takes over from there.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use simulator::scenario::{self, Scenario};
use simulator::wallet::{self, Purse, Wallet};

use super::super::codes::{FreshCode, VALID_SECONDS};
use super::super::problem::Problem;
use super::words::{self, Words};
use super::{Asked, Phone, pieces};
use crate::lang::Lang;

/// A phone, as a drawing that needs no request.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect x='7' \
     y='2' width='18' height='28' rx='4' fill='%23067a46'/%3E%3Cpath d='M11 9h2v12h-2zm4 0h1v12h-1zm3 0h3v12h-3z' \
     fill='%23fff'/%3E%3C/svg%3E";

/// What is chosen.
struct Choice {
    lang: Lang,
    wallet: &'static Wallet,
    scenario: &'static Scenario,
}

impl Choice {
    fn of(asked: &Asked, headers: &HeaderMap) -> Choice {
        let wallet = asked.wallet.as_deref().and_then(wallet::find);
        let number = asked.scenario.as_deref().and_then(|digits| digits.parse().ok());
        let scenario = number.and_then(scenario::find).filter(|scenario| scenario.is_played());
        Choice {
            lang: words::choose(asked.lang.as_deref(), headers),
            wallet: wallet.unwrap_or(&wallet::all()[0]),
            scenario: scenario.unwrap_or(&scenario::all()[0]),
        }
    }
}

/// `GET /phone`
pub(super) async fn page(
    State(phone): State<Arc<Phone>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let choice = Choice::of(&asked, &headers);
    let scene = phone.sandbox.scene().map_err(|error| Problem::broken(&error))?;
    let (_, purse) = scene
        .purses
        .iter()
        .find(|(wallet, _)| wallet.name == choice.wallet.name)
        .expect("a scene has every wallet's purse");
    let fresh = phone.codes.fresh(choice.wallet, choice.scenario);
    let mut response = Html(document(&choice, &fresh, purse).into_string()).into_response();
    // Only a choice is kept; what the browser prefers may change.
    if let Some(lang) = asked.lang.as_deref().and_then(Lang::of_name) {
        let cookie = lang.remembered().parse().expect("the names of languages are plain");
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn document(choice: &Choice, fresh: &FreshCode, purse: &Purse) -> Markup {
    let words = words::of(choice.lang);
    html! {
        (DOCTYPE)
        html lang=(choice.lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (words.title) " · paycode" }
                link rel="icon" href=(ICON);
                link rel="stylesheet" href="/phone/assets/phone.css";
                script type="module" src="/phone/assets/phone.js" {}
            }
            body data-lang=(choice.lang.name()) data-wallet=(choice.wallet.name) data-link="live" {
                (top(choice, words))
                noscript { p.banner { (words.no_script) } }
                p #lost .banner role="alert" hidden { (words.lost) }
                main {
                    (scenarios(choice, words))
                    section.phone aria-label=(words.title) {
                        (wallets(choice, words))
                        (card(fresh, words))
                        (chosen(choice, words))
                        ul #waiting aria-live="polite" {}
                    }
                    (account(choice, purse, words))
                }
                (dialog(words))
            }
        }
    }
}

fn top(choice: &Choice, words: &Words) -> Markup {
    let other = choice.lang.other();
    html! {
        header.top {
            h1 { (words.title) }
            span.tag { (words.play_money) }
            span.link role="status" {
                span.is-live { (words.live) }
                span.is-polling { (words.polling) }
            }
            a #language href=(address(choice, other)) hreflang=(other.tag()) lang=(other.tag()) {
                (words::of(other).language)
            }
        }
    }
}

fn address(choice: &Choice, lang: Lang) -> String {
    let (wallet, scenario) = (choice.wallet.name, choice.scenario.number);
    format!("/phone?lang={}&wallet={wallet}&scenario={scenario:03}", lang.name())
}

fn wallets(choice: &Choice, words: &Words) -> Markup {
    html! {
        fieldset.wallets {
            legend { (words.wallets) }
            @for wallet in wallet::all() {
                label data-wallet=(wallet.name) {
                    input type="radio" name="wallet" value=(wallet.name)
                        checked[wallet.name == choice.wallet.name];
                    span { (choice.lang.pick(wallet.zh, wallet.en)) }
                }
            }
        }
    }
}

fn card(fresh: &FreshCode, words: &Words) -> Markup {
    html! {
        div.card {
            div #symbols data-code=(fresh.code) data-valid=(VALID_SECONDS) {
                p.show { (words.show) }
                div #bars role="img" aria-label=(words.bar_code) { (PreEscaped(&fresh.code128_svg)) }
                p #digits .number { (fours(&fresh.code)) }
                div #square role="img" aria-label=(words.qr_code) { (PreEscaped(&fresh.qr_svg)) }
                p #expired hidden { (words.expired) }
            }
            div #outcome aria-live="assertive" hidden {}
            div.renewal {
                p #countdown {
                    progress max=(VALID_SECONDS) value=(VALID_SECONDS) aria-hidden="true" {}
                    span #left .number { (VALID_SECONDS) } " " (words.renewed_in)
                }
                button #fresh type="button" { (words.new_code) }
            }
        }
    }
}

/// Digits in groups of four, as wallets print them.
fn fours(code: &str) -> String {
    let digits: Vec<char> = code.chars().collect();
    digits.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

/// On a small screen the scenarios are behind this.
fn chosen(choice: &Choice, words: &Words) -> Markup {
    html! {
        button #choose type="button" aria-controls="scenarios" aria-expanded="false" {
            span.word { (words.scenario) " " span #chosen-number .number { (format!("{:03}", choice.scenario.number)) } }
            span #chosen-sentence .sentence { (choice.lang.pick(choice.scenario.zh, choice.scenario.en)) }
            span.more aria-hidden="true" { "›" }
        }
    }
}

fn scenarios(choice: &Choice, words: &Words) -> Markup {
    let mut groups: Vec<u16> = scenario::all().iter().map(|scenario| scenario.number / 100).collect();
    groups.dedup();
    html! {
        section #scenarios aria-label=(words.scenarios) {
            div.heading {
                h2 { (words.scenarios) }
                button #close type="button" { (words.close) }
            }
            @for hundreds in groups {
                fieldset {
                    legend { (words::group(hundreds, choice.lang)) }
                    @for scenario in scenario::all().iter().filter(|scenario| scenario.number / 100 == hundreds) {
                        (row(scenario, choice, words))
                    }
                }
            }
        }
    }
}

fn row(scenario: &Scenario, choice: &Choice, words: &Words) -> Markup {
    let played = scenario.is_played();
    html! {
        label.scenario data-status=(scenario.status) {
            input type="radio" name="scenario" value=(format!("{:03}", scenario.number))
                checked[scenario.number == choice.scenario.number] disabled[!played];
            span.number { (format!("{:03}", scenario.number)) }
            span.sentence { (choice.lang.pick(scenario.zh, scenario.en)) }
            span.end { @if played { (words::status(scenario.status, choice.lang)) } @else { (words.not_yet) } }
        }
    }
}

fn account(choice: &Choice, purse: &Purse, words: &Words) -> Markup {
    html! {
        section.account aria-label=(words.balance) {
            div.balance {
                h2 { (words.balance) }
                p.amount aria-live="polite" { span.currency { "¥" } span #balance { (pieces::balance(purse)) } }
            }
            div.heading { h2 { (words.bill) } span.meta { (words.beijing) } }
            div #bill { (pieces::bill(purse, choice.lang)) }
        }
    }
}

/// The wallet's password dialog: any six digits do, and none of them goes anywhere.
fn dialog(words: &Words) -> Markup {
    html! {
        dialog #ask aria-label=(words.ask) {
            form method="dialog" {
                div #asking {
                    div #question {}
                    p.label #pin-label { (words.play_pin) }
                    div #pin tabindex="0" role="group" aria-labelledby="pin-label" autofocus {
                        @for _ in 0..6 { span.dot {} }
                    }
                    p.meta { (words.no_real_pin) }
                    p.offline { (words.lost) }
                    div.pad {
                        @for digit in ["1", "2", "3", "4", "5", "6", "7", "8", "9"] { (key(digit)) }
                        span {}
                        (key("0"))
                        button type="button" data-key="erase" aria-label=(words.erase) { "⌫" }
                    }
                    div.hands {
                        button #refuse type="button" { (words.refuse) " " kbd { "Esc" } }
                        button #confirm type="button" disabled { (words.confirm) " " kbd { "Enter" } }
                    }
                }
                div #answered hidden {
                    div #verdict role="status" {}
                    p #gone .note hidden { (words.gone) }
                    button #done type="button" { (words.done) }
                }
            }
        }
    }
}

fn key(digit: &str) -> Markup {
    html! { button type="button" data-key=(digit) { (digit) } }
}
