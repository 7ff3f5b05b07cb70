//! The stream of events: live, resumed after a lost line, over a restart, and for one terminal alone.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::child::{Demo, Folder};
use crate::support::http;
use crate::support::till::{code, order, text};

/// One event as it came.
#[derive(Debug)]
struct Event {
    id: i64,
    name: String,
    data: Value,
}

/// An open stream.
struct Stream {
    lines: BufReader<TcpStream>,
}

impl Stream {
    fn open(demo: &Demo, query: &str, last: Option<i64>) -> Stream {
        let api = demo.running.word("api");
        let mut headers = vec![format!("authorization: Bearer {}", demo.running.word("api_key"))];
        headers.extend(last.map(|id| format!("last-event-id: {id}")));
        let mut socket = TcpStream::connect(api.strip_prefix("http://").unwrap()).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(100))).unwrap();
        let target = format!("/v1/events/stream{query}");
        socket.write_all(&http::request("GET", &target, &headers, b"")).unwrap();
        let mut stream = Stream { lines: BufReader::new(socket) };
        let head: Vec<String> =
            std::iter::from_fn(|| stream.line().filter(|line| !line.is_empty())).collect();
        assert!(head[0].contains(" 200 "), "{head:?}");
        assert!(
            head.iter().any(|line| line.eq_ignore_ascii_case("content-type: text/event-stream")),
            "{head:?}"
        );
        stream
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.lines.read_line(&mut line).unwrap();
        (read > 0).then(|| line.trim_end().to_owned())
    }

    /// The next event, past sizes of chunks and heartbeats; nothing when the stream has ended.
    fn next(&mut self) -> Option<Event> {
        let (mut id, mut name, mut data) = (None, None, None);
        loop {
            let line = self.line()?;
            match line.split_once(": ").or_else(|| line.split_once(':')) {
                Some(("id", value)) => id = Some(value.parse().unwrap()),
                Some(("event", value)) => name = Some(value.to_owned()),
                Some(("data", value)) => data = Some(serde_json::from_str::<Value>(value).unwrap()),
                Some(_) | None => {}
            }
            if let (true, Some(id), Some(name), Some(data)) = (line.is_empty(), id, &name, &data) {
                return Some(Event { id, name: name.clone(), data: data.clone() });
            }
        }
    }

    /// Reads until a payment of this order has this status; answers the event and what came before it.
    fn until(&mut self, order_no: &str, status: &str) -> (Event, Vec<Event>) {
        let mut before = Vec::new();
        loop {
            let event = self.next().expect("the stream ended");
            if event.name == "payment" && event.data["order_no"] == order_no && event.data["status"] == status
            {
                return (event, before);
            }
            before.push(event);
        }
    }
}

#[test]
fn payments_are_told_as_they_change() {
    let folder = Folder::new("stream");
    let demo = Demo::start(&folder, "warn");
    let mut live = Stream::open(&demo, "", None);
    let hello = live.next().unwrap();
    assert_eq!((hello.name.as_str(), hello.id), ("hello", 0));
    assert_eq!(hello.data["resumed"], false);
    assert!(hello.data["now_ms"].as_i64() > Some(1_700_000_000_000));

    let mut body = order("streamed-1", 1234, &code("wechat", "101", 1), 0);
    body["terminal"] = json!("till-1");
    demo.till.pay(&body);
    let (paid, before) = live.until("streamed-1", "paid");
    let typing = |event: &Event| event.data["next_action"]["type"] == "customer_confirmation";
    assert!(before.iter().any(typing), "the till hears of the password while it waits: {before:?}");
    assert_eq!(paid.data, demo.till.get(&format!("/v1/payments/{}", text(&paid.data, "id"))));
    let mut ids: Vec<i64> = before.iter().map(|event| event.id).collect();
    ids.push(paid.id);
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");

    // The line was lost before anything was heard: what changed since comes once, as it is now.
    let mut resumed = Stream::open(&demo, "", Some(0));
    assert_eq!(resumed.next().unwrap().data["resumed"], true);
    let again = resumed.next().unwrap();
    assert_eq!((again.id, &again.data), (paid.id, &paid.data));

    // A terminal hears of itself alone, however the last id is said.
    let other = format!("?terminal=till-2&last_event_id={}", paid.id);
    let mut other = Stream::open(&demo, &other, None);
    assert_eq!(other.next().unwrap().data["resumed"], true);
    for (terminal, order_no, tail) in [("till-1", "streamed-2", 2), ("till-2", "streamed-3", 3)] {
        let mut body = order(order_no, 1234, &code("alipay", "000", tail), 20);
        body["terminal"] = json!(terminal);
        demo.till.pay(&body);
    }
    let (_, before) = other.until("streamed-3", "paid");
    assert!(before.iter().all(|event| event.data["order_no"] == "streamed-3"), "{before:?}");
    refused(&demo);
}

fn refused(demo: &Demo) {
    for (target, pointer) in [
        ("/v1/events/stream?last_event_id=x", "/last_event_id"),
        ("/v1/events/stream?last_event_id=-1", "/last_event_id"),
        ("/v1/events/stream?outlets=north", "/outlets"),
    ] {
        let answer = demo.till.send("GET", target, b"");
        assert_eq!(answer.status, 400, "{target}");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer);
    }
    assert_eq!(demo.till.with_key("pk_wrong").send("GET", "/v1/events/stream", b"").status, 401);
}

/// A stream ends when the gateway stops, at once; after the restart nothing is missing.
#[test]
fn a_stream_is_resumed_over_a_restart() {
    let folder = Folder::new("stream-restart");
    let mut demo = Demo::start(&folder, "warn");
    let mut live = Stream::open(&demo, "", None);
    live.next().unwrap();
    demo.till.pay(&order("before", 500, &code("wechat", "000", 1), 20));
    let (seen, _) = live.until("before", "paid");
    demo.till.pay(&order("between", 500, &code("wechat", "000", 2), 20));
    demo.running.child.kill().unwrap();
    drop(demo);
    demo = Demo::start(&folder, "warn");
    let mut resumed = Stream::open(&demo, "", Some(seen.id));
    assert_eq!(resumed.next().unwrap().data["resumed"], true);
    resumed.until("between", "paid");
    // From another database: numbers that this one has not reached.
    let mut foreign = Stream::open(&demo, "", Some(9_999_999));
    assert_eq!(foreign.next().unwrap().data["resumed"], false);
}

/// What changed between two looks is not missed by whoever says what was seen.
#[test]
fn a_read_that_says_what_was_seen_misses_no_change() {
    let folder = Folder::new("after");
    let demo = Demo::start(&folder, "warn");
    let paid = demo.till.pay(&order("seen", 500, &code("wechat", "000", 1), 20)).json();
    let opened = demo.till.pay(&order("waits", 500, &code("wechat", "106", 1), 0)).json();
    let version = opened["version"].as_i64().unwrap();
    let path = format!("/v1/payments/{}", text(&opened, "id"));
    let typing = demo.till.get(&format!("{path}?wait=30&after={version}"));
    assert!(typing["version"].as_i64() > Some(version), "{typing}");
    // It has changed since version 1: that is told at once, though nothing changes now.
    assert_eq!(demo.till.get(&format!("{path}?wait=60&after={version}"))["version"], typing["version"]);
    assert_eq!(demo.till.get("/v1/payments/by-order/seen?wait=60&after=0")["id"], paid["id"]);
    let answer = demo.till.send("GET", &format!("{path}?after=x"), b"");
    assert_eq!((answer.status, &answer.json()["errors"][0]["pointer"]), (400, &json!("/after")));
}
