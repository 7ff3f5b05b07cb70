//! 259号文's terminals (unionpay.md §3.1): each payment goes out with the data of its own terminal, in its channel's form, and
//! nothing but the payment says them.

use std::collections::BTreeMap;

use gateway::dialects::acp::Acp;
use gateway::dialects::alipay::{Alipay, Shop};
use gateway::dialects::qra::Qra;
use gateway::dialects::terminal::{Terminal, Terminals, Till};
use gateway::dialects::wechat_v2::WechatV2;
use gateway::dialects::{Asking, Dialect};
use gateway::store::Sale;
use payment::exchange::Call;
use payment::payment::Intent;
use serde_json::{Value, json};
use wire::acp::Trust;
use wire::alipay::{BankAgent, PayRequest, read_request};
use wire::http::Request;
use wire::sign::V2SignType;
use wire::{qra, wechat_v2};

use crate::common::{self, CALLS, asking, code};
use crate::{acp_traps, alipay_traps, qra_traps, wechat_traps};

const NUMBER: &str = "S20260315091228001";
const DEFAULT: &str = r#"{"device_type":"11","device_id":"DEFAULT1","location":"+39.90/+116.40"}"#;
const SOMEWHERE: &str = "+31.230/+121.470";
const ELSEWHERE: &str = "+30.660/+104.060";

/// T01 is a terminal of ST001 and another one of ST002; T02 is a scanner gun, wherever it is.
fn terminals() -> Terminals {
    let till = |outlet: Option<&str>, terminal: &str| Till {
        outlet: outlet.map(str::to_owned),
        terminal: terminal.to_owned(),
    };
    let terminal = |device_type: &str, number: &str, serial: Option<&str>, location: &str| Terminal {
        device_type: device_type.to_owned(),
        device_id: Some(number.to_owned()),
        serial_num: serial.map(str::to_owned),
        location: Some(location.to_owned()),
        ..Terminal::default()
    };
    Terminals::new(BTreeMap::from([
        (till(Some("ST001"), "T01"), terminal("10", "N0000001", Some("SN-1"), SOMEWHERE)),
        (till(Some("ST002"), "T01"), terminal("04", "N0000002", Some("SN-2"), ELSEWHERE)),
        (till(None, "T02"), terminal("11", "N0000003", None, ELSEWHERE)),
    ]))
}

/// Sales at the three, at one that is not listed, and without any; with the data of each, `number` being the channel's name of
/// the registered number.
fn sales(number: &str) -> [(Sale, Option<Value>); 6] {
    let sale = |outlet: Option<&str>, terminal: Option<&str>| Sale {
        outlet: outlet.map(str::to_owned),
        terminal: terminal.map(str::to_owned),
        ..Sale::default()
    };
    let first = json!({"device_type": "10", number: "N0000001", "serial_num": "SN-1", "location": SOMEWHERE});
    let second =
        json!({"device_type": "04", number: "N0000002", "serial_num": "SN-2", "location": ELSEWHERE});
    let gun = json!({"device_type": "11", number: "N0000003", "location": ELSEWHERE});
    [
        (sale(Some("ST001"), Some("T01")), Some(first)),
        (sale(Some("ST002"), Some("T01")), Some(second)),
        (sale(Some("ST001"), Some("T02")), Some(gun)),
        (sale(Some("ST001"), Some("T03")), None),
        (sale(None, Some("T01")), None),
        (sale(None, None), None),
    ]
}

fn submitted(dialect: &dyn Dialect, sale: &Sale, scanned: &str) -> Request {
    let intent = intent(dialect);
    let code = code(scanned);
    dialect.request(&asking(Call::Submit, &intent, sale, Some(&code))).request
}

fn intent(dialect: &dyn Dialect) -> Intent {
    common::intent(dialect.channel(), NUMBER, 1280, dialect.payee())
}

/// The listed one's data, or what the account says for all, exactly as it was written.
fn check_info(sent: Option<String>, listed: Option<Value>) {
    let sent = sent.unwrap();
    match listed {
        Some(listed) => assert_eq!(serde_json::from_str::<Value>(&sent).unwrap(), listed),
        None => assert_eq!(sent, DEFAULT),
    }
}

#[test]
fn wechat_says_the_terminal_in_terminal_info() {
    let wechat = wechat().with_terminals(terminals());
    for (sale, listed) in sales("device_id") {
        let request = submitted(&wechat, &sale, "134567890123456789");
        let key = |_: &str| Some(wechat_traps::key());
        let (_, call) = wechat_v2::parse_request(&request.path, &request.body, key).unwrap();
        let wechat_v2::Call::Micropay(pay) = call else { panic!("{call:?}") };
        check_info(pay.terminal_info, listed);
        assert_eq!(pay.device_info, sale.terminal, "the till's own name stays");
    }
}

#[test]
fn qra_says_the_terminal_in_terminal_info() {
    let qra = qra().with_terminals(terminals());
    for (sale, listed) in sales("terminal_id") {
        let request = submitted(&qra, &sale, "6234567890123456789");
        let (_, call) =
            qra::parse_request(&request.path, &request.body, |_| Some(qra_traps::keys())).unwrap();
        let qra::Call::Micropay(pay) = call else { panic!("{call:?}") };
        check_info(pay.terminal_info, listed);
        assert_eq!(pay.device_info, sale.terminal, "the till's own name stays");
    }
}

