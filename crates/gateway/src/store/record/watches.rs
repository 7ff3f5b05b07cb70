//! A watch's row.

use payment::payment::CaseKind;
use payment::time::Time;
use payment::watch::{Plan, Stands, Watch, WatchPhase};
use serde::{Deserialize, Serialize};

use super::super::WatchRow;
use super::reversals::ReversalRecord;
use super::scalars::{CaseId, ReversalId, Text};
use super::values::{AskedRecord, IntentRecord, PaidFactsRecord};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WatchRecord {
    version: i64,
    watch: ValueRecord,
    case_id: Option<Text<CaseId>>,
    reversal_id: Option<Text<ReversalId>>,
}

impl WatchRecord {
    pub(super) fn of(row: WatchRow) -> WatchRecord {
        let WatchRow { watch, version, case_id, reversal_id } = row;
        WatchRecord {
            version,
            watch: ValueRecord::of(watch),
            case_id: case_id.map(|id| Text(CaseId(id))),
            reversal_id: reversal_id.map(|id| Text(ReversalId(id))),
        }
    }

    pub(super) fn into_row(self) -> WatchRow {
        WatchRow {
            watch: self.watch.into_value(),
            version: self.version,
            case_id: self.case_id.map(|id| id.0.0),
            reversal_id: self.reversal_id.map(|id| id.0.0),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WatchPhaseRecord {
    Waiting,
    Looking { unclear: u32 },
    Reversing,
    Confirming,
    Refunding,
    Parked,
    Bill,
}

impl WatchPhaseRecord {
    fn of(phase: WatchPhase) -> WatchPhaseRecord {
        match phase {
            WatchPhase::Waiting => WatchPhaseRecord::Waiting,
            WatchPhase::Looking { unclear } => WatchPhaseRecord::Looking { unclear },
            WatchPhase::Reversing => WatchPhaseRecord::Reversing,
            WatchPhase::Confirming => WatchPhaseRecord::Confirming,
            WatchPhase::Refunding => WatchPhaseRecord::Refunding,
            WatchPhase::Parked => WatchPhaseRecord::Parked,
            WatchPhase::Bill => WatchPhaseRecord::Bill,
        }
    }

    fn into_value(self) -> WatchPhase {
        match self {
            WatchPhaseRecord::Waiting => WatchPhase::Waiting,
            WatchPhaseRecord::Looking { unclear } => WatchPhase::Looking { unclear },
            WatchPhaseRecord::Reversing => WatchPhase::Reversing,
            WatchPhaseRecord::Confirming => WatchPhase::Confirming,
            WatchPhaseRecord::Refunding => WatchPhase::Refunding,
            WatchPhaseRecord::Parked => WatchPhase::Parked,
            WatchPhaseRecord::Bill => WatchPhase::Bill,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueRecord {
    intent: IntentRecord,
    stands: Text<Stands>,
    plan: Text<Plan>,
    since: i64,
    looks_done: u8,
    phase: WatchPhaseRecord,
    wake: Option<i64>,
    updated_at: i64,
    reversal: Option<ReversalRecord>,
    case: Option<Text<CaseKind>>,
    out: Option<AskedRecord>,
    calls: u32,
    /// Absent where no money turned up late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    late: Option<PaidFactsRecord>,
}

impl ValueRecord {
    fn of(watch: Watch) -> ValueRecord {
        let Watch {
            intent,
            stands,
            plan,
            since,
            looks_done,
            phase,
            wake,
            updated_at,
            reversal,
            late,
            case,
            out,
            calls,
        } = watch.recovered();
        ValueRecord {
            intent: IntentRecord::of(intent),
            stands: Text(stands),
            plan: Text(plan),
            since: since.0,
            looks_done,
            phase: WatchPhaseRecord::of(phase),
            wake: wake.map(|at| at.0),
            updated_at: updated_at.0,
            reversal: reversal.map(ReversalRecord::of),
            case: case.map(Text),
            out: out.map(AskedRecord::of),
            calls,
            late: late.map(PaidFactsRecord::of),
        }
    }

    fn into_value(self) -> Watch {
        Watch {
            intent: self.intent.into_value(),
            stands: self.stands.0,
            plan: self.plan.0,
            since: Time(self.since),
            looks_done: self.looks_done,
            phase: self.phase.into_value(),
            wake: self.wake.map(Time),
            updated_at: Time(self.updated_at),
            reversal: self.reversal.map(ReversalRecord::into_value),
            late: self.late.map(PaidFactsRecord::into_value),
            case: self.case.map(|kind| kind.0),
            out: self.out.map(AskedRecord::into_value),
            calls: self.calls,
        }
    }
}
