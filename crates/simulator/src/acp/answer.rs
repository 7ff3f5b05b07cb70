//! What UnionPay says: the code for every state and outcome, and the fields that go with it (unionpay.md §5.2, §5.5, §13).

use wire::acp::{Signer, read_fields, sign_response, unsigned_refusal};
use wire::http::Response;
use wire::sign::SigningKey;
use wire::text::{Charset, Fields, form};

use super::{Merchant, RESP_CODE, named, words};
use crate::book::{Key, Order, State};
use crate::calendar;
use crate::clearing::Charge;
use crate::fault::{Call, Conduct, Paper, Word};
use crate::refund::RefundState;
use crate::seed::{digits, draw};
use crate::visit::{Shown, ShownRefund, Visit, other_merchant};

/// Who answers, to whom, and in which hand.
pub(super) struct Speaker {
    mer_id: String,
    signer: Signer,
    echo: Fields,
    seed: u64,
    /// Orders under a script are told their declines at once.
    scripted: bool,
    tells_later: bool,
    as_form: bool,
    /// Drawn for this call: which of several documented wordings.
    chance: u64,
}

impl Speaker {
    /// An answer about an order.
    pub(super) fn new(
        visit: &Visit<'_>,
        merchant: &Merchant<'_>,
        echo: &Fields,
        key: &Key,
        (call, nth): (Call, u32),
        conduct: &Conduct,
    ) -> Self {
        let words = ["answer", call.word(), &key.account, &key.number];
        let mut speaker = Self {
            chance: draw(visit.clearing.seed, &words, u64::from(nth)),
            scripted: visit.clearing.book.order(key).is_some_and(|order| order.script.is_some()),
            ..Self::unnumbered(visit, merchant, echo)
        };
        if conduct.paper == Paper::WrongSignature {
            speaker.signer.key = SigningKey::keyed_hash([0; 32]);
        }
        if conduct.word == Word::OtherMerchant {
            speaker.mer_id = other_merchant(merchant.mer_id);
        }
        speaker
    }

    /// An answer to a request that came to no order.
    pub(super) fn unnumbered(visit: &Visit<'_>, merchant: &Merchant<'_>, echo: &Fields) -> Self {
        Self {
            mer_id: merchant.mer_id.to_owned(),
            signer: merchant.signer.clone(),
            echo: echo.clone(),
            seed: visit.clearing.seed,
            scripted: false,
            tells_later: visit.clearing.dials.acp_tells_later,
            as_form: visit.clearing.dials.acp_form_answers,
            chance: 0,
        }
    }

    fn sealed(&self, fields: &Fields) -> Response {
        let mut response = sign_response(&self.mer_id, fields, &self.signer);
        if self.as_form {
            let fields = read_fields(&response.body).expect("it was printed just now");
            response.body = form::encode(&fields, Charset::Utf8).into_bytes();
        }
        response
    }

    /// A code, its text, and what every answer repeats.
    pub(super) fn say(&self, code: &str) -> Response {
        self.sealed(&coded(self.echo.clone(), code))
    }

    /// Any of the codes that say nothing certain.
    pub(super) fn system_error(&self) -> Response {
        self.say(words::UNSURE[pick(self.chance, words::UNSURE.len())])
    }

    /// A refusal without a signature.
    pub(super) fn unsigned(&self) -> Response {
        unsigned_refusal("99", &words::message("99"))
    }

    /// The answer to a consume: `00` is *accepted*, and nothing of a booking stands in it (unionpay.md §5.2, §13).
    pub(super) fn charge(&self, charge: Charge, shown: &Shown) -> Response {
        let later = self.tells_later && !self.scripted && shown.state == State::Lapsed;
        let code = match charge {
            Charge::Paid => "00",
            Charge::Asking => ["00", "00", "00", "05"][pick(self.chance, 4)],
            Charge::Declined(_) if later => "00",
            Charge::Declined(why) => words::decline(why),
            Charge::CodeStale | Charge::CodeSpent => "86",
            Charge::Taken(_) | Charge::FactsDiffer | Charge::PayerDiffers => "12",
            Charge::Expired => "39",
        };
        let mut fields = named(&self.echo, &shown.number);
        fields.insert("txnAmt", shown.order.amount.to_string());
        fields.insert("currencyCode", "156");
        self.sealed(&coded(fields, code))
    }

