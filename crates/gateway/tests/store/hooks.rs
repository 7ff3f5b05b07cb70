//! What a simulation does to a store in memory: yield, fail before, fail after, and open again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt;
use gateway::store::memory::{Hook, MemoryStore};
use gateway::store::{Opened, Store, StoreError};
use payment::ids::PaymentId;

use crate::life::{merchant, want};

/// A hook that fails at its `at`-th call, from 1.
fn fails_at(at: u32) -> Hook {
    let calls = AtomicU32::new(0);
    Arc::new(move || {
        let call = calls.fetch_add(1, Ordering::Relaxed) + 1;
        Box::pin(
            async move { if call == at { Err(StoreError::Failed("crashed".to_owned())) } else { Ok(()) } },
        )
    })
}

async fn is_stored(store: &MemoryStore) -> bool {
    store.payment(merchant("m"), PaymentId(1)).await.unwrap().is_some()
}

#[tokio::test]
async fn a_hook_fails_before_the_transaction_or_after_it() {
    let memory = MemoryStore::new();
    let crashed = Err(StoreError::Failed("crashed".to_owned()));
    let store = memory.clone().with_hook(fails_at(1));
    assert_eq!(store.open_payment(want(1).opening()).await, crashed);
    assert!(!is_stored(&memory).await);
    let store = memory.clone().with_hook(fails_at(2));
    assert_eq!(store.open_payment(want(1).opening()).await, crashed);
    assert!(is_stored(&memory).await);
    let store = memory.clone().with_hook(fails_at(3));
    assert!(matches!(store.open_payment(want(1).opening()).await, Ok(Opened::Existing(_))));
}

#[tokio::test]
async fn a_verb_that_is_not_polled_or_dropped_at_its_hook_does_nothing() {
    let memory = MemoryStore::new();
    drop(memory.open_payment(want(1).opening()));
    assert!(!is_stored(&memory).await);
    let store = memory.clone().with_hook(Arc::new(|| Box::pin(std::future::pending())));
    assert!(store.open_payment(want(1).opening()).now_or_never().is_none());
    assert!(!is_stored(&memory).await);
}

#[tokio::test]
async fn a_panic_inside_a_transaction_leaves_nothing_behind() {
    let memory = MemoryStore::new();
    let mut opening = want(1).opening();
    opening.build = Box::new(|_| panic!("planned by the test"));
    let store = memory.clone();
    let panicked = tokio::spawn(async move { store.open_payment(opening).await }).await;
    assert!(panicked.is_err());
    assert!(matches!(memory.open_payment(want(1).opening()).await, Ok(Opened::New(_))));
}
