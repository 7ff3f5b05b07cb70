//! The tests above can fail: each planted bug of this folder is seen here.

use payment::exchange::Call;
use payment::planted::{Bug, plant};
use wire::wechat_v2::unsigned_fail;

use crate::common::words;
use crate::wechat_traps;

#[test]
fn b19_believes_an_unsigned_refusal() {
    plant(Some(Bug::B19));
    let told = words(&wechat_traps::answer(Call::Submit, &unsigned_fail("付款码无效")));
    plant(None);
    assert_eq!(told, "declined refused");
}
