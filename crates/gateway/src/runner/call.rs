//! One exchange with a channel: connect, a last check, send, read; and what its silence means.

use std::future::Future;
use std::sync::Arc;

use payment::auth_code::AuthCode;
use payment::exchange::{
    Answer, Asked, Call, DeclineReason, Doubt, QueryAnswer, RefundAnswer, RefundQueryAnswer, ReverseAnswer,
    SubmitAnswer,
};
use payment::ids::RefundId;
use payment::patience::{SENDING_MS_MAX, SUBMIT_AGE_MS_MAX};
use payment::payment::Intent;
use payment::refund::RefundIntent;
use payment::time::Time;
use wire::http::{Request, Response};

use crate::clock::Clock;
use crate::dialects::{Asking, Outgoing};
use crate::store::{PaymentRow, Sale};
use crate::transport::{Connection, Destination, NotAnswered, NotConnected};

use super::{Account, Engine, Ports};

/// Which of a payment's values asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Payment,
    Watch,
    Refund(RefundId),
}

/// An exchange that is over.
pub(super) struct Done {
    pub(super) owner: Owner,
    pub(super) number: u32,
    pub(super) answer: Answer,
}

/// Everything that one exchange needs; it owns it all, so that dropping it is giving up.
pub(super) struct Exchange {
    pub(super) ports: Ports,
    pub(super) account: Arc<Account>,
    pub(super) intent: Intent,
    pub(super) asked: Asked,
    pub(super) host: u8,
    pub(super) outgoing: Outgoing,
    pub(super) sale: Sale,
    pub(super) refund: Option<RefundIntent>,
}

impl Exchange {
    /// Carries it out; the answer comes at the latest at the call's limit.
    pub(super) async fn run(self, owner: Owner) -> Done {
        let number = self.asked.number;
        let (ports, channel, started) = (self.ports.clone(), self.intent.channel, self.ports.clock.now());
        let answer = match self.asked.call {
            Call::Submit => self.submit().await,
            Call::Query | Call::Reverse | Call::Refund | Call::RefundQuery => self.ask().await,
        };
        ports.metrics.answered(channel, &answer, ports.clock.now().since_ms(started));
        Done { owner, number, answer }
    }

    /// A submit goes to one host, over a fresh connection, within two seconds of its intent, or not at all.
    async fn submit(self) -> Answer {
        let clock = Arc::clone(&self.ports.clock);
        let latest = self.asked.at.plus_ms(SENDING_MS_MAX);
        let connected = self.connect(self.host, false, latest).await;
        let Ok(connection) = connected else { return Answer::Submit(SubmitAnswer::NotSent) };
        // The last check: a process that slept here must not pay any more.
        let now = clock.now();
        if now > latest || now.since_ms(self.intent.opened_at) >= SUBMIT_AGE_MS_MAX {
            return Answer::Submit(SubmitAnswer::NotSent);
        }
        let Exchange { account, intent, asked, outgoing, .. } = self;
        let sent = send(clock.as_ref(), connection, outgoing.request, asked.limit).await;
        let about =
            About { account: &account, intent: &intent, refund: None, call: Call::Submit, sent_at: now };
        about.read(clock.as_ref(), sent).0
    }

    /// Everything but a submit may use a pooled connection, and the other host when one cannot be reached.
    async fn ask(mut self) -> Answer {
        let clock = Arc::clone(&self.ports.clock);
        let (answer, response) = self.ask_once().await;
        let asks = matches!(self.asked.call, Call::Query | Call::RefundQuery);
        let Some(first) = response.filter(|_| asks) else { return answer };
        let mut nonce = [0; 16];
        self.ports.entropy.fill(&mut nonce);
        if let Some(again) = self.account.dialect.again(&self.asking(clock.now(), nonce), &first) {
            self.outgoing = again;
            return self.ask_once().await.0;
        }
        if self.asked.call != Call::Query {
            return answer;
        }
        let Some(further) = self.account.dialect.further(&self.asking(clock.now(), nonce), &first) else {
            return answer;
        };
        self.outgoing = further;
        match self.ask_once().await {
            (_, Some(further)) => {
                self.account.dialect.answer_further(clock.now(), &self.intent, &first, &further)
            }
            (_, None) => doubt(Call::Query, Doubt::Broken),
        }
    }

