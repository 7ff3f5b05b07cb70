//! Flat XML: every form the channel may send, and every trick that must not work.

use proptest::prelude::*;
use wire::text::xml::{self, LIMITS, Limits, XmlError};
use wire::text::{DuplicateName, Fields};

#[test]
fn accepts_every_harmless_form() {
    for (document, pairs) in [
        ("<xml/>", vec![]),
        ("<xml></xml>", vec![]),
        ("<xml><a>1</a></xml>", vec![("a", "1")]),
        (
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!-- c -->\n<xml >\n\t<a>1</a>\n</xml>\n",
            vec![("a", "1")],
        ),
        (
            "<?xml version='1.0'?><xml><a/><b></b><c><![CDATA[]]></c></xml>",
            vec![("a", ""), ("b", ""), ("c", "")],
        ),
        ("<xml><a>x<![CDATA[<&]]>y<!-- c -->z</a></xml>", vec![("a", "x<&yz")]),
        ("<xml><a> 1 </a><b>\n</b></xml>", vec![("a", " 1 "), ("b", "\n")]),
        ("<xml><a>R&amp;D &lt;b&gt; &quot;&apos;</a></xml>", vec![("a", "R&D <b> \"'")]),
        ("<xml><a>&#28909;&#x70ED;&#13;</a></xml>", vec![("a", "热热\r")]),
        ("<xml><a><![CDATA[&amp;]]></a></xml>", vec![("a", "&amp;")]),
        ("<xml><a>]]]]><![CDATA[>]]></a></xml>", vec![("a", "]]]]>>")]),
        ("<xml><coupon_fee_0>0</coupon_fee_0></xml>", vec![("coupon_fee_0", "0")]),
        ("<xml><a>\r\n</a></xml>", vec![("a", "\r\n")]),
    ] {
        assert_eq!(xml::parse(document.as_bytes(), LIMITS), Ok(Fields::from_iter(pairs)), "{document}");
    }
}

#[test]
fn refuses_doctypes_bombs_and_outside_entities() {
    let billion_laughs = "<?xml version=\"1.0\"?><!DOCTYPE xml [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">\
        <!ENTITY c \"&b;&b;&b;&b;\">]><xml><x>&c;</x></xml>";
    let outside = "<!DOCTYPE xml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><xml><a>&x;</a></xml>";
    for document in [
        billion_laughs,
        outside,
        "<!DOCTYPE xml><xml/>",
        "<xml/><!DOCTYPE xml>",
        "<?php x?><xml/>",
        "<xml><?a b?></xml>",
    ] {
        assert_eq!(xml::parse(document.as_bytes(), LIMITS), Err(XmlError::Forbidden), "{document}");
    }
    for name in ["x", "nbsp", "#0", "#xD800", "#x110000", "#1", "#xFFFE", "AMP"] {
        let document = format!("<xml><a>&{name};</a></xml>");
        assert_eq!(xml::parse(document.as_bytes(), LIMITS), Err(XmlError::Entity(name.to_owned())));
    }
}

#[test]
fn refuses_what_could_mean_two_things() {
    let duplicate = XmlError::Duplicate(DuplicateName("a".to_owned()));
    for (document, error) in [
        ("<xml><a>1</a><b/><a>1</a></xml>", duplicate.clone()),
        ("<xml><a>1</a><a/></xml>", duplicate),
        ("<xml><a><b>1</b></a></xml>", XmlError::Nested("a".to_owned())),
        ("<xml><a><b/></a></xml>", XmlError::Nested("a".to_owned())),
        ("<xml><a x='1'>1</a></xml>", XmlError::Attributes("a".to_owned())),
        ("<xml xmlns='u'/>", XmlError::Attributes("xml".to_owned())),
        ("<html/>", XmlError::Shape),
        ("<XML><a>1</a></XML>", XmlError::Shape),
        ("<xml/><xml/>", XmlError::Shape),
        ("<xml>text</xml>", XmlError::Shape),
        ("<xml><![CDATA[ ]]></xml>", XmlError::Shape),
        ("<xml>&amp;</xml>", XmlError::Shape),
        ("<xml/>x", XmlError::Shape),
        ("x<xml/>", XmlError::Shape),
        ("<xml><a>1</a>", XmlError::Shape),
        ("<xml><a>1", XmlError::Shape),
        ("", XmlError::Shape),
        ("\u{FEFF}<xml/>", XmlError::Charset),
        ("<?xml version='1.0' encoding='GBK'?><xml/>", XmlError::Charset),
        ("<xml><a>\u{0}</a></xml>", XmlError::Charset),
        ("<xml><a>\u{8}</a></xml>", XmlError::Charset),
    ] {
        assert_eq!(xml::parse(document.as_bytes(), LIMITS), Err(error), "{document}");
    }
    let late = b"<xml/><?xml version='1.0'?>";
    assert!(xml::parse(late, LIMITS).is_err());
    assert_eq!(xml::parse(b"<xml><a>\xC8\xC8</a></xml>", LIMITS), Err(XmlError::Charset));
}

