//! The wire between the engine and the simulator: latency, refusals, silence, and a record of what left.

use gateway::clock::{Clock, Later};
use gateway::transport::{Connection, Destination, NotAnswered, NotConnected, Transport};
use payment::patience::Channel;
use payment::payment::{Phase, Status};
use payment::time::Time;
use simulator::{Caller, Ending};
use std::sync::Arc;
use wire::http::{Request, Response};

use super::channels::MCH_ID;
use super::checks::{rows, sale_of};
use super::run::block_on_ready;
use super::world::{Shared, World};

pub(crate) struct Net {
    pub(crate) shared: Shared,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Transport for Net {
    fn connect(&self, to: Destination) -> Later<'_, Result<Box<dyn Connection>, NotConnected>> {
        Box::pin(async move {
            self.shared.effect().await;
            let (refused, hangs, ms) = {
                let mut world = self.shared.lock();
                let chaos = world.chaos;
                let (refused, hangs) = (world.connect_refused, world.connect_hangs);
                let refused = chaos && world.dice.below(1000) < refused;
                let hangs = chaos && world.dice.below(1000) < hangs;
                (refused, hangs, world.latency_ms(30))
            };
            if hangs {
                std::future::pending::<()>().await;
            }
            self.clock.sleep_until(self.clock.now().plus_ms(ms)).await;
            if refused {
                return Err(NotConnected("refused".to_owned()));
            }
            let connection: Box<dyn Connection> = Box::new(Line {
                shared: self.shared.clone(),
                clock: Arc::clone(&self.clock),
                certificate: to.client_certificate,
            });
            Ok(connection)
        })
    }
}

struct Line {
    shared: Shared,
    clock: Arc<dyn Clock>,
    certificate: bool,
}

impl Connection for Line {
    fn send(self: Box<Self>, request: Request) -> Later<'static, Result<Response, NotAnswered>> {
        Box::pin(async move {
            let Line { shared, clock, certificate } = *self;
            shared.effect().await;
            let seen = Seen::of(&request);
            let seen = named(&shared, seen);
            leaves(&shared, &seen, clock.now());
            let there_ms = shared.lock().latency_ms(40);
            clock.sleep_until(clock.now().plus_ms(there_ms)).await;
            let caller = Caller {
                client_certificate: certificate,
                certificate_mch_id: certificate.then(|| MCH_ID.to_owned()),
            };
            let reaction = shared.lock().simulator.handle(clock.now().0, caller, &request);
            shared.effect().await;
            let back_ms = shared.lock().latency_ms(40) + i64::try_from(reaction.delay_ms).unwrap_or(0);
            clock.sleep_until(clock.now().plus_ms(back_ms)).await;
            let cut = || NotAnswered::Broken("cut".to_owned());
            let answered = match (reaction.ending, reaction.response) {
                (Ending::Whole, Some(response)) => Ok(response),
                (Ending::Silence { ms }, _) => {
                    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
                    clock.sleep_until(clock.now().plus_ms(ms)).await;
                    Err(cut())
                }
                (Ending::Cut | Ending::Truncate(_), _) | (Ending::Whole, None) => Err(cut()),
            };
            if seen.call == "pay" {
                shared.lock().left.entry(seen.number).or_default().pay_answered = true;
            }
            shared.effect().await;
            answered
        })
    }
}

/// What a request says to somebody who listens on the wire.
struct Seen {
    call: &'static str,
    number: String,
    /// Of a refund: the number under which it is asked for.
    refund_no: Option<String>,
    code: Option<String>,
}

