//! Alipay's certificates change: which one an answer names, how it is fetched, and when it is believed (alipay.md §2.6).

use payment::time::Time;
use wire::alipay::{App, DOWNLOAD_METHOD, DownloadRequest, Trust, downloaded, request};
use wire::http::Response;
use wire::text::json::LIMITS;
use wire::text::raw_json::envelope;

use super::super::Outgoing;
use super::request::{plain, spaced};

/// Asks for the certificate that an answer names, where it is not on file.
pub(super) fn fetch(app: &App, now: Time, response: &Response) -> Option<Outgoing> {
    let sn = unknown(app, response)?;
    // What comes back must be read before anything of it can be believed: it is asked for in the clear.
    let clear = App { aes_key: None, ..app.clone() };
    let content = DownloadRequest { alipay_cert_sn: sn }.biz_content();
    Some(plain(request(&clear, DOWNLOAD_METHOD, &content, &spaced(now))))
}

/// The trust that the fetched certificate belongs to, if its number, its name and its chain are right.
pub(super) fn proven(app: &App, now: Time, response: &Response, fetched: &Response) -> Option<Trust> {
    let sn = unknown(app, response)?;
    let pem = downloaded(&fetched.body)?;
    app.trust.certificates()?.with(&sn, &pem, now.0).map(Trust::Certificates)
}

/// The number that an answer names, where no certificate of it is on file. It is a claim, and only asked about.
fn unknown(app: &App, response: &Response) -> Option<String> {
    let certificates = app.trust.certificates()?;
    let named = || envelope(&response.body, None, LIMITS).ok()?.cert_sn;
    let sn = response.header("alipay-sn").map(str::to_owned).or_else(named)?;
    let formed = sn.len() == 32 && sn.bytes().all(|byte| byte.is_ascii_hexdigit());
    (formed && !certificates.knows(&sn)).then_some(sn)
}
