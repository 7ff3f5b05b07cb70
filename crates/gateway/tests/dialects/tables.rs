//! The tables against the lists that were copied out of the fact sheets.

use std::collections::BTreeSet;

use gateway::dialects::table::{Row, rows};
use payment::exchange::Call;
use payment::patience::Channel;

use crate::common::words;
use crate::{
    acp_refunds, acp_traps, alipay_refunds, alipay_traps, icbc_refunds, icbc_traps, qra_refunds, qra_traps,
    wechat_refunds, wechat_traps, wechat_v3_refunds, wechat_v3_traps,
};

#[test]
fn every_code_of_the_wechat_sheet_is_read_as_its_class_says() {
    let lines = lines(include_str!("testdata/wechat_codes.txt"));
    for line in &lines {
        let answer = match line.call {
            "pay" => wechat_traps::refused(Call::Submit, line.code),
            "query" => wechat_traps::refused(Call::Query, line.code),
            "reverse" => wechat_traps::refused(Call::Reverse, line.code),
            "refund" => wechat_traps::refused(Call::Refund, line.code),
            "refundquery" => wechat_traps::refused(Call::RefundQuery, line.code),
            "refundstatus" => wechat_refunds::status(line.code),
            "state" => wechat_traps::state(line.code),
            other => panic!("{other}"),
        };
        assert_eq!(words(&answer), line.ours, "{} {}", line.call, line.code);
        check_class(line);
    }
    same_codes(Channel::WechatV2, &lines, |row| match (row.field, row.means.call()) {
        ("trade_state", _) => Some("state"),
        (_, Call::Submit) => Some("pay"),
        (_, Call::Query) => Some("query"),
        (_, Call::Reverse) => Some("reverse"),
        ("refund_status_$n", _) => Some("refundstatus"),
        (_, Call::Refund) => Some("refund"),
        (_, Call::RefundQuery) => Some("refundquery"),
    });
}

#[test]
fn every_code_of_the_wechat_v3_sheet_is_read_as_its_class_says() {
    let lines = lines(include_str!("testdata/wechat_v3_codes.txt"));
    for line in &lines {
        let answer = match line.call {
            "pay" => wechat_v3_traps::refused(Call::Submit, line.code),
            "query" => wechat_v3_traps::refused(Call::Query, line.code),
            "reverse" => wechat_v3_traps::refused(Call::Reverse, line.code),
            "refund" => wechat_v3_traps::refused(Call::Refund, line.code),
            "refundquery" => wechat_v3_traps::refused(Call::RefundQuery, line.code),
            "refundstatus" => wechat_v3_refunds::status(line.code),
            "state" => wechat_v3_traps::state(line.code),
            other => panic!("{other}"),
        };
        assert_eq!(words(&answer), line.ours, "{} {}", line.call, line.code);
        check_class(line);
    }
    same_codes(Channel::WechatV3, &lines, |row| match (row.field, row.means.call()) {
        ("trade_state", _) => Some("state"),
        ("status", _) => Some("refundstatus"),
        (_, Call::Submit) => Some("pay"),
        (_, Call::Query) => Some("query"),
        (_, Call::Reverse) => Some("reverse"),
        (_, Call::Refund) => Some("refund"),
        (_, Call::RefundQuery) => Some("refundquery"),
    });
}

#[test]
fn every_code_of_the_alipay_sheet_is_read_as_its_class_says() {
    let lines = lines(include_str!("testdata/alipay_codes.txt"));
    for line in &lines {
        let answer = match line.call {
            "pay" => alipay_traps::refused(Call::Submit, line.code),
            "query" => alipay_traps::refused(Call::Query, line.code),
            "cancel" => alipay_traps::refused(Call::Reverse, line.code),
            "refund" => alipay_traps::refused(Call::Refund, &line.code.replace('*', "x")),
            "refundquery" => alipay_traps::refused(Call::RefundQuery, line.code),
            "refundstatus" => alipay_refunds::status(line.code),
            "gateway" => alipay_traps::gateway(Call::Submit, &line.code.replace('*', "x")),
            "status" => alipay_traps::status(line.code),
            other => panic!("{other}"),
        };
        assert_eq!(words(&answer), line.ours, "{} {}", line.call, line.code);
        check_class(line);
    }
    same_codes(Channel::Alipay, &lines, |row| match (row.field, row.means.call()) {
        ("trade_status", _) => Some("status"),
        ("code/sub_code", Call::Submit) => Some("gateway"),
        // Read from the same table, and never as more than unknown.
        ("code/sub_code", Call::Query | Call::Reverse | Call::RefundQuery) => {
            assert!(row.means.to_string().starts_with("unknown "), "{row:?}");
            None
        }
        // The same, and a refund is refused where a payment is declined.
        ("code/sub_code", Call::Refund) => {
            let submit = rows(Channel::Alipay).into_iter().find(|other| {
                (other.field, other.code, other.means.call()) == (row.field, row.code, Call::Submit)
            });
            let declined = submit.unwrap().means.to_string();
            let allowed = declined.replace("declined ", "refused ").replace("merchant_not", "not");
            assert_eq!(row.means.to_string(), allowed, "{row:?}");
            None
        }
        ("refund_status", _) => Some("refundstatus"),
        (_, Call::Submit) => Some("pay"),
        (_, Call::Query) => Some("query"),
        (_, Call::Reverse) => Some("cancel"),
        (_, Call::Refund) => Some("refund"),
        (_, Call::RefundQuery) => Some("refundquery"),
    });
}

