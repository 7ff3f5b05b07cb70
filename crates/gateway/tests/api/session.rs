//! A till's session: signed in with a key, bound to this gateway's own pages, and weaker than the key.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::child::{Demo, Folder, Running};
use crate::support::http::{self, Answer};
use crate::support::till::{code, order};

/// One request of a browser at this address; `headers` are whole lines.
fn browser(base: &str, method: &str, target: &str, headers: &[&str], body: &str) -> Answer {
    let headers: Vec<String> = headers.iter().map(|line| (*line).to_owned()).collect();
    let bytes = http::request(method, target, &headers, body.as_bytes());
    http::exchange(base.strip_prefix("http://").unwrap(), &bytes).unwrap()
}

const FORM: &str = "content-type: application/x-www-form-urlencoded";
const JSON: &str = "content-type: application/json";

/// The cookie that an answer sets, as a request sends it, and its attributes.
fn cookie(answer: &Answer) -> (String, String) {
    let line = answer.header("set-cookie").unwrap();
    let (pair, attributes) = line.split_once(';').unwrap();
    (format!("cookie: {pair}"), attributes.to_owned())
}

fn status_and_code(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.json()["code"].clone())
}

/// An open stream of events, past its first one.
fn listen(base: &str, session: &str) -> TcpStream {
    let mut socket = TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(100))).unwrap();
    let request = http::request("GET", "/v1/events/stream", &[session.to_owned()], b"");
    socket.write_all(&request).unwrap();
    let mut begun = Vec::new();
    while !String::from_utf8_lossy(&begun).contains("event: hello") {
        let mut some = [0; 512];
        let read = socket.read(&mut some).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&begun));
        begun.extend_from_slice(&some[..read]);
    }
    socket
}

/// A gateway without accounts: nobody walks in.
#[test]
fn a_till_signs_in_with_a_key_and_out() {
    let folder = Folder::new("sign-in");
    let config = folder.path().join("paycode.toml");
    let text = "[server]\nlisten = \"127.0.0.1:0\"\n[store]\npath = \"paycode.db\"\n";
    std::fs::write(&config, text).unwrap();
    let arguments = ["serve", "--json", "--config", config.to_str().unwrap()];
    let log = folder.path().join("stderr.log");
    let running = Running::start(&arguments, "info", &log, "api");
    let (base, key) = (running.word("api"), running.word("api_key"));

    let entrance = browser(&base, "GET", "/cashier", &["accept-language: en"], "");
    let page = String::from_utf8(entrance.body).unwrap();
    assert_eq!(entrance.status, 200);
    assert!(
        page.contains("Sign in") && page.contains("name=\"key\"") && !page.contains("data-terminal"),
        "{page}"
    );
    for (form, wrong) in [
        ("key=pk_wrong&terminal=till-7", "密钥不对"),
        (&*format!("key={key}"), "终端必填"),
        (&*format!("key={key}&terminal=till%207"), "终端必填"),
        (&*format!("key={key}&terminal=till-7&operator=%E8%89%BE"), "终端必填"),
    ] {
        let answer = browser(&base, "POST", "/cashier/sign-in", &[FORM], form);
        assert_eq!((answer.status, answer.header("set-cookie")), (422, None), "{form}");
        let page = String::from_utf8(answer.body).unwrap();
        assert!(page.contains(wrong) && !page.contains(&key), "{page}");
    }
    let form = format!("key={key}&terminal=till-7&outlet=north&operator=amy");
    let foreign =
        browser(&base, "POST", "/cashier/sign-in", &[FORM, "origin: http://elsewhere.example"], &form);
    assert_eq!(status_and_code(&foreign), (403, json!("forbidden")));

    let signed = browser(
        &base,
        "POST",
        "/cashier/sign-in",
        &[FORM, "sec-fetch-site: same-origin", "origin: null"],
        &form,
    );
    assert_eq!((signed.status, signed.header("location")), (303, Some("/cashier")));
    let (session, attributes) = cookie(&signed);
    assert_eq!(attributes, " Path=/; Max-Age=64800; HttpOnly; SameSite=Strict");
    assert!(!session.contains(&key), "a session is not the key");
    let till = browser(&base, "GET", "/cashier", &[&session, "sec-fetch-site: cross-site"], "");
    let page = String::from_utf8(till.body).unwrap();
    assert!(page.contains("data-terminal=\"till-7\"") && page.contains("data-operator=\"amy\""), "{page}");
    assert!(!page.contains("data-hand"), "no codes by hand unless the configuration says so");

    assert_eq!(browser(&base, "GET", "/v1/payments", &[&session], "").status, 200);
    let mut stream = listen(&base, &session);
    let out =
        browser(&base, "POST", "/cashier/sign-out", &[&session, FORM, "sec-fetch-site: same-origin"], "");
    assert_eq!(out.status, 303);
    assert_eq!(
        status_and_code(&browser(&base, "GET", "/v1/payments", &[&session], "")),
        (401, json!("unauthenticated"))
    );
    // The stream that was open ends with its next heartbeat, which is at most 15 s away.
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(!log.contains(&key) && !log.contains(session.split_once('=').unwrap().1), "secrets in the log");
}

