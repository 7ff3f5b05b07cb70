//! What must hold: at every answer to a till, after the quiet, and when the books are closed.

use gateway::store::memory::MemoryStore;
use gateway::store::{PaymentFilter, PaymentRow, RefundFilter, RefundRow, Store};
use payment::ids::MerchantCode;
use payment::patience::Channel;
use payment::payment::{Intent, Status};
use payment::refund::RefundStatus;
use payment::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use payment::watch::{Plan, WatchPhase};
use simulator::{Dials, LedgerLine};

use super::outcome::Outcome;
use super::run::{Kind, block_on_ready, merchant};
use super::tenants::neighbour;
use super::undo;
use super::world::{Shared, World};

fn everything(merchant: MerchantCode) -> PaymentFilter {
    PaymentFilter {
        merchant,
        limit: 200,
        starting_after: None,
        status: None,
        channel: None,
        order_no: None,
        outlet: None,
        terminal: None,
        created_from: None,
        created_before: None,
    }
}

pub(crate) fn rows(world: &World) -> Vec<PaymentRow> {
    let of = |tenant| {
        let listed = block_on_ready(world.memory.clone().payments(everything(tenant)));
        listed.map(|(rows, _)| rows).unwrap_or_default()
    };
    [merchant(), neighbour()].into_iter().flat_map(of).collect()
}

fn net(world: &World, number: &str) -> (i64, i64) {
    let lines: Vec<LedgerLine> = world.simulator.ledger_of(number);
    let charged = lines.iter().map(|line| line.charged).sum::<i64>();
    let returned = lines.iter().map(|line| line.returned).sum::<i64>();
    (charged, charged - returned)
}

/// All refunds of a payment, newest first.
pub(crate) fn refunds_of(memory: &MemoryStore, payment: &Intent) -> Vec<RefundRow> {
    let filter = RefundFilter {
        merchant: payment.merchant.clone(),
        limit: 200,
        starting_after: None,
        payment: Some(payment.id),
        status: None,
        refund_no: None,
    };
    block_on_ready(memory.refunds(filter)).map(|(rows, _)| rows).unwrap_or_default()
}

/// Who asks about a refund: two that ask at once may hear of two moments, but for each time goes forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Clerk,
    Twin,
}

/// A clerk is told how a refund stands: what was final stays, and what is final is durable (I-24, I-25).
pub(crate) fn refund_told(shared: &Shared, who: Who, row: &RefundRow) {
    let mut guard = shared.lock();
    let world = &mut *guard;
    let number = row.refund.intent.channel_refund_no.as_str().to_owned();
    let status = row.refund.status();
    world.saw(status.word(), world.true_now());
    let before = world.refunds_told.insert((number.clone(), who), status);
    if let Some(before) = before.filter(|before| *before != RefundStatus::Pending && *before != status) {
        world.breaks(format!("I-25: refund {number} was told {before:?}, then {status:?}"));
    }
    let payment = &row.refund.intent.payment;
    let all = refunds_of(&world.memory, payment);
    let open = all.iter().filter(|row| row.refund.status() != RefundStatus::Failed);
    let sum: i64 = open.map(|row| row.refund.intent.amount.fen()).sum();
    if sum > payment.amount.fen() {
        world.breaks(format!("I-17: refunds of {sum} fen are open or done for {} fen", payment.amount.fen()));
    }
    let durable = block_on_ready(world.memory.clone().refund(payment.merchant.clone(), row.refund.intent.id))
        .ok()
        .flatten();
    if durable.is_none_or(|durable| status != RefundStatus::Pending && durable.refund.status() != status) {
        world.breaks(format!("I-24: refund {number} told {status:?}, which is not durable"));
    }
}

