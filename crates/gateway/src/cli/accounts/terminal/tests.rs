//! What is read of the configuration, and what is refused.

use payment::exchange::Call;
use payment::ids::{ChannelOrderNo, MerchantCode, OrderNo, PaymentId};
use payment::money::Fen;
use payment::patience::Channel;
use payment::payment::Intent;
use payment::time::Time;

use super::*;
use crate::dialects::Asking;
use crate::store::Sale;

#[test]
fn a_place_has_two_signed_angles() {
    for place in ["+37.12/-121.213", "-33.856784/+151.215297", "+0/-180", "+90.000000/+180.000000"] {
        assert!(is_location(place), "{place}");
    }
    for text in [
        "",
        "/",
        "31.23/121.47",
        "+31.23",
        "+31.23,+121.47",
        "+90.1/+121.47",
        "+31.23/+180.000001",
        "+31.2345678/+121.47",
        "+31./+121.47",
        "+.5/+121.47",
        "+1e1/+121.47",
        "++31/+121",
        "+31.23/+121.47 ",
        "+000000000000031.23/+000000000121.47",
    ] {
        assert!(!is_location(text), "{text}");
    }
}

#[test]
fn kinds_and_serials_have_their_forms() {
    assert!(["01", "07", "10", "13"].into_iter().all(is_device_type));
    assert!(!["", "00", "14", "1", "011", "+1", "1a"].into_iter().any(is_device_type));
    assert!(has_serial("10") && !has_serial("11"));
    assert!(is_serial("N5-0001/A") && is_serial(&"9".repeat(50)));
    assert!(!["", "a b", "a\"b", "序列"].into_iter().any(is_serial) && !is_serial(&"9".repeat(51)));
}

const T01: &str = "terminal = \"T01\"\ndevice_type = \"10\"\nserial_num = \"SN-1\"\n";

fn config(channel: &str, rows: &[&str]) -> AccountConfig {
    let rows: String = rows.iter().map(|row| format!("[[terminals]]\n{row}\n")).collect();
    toml::from_str(&format!("name = \"a\"\nchannel = \"{channel}\"\nnamespace = \"TEST\"\n{rows}")).unwrap()
}

