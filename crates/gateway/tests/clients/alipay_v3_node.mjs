// alipay-sdk, Alipay's own for Node.js, over OpenAPI v3: in certificate mode, and for a provider with contents encrypted.
// The SDK verifies whatever is served; what is refused is not signed.

import { pay, playAll } from "./alipay_plays.mjs";
import { account, bytes, charged, check, load, refused, same } from "./told.mjs";

const { AlipaySdk } = load("alipay-sdk");
const text = (name) => bytes(name).toString();

const certificates = account("alipay-cert");
const certified = (files = {}) =>
    new AlipaySdk({
        appId: certificates.app_id,
        privateKey: text(certificates.app_private_key),
        keyType: "PKCS8",
        appCertContent: text(certificates.app_cert),
        alipayPublicCertContent: text(certificates.alipay_cert),
        alipayRootCertContent: text(certificates.alipay_root_cert),
        endpoint: certificates.base_url,
        timeout: 20_000,
        ...files,
    });

const send = (client, method, body, options = {}) =>
    client.curl("POST", `/v3/alipay/trade/${method.replaceAll(".", "/")}`, { body, ...options });

// The plays read a gateway's words: here a status tells what is a code there.
const by =
    (client, options) =>
    async (method, body) => {
        try {
            const { data, responseHttpStatus } = await send(client, method, body, options);
            const typing = method === "pay" && data.gmt_payment === undefined;
            return { ...data, code: typing ? "10003" : responseHttpStatus === 200 ? "10000" : "unknown" };
        } catch (error) {
            if (error.responseHttpStatus === 400) {
                return { code: "40004", sub_code: error.code };
            }
            throw error;
        }
    };

const wrongCertificates = async () => {
    const query = (client) => send(client, "query", { out_trade_no: "ANO-once" });
    const stranger = certified({ appCertContent: text(certificates.alipay_cert) });
    const unknown = await refused("another certificate's number is refused", query(stranger));
    same("by its code", [unknown.responseHttpStatus, unknown.code], [400, "app-cert-not-exist"]);
    const answer = await pay(by(stranger), "ANO-forged", "000", 16);
    same("and so is a payment", answer.sub_code, "app-cert-not-exist");
    charged("ANO-forged", 0);
    const forger = certified({ privateKey: text(account("alipay").app_private_key) });
    const forged = await refused("a request under another key is refused", query(forger));
    same("for its signature", [forged.responseHttpStatus, forged.code], [400, "invalid-signature"]);
    const deceived = certified({ alipayPublicCertContent: text(certificates.alipay_former_cert) });
    const other = await refused("an answer under another certificate is refused", query(deceived));
    same("for its number", other.code, "response-alipay-sn-verify-error");
};

const provider = account("alipay-provider");

const encrypted = async () => {
    const acting = (keys = {}) =>
        new AlipaySdk({
            appId: provider.app_id,
            privateKey: text(provider.app_private_key),
            keyType: "PKCS8",
            alipayPublicKey: text(provider.alipay_public_key),
            encryptKey: text(provider.aes_key),
            endpoint: provider.base_url,
            timeout: 20_000,
            ...keys,
        });
    const options = { needEncrypt: true, appAuthToken: text(provider.app_auth_token) };
    const call = by(acting(), options);
    const order = "ANO-provider";
    const paid = await pay(call, order, "000", 21);
    same("a provider's merchant is paid, encrypted", [paid.code, paid.out_trade_no], ["10000", order]);
    same("the query says so", (await call("query", { out_trade_no: order })).trade_status, "TRADE_SUCCESS");
    const back = await call("refund", { out_trade_no: order, refund_amount: "12.34" });
    same("all goes back", [back.code, back.fund_change], ["10000", "Y"]);
    charged(order, 1234, 1234);
    const asked = { out_trade_no: order };
    const stranger = await refused(
        "another token is refused",
        send(acting(), "query", asked, { ...options, appAuthToken: "0".repeat(40) }),
    );
    same("by its code", [stranger.responseHttpStatus, stranger.code], [401, "invalid-app-auth-token"]);
    const keyless = acting({ encryptKey: Buffer.alloc(16).toString("base64") });
    const other = await refused("another content key is refused", send(keyless, "query", asked, options));
    same("as what cannot be read", other.code, "decryption-error-unknown");
    const deceived = acting({ alipayPublicKey: text(account("alipay").alipay_public_key) });
    const forged = await refused("an answer under another key is refused", send(deceived, "query", asked, options));
    check("for its signature", forged.code === "response-signature-verify-error", forged.message);
};

await playAll(by(certified()));
await wrongCertificates();
await encrypted();