/// A till is told a status: it must be true, and it must not go back (I-6, I-12, I-20, I-24, I-25, I-28).
pub(crate) fn told(shared: &Shared, row: &PaymentRow) {
    let mut guard = shared.lock();
    let world = &mut *guard;
    let now = world.true_now();
    let number = row.payment.intent.channel_order_no.as_str().to_owned();
    let order_no = row.payment.intent.order_no.as_str().to_owned();
    let status = row.payment.status();
    world.saw(status.word(), now);
    world.simulator.settle_time(now.0);
    let (charged, net) = net(world, &number);
    let id = row.payment.intent.id;
    if let Some(known) = world.ids.insert(id, number.clone())
        && known != number
    {
        world.breaks(format!("I-3: {id} was {known} and is {number}"));
    }
    let reversed_before = world.left.get(&number).is_some_and(|left| !left.reverses.is_empty());
    let demanded = world.demanded.contains(&number);
    let told = world.told.entry(number.clone()).or_default();
    told.order_no = order_no;
    let before = told.statuses.last().copied();
    told.statuses.push(status);
    let settled = |status| matches!(status, Status::Paid | Status::Failed | Status::Reversed);
    if let Some(before) = before.filter(|before| settled(*before) && *before != status)
        && !(before == Status::Paid && status == Status::Reversed && demanded)
    {
        world.breaks(format!("I-25: {number} was told {before:?}, then {status:?}"));
    }
    if status == Status::Paid && before != Some(Status::Paid) {
        if charged == 0 {
            world.breaks(format!("I-6: {number} told paid, and nothing is charged"));
        }
        if reversed_before {
            world.breaks(format!("I-12: {number} told paid after a reversal left"));
        }
    }
    if status == Status::Failed && net > 0 && !world.declines_lie {
        world.breaks(format!("I-8: {number} told failed while {net} fen are charged"));
    }
    if status == Status::Paid
        && let Some(facts) = &row.payment.paid
        && net > 0
        && charged != facts.paid_amount.fen()
    {
        world.breaks(format!("I-6: {number} told paid {} and {charged} is charged", facts.paid_amount.fen()));
    }
    let durable =
        block_on_ready(world.memory.clone().payment(row.payment.intent.merchant.clone(), id)).ok().flatten();
    if durable.is_none_or(|durable| durable.payment.status() != status && settled(status)) {
        world.breaks(format!("I-24: {number} told {status:?}, which is not durable"));
    }
}

/// After a quarter of an hour of quiet every payment is final or with a person (I-21, I-23).
pub(crate) fn decided(shared: &Shared, now: Time) {
    let mut guard = shared.lock();
    let world = &mut *guard;
    for row in rows(world) {
        let payment = &row.payment;
        // By the wire, not by the row: the gateway's clock may be wrong.
        let left = world.left.get(payment.intent.channel_order_no.as_str());
        let Some(first) = left.and_then(|left| left.pays.first()) else { continue };
        let age_ms = now.since_ms(*first);
        if !payment.is_final() && row.case_id.is_none() && age_ms > 15 * MINUTE_MS {
            let words = format!(
                "I-21: {} is {:?} without a case after {} s, wake {:?}",
                payment.intent.channel_order_no.as_str(),
                payment.phase,
                age_ms / 1000,
                payment.wake
            );
            world.breaks(words);
        }
    }
}

/// The books are closed: our rows, the channels' ledger and what was told must agree.
pub(crate) fn books(shared: &Shared, now: Time, kind: Kind, dials: &Dials) -> Outcome {
    let mut guard = shared.lock();
    let world = &mut *guard;
    world.simulator.settle_time(now.0);
    let mut outcome = Outcome::default();
    let rows = rows(world);
    for row in &rows {
        let first = |other: &&PaymentRow| {
            sale_of(&other.payment.intent) == sale_of(&row.payment.intent)
                && other.payment.intent.attempt + 1 == row.payment.intent.attempt
        };
        let before = rows.iter().find(first).map(|before| &before.payment.intent.account);
        outcome.handed_on += u64::from(before.is_some_and(|account| *account != row.payment.intent.account));
        count(&mut outcome, row);
        agree(world, row, dials);
        refunds_agree(world, row, &mut outcome);
        bounded(world, row, now);
        if kind == Kind::Gentle {
            gentle(world, row);
        }
    }
    for line in world.simulator.ledger() {
        let ours = rows.iter().any(|row| row.payment.intent.channel_order_no.as_str() == line.out_trade_no);
        if !ours && line.charged > 0 {
            world.breaks(format!("I-29: {} is charged and in no row", line.out_trade_no));
        }
    }
    one_charge_an_order(world, &rows);
    if kind == Kind::Stuck {
        undo::checks(world, &mut outcome);
    }
    let cases = block_on_ready(world.memory.clone().cases(merchant(), None, None, 200));
    let cases = cases.map(|(cases, _)| cases).unwrap_or_default();
    outcome.cases = cases.len() as u64;
    outcome.late_money = cases.iter().filter(|case| case.kind == "late_money").count() as u64;
    outcome
}

fn count(outcome: &mut Outcome, row: &PaymentRow) {
    outcome.payments += 1;
    outcome.reversals += u64::from(row.payment.reversal.is_some());
    match row.payment.status() {
        Status::Processing => outcome.stuck += 1,
        Status::Paid => outcome.paid += 1,
        Status::Failed => outcome.failed += 1,
        Status::Reversed => outcome.reversed += 1,
        Status::Suspended => outcome.suspended += 1,
    }
}

