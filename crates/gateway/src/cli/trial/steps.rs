//! What a trial does, in its order, and what each step has to come to. It stops at the first surprise.

use std::sync::Arc;

use payment::auth_code::AuthCode;
use payment::exchange::{Answer, QueryAnswer, RefundQueryAnswer};
use payment::ids::{MerchantCode, OrderNo, RefundNo};
use payment::money::Fen;
use payment::payment::Status;
use payment::refund::RefundStatus;
use payment::time::{MINUTE_MS, SECOND_MS};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::app::{self, App, Pay, cancel_payment, probe_account};
use crate::config::AccountConfig;
use crate::dialects::table::{Row, rows};
use crate::runner::{Intake, RefundAsk, says};
use crate::store::{PaymentFilter, PaymentRow, RefundRow, Sale};

use super::super::client::code;
use super::super::client::show::shanghai;
use super::super::{EXIT_ERROR, EXIT_NOT_PAID, EXIT_SUSPENDED, EXIT_UNAVAILABLE, EXIT_UNDECIDED, Usage};
use super::record::Report;

/// 0.01 yuan.
const ONE_FEN: i64 = 1;
/// A customer confirms, a channel gives money back: within this.
const PAY_MS: i64 = 2 * MINUTE_MS;
const UNDO_MS: i64 = 5 * MINUTE_MS;

/// How a trial ended.
pub(super) enum Ended {
    /// Every step came to what the sheet says.
    AsExpected,
    /// One did not; with this exit code.
    Surprised(u8),
}

/// One trial of one account.
pub(super) struct Trial {
    pub(super) app: Arc<App>,
    pub(super) merchant: MerchantCode,
    pub(super) report: Arc<Report>,
    pub(super) json: bool,
    pub(super) stop: watch::Receiver<bool>,
}

/// Why a trial goes no further.
struct Surprise {
    code: u8,
    /// What to do, Chinese and English.
    next: String,
}

type Step<T> = anyhow::Result<Result<T, Surprise>>;

macro_rules! go_on {
    ($trial:ident, $step:expr) => {
        match $step {
            Ok(value) => value,
            Err(surprise) => return Ok($trial.surprised(&surprise)),
        }
    };
}

impl Trial {
    pub(super) async fn run(&self, account: &AccountConfig) -> anyhow::Result<Ended> {
        go_on!(self, self.probe(account).await?);
        go_on!(self, self.ended_before().await?);
        let first = go_on!(self, self.pay("A", "付款 / pay 0.01").await?);
        go_on!(
            self,
            self.query(&first, "查询 / query", "paid", |says| matches!(says, QueryAnswer::Paid(_))).await?
        );
        go_on!(self, self.reverse(&first).await?);
        let closed = |says: &QueryAnswer| matches!(says, QueryAnswer::Closed(_) | QueryAnswer::Declined(_));
        go_on!(self, self.query(&first, "再次查询 / query again", "closed", closed).await?);
        let second = go_on!(self, self.pay("B", "再次付款 / pay 0.01 again").await?);
        let refund = go_on!(self, self.refund(&second).await?);
        go_on!(self, self.refunded(&second, &refund).await?);
        self.say("结果 / result", "全部符合预期 / everything as expected", true);
        Ok(Ended::AsExpected)
    }

    async fn probe(&self, account: &AccountConfig) -> Step<()> {
        self.title("探测 / probe");
        let accounts = self.app.engine.accounts();
        let Some(known) = accounts.get(&account.name) else {
            anyhow::bail!("{} was not built", account.name)
        };
        probe_account(&self.app.engine, known).await;
        Ok(match known.health.intake() {
            Intake::Open => {
                self.say("探测 / probe", "密钥、商户号与时钟无误 / keys, numbers and clock are right", true);
                Ok(())
            }
            Intake::Closed { why, .. } => {
                let next = format!("{why}; 改正后重试 / put it right and try again");
                Err(self.wrong("探测 / probe", "open", "closed", EXIT_UNAVAILABLE, next))
            }
        })
    }

    /// What an earlier trial left: every number is seen to its end, and nothing is left with the merchant.
    async fn ended_before(&self) -> Step<()> {
        let filter = PaymentFilter {
            merchant: self.merchant.clone(),
            limit: 200,
            starting_after: None,
            status: None,
            channel: None,
            order_no: None,
            outlet: None,
            terminal: None,
            created_from: None,
            created_before: None,
        };
        let (rows, _) = self.app.store().payments(filter).await?;
        for row in rows {
            let row = self.app.decided(row, self.app.now().plus_ms(UNDO_MS)).await;
            if matches!(row.payment.status(), Status::Processing | Status::Suspended) {
                let next = format!(
                    "{}: 上次的付款仍未定论, 请在商户平台查这个单号 / an earlier payment is still open: look the number up on the \
                     merchant platform",
                    row.payment.intent.channel_order_no.as_str()
                );
                let said = row.payment.status().word();
                return Ok(Err(self.wrong("上次 / before", "ended", said, EXIT_SUSPENDED, next)));
            }
            let kept = row.payment.status() == Status::Paid && !row.payment.refunds.any();
            if kept {
                self.title("上次留下的付款 / what an earlier trial left");
                if let Err(surprise) = self.reverse(&row).await? {
                    return Ok(Err(surprise));
                }
            }
        }
        Ok(Ok(()))
    }