fn error(needs: Needs, rows: &[&str]) -> String {
    terminals(&config("qra", rows), needs).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn every_key_of_a_terminal_reaches_it() {
    let all = r#"
        outlet = "ST001"
        terminal = "T01"
        device_type = "04"
        device_id = "T0000001"
        serial_num = "SN-1"
        network_license = "P3100"
        location = "+31.230/+121.470"
        device_ip = "2001:db8::7"
        app_version = "1.2.3"
        mobile_country_cd = "460"
        mobile_net_num = "00"
        icc_id = "8986001234567890123F"
    "#;
    let gun = "terminal = \"T01\"\ndevice_type = \"11\"\ndevice_id = \"T0000002\"\nlocation = \"+31.230/+121.470\"\n";
    let text = |text: &str| Some(text.to_owned());
    let terminal = Terminal {
        device_type: "04".to_owned(),
        device_id: text("T0000001"),
        serial_num: text("SN-1"),
        network_license: text("P3100"),
        location: text("+31.230/+121.470"),
        device_ip: text("2001:db8::7"),
        app_version: text("1.2.3"),
        mobile_country_cd: text("460"),
        mobile_net_num: text("00"),
        icc_id: text("8986001234567890123F"),
    };
    let plain = Terminal {
        device_type: "11".to_owned(),
        device_id: text("T0000002"),
        location: text("+31.230/+121.470"),
        ..Terminal::default()
    };
    let till = |outlet| Till { outlet, terminal: "T01".to_owned() };
    let expected = Terminals::new(BTreeMap::from([(till(text("ST001")), terminal), (till(None), plain)]));
    for needs in [Needs::Kind, Needs::Number, Needs::Place, Needs::PlaceOrAddress] {
        let read = terminals(&config("qra", &[all, gun]), needs).unwrap();
        assert_eq!(format!("{read:?}"), format!("{expected:?}"), "{needs:?}");
    }
    assert_eq!(error(Needs::PlaceOrAddress, &[&format!("{T01}device_ip = \"203.0.113.7\"")]), "");
}

#[test]
fn what_is_wrong_is_named_with_terminal_key_and_value() {
    for (line, key, words) in [
        ("outlet = \"一店\"", "一店/T01.outlet", "\"一店\": 1 to 32 of"),
        ("device_id = \"T1\"", "T01.device_id", "\"T1\": 8 letters and digits"),
        ("network_license = \"P310\"", "T01.network_license", "\"P310\": 5 letters"),
        ("location = \"31.23/121.47\"", "T01.location", "\"31.23/121.47\": latitude/longitude"),
        ("device_ip = \"203.0.113\"", "T01.device_ip", "\"203.0.113\": an IPv4 or IPv6 address"),
        ("app_version = \"1.2.3-beta\"", "T01.app_version", "\"1.2.3-beta\": 1 to 8"),
        ("mobile_country_cd = \"46\"", "T01.mobile_country_cd", "\"46\": 3 digits"),
        ("mobile_net_num = \"000\"", "T01.mobile_net_num", "\"000\": 2 digits"),
        ("icc_id = \"8986\"", "T01.icc_id", "\"8986\": 19 or 20"),
    ] {
        let error = error(Needs::Kind, &[&format!("{T01}{line}\n")]);
        let named = error.contains(&format!("accounts.a.terminals.{key}: "));
        assert!(named && error.contains(words), "{line}: {error}");
    }
    for (needs, rows, key, words) in [
        (Needs::Kind, vec!["terminal = \"T 1\"\ndevice_type = \"11\""], "T 1.terminal", "\"T 1\": 1 to 32"),
        (Needs::Kind, vec!["terminal = \"T1\"\ndevice_type = \"14\""], "T1.device_type", "\"14\": 01 to 13"),
        (Needs::Kind, vec!["terminal = \"T1\"\ndevice_type = \"10\""], "T1.serial_num", "type 10 have one"),
        (Needs::Number, vec![T01], "T01.device_id", "qra needs it"),
        (Needs::Place, vec![T01], "T01.location", "qra needs it: latitude/longitude"),
        (Needs::PlaceOrAddress, vec![T01], "T01.location", "this or device_ip"),
        (Needs::Kind, vec![T01, "terminal = \"T01\"\ndevice_type = \"11\""], "T01.terminal", "listed twice"),
        (
            Needs::Kind,
            vec![T01, "terminal = \"T02\"\ndevice_type = \"04\"\nserial_num = \"SN-1\""],
            "T02.serial_num",
            "\"SN-1\": another terminal of this account has it",
        ),
    ] {
        let error = error(needs, &rows);
        let named = error.contains(&format!("accounts.a.terminals.{key}: "));
        assert!(named && error.contains(words), "{key}: {error}");
    }
    let misspelt =
        toml::from_str::<TerminalConfig>("terminal = \"T01\"\ndevice_type = \"11\"\nsecret_text = \"x\"");
    assert!(misspelt.unwrap_err().to_string().contains("secret_text"), "it is of the terminal's own chip");
}

/// icbc.md §3.1, wechat.md §4: no field for them.
#[test]
fn a_channel_without_a_place_for_terminals_says_so() {
    for channel in ["icbc", "wechat_v3"] {
        let config = config(channel, &[T01]);
        let error = super::super::spoken(&config).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(
            error.contains("accounts.a.terminals: ") && error.contains("take [[accounts.terminals]] out"),
            "{error}"
        );
        assert!(none(&AccountConfig { terminals: Vec::new(), ..config }).is_ok());
    }
}

/// From the configuration to the message: the terminal that the till names goes out with its payment.
#[test]
fn a_listed_terminal_goes_out_with_its_own_payment() {
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/../wire/testdata/icbc/test-only-");
    let text = format!(
        r#"
        name = "q"
        channel = "qra"
        namespace = "TEST"
        mch_id = "QRA1"
        sign_type = "RSA_1_256"
        app_private_key = {{ file = "{keys}app2048.key.pem" }}
        platform_public_key = {{ file = "{keys}gw2048.pub.pem" }}
        terminal_info = '{{"device_type":"11","terminal_id":"DEFAULT1"}}'
        [[terminals]]
        terminal = "T01"
        device_type = "11"
        device_id = "T0000001"
        location = "+31.230/+121.470"
        [[terminals]]
        terminal = "T02"
        device_type = "11"
        device_id = "T0000002"
        location = "+31.230/+121.470"
        "#
    );
    let dialect = super::super::spoken(&toml::from_str(&text).unwrap()).unwrap().dialect;
    let opened_at = Time(1_773_537_148_000);
    let intent = Intent {
        id: PaymentId::new(opened_at.0, [0; 10]),
        merchant: MerchantCode::parse("default").unwrap(),
        order_no: OrderNo::parse("20260315-0001").unwrap(),
        attempt: 1,
        channel_order_no: ChannelOrderNo::parse("S20260315091228001").unwrap(),
        amount: Fen::payable(1280).unwrap(),
        account: "q".to_owned(),
        channel: Channel::Qra,
        payee: dialect.payee(),
        opened_at,
    };
    for (terminal, number) in
        [(Some("T01"), "T0000001"), (Some("T02"), "T0000002"), (Some("T03"), "DEFAULT1")]
    {
        let sale = Sale { terminal: terminal.map(str::to_owned), ..Sale::default() };
        let (call, intent, sale, now) = (Call::Submit, &intent, &sale, opened_at);
        let asking = Asking { call, intent, sale, refund: None, code: None, now, nonce: [0; 16] };
        let body = String::from_utf8(dialect.request(&asking).request.body).unwrap();
        let sent: Vec<&str> =
            ["T0000001", "T0000002", "DEFAULT1"].into_iter().filter(|known| body.contains(known)).collect();
        assert_eq!(sent, [number], "{terminal:?}: {body}");
    }
}
