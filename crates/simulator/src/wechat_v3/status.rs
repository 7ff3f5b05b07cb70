//! HTTP statuses by their names (wechat.md §5.5).

pub(super) const OK: u16 = 200;
/// Taken up and not finished: the payer is being asked (wechat.md §4.4).
pub(super) const ACCEPTED: u16 = 202;
pub(super) const BAD_REQUEST: u16 = 400;
pub(super) const UNAUTHORIZED: u16 = 401;
pub(super) const FORBIDDEN: u16 = 403;
pub(super) const NOT_FOUND: u16 = 404;
pub(super) const TOO_MANY: u16 = 429;
pub(super) const SERVER_ERROR: u16 = 500;