/// I-6, I-7, I-13, I-15 and I-29 for one payment.
fn agree(world: &mut World, row: &PaymentRow, dials: &Dials) {
    let number = row.payment.intent.channel_order_no.as_str().to_owned();
    let (charged, net) = net(world, &number);
    let watch = block_on_ready(world.memory.clone().watch(row.payment.intent.id)).ok().flatten();
    let watch_case = watch.as_ref().is_some_and(|watch| watch.case_id.is_some());
    let with_person = row.case_id.is_some() || watch_case;
    match row.payment.status() {
        Status::Paid => {
            let paid = row.payment.paid.as_ref().map(|facts| facts.paid_amount.fen());
            let kept = paid.map(|paid| paid - row.payment.refunds.given_back);
            // What a refund is about to give back may be gone there already.
            let under_way = row.payment.refunds.reserved > 0;
            if kept != Some(net) && !with_person && !under_way {
                world.breaks(format!("I-29: {number} is paid {paid:?} here and {net} there"));
            }
        }
        Status::Failed | Status::Reversed => {
            let only_the_bill = watch.as_ref().is_some_and(|watch| {
                // One look at a decline cannot see through a lagging or lying query: the bill must.
                let late = dials.query_not_found > 0 || dials.query_lag_ms_max > 0;
                let blind = match watch.watch.plan {
                    Plan::Declined => late,
                    Plan::Closed | Plan::Full => false,
                };
                blind && watch.watch.phase == WatchPhase::Bill
            });
            if net != 0 && !with_person && !only_the_bill {
                let status = row.payment.status();
                let words = format!(
                    "I-7: {number} was told {status:?}, and {net} fen are still charged: {:?} {watch:?}",
                    row.payment
                );
                world.breaks(words);
            }
            if watch.is_none() && !row.payment.never_asked() {
                world.breaks(format!("I-15: {number} ended without a watch"));
            }
        }
        Status::Processing | Status::Suspended => {
            if !with_person {
                world.breaks(format!("I-21: {number} is {:?} and nobody is asked", row.payment.phase));
            }
        }
    }
    let asked = row.payment.intent.amount.fen();
    if charged > asked {
        world.breaks(format!("I-29: {number} asked for {asked} fen, and {charged} were charged"));
    }
    if row.payment.never_asked() && charged > 0 {
        world.breaks(format!("I-8: {number} was never asked, and is charged"));
    }
    if row.payment.status() == Status::Paid && !world.left.contains_key(&number) {
        world.breaks(format!("I-6: {number} is paid, and no pay left"));
    }
}

/// I-17, I-18, I-19 and I-21 for the refunds of one payment: rows, sums and ledger agree, and nobody is forgotten.
fn refunds_agree(world: &mut World, row: &PaymentRow, outcome: &mut Outcome) {
    let number = row.payment.intent.channel_order_no.as_str().to_owned();
    let refunds = refunds_of(&world.memory, &row.payment.intent);
    // What nobody was told as paid is given back beside the payment's sums.
    let paid = row.payment.status() == Status::Paid;
    let ours: Vec<_> = refunds
        .iter()
        .filter(|row| paid || !row.refund.intent.refund_no.as_str().starts_with("late:"))
        .collect();
    let sum = |status: RefundStatus| {
        let of_status = ours.iter().filter(|row| row.refund.status() == status);
        of_status.map(|row| row.refund.intent.amount.fen()).sum::<i64>()
    };
    let (given_back, reserved) = (sum(RefundStatus::Succeeded), sum(RefundStatus::Pending));
    let sums = row.payment.refunds;
    if (sums.given_back, sums.reserved) != (given_back, reserved) {
        world.breaks(format!("I-17: {number} has {sums:?}, and its refunds {given_back} and {reserved}"));
    }
    if given_back + reserved > row.payment.intent.amount.fen() {
        world.breaks(format!("I-17: {given_back} and {reserved} of {number}"));
    }
    for row in &refunds {
        outcome.refunds += 1;
        outcome.refunds_failed += u64::from(row.refund.status() == RefundStatus::Failed);
        let waits = row.refund.status() == RefundStatus::Pending && row.case_id.is_none();
        if waits && !in_doubt(world, row) {
            let words = format!(
                "I-21: refund {} of {number} is {:?} and nobody is asked: {:?}",
                row.refund.intent.refund_no.as_str(),
                row.refund.phase,
                row.refund
            );
            world.breaks(words);
        }
    }
    let asked: u32 = refunds.iter().map(|row| row.refund.requests).sum();
    if asked > 70 * u32::try_from(refunds.len().max(1)).unwrap_or(1) {
        world.breaks(format!("I-34: {asked} refund requests for {number}"));
    }
}

