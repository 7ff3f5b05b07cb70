//! A till's side: `POST /v1/payments` over kept connections, as cheaply as it can be asked.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::messages::Sale;
use crate::stopwatch::Stopwatch;

/// The gateway closes a connection that says nothing for 10 s.
const IDLE_MAX: Duration = Duration::from_secs(5);

pub(crate) struct Till {
    address: String,
    key: String,
    idle: Mutex<Vec<(TcpStream, Stopwatch)>>,
}

/// What of a payment's view is checked.
#[derive(Deserialize)]
struct Payment {
    status: String,
    channel_order_no: String,
    paid_amount: Option<i64>,
    version: i64,
}

impl Till {
    pub(crate) fn new(address: &str, key: &str) -> Till {
        Till { address: address.to_owned(), key: key.to_owned(), idle: Mutex::default() }
    }

    pub(crate) async fn pay(&self, sale: &Sale) -> anyhow::Result<String> {
        let Sale { order_no, amount, code, .. } = sale;
        let body = format!(r#"{{"order_no":"{order_no}","amount":{amount},"auth_code":"{code}"}}"#);
        let request = format!(
            "POST /v1/payments HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.address,
            self.key,
            body.len()
        );
        let mut stream = match self.kept() {
            Some(stream) => stream,
            None => self.open().await?,
        };
        stream.write_all(request.as_bytes()).await?;
        let (head, body) = answer(&mut stream).await?;
        self.idle().push((stream, Stopwatch::start()));
        ensure!(head.starts_with("HTTP/1.1 201 "), "{head}: {}", String::from_utf8_lossy(&body));
        let payment: Payment = serde_json::from_slice(&body)?;
        let Payment { status, channel_order_no, paid_amount, version } = payment;
        ensure!(status == "paid" && paid_amount == Some(*amount), "{status} after version {version}");
        Ok(channel_order_no)
    }

    fn kept(&self) -> Option<TcpStream> {
        let (stream, used) = self.idle().pop()?;
        if used.passed() < IDLE_MAX {
            return Some(stream);
        }
        // The last that was used is the first to be used again: those below it are older still.
        self.idle().clear();
        None
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(TcpStream, Stopwatch)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a till is outside of the gateway and opens its own connections"
    )]
    async fn open(&self) -> anyhow::Result<TcpStream> {
        let stream = TcpStream::connect(&self.address).await.context("the gateway")?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// Reads one answer whose length is announced.
async fn answer(stream: &mut TcpStream) -> anyhow::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::with_capacity(4096);
    let end = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            bail!("the gateway closed the connection without an answer");
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.context("an answer without a length")?.trim().parse()?;
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            bail!("the gateway closed the connection within an answer");
        }
    }
    Ok((head, bytes.split_off(end)))
}