#[test]
fn every_code_of_the_icbc_sheet_is_read_as_its_class_says() {
    let lines = lines(include_str!("testdata/icbc_codes.txt"));
    for line in &lines {
        let answer = match line.call {
            "pay" => icbc_traps::with_status(Call::Submit, line.code),
            "state" => icbc_traps::state(line.code),
            "gateway" => icbc_traps::refused(Call::Submit, &line.code.replace('*', "031")),
            "query" => icbc_traps::refused(Call::Query, line.code),
            "reverse" => icbc_traps::refused(Call::Reverse, line.code),
            "reject" => icbc_traps::refused(Call::Refund, line.code),
            "rejectquery" => icbc_traps::refused(Call::RefundQuery, line.code),
            "rejectstatus" => icbc_refunds::status(line.code),
            other => panic!("{other}"),
        };
        assert_eq!(words(&answer), line.ours, "{} {}", line.call, line.code);
        check_class(line);
    }
    same_codes(Channel::Icbc, &lines, |row| {
        match (row.field, row.means.call(), row.code.contains(['*', '-'])) {
            ("pay_status", Call::Submit, _) => Some("pay"),
            ("pay_status", _, _) => Some("state"),
            ("reject_status", _, _) => Some("rejectstatus"),
            (_, Call::Submit, _) => Some("gateway"),
            // Read from the same table, and never as more than a doubt; a refund is refused where a payment is declined.
            (_, _, true) => {
                let said = row.means.to_string();
                assert!(said.starts_with("unknown ") || said == "refused configuration", "{row:?}");
                None
            }
            (_, Call::Query, _) => Some("query"),
            (_, Call::Reverse, _) => Some("reverse"),
            (_, Call::Refund, _) => Some("reject"),
            (_, Call::RefundQuery, _) => Some("rejectquery"),
        }
    });
}

#[test]
fn every_code_of_the_qra_sheet_is_read_as_its_class_says() {
    let lines = lines(include_str!("testdata/qra_codes.txt"));
    for line in &lines {
        let code = line.code.replace('_', " ");
        let code = if SPACED.contains(&&*code) { &*code } else { line.code };
        let answer = match line.call {
            "pay" => qra_traps::refused(Call::Submit, code),
            "query" => qra_traps::refused(Call::Query, code),
            "reverse" => qra_traps::refused(Call::Reverse, code),
            "refund" => qra_traps::refused(Call::Refund, code),
            "refundquery" => qra_traps::refused(Call::RefundQuery, code),
            "refundstatus" => qra_refunds::status(code),
            "state" => qra_traps::state(code),
            "result" => qra_traps::pay_result("1"),
            other => panic!("{other}"),
        };
        assert_eq!(words(&answer), line.ours, "{} {code}", line.call);
        check_class(line);
    }
    same_codes(Channel::Qra, &lines, |row| match (row.field, row.means.call()) {
        ("trade_state", _) => Some("state"),
        ("pay_result", _) => Some("result"),
        // Alipay's own tables, which are checked above.
        ("err_code ACQ.", _) => None,
        (_, Call::Submit) => Some("pay"),
        (_, Call::Query) => Some("query"),
        (_, Call::Reverse) => Some("reverse"),
        ("refund_status_$n", _) => Some("refundstatus"),
        (_, Call::Refund) => Some("refund"),
        (_, Call::RefundQuery) => Some("refundquery"),
    });
}

#[test]
fn every_code_of_the_acp_sheet_is_read_as_its_class_says() {
    let lines = lines(include_str!("testdata/acp_codes.txt"));
    for line in &lines {
        let answer = match line.call {
            "pay" => acp_traps::refused(Call::Submit, line.code),
            "query" => acp_traps::refused(Call::Query, line.code),
            "state" if line.code == "46" => {
                acp_traps::told(Call::Query, &[("respCode", "00"), ("origRespCode", "46")])
            }
            "state" => acp_traps::state(line.code),
            "reverse" => acp_traps::refused(Call::Reverse, line.code),
            "refund" => acp_traps::refused(Call::Refund, line.code),
            "refundquery" => acp_traps::refused(Call::RefundQuery, line.code),
            "refundstate" => acp_refunds::state(line.code),
            other => panic!("{other}"),
        };
        assert_eq!(words(&answer), line.ours, "{} {}", line.call, line.code);
        check_class(line);
    }
    same_codes(Channel::Acp, &lines, |row| match (row.field, row.means.call()) {
        ("origRespCode", Call::Query) => Some("state"),
        ("origRespCode", _) => Some("refundstate"),
        (_, Call::Submit) => Some("pay"),
        (_, Call::Query) => Some("query"),
        (_, Call::Reverse) => Some("reverse"),
        (_, Call::Refund) => Some("refund"),
        (_, Call::RefundQuery) => Some("refundquery"),
    });
}