/// Whether a refund is stuck at ICBC or ACP, which have the same word for stuck and for under way (icbc.md §3.4,
/// unionpay.md §5.5): the gateway looks on, and calls a person after five days, which is more than a seed lives.
fn in_doubt(world: &World, row: &RefundRow) -> bool {
    let intent = &row.refund.intent;
    let lines = world.simulator.ledger_of(intent.payment.channel_order_no.as_str());
    let mut refunds = lines.iter().flat_map(|line| &line.refunds);
    let stuck = refunds
        .any(|line| line.out_refund_no == intent.channel_refund_no.as_str() && line.state == "abnormal");
    stuck && matches!(intent.payment.channel, Channel::Icbc | Channel::Acp) && row.refund.wake.is_some()
}

/// I-1: of one sale's attempts, at most one is charged and not given back.
fn one_charge_an_order(world: &mut World, rows: &[PaymentRow]) {
    let mut charged = std::collections::BTreeMap::<String, u32>::new();
    for row in rows {
        let (_, net) = net(world, row.payment.intent.channel_order_no.as_str());
        if net > 0 && row.payment.status() == Status::Paid {
            *charged.entry(sale_of(&row.payment.intent)).or_default() += 1;
        }
    }
    if let Some((order_no, times)) = charged.into_iter().find(|(_, times)| *times > 1) {
        world.breaks(format!("I-1: {order_no} is charged {times} times"));
    }
}

/// The merchant's own number of a sale, and whose it is.
pub(crate) fn sale_of(intent: &Intent) -> String {
    format!("{}/{}", intent.merchant.as_str(), intent.order_no.as_str())
}

/// I-34: bounded effort.
fn bounded(world: &mut World, row: &PaymentRow, now: Time) {
    let number = row.payment.intent.channel_order_no.as_str().to_owned();
    let Some(left) = world.left.get(&number).cloned() else { return };
    let Some(opened) = left.pays.first().copied() else { return };
    let early = left.queries.iter().filter(|at| at.since_ms(opened) < 10 * MINUTE_MS).count();
    if early > 60 {
        world.breaks(format!("I-34: {early} queries in ten minutes for {number}"));
    }
    // Later a question an hour is enough, and a few where something moves.
    let late = left.queries.len() - early;
    let hours = usize::try_from(now.since_ms(opened) / HOUR_MS).unwrap_or(0);
    // Over Alipay's OpenAPI v3 a question that is refused is repeated over the gateway.
    let times = if row.payment.intent.channel == Channel::Alipay { 2 } else { 1 };
    if late > 95 + hours * times {
        world.breaks(format!("I-34: {late} queries after the first ten minutes for {number}"));
    }
    let reverses = left.reverses.iter().filter(|at| at.since_ms(opened) < DAY_MS).count();
    if reverses > 70 {
        world.breaks(format!("I-34: {reverses} reversals in a day for {number}"));
    }
}

/// Without faults: one submit, no reversal, and no query after the answer that ended it but the watch's one look. Where a
/// declined order stays behind as PAYERROR, the watch reverses it once and looks again (unionpay.md §13).
fn gentle(world: &mut World, row: &PaymentRow) {
    let number = row.payment.intent.channel_order_no.as_str().to_owned();
    let Some(left) = world.left.get(&number).cloned() else { return };
    let failed = row.payment.status() == Status::Failed;
    let stays_behind = failed && row.payment.intent.channel == Channel::Qra;
    if left.pays.len() != 1 || left.reverses.len() > usize::from(stays_behind) {
        let words = format!("{number}: {} pays, {} reverses", left.pays.len(), left.reverses.len());
        world.breaks(format!("a seed without faults: {words}"));
    }
    let ended = row.payment.updated_at;
    let after = left.queries.iter().filter(|at| **at > ended).count();
    // Over OpenAPI v3 a look that is refused is repeated over the gateway, where the refusal is signed.
    let times = if row.payment.intent.channel == Channel::Alipay { 2 } else { 1 };
    let looks = (usize::from(failed) + left.reverses.len()) * times;
    if after > looks {
        world.breaks(format!("a seed without faults: {after} queries after {number} had ended"));
    }
}
