//! Terminals as 银发〔2021〕259号 registers them, one by one (unionpay.md §3.1): which one a sale happens at, and its data as the
//! channels take it.
//!
//! Only a submit says them. They belong to no intent: a query, a reversal or a refund goes out alike whatever is listed.
//! `secret_text` is never sent: it needs the cipher of the terminal's own chip, anew for every payment. Nor is `encrypt_rand_num`,
//! the digits of the payment code that it is made over: without it they say nothing.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::store::Sale;

/// `app_version` has eight characters, with blanks behind.
const APP_VERSION: usize = 8;

/// One terminal, with what a fixed configuration can know of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    /// What kind: `01` to `13`, such as `04` smart POS, `10` barcode terminal, `11` scanner gun.
    pub device_type: String,
    /// The number under which the acquirer registered it, 8 letters and digits.
    pub device_id: Option<String>,
    /// The hardware's serial, at most 50 characters; types 02 to 06 and 08 to 10 have one.
    pub serial_num: Option<String>,
    /// 银行卡受理终端产品入网认证编号, 5 letters and digits.
    pub network_license: Option<String>,
    /// Where it stands: latitude and longitude with signs, at most 32 characters, `+31.230/+121.470`.
    pub location: Option<String>,
    /// Its own address, IPv4 or IPv6.
    pub device_ip: Option<String>,
    /// The version of its program, at most 8 characters.
    pub app_version: Option<String>,
    /// Of its SIM: the country, 3 digits.
    pub mobile_country_cd: Option<String>,
    /// Of its SIM: the network, 2 digits.
    pub mobile_net_num: Option<String>,
    /// Of its SIM: the card's number, 19 or 20 digits and letters.
    pub icc_id: Option<String>,
}

impl Terminal {
    /// The data as one JSON object, written the same each time; `number` is the channel's name of the registered number.
    pub(super) fn info(&self, number: &str) -> String {
        let app_version = self.app_version.as_ref().map(|version| format!("{version:<APP_VERSION$}"));
        let device_type = Some(self.device_type.clone());
        let members: Map<String, Value> = [
            ("device_type", &device_type),
            (number, &self.device_id),
            ("serial_num", &self.serial_num),
            ("network_license", &self.network_license),
            ("location", &self.location),
            ("device_ip", &self.device_ip),
            ("app_version", &app_version),
            ("mobile_country_cd", &self.mobile_country_cd),
            ("mobile_net_num", &self.mobile_net_num),
            ("icc_id", &self.icc_id),
        ]
        .into_iter()
        .filter_map(|(name, text)| Some((name.to_owned(), Value::String(text.clone()?))))
        .collect();
        Value::Object(members).to_string()
    }
}

/// A till's own names for a terminal: what the API calls `outlet` and `terminal`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Till {
    /// In this outlet only; in any where absent.
    pub outlet: Option<String>,
    /// The terminal's name.
    pub terminal: String,
}

/// The terminals of an account. A sale at any other one goes with what the account says for all.
#[derive(Clone, Debug, Default)]
pub struct Terminals(BTreeMap<Till, Terminal>);

impl Terminals {
    /// These terminals, under the names that tills have for them.
    #[must_use]
    pub fn new(listed: BTreeMap<Till, Terminal>) -> Terminals {
        Terminals(listed)
    }

    /// The terminal of a sale, if it is listed: under its outlet first, because two outlets may have a terminal of one name.
    pub(super) fn of(&self, sale: &Sale) -> Option<&Terminal> {
        let listed = |outlet: Option<&String>| {
            let terminal = sale.terminal.clone()?;
            self.0.get(&Till { outlet: outlet.cloned(), terminal })
        };
        sale.outlet.as_ref().and_then(|outlet| listed(Some(outlet))).or_else(|| listed(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sale(outlet: Option<&str>, terminal: Option<&str>) -> Sale {
        let (outlet, terminal) = (outlet.map(str::to_owned), terminal.map(str::to_owned));
        Sale { outlet, terminal, ..Sale::default() }
    }

    #[test]
    fn a_sale_has_the_terminal_of_its_outlet_or_of_any_or_none() {
        let till = |outlet: Option<&str>, terminal: &str| Till {
            outlet: outlet.map(str::to_owned),
            terminal: terminal.to_owned(),
        };
        let numbered = |number: &str| Terminal { device_id: Some(number.to_owned()), ..Terminal::default() };
        let terminals = Terminals::new(BTreeMap::from([
            (till(None, "T01"), numbered("anywhere")),
            (till(Some("ST001"), "T01"), numbered("ST001")),
            (till(Some("ST002"), "T02"), numbered("ST002")),
        ]));
        for (outlet, terminal, expected) in [
            (Some("ST001"), Some("T01"), Some("ST001")),
            (Some("ST009"), Some("T01"), Some("anywhere")),
            (None, Some("T01"), Some("anywhere")),
            (Some("ST002"), Some("T02"), Some("ST002")),
            (Some("ST001"), Some("T02"), None),
            (None, Some("T02"), None),
            (Some("ST001"), None, None),
            (None, Some("t01"), None),
            (None, None, None),
        ] {
            let found = terminals.of(&sale(outlet, terminal));
            assert_eq!(
                found.and_then(|terminal| terminal.device_id.as_deref()),
                expected,
                "{outlet:?} {terminal:?}"
            );
        }
    }

    #[test]
    fn what_is_known_is_written_and_nothing_else() {
        let gun = Terminal { device_type: "11".to_owned(), ..Terminal::default() };
        assert_eq!(gun.info("device_id"), r#"{"device_type":"11"}"#);
        let all = Terminal {
            device_type: "04".to_owned(),
            device_id: Some("T0000001".to_owned()),
            serial_num: Some("SN-1".to_owned()),
            network_license: Some("P3100".to_owned()),
            location: Some("+31.230/+121.470".to_owned()),
            device_ip: Some("203.0.113.7".to_owned()),
            app_version: Some("1.2".to_owned()),
            mobile_country_cd: Some("460".to_owned()),
            mobile_net_num: Some("00".to_owned()),
            icc_id: Some("89860012345678901234".to_owned()),
        };
        let read: Value = serde_json::from_str(&all.info("terminal_id")).unwrap();
        let expected = serde_json::json!({
            "device_type": "04",
            "terminal_id": "T0000001",
            "serial_num": "SN-1",
            "network_license": "P3100",
            "location": "+31.230/+121.470",
            "device_ip": "203.0.113.7",
            "app_version": "1.2     ",
            "mobile_country_cd": "460",
            "mobile_net_num": "00",
            "icc_id": "89860012345678901234",
        });
        assert_eq!(read, expected);
    }
}
