//! The merchants' side: tills that wait, retry, cancel, vanish and scan again.

use std::sync::{Arc, Mutex, PoisonError};

use gateway::app::{self, App, Canceled, Pay, PayError};
use gateway::runner::RefundAsk;
use gateway::store::{PaymentRow, RefundRow, Sale as SaleWords};
use payment::auth_code::AuthCode;
use payment::ids::{MerchantCode, OrderNo, PaymentId, RefundNo};
use payment::money::Fen;
use payment::payment::Status;

use super::checks::{self, Who};
use super::dice::Dice;
use super::run::Kind;
use super::tenants::neighbour;
use super::world::Shared;

/// What a till does with one sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Waits for the end.
    Waits,
    /// Sends the same request twice at once.
    Doubles,
    /// Cancels after the first answer, whatever it was (a paid one must refuse), then waits.
    Cancels,
    /// Cancels before it pays.
    CancelsFirst,
    /// Asks once, and cancels by the order's number while that request waits.
    CancelsMeanwhile,
    /// Never asks again after the first request.
    Vanishes,
    /// Scans another code while the first is undecided, and again after a failure.
    Rescans,
    /// Having been told *paid*, gives parts back: too much at times, twice at once, and again after a crash.
    Refunds,
    /// Having been told *paid*, demands a reversal: it never printed the receipt.
    Demands,
}

/// One sale, as its till knows it; it outlives crashes of the gateway.
#[derive(Clone, Debug)]
pub(crate) struct Sale {
    merchant: MerchantCode,
    order_no: String,
    amount: i64,
    codes: Vec<String>,
    /// Numbers and amounts of the refunds that its clerk asks for.
    refunds: Vec<(String, i64)>,
    habit: Habit,
    starts_in_ms: i64,
    stage: Stage,
    /// A till's whims are its own: they do not depend on what others do.
    dice: Dice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Paying,
    Polling(PaymentId),
    Refunding(PaymentId),
    Done,
}

/// What the tills of a merchant sell. Order numbers are the same for every merchant, payment codes are not.
pub(crate) fn plan(dice: &mut Dice, kind: Kind, merchant: &MerchantCode) -> Vec<Sale> {
    let count = 4 + dice.below(10);
    (0..count).map(|n| sale(dice, kind, n, merchant)).collect()
}

fn sale(dice: &mut Dice, kind: Kind, n: u64, merchant: &MerchantCode) -> Sale {
    let mark = if *merchant == neighbour() { 8 } else { 9 };
    let wallet = dice.below(3);
    let codes = (0..3)
        .map(|scan| {
            let (prefix, width) = match wallet {
                0 => (10 + dice.below(6), 5),
                1 => (25 + dice.below(6), 5),
                _ => (62, 6),
            };
            format!("{prefix}{mark}{:0width$}{n:05}{scan:05}", dice.below(100_000))
        })
        .collect();
    let habit = match (kind, dice.below(10)) {
        (Kind::Gentle | Kind::Dawdling, _) => Habit::Waits,
        (Kind::Stuck, 0 | 1) => Habit::Cancels,
        (Kind::Stuck, 2..=4) => Habit::Demands,
        (Kind::Stuck, _) => Habit::Waits,
        (Kind::Hostile | Kind::Tenants { .. }, habit) => match habit {
            0 => Habit::Doubles,
            1 => Habit::Cancels,
            2 => Habit::CancelsMeanwhile,
            3 => Habit::Vanishes,
            4 | 5 => Habit::Rescans,
            6 => Habit::Demands,
            8 | 9 => Habit::Refunds,
            7 if dice.one_in(2) => Habit::CancelsFirst,
            _ => Habit::Waits,
        },
    };
    let amount = 1 + i64::try_from(dice.below(200_000)).expect("small");
    let parts = if habit == Habit::Refunds { 1 + dice.below(3) } else { 0 };
    let refunds = (0..parts)
        .map(|part| {
            let share = 1 + i64::try_from(dice.below(100)).expect("small");
            (format!("refund-{n}-{part}"), (amount * share / 100).max(1))
        })
        .collect();
    Sale {
        merchant: merchant.clone(),
        order_no: format!("sale-{n}"),
        amount,
        codes,
        refunds,
        habit,
        starts_in_ms: dice.ms(30_000),
        stage: Stage::Paying,
        dice: Dice::new(dice.roll()),
    }
}

fn locked(sale: &Mutex<Sale>) -> std::sync::MutexGuard<'_, Sale> {
    sale.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The gateway has crashed: whatever was being asked got no answer. Some tills never come back.
