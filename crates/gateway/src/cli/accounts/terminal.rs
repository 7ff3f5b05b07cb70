//! Terminals of 259号文 (unionpay.md §3.1): the forms of their data, and the conversion of those that an account lists.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::config::{AccountConfig, ConfigError, TerminalConfig};
use crate::dialects::terminal::{Terminal, Terminals, Till};

/// What kinds of terminal there are: `01` to `13`.
const DEVICE_TYPES: std::ops::RangeInclusive<u8> = 1..=13;
/// Kinds whose hardware serial is registered with them.
const WITH_SERIAL: [&str; 8] = ["02", "03", "04", "05", "06", "08", "09", "10"];
/// `serial_num` has at most 50 characters.
const SERIAL_MAX: usize = 50;
/// `location` has at most 32 characters.
const LOCATION_MAX: usize = 32;
/// The sources have five or six decimals; more is no better place.
const DECIMALS_MAX: usize = 6;

/// `device_type`
pub(super) const DEVICE_TYPE: &str =
    "01 to 13: 02 POS, 04 smart POS, 10 barcode terminal, 11 scanner or plate";
/// `serial_num`
pub(super) const SERIAL: &str = "1 to 50 letters, digits and signs without blanks, quotation marks, & < > \\";
/// `location`
pub(super) const LOCATION: &str =
    "latitude/longitude with signs and at most six decimals, such as +31.230/+121.470";

/// `terminal`, `outlet`: what the API takes.
const NAME: &str = "1 to 32 of A-Z a-z 0-9 . _ -, as the till says it";
const NUMBER: &str = "8 letters and digits, as the acquirer registered it";
const LICENSE: &str = "5 letters and digits, such as P3100";
const ADDRESS: &str = "an IPv4 or IPv6 address";
const VERSION: &str = "1 to 8 letters, digits and signs without blanks, quotation marks, & < > \\";
const COUNTRY: &str = "3 digits";
const NETWORK: &str = "2 digits";
const CARD: &str = "19 or 20 letters and digits";

/// What a channel must know of a terminal beside its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing more.
    Kind,
    /// The number that the acquirer registered: `device_id`.
    Number,
    /// Where it stands: `location`.
    Place,
    /// Where it stands, or its address: `location` or `device_ip`.
    PlaceOrAddress,
}

/// The terminals that an account lists.
pub(super) fn terminals(config: &AccountConfig, needs: Needs) -> Result<Terminals, ConfigError> {
    let mut listed = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for own in &config.terminals {
        let row = Row { config, own };
        let till = row.till()?;
        let terminal = row.terminal()?;
        row.needs(&terminal, needs)?;
        for (field, value) in [("device_id", &own.device_id), ("serial_num", &own.serial_num)] {
            if value.as_deref().is_some_and(|value| !taken.insert((field, value))) {
                return Err(row.wrong(
                    field,
                    value,
                    "another terminal of this account has it: each has its own",
                ));
            }
        }
        if listed.insert(till, terminal).is_some() {
            let why = "it is listed twice: take one out, or say in which outlet each stands";
            return Err(row.wrong("terminal", &Some(own.terminal.clone()), why));
        }
    }
    Ok(Terminals::new(listed))
}

/// The same where the channel's message has no place for terminals.
pub(super) fn none(config: &AccountConfig) -> Result<(), ConfigError> {
    if config.terminals.is_empty() {
        return Ok(());
    }
    let why = format!(
        "{} has no place for a terminal's data: take [[accounts.terminals]] out",
        config.channel_word
    );
    Err(ConfigError::value(config.key("terminals"), why))
}

/// One terminal being read.
struct Row<'a> {
    config: &'a AccountConfig,
    own: &'a TerminalConfig,
}

