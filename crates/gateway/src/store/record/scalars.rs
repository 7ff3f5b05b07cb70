//! The words, numbers and identities inside a record, each checked as it is read.

use std::fmt;

use payment::auth_code::Wallet;
use payment::exchange::{Call, CannotWhy, DeclineReason, RefundReason, ReversedHow};
use payment::ids::{
    ChannelOrderNo, ChannelRefundNo, CodeFingerprint, MerchantCode, OrderNo, PaymentId, RefundId, RefundNo,
    parse_id, print_id,
};
use payment::money::Fen;
use payment::patience::Channel;
use payment::payment::CaseKind;
use payment::refund::RefundPhase;
use payment::reversal::ReversalStatus;
use payment::watch::{Plan, Stands};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A value that a record holds as one text.
pub(super) trait Textual: Sized {
    /// The text.
    fn print(&self) -> String;
    /// Reads it; the error names the text.
    fn read(text: &str) -> Result<Self, String>;
}

/// Holds a [`Textual`] value in a record.
pub(super) struct Text<T>(pub(super) T);

impl<T: Textual> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.print())
    }
}

impl<'de, T: Textual> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text<T>, D::Error> {
        let text = String::deserialize(deserializer)?;
        T::read(&text).map(Text).map_err(de::Error::custom)
    }
}

/// Holds an amount in a record, as an integer number of fen.
pub(super) struct Amount(pub(super) Fen);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0.fen())
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
        Fen::new(i64::deserialize(deserializer)?).map(Amount).map_err(de::Error::custom)
    }
}

/// The identity of a case.
pub(super) struct CaseId(pub(super) u128);

/// The identity of a reversal.
pub(super) struct ReversalId(pub(super) u128);

impl Textual for CaseId {
    fn print(&self) -> String {
        print_id(self.0, "case_")
    }

    fn read(text: &str) -> Result<CaseId, String> {
        parse_id(text, "case_").map(CaseId).ok_or_else(|| format!("{text:?} is no case id"))
    }
}

impl Textual for ReversalId {
    fn print(&self) -> String {
        print_id(self.0, "rev_")
    }

    fn read(text: &str) -> Result<ReversalId, String> {
        parse_id(text, "rev_").map(ReversalId).ok_or_else(|| format!("{text:?} is no reversal id"))
    }
}

impl Textual for PaymentId {
    fn print(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Result<PaymentId, String> {
        PaymentId::parse(text).map_err(said)
    }
}

impl Textual for MerchantCode {
    fn print(&self) -> String {
        self.as_str().to_owned()
    }

    fn read(text: &str) -> Result<MerchantCode, String> {
        MerchantCode::parse(text).map_err(said)
    }
}

impl Textual for OrderNo {
    fn print(&self) -> String {
        self.as_str().to_owned()
    }

    fn read(text: &str) -> Result<OrderNo, String> {
        OrderNo::parse(text).map_err(said)
    }
}

impl Textual for ChannelOrderNo {
    fn print(&self) -> String {
        self.as_str().to_owned()
    }

    fn read(text: &str) -> Result<ChannelOrderNo, String> {
        ChannelOrderNo::parse(text).map_err(said)
    }
}

impl Textual for RefundId {
    fn print(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Result<RefundId, String> {
        RefundId::parse(text).map_err(said)
    }
}

impl Textual for RefundNo {
    fn print(&self) -> String {
        self.as_str().to_owned()
    }

    fn read(text: &str) -> Result<RefundNo, String> {
        RefundNo::stored(text).map_err(said)
    }
}

impl Textual for ChannelRefundNo {
    fn print(&self) -> String {
        self.as_str().to_owned()
    }

    fn read(text: &str) -> Result<ChannelRefundNo, String> {
        ChannelRefundNo::parse(text).map_err(said)
    }
}

fn said(error: impl fmt::Display) -> String {
    error.to_string()
}

impl Textual for CodeFingerprint {
    fn print(&self) -> String {
        use fmt::Write;
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a String takes everything");
            text
        })
    }

    fn read(text: &str) -> Result<CodeFingerprint, String> {
        let nibble = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let mut print = [0_u8; 32];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let fits = pairs.len() == print.len() && rest.is_empty();
        let read = pairs.iter().zip(&mut print).try_for_each(|([high, low], byte)| {
            *byte = nibble(*high)? << 4 | nibble(*low)?;
            Some(())
        });
        match read {
            Some(()) if fits => Ok(CodeFingerprint(print)),
            Some(()) | None => Err(format!("{text:?} is no fingerprint of 64 hexadecimal digits")),
        }
    }
}

/// Makes an enum [`Textual`]: by its own `word()`, or by words given here. The match is what keeps the list complete.
macro_rules! worded {
    ($type:ident, $what:literal, [$($variant:ident),+ $(,)?]) => {
        worded!($type, $what, { $($variant => $type::$variant.word()),+ });
    };
    ($type:ident, $what:literal, { $($variant:ident => $word:expr),+ $(,)? }) => {
        impl Textual for $type {
            fn print(&self) -> String {
                match self { $($type::$variant => $word),+ }.to_owned()
            }

            fn read(text: &str) -> Result<$type, String> {
                pick(text, $what, &[$(($word, $type::$variant)),+])
            }
        }
    };
}

worded!(Wallet, "wallet", [Wechat, Alipay, UnionPay]);
worded!(Channel, "channel", [WechatV2, WechatV3, Alipay, Qra, Acp, Icbc]);
worded!(Call, "call", [Submit, Query, Reverse, Refund, RefundQuery]);
worded!(
    CaseKind,
    "kind of case",
    [
        PaidDiffers,
        ReversalRefused,
        ReversalStuck,
        LateMoney,
        PaidThenClosed,
        RefundFunds,
        RefundStuck,
        RefundAbnormal,
        RefundDiffers,
    ]
);
worded!(RefundPhase, "phase of a refund", {
    Opened => "opened",
    Asking => "asking",
    Pending => "pending",
    Succeeded => "succeeded",
    Failed => "failed",
});
worded!(
    RefundReason,
    "reason why a refund failed",
    [
        Funds,
        WindowOver,
        PayerAccount,
        AmountExceeded,
        TooManyParts,
        NothingLeft,
        NotAllowed,
        Configuration,
        ClosedByChannel,
        Refused,
        Settled,
    ]
);
worded!(ReversalStatus, "status of a reversal", [Pending, Done, Failed]);
worded!(Plan, "plan of a watch", [Full, Declined, Closed]);
worded!(Stands, "standing of a watched payment", { Unpaid => "unpaid", Paid => "paid" });
worded!(ReversedHow, "outcome of a reversal", {
    Closed => "closed",
    Refunded => "refunded",
    Unsaid => "unsaid",
});
worded!(CannotWhy, "reason why a channel cannot reverse", {
    Window => "window",
    Funds => "funds",
    Refunded => "refunded",
    NotAllowed => "not_allowed",
});
worded!(
    DeclineReason,
    "reason of a failure",
    [
        InsufficientFunds,
        CodeExpired,
        CodeUsed,
        CodeInvalid,
        PayerLimit,
        MerchantLimit,
        RiskRefused,
        CardNotAccepted,
        PayerAccount,
        CustomerTimeout,
        Refused,
        MerchantNotAllowed,
        Configuration,
        NeverAsked,
        Canceled,
        Settled,
    ]
);

/// Finds a word among the known ones.
pub(super) fn pick<T: Clone>(text: &str, what: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| value.clone()).ok_or_else(|| {
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        format!("{text:?} is no {what}; known are {}", words.join(", "))
    })
}
