//! Keeps every message of a trial, masked, as it goes over the wire.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use wire::http::{Method, Request, Response};

use crate::clock::Later;
use crate::transport::{Connection, Destination, NotAnswered, NotConnected, Transport};

use super::mask::mask;

/// The file that is sent back, and what must not stand in it. Written as it happens: a trial that is cut leaves what it knows.
pub(super) struct Report {
    path: PathBuf,
    codes: Mutex<Vec<String>>,
}

impl Report {
    /// A new file; it is for its owner alone.
    pub(super) fn create(path: &Path) -> std::io::Result<Report> {
        crate::sandbox::material::write_private(path, "")?;
        Ok(Report { path: path.to_owned(), codes: Mutex::default() })
    }

    /// From now on this code or number is masked wherever it stands.
    pub(super) fn hide(&self, code: &str) {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).push(code.to_owned());
    }

    /// Adds some lines; what cannot be written is said, and stops nothing.
    pub(super) fn add(&self, text: &str) {
        let masked = mask(text, &self.codes.lock().unwrap_or_else(PoisonError::into_inner));
        let file = std::fs::OpenOptions::new().append(true).open(&self.path);
        if let Err(error) = file.and_then(|mut file| file.write_all(masked.as_bytes())) {
            eprintln!("{}: {error}", self.path.display());
        }
    }
}

/// A transport that writes down what goes over it.
pub(super) struct Recorded {
    pub(super) inner: Arc<dyn Transport>,
    pub(super) report: Arc<Report>,
}

impl Transport for Recorded {
    fn connect(&self, to: Destination) -> Later<'_, Result<Box<dyn Connection>, NotConnected>> {
        Box::pin(async move {
            let connected = self.inner.connect(to).await;
            if let Err(error) = &connected {
                self.report.add(&format!("\n没有连上 / not connected: {error}\n"));
            }
            let line = Line { inner: connected?, report: Arc::clone(&self.report) };
            Ok(Box::new(line) as Box<dyn Connection>)
        })
    }
}

struct Line {
    inner: Box<dyn Connection>,
    report: Arc<Report>,
}

impl Connection for Line {
    fn send(self: Box<Self>, request: Request) -> Later<'static, Result<Response, NotAnswered>> {
        Box::pin(async move {
            self.report.add(&asked(&request));
            let answered = self.inner.send(request).await;
            self.report.add(&match &answered {
                Ok(response) => told(response),
                Err(error) => format!("\n没有应答 / not answered: {error}\n"),
            });
            answered
        })
    }
}

fn asked(request: &Request) -> String {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    let body = String::from_utf8_lossy(&request.body);
    format!("\n问 / asked:\n\n```\n{method} {}{query}\n{body}\n```\n", request.path)
}

fn told(response: &Response) -> String {
    let body = String::from_utf8_lossy(&response.body);
    format!("\n答 / answered:\n\n```\nHTTP {}\n{body}\n```\n", response.status)
}