    /// The answer to the query of a consume (unionpay.md §5.4, §5.5, §13).
    pub(super) fn state(&self, shown: &Shown) -> Response {
        let order = &shown.order;
        let failed = |or: &'static str| order.facts.get(RESP_CODE).map_or(or, String::as_str).to_owned();
        let code = match shown.state {
            State::Absent | State::Barred => return self.say("34"),
            // There is no word for a refusal on the phone.
            State::Asking | State::Unpaid => {
                words::WAITING[pick(self.chance, words::WAITING.len())].to_owned()
            }
            State::Lapsed => failed(words::FAILED),
            State::Closed => failed(words::INPUT_TIMED_OUT),
            State::Paid if self.chance % 16 == 1 => "A6".to_owned(),
            State::Paid => "00".to_owned(),
            State::Reversed => "46".to_owned(),
        };
        let mut fields = self.queried(&shown.number, &code, ("01", "06"));
        let booked_ms = order.paid_ms.filter(|_| matches!(shown.state, State::Paid | State::Reversed));
        if let Some(booked_ms) = booked_ms {
            fields.insert("txnAmt", order.amount.to_string());
            fields.insert("currencyCode", "156");
            fields.insert("queryId", order.transaction_no.as_str());
            self.booked(&mut fields, booked_ms, order.payable(), &order.transaction_no);
            fields.insert("payCardType", "01");
        }
        self.sealed(&fields)
    }

    /// What the answer to a query begins with. It names its own type, or the queried one's: both are seen (§5.2, §12).
    fn queried(&self, number: &str, code: &str, (txn_type, sub_type): (&str, &str)) -> Fields {
        let mut fields = coded(named(&self.echo, number), "00");
        if self.chance.is_multiple_of(2) {
            fields.insert("txnType", txn_type);
            fields.insert("txnSubType", sub_type);
        }
        fields.insert("origRespCode", code);
        fields.insert("origRespMsg", words::message(code));
        fields
    }

    /// What UnionPay makes when it books (unionpay.md §13).
    fn booked(&self, fields: &mut Fields, booked_ms: i64, settled: i64, query_id: &str) {
        let day = calendar::compact(calendar::beijing_day_start(super::settlement_day(booked_ms)));
        fields.insert("traceNo", digits(self.seed, &["trace", query_id], 6));
        fields.insert("traceTime", &calendar::compact(booked_ms)[4..]);
        fields.insert("settleAmt", settled.to_string());
        fields.insert("settleCurrencyCode", "156");
        fields.insert("settleDate", &day[4..8]);
    }

    /// A void or refund was taken up (unionpay.md §12, the vectors): it has a number of its own at once.
    pub(super) fn taken_up(&self, shown: &ShownRefund) -> Response {
        let mut fields = named(&self.echo, &shown.refund.number);
        given_back(&mut fields, shown);
        self.sealed(&coded(fields, "00"))
    }

    /// The answer to the query of a void or refund.
    pub(super) fn refund_state(&self, shown: &ShownRefund) -> Response {
        let ShownRefund { refund, .. } = shown;
        let code = match refund.state {
            RefundState::Pending => "05",
            RefundState::Done => "00",
            RefundState::Closed => words::FAILED,
            // Nothing is known; the settlement file decides.
            RefundState::Abnormal => "04",
        };
        let kind = refund.facts.get(super::refund::KIND).map_or("04", String::as_str);
        let mut fields = self.queried(&refund.number, code, (kind, "00"));
        given_back(&mut fields, shown);
        if refund.state == RefundState::Done {
            self.booked(&mut fields, refund.ends_ms, refund.own, &refund.refund_no);
        }
        self.sealed(&fields)
    }
}

fn given_back(fields: &mut Fields, ShownRefund { order, refund, .. }: &ShownRefund) {
    fields.insert("txnAmt", refund.amount.to_string());
    fields.insert("currencyCode", "156");
    fields.insert("origQryId", original_id(order));
    fields.insert("queryId", refund.refund_no.as_str());
}

fn original_id(order: &Order) -> &str {
    order.transaction_no.as_str()
}

fn coded(mut fields: Fields, code: &str) -> Fields {
    fields.insert("respCode", code);
    fields.insert("respMsg", words::message(code));
    fields
}

fn pick(chance: u64, count: usize) -> usize {
    usize::try_from(chance / 16 % count as u64).unwrap_or(0)
}