#[test]
fn alipay_says_the_terminal_in_terminal_params() {
    let alipay = Alipay::new(alipay_traps::app(), Shop { terminals: terminals(), ..shop() });
    for (sale, listed) in sales("terminal_id") {
        let pay = alipay_pay(&alipay, &sale);
        check_info(pay.terminal_params, listed);
        assert_eq!((pay.terminal_id, pay.bkagent_req_info), (sale.terminal, None));
    }
}

/// Five members and no more; of a listed terminal nothing of the account's own is left.
#[test]
fn an_acquirer_says_the_terminal_beside_its_codes() {
    let agent = agent();
    let shop = Shop { terminals: terminals(), terminal_params: None, agent: Some(agent.clone()), ..shop() };
    let alipay = Alipay::new(alipay_traps::app(), shop);
    for (sale, listed) in sales("device_id") {
        let pay = alipay_pay(&alipay, &sale);
        let text = |name: &str| listed.as_ref().unwrap()[name].as_str().map(str::to_owned);
        let expected = match &listed {
            None => agent.clone(),
            Some(_) => BankAgent {
                device_type: text("device_type"),
                serial_num: text("serial_num"),
                location: text("location"),
                ..agent.clone()
            },
        };
        assert_eq!((pay.bkagent_req_info, pay.terminal_params), (Some(expected), None));
    }
}

#[test]
fn acp_says_the_number_that_is_registered() {
    let acp = acp().with_terminals(terminals());
    for (sale, listed) in sales("device_id") {
        let request = submitted(&acp, &sale, "6235124674559394540");
        let sent = String::from_utf8(request.body.clone()).unwrap();
        let number = listed.as_ref().and_then(|listed| listed["device_id"].as_str()).unwrap_or("00000001");
        assert!(sent.contains(&format!("termId={number}")), "{sent}");
    }
    // A till whose name has the form of a number: what is registered goes before it.
    let till = Till { outlet: None, terminal: "POS00017".to_owned() };
    let gun = Terminal { device_id: Some("N0000009".to_owned()), ..Terminal::default() };
    let sale = Sale { terminal: Some("POS00017".to_owned()), ..Sale::default() };
    for (acp, number) in [
        (acp.clone(), "POS00017"),
        (acp.with_terminals(Terminals::new(BTreeMap::from([(till, gun)]))), "N0000009"),
    ] {
        let sent = String::from_utf8(submitted(&acp, &sale, "6235124674559394540").body).unwrap();
        assert!(sent.contains(&format!("termId={number}")), "{sent}");
    }
}

/// Terminals change while payments are open: what a query, a reversal or a refund asks does not, to the byte.
#[test]
fn nothing_but_a_payment_depends_on_what_is_listed() {
    let relayed = |terminals| Shop { terminals, agent: Some(agent()), ..shop() };
    let app = alipay_traps::app;
    let pairs: [(Box<dyn Dialect>, Box<dyn Dialect>); 5] = [
        (Box::new(wechat()), Box::new(wechat().with_terminals(terminals()))),
        (Box::new(qra()), Box::new(qra().with_terminals(terminals()))),
        (Box::new(acp()), Box::new(acp().with_terminals(terminals()))),
        (
            Box::new(Alipay::new(app(), shop())),
            Box::new(Alipay::new(app(), Shop { terminals: terminals(), ..shop() })),
        ),
        (
            Box::new(Alipay::new(app(), relayed(Terminals::default()))),
            Box::new(Alipay::new(app(), relayed(terminals()))),
        ),
    ];
    for (before, after) in pairs {
        assert_eq!(before.payee(), after.payee());
        let intent = intent(before.as_ref());
        let refund = common::refund(intent.clone(), 300);
        let code = code("134567890123456789");
        for (sale, listed) in sales("device_id") {
            let sent = |dialect: &dyn Dialect, call| {
                let asking = Asking { refund: Some(&refund), ..asking(call, &intent, &sale, Some(&code)) };
                dialect.request(&asking).request
            };
            for call in CALLS {
                let alike = sent(before.as_ref(), call) == sent(after.as_ref(), call);
                let may_differ = call == Call::Submit && listed.is_some();
                assert_eq!(alike, !may_differ, "{:?} {call:?}", before.channel());
            }
        }
    }
}

fn wechat() -> WechatV2 {
    WechatV2::new(wechat_traps::merchant(V2SignType::Md5), "203.0.113.7".to_owned())
        .with_terminal_info(Some(DEFAULT.to_owned()))
}

fn qra() -> Qra {
    Qra::new(qra_traps::merchant(qra_traps::keys()), "203.0.113.7".to_owned(), Some(DEFAULT.to_owned()))
}

fn acp() -> Acp {
    Acp::new(acp_traps::merchant(Trust::keyed_hash([6; 32])), "00000001".to_owned())
}

fn shop() -> Shop {
    Shop { terminal_params: Some(DEFAULT.to_owned()), ..Shop::default() }
}

fn agent() -> BankAgent {
    BankAgent {
        acq_code: Some("48023456789012".to_owned()),
        merch_code: Some("123456789012".to_owned()),
        device_type: Some("10".to_owned()),
        serial_num: Some("SN-DEFAULT".to_owned()),
        location: Some("+39.90/+116.40".to_owned()),
    }
}

fn alipay_pay(alipay: &Alipay, sale: &Sale) -> PayRequest {
    let request = submitted(alipay, sale, "28763443825664394");
    let received = read_request(&request).unwrap().verify(&alipay_traps::our_key().verifying_key()).unwrap();
    PayRequest::from_biz_content(received.value().biz_content().unwrap()).unwrap()
}
