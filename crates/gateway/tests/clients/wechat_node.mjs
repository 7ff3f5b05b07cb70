// tenpay: WeChat Pay APIv2, everything in CDATA, the client certificate as .p12, answers verified by the SDK itself.

import { account, bytes, charged, code, load, refused, same, until } from "./told.mjs";

const Tenpay = load("tenpay");
const me = account("wechat");

const client = (other = {}) => {
    const made = new Tenpay({
        appid: me.appid,
        mchid: me.mch_id,
        partnerKey: me.api_key,
        pfx: bytes(me.client_p12),
        ...other,
    });
    for (const [name, url] of Object.entries(made.urls)) {
        made.urls[name] = me.base_url + new URL(url).pathname;
    }
    return made;
};

const merchant = client();
const query = (order) => merchant.orderQuery({ out_trade_no: order });
const pay = (order, scenario, tail, fen = 1234, by = merchant, more = {}) =>
    by.micropay({
        out_trade_no: order,
        body: "两杯咖啡 & <cake>",
        total_fee: fen,
        auth_code: code("13", scenario, tail),
        ...more,
    });

const atOnce = async () => {
    const paid = await pay("WNO-once", "000", 11);
    same("paid at once", [paid.trade_type, paid.total_fee], ["MICROPAY", "1234"]);
    const asked = await query("WNO-once");
    same("the query says so", [asked.trade_state, asked.transaction_id], ["SUCCESS", paid.transaction_id]);
    charged("WNO-once", 1234);
};

const hmac = async () => {
    const paid = await pay("WNO-hmac", "000", 12, 1234, merchant, { sign_type: "HMAC-SHA256", attach: "till-1" });
    same("paid under HMAC-SHA256", [paid.total_fee, paid.attach], ["1234", "till-1"]);
    charged("WNO-hmac", 1234);
};

const password = async () => {
    const error = await refused("the password is asked for", pay("WNO-password", "101", 13));
    same("in WeChat's word", error.message, "USERPAYING");
    const entered = (answer) => answer.trade_state === "SUCCESS";
    await until("the password is entered", () => query("WNO-password"), entered, 2);
    charged("WNO-password", 1234);
};

const reversed = async () => {
    await pay("WNO-undo", "000", 14);
    same("it is reversed", (await merchant.reverse({ out_trade_no: "WNO-undo" })).recall, "N");
    charged("WNO-undo", 1234, 1234);
};

const refunds = async () => {
    await pay("WNO-refund", "000", 15, 1000);
    const refund = (number, fen) =>
        merchant.refund({ out_trade_no: "WNO-refund", out_refund_no: number, total_fee: 1000, refund_fee: fen });
    same("a part goes back", (await refund("WNO-refund-1", 400)).refund_fee, "400");
    const found = await merchant.refundQuery({ out_refund_no: "WNO-refund-1" });
    same("the refund is found", [found.refund_status_0, found.refund_fee_0], ["SUCCESS", "400"]);
    same("the rest goes back", (await refund("WNO-refund-2", 600)).refund_fee, "600");
    same("the order says so", (await query("WNO-refund")).trade_state, "REFUND");
    charged("WNO-refund", 1000, 1000);
};

const declined = async () => {
    const error = await refused("no funds", pay("WNO-declined", "201", 16));
    same("in WeChat's word", error.message, "NOTENOUGH");
    charged("WNO-declined", 0);
};

const wrongKeys = async () => {
    const forger = client({ partnerKey: "0".repeat(32) });
    const error = await refused("another key is refused", pay("WNO-forged", "000", 17, 1234, forger));
    same("for the signature", error.message, "签名错误");
    charged("WNO-forged", 0);
    const deceived = client();
    // Signed with the right key already; the answer is looked at with a wrong one.
    const asked = deceived.orderQuery({ out_trade_no: "WNO-once" });
    deceived.partnerKey = "0".repeat(32);
    const disbelieved = await refused("an answer under another key is refused", asked);
    same("by the SDK", disbelieved.message, "sign签名错误");
    const bare = client({ pfx: undefined });
    const refund = { out_trade_no: "WNO-once", out_refund_no: "WNO-once-1", total_fee: 1234, refund_fee: 1234 };
    await refused("without the client certificate no money goes back", bare.refund(refund));
};

for (const play of [atOnce, hmac, password, reversed, refunds, declined, wrongKeys]) {
    await play();
}
