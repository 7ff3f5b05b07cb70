//! OpenAPI v3: the same calls over REST; what is wrong is told by HTTP status and code, unsigned (alipay.md §2.8, §15).

use wire::alipay::{ContentFault, V3_PREFIX, V3Received, read_v3_request, v3_path, v3_refusal};

use super::answer::{Speaker, refusal, text_of};
use super::merchant::{Hand, INVALID, Merchant, Refused, acting, certified, merchants};
use super::{METHODS, serve};
use crate::reaction::Reaction;
use crate::visit::Visit;

/// No such call (alipay.md §2.8).
const NOT_FOUND: u16 = 404;
/// A token that is wrong, or of another merchant (alipay.md §2.8).
const UNAUTHORIZED: u16 = 401;
/// The contract lacks the call (alipay.md §2.8).
const FORBIDDEN: u16 = 403;

/// A timestamp may be so far off (alipay.md §2.8).
const CLOCK_MS_MAX: i64 = 600_000;

/// Whether a path is one of these.
pub(crate) fn is_own_path(path: &str) -> bool {
    path.starts_with(V3_PREFIX)
}

/// Serves one call.
pub(crate) fn handle(visit: &mut Visit<'_>) -> Reaction {
    let settings = visit.settings;
    let merchants = merchants(settings, visit.relayed);
    let unsigned = |code: &str| Reaction::whole(v3_refusal(400, code, text_of(&format!("isv.{code}"))));
    let Some(method) = METHODS.into_iter().find(|method| v3_path(method) == visit.request.path) else {
        return Reaction::whole(v3_refusal(NOT_FOUND, "invalid-method", text_of("")));
    };
    let received = match read_v3_request(visit.request) {
        Ok(received) => received,
        Err(fault) => return unsigned(fault.0),
    };
    let merchant = match looked_at(visit, &merchants, &received) {
        Ok(merchant) => merchant,
        Err((_, sub_code)) => return unsigned(bare(sub_code)),
    };
    let Ok(verified) = received.verify(merchant.app_key) else { return unsigned("invalid-signature") };
    let received = verified.value();
    let answer_key = merchant.terms.aes_key.as_ref().filter(|_| received.is_encrypted());
    let merchant = Merchant { answer_key, hand: Hand::Rest, ..merchant.clone() };
    let refuse = |visit: &Visit<'_>, (code, sub_code): Refused| {
        Reaction::whole(Speaker::unnumbered(visit, &merchant, method).say(&refusal(code, sub_code)))
    };
    let merchant = match acting(&merchant, received.header("alipay-app-auth-token"), visit.now_ms) {
        Ok(merchant) => merchant,
        Err(refused) => return refuse(visit, refused),
    };
    match received.content(merchant.terms.aes_key.as_ref()) {
        Ok(content) => serve(visit, &merchant, method, &content),
        Err(ContentFault::Type) => refuse(visit, (INVALID, "isv.invalid-encrypt-type")),
        Err(ContentFault::Key) => refuse(visit, ("40003", "isv.decryption-error-unknown")),
    }
}

/// The system's codes have lost their prefix here.
pub(super) fn bare(sub_code: &str) -> &str {
    let system = sub_code.strip_prefix("isv.").or_else(|| sub_code.strip_prefix("aop."));
    system.or_else(|| sub_code.strip_prefix("isp.")).unwrap_or(sub_code)
}

/// The HTTP status that tells of a gateway's `code`.
pub(super) fn status(code: &str) -> u16 {
    match code {
        "20000" => 500,
        "20001" => UNAUTHORIZED,
        "40005" => 429,
        "40006" => FORBIDDEN,
        _ => 400,
    }
}

/// Application, time and certificates, before the signature.
fn looked_at<'a>(
    visit: &Visit<'_>,
    merchants: &'a [Merchant<'a>],
    received: &V3Received,
) -> Result<&'a Merchant<'a>, Refused> {
    let app_id = received.item("app_id").ok_or((INVALID, "isv.missing-app-id"))?;
    let merchant = merchants.iter().find(|merchant| merchant.app_id == app_id);
    let merchant = merchant.ok_or((INVALID, "isv.invalid-app-id"))?;
    let timestamp = received.item("timestamp").ok_or((INVALID, "isv.missing-timestamp"))?;
    let sent_ms: i64 = timestamp.parse().map_err(|_| (INVALID, "isv.invalid-timestamp"))?;
    if visit.now_ms.saturating_sub(sent_ms).saturating_abs() > CLOCK_MS_MAX {
        return Err((INVALID, "isv.invalid-timestamp"));
    }
    received.item("nonce").ok_or((INVALID, "isv.missing-nonce"))?;
    let sns = (received.item("app_cert_sn"), received.header("alipay-root-cert-sn"));
    certified(merchant, sns, visit.now_ms)?;
    Ok(merchant)
}
