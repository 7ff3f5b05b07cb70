//! The phone page's address from outside: codes, refusals, the stream, and what a kill leaves.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::child::{Demo, Folder};
use crate::support::http::{Answer, exchange, request};
use crate::support::till::{Till, code, order, text};
use crate::support::time::Stopwatch;

const CODES: &str = "/_simulator/codes";
/// A stream that is open must not hold up the end.
const EXIT_SECONDS_MAX: u64 = 5;

fn control(demo: &Demo) -> String {
    demo.running.word("simulator").strip_prefix("http://").unwrap().to_owned()
}

#[test]
fn codes_are_fresh_and_play_their_scenario() {
    let folder = Folder::new("phone-codes");
    let demo = Demo::start(&folder, "info");
    let mut seen = BTreeSet::new();
    for (wallet, prefix, length) in
        [("wechat", "130000", 18), ("alipay", "280000", 18), ("unionpay", "620000", 19)]
    {
        for scenario in ["000", "106", "201", "106"] {
            let answer = demo.simulator.post(CODES, &json!({ "wallet": wallet, "scenario": scenario }));
            assert_eq!(answer.status, 200, "{}", answer.json());
            let made = answer.json();
            let code = text(&made, "code");
            assert!(code.starts_with(&format!("{prefix}{scenario}")) && code.len() == length, "{made}");
            assert!(seen.insert(code.to_owned()), "{code} twice");
            assert_eq!((text(&made, "wallet"), text(&made, "scenario")), (wallet, scenario));
            assert_eq!(made["valid_seconds"], 60);
            assert!(["qr_svg", "code128_svg"].iter().all(|name| text(&made, name).starts_with("<svg ")));
        }
    }
    let plain = demo.simulator.post(CODES, &json!({ "wallet": "wechat" })).json();
    assert_eq!(text(&plain, "scenario"), "000");
    let paid = demo.till.pay(&order("PHONE-1", 100, text(&plain, "code"), 10)).json();
    assert_eq!(text(&paid, "status"), "paid", "{paid}");
}

/// A refusal that names the value.
fn refused(answer: &Answer, status: u16, named: &str) {
    let body = answer.json();
    assert_eq!(answer.status, status, "{body}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{body}");
    assert_eq!(body["status"], status);
    assert!(text(&body, "detail").contains(named), "{named}: {body}");
}

#[test]
fn what_is_wrong_is_named_and_other_origins_are_refused() {
    let folder = Folder::new("phone-refusals");
    let demo = Demo::start(&folder, "info");
    for (body, named) in [
        (json!({ "wallet": "paypal" }), "paypal"),
        (json!({ "wallet": "wechat", "scenario": "701" }), "701"),
        (json!({ "wallet": "wechat", "scenario": "6" }), "\"6\""),
        (json!({ "wallet": "wechat", "scenario": "+10" }), "+10"),
        (json!({ "wallet": "wechat", "colour": "red" }), "colour"),
        (json!({ "wallet": 7 }), "7"),
        (json!({ "wallet": "x".repeat(2000) }), "bytes"),
    ] {
        refused(&demo.simulator.post(CODES, &body), 400, named);
    }
    refused(&demo.simulator.send("POST", "/_simulator/prompts/N1/confirm", b""), 409, "N1");
    refused(&demo.simulator.send("POST", "/_simulator/prompts/N1/ponder", b""), 404, "ponder");
    let from = |origin: &str, target: &str| {
        let headers = [format!("origin: {origin}")];
        exchange(&control(&demo), &request("POST", target, &headers, b"{\"wallet\":\"wechat\"}")).unwrap()
    };
    // The tests' client calls the host "paycode".
    for foreign in ["http://elsewhere.example", "https://paycode", "http://paycode:1", "null"] {
        refused(&from(foreign, CODES), 403, foreign);
        refused(&from(foreign, "/_simulator/prompts/N1/confirm"), 403, foreign);
    }
    assert_eq!(from("http://paycode", CODES).status, 200);
}

