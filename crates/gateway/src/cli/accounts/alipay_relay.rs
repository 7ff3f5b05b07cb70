//! Alipay for a sub-merchant behind an acquirer, through UnionPay's platform (银联支付宝, 间连; unionpay.md §3.1, §8).

use serde_json::{Map, Value};
use wire::alipay::BankAgent;

use crate::config::{AccountConfig, ConfigError};

use super::terminal;

/// A SMID has at most 20 characters (alipay.md §3.9, `smid`).
const SMID_MAX: usize = 20;
/// `acq_code` has 14 characters, `merch_code` at most 32 (unionpay.md §3.1).
const ACQ_CODE: usize = 14;
const MERCH_CODE_MAX: usize = 32;
/// The gateway's path, which stands behind every base URL.
const PATH: &str = "/gateway.do";

/// What the acquirer says with every payment; `None` for a merchant of Alipay's own.
pub(super) fn agent(config: &AccountConfig) -> Result<Option<BankAgent>, ConfigError> {
    if config.hosts.iter().any(|host| host.trim_end_matches('/').ends_with(PATH)) {
        return Err(wrong(config, "hosts", "leave /gateway.do away: it is put behind every base URL"));
    }
    let Some(smid) = &config.smid else {
        for (field, value) in [("acq_code", &config.acq_code), ("merch_code", &config.merch_code)] {
            if value.is_some() {
                return Err(wrong(config, "smid", format!("{field} needs it beside it")));
            }
        }
        return Ok(None);
    };
    formed(config, "smid", smid, 1..=SMID_MAX)?;
    let Some(acq_code) = &config.acq_code else {
        return Err(wrong(
            config,
            "acq_code",
            "smid needs it beside it: the acquirer's code at the clearing house",
        ));
    };
    formed(config, "acq_code", acq_code, ACQ_CODE..=ACQ_CODE)?;
    if let Some(merch_code) = &config.merch_code {
        formed(config, "merch_code", merch_code, 1..=MERCH_CODE_MAX)?;
    }
    if config.hosts.is_empty() {
        let why = "smid is for a sub-merchant behind an acquirer: give the base URL that UnionPay or the acquirer named";
        return Err(wrong(config, "hosts", why));
    }
    if config.app_auth_token.is_some() {
        let why = "the acquirer's application acts for smid by its own contract: take one of the two out";
        return Err(wrong(config, "app_auth_token", why));
    }
    let agent = BankAgent {
        acq_code: Some(acq_code.clone()),
        merch_code: config.merch_code.clone(),
        ..terminal_of(config)?
    };
    Ok(Some(agent))
}

fn wrong(config: &AccountConfig, field: &str, why: impl Into<String>) -> ConfigError {
    ConfigError::value(config.key(field), why)
}

fn formed(
    config: &AccountConfig,
    field: &str,
    value: &str,
    lengths: std::ops::RangeInclusive<usize>,
) -> Result<(), ConfigError> {
    if lengths.contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(());
    }
    let (least, most) = (lengths.start(), lengths.end());
    let range = if least == most { most.to_string() } else { format!("{least} to {most}") };
    Err(wrong(config, field, format!("{value:?} is not {range} letters and digits")))
}