impl Seen {
    fn of(request: &Request) -> Seen {
        let text = format!("{}{}", request.query, String::from_utf8_lossy(&request.body));
        let ends = |path: &str| request.path.ends_with(path);
        let says = |word: &str| ends(word) || text.contains(word);
        let pays = [
            "/micropay",
            "/codepay",
            "/qrcode/V2/pay",
            "alipay.trade.pay",
            "/trade/pay",
            "unified.trade.micropay",
            "txnType=01",
        ];
        let reverses = ["/reverse", "alipay.trade.cancel", "unified.micropay.reverse", "txnType=99"];
        let call = if pays.into_iter().any(says) {
            "pay"
        } else if reverses.into_iter().any(says) {
            "reverse"
        } else if ends("/refund")
            || ends("/refunds")
            || ends("/qrcode/V2/reject")
            || text.contains("alipay.trade.refund")
            || text.contains("txnType=04")
        {
            "refund"
        } else {
            "query"
        };
        let first = |names: &[&str]| names.iter().find_map(|name| number(&text, name));
        let refund = call == "refund";
        // ACP's `orderId` is the number of what is asked for, a refund's too; `origOrderId` is the payment's.
        let refund_no =
            refund.then(|| first(&["out_refund_no", "out_request_no", "reject_no", "orderId"])).flatten();
        let order_no = if refund { "origOrderId" } else { "orderId" };
        // WeChat's V3 names the order of a query and of a reversal in the path.
        let in_path = || number(&request.path, "out-trade-no");
        let number = first(&["out_trade_no", order_no]).or_else(in_path).unwrap_or_default();
        Seen { call, number, refund_no, code: code(&text) }
    }
}

/// A number of ours: the first run of exactly 28 characters of A–Z 0–9 behind its name.
fn number(text: &str, name: &str) -> Option<String> {
    let rest = &text[text.find(name)?..];
    runs(rest, |c| c.is_ascii_uppercase() || c.is_ascii_digit())
        .find(|run| run.len() == 28 || (run.len() == 30 && (run.starts_with("22") || run.starts_with("3A"))))
        .map(|run| run[run.len() - 28..].to_owned())
}

/// The payment code: the first run of at least 16 digits behind its name.
fn code(text: &str) -> Option<String> {
    let rest = &text[["auth_code", "qr_code", "qrNo"].into_iter().find_map(|name| text.find(name))?..];
    runs(rest, |c| c.is_ascii_digit()).find(|run| run.len() >= 16).map(|run| run[run.len() - 18..].to_owned())
}

fn runs(text: &str, fits: fn(char) -> bool) -> impl Iterator<Item = &str> {
    text.split(move |c| !fits(c)).filter(|run| !run.is_empty())
}

/// ACP's refund may name its payment by UnionPay's number alone: ours is in the refund's row.
fn named(shared: &Shared, seen: Seen) -> Seen {
    let (true, "refund", Some(refund_no)) = (seen.number.is_empty(), seen.call, &seen.refund_no) else {
        return seen;
    };
    let world = shared.lock();
    let of_refund = |row: &gateway::store::PaymentRow| {
        let refunds = super::checks::refunds_of(&world.memory, &row.payment.intent);
        refunds.iter().any(|refund| refund.refund.intent.channel_refund_no.as_str() == refund_no)
    };
    let row = rows(&world).into_iter().find(of_refund);
    let number = row.map(|row| row.payment.intent.channel_order_no.as_str().to_owned());
    Seen { number: number.unwrap_or_default(), ..seen }
}

/// The first byte of a request leaves: conduct is checked here.
fn leaves(shared: &Shared, seen: &Seen, now: Time) {
    let mut world = shared.lock();
    world.saw(seen.call, now);
    world.saw(&seen.number, now);
    let left = world.left.entry(seen.number.clone()).or_default();
    match seen.call {
        "pay" => left.pays.push(now),
        "reverse" => left.reverses.push(now),
        "refund" => left.refunds.push(now),
        _ => left.queries.push(now),
    }
    let left = left.clone();
    match seen.call {
        "pay" => pay_leaves(&mut world, seen, left.pays.len()),
        "reverse" => reverse_leaves(&mut world, seen, &left, now),
        "refund" => refund_leaves(&mut world, seen, left.refunds.len()),
        _ => {}
    }
}

