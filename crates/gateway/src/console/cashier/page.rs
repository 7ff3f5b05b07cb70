//! The till's page and its sign-in form.

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, html};

use crate::store::SessionRow;

use super::super::lang::Lang;
use super::texts;

fn document(lang: Lang, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · paycode" }
                link rel="stylesheet" href="/cashier/assets/cashier.css";
                link rel="icon" href="data:,";
            }
            (body)
        }
    }
}

fn languages(lang: Lang) -> Markup {
    html! {
        nav.languages {
            a href="/cashier?lang=zh" lang="zh-CN" aria-current=[(lang == Lang::Zh).then_some("true")] { "中文" }
            a href="/cashier?lang=en" lang="en" aria-current=[(lang == Lang::En).then_some("true")] { "English" }
        }
    }
}

/// The form that signs a terminal in, with what was said the last time; the key is never said back.
pub(super) fn sign_in(lang: Lang, wrong: Option<&str>, said: &BTreeMap<String, String>) -> Markup {
    let t = |key| texts::text(lang, key);
    let field = |name: &str, label: &str, needed: bool| {
        html! {
            label {
                span { (label) @if !needed { small { " " (t("optional")) } } }
                input name=(name) value=[said.get(name)] required[needed] maxlength="32" pattern="[A-Za-z0-9._\\-]+"
                    title=(t("identity_rule")) autocomplete="off" autocapitalize="off";
            }
        }
    };
    let body = html! {
        body.entrance {
            (languages(lang))
            main {
                h1 { "paycode " (t("title")) }
                p { (t("sign_in_text")) }
                @if let Some(wrong) = wrong { p.wrong role="alert" { (t(wrong)) } }
                form method="post" action="/cashier/sign-in" {
                    label {
                        span { (t("key")) }
                        input name="key" type="password" required autocomplete="off" autofocus;
                    }
                    (field("terminal", t("terminal"), true))
                    (field("outlet", t("outlet"), false))
                    (field("operator", t("operator"), false))
                    button.main type="submit" { (t("sign_in")) }
                }
            }
        }
    };
    document(lang, t("sign_in"), &body)
}