pub(crate) fn broken_off(sales: &[Arc<Mutex<Sale>>], shared: &Shared) {
    for sale in sales {
        let mut sale = locked(sale);
        sale.starts_in_ms = shared.lock().dice.ms(20_000);
        if sale.stage != Stage::Done && shared.lock().dice.one_in(6) {
            sale.stage = Stage::Done;
        }
    }
}

pub(crate) fn open_all(
    sales: &[Arc<Mutex<Sale>>],
    app: &Arc<App>,
    shared: &Shared,
) -> Vec<tokio::task::JoinHandle<()>> {
    sales
        .iter()
        .map(|sale| {
            let till = Till { app: Arc::clone(app), shared: shared.clone(), sale: Arc::clone(sale) };
            tokio::spawn(till.run())
        })
        .collect()
}

struct Till {
    app: Arc<App>,
    shared: Shared,
    sale: Arc<Mutex<Sale>>,
}

impl Till {
    async fn run(self) {
        let (starts_in_ms, stage, habit) = {
            let sale = locked(&self.sale);
            (sale.starts_in_ms, sale.stage, sale.habit)
        };
        self.pause(starts_in_ms).await;
        match stage {
            Stage::Done => return,
            Stage::Polling(id) => {
                self.poll(id).await;
                if habit == Habit::Refunds {
                    self.give_back(id).await;
                }
            }
            Stage::Refunding(id) => self.give_back(id).await,
            Stage::Paying => self.sell(habit).await,
        }
        locked(&self.sale).stage = Stage::Done;
    }

    async fn pause(&self, ms: i64) {
        let clock = &self.app.engine.ports.clock;
        clock.sleep_until(clock.now().plus_ms(ms)).await;
    }

    async fn sell(&self, habit: Habit) {
        if habit == Habit::CancelsFirst {
            self.cancel_first().await;
        }
        if habit == Habit::Doubles {
            let twin = self.twin();
            tokio::spawn(async move {
                let _answer = twin.pay(0, 10_000).await;
            });
        }
        if habit == Habit::CancelsMeanwhile {
            return self.cancel_meanwhile().await;
        }
        let Some(row) = self.pay_until_answered(0).await else { return };
        let id = row.payment.intent.id;
        locked(&self.sale).stage = Stage::Polling(id);
        match habit {
            Habit::Vanishes | Habit::CancelsMeanwhile => {}
            Habit::Waits | Habit::Doubles | Habit::CancelsFirst => self.poll(id).await,
            Habit::Cancels => {
                self.cancel(id, None).await;
                self.poll(id).await;
            }
            Habit::Demands => {
                self.poll(id).await;
                self.demand(id).await;
            }
            Habit::Refunds => {
                self.poll(id).await;
                self.give_back(id).await;
                // Refused, unless every refund was: a payment with refunds is not reversed any more.
                if self.whim(4) {
                    self.demand(id).await;
                }
            }
            Habit::Rescans => self.rescan(id).await,
        }
    }

    /// Asks for every refund, some twice at once, and waits for their ends.
    async fn give_back(&self, id: PaymentId) {
        let wishes = {
            let mut sale = locked(&self.sale);
            sale.stage = Stage::Refunding(id);
            sale.refunds.clone()
        };
        for (refund_no, amount) in wishes {
            if self.whim(3) {
                let (twin, refund_no) = (self.twin(), refund_no.clone());
                tokio::spawn(async move {
                    twin.refund(id, Who::Twin, &refund_no, amount).await;
                });
            }
            for _ in 0..4 {
                let Some(row) = self.refund(id, Who::Clerk, &refund_no, amount).await else { break };
                if row.refund.is_final() {
                    break;
                }
                self.pause(20_000).await;
            }
        }
    }

    async fn refund(&self, id: PaymentId, who: Who, refund_no: &str, amount: i64) -> Option<RefundRow> {
        let ask = RefundAsk {
            refund_no: RefundNo::parse(refund_no).expect("a refund number"),
            amount: Fen::payable(amount).expect("an amount"),
            reason: None,
        };
        let limit = self.app.now().plus_ms(5_000);
        let told = app::refund(&self.app, &self.merchant(), id, ask, limit).await.ok()?;
        checks::refund_told(&self.shared, who, &told.row);
        Some(told.row)
    }

    fn whim(&self, one_in: u64) -> bool {
        locked(&self.sale).dice.one_in(one_in)
    }

    fn merchant(&self) -> MerchantCode {
        locked(&self.sale).merchant.clone()
    }

    fn twin(&self) -> Till {
        Till { app: Arc::clone(&self.app), shared: self.shared.clone(), sale: Arc::clone(&self.sale) }
    }

