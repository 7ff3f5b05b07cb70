//! `[[accounts.terminals]]`: terminals as they are registered, one by one.

use serde::Deserialize;

/// `[[accounts.terminals]]`: a terminal of 259号文 (unionpay.md §3.1) and the names that tills have for it. What tills at other
/// terminals send is the account's `terminal_info`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerminalConfig {
    /// The `terminal` that a till names with a payment.
    pub terminal: String,
    /// The `outlet` that it names beside it, where outlets have terminals of the same name; any where absent.
    pub outlet: Option<String>,
    /// What kind: `01` to `13`.
    pub device_type: String,
    /// The number under which the acquirer registered it, 8 letters and digits.
    pub device_id: Option<String>,
    /// The hardware's serial, at most 50 characters; types 02 to 06 and 08 to 10 need it.
    pub serial_num: Option<String>,
    /// 银行卡受理终端产品入网认证编号, 5 letters and digits.
    pub network_license: Option<String>,
    /// Latitude and longitude with signs, at most 32 characters.
    pub location: Option<String>,
    /// Its own IPv4 or IPv6 address.
    pub device_ip: Option<String>,
    /// The version of its program, at most 8 characters.
    pub app_version: Option<String>,
    /// Of its SIM: the country, 3 digits.
    pub mobile_country_cd: Option<String>,
    /// Of its SIM: the network, 2 digits.
    pub mobile_net_num: Option<String>,
    /// Of its SIM: the card's number, 19 or 20 letters and digits.
    pub icc_id: Option<String>,
}
