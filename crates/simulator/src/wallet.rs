//! The payers' wallets: which codes they show, and what their owner sees of the ledger.
//!
//! A wallet keeps no book of its own: what it shows is read from the channel's ledger, so it can never disagree with it.

use crate::book::{Book, Code, Key, Order, State};

/// An app that shows payment codes.
#[derive(Clone, Copy, Debug)]
pub struct Wallet {
    /// Its name in the API: `wechat`, `alipay`, `unionpay`.
    pub name: &'static str,
    /// Its name, in Chinese.
    pub zh: &'static str,
    /// Its name, in English.
    pub en: &'static str,
    /// The first two digits of the codes that it shows here.
    pub prefix: &'static str,
    /// How many digits the codes that it shows here have.
    pub length: usize,
    /// The first two digits of any code of its, from and to (unionpay.md §2).
    prefixes: (u8, u8),
    /// How many digits any code of its has, from and to.
    lengths: (usize, usize),
}

const WALLETS: &[Wallet] = &[
    Wallet {
        name: "wechat",
        zh: "微信支付",
        en: "WeChat Pay",
        prefix: "13",
        length: 18,
        prefixes: (10, 15),
        lengths: (18, 18),
    },
    Wallet {
        name: "alipay",
        zh: "支付宝",
        en: "Alipay",
        prefix: "28",
        length: 18,
        prefixes: (25, 30),
        lengths: (16, 24),
    },
    Wallet {
        name: "unionpay",
        zh: "云闪付",
        en: "UnionPay",
        prefix: "62",
        length: 19,
        prefixes: (62, 62),
        lengths: (19, 19),
    },
];

impl Wallet {
    /// Whether a code is of this wallet, whatever channel it goes over.
    pub fn issues(&self, code: &str) -> bool {
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = code.get(..2).and_then(|prefix| prefix.parse::<u8>().ok());
        let (first, last) = self.prefixes;
        let (shortest, longest) = self.lengths;
        digits
            && (shortest..=longest).contains(&code.len())
            && prefix.is_some_and(|prefix| (first..=last).contains(&prefix))
    }
}

/// Every wallet that has a channel here.
pub fn all() -> &'static [Wallet] {
    WALLETS
}

/// The wallet of a name.
pub fn find(name: &str) -> Option<&'static Wallet> {
    WALLETS.iter().find(|wallet| wallet.name == name)
}

/// The wallet that issued a code.
pub(crate) fn of_code(code: &str) -> Option<&'static Wallet> {
    WALLETS.iter().find(|wallet| wallet.issues(code))
}

/// What was paid with a wallet's codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purse {
    /// Ever charged, fen, over all orders.
    pub charged: i64,
    /// Ever given back, fen, over all orders.
    pub returned: i64,
    /// The latest spent codes, newest first.
    pub spendings: Vec<Spending>,
}

/// One code that was spent, and what came of its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spending {
    /// The code.
    pub code: String,
    /// The merchant's channel order number.
    pub out_trade_no: String,
    /// The merchant's number at the channel.
    pub merchant: String,
    /// When the channel saw the code first, unix ms.
    pub at: i64,
    /// What the payer was asked to pay, fen; 0 when it was declined without a question.
    pub amount: i64,
    /// Ever charged, fen.
    pub charged: i64,
    /// Ever given back, fen.
    pub returned: i64,
    /// How it stands.
    pub standing: Standing,
}

/// How a spent code's order stands in the payer's eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The payment was declined without a question, and nothing was charged.
    Declined,
    /// The payer is being asked.
    Asking,
    /// Charged.
    Paid,
    /// The payer refused.
    Refused,
    /// The question, or the order, ran out.
    Lapsed,
    /// Undone by the merchant; what was charged went back.
    Reversed,
}

/// The purse of a wallet, with so many spendings at the most.
pub(crate) fn purse<'a>(book: &'a Book, wallet: &Wallet, spendings_max: usize) -> Purse {
    let mut purse = Purse::default();
    for order in book.orders.values().filter(|order| wallet.issues(&order.code)) {
        purse.charged += order.charged;
        purse.returned += order.returned;
    }
    // Only references are sorted: a ledger may be long, a phone is short.
    let spent = |(text, code): (&'a String, &'a Code)| {
        let key = code.order.as_ref().filter(|_| wallet.issues(text))?;
        let order = book.order(key)?;
        Some((code.seen_ms, text, key, order))
    };
    let mut spent: Vec<_> = book.codes.iter().filter_map(spent).collect();
    spent.sort_unstable_by(|one, other| (other.0, other.1).cmp(&(one.0, one.1)));
    spent.truncate(spendings_max);
    purse.spendings =
        spent.into_iter().map(|(at, code, key, order)| spending(code, at, key, order)).collect();
    purse
}

fn spending(code: &str, at: i64, key: &Key, order: &Order) -> Spending {
    let mut spending = Spending {
        code: code.to_owned(),
        out_trade_no: key.order_no().to_owned(),
        merchant: merchant(key).to_owned(),
        at,
        amount: 0,
        charged: 0,
        returned: 0,
        standing: Standing::Declined,
    };
    // A code that was declined keeps naming the number; another one may have opened its order since.
    if order.code == code {
        spending.amount = order.payable();
        spending.charged = order.charged;
        spending.returned = order.returned;
        spending.standing = standing(order);
    }
    spending
}

fn standing(order: &Order) -> Standing {
    let asked = order.past.iter().any(|(_, state)| *state == State::Asking);
    if !asked && order.charged == 0 {
        return Standing::Declined;
    }
    match order.state {
        State::Absent | State::Barred => Standing::Declined,
        State::Asking => Standing::Asking,
        State::Paid => Standing::Paid,
        State::Unpaid => Standing::Refused,
        State::Lapsed | State::Closed => Standing::Lapsed,
        State::Reversed => Standing::Reversed,
    }
}

/// The merchant's number at the channel: an account is the channel's word, a slash and the number.
pub(crate) fn merchant(key: &Key) -> &str {
    key.account.rsplit_once('/').map_or("", |(_, number)| number)
}