impl Row<'_> {
    fn wrong(&self, field: &str, value: &Option<String>, why: &str) -> ConfigError {
        let TerminalConfig { outlet, terminal, .. } = self.own;
        let name = outlet.iter().chain([terminal]).map(String::as_str).collect::<Vec<_>>().join("/");
        let key = self.config.key(&format!("terminals.{name}.{field}"));
        let why = match value {
            Some(value) => format!("{value:?}: {why}"),
            None => why.to_owned(),
        };
        ConfigError::value(key, why)
    }

    fn till(&self) -> Result<Till, ConfigError> {
        let TerminalConfig { outlet, terminal, .. } = self.own;
        let terminal = self.formed("terminal", &Some(terminal.clone()), is_name, NAME)?.unwrap_or_default();
        Ok(Till { outlet: self.formed("outlet", outlet, is_name, NAME)?, terminal })
    }

    fn terminal(&self) -> Result<Terminal, ConfigError> {
        let own = self.own;
        let device_type = Some(own.device_type.clone());
        let device_type = self.formed("device_type", &device_type, is_device_type, DEVICE_TYPE)?;
        Ok(Terminal {
            device_type: device_type.unwrap_or_default(),
            device_id: self.formed("device_id", &own.device_id, is_number, NUMBER)?,
            serial_num: self.formed("serial_num", &own.serial_num, is_serial, SERIAL)?,
            network_license: self.formed("network_license", &own.network_license, is_license, LICENSE)?,
            location: self.formed("location", &own.location, is_location, LOCATION)?,
            device_ip: self.formed("device_ip", &own.device_ip, is_address, ADDRESS)?,
            app_version: self.formed("app_version", &own.app_version, is_version, VERSION)?,
            mobile_country_cd: self.formed(
                "mobile_country_cd",
                &own.mobile_country_cd,
                is_country,
                COUNTRY,
            )?,
            mobile_net_num: self.formed("mobile_net_num", &own.mobile_net_num, is_network, NETWORK)?,
            icc_id: self.formed("icc_id", &own.icc_id, is_card, CARD)?,
        })
    }

    /// The value, if it is there and in its form.
    fn formed(
        &self,
        field: &str,
        value: &Option<String>,
        fits: fn(&str) -> bool,
        form: &str,
    ) -> Result<Option<String>, ConfigError> {
        if value.as_deref().is_none_or(fits) {
            Ok(value.clone())
        } else {
            Err(self.wrong(field, value, form))
        }
    }

    fn needs(&self, terminal: &Terminal, needs: Needs) -> Result<(), ConfigError> {
        let Terminal { device_type, device_id, serial_num, location, device_ip, .. } = terminal;
        let (field, is_there, why) = match needs {
            Needs::Kind => ("device_type", true, ""),
            Needs::Number => {
                ("device_id", device_id.is_some(), "the number that the acquirer registered goes out")
            }
            Needs::Place => ("location", location.is_some(), LOCATION),
            Needs::PlaceOrAddress => {
                ("location", location.is_some() || device_ip.is_some(), "this or device_ip")
            }
        };
        if !is_there {
            return Err(self.wrong(field, &None, &format!("{} needs it: {why}", self.config.channel_word)));
        }
        if serial_num.is_none() && has_serial(device_type) {
            return Err(self.wrong(
                "serial_num",
                &None,
                &format!("terminals of type {device_type} have one"),
            ));
        }
        Ok(())
    }
}

pub(super) fn is_device_type(text: &str) -> bool {
    text.len() == 2
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse().is_ok_and(|kind| DEVICE_TYPES.contains(&kind))
}

/// Whether terminals of this kind have a serial.
pub(super) fn has_serial(device_type: &str) -> bool {
    WITH_SERIAL.contains(&device_type)
}

pub(super) fn is_serial(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_graphic() && !b"\"'&<>\\".contains(&byte);
    (1..=SERIAL_MAX).contains(&text.len()) && text.bytes().all(sign)
}

pub(super) fn is_location(text: &str) -> bool {
    let halves = text.split_once('/');
    text.len() <= LOCATION_MAX
        && halves.is_some_and(|(north, east)| is_angle(north, 90.0) && is_angle(east, 180.0))
}

/// A sign, digits, and decimals behind a point.
fn is_angle(text: &str, most: f64) -> bool {
    let Some(digits) = text.strip_prefix(['+', '-']) else { return false };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_number(whole)
        && is_number(decimals)
        && decimals.len() <= DECIMALS_MAX
        && digits.parse::<f64>().is_ok_and(|degrees| degrees <= most)
}

fn is_name(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=32).contains(&text.len()) && text.bytes().all(sign)
}

fn is_word(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_number(text: &str) -> bool {
    is_word(text, 8..=8)
}

fn is_license(text: &str) -> bool {
    is_word(text, 5..=5)
}

fn is_card(text: &str) -> bool {
    is_word(text, 19..=20)
}

fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

fn is_version(text: &str) -> bool {
    text.len() <= 8 && is_serial(text)
}

fn is_country(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_network(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
