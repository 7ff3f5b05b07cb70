//! What stands in a payment for a sub-merchant behind an acquirer (间连): `sub_merchant` and `bkagent_req_info`
//! (alipay.md §3.1; unionpay.md §3.1, §8).

use serde_json::{Map, Value};

use super::message::BizFault;
use super::node::plain_text;

/// `bkagent_req_info`: what the acquirer says of itself, the merchant and the terminal. Alipay takes these five members and no
/// other of 259号文 (unionpay.md §3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BankAgent {
    /// The acquirer's code at the clearing house, 14 characters.
    pub acq_code: Option<String>,
    /// The merchant's code at the clearing house, at most 32 characters; 12 in the sample.
    pub merch_code: Option<String>,
    /// What kind of terminal: `01` to `13`.
    pub device_type: Option<String>,
    /// The terminal's hardware serial, at most 50 characters.
    pub serial_num: Option<String>,
    /// Where the terminal stands, at most 32 characters: latitude and longitude with signs, `+37.12/-121.213`.
    pub location: Option<String>,
}

impl BankAgent {
    /// The JSON object; `None` when there is nothing to say.
    pub(super) fn value(&self) -> Option<Value> {
        let named = [
            ("acq_code", &self.acq_code),
            ("merch_code", &self.merch_code),
            ("device_type", &self.device_type),
            ("serial_num", &self.serial_num),
            ("location", &self.location),
        ];
        let filled = named.into_iter().filter_map(|(name, text)| {
            let text = text.clone().filter(|text| !text.is_empty())?;
            Some((name.to_owned(), Value::String(text)))
        });
        let members: Map<String, Value> = filled.collect();
        (!members.is_empty()).then_some(Value::Object(members))
    }

    /// Reads the object. Unknown members are ignored.
    pub(super) fn read(value: Option<&Value>) -> Result<Option<BankAgent>, BizFault> {
        let members = match value {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Object(members)) => members,
            Some(_) => return Err(BizFault::Bad("bkagent_req_info")),
        };
        let text = |name: &str| plain_text(members.get(name));
        Ok(Some(BankAgent {
            acq_code: text("acq_code"),
            merch_code: text("merch_code"),
            device_type: text("device_type"),
            serial_num: text("serial_num"),
            location: text("location"),
        }))
    }
}
