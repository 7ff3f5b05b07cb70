// alipay-sdk, Alipay's own for Node.js: a form in a POST, answers verified by the SDK where it is told to.

import { generateKeyPairSync } from "node:crypto";

import { account, bytes, charged, check, code, load, refused, same, until } from "./told.mjs";

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
const call = (method, bizContent, by = merchant) => by.exec(`alipay.trade.${method}`, { bizContent }, VERIFY);
const query = (order, by) => call("query", { out_trade_no: order }, by);
const pay = (order, scenario, tail, yuan = "12.34", by = merchant) =>
    call(
        "pay",
        {
            out_trade_no: order,
            scene: "bar_code",
            auth_code: code("28", scenario, tail),
            subject: "两杯咖啡 <cake> 100% +1",
            total_amount: yuan,
            product_code: "FACE_TO_FACE_PAYMENT",
            extend_params: { hb_fq_num: "" },
        },
        by,
    );

const atOnce = async () => {
    const paid = await pay("ANO-once", "000", 11);
    same("paid at once", [paid.code, paid.total_amount, paid.out_trade_no], ["10000", "12.34", "ANO-once"]);
    const asked = await query("ANO-once");
    same("the query says so", [asked.trade_status, asked.trade_no], ["TRADE_SUCCESS", paid.trade_no]);
    charged("ANO-once", 1234);
};

const password = async () => {
    same("the password is asked for", (await pay("ANO-password", "101", 12)).code, "10003");
    const entered = (answer) => answer.trade_status === "TRADE_SUCCESS";
    await until("the password is entered", () => query("ANO-password"), entered, 2);
    charged("ANO-password", 1234);
};

const canceled = async () => {
    same("nobody confirms", (await pay("ANO-cancel", "104", 13)).code, "10003");
    const answer = await call("cancel", { out_trade_no: "ANO-cancel" });
    same("it is canceled", [answer.code, answer.retry_flag, answer.action], ["10000", "N", "close"]);
    same("nothing is open any more", (await query("ANO-cancel")).trade_status, "TRADE_CLOSED");
    charged("ANO-cancel", 0);
};

const refunds = async () => {
    await pay("ANO-refund", "000", 14, "10.00");
    const refund = (number, yuan) =>
        call("refund", { out_trade_no: "ANO-refund", out_request_no: number, refund_amount: yuan });
    const part = await refund("ANO-refund-1", "4.00");
    same("a part goes back", [part.code, part.fund_change, part.refund_fee], ["10000", "Y", "4.00"]);
    const asked = { out_trade_no: "ANO-refund", out_request_no: "ANO-refund-1" };
    const found = await call("fastpay.refund.query", asked);
    same("the refund is found", [found.refund_status, found.refund_amount], ["REFUND_SUCCESS", "4.00"]);
    const rest = await refund("ANO-refund-2", "6.00");
    same("the rest goes back", [rest.code, rest.refund_fee], ["10000", "10.00"]);
    same("the trade is closed", (await query("ANO-refund")).trade_status, "TRADE_CLOSED");
    charged("ANO-refund", 1000, 1000);
};

const declined = async () => {
    const answer = await pay("ANO-declined", "201", 15);
    same("no funds", [answer.code, answer.sub_code], ["40004", "ACQ.BUYER_BALANCE_NOT_ENOUGH"]);
    charged("ANO-declined", 0);
};

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
    await refused("and so is a payment", pay("ANO-forged", "000", 16, "12.34", forger));
    charged("ANO-forged", 0);
    const deceived = client({ alipayPublicKey: other.publicKey });
    const error = await refused("an answer under another key is refused", query("ANO-once", deceived));
    check("for its signature", error.message.startsWith("验签失败"), error.message);
};

for (const play of [atOnce, password, canceled, refunds, declined, wrongKeys]) {
    await play();
}