/// The platform's codes with a blank inside.
const SPACED: [&str; 3] = ["System error", "Internal error", "order not exist"];

/// What passes through from Alipay is read as from Alipay itself, behind its prefix and not without it.
#[test]
fn every_code_of_alipay_passes_through_qra() {
    for line in &lines(include_str!("testdata/alipay_codes.txt")) {
        let call = match line.call {
            "pay" => Call::Submit,
            "query" => Call::Query,
            "cancel" => Call::Reverse,
            "refund" => Call::Refund,
            "refundquery" => Call::RefundQuery,
            _ => continue,
        };
        let code = line.code.replace('*', "x");
        for prefix in ["ACQ.", "aop.ACQ."] {
            let told = words(&qra_traps::refused(call, &format!("{prefix}{code}")));
            assert_eq!(told, line.ours, "{} {prefix}{}", line.call, line.code);
        }
    }
}

#[test]
fn every_entry_says_what_to_do_in_two_languages_and_where_that_is_written() {
    for channel in Channel::ALL {
        for row in rows(channel) {
            assert!(row.zh.chars().any(|sign| sign > '\u{4E00}'), "{row:?}");
            assert!(row.en.is_ascii() && row.en.len() > 3, "{row:?}");
            assert!(row.source.contains('§'), "{row:?}");
            assert!(!row.means.to_string().is_empty());
        }
    }
}

struct Line {
    call: &'static str,
    code: &'static str,
    class: &'static str,
    ours: String,
}

fn lines(text: &'static str) -> Vec<Line> {
    let kept = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    kept.map(|line| {
        let parts: Vec<&str> = line.split(' ').collect();
        Line { call: parts[0], code: parts[1], class: parts[2], ours: parts[3..].join(" ") }
    })
    .collect()
}

/// The sheet's class allows our reading; a `*` marks a reading that is more careful than the sheet.
fn check_class(line: &Line) {
    let starts: &[&str] = match line.class {
        "UNKNOWN" | "UNK" | "RETRY_SAME" | "RTY" | "ALARM" | "UNVERIFIED" => &["unknown channel_unsure"],
        "PAYING" | "PAY" => &["awaiting_payer", "still_paying"],
        "PAYING*" => &["unknown channel_unsure"],
        "DONE_OTHER" | "ASK" => &["unknown already_known"],
        "DEFINITE_FAILURE*" => &["unknown already_known", "declined_ask "],
        "QUERY_DECIDES" => &["reversed unsaid"],
        "DEFINITE_FAILURE" | "DEF" => &["declined "],
        "QUERY_ONCE" => &["declined_ask "],
        "CONFIG_AFTER_QUERY" => &["declined_ask configuration"],
        "CONFIG_ERROR" | "CFG" => &["declined configuration", "declined merchant_not_allowed"],
        "RATE" => &["unknown rate_limited"],
        "CANNOT" => &["cannot "],
        "NOT_FOUND" => &["not_found"],
        "STATE" => &[""],
        // Of a refund: the core asks after every refusal, so a class that asks may be read as one.
        "REFUSED" => &["refused "],
        "REFUSED_CFG" => &["refused configuration"],
        "REFUSED_ASK" => &["unknown already_known", "unknown channel_unsure", "refused nothing_left"],
        "FUNDS" => &["refused merchant_funds"],
        other => panic!("{other}"),
    };
    let fits = starts.iter().any(|start| line.ours.starts_with(start));
    assert!(fits, "{} {}: {} is read as {}", line.call, line.code, line.class, line.ours);
}

/// The list and the table hold the same codes: none is forgotten, none is invented.
fn same_codes(channel: Channel, lines: &[Line], call: impl Fn(&Row) -> Option<&'static str>) {
    let listed: BTreeSet<_> =
        lines.iter().map(|line| (line.call, line.code.to_owned(), line.ours.clone())).collect();
    assert_eq!(listed.len(), lines.len(), "a code stands twice in the list");
    let rows: Vec<_> = rows(channel)
        .iter()
        .filter_map(|row| call(row).map(|call| (call, row.code.replace(' ', "_"), row.means.to_string())))
        .collect();
    let read: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(read.len(), rows.len(), "a code stands twice in the table");
    assert_eq!(read, listed);
}