fn pay_leaves(world: &mut World, seen: &Seen, pays: usize) {
    if pays > 1 {
        world.breaks(format!("I-5: pay left {pays} times for {}", seen.number));
    }
    if let Some(code) = &seen.code {
        let numbers = world.codes_spent.entry(code.clone()).or_default();
        numbers.insert(seen.number.clone());
        if numbers.len() > 1 {
            let words = format!("I-31: one code was sent under {numbers:?}");
            world.breaks(words);
        }
    }
    let durable = row_of(world, &seen.number);
    match durable {
        Some((Phase::Submitting, order_no)) => {
            if world.tombstones.contains(&order_no) {
                world.breaks(format!("I-14: pay left for the cancelled order {order_no}"));
            }
        }
        other => world.breaks(format!("I-2: pay left for {} while the row says {other:?}", seen.number)),
    }
}

fn reverse_leaves(world: &mut World, seen: &Seen, left: &super::world::Left, now: Time) {
    let told_paid =
        world.told.get(&seen.number).is_some_and(|told| told.statuses.last() == Some(&Status::Paid));
    if told_paid && !world.demanded.contains(&seen.number) {
        world.breaks(format!("I-12: reverse left for {} after the till was told paid", seen.number));
    }
    let intended = intended_reversals(world, &seen.number);
    if left.reverses.len() > intended {
        world.breaks(format!(
            "I-2: reverse {} left for {}, and {intended} are in the rows",
            left.reverses.len(),
            seen.number
        ));
    }
    let Some(paid_at) = left.pays.last() else { return };
    let channel = if seen.number.is_empty() { return } else { channel_of(world, &seen.number) };
    let Some(channel) = channel else { return };
    let patience = channel.patience();
    let age_ms = now.since_ms(*paid_at);
    if age_ms < patience.reversal_age_ms_min {
        world.breaks(format!("I-16: reverse left {age_ms} ms after pay for {}", seen.number));
    }
    if !left.pay_answered && age_ms < patience.call_limit_ms {
        world.breaks(format!("I-16: reverse left while pay was in flight for {}", seen.number));
    }
}

/// Every refund request is durable before it leaves, and keeps the number of its row.
fn refund_leaves(world: &mut World, seen: &Seen, left: usize) {
    let memory = world.memory.clone();
    let row = rows(world).into_iter().find(|row| row.payment.intent.channel_order_no.as_str() == seen.number);
    let Some(row) = row else {
        world.breaks(format!("I-2: a refund left for {:?}, which is in no row", seen.number));
        return;
    };
    let refunds = super::checks::refunds_of(&memory, &row.payment.intent);
    let intended: u32 = refunds.iter().map(|refund| refund.refund.requests).sum();
    if left > intended as usize {
        world.breaks(format!(
            "I-2: refund request {left} left for {}, and {intended} are in the rows",
            seen.number
        ));
    }
    let known = |number: &String| {
        refunds.iter().any(|refund| refund.refund.intent.channel_refund_no.as_str() == number)
    };
    if !seen.refund_no.as_ref().is_some_and(known) {
        world.breaks(format!("I-18: a refund left under {:?}, which is no row's number", seen.refund_no));
    }
}

/// How many reversal calls of this number are durable, the payment's and its watch's.
fn intended_reversals(world: &World, number: &str) -> usize {
    let row = rows(world).into_iter().find(|row| row.payment.intent.channel_order_no.as_str() == number);
    let Some(row) = row else { return 0 };
    let watch = block_on_ready(gateway::store::Store::watch(&world.memory.clone(), row.payment.intent.id));
    let watched = watch.ok().flatten().and_then(|row| row.watch.reversal).map_or(0, |r| r.attempts);
    let own = row.payment.reversal.map_or(0, |reversal| reversal.attempts);
    (own + watched) as usize
}

fn row_of(world: &World, number: &str) -> Option<(Phase, String)> {
    rows(world)
        .into_iter()
        .find(|row| row.payment.intent.channel_order_no.as_str() == number)
        .map(|row| (row.payment.phase, sale_of(&row.payment.intent)))
}

fn channel_of(world: &World, number: &str) -> Option<Channel> {
    rows(world)
        .into_iter()
        .find(|row| row.payment.intent.channel_order_no.as_str() == number)
        .map(|row| row.payment.intent.channel)
}
