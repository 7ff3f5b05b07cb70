//! A line that breaks between till and gateway: the result is unknown until somebody knows it, and never *failed*.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use serde_json::json;

use crate::place::Paycode;
use crate::support::books::ledger;
use crate::support::child::{Demo, Folder};
use crate::support::till::code;

/// What happens to one connection.
#[derive(Clone, Copy)]
enum Fate {
    /// It is passed on, and so is the answer.
    Passes,
    /// It is passed on; the answer is swallowed.
    LosesTheAnswer,
    /// It never arrives.
    LosesTheRequest,
    /// Somebody in between answers instead.
    AnswersItself,
}

/// Stands between, one fate a connection in their order; what comes later passes.
fn between(gateway: &str, fates: Vec<Fate>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let gateway = gateway.strip_prefix("http://").unwrap().to_owned();
    thread::spawn(move || {
        let mut fates = fates.into_iter();
        for till in listener.incoming() {
            let fate = fates.next().unwrap_or(Fate::Passes);
            let gateway = gateway.clone();
            thread::spawn(move || pass(till.unwrap(), &gateway, fate));
        }
    });
    address
}

fn pass(mut till: TcpStream, gateway: &str, fate: Fate) {
    let mut request = [0; 16 * 1024];
    let read = till.read(&mut request).unwrap();
    match fate {
        Fate::LosesTheRequest => return,
        Fate::AnswersItself => {
            let page = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 6\r\n\r\n<html>";
            let _gone = till.write_all(page.as_bytes());
            return;
        }
        Fate::Passes | Fate::LosesTheAnswer => {}
    }
    let mut gateway = TcpStream::connect(gateway).unwrap();
    gateway.write_all(&request[..read]).unwrap();
    if matches!(fate, Fate::LosesTheAnswer) {
        // It has been answered, then the line breaks.
        let _answered = gateway.read(&mut request).unwrap();
        return;
    }
    let (mut from, mut to) = (till.try_clone().unwrap(), gateway.try_clone().unwrap());
    thread::spawn(move || {
        let _ended = std::io::copy(&mut from, &mut to);
        let _closed = to.shutdown(Shutdown::Write);
    });
    let _ended = std::io::copy(&mut gateway, &mut till);
    let _closed = till.shutdown(Shutdown::Both);
}

fn broken(demo: &Demo, fates: Vec<Fate>) -> Paycode {
    let (api, key) = (demo.running.word("api"), demo.running.word("api_key"));
    Paycode { api: between(&api, fates), key }
}

#[test]
fn a_lost_answer_is_unknown_until_it_is_known() {
    let folder = Folder::new("lost");
    let demo = Demo::start(&folder, "info");
    thread::scope(|scope| {
        for (name, tail, fates) in [
            ("answer", 1, vec![Fate::LosesTheAnswer]),
            ("request", 2, vec![Fate::LosesTheRequest]),
            ("proxy", 3, vec![Fate::AnswersItself]),
            ("twice", 4, vec![Fate::LosesTheAnswer, Fate::LosesTheAnswer, Fate::LosesTheRequest]),
        ] {
            let paycode = broken(&demo, fates);
            scope.spawn(move || {
                let scan = code("wechat", "000", tail);
                let ended = paycode.run(&["pay", "--amount", "1.00", "--order", name, "--code", &scan]);
                ended.check(0, &["结果未知, 正在核实, 请勿重复收款", "收款成功"]);
            });
        }
        scope.spawn(|| while_it_is_followed(&demo));
        scope.spawn(|| another_attempt_is_not_this_one(&demo));
        scope.spawn(|| a_cancel_is_repeated(&demo));
    });
    let kept: Vec<i64> =
        ledger(&demo.simulator).values().map(|line| line.net()).filter(|net| *net != 0).collect();
    assert_eq!(kept, [100; 6], "each sale once");
}

/// The line breaks in the middle of a long poll.
fn while_it_is_followed(demo: &Demo) {
    let paycode = broken(demo, vec![Fate::Passes, Fate::LosesTheRequest, Fate::AnswersItself]);
    let scan = code("alipay", "101", 10);
    let ended = paycode.run(&["pay", "--amount", "1.00", "--order", "followed", "--code", &scan, "--json"]);
    assert_eq!(ended.check(0, &[]).json()["status"], "paid");
}

/// The former attempt has failed, and its answer is all that can be had under the order number: it is another code's.
fn another_attempt_is_not_this_one(demo: &Demo) {
    let paycode = broken(demo, vec![Fate::Passes, Fate::LosesTheRequest]);
    let (poor, rich) = (code("wechat", "201", 20), code("wechat", "000", 20));
    let pay = |scan| ["pay", "--amount", "1.00", "--order", "second-try", "--code", scan];
    paycode.run(&pay(&poor)).check(3, &["余额不足"]);
    let ended = paycode.run(&pay(&rich));
    ended.check(0, &["结果未知", "第 2 次"]);
    assert!(!ended.stdout.contains("收款失败"), "{}", ended.stdout);
}

fn a_cancel_is_repeated(demo: &Demo) {
    let sale = json!({ "order_no": "void", "amount": 100, "auth_code": code("alipay", "106", 30), "wait_seconds": 0 });
    assert_eq!(demo.till.pay(&sale).status, 201);
    let paycode = broken(demo, vec![Fate::LosesTheAnswer, Fate::AnswersItself]);
    paycode.run(&["cancel", "void"]).check(0, &["已撤销"]);
}

/// Nobody ever answers: it is not known, which is neither failed nor unavailable.
#[test]
fn what_is_never_answered_stays_unknown() {
    let folder = Folder::new("never");
    let demo = Demo::start(&folder, "info");
    let paycode = broken(&demo, vec![Fate::LosesTheRequest; 1000]);
    let scan = code("wechat", "000", 1);
    let ended =
        paycode.run(&["pay", "--amount", "1.00", "--order", "silence", "--code", &scan, "--wait", "0"]);
    ended.check(4, &["结果未知, 请勿重复收款", "paycode query silence", "paycode cancel silence"]);
    assert!(!ended.stderr.contains("失败") && !ended.stdout.contains("失败"), "{}", ended.stderr);
}
