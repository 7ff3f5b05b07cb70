// alipay-sdk, Alipay's own for Node.js: a form in a POST, answers verified by the SDK where it is told to.

import { generateKeyPairSync } from "node:crypto";

import { pay, playAll } from "./alipay_plays.mjs";
import { account, bytes, charged, check, load, refused, same } from "./told.mjs";

const { AlipaySdk } = load("alipay-sdk");
const me = account("alipay");
const VERIFY = { validateSign: true };

const client = (keys = {}) =>
    new AlipaySdk({
        appId: me.app_id,
        privateKey: bytes(me.app_private_key).toString(),
        keyType: "PKCS8",
        alipayPublicKey: bytes(me.alipay_public_key).toString(),
        gateway: `${me.base_url}/gateway.do`,
        timeout: 20_000,
        camelcase: false,
        ...keys,
    });

const merchant = client();
const by = (client) => (method, bizContent) => client.exec(`alipay.trade.${method}`, { bizContent }, VERIFY);

const wrongKeys = async () => {
    const other = generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const forger = client({ privateKey: other.privateKey });
    // Alipay does not sign this refusal, so the SDK must not be told to verify it.
    const answer = await forger.exec("alipay.trade.query", { bizContent: { out_trade_no: "ANO-once" } });
    same("a request under another key is refused", [answer.code, answer.sub_code], ["40002", "isv.invalid-signature"]);
    await refused("and so is a payment", pay(by(forger), "ANO-forged", "000", 16));
    charged("ANO-forged", 0);
    const deceived = client({ alipayPublicKey: other.publicKey });
    const error = await refused("an answer under another key is refused", by(deceived)("query", { out_trade_no: "ANO-once" }));
    check("for its signature", error.message.startsWith("验签失败"), error.message);
};

await playAll(by(merchant));
await wrongKeys();
