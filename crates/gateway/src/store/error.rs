//! How a verb fails.

/// Why a verb could not be carried out. Nothing has changed then, but for the one that says so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The row has moved on since it was read.
    #[error("the row has version {found}, not {expected}: somebody else has moved it on")]
    Conflict {
        /// What the writer had read.
        expected: i64,
        /// What is stored.
        found: i64,
    },
    /// The database does not work.
    #[error("the store failed: {0}")]
    Failed(String),
    /// The database failed in a way that leaves open whether anything was stored.
    #[error("whether it was stored is not known: {0}")]
    InDoubt(String),
}
