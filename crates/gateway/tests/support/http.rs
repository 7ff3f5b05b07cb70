//! A tiny blocking HTTP/1.1 client: one connection, one request, one whole answer or none.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than any answer may take: a long poll waits for up to 65 s.
const ANSWER_SECONDS_MAX: u64 = 100;

pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and headers, as they came.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }
}

/// One request as it goes over the wire; `headers` are whole lines.
pub(crate) fn request(method: &str, target: &str, headers: &[String], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {target} HTTP/1.1\r\nhost: paycode\r\nconnection: close\r\n");
    for line in headers {
        bytes.push_str(line);
        bytes.push_str("\r\n");
    }
    if method != "GET" || !body.is_empty() {
        bytes.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    bytes.push_str("\r\n");
    [bytes.as_bytes(), body].concat()
}

/// Sends these bytes to `host:port` and reads the answer to its end. An answer that was cut is an error.
pub(crate) fn exchange(address: &str, request: &[u8]) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(ANSWER_SECONDS_MAX)))?;
    // A server may answer before it has read everything, and close: then the answer counts, not the broken pipe.
    let written = stream.write_all(request);
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    if bytes.is_empty() {
        written?;
        read?;
        return Err(cut("closed without an answer"));
    }
    parse(&bytes)
}

fn cut(why: &str) -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, why)
}

fn parse(bytes: &[u8]) -> io::Result<Answer> {
    let end =
        bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(|| cut("no end of the head"))?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(|| cut("no status"))?;
    let rest = &bytes[end + 4..];
    let mut answer = Answer { status, head, body: Vec::new() };
    answer.body = match (answer.header("content-length"), answer.header("transfer-encoding")) {
        (Some(length), _) => {
            let length: usize = length.parse().map_err(|_| cut("a length that is no number"))?;
            rest.get(..length).ok_or_else(|| cut("the body is shorter than announced"))?.to_vec()
        }
        (None, Some("chunked")) => unchunked(rest)?,
        (None, _) => rest.to_vec(),
    };
    Ok(answer)
}

fn unchunked(mut rest: &[u8]) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end =
            rest.windows(2).position(|two| two == b"\r\n").ok_or_else(|| cut("a chunk without a size"))?;
        let size =
            std::str::from_utf8(&rest[..end]).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        let size = size.ok_or_else(|| cut("a chunk without a size"))?;
        if size == 0 {
            return Ok(body);
        }
        let chunk = rest.get(end + 2..end + 2 + size).ok_or_else(|| cut("a chunk that was cut"))?;
        body.extend_from_slice(chunk);
        rest = rest.get(end + 4 + size..).ok_or_else(|| cut("a chunk that was cut"))?;
    }
}