    async fn pay(&self, scan: usize, wait_ms: i64) -> Result<PaymentRow, PayError> {
        let (order_no, amount, code) = {
            let sale = locked(&self.sale);
            (sale.order_no.clone(), sale.amount, sale.codes[scan].clone())
        };
        let request = Pay {
            merchant: self.merchant(),
            order_no: OrderNo::parse(&order_no).expect("an order number"),
            amount: Fen::payable(amount).expect("an amount"),
            code: AuthCode::parse(&code).expect("a code"),
            sale: SaleWords::default(),
            second: false,
            wait_ms,
        };
        let paid = app::pay(&self.app, request).await?;
        checks::told(&self.shared, &paid.row);
        Ok(paid.row)
    }

    /// Sends the same request until it is answered; a closed intake or a failing store is tried again a few times.
    async fn pay_until_answered(&self, scan: usize) -> Option<PaymentRow> {
        for _ in 0..6 {
            match self.pay(scan, 10_000).await {
                Ok(row) => return Some(row),
                Err(PayError::Refused(..)) => return None,
                Err(PayError::NoRoute(_) | PayError::Store(_) | PayError::Stopping) => {
                    self.pause(7_000).await;
                }
            }
        }
        None
    }

    async fn poll(&self, id: PaymentId) {
        for _ in 0..20 {
            if let Ok(Some(row)) = self.app.payment(&self.merchant(), id).await {
                let limit = self.app.engine.ports.clock.now().plus_ms(20_000);
                let row = self.app.decided(row, limit).await;
                checks::told(&self.shared, &row);
                if row.payment.status() != Status::Processing {
                    return;
                }
            }
            self.pause(1_000).await;
        }
    }

    async fn cancel(&self, id: PaymentId, reason: Option<String>) {
        if let Ok(row) = app::cancel_payment(&self.app, &self.merchant(), id, reason).await {
            checks::told(&self.shared, &row);
        }
    }

    /// Once the cancel was told that nothing is taken, nothing leaves for this order any more, on no account.
    async fn cancel_meanwhile(&self) {
        let twin = self.twin();
        let paying = tokio::spawn(async move {
            let _answer = twin.pay(0, 30_000).await;
        });
        let after_ms = locked(&self.sale).dice.ms(15_000);
        self.pause(after_ms).await;
        let order_no = locked(&self.sale).order_no.clone();
        let parsed = OrderNo::parse(&order_no).expect("an order number");
        let canceled = app::cancel_order(&self.app, &self.merchant(), parsed, None).await;
        let nothing_taken = match &canceled {
            Ok(Canceled::Tombstone) => true,
            Ok(Canceled::Payment(row)) => row.payment.status() == Status::Failed,
            Err(_) => false,
        };
        if nothing_taken {
            let sale = format!("{}/{order_no}", self.merchant().as_str());
            self.shared.lock().tombstones.insert(sale);
        }
        let _ended = paying.await;
        if let Ok(Canceled::Payment(row)) = canceled {
            self.poll(row.payment.intent.id).await;
        }
    }

    async fn cancel_first(&self) {
        let order_no = locked(&self.sale).order_no.clone();
        let parsed = OrderNo::parse(&order_no).expect("an order number");
        match app::cancel_order(&self.app, &self.merchant(), parsed, None).await {
            Ok(Canceled::Tombstone) => {
                let sale = format!("{}/{order_no}", self.merchant().as_str());
                self.shared.lock().tombstones.insert(sale);
            }
            Ok(Canceled::Payment(_)) | Err(_) => {}
        }
    }

    async fn demand(&self, id: PaymentId) {
        let row = match self.app.payment(&self.merchant(), id).await {
            Ok(Some(row)) if row.payment.status() == Status::Paid => row,
            Ok(_) | Err(_) => return,
        };
        let number = row.payment.intent.channel_order_no.as_str().to_owned();
        self.shared.lock().demanded.insert(number);
        self.cancel(id, Some("the till never saw the answer".to_owned())).await;
        self.pause(60_000).await;
        self.poll(id).await;
    }

    /// Another code while the first is undecided is refused without effect; after a failure it is a new attempt.
    async fn rescan(&self, id: PaymentId) {
        let undecided = self.app.payment(&self.merchant(), id).await;
        let was = undecided.ok().flatten().map(|row| row.payment.status());
        if let Ok(row) = self.pay(1, 5_000).await
            && was == Some(Status::Paid)
        {
            self.shared.broke(format!("I-1: a paid order took another code: {}", row.payment.intent.id));
        }
        self.poll(id).await;
        for _ in 0..3 {
            if let Some(row) = self.pay_until_answered(2).await {
                self.poll(row.payment.intent.id).await;
                return;
            }
            self.pause(15_000).await;
        }
    }
}
