//! The tests of this folder can fail: each bug that is planted here is seen here.

use gateway::dialects::Dialect;
use gateway::store::Sale;
use payment::exchange::Call;
use payment::planted::{Bug, plant};
use serde_json::json;
use wire::alipay::{PayRequest, read_request, unsigned_response};
use wire::qra::unsigned_refusal;
use wire::wechat_v2::unsigned_fail;

use crate::common::{asking, code, words};
use crate::{acp_traps, alipay_traps, qra_traps, wechat_traps};

#[test]
fn b19_believes_an_unsigned_refusal() {
    let node = json!({"code": "40004", "sub_code": "ACQ.PAYMENT_AUTH_CODE_INVALID"}).to_string();
    let alipay = unsigned_response(alipay_traps::method(Call::Submit), &node);
    plant(Some(Bug::B19));
    let told = [
        words(&wechat_traps::answer(Call::Submit, &unsigned_fail("付款码无效"))),
        words(&alipay_traps::answer(Call::Submit, &alipay)),
        words(&qra_traps::answer(Call::Submit, &unsigned_refusal("付款码无效"))),
        words(&acp_traps::answer(Call::Submit, &wire::acp::unsigned_refusal("86", "付款码无效"))),
    ];
    plant(None);
    assert_eq!(told, ["declined refused"; 4]);
}

#[test]
fn b21_mixes_up_yuan_and_fen() {
    let (intent, sale, code) = (alipay_traps::intent(), Sale::default(), code("28763443825664394"));
    plant(Some(Bug::B21));
    let asking = asking(Call::Submit, &intent, &sale, Some(&code));
    let request = alipay_traps::dialect().request(&asking).request;
    plant(None);
    let received = read_request(&request).unwrap();
    let sent = PayRequest::from_biz_content(received.biz_content().unwrap()).unwrap();
    assert_ne!(sent.total_amount, alipay_traps::FEN);
}
