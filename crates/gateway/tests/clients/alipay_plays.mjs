// What every client in JavaScript plays at Alipay, whatever it speaks: `call` is a method's last words and its content.

import { charged, code, same, until } from "./told.mjs";

export const pay = (call, order, scenario, tail, yuan = "12.34") =>
    call("pay", {
        out_trade_no: order,
        scene: "bar_code",
        auth_code: code("28", scenario, tail),
        subject: "两杯咖啡 <cake> 100% +1",
        total_amount: yuan,
        product_code: "FACE_TO_FACE_PAYMENT",
        extend_params: { hb_fq_num: "" },
    });

const query = (call, order) => call("query", { out_trade_no: order });

const atOnce = async (call) => {
    const paid = await pay(call, "ANO-once", "000", 11);
    same("paid at once", [paid.code, paid.total_amount, paid.out_trade_no], ["10000", "12.34", "ANO-once"]);
    const asked = await query(call, "ANO-once");
    same("the query says so", [asked.trade_status, asked.trade_no], ["TRADE_SUCCESS", paid.trade_no]);
    charged("ANO-once", 1234);
};

const password = async (call) => {
    same("the password is asked for", (await pay(call, "ANO-password", "101", 12)).code, "10003");
    const entered = (answer) => answer.trade_status === "TRADE_SUCCESS";
    await until("the password is entered", () => query(call, "ANO-password"), entered, 2);
    charged("ANO-password", 1234);
};

const canceled = async (call) => {
    same("nobody confirms", (await pay(call, "ANO-cancel", "104", 13)).code, "10003");
    const answer = await call("cancel", { out_trade_no: "ANO-cancel" });
    same("it is canceled", [answer.code, answer.retry_flag, answer.action], ["10000", "N", "close"]);
    same("nothing is open any more", (await query(call, "ANO-cancel")).trade_status, "TRADE_CLOSED");
    charged("ANO-cancel", 0);
};

const refunds = async (call) => {
    await pay(call, "ANO-refund", "000", 14, "10.00");
    const refund = (number, yuan) =>
        call("refund", { out_trade_no: "ANO-refund", out_request_no: number, refund_amount: yuan });
    const part = await refund("ANO-refund-1", "4.00");
    same("a part goes back", [part.code, part.fund_change, part.refund_fee], ["10000", "Y", "4.00"]);
    const asked = { out_trade_no: "ANO-refund", out_request_no: "ANO-refund-1" };
    const found = await call("fastpay.refund.query", asked);
    same("the refund is found", [found.refund_status, found.refund_amount], ["REFUND_SUCCESS", "4.00"]);
    const rest = await refund("ANO-refund-2", "6.00");
    same("the rest goes back", [rest.code, rest.refund_fee], ["10000", "10.00"]);
    same("the trade is closed", (await query(call, "ANO-refund")).trade_status, "TRADE_CLOSED");
    charged("ANO-refund", 1000, 1000);
};

const declined = async (call) => {
    const answer = await pay(call, "ANO-declined", "201", 15);
    same("no funds", [answer.code, answer.sub_code], ["40004", "ACQ.BUYER_BALANCE_NOT_ENOUGH"]);
    charged("ANO-declined", 0);
};

/** Everything that has to go well, one after the other. */
export const playAll = async (call) => {
    for (const play of [atOnce, password, canceled, refunds, declined]) {
        await play(call);
    }
};
