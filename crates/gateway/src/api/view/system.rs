//! What the process says of itself.

use serde::Serialize;
use utoipa::ToSchema;

use super::words::{ChannelWord, IntakeWord};

/// The process answers.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Health {
    /// Always `ok`.
    pub(in crate::api) status: HealthStatus,
}

/// Always `ok`.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum HealthStatus {
    Ok,
}

/// Whether the store can commit and every account takes payments.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Readiness {
    pub(in crate::api) status: ReadyStatus,
    pub(in crate::api) store: StoreStatus,
    /// Every account, by name.
    pub(in crate::api) accounts: Vec<ReadyAccount>,
}

/// `ready` is what 200 says, `not_ready` 503.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum ReadyStatus {
    Ready,
    NotReady,
}

/// Whether a transaction can be made durable right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum StoreStatus {
    Ok,
    Failing,
}

/// One account of the installation.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ReadyAccount {
    /// Its name in the configuration.
    pub(in crate::api) account: String,
    pub(in crate::api) channel: ChannelWord,
    pub(in crate::api) intake: IntakeWord,
    /// Why its intake is closed and what to do, Chinese and English; null while it is open.
    pub(in crate::api) why: Option<String>,
    /// When it was last probed; null before the first probe.
    #[schema(format = DateTime)]
    pub(in crate::api) probed_at: Option<String>,
    /// How far the channel's clock was ahead of ours at the last probe, in milliseconds.
    pub(in crate::api) clock_off_ms: i64,
}