    async fn ask_once(&self) -> (Answer, Option<Response>) {
        let clock = Arc::clone(&self.ports.clock);
        let limit = self.asked.limit;
        let mut connected = self.connect(self.host, true, limit).await;
        if connected.is_err() {
            connected = self.connect(self.host.wrapping_add(1), true, limit).await;
        }
        let call = self.asked.call;
        let Ok(connection) = connected else { return (doubt(call, Doubt::Broken), None) };
        let sent_at = clock.now();
        let sent = send(clock.as_ref(), connection, self.outgoing.request.clone(), limit).await;
        if let Some(Ok(response)) = &sent {
            self.prove(response).await;
        }
        let about = About {
            account: &self.account,
            intent: &self.intent,
            refund: self.refund.as_ref(),
            call,
            sent_at,
        };
        about.read(clock.as_ref(), sent)
    }

    /// Fetches what an answer has to be checked with, where that is not known here. What cannot be had leaves the answer what
    /// it is: one that is not believed.
    async fn prove(&self, response: &Response) {
        let (clock, dialect) = (self.ports.clock.as_ref(), &self.account.dialect);
        let Some(proof) = dialect.proof(clock.now(), response) else { return };
        let Ok(connection) = self.connect(self.host, true, self.asked.limit).await else { return };
        let fetched = send(clock, connection, proof.request, self.asked.limit).await;
        if let Some(Ok(fetched)) = fetched
            && dialect.prove(clock.now(), response, &fetched)
        {
            tracing::info!(account = self.account.name, "a new certificate of the channel is believed");
        }
    }

    fn asking(&self, now: Time, nonce: [u8; 16]) -> Asking<'_> {
        Asking {
            call: self.asked.call,
            intent: &self.intent,
            sale: &self.sale,
            refund: self.refund.as_ref(),
            code: None,
            now,
            nonce,
        }
    }

    async fn connect(
        &self,
        host: u8,
        pooled: bool,
        until: Time,
    ) -> Result<Box<dyn Connection>, NotConnected> {
        let to = Destination {
            account: self.intent.account.clone(),
            host,
            client_certificate: self.outgoing.client_certificate,
            pooled,
        };
        let connecting = self.ports.transport.connect(to);
        match until_limit(self.ports.clock.as_ref(), until, connecting).await {
            Some(result) => result,
            None => Err(NotConnected("the connection took too long".to_owned())),
        }
    }
}

async fn send(
    clock: &dyn Clock,
    connection: Box<dyn Connection>,
    request: Request,
    limit: Time,
) -> Option<Result<Response, NotAnswered>> {
    until_limit(clock, limit, connection.send(request)).await
}

/// What was asked, for reading what was answered.
struct About<'a> {
    account: &'a Account,
    intent: &'a Intent,
    refund: Option<&'a RefundIntent>,
    call: Call,
    sent_at: Time,
}

impl About<'_> {
    fn read(
        &self,
        clock: &dyn Clock,
        sent: Option<Result<Response, NotAnswered>>,
    ) -> (Answer, Option<Response>) {
        let About { account, intent, call, .. } = *self;
        let (answer, response) = match sent {
            None => (Answer::silence(call), None),
            Some(Ok(response)) => {
                (account.dialect.answer(clock.now(), call, intent, self.refund, &response), Some(response))
            }
            Some(Err(NotAnswered::NotSent(_))) if call == Call::Submit => {
                (Answer::Submit(SubmitAnswer::NotSent), None)
            }
            Some(Err(NotAnswered::NotSent(_) | NotAnswered::Broken(_))) => (doubt(call, Doubt::Broken), None),
            Some(Err(NotAnswered::TooLarge(_))) => (doubt(call, Doubt::Unreadable), None),
        };
        let unsigned = is_unsigned(&answer);
        let took_ms = clock.now().since_ms(self.sent_at);
        if account.health.answered(clock.now(), unsigned) {
            tracing::error!(account = account.name, "intake closed: three unsigned refusals in a row");
        }
        if let Some(forbidden) = is_forbidden(&answer)
            // Where one account takes several wallets, the contract may lack one of them alone.
            && account.dialect.channel().wallets().len() == 1
            && account.health.submitted(clock.now(), forbidden)
        {
            tracing::error!(account = account.name, "intake closed: the merchant may not use the interface");
        }
        tracing::debug!(
            account = account.name,
            payment = %intent.id,
            call = call.word(),
            says = super::line::says(&answer),
            took_ms,
            "answered"
        );
        (answer, response)
    }
}

