//! ACP with real keys and certificates; the other tests sign with stand-ins.

#![allow(clippy::unwrap_used, reason = "a fixture that does not read is a failed test")]

mod common;

use common::acp::{MER_ID, acp, codes};
use common::{Heard, Till, Tongue};
use simulator::{Account, Settings, Simulator};
use wire::acp::{Registered, Signer, Trust};
use wire::sign::{Certificate, SigningKey};
use wire::text::{Charset, form};

const CODE: &str = "6234567890123456789";
const NUMBER: &str = "S20260315091228001";

/// Real keys and certificates at both ends (unionpay.md §5.1, §12).
#[test]
fn a_certificate_signs_for_each_end() {
    let pem = |name: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../wire/testdata/unionpay/acp");
        std::fs::read_to_string(format!("{folder}/test-only-{name}.pem")).unwrap()
    };
    let key = |name: &str| SigningKey::from_pem_or_base64(&pem(name)).unwrap();
    let certificate = Certificate::from_pem_or_base64(&pem("merchant-sign.cert")).unwrap();
    let account = Account::Acp {
        mer_id: MER_ID.to_owned(),
        registered: Registered {
            cert_id: certificate.serial_decimal().to_owned(),
            key: certificate.key().clone(),
        },
        signer: Signer {
            key: key("unionpay-sign.key"),
            certificate: pem("unionpay-sign.cert").replace('\n', "\r\n"),
        },
    };
    let mut real = acp();
    real.0.key = key("merchant-sign.key");
    real.0.trust = Trust::chain(&pem("root.cert"), &pem("middle.cert")).unwrap();
    let mut till = Till::new(Simulator::new(Settings::new(vec![account]), 7), &real);
    assert_eq!(till.pay(NUMBER, 100, CODE), Heard::Paid { total: 100, paid: 100 });
    let stand_in = acp();
    let fields = form::decode(&stand_in.query(NUMBER, 0).body, Charset::Utf8).unwrap();
    assert_eq!(fields.get("certId"), Some(certificate.serial_decimal()));
    assert_eq!(codes(&mut till, &real, &stand_in.query(NUMBER, 0)), "11", "a stand-in does not sign for it");
}
