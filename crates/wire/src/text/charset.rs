//! The two charsets that the channels write: UTF-8, and GBK where old systems shine through.

use encoding_rs::{GB18030, GBK};

/// A declared charset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// `utf-8`
    #[default]
    Utf8,
    /// `gbk` and its part `gb2312`; read as their superset GB18030.
    Gbk,
}

impl Charset {
    /// The charset of that name in any case; `None` for one that no channel takes (alipay.md §2.2).
    pub fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "gbk" | "gb2312" | "gb18030" => Some(Self::Gbk),
            _ => None,
        }
    }

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Gbk => "gbk",
        }
    }

    /// Bytes as text; `None` when they are not of this charset.
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
            Self::Gbk => GB18030
                .decode_without_bom_handling_and_without_replacement(bytes)
                .map(|text| text.into_owned()),
        }
    }

    /// Text as bytes. What GBK cannot hold, such as an emoji, becomes `?`, as the channel's own systems do it
    /// (alipay.md §11).
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Gbk => text.chars().flat_map(gbk_or_question_mark).collect(),
        }
    }
}

fn gbk_or_question_mark(character: char) -> Vec<u8> {
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = GBK.encode(character.encode_utf8(&mut buffer));
    if unmappable { b"?".to_vec() } else { bytes.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        assert_eq!(Charset::Gbk.encode("热🍜1"), [0xC8, 0xC8, b'?', b'1']);
        assert_eq!(Charset::Gbk.decode(&[0xC8, 0xC8]).as_deref(), Some("热"));
        assert_eq!((Charset::Gbk.decode(&[0xC8]), Charset::Utf8.decode(&[0xC8, 0xC8])), (None, None));
        assert_eq!(Charset::from_name("GB2312"), Some(Charset::Gbk));
        assert_eq!((Charset::from_name("UTF-8"), Charset::from_name("latin1")), (Some(Charset::Utf8), None));
    }
}
