//! A row whose step panics stops nobody else, and is not tried without end.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gateway::clock::{Clock, Entropy, Later};
use gateway::metrics::{Metrics, Now};
use gateway::runner::{Door, DoorError, Engine, Ports};
use gateway::store::memory::MemoryStore;
use gateway::store::{Opening, PaymentCommit, PaymentRow, Sale, Store};
use gateway::transport::{Connection, Destination, NotConnected, Transport};
use payment::auth_code::Wallet;
use payment::exchange::Payee;
use payment::ids::{ChannelOrderNo, CodeFingerprint, MerchantCode, Namespace, OrderNo, PaymentId};
use payment::money::Fen;
use payment::patience::Channel;
use payment::payment::{CodeHere, Input, Intent, Payment, Phase};
use payment::time::Time;

/// A clock that stands still until it is set.
pub(crate) struct Standing(pub(crate) AtomicI64);

impl Clock for Standing {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::Relaxed))
    }

    fn sleep_until(&self, at: Time) -> Later<'static, ()> {
        if at <= self.now() { Box::pin(async {}) } else { Box::pin(std::future::pending()) }
    }

    fn raise(&self, floor: Time) {
        self.0.fetch_max(floor.0, Ordering::Relaxed);
    }
}

pub(crate) struct Zeroes;

impl Entropy for Zeroes {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

pub(crate) struct Nowhere;

impl Transport for Nowhere {
    fn connect(&self, _to: Destination) -> Later<'_, Result<Box<dyn Connection>, NotConnected>> {
        Box::pin(async { Err(NotConnected("no network here".to_owned())) })
    }
}

pub(crate) const NOON: Time = Time(1_773_547_200_000);

pub(crate) fn merchant() -> MerchantCode {
    MerchantCode::parse("m").expect("a code")
}

/// A payment that was submitted; a poisoned one waits for the payer with its submit
/// still out, which no step of ours can bring about.
pub(crate) fn row(id: u128, poisoned: bool) -> PaymentRow {
    let order_no = OrderNo::parse(&format!("o-{id}")).expect("a number");
    let namespace = Namespace::parse("TEST").expect("a namespace");
    let intent = Intent {
        id: PaymentId(id),
        channel_order_no: ChannelOrderNo::derive(namespace, &merchant(), &order_no, 1),
        merchant: merchant(),
        order_no,
        attempt: 1,
        amount: Fen::payable(100).expect("an amount"),
        account: "gone".to_owned(),
        channel: Channel::Alipay,
        payee: Payee { merchant: "mch".to_owned(), sub_merchant: None },
        opened_at: NOON,
    };
    let mut payment = Payment::open(intent).step(NOON, Input::Wake { code: CodeHere::Here }).payment;
    if poisoned {
        payment.phase = Phase::AwaitingPayer { deadline: NOON.plus_ms(45_000), refused: false };
        payment.wake = Some(NOON);
    }
    PaymentRow {
        payment,
        version: 1,
        wallet: Wallet::Alipay,
        code_masked: "28****************".to_owned(),
        fingerprint: CodeFingerprint([u8::try_from(id).expect("small"); 32]),
        sale: Sale::default(),
        case_id: None,
        reversal_id: None,
    }
}

pub(crate) async fn stored(store: &MemoryStore, row: PaymentRow) {
    let intent = row.payment.intent.clone();
    let opening = Opening {
        merchant: intent.merchant,
        order_no: intent.order_no,
        amount: intent.amount,
        fingerprint: row.fingerprint,
        terminal: None,
        outlet: None,
        second: false,
        now: NOON,
        build: Box::new(move |_| PaymentCommit {
            row,
            events: Vec::new(),
            cases: Vec::new(),
            notices: Vec::new(),
            watch: None,
            refund: None,
        }),
    };
    store.open_payment(opening).await.expect("memory works");
}

/// Sweeps, and lets the drivers run until they wait.
pub(crate) async fn swept(engine: &Arc<Engine>) {
    engine.sweep_once().await.expect("memory works");
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_poisoned_row_stops_nobody_else_and_is_left_alone_for_a_while() {
    let store = MemoryStore::new();
    stored(&store, row(1, true)).await;
    stored(&store, row(2, false)).await;
    let clock = Arc::new(Standing(AtomicI64::new(NOON.0)));
    let metrics = Arc::new(Metrics::new(NOON));
    let ports = Ports {
        store: Arc::new(store),
        transport: Arc::new(Nowhere),
        metrics: Arc::clone(&metrics),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        entropy: Arc::new(Zeroes),
    };
    let stuck = || {
        let now = Now { awake: 0, intakes: Vec::new(), store_transactions: 0, store_commits: 0 };
        let text = metrics.text(&now);
        text.lines().find_map(|line| line.strip_prefix("paycode_payments_stuck ")).map(str::to_owned)
    };
    let engine = Engine::new(ports, Vec::new());
    swept(&engine).await;
    assert_eq!((engine.awake(), stuck().as_deref()), (1, Some("1")), "the other one is looked after");
    // A door is answered, not knocked at for ever.
    let answer = engine.door(&merchant(), PaymentId(1), Door::Cancel).await;
    assert!(matches!(answer, Err(DoorError::Store(_))), "{answer:?}");
    swept(&engine).await;
    assert_eq!(engine.awake(), 1);
    // After its pause it is tried again; by now its submit is over, and it goes on.
    clock.raise(NOON.plus_ms(59_999));
    swept(&engine).await;
    assert!(engine.watch(PaymentId(1)).is_none());
    clock.raise(NOON.plus_ms(60_000));
    swept(&engine).await;
    assert!(engine.watch(PaymentId(1)).is_some());
    assert!(engine.watch(PaymentId(2)).is_some());
}