/// The till.
pub(super) fn till(lang: Lang, session: &SessionRow, hand_entry: bool) -> Markup {
    let t = |key| texts::text(lang, key);
    let body = html! {
        body data-stage="" data-words=(texts::all(lang)) data-terminal=(session.terminal) data-outlet=[&session.outlet]
            data-operator=[&session.operator] data-hand=[hand_entry.then_some("on")] {
            (top(lang, session))
            noscript { p.wrong { (t("no_script")) } }
            div.columns {
                main {
                    (amount(lang))
                    (scan(lang, hand_entry))
                }
                aside {
                    section {
                        h2 { (t("tray")) " " span #tray-count .count {} }
                        div #tray {}
                        p #tray-empty .empty { (t("tray_empty")) }
                    }
                    section {
                        h2 { (t("last_five")) }
                        ul #last {}
                        p #last-empty .empty { (t("last_empty")) }
                    }
                }
            }
            (state())
            (question())
            div #toast role="status" hidden {}
            script type="module" src="/cashier/assets/till.js" {}
        }
    };
    document(lang, t("title"), &body)
}

/// The scanner test.
pub(super) fn scanner(lang: Lang) -> Markup {
    let t = |key| texts::text(lang, key);
    let body = html! {
        body.entrance.scanner data-words=(texts::all(lang)) {
            main {
                h1 { (t("scanner")) }
                p { (t("scanner_help")) }
                section #verdict role="status" data-look="busy" { p { (t("scanner_wait")) } }
                table {
                    thead { tr { th { (t("scanner_key")) } th { (t("scanner_place")) } th { (t("scanner_gap")) } } }
                    tbody #strokes {}
                }
                p { a href="/cashier" { (t("back_to_till")) } }
            }
            script type="module" src="/cashier/assets/scanner.js" {}
        }
    };
    document(lang, t("scanner"), &body)
}

fn top(lang: Lang, session: &SessionRow) -> Markup {
    let t = |key| texts::text(lang, key);
    html! {
        header {
            strong { "paycode " (t("title")) }
            span.who {
                (t("terminal")) " " b { (session.terminal) }
                @if let Some(outlet) = &session.outlet { " · " (t("outlet")) " " b { (outlet) } }
                @if let Some(operator) = &session.operator { " · " (t("operator")) " " b { (operator) } }
            }
            span #line role="status" data-up="false" { i {} span #line-text { (t("line_down")) } }
            a href="/cashier/scanner" { (t("scanner")) }
            (languages(lang))
            form method="post" action="/cashier/sign-out" { button type="submit" { (t("sign_out")) } }
        }
    }
}

/// The keys that a touch screen needs.
fn keypad(with: &[&str]) -> Markup {
    html! {
        div.keypad {
            @for digit in ["7", "8", "9", "4", "5", "6", "1", "2", "3"] {
                button type="button" tabindex="-1" data-press=(digit) { (digit) }
            }
            @for key in with { button type="button" tabindex="-1" data-press=(key) { (key) } }
            button type="button" tabindex="-1" data-press="0" { "0" }
            button type="button" tabindex="-1" data-press="Backspace" aria-label="⌫" { "⌫" }
        }
    }
}

fn amount(lang: Lang) -> Markup {
    let t = |key| texts::text(lang, key);
    html! {
        section data-stage-is="amount" hidden {
            h1 { (t("amount")) }
            p.sum #sum {}
            output #amount .money aria-live="polite" { "0.00" }
            p.hint #amount-hint role="status" {}
            (keypad(&[".", "+"]))
            button.main #charge type="button" data-press="Enter" { span { (t("charge")) } kbd { "Enter" } }
            p.help { (t("amount_help")) }
        }
    }
}

fn scan(lang: Lang, hand_entry: bool) -> Markup {
    let t = |key| texts::text(lang, key);
    html! {
        section data-stage-is="scan" hidden {
            h1 { (t("scan")) }
            output #scan-amount .money {}
            div.aim aria-hidden="true" { i {} }
            output #typed .typed aria-live="polite" {}
            p.hint #scan-hint role="status" {}
            p.help { (t("scan_help")) @if hand_entry { br; (t("hand_help")) } }
            @if hand_entry { (keypad(&[])) }
            div.actions {
                @if hand_entry {
                    button.main type="button" data-press="Enter" { span { (t("submit_code")) } kbd { "Enter" } }
                }
                button.other type="button" data-press="Escape" { span { (t("back")) } kbd { "Esc" } }
            }
        }
    }
}

/// The full-screen state of a payment.
fn state() -> Markup {
    html! {
        section #state data-stage-is="state" data-look="busy" role="alert" hidden {
            div.sign {
                span #glyph aria-hidden="true" {}
                div #ring hidden {
                    svg viewBox="0 0 120 120" aria-hidden="true" {
                        circle cx="60" cy="60" r="54" {}
                        circle #ring-left cx="60" cy="60" r="54" stroke-dasharray="339.292" stroke-dashoffset="0" {}
                    }
                    p { b #ring-seconds {} span #ring-unit {} }
                }
            }
            h1 #state-title {}
            output #state-amount .money {}
            p #state-warning {}
            p #state-text {}
            p #state-detail {}
            div.actions {
                @for place in ["main", "other", "aside"] {
                    button id={ "button-" (place) } class=(place) type="button" hidden { span {} kbd {} }
                }
            }
            p #state-reference {}
        }
    }
}

fn question() -> Markup {
    html! {
        div #question role="alertdialog" aria-labelledby="question-title" aria-describedby="question-text" hidden {
            div {
                h2 #question-title {}
                p #question-text {}
                div.actions {
                    button.main #question-yes type="button" { span {} kbd { "Enter" } }
                    button.other #question-no type="button" { span {} kbd { "Esc" } }
                }
            }
        }
    }
}
