//! What every store must do, asked of each of them, and what only SQLite can get wrong.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod admission;
mod changes;
mod differential;
mod hooks;
mod life;
mod lists;
mod places;
mod records;
mod refunds;
mod sqlite;
mod writes;

/// Makes one test of each function for each store.
macro_rules! on_every_store {
    ($($test:ident),+ $(,)?) => {
        mod in_memory {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::places::InMemory::new()).await;
            })+
        }

        mod in_sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::places::InSqlite::new()).await;
            })+
        }
    };
}
pub(crate) use on_every_store;
