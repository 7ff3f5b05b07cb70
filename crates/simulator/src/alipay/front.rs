//! The gateway's one path: public parameters, signature and content of a call (alipay.md §2.2 to §2.6, §12).

use wire::alipay::{BadRequest, ContentFault, Received, read_request, unsigned_response};

use super::answer::{Speaker, refusal};
use super::merchant::{INVALID, MISSING, Merchant, Refused, acting, certified, merchants};
use super::{METHODS, serve};
use crate::calendar;
use crate::reaction::Reaction;
use crate::visit::Visit;

/// A timestamp may be so far off, where the window is watched (alipay.md §15).
const CLOCK_MS_MAX: i64 = 600_000;

/// Serves one call. What the gateway cannot believe is refused without a signature (alipay.md §2.4).
pub(crate) fn handle(visit: &mut Visit<'_>) -> Reaction {
    let settings = visit.settings;
    let merchants = merchants(settings, visit.relayed);
    let unsigned = |method: &str, (code, sub_code): Refused| {
        Reaction::whole(unsigned_response(method, &refusal(code, sub_code).text()))
    };
    let received = match read_request(visit.request) {
        Ok(received) => received,
        Err(BadRequest::Charset(_)) => return unsigned("", (INVALID, "isv.invalid-charset")),
        Err(BadRequest::Form(_)) => return unsigned("", (INVALID, "isv.invalid-parameter")),
    };
    let method = received.parameter("method").unwrap_or_default().to_owned();
    let merchant = match looked_at(visit, &merchants, &received) {
        Ok(merchant) => merchant,
        Err(refused) => return unsigned(&method, refused),
    };
    let Ok(verified) = received.verify(merchant.app_key) else {
        return unsigned(&method, (INVALID, "isv.invalid-signature"));
    };
    let received = verified.value();
    let answer_key = merchant.terms.aes_key.as_ref().filter(|_| received.is_encrypted());
    let merchant = Merchant { answer_key, ..merchant.clone() };
    let refuse = |visit: &Visit<'_>, (code, sub_code): Refused| {
        Reaction::whole(Speaker::unnumbered(visit, &merchant, &method).say(&refusal(code, sub_code)))
    };
    let merchant = match acting(&merchant, received.parameter("app_auth_token"), visit.now_ms) {
        Ok(merchant) => merchant,
        Err(refused) => return refuse(visit, refused),
    };
    match received.content(merchant.terms.aes_key.as_ref()) {
        Ok(content) => serve(visit, &merchant, &method, &content),
        Err(ContentFault::Type) => refuse(visit, (INVALID, "isv.invalid-encrypt-type")),
        Err(ContentFault::Key) => refuse(visit, ("40003", "isv.decryption-error-unknown")),
    }
}

/// Method, application, then the other public parameters: all before the signature (alipay.md §2.3, §12).
fn looked_at<'a>(
    visit: &Visit<'_>,
    merchants: &'a [Merchant<'a>],
    received: &Received,
) -> Result<&'a Merchant<'a>, Refused> {
    let method = received.parameter("method").ok_or((MISSING, "isv.missing-method"))?;
    if !METHODS.contains(&method) {
        return Err((INVALID, "isv.invalid-method"));
    }
    let app_id = received.parameter("app_id").ok_or((MISSING, "isv.missing-app-id"))?;
    let merchant = merchants.iter().find(|merchant| merchant.app_id == app_id);
    let merchant = merchant.ok_or((INVALID, "isv.invalid-app-id"))?;
    let sign_type = received.parameter("sign_type").ok_or((MISSING, "isv.missing-signature-type"))?;
    if !["RSA2", "RSA"].contains(&sign_type) {
        return Err((INVALID, "isv.invalid-signature-type"));
    }
    if received.parameter("charset").is_none() {
        return Err((INVALID, "isv.invalid-charset"));
    }
    if received.parameter("format").is_some_and(|format| !format.eq_ignore_ascii_case("json")) {
        return Err((INVALID, "isv.invalid-format"));
    }
    let timestamp = received.parameter("timestamp").ok_or((MISSING, "isv.missing-timestamp"))?;
    let sent_ms = calendar::read_spaced(timestamp).ok_or((INVALID, "isv.invalid-timestamp"))?;
    if visit.clearing.dials.timestamp_window && (visit.now_ms - sent_ms).abs() > CLOCK_MS_MAX {
        return Err((INVALID, "isv.invalid-timestamp"));
    }
    received.parameter("version").ok_or((MISSING, "isv.missing-version"))?;
    let sns = (received.parameter("app_cert_sn"), received.parameter("alipay_root_cert_sn"));
    certified(merchant, sns, visit.now_ms)?;
    received.parameter("sign").ok_or((MISSING, "isv.missing-signature"))?;
    Ok(merchant)
}
