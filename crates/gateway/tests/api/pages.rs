//! The pages for people: whole, in both languages, and with nothing on them that runs or comes from elsewhere.

use crate::support::child::{Demo, Folder};
use crate::support::http::{self, Answer};
use crate::support::till::text;

#[test]
fn the_reference_shows_the_whole_contract() {
    let folder = Folder::new("pages");
    let demo = Demo::start(&folder, "warn");
    let till = &demo.till;
    let document = till.get("/openapi.json");
    for (target, accepted, lang) in [
        ("/docs", "zh-CN,zh;q=0.9", "zh-CN"),
        ("/docs", "en", "en"),
        ("/docs?lang=zh", "en", "zh-CN"),
        ("/docs?lang=en", "zh", "en"),
    ] {
        let answer = page(&demo, target, accepted);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert_eq!(answer.header("content-security-policy"), Some(POLICY), "{target}");
        let html = String::from_utf8(answer.body).unwrap();
        assert!(html.contains(&format!("<html lang=\"{lang}\">")), "{target} {accepted}");
        for forbidden in ["<script", "javascript:", " on", "style=", "http://", "https://"] {
            assert!(!tags(&html).any(|tag| tag.contains(forbidden)), "{forbidden} in {target}");
        }
        for (path, item) in document["paths"].as_object().unwrap() {
            for (_, operation) in item.as_object().unwrap() {
                let id = text(operation, "operationId");
                assert!(html.contains(path) && html.contains(&format!("id=\"{id}\"")), "{path} in {target}");
            }
        }
        let mut ids: Vec<&str> =
            html.match_indices(" id=\"").map(|(at, _)| html[at + 5..].split('"').next().unwrap()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "a name is there twice in {target}");
        let targets = html.match_indices("href=\"#").map(|(at, _)| html[at + 7..].split('"').next().unwrap());
        let lost: Vec<&str> = targets.filter(|name| !html.contains(&format!("id=\"{name}\""))).collect();
        assert_eq!(lost, [""; 0], "{target}");
    }
    let style = till.send("GET", "/docs/style.css", b"");
    assert_eq!((style.status, style.header("content-type")), (200, Some("text/css; charset=utf-8")));
    assert_eq!(till.send("POST", "/docs", b"").status, 405);
}

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

fn page(demo: &Demo, target: &str, accepted: &str) -> Answer {
    let api = demo.running.word("api");
    let bytes = http::request("GET", target, &[format!("accept-language: {accepted}")], b"");
    http::exchange(api.strip_prefix("http://").unwrap(), &bytes).unwrap()
}

/// What stands between angle brackets.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).filter_map(|rest| rest.split('>').next())
}