/// Every page says the same to the browser, and the demo's till need not sign in.
#[test]
fn a_session_is_believed_from_its_own_page_alone() {
    let folder = Folder::new("walk-in");
    let demo = Demo::start(&folder, "warn");
    let base = demo.running.word("api");
    let walked = browser(&base, "GET", "/cashier?terminal=till-9", &[], "");
    assert_eq!(walked.status, 303);
    let (session, _) = cookie(&walked);
    let page = browser(&base, "GET", "/cashier", &[&session], "");
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let text = String::from_utf8(page.body).unwrap();
    assert!(text.contains("data-terminal=\"till-9\"") && text.contains("data-hand"), "{text}");
    assert!(!text.contains("style=") && !text.contains("onclick"), "nothing inline");

    let body = order("by-session", 700, &code("wechat", "000", 1), 20).to_string();
    let pay = |headers: &[&str]| {
        let headers: Vec<&str> =
            [JSON, session.as_str()].into_iter().chain(headers.iter().copied()).collect();
        browser(&base, "POST", "/v1/payments", &headers, &body)
    };
    for foreign in [
        ["origin: http://127.0.0.1:1", "x: x"],
        ["origin: null", "x: x"],
        ["sec-fetch-site: cross-site", "x: x"],
        ["sec-fetch-site: same-site", "origin: http://paycode"],
    ] {
        assert_eq!(status_and_code(&pay(&foreign)), (403, json!("forbidden")), "{foreign:?}");
    }
    assert_eq!(pay(&["authorization: Bearer pk_wrong"]).status, 401, "a wrong key is not saved by a cookie");
    assert_eq!(demo.till.get("/v1/payments")["data"], json!([]), "nothing of these was taken");
    let paid = pay(&["origin: http://paycode", "sec-fetch-site: same-origin"]);
    assert_eq!((paid.status, paid.json()["status"].clone()), (201, json!("paid")));

    let foreign =
        browser(&base, "POST", "/cashier/sign-out", &[FORM, "origin: http://elsewhere.example"], "");
    assert_eq!(status_and_code(&foreign), (403, json!("forbidden")));
    assert!(
        foreign.header("content-security-policy").is_some(),
        "what a page refuses is hardened like the page"
    );
    let unknown = browser(&base, "DELETE", "/cashier/sign-out", &[], "");
    assert_eq!((unknown.status, unknown.header("allow")), (405, Some("POST")));

    let settle =
        browser(&base, "POST", "/v1/cases/case_00000000000000000000000001/settle", &[JSON, &session], "{}");
    assert_eq!(status_and_code(&settle), (403, json!("forbidden")), "a till's session settles nothing");
    for (target, status) in [("/cashier/assets/till.js", 200), ("/cashier/assets/../keys.json", 404)] {
        assert_eq!(browser(&base, "GET", target, &[], "").status, status, "{target}");
    }
}
