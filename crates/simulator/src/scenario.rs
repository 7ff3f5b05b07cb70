//! The scenarios of the simulator as data: a code's digits choose a script for payer and faults, and nothing else.
//! What goes over the wire comes only from the ledger and its states; no channel file knows of scenarios.
//!
//! A scenario code is a prefix (2 digits), `0000`, the scenario (3 digits) and a free tail, in the wallet's length.

use crate::fault::{Call, Conduct, Coupon, End, Expiry, Fault, Paper, Script, Word, Work};
use crate::payer::{Decline, Plan};
use crate::refund::Course;

/// A scenario as a listing shows it.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Three digits of a code, 0 to 999.
    pub number: u16,
    /// What happens, in Chinese.
    pub zh: &'static str,
    /// What happens, in English.
    pub en: &'static str,
    /// The public status that a right client ends with: `paid`, `failed`, `reversed` or `suspended`.
    pub status: &'static str,
    charged: Money,
    net: Money,
    part: Part,
}

/// An expected sum as a function of the order amount.
#[derive(Clone, Copy, Debug)]
enum Money {
    Nothing,
    Amount,
    /// The amount without the coupon.
    Payable,
    /// Depends on what the merchant does later.
    Unsaid,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Scripted {
        plan: Plan,
        coupon: Coupon,
        expiry: Expiry,
        faults: &'static [Fault],
    },
    /// Pays at once; what is scripted are the refunds.
    Refunds(Course),
    /// The script belongs to bills, which this simulator does not serve yet.
    Later,
}

impl Scenario {
    /// What the payer is charged in all, fen; `None` where the scenario does not say.
    pub fn charged(&self, amount: i64) -> Option<i64> {
        self.charged.of(amount)
    }

    /// Charged minus returned at the end of the payment, before any refund, fen; `None` where the scenario does not say.
    pub fn net(&self, amount: i64) -> Option<i64> {
        self.net.of(amount)
    }

    /// Whether the simulator plays it; the others are bill scripts, known by name only. Their codes are plain codes for
    /// now.
    pub fn is_played(&self) -> bool {
        !matches!(self.part, Part::Later)
    }

    /// A code of this scenario: `prefix` (two digits) and the tail's digits, as many as the length leaves room for.
    pub fn code(&self, prefix: &str, length: usize, tail: u64) -> String {
        let width = length.saturating_sub(9);
        let tail = format!("{tail:0width$}");
        let kept = &tail[tail.len().saturating_sub(width)..];
        format!("{prefix}0000{:03}{kept}", self.number)
    }

    pub(crate) fn script(&self) -> Option<Script> {
        match self.part {
            Part::Scripted { plan, coupon, expiry, faults } => {
                let refunds = Course::AtOnce;
                Some(Script { plan, coupon, expiry, faults: faults.to_vec(), refunds })
            }
            Part::Refunds(refunds) => Some(Script { refunds, ..Script::plain(Plan::AtOnce, &[]) }),
            Part::Later => None,
        }
    }
}

impl Money {
    fn of(self, amount: i64) -> Option<i64> {
        match self {
            Self::Nothing => Some(0),
            Self::Amount => Some(amount),
            Self::Payable => Some(amount - Coupon::Fifth.discount(amount)),
            Self::Unsaid => None,
        }
    }
}

/// Every scenario, in the order of the numbers.
pub fn all() -> &'static [Scenario] {
    SCENARIOS
}

/// The scenario of a number.
pub fn find(number: u16) -> Option<&'static Scenario> {
    SCENARIOS.iter().find(|scenario| scenario.number == number)
}

/// The script that a payment code's digits choose; none for a plain code.
pub(crate) fn of_code(code: &str) -> Option<Script> {
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    let marked = digits && code.len() >= 9 && &code[2..6] == "0000";
    marked.then(|| of_name(&code[6..9])).flatten()
}

/// The script that three digits choose.
pub(crate) fn of_name(name: &str) -> Option<Script> {
    let number = (name.len() == 3).then(|| name.parse().ok()).flatten()?;
    find(number)?.script()
}

const fn always(call: Call, conduct: Conduct) -> Fault {
    Fault { call, from: 1, to: u32::MAX, conduct }
}

const fn first(call: Call, count: u32, conduct: Conduct) -> Fault {
    Fault { call, from: 1, to: count, conduct }
}

const fn played(plan: Plan, faults: &'static [Fault]) -> Part {
    Part::Scripted { plan, coupon: Coupon::None, expiry: Expiry::On, faults }
}

const fn declined(why: Decline) -> Part {
    played(Plan::Declined { why, charged_after_ms: None }, &[])
}

const SOON: Plan = Plan::Confirms { after_ms: 5_000 };

