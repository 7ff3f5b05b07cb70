//! I-33: tenants do not touch. What one merchant's tills are told, and what leaves for them, is the same with and without
//! another merchant's tills, which sell under the same order numbers over the same accounts.

use std::collections::BTreeMap;

use gateway::dialects::Probed;
use gateway::runner::Health;
use payment::ids::MerchantCode;
use payment::payment::Status;
use payment::time::Time;
use simulator::Dials;

use super::checks::rows;
use super::run::{Kind, merchant, run_to_books};

/// The other merchant.
pub(crate) fn neighbour() -> MerchantCode {
    MerchantCode::parse("neighbour").expect("a code")
}

/// Faults that depend on the order they strike. What an account's tenants share by nature, its rates and whether it takes
/// payments at all, is left out.
pub(crate) fn dials(seed: u64) -> Dials {
    Dials {
        pay_per_second_max: None,
        refund_per_second_max: None,
        wallet_rules: false,
        unsigned_refusal: 0,
        other_order: 0,
        ..Dials::hostile(seed)
    }
}

/// An account that was probed and takes payments; it is not probed again.
pub(crate) fn open_intake(now: Time) -> Health {
    let health = Health::unprobed(now);
    health.probed(now, &Probed::Healthy, None, Ok(()));
    health
}

/// Everything that one payment's till was told, and everything that left for it, with the moments.
#[derive(Debug, PartialEq, Eq)]
struct History {
    order_no: String,
    told: Vec<Status>,
    pays: Vec<Time>,
    queries: Vec<Time>,
    reverses: Vec<Time>,
    refunds: Vec<Time>,
    charged: i64,
    returned: i64,
    case: bool,
}

/// The histories of the first merchant's payments, by the channel's order number.
fn histories(seed: u64, beside: bool) -> Result<BTreeMap<String, History>, String> {
    let (_, shared) = run_to_books(seed, Kind::Tenants { beside })?;
    let world = shared.lock();
    let all = rows(&world);
    if beside == all.iter().all(|row| row.payment.intent.merchant == merchant()) {
        return Err("the other merchant's tills sold nothing, or sold when they should not".to_owned());
    }
    let own = all.into_iter().filter(|row| row.payment.intent.merchant == merchant());
    let history = |row: gateway::store::PaymentRow| {
        let number = row.payment.intent.channel_order_no.as_str().to_owned();
        let left = world.left.get(&number).cloned().unwrap_or_default();
        let lines = world.simulator.ledger_of(&number);
        let history = History {
            order_no: row.payment.intent.order_no.as_str().to_owned(),
            told: world.told.get(&number).map(|told| told.statuses.clone()).unwrap_or_default(),
            pays: left.pays,
            queries: left.queries,
            reverses: left.reverses,
            refunds: left.refunds,
            charged: lines.iter().map(|line| line.charged).sum(),
            returned: lines.iter().map(|line| line.returned).sum(),
            case: row.case_id.is_some(),
        };
        (number, history)
    };
    Ok(own.map(history).collect())
}

/// Runs a seed twice; answers how many payments were compared.
pub(crate) fn compare(seed: u64) -> Result<usize, String> {
    let (alone, beside) = (histories(seed, false)?, histories(seed, true)?);
    for (number, history) in &alone {
        let other = beside.get(number);
        if other != Some(history) {
            return Err(format!("I-33: {number} went another way:\nalone  {history:?}\nbeside {other:?}"));
        }
    }
    if alone.len() == beside.len() {
        return Ok(alone.len());
    }
    Err(format!("I-33: {} payments alone, {} beside another merchant", alone.len(), beside.len()))
}