    async fn pay(&self, letter: &str, title: &str) -> Step<PaymentRow> {
        self.title(title);
        let Some(scanned) = code::read("-", self.stop.clone()).await? else {
            let next = "没有发送任何请求 / nothing was sent".to_owned();
            return Ok(Err(self.wrong(title, "a code", "stopped", EXIT_ERROR, next)));
        };
        let code = AuthCode::parse(&scanned).map_err(|unknown| Usage::because(unknown.to_string()))?;
        self.report.hide(code.expose());
        let made = shanghai(self.app.now()).strftime("%Y%m%d%H%M%S").to_string();
        let sale = Sale { description: Some("paycode trial".to_owned()), ..Sale::default() };
        let pay = Pay {
            merchant: self.merchant.clone(),
            order_no: OrderNo::parse(&format!("{made}{letter}"))?,
            amount: Fen::payable(ONE_FEN)?,
            code,
            sale,
            second: true,
            wait_ms: 0,
        };
        let opened = app::pay(&self.app, pay).await.map_err(|error| anyhow::anyhow!("{error}"))?;
        let row = self.app.decided(opened.row, self.app.now().plus_ms(PAY_MS)).await;
        self.journal(&row).await?;
        let status = row.payment.status();
        if status == Status::Paid {
            self.say(title, "paid", true);
            return Ok(Ok(row));
        }
        let (code, next) = match status {
            Status::Failed => (
                EXIT_NOT_PAID,
                "没有扣款; 按上面的原因处理后重试 / nothing was taken: see why above, and try again",
            ),
            Status::Reversed => (
                EXIT_NOT_PAID,
                "没有定论, 已自动撤销 / it stayed undecided and was reversed: the report says what the channel answered",
            ),
            Status::Processing | Status::Paid => (
                EXIT_UNDECIDED,
                "尚无定论: 用同一目录再运行一次 / not decided: run the trial again with the same folder",
            ),
            Status::Suspended => (
                EXIT_SUSPENDED,
                "请在商户平台查这个单号并退回 / look the number up on the merchant platform and give it back there",
            ),
        };
        let number = row.payment.intent.channel_order_no.as_str();
        Ok(Err(self.wrong(title, "paid", status.word(), code, format!("{number}: {next}"))))
    }

    async fn query(
        &self,
        row: &PaymentRow,
        title: &str,
        expected: &str,
        fits: impl Fn(&QueryAnswer) -> bool,
    ) -> Step<()> {
        self.title(title);
        let answer = self.app.engine.look(row).await;
        let told = says(&Answer::Query(answer.clone()));
        if fits(&answer) {
            self.say(title, told, true);
            return Ok(Ok(()));
        }
        let next = "查询与预期不同, 金额可能仍在商户处: 用同一目录再运行一次会将其撤销 / the query differs, the money may still be with \
                    the merchant: running the trial again with the same folder reverses it";
        Ok(Err(self.wrong(title, expected, told, EXIT_ERROR, next.to_owned())))
    }

    async fn reverse(&self, row: &PaymentRow) -> Step<()> {
        const TITLE: &str = "撤销 / reverse";
        self.title(TITLE);
        let id = row.payment.intent.id;
        let asked = cancel_payment(&self.app, &self.merchant, id, Some("trial".to_owned())).await;
        let mut row = match asked {
            Ok(row) => row,
            Err(error) => {
                let next = format!("{error}; 请在商户平台退回 / give it back on the merchant platform");
                return Ok(Err(self.wrong(TITLE, "reversed", "refused", EXIT_ERROR, next)));
            }
        };
        let limit = self.app.now().plus_ms(UNDO_MS);
        while !matches!(row.payment.status(), Status::Reversed | Status::Suspended) && self.app.now() < limit
        {
            let version = Some(row.version);
            row = self.app.changed(row, version, self.app.now().plus_ms(SECOND_MS)).await;
        }
        self.journal(&row).await?;
        let status = row.payment.status();
        if status == Status::Reversed {
            self.say(TITLE, status.word(), true);
            return Ok(Ok(()));
        }
        let next = "没有撤销成功: 请在商户平台查这个单号 / not reversed: look the number up on the merchant platform";
        Ok(Err(self.wrong(TITLE, "reversed", status.word(), EXIT_SUSPENDED, next.to_owned())))
    }

