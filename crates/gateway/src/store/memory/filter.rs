//! Which payments a list asks for.

use super::super::PaymentFilter;
use super::super::tables::PaymentColumns;

pub(super) fn wanted(filter: &PaymentFilter, row: &PaymentColumns) -> bool {
    row.merchant == filter.merchant
        && filter.status.is_none_or(|status| status == row.status)
        && filter.channel.is_none_or(|channel| channel == row.channel)
        && filter.order_no.as_ref().is_none_or(|order_no| *order_no == row.order_no)
        && filter.outlet.as_ref().is_none_or(|outlet| row.outlet.as_ref() == Some(outlet))
        && filter.terminal.as_ref().is_none_or(|terminal| row.terminal.as_ref() == Some(terminal))
        && filter.created_from.is_none_or(|from| row.opened_at >= from)
        && filter.created_before.is_none_or(|before| row.opened_at < before)
}