/// An open stream of events.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(demo: &Demo) -> Stream {
        let mut socket = TcpStream::connect(control(demo)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        socket.write_all(&request("GET", "/phone/live?lang=en", &[], b"")).unwrap();
        Stream(BufReader::new(socket))
    }

    fn status(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// The next state; none at the stream's end.
    fn state(&mut self) -> Option<Value> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(state) = line.strip_prefix("data: {") {
                return Some(serde_json::from_str(&format!("{{{state}")).unwrap());
            }
        }
    }
}

fn balance(state: &Value, wallet: &str) -> String {
    text(&state["purses"][wallet], "balance").to_owned()
}

#[test]
fn a_stream_tells_every_change_and_ends_with_the_process() {
    let folder = Folder::new("phone-stream");
    let mut demo = Demo::start(&folder, "info");
    let mut stream = Stream::open(&demo);
    let state = stream.state().unwrap();
    assert_eq!(balance(&state, "alipay"), "10,000.00");
    assert_eq!(state["asked"], json!([]));
    demo.till.pay(&order("PHONE-2", 12_345, &code("alipay", "106", 1), 0));
    let state = until(&mut stream, |state| state["asked"] != json!([]));
    let number = text(&state["asked"][0], "number").to_owned();
    let answer = demo.simulator.send("POST", &format!("/_simulator/prompts/{number}/confirm"), b"");
    assert_eq!(answer.status, 204);
    let state = until(&mut stream, |state| state["asked"] == json!([]));
    assert_eq!(balance(&state, "alipay"), "9,876.55");
    assert_eq!(balance(&state, "wechat"), "10,000.00");

    let stopwatch = Stopwatch::start();
    let child = &mut demo.running.child;
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(stopwatch.seconds() <= EXIT_SECONDS_MAX, "it took {:?}", stopwatch.passed());
    while stream.state().is_some() {}
}

fn until(stream: &mut Stream, is: impl Fn(&Value) -> bool) -> Value {
    loop {
        let state = stream.state().expect("the stream goes on");
        if is(&state) {
            return state;
        }
    }
}

#[test]
fn streams_are_bounded_and_a_closed_one_makes_room() {
    let folder = Folder::new("phone-streams");
    let demo = Demo::start(&folder, "info");
    let mut streams: Vec<Stream> = (0..32).map(|_| Stream::open(&demo)).collect();
    assert!(streams.iter_mut().all(|stream| stream.status() == "200"));
    let refusal = demo.simulator.send("GET", "/phone/live", b"");
    refused(&refusal, 503, "32");
    drop(streams);
    // The server sees a closed socket when it writes: at the latest with the next change.
    let mut tail = 0;
    while Stream::open(&demo).status() != "200" {
        tail += 1;
        assert!(tail < 100, "no room after {tail} changes");
        demo.till.pay(&order(&format!("PHONE-ROOM-{tail}"), 1, &code("wechat", "000", tail), 10));
    }
}

#[test]
fn a_kill_changes_nothing_that_the_phone_shows() {
    let folder = Folder::new("phone-kill");
    let mut demo = Demo::start(&folder, "info");
    for (tail, wallet) in [(1, "wechat"), (2, "alipay"), (3, "wechat")] {
        demo.till.pay(&order(&format!("PHONE-KILL-{tail}"), 1_000, &code(wallet, "000", tail), 10));
    }
    let asked = demo.till.pay(&order("PHONE-KILL-4", 5_000, &code("alipay", "106", 4), 0)).json();
    demo.till.until(text(&asked, "id"), |payment| payment["next_action"]["type"] == "customer_confirmation");
    let shown = |simulator: &Till| simulator.get("/phone/state?lang=zh");
    let before = shown(&demo.simulator);
    assert_eq!(balance(&before, "wechat"), "9,980.00");
    assert_eq!(before["asked"].as_array().unwrap().len(), 1, "{before}");
    demo.running.child.kill().unwrap();
    demo.running.child.wait().unwrap();
    demo = Demo::start(&folder, "info");
    assert_eq!(shown(&demo.simulator), before);
    assert_eq!(demo.running.word("phone"), format!("{}/phone", demo.running.word("simulator")));
}
