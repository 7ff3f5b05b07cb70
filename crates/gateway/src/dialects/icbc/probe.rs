//! What the answer to a probe shows: whether keys and numbers are accepted, and else which of them is not.

use wire::http::Response;
use wire::icbc::{App, NotVerified, reply};
use wire::sign::RsaHash;

use super::super::Probed;
use super::super::table::find;
use super::super::text;
use super::answer::said;
use super::table::{GatewayMeaning, QUERY, gateway};

pub(super) fn read(app: &App, response: &Response) -> Probed {
    if response.status != 200 {
        return Probed::Unclear { said: format!("HTTP {}", response.status) };
    }
    match reply(&response.body, app) {
        Ok(content) => {
            let code = content.return_code().unwrap_or_default();
            let channel = said(&content, &code);
            let text = format!("{} {}", channel.code, channel.message);
            // Not found, or an order under a number that nobody can have: the question was understood and answered.
            let understood = code == "0" || find(QUERY, &code).is_some();
            if understood { Probed::Healthy } else { refused(&code, text) }
        }
        Err(NotVerified::Unsigned { return_code, return_msg }) => {
            let channel = text::said(&return_code, &return_msg);
            refused(&return_code, format!("{} {}", channel.code, channel.message))
        }
        Err(NotVerified::BadSignature) if verifies_with_the_other_hash(app, response) => {
            wrong(OTHER_HASH, String::new())
        }
        Err(NotVerified::BadSignature) => wrong(FOREIGN_SIGNATURE, String::new()),
        Err(NotVerified::Encrypted) => wrong(ENCRYPTED, String::new()),
        Err(NotVerified::Unreadable(_) | NotVerified::NoContent | NotVerified::UnreadableForm(_)) => {
            Probed::Unclear { said: "应答不是工行的 JSON / the answer is not ICBC's JSON".to_owned() }
        }
    }
}

const FOREIGN_SIGNATURE: &str = "gateway_public_key：应答不是用这把公钥对应的私钥签名的，这里要填工行网关公钥，不是应用公钥 / \
     gateway_public_key is not the key that signed the answer (the *gateway's* public key is needed, not the app's)";
const OTHER_HASH: &str = "answer_hash：应答用的是另一种摘要算法，请改为另一个值（SHA1 或 SHA256） / answer_hash: the answers are \
     signed with the other hash; change SHA1 to SHA256, or the other way round";
const ENCRYPTED: &str = "aes_key：应答已加密，而密钥缺失或不符 / aes_key: the answer is encrypted, and the key is missing or another one";
const REFUSED: &str = "工行网关拒绝了请求，请按其说明核对 app_id、app_private_key（与登记的应用公钥是否成对）、sign_type、aes_key 与本机时钟 / \
     ICBC's gateway refuses our request: by its text, check app_id, app_private_key (does it pair with the application public \
     key that was registered?), sign_type, aes_key and this machine's clock";

/// For the operator only: an answer is never believed so.
fn verifies_with_the_other_hash(app: &App, response: &Response) -> bool {
    let answer_hash = match app.answer_hash {
        RsaHash::Sha1 => RsaHash::Sha256,
        RsaHash::Sha256 => RsaHash::Sha1,
    };
    let other = App { answer_hash, ..app.clone() };
    !matches!(reply(&response.body, &other), Err(NotVerified::BadSignature))
}

/// The gateway's numbers are not published one by one (icbc.md §4); its text says which. A payment never believes an
/// unsigned refusal, an operator may.
fn refused(code: &str, said: String) -> Probed {
    match gateway(code) {
        Some(GatewayMeaning::Refused) => wrong(REFUSED, said),
        Some(GatewayMeaning::Unsure) | None => Probed::Unclear { said },
    }
}

fn wrong(what: &str, said: String) -> Probed {
    Probed::Misconfigured { what: what.to_owned(), said }
}