    async fn refund(&self, row: &PaymentRow) -> Step<RefundRow> {
        const TITLE: &str = "退款 / refund 0.01";
        self.title(TITLE);
        let ask = RefundAsk {
            refund_no: RefundNo::parse(&format!("{}R", row.payment.intent.order_no.as_str()))?,
            amount: Fen::payable(ONE_FEN)?,
            reason: Some("trial".to_owned()),
        };
        let limit = self.app.now().plus_ms(UNDO_MS);
        let told = app::refund(&self.app, &self.merchant, row.payment.intent.id, ask, limit).await;
        let told = told.map_err(|error| anyhow::anyhow!("{error}"))?;
        self.journal(row).await?;
        let status = told.row.refund.status();
        if status == RefundStatus::Succeeded {
            self.say(TITLE, status.word(), true);
            return Ok(Ok(told.row));
        }
        let code = if status == RefundStatus::Pending { EXIT_UNDECIDED } else { EXIT_NOT_PAID };
        let next = "渠道处理中的退款可在商户平台查看; 失败则请在那里退回 / a refund under way shows on the merchant platform; one that \
                    failed has to be given back there";
        Ok(Err(self.wrong(TITLE, "succeeded", status.word(), code, next.to_owned())))
    }

    /// The refund under its own number: what the payment says of it differs from channel to channel.
    async fn refunded(&self, row: &PaymentRow, refund: &RefundRow) -> Step<()> {
        const TITLE: &str = "查询退款 / query the refund";
        self.title(TITLE);
        let answer = self.app.engine.look_at_refund(row, refund).await;
        let done = matches!(answer, RefundQueryAnswer::Done(_));
        let told = says(&Answer::RefundQuery(answer));
        if done {
            self.say(TITLE, told, true);
            return Ok(Ok(()));
        }
        let next = "退款以商户平台为准 / the merchant platform shows how the refund stands";
        Ok(Err(self.wrong(TITLE, "refunded", told, EXIT_ERROR, next.to_owned())))
    }

    /// What the engine made of the answers, and what the sheet says of each code.
    async fn journal(&self, row: &PaymentRow) -> anyhow::Result<()> {
        let table = rows(row.payment.intent.channel);
        let mut text =
            "\n| 何时 / at | 何事 / what | 渠道代码 / code | 表中的含义 / the sheet |\n|---|---|---|---|\n"
                .to_owned();
        for event in self.app.store().events(row.payment.intent.id).await? {
            let body: Value = serde_json::from_str(&event.body).unwrap_or_default();
            let word = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            let code = word("channel_code");
            let known =
                table.iter().filter(|row| names(row, &code) && row.means.call().word() == word("call"));
            let sheet: Vec<String> = known.map(sheet).collect();
            let (at, kind) = (shanghai(event.at).strftime("%H:%M:%S%.3f").to_string(), event.kind);
            let what = format!("{kind} {} {} {}", word("call"), word("says"), word("status"));
            let said = format!("{code} {}", word("channel_message"));
            text.push_str(&format!("| {at} | {} | {} | {} |\n", what.trim(), said.trim(), sheet.join("; ")));
        }
        self.report.add(&text);
        Ok(())
    }

    fn title(&self, title: &str) {
        self.report.add(&format!("\n## {title}\n"));
    }

    fn say(&self, step: &str, says: &str, good: bool) {
        self.report
            .add(&format!("\n**{}: {says}**\n", if good { "符合 / as expected" } else { "不符 / SURPRISE" }));
        if self.json {
            println!("{}", json!({ "step": step, "ok": good, "says": says }));
        } else {
            println!("[{}] {step}: {says}", if good { "  ok  " } else { " STOP " });
        }
    }

    fn wrong(&self, step: &str, expected: &str, says: &str, code: u8, next: String) -> Surprise {
        self.say(step, &format!("{says}; 预期 / expected: {expected}"), false);
        Surprise { code, next }
    }

    fn surprised(&self, surprise: &Surprise) -> Ended {
        self.report.add(&format!("\n{}\n", surprise.next));
        eprintln!("  下一步 / next: {}", surprise.next);
        Ended::Surprised(surprise.code)
    }
}

fn sheet(row: &Row) -> String {
    format!("{} {}: {} / {} ({})", row.field, row.means, row.zh, row.en, row.source)
}

/// Whether a row of the tables is about a code as a dialect shows it: Alipay's is `code/sub_code`, and the tables leave out
/// the `ACQ.` of the sub_code.
fn names(row: &Row, code: &str) -> bool {
    let sub_code = code.rsplit('/').next().unwrap_or(code);
    !code.is_empty() && [code, sub_code, sub_code.trim_start_matches("ACQ.")].contains(&row.code)
}
