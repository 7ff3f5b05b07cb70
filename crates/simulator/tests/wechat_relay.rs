//! WeChat behind UnionPay's relay (unionpay.md §8).

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::Till;
use common::wechat::{Wechat, wechat};
use simulator::{Account, Settings, Simulator};
use wire::sign::ApiKey;
use wire::wechat_v2::MICROPAY_PATH;

const CODE: &str = "134567890123456789";
const NUMBER: &str = "S20260315091228001";

/// unionpay.md §8, §3.1: behind the relay the 渠道号 and the terminal belong to every payment, and WeChat's own hosts know
/// nothing of it.
#[test]
fn the_relay_wants_its_channel_and_the_terminal() {
    let account = Account::WechatV2 {
        appid: "wx1a2b3c4d5e6f7a8b".to_owned(),
        mch_id: "1900000109".to_owned(),
        sub_mch_id: Some("1900009999".to_owned()),
        channel_id: Some("243012345".to_owned()),
        api_key: ApiKey::new(common::API_KEY).unwrap(),
    };
    let mut relay = wechat();
    relay.0.sub_mch_id = Some("1900009999".to_owned());
    const TERMINAL: &str = r#"{ "device_type":"11", "location":"+31.23/+121.47" }"#;
    let said = |relay: &Wechat, prefix: &str, terminal: Option<&str>| {
        let mut till = Till::new(Simulator::new(Settings::new(vec![account.clone()]), 7), relay);
        let mut sale = relay.micropay(NUMBER, 100, CODE);
        sale.terminal_info = terminal.map(str::to_owned);
        let mut request = relay.send(MICROPAY_PATH, &sale.fields());
        request.path = format!("{prefix}{}", request.path);
        let response = till.call(&request).response.unwrap();
        match relay.fields(&response) {
            Ok(fields) => fields.get("err_code").unwrap_or("SUCCESS").to_owned(),
            Err(unsigned) => unsigned,
        }
    };
    assert_eq!(said(&relay, "/relay", Some(TERMINAL)), "PARAM_ERROR", "no channel_id");
    relay.0.channel_id = Some("1".to_owned());
    assert_eq!(said(&relay, "/relay", Some(TERMINAL)), "PARAM_ERROR", "another channel_id");
    relay.0.channel_id = Some("243012345".to_owned());
    assert_eq!(said(&relay, "/relay", None), "LACK_PARAMS");
    assert_eq!(said(&relay, "/relay", Some(r#"{"device_type":"11"}"#)), "LACK_PARAMS");
    assert_eq!(said(&relay, "/relay", Some(TERMINAL)), "SUCCESS");
    assert!(
        said(&relay, "", Some(TERMINAL)).contains("system error"),
        "WeChat's own host knows no such merchant"
    );
}