/// The unknown answer to this call.
pub(super) fn doubt(call: Call, doubt: Doubt) -> Answer {
    match call {
        Call::Submit => Answer::Submit(SubmitAnswer::Unknown(doubt)),
        Call::Query => Answer::Query(QueryAnswer::Unknown(doubt)),
        Call::Reverse => Answer::Reverse(ReverseAnswer::Unknown(doubt)),
        Call::Refund => Answer::Refund(RefundAnswer::Unknown(doubt)),
        Call::RefundQuery => Answer::RefundQuery(RefundQueryAnswer::Unknown(doubt)),
    }
}

fn is_unsigned(answer: &Answer) -> bool {
    matches!(
        answer,
        Answer::Submit(SubmitAnswer::Unknown(Doubt::Unsigned(_)))
            | Answer::Query(QueryAnswer::Unknown(Doubt::Unsigned(_)))
            | Answer::Reverse(ReverseAnswer::Unknown(Doubt::Unsigned(_)))
            | Answer::Refund(RefundAnswer::Unknown(Doubt::Unsigned(_)))
            | Answer::RefundQuery(RefundQueryAnswer::Unknown(Doubt::Unsigned(_)))
    )
}

/// Whether a payment was refused because the merchant may not; none where an answer says nothing of it.
fn is_forbidden(answer: &Answer) -> Option<bool> {
    match answer {
        Answer::Submit(SubmitAnswer::Declined(decline)) => {
            Some(decline.reason == DeclineReason::MerchantNotAllowed)
        }
        Answer::Submit(SubmitAnswer::Paid(_) | SubmitAnswer::AwaitingPayer) => Some(false),
        Answer::Submit(SubmitAnswer::DeclinedAsk(_) | SubmitAnswer::NotSent | SubmitAnswer::Unknown(_))
        | Answer::Query(_)
        | Answer::Reverse(_)
        | Answer::Refund(_)
        | Answer::RefundQuery(_) => None,
    }
}

/// The future's result, or nothing once `limit` has come.
pub(crate) async fn until_limit<T>(
    clock: &dyn Clock,
    limit: Time,
    work: impl Future<Output = T>,
) -> Option<T> {
    tokio::select! {
        biased;
        done = work => Some(done),
        () = clock.sleep_until(limit) => None,
    }
}

impl Engine {
    /// An exchange that is ready to run; the payment code goes into its request and nowhere else. None when the account is
    /// no longer configured.
    pub(super) fn exchange(
        &self,
        row: &PaymentRow,
        asked: Asked,
        code: Option<&AuthCode>,
        refund: Option<&RefundIntent>,
    ) -> Option<Exchange> {
        let intent = row.payment.intent.clone();
        let Some(account) = self.accounts().get(&intent.account).cloned() else {
            tracing::error!(
                account = intent.account,
                payment = %intent.id,
                "the account of an open payment is no longer configured: put it back"
            );
            return None;
        };
        let mut nonce = [0; 16];
        self.ports.entropy.fill(&mut nonce);
        let asking = Asking {
            call: asked.call,
            intent: &intent,
            sale: &row.sale,
            refund,
            code,
            now: self.now(),
            nonce,
        };
        let outgoing = account.dialect.request(&asking);
        let (ports, host) = (self.ports.clone(), row.payment.host);
        let (sale, refund) = (row.sale.clone(), refund.cloned());
        Some(Exchange { ports, account, intent, asked, host, outgoing, sale, refund })
    }

    /// One exchange beside the machine: never a submit.
    pub(crate) async fn exchange_once(&self, row: &PaymentRow, asked: Asked) -> Answer {
        assert!(asked.call == Call::Query, "only questions are asked beside the machine");
        match self.exchange(row, asked, None, None) {
            Some(exchange) => exchange.run(Owner::Payment).await.answer,
            None => doubt(asked.call, Doubt::Broken),
        }
    }

    /// One question about a refund, beside the machine.
    pub(crate) async fn refund_query_once(
        &self,
        row: &PaymentRow,
        refund: &RefundIntent,
        asked: Asked,
    ) -> Answer {
        assert!(asked.call == Call::RefundQuery, "only questions are asked beside the machine");
        match self.exchange(row, asked, None, Some(refund)) {
            Some(exchange) => exchange.run(Owner::Refund(refund.id)).await.answer,
            None => doubt(asked.call, Doubt::Broken),
        }
    }
}
