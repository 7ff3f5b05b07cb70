//! WeChat and Alipay behind UnionPay's platform (unionpay.md §8, variant E): the wallets' own messages on another host, with
//! fields of the acquirer's.
//!
//! The sheet found neither host nor envelope. A simulator's choice: the relay is a path in front of the wallets' own, and it
//! holds callers to what §3.1 and §8 say that it needs.

use serde_json::{Map, Value};

/// What stands before the wallets' own paths.
const PATH: &str = "/relay";

/// Whether a path is the relay's, and the wallet's own path in it.
pub(crate) fn own_path(path: &str) -> (bool, &str) {
    match path.strip_prefix(PATH) {
        Some(rest) if rest.starts_with('/') => (true, rest),
        Some(_) | None => (false, path),
    }
}

/// What the terminal information of 259号文 lacks: a device type, and the place or the address of the terminal
/// (unionpay.md §3.1, `device_ip`).
pub(crate) fn lacks(terminal_info: Option<&str>) -> Option<&'static str> {
    let Some(text) = terminal_info else { return Some("terminal_info") };
    let Ok(terminal) = serde_json::from_str::<Map<String, Value>>(text) else { return Some("terminal_info") };
    let filled = |name: &str| terminal.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if !filled("device_type") {
        return Some("terminal_info.device_type");
    }
    (!filled("location") && !filled("device_ip")).then_some("terminal_info.location")
}

#[cfg(test)]
mod tests {
    use super::{lacks, own_path};

    #[test]
    fn the_relay_stands_before_a_wallets_path() {
        assert_eq!(own_path("/relay/pay/micropay"), (true, "/pay/micropay"));
        assert_eq!(own_path("/pay/micropay"), (false, "/pay/micropay"));
        assert_eq!(own_path("/relayed/pay"), (false, "/relayed/pay"));
    }

    #[test]
    fn a_terminal_says_what_it_is_and_where() {
        assert_eq!(lacks(None), Some("terminal_info"));
        assert_eq!(lacks(Some("T1")), Some("terminal_info"));
        assert_eq!(lacks(Some(r#"{"location":"+31.2/+121.4"}"#)), Some("terminal_info.device_type"));
        assert_eq!(lacks(Some(r#"{"device_type":"11"}"#)), Some("terminal_info.location"));
        assert_eq!(lacks(Some(r#"{"device_type":"11","device_ip":""}"#)), Some("terminal_info.location"));
        assert_eq!(lacks(Some(r#"{"device_type":"11","device_ip":"203.0.113.7"}"#)), None);
    }
}
