//! What the answer to a probe shows: whether certificate and number are accepted, and else which of them is not.

use payment::time::Time;
use wire::acp::{AcpMerchant, Answer, Foreign, NotVerified, parse_response};
use wire::http::Response;
use wire::verified::Verified;

use super::super::Probed;
use super::super::table::{QueryMeaning, find};
use super::super::text;
use super::answer::{SUCCESS, said};
use super::table::{PERMISSION, QUERY};

pub(super) fn read(merchant: &AcpMerchant, now: Time, response: &Response) -> Probed {
    if response.status != 200 {
        return Probed::Unclear { said: format!("HTTP {}", response.status) };
    }
    let Ok(reply) = parse_response(&response.body) else {
        return Probed::Unclear {
            said: "应答不是银联的报文 / the answer is not UnionPay's".to_owned()
        };
    };
    match reply.verify(merchant, now.0) {
        Ok(fields) => signed(merchant, &fields),
        Err(NotVerified::Unsigned { resp_code, resp_msg }) => {
            let channel = text::said(&resp_code, &resp_msg);
            refused(&resp_code, format!("{} {}", channel.code, channel.message))
        }
        Err(NotVerified::Foreign(why)) => wrong(foreign(&why), why.to_string()),
        Err(NotVerified::BadSignature) => wrong(CHANGED, String::new()),
    }
}

const CHAIN: &str = "unionpay_root、unionpay_middle：应答的证书不是由这条证书链签发的，请核对是否混用了生产与测试证书 / \
     unionpay_root, unionpay_middle: the answer's certificate does not come from this chain; are production and test mixed?";
const TIME: &str = "unionpay_root、unionpay_middle 或本机时钟：证书链不在有效期内，请更换证书或校时 / unionpay_root, \
     unionpay_middle or this machine's clock: the chain is not valid at this time; renew the certificates or set the clock";
const IMPOSTOR: &str = "应答的证书不属于中国银联，可能有人冒充，请核对 hosts 与网络 / the answer's certificate is not UnionPay's: \
     somebody may be posing as it; check hosts and the network";
const CHANGED: &str = "应答的签名不符，可能有人在途中改动了应答 / the answer's signature is wrong: somebody may have changed it on \
     its way";
const CERTIFICATE: &str = "sign_cert：银联不认本商户的签名，请核对签名证书是否已在银联商户服务平台启用、是否过期 / sign_cert: \
     UnionPay refuses our signature; is this the certificate that is active on its merchant platform, and in time?";
const NUMBER: &str = "mer_id：商户号不存在、状态不正确或无此权限 / mer_id: no such merchant, or its state or permission does not \
     allow it";

fn foreign(why: &Foreign) -> &'static str {
    match why {
        Foreign::Unreadable | Foreign::NoChain => CHAIN,
        Foreign::Time => TIME,
        Foreign::Name(_) => IMPOSTOR,
    }
}

/// Not found, or an order under a number that nobody can have: the question was understood and answered.
fn signed(merchant: &AcpMerchant, fields: &Verified<Answer>) -> Probed {
    let code = fields.resp_code().unwrap_or_default();
    let channel = said(fields, code);
    let text = format!("{} {}", channel.code, channel.message);
    let ours = fields.mer_id() == Some(merchant.mer_id.as_str());
    let understood = code == SUCCESS || find(QUERY, code) == Some(QueryMeaning::NotFound);
    if ours && understood { Probed::Healthy } else { refused(code, text) }
}

/// Which value a refusal is about (unionpay.md §5.5). A payment never believes an unsigned one, an operator may.
fn refused(code: &str, said: String) -> Probed {
    match code {
        "11" => wrong(CERTIFICATE, said),
        code if PERMISSION.contains(&code) => wrong(NUMBER, said),
        _ => Probed::Unclear { said },
    }
}

fn wrong(what: &str, said: String) -> Probed {
    Probed::Misconfigured { what: what.to_owned(), said }
}
