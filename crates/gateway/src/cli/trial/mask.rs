//! Takes out of a message what nobody who reads it should learn: codes, signatures, people's and merchants' numbers. The
//! names of the fields stay, and the first two characters of each value.

/// Fields whose values are masked, in the words of every channel.
const NAMES: [&str; 36] = [
    "auth_code",
    "qr_code",
    "qrNo",
    "sign",
    "signature",
    "nonce_str",
    "signPubKeyCert",
    "certId",
    "openid",
    "sub_openid",
    "buyer_user_id",
    "buyer_open_id",
    "buyer_logon_id",
    "accNo",
    "payerInfo",
    "cust_id",
    "card_no",
    "app_auth_token",
    "appid",
    "sub_appid",
    "sp_appid",
    "mch_id",
    "mchid",
    "sub_mch_id",
    "sub_mchid",
    "sp_mchid",
    "channel_id",
    "app_id",
    "seller_id",
    "mer_id",
    "merId",
    "store_id",
    "app_cert_sn",
    "alipay_root_cert_sn",
    "alipay_cert_sn",
    "bank_billno",
];
/// What may stand between a field's name and its value: XML, JSON, forms, JSON in a form, JSON in a JSON string.
const OPENERS: [&str; 8] =
    ["><![CDATA[", "\\\":\\\"", "\":\"", "\": \"", "%22%3A%22", "%22%3A+%22", "=", ">"];
/// What ends a value.
const ENDS: [&str; 7] = ["]]>", "<", "\\\"", "\"", "%22", "&", "\n"];
const SHOWN: usize = 2;

/// The text without the values of [`NAMES`], and without these codes wherever they stand.
pub(super) fn mask(text: &str, codes: &[String]) -> String {
    let mut text = text.to_owned();
    for code in codes.iter().filter(|code| code.len() > SHOWN) {
        let stars = "*".repeat(code.len() - SHOWN);
        text = text.replace(code.as_str(), &format!("{}{stars}", &code[..SHOWN]));
    }
    NAMES.iter().fold(text, |text, name| values(&text, name))
}

/// The text with every value of one field masked.
fn values(text: &str, name: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let part = before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let whole = !part || before.ends_with("%22");
        masked.push_str(&rest[..at + name.len()]);
        rest = after;
        let Some(opener) = OPENERS.iter().find(|opener| whole && after.starts_with(**opener)) else {
            continue;
        };
        let value = &after[opener.len()..];
        let length = ENDS.iter().filter_map(|end| value.find(end)).min().unwrap_or(value.len());
        let shown: String = value[..length].chars().take(SHOWN).collect();
        masked.push_str(opener);
        masked.push_str(&shown);
        if length > shown.len() {
            masked.push_str("***");
        }
        rest = &value[length..];
    }
    masked.push_str(rest);
    masked
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn every_form_is_masked_and_nothing_else() {
        let codes = ["130000000000000001".to_owned()];
        for (said, shown) in [
            ("<mch_id><![CDATA[1900000109]]></mch_id>", "<mch_id><![CDATA[19***]]></mch_id>"),
            ("<mch_id>1900000109</mch_id><x>1</x>", "<mch_id>19***</mch_id><x>1</x>"),
            (r#"{"openid":"oUpF8uMuAJO","total":1}"#, r#"{"openid":"oU***","total":1}"#),
            ("merId=777000000000001&txnAmt=1", "merId=77***&txnAmt=1"),
            (
                "biz=%7B%22auth_code%22%3A%22130000000000000001%22%7D",
                "biz=%7B%22auth_code%22%3A%2213***%22%7D",
            ),
            ("biz=%7B%22seller_id%22%3A%222088990000000012%22%7D", "biz=%7B%22seller_id%22%3A%2220***%22%7D"),
            (r#"{"c":"{\"cust_id\":\"0200AB\"}"}"#, r#"{"c":"{\"cust_id\":\"02***\"}"}"#),
            ("seen 130000000000000001 here", "seen 13**************** here"),
            ("sign_type=RSA2&sign=abcdef", "sign_type=RSA2&sign=ab***"),
            ("out_trade_no=TEST1&designation=x", "out_trade_no=TEST1&designation=x"),
            ("<sign></sign>", "<sign></sign>"),
        ] {
            assert_eq!(mask(said, &codes), shown);
        }
    }
}