/// The three members of `terminal_info` that Alipay takes from an acquirer.
fn terminal_of(config: &AccountConfig) -> Result<BankAgent, ConfigError> {
    const FIELD: &str = "terminal_info";
    let Some(text) = &config.terminal_info else {
        let why = "smid needs it beside it: the terminal as a JSON object, such as \
                   {\"device_type\":\"11\",\"location\":\"+31.230/+121.470\"}";
        return Err(wrong(config, FIELD, why));
    };
    let members: Map<String, Value> = serde_json::from_str(text)
        .map_err(|_| wrong(config, FIELD, "a JSON object, such as {\"device_type\":\"11\"}"))?;
    let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
    let (device_type, serial_num, location) = (text("device_type"), text("serial_num"), text("location"));
    let kind = device_type.as_deref().unwrap_or_default();
    let lacks_serial = serial_num.is_none() && terminal::has_serial(kind);
    let fits = |text: &Option<String>, form: fn(&str) -> bool| text.as_deref().is_some_and(form);
    for (fits, member, form) in [
        (terminal::is_device_type(kind), "device_type", terminal::DEVICE_TYPE),
        (!lacks_serial, "serial_num", "terminals of this device_type have one"),
        (serial_num.is_none() || fits(&serial_num, terminal::is_serial), "serial_num", terminal::SERIAL),
        (fits(&location, terminal::is_location), "location", terminal::LOCATION),
    ] {
        if !fits {
            let said = members.get(member).map_or("is missing".to_owned(), |value| format!("is {value}"));
            return Err(wrong(config, FIELD, format!("its {member} {said}; {form}")));
        }
    }
    Ok(BankAgent { device_type, serial_num, location, ..BankAgent::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMID: &str = "smid = \"2088331876543210\"\n";
    const CODE: &str = "acq_code = \"48023456789012\"\n";
    const HOSTS: &str = "hosts = [\"https://relay.example/alipay\"]\n";
    const GUN: &str = r#"{"device_type":"11","location":"+31.23/+121.47","device_id":"T0000001"}"#;

    fn read(lines: &str) -> Result<Option<BankAgent>, ConfigError> {
        let head = "name = \"a\"\nchannel = \"alipay\"\nnamespace = \"TEST\"\n";
        agent(&toml::from_str(&format!("{head}{lines}")).unwrap())
    }

    fn terminal(json: &str) -> String {
        format!("terminal_info = '{json}'\n")
    }

    #[test]
    fn an_acquirer_says_five_things_and_no_more() {
        assert_eq!(read("").unwrap(), None);
        assert_eq!(read(&terminal(GUN)).unwrap(), None);
        let lines = format!("{SMID}{CODE}{HOSTS}merch_code = \"123456789012\"\n");
        let expected = BankAgent {
            acq_code: Some("48023456789012".to_owned()),
            merch_code: Some("123456789012".to_owned()),
            device_type: Some("11".to_owned()),
            serial_num: None,
            location: Some("+31.23/+121.47".to_owned()),
        };
        assert_eq!(read(&format!("{lines}{}", terminal(GUN))).unwrap(), Some(expected));
        let pos = r#"{"device_type":"02","serial_num":"SN1","location":"+31.23/+121.47"}"#;
        let said = read(&format!("{SMID}{CODE}{HOSTS}{}", terminal(pos))).unwrap().unwrap();
        assert_eq!((said.serial_num.as_deref(), said.merch_code), (Some("SN1"), None));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_key_its_value_and_a_remedy() {
        let gun = terminal(GUN);
        let all = format!("{SMID}{CODE}{HOSTS}");
        for (lines, key, words) in [
            (CODE.to_owned(), "smid", "acq_code needs it"),
            ("merch_code = \"1\"\n".to_owned(), "smid", "merch_code needs it"),
            (format!("smid = \"2088-1\"\n{CODE}{HOSTS}{gun}"), "smid", "\"2088-1\" is not 1 to 20"),
            (format!("{SMID}{HOSTS}{gun}"), "acq_code", "beside it"),
            (format!("{SMID}acq_code = \"4802\"\n{HOSTS}{gun}"), "acq_code", "\"4802\" is not 14"),
            (format!("{all}merch_code = \"\"\n{gun}"), "merch_code", "1 to 32"),
            (format!("{SMID}{CODE}{gun}"), "hosts", "give the base URL"),
            (
                format!("{all}app_auth_token = {{ env = \"T\" }}\n{gun}"),
                "app_auth_token",
                "take one of the two",
            ),
            (all.clone(), "terminal_info", "as a JSON object"),
            (format!("{all}{}", terminal("T1")), "terminal_info", "a JSON object"),
            (format!("{all}{}", terminal("{}")), "terminal_info", "device_type is missing"),
            (
                format!("{all}{}", terminal(r#"{"device_type":"99"}"#)),
                "terminal_info",
                "device_type is \"99\"; 01 to 13",
            ),
            (
                format!("{all}{}", terminal(r#"{"device_type":"10","location":"+31.23/+121.47"}"#)),
                "terminal_info",
                "serial_num is missing",
            ),
            (
                format!("{all}{}", terminal(r#"{"device_type":"10","serial_num":"a b"}"#)),
                "terminal_info",
                "serial_num is \"a b\"",
            ),
            (
                format!("{all}{}", terminal(r#"{"device_type":"11","location":"31.23/121.47"}"#)),
                "terminal_info",
                "location is \"31.23/121.47\"; latitude/longitude",
            ),
            (
                "hosts = [\"https://relay.example/a/gateway.do\"]\n".to_owned(),
                "hosts",
                "leave /gateway.do away",
            ),
        ] {
            let error = read(&lines).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(
                error.contains(&format!("accounts.a.{key}")) && error.contains(words),
                "{lines}: {error}"
            );
        }
    }
}
