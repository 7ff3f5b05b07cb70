//! Every published APIv2 signature, by the crate and by the second implementation.

use std::collections::BTreeMap;

use proptest::prelude::*;
use wire::sign::{ApiKey, V2SignType, v2_sign, v2_verify};
use wire::text::Fields;

use crate::{WECHAT_KEY, independent, testdata_json};

#[test]
fn every_published_signature_is_reproduced() {
    let file = testdata_json("wechat/v2-sign-vectors.json");
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 7);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().unwrap();
        let mut params: BTreeMap<String, String> = serde_json::from_value(vector["params"].clone()).unwrap();
        let fields: Fields = params.clone().into_iter().rev().collect();
        let key = ApiKey::new(text("key")).unwrap();
        let sign_type = V2SignType::from_name(text("sign_type")).unwrap();
        assert_eq!(v2_sign(&fields, &key, sign_type), text("sign"), "{}", text("name"));
        assert_eq!(independent::wechat_v2(&params, text("key"), text("sign_type")), text("sign"));
        params.insert("sign".to_owned(), text("sign").to_owned());
        assert!(v2_verify(&params.into_iter().collect(), &key, sign_type));
    }
}

#[test]
fn a_missing_short_or_lower_case_sign_is_invalid() {
    let key = ApiKey::new(WECHAT_KEY).unwrap();
    let mut fields = Fields::from_iter([("a", "1")]);
    assert!(!v2_verify(&fields, &key, V2SignType::Md5));
    let sign = v2_sign(&fields, &key, V2SignType::Md5);
    for wrong in ["", &sign[..31], &sign.to_lowercase(), &format!("{sign} ")] {
        fields.insert("sign", wrong);
        assert!(!v2_verify(&fields, &key, V2SignType::Md5), "{wrong:?}");
    }
    fields.insert("sign", sign);
    assert!(v2_verify(&fields, &key, V2SignType::Md5));
    assert!(!v2_verify(&fields, &key, V2SignType::HmacSha256));
}

proptest! {
    #[test]
    fn both_implementations_agree(
        params in prop::collection::btree_map("[A-Za-z_][A-Za-z0-9_]{0,8}", "\\PC{0,60}", 0..12),
        hmac in any::<bool>(),
    ) {
        let key = ApiKey::new(WECHAT_KEY).unwrap();
        let sign_type = if hmac { V2SignType::HmacSha256 } else { V2SignType::Md5 };
        let fields: Fields = params.clone().into_iter().collect();
        prop_assert_eq!(
            v2_sign(&fields, &key, sign_type),
            independent::wechat_v2(&params, WECHAT_KEY, sign_type.name())
        );
    }
}