macro_rules! scenarios {
    ($( $number:literal $part:expr, $status:literal, $charged:ident $net:ident, $zh:literal, $en:literal; )*) => {
        &[ $( Scenario {
            number: $number, zh: $zh, en: $en, status: $status,
            charged: Money::$charged, net: Money::$net, part: $part,
        }, )* ]
    };
}

#[rustfmt::skip]
const SCENARIOS: &[Scenario] = scenarios! {
    0 played(Plan::AtOnce, &[]), "paid", Amount Amount,
        "立即支付成功", "pays at once";
    1 played(Plan::AtOnce, &[always(Call::Pay, Conduct::slow(2_000))]), "paid", Amount Amount,
        "应答缓慢（2 秒）", "slow answer (2 s)";
    101 played(SOON, &[]), "paid", Amount Amount,
        "需输密码，5 秒后确认", "password, confirms after 5 s";
    102 played(Plan::Confirms { after_ms: 25_000 }, &[]), "paid", Amount Amount,
        "需输密码，25 秒后确认", "password, confirms after 25 s";
    103 played(Plan::Refuses { after_ms: 8_000 }, &[]), "reversed", Nothing Nothing,
        "8 秒后在手机上拒绝", "refuses on the phone after 8 s";
    104 played(Plan::Never, &[]), "reversed", Nothing Nothing,
        "一直不确认", "never confirms";
    105 played(Plan::WithReverse, &[]), "reversed", Amount Nothing,
        "在撤销的同一瞬间确认", "confirms in the same instant as the reverse";
    106 played(Plan::Phone, &[]), "reversed", Nothing Nothing,
        "等待手机页面操作；无人操作则一直不确认", "waits for the phone page; untouched, it never confirms";
    201 declined(Decline::NoFunds), "failed", Nothing Nothing, "余额不足", "no funds";
    202 declined(Decline::CodeExpired), "failed", Nothing Nothing, "付款码已过期", "code expired";
    203 declined(Decline::CodeUsed), "failed", Nothing Nothing, "付款码已使用", "code used";
    204 declined(Decline::CodeMalformed), "failed", Nothing Nothing, "付款码无效", "code malformed";
    205 declined(Decline::OverLimit), "failed", Nothing Nothing, "超出付款人限额", "above the payer's limit";
    206 declined(Decline::Risk), "failed", Nothing Nothing, "风控拒绝", "refused by risk control";
    207 declined(Decline::CardType), "failed", Nothing Nothing, "卡种不支持", "card type not accepted";
    208 declined(Decline::Frozen), "failed", Nothing Nothing, "付款人账户冻结", "payer's account frozen";
    209 declined(Decline::MerchantMayNot), "failed", Nothing Nothing,
        "商户无此权限（配置问题）", "the merchant may not (configuration)";
    301 played(Plan::AtOnce, &[always(Call::Pay, Conduct::saying(Word::SystemError))]), "paid", Amount Amount,
        "已扣款，但应答系统错误", "charged, but the answer is a system error";
    302 played(Plan::AtOnce, &[always(Call::Pay, Conduct::refusing(Word::SystemError))]),
        "reversed", Nothing Nothing,
        "系统错误，订单未创建", "system error, never created";
    303 played(Plan::AtOnce, &[always(Call::Pay, Conduct::ending(Work::Done, End::Cut))]), "paid", Amount Amount,
        "已扣款，但连接中断", "charged, but the connection is cut";
    304 played(Plan::AtOnce, &[always(Call::Pay, Conduct::ending(Work::NotDone, End::Cut))]),
        "reversed", Nothing Nothing,
        "连接中断，订单未创建", "connection cut, never created";
    305 played(Plan::AtOnce, &[always(Call::Pay, Conduct::ending(Work::Done, End::Silence { ms: 60_000 }))]),
        "paid", Amount Amount,
        "已扣款，但 60 秒无应答", "charged, but no answer for 60 s";
    306 played(Plan::AtOnce, &[always(Call::Pay, Conduct::on(Paper::BadGateway))]), "paid", Amount Amount,
        "已扣款，但应答为 HTML 502", "charged, but the answer is an HTML 502";
    307 played(Plan::AtOnce, &[always(Call::Pay, Conduct::on(Paper::WrongSignature))]), "paid", Amount Amount,
        "已扣款，但应答签名错误", "charged, but the answer is wrongly signed";
    308 played(Plan::AtOnce, &[always(Call::Pay, Conduct::ending(Work::Done, End::Half))]), "paid", Amount Amount,
        "已扣款，但应答被截断", "charged, but the answer is cut in the middle";
    309 played(SOON, &[first(Call::Query, 2, Conduct::refusing(Word::Limited))]), "paid", Amount Amount,
        "前两次查询被限流", "the first two queries are rate limited";
    310 played(Plan::AtOnce, &[always(Call::Pay, Conduct::on(Paper::Charset))]), "paid", Amount Amount,
        "应答字符集错误并带 BOM", "wrong character set and a BOM in the answer";
    401 played(SOON, &[first(Call::Query, 3, Conduct::refusing(Word::SystemError))]), "paid", Amount Amount,
        "前三次查询失败", "the first three queries fail";
    402 played(Plan::AtOnce, &[
            always(Call::Pay, Conduct::saying(Word::SystemError)),
            first(Call::Query, 1, Conduct::refusing(Word::NotFound)),
        ]), "paid", Amount Amount,
        "已扣款，第一次查询却答订单不存在", "charged, yet the first query says the order does not exist";
    403 played(Plan::Never, &[first(Call::Reverse, 2, Conduct::refusing(Word::Again))]),
        "reversed", Nothing Nothing,
        "一直不确认；撤销两次要求重试", "never confirms; the reversal says \"again\" twice";
    404 Part::Scripted {
            plan: Plan::Never, coupon: Coupon::None, expiry: Expiry::Off,
            faults: &[always(Call::Reverse, Conduct::refusing(Word::Refused))],
        }, "suspended", Nothing Nothing,
        "一直不确认；撤销被彻底拒绝，渠道自身也不关单",
        "never confirms; the reversal is refused for good, the channel's own expiry is off";
    405 played(Plan::Declined { why: Decline::NoFunds, charged_after_ms: Some(5_000) }, &[]),
        "failed", Amount Nothing,
        "答复拒绝，5 秒后却扣款", "declined, yet charged 5 s later";
    503 Part::Scripted { plan: Plan::AtOnce, coupon: Coupon::Fifth, expiry: Expiry::On, faults: &[] },
        "paid", Payable Payable,
        "使用优惠券，付款人少付", "a coupon: the payer pays less";
    601 Part::Refunds(Course::Slow { after_ms: 5_000 }), "paid", Amount Amount,
        "退款先处理中，5 秒后成功", "refunds are pending, done 5 s later";
    602 Part::Refunds(Course::FundsLate { after_ms: 300_000 }), "paid", Amount Amount,
        "首次退款起 5 分钟内商户余额不足，之后退款成功",
        "refunds: the merchant has no funds until 5 minutes after the first request";
    603 Part::Refunds(Course::PayerGone), "paid", Amount Amount,
        "退款时付款人账户已注销，无法退款", "refunds are refused for good: the payer's account is closed";
    701 Part::Later, "paid", Amount Unsaid, "账单缺失（账单脚本，后续提供）",
        "missing in the bill (bill script, later)";
    702 Part::Later, "paid", Amount Unsaid, "账单金额不符（账单脚本，后续提供）",
        "other amount in the bill (bill script, later)";
    703 Part::Later, "reversed", Unsaid Unsaid, "已撤销却在账单中（账单脚本，后续提供）",
        "in the bill although reversed (bill script, later)";
    704 Part::Later, "paid", Amount Unsaid, "次日入账（账单脚本，后续提供）",
        "billed the next day (bill script, later)";
    705 Part::Later, "paid", Amount Unsaid, "账单行重复（账单脚本，后续提供）",
        "row twice in the bill (bill script, later)";
    706 Part::Later, "paid", Amount Unsaid, "手续费不符（账单脚本，后续提供）",
        "other fee in the bill (bill script, later)";
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_chooses_its_scenario_by_its_digits_alone() {
        for scenario in all().iter().filter(|scenario| scenario.is_played()) {
            for (prefix, length) in [("13", 18), ("28", 18), ("62", 19)] {
                let code = scenario.code(prefix, length, 123_456_789_012);
                assert_eq!(code.len(), length);
                assert_eq!(of_code(&code), scenario.script(), "{code}");
            }
        }
        for plain in ["134567890123456789", "130000999123456789", "", "1300001", "13000010\u{301}12345678"] {
            assert_eq!(of_code(plain), None, "{plain}");
        }
    }

    #[test]
    fn a_coupon_leaves_at_least_one_fen_to_pay() {
        let scenario = find(503).expect("in the table");
        for (amount, charged) in [(1, 1), (4, 4), (5, 4), (1_000, 800), (2_500, 2_000), (100_000, 99_500)] {
            assert_eq!(scenario.charged(amount), Some(charged));
        }
    }

    #[test]
    fn numbers_are_in_order_and_unique() {
        assert!(all().windows(2).all(|pair| pair[0].number < pair[1].number));
    }
}