#[test]
fn refuses_what_is_not_well_formed() {
    for document in [
        "<xml><a>1</b></xml>",
        "<xml><a>1</a></xml></xml>",
        "<xml><a>R&D</a></xml>",
        "<xml><a>&amp</a></xml>",
        "<xml><a><![CDATA[1</a></xml>",
        "<xml><n:a>1</n:a></xml>",
        "<xml><1>1</1></xml>",
        "<xml><!-- </xml>",
        "<xml",
    ] {
        let refused = xml::parse(document.as_bytes(), LIMITS);
        assert!(matches!(refused, Err(XmlError::Malformed(_) | XmlError::Shape)), "{document}: {refused:?}");
    }
}

#[test]
fn keeps_its_limits() {
    let limits = Limits { bytes_max: 64, elements_max: 2 };
    assert!(xml::parse(b"<xml><a/><b/></xml>", limits).is_ok());
    assert_eq!(xml::parse(b"<xml><a/><b/><c/></xml>", limits), Err(XmlError::TooMany));
    assert_eq!(xml::parse(&[b' '; 65], limits), Err(XmlError::TooLong(65)));
    assert_eq!(xml::parse(&vec![b'<'; LIMITS.bytes_max + 1], LIMITS), Err(XmlError::TooLong(65_537)));
    let deep = format!("<xml>{}", "<a>".repeat(20_000));
    assert_eq!(xml::parse(deep.as_bytes(), LIMITS), Err(XmlError::Nested("a".to_owned())));
}

#[test]
fn prints_amounts_plain_and_everything_else_so_that_it_survives() {
    let fields = Fields::from_iter([
        ("total_fee", "1250"),
        ("coupon_fee_0", "5"),
        ("coupon_count", "1"),
        ("fee_type", "CNY"),
        ("transaction_id", "42"),
        ("a", "x]]>y"),
        ("b", "\r"),
        ("cash_fee", ""),
    ]);
    let printed = String::from_utf8(xml::print(&fields)).unwrap();
    let expected = "<xml>\n<total_fee>1250</total_fee>\n<coupon_fee_0>5</coupon_fee_0>\n\
        <coupon_count>1</coupon_count>\n<fee_type><![CDATA[CNY]]></fee_type>\n\
        <transaction_id><![CDATA[42]]></transaction_id>\n<a><![CDATA[x]]]]><![CDATA[>y]]></a>\n\
        <b>&#13;</b>\n<cash_fee><![CDATA[]]></cash_fee>\n</xml>";
    assert_eq!(printed, expected);
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same(
        pairs in prop::collection::btree_map("[a-z_][a-z0-9_]{0,10}", "([\\PC\r\n\t]|\\]\\]>|<!\\[CDATA\\[|&amp;){0,30}", 0..12),
    ) {
        let fields: Fields = pairs.into_iter().collect();
        prop_assert_eq!(xml::parse(&xml::print(&fields), LIMITS), Ok(fields));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = xml::parse(&bytes, LIMITS);
    }

    #[test]
    fn no_markup_makes_it_panic(
        pieces in prop::collection::vec(
            prop::sample::select(vec!["<xml>", "</xml>", "<a>", "</a>", "<b/>", "<![CDATA[", "]]>", "&amp;", "&", ";",
                "<!--", "-->", "<?", "?>", "<!DOCTYPE", ">", "1", " ", "\n", "\""]), 0..24),
    ) {
        let document = pieces.concat();
        if let Ok(fields) = xml::parse(document.as_bytes(), LIMITS) {
            prop_assert_eq!(xml::parse(&xml::print(&fields), LIMITS), Ok(fields));
        }
    }
}

/// B18, planted, breaks the refusal above: so that refusal can fail.
#[cfg(feature = "planted")]
#[test]
fn a_planted_last_duplicate_wins_is_found() {
    let document = b"<xml><total_fee>1</total_fee><total_fee>9</total_fee></xml>";
    wire::planted::plant_last_duplicate_wins(true);
    let planted = xml::parse(document, LIMITS);
    wire::planted::plant_last_duplicate_wins(false);
    assert_eq!(
        planted.ok().and_then(|fields| fields.get("total_fee").map(str::to_owned)).as_deref(),
        Some("9")
    );
    assert!(xml::parse(document, LIMITS).is_err());
}
