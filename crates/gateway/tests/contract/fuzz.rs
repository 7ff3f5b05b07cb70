//! Schemathesis against the real binary: requests made from the contract, right ones and wrong ones, and every answer held
//! to it. A gateway that says what its contract does not is found here.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::child::{Demo, Folder};
use crate::support::till::{Till, code, order};
use crate::support::time::Stopwatch;

/// The same requests every time. Others are drawn with `PAYCODE_SEED=n`.
const SEED: u64 = 20_261_121;
/// Requests of each kind for one operation at the most; what the contract itself suggests comes on top.
const EXAMPLES: u32 = 60;
/// What runs for as long as it is listened to is no answer that a schema could describe.
const STREAM: &str = "/v1/events/stream";
/// Sales whose reversal the channel refuses: each becomes a case.
const STUCK: [&str; 4] = ["stuck", "stuck-2", "stuck--3", "stuck---4"];

#[test]
fn every_answer_keeps_the_contract() {
    let Some(program) = std::env::var_os("PAYCODE_SCHEMATHESIS") else {
        panic!("the contract test needs schemathesis: run ./x test, which installs it and says where it is");
    };
    let folder = Folder::new("contract");
    let demo = Demo::start(&folder, "warn");
    // A case takes 45 s to come about: what needs none is tried meanwhile.
    for order_no in STUCK {
        let tail = 7_010 + u64::try_from(order_no.len()).unwrap();
        assert_eq!(demo.till.pay(&order(order_no, 700, &code("wechat", "404", tail), 0)).status, 201);
    }
    let material = folder.path().join("material.json");
    std::fs::write(&material, made(&demo.till).to_string()).unwrap();
    let run = Run { program: PathBuf::from(program), material, folder: folder.path(), demo: &demo };
    run.schemathesis("all-but-cases", &["--exclude-path-regex", "^/v1/cases"]);
    suspended(&demo.till);
    std::fs::write(&run.material, made(&demo.till).to_string()).unwrap();
    run.schemathesis("cases", &["--include-path-regex", "^/v1/cases"]);
    without_a_key(&demo);
    everything_was_met(&demo.till);
}

/// Every operation that wants a key is asked without one: which of them schemathesis tries so is its own affair.
fn without_a_key(demo: &Demo) {
    let nobody = Till::new(&demo.running.word("api"), "");
    let document = demo.till.get("/openapi.json");
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["responses"].get("401").is_some() {
                let target =
                    path.replace("{id}", "pay_01M80AMSHN260XKJJPK5N5KSQ2").replace("{order_no}", "none");
                let answer = nobody.send(&method.to_uppercase(), &target, b"");
                assert_eq!(answer.status, 401, "{method} {path}: {}", String::from_utf8_lossy(&answer.body));
            }
        }
    }
}

/// Every operation was carried out, and refused: a test whose requests all miss proves nothing.
fn everything_was_met(till: &Till) {
    let document = till.get("/openapi.json");
    let counted = till.send("GET", "/metrics", b"");
    let counted = String::from_utf8(counted.body).unwrap();
    let mut missed = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap().iter().filter(|(path, _)| *path != STREAM) {
        for (method, operation) in item.as_object().unwrap() {
            let labels = format!("method=\"{}\",route=\"{path}\",status=\"", method.to_uppercase());
            let met = |status: &str| counted.contains(&format!("{labels}{status}"));
            let keyed = operation["responses"].get("401").is_some();
            let query = operation["parameters"].as_array().into_iter().flatten().any(|p| p["in"] == "query");
            let refusable = operation.get("requestBody").is_some() || query;
            if !met("20") || keyed && !met("401") || refusable && !met("400") {
                missed.push(format!("{method} {path}"));
            }
        }
    }
    let answers: Vec<&str> = counted.lines().filter(|line| line.starts_with("paycode_http_")).collect();
    assert_eq!(missed, [""; 0], "{answers:#?}");
}

/// What the gateway has at this moment, after some sales of each kind.
fn made(till: &Till) -> Value {
    let sales = [
        // What is refunded on and on is Alipay's: WeChat makes refunds of one payment wait for a minute.
        ("paid", code("alipay", "000", 7_001), 10),
        ("returned", code("wechat", "000", 7_002), 10),
        ("declined", code("wechat", "201", 7_003), 10),
        ("typing", code("alipay", "102", 7_004), 0),
        ("refused", code("wechat", "104", 7_005), 0),
        ("cut", code("alipay", "301", 7_006), 0),
    ];
    let mut codes = serde_json::Map::new();
    for (order_no, code, wait_seconds) in &sales {
        let answer = till.pay(&order(order_no, 700, code, *wait_seconds));
        assert!(matches!(answer.status, 200 | 201), "{}", answer.json());
        codes.insert((*order_no).to_owned(), json!(code));
    }
    let given_back = json!({ "if_paid": "reverse", "reason": "made for the test" });
    assert_eq!(till.post("/v1/payments/by-order/returned/cancel", &given_back).status, 200);
    let paid = till.get("/v1/payments/by-order/paid")["id"].as_str().unwrap().to_owned();
    let part = json!({ "refund_no": "made", "amount": 100 });
    assert!(matches!(till.post(&format!("/v1/payments/{paid}/refunds"), &part).status, 200 | 201));
    let ids =
        |target: &str| -> Vec<Value> { till.pages(target).iter().map(|row| row["id"].clone()).collect() };
    let order_nos: Vec<&str> = sales.iter().map(|(order_no, ..)| *order_no).chain(STUCK).collect();
    let payments: Vec<Value> = order_nos
        .iter()
        .map(|order_no| till.get(&format!("/v1/payments/by-order/{order_no}"))["id"].clone())
        .collect();
    json!({
        "payment": payments,
        "order_no": order_nos,
        "reversal": ids("/v1/reversals"),
        "refund": ids("/v1/refunds"),
        "case": ids("/v1/cases"),
        "codes": codes,
        "scenarios": ["130000000", "130000101", "130000201", "130000301", "280000000", "280000205", "280000104"],
    })
}

/// Long-polls until each stuck payment has its case.
fn suspended(till: &Till) {
    const SECONDS_MAX: u64 = 90;
    let stopwatch = Stopwatch::start();
    for order_no in STUCK {
        while till.get(&format!("/v1/payments/by-order/{order_no}?wait=5"))["case"].is_null() {
            assert!(stopwatch.seconds() < SECONDS_MAX, "no case after {:?}", stopwatch.passed());
        }
    }
}

struct Run<'a> {
    program: PathBuf,
    material: PathBuf,
    folder: &'a Path,
    demo: &'a Demo,
}

impl Run<'_> {
    fn schemathesis(&self, what: &str, filter: &[&str]) {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
        let seed = std::env::var("PAYCODE_SEED").unwrap_or_else(|_| SEED.to_string());
        println!("schemathesis, {what}: seed {seed}");
        let output = Command::new(&self.program)
            .current_dir(self.folder)
            .arg("--config-file")
            .arg(here.join("schemathesis.toml"))
            .args(["run", &format!("{}/openapi.json", self.demo.running.word("api"))])
            .args(["--seed", &seed, "--max-examples", &EXAMPLES.to_string(), "--exclude-path", STREAM])
            .args(["--header", &format!("Authorization: Bearer {}", self.demo.running.word("settle_key"))])
            .args(filter)
            .env("SCHEMATHESIS_HOOKS", here.join("hooks.py"))
            .env("PAYCODE_MATERIAL", &self.material)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}; run ./x test", self.program.display()));
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
        println!("{}", said.trim_end());
    }
}
