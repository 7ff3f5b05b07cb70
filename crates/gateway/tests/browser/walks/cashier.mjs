// The till, by keyboard and scanner alone: every screen, every way out, and what a reload or a lost line may not lose.

import { decode, demo, done, equal, faultless, open, screenshot, step, till as api } from "./lib.mjs";
import { Hands } from "./keys.mjs";
import { Line } from "./line.mjs";

const words = { wechat: "13", alipay: "28" };
let tail = 0;

// A code of a scenario, as the phone would show it.
const code = (wallet, scenario) => {
    tail += 1;
    const free = `${process.pid}${String(tail).padStart(4, "0")}`.slice(-9).padStart(9, "0");
    return `${words[wallet]}0000${scenario}${free}`;
};

let terminals = 0;

/** A till of its own: page, line, hands, and looking. */
async function counter(options = {}) {
    terminals += 1;
    const terminal = `walk-${process.pid}-${terminals}`;
    const line = await Line.to(demo.cashier);
    const window = await open({ ...options, hosts: [new URL(line.base).host] });
    const { page } = window;
    const hands = new Hands(window);
    const at = {
        ...window,
        terminal,
        line,
        hands,
        look: async (look) => {
            await page.locator(`#state[data-look="${look}"]:not([hidden])`).waitFor();
        },
        stage: async (stage) => {
            await page.locator(`body[data-stage="${stage}"]`).waitFor();
        },
        text: (id) => page.locator(`#${id}`).textContent(),
        shows: async (id, text) => {
            await page.locator(`#${id}`, { hasText: text }).waitFor();
        },
        // The notes of its sounds since the last time, in hertz.
        heard: () => page.evaluate(() => globalThis.heard.splice(0).map(Math.round)),
        payments: async () => {
            const { body } = await api("GET", `/v1/payments?terminal=${terminal}&limit=200`);
            return body.data;
        },
        picture: (name) => screenshot(window, `cashier-${name}`),
        connected: async () => {
            await page.locator('#line[data-up="true"]').waitFor();
        },
        sell: async (yuan, scanned) => {
            await at.stage("amount");
            await hands.type(yuan, "Enter");
            await at.stage("scan");
            await hands.scan(scanned);
        },
        // What the browser tells of requests that were refused, or failed because the line was cut, on purpose.
        expected: (words) => {
            const told = window.faults.splice(0);
            window.faults.push(...told.filter((fault) => !words.test(fault)));
        },
        close: async () => {
            await window.context.close();
            line.close();
        },
    };
    await page.addInitScript(() => {
        globalThis.heard = [];
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (...when) {
            globalThis.heard.push(this.frequency.value);
            return start.apply(this, when);
        };
    });
    await page.goto(`${line.base}/cashier?terminal=${terminal}`);
    await at.connected();
    return at;
}

/** One check at a till of its own; the till must be without faults at its end. */
const at = (name, body, options) =>
    step(name, async () => {
        const till = await counter(options);
        await body(till);
        faultless(till);
        await till.close();
    });

/** The customer's phone, showing a code of this scenario. */
async function phone(scenario) {
    const window = await open({ width: 390, height: 844 });
    await window.page.goto(`${demo.phone}?lang=zh&wallet=wechat&scenario=${scenario}`);
    await window.page.locator("body[data-link=live]").waitFor();
    return window;
}

/** What a scanner reads off the phone's screen. */
async function scanned(customer) {
    const picture = await screenshot(customer, "phone-at-the-till", customer.page.locator("#square"));
    return decode("qr", picture);
}

const asked = (customer) => customer.page.locator("#ask[open] #asking").waitFor();

const LOST = /Failed to load resource|ERR_/;
const REFUSED = /status of (409|422)/;

// Two people, one at the till and one with the phone, and nobody else.
await at("password, confirmed on the phone, paid at the till", async (till) => {
    const customer = await phone("106");
    await till.sell("106.01", await scanned(customer));
    await till.look("typing");
    await asked(customer);
    await till.picture("typing");
    await customer.page.keyboard.type("123456");
    await customer.page.keyboard.press("Enter");
    await till.look("paid");
    faultless(customer);
    await customer.context.close();
});

await at("refused on the phone, reversed at the till; the same sale is scanned again", async (till) => {
    const customer = await phone("106");
    await till.sell("106.02", await scanned(customer));
    await till.look("typing");
    await asked(customer);
    await customer.page.keyboard.press("Escape");
    await till.look("reversed");
    await till.picture("reversed");
    await till.hands.type("Enter");
    await till.stage("scan");
    await till.hands.scan(code("alipay", "000"));
    await till.look("paid");
    const sales = new Set((await till.payments()).map(({ order_no }) => order_no));
    equal(sales.size, 1, "sales: scanning again goes on with the same one");
    faultless(customer);
    await customer.context.close();
});

// Many tills at once, each with its own terminal.
await Promise.all([
    at("scan, then paid; the next sale begins with its first digit", async (till) => {
        await till.picture("amount");
        await till.sell("12.34", code("wechat", "000"));
        await till.look("paid");
        equal(await till.text("state-amount"), "12.34", "the amount on the screen");
        equal(await till.heard(), [880, 1319], "two rising notes");
        await till.picture("paid");
        await till.hands.type("5");
        await till.stage("amount");
        equal(await till.text("amount"), "5.00", "the next amount");
        equal((await till.payments()).map(({ amount, status }) => [amount, status]), [[1234, "paid"]], "payments");
    }),

    at("nobody confirms: the countdown runs, then reversed", async (till) => {
        await till.sell("104", code("wechat", "104"));
        await till.look("typing");
        const first = Number(await till.text("ring-seconds"));
        await till.page.waitForFunction(
            (before) => Number(document.getElementById("ring-seconds").textContent) < before - 2,
            first,
        );
        await till.look("reversed");
        equal((await till.payments())[0].reversal.status, "done", "the reversal");
    }),

    at("a reload, and a browser that was closed, find the payment again", async (till) => {
        await till.sell("106.03", code("alipay", "106"));
        await till.look("typing");
        await till.page.reload();
        await till.look("typing");
        equal(await till.text("state-amount"), "106.03", "the amount after the reload");
        await till.hands.type("F2");
        await till.stage("amount");
        await till.page.locator("#tray .row").waitFor();
        await till.picture("tray");
        // A power cut takes even what the browser remembers of the page; the tray comes from the gateway.
        await till.page.evaluate(() => localStorage.clear());
        await till.page.reload();
        await till.page.locator("#tray .row", { hasText: "106.03" }).waitFor();
        await till.hands.type("F4");
        await till.look("typing");
        await till.hands.type("Escape");
        await till.page.locator("#question").waitFor();
        await till.picture("cancel-question");
        await till.hands.type("Enter");
        await till.look("reversed");
    }),

    at("a scan ends with Enter, Tab or silence, comes before or after the amount, and is never half", async (till) => {
        for (const end of ["Enter", "Tab", null]) {
            await till.stage("amount");
            await till.hands.type("1", ".", "5", "Enter");
            await till.stage("scan");
            await till.hands.scan(code("alipay", "000"), end);
            await till.look("paid");
            await till.hands.type("Enter");
        }
        // Without an Enter between amount and scan, and the other way round.
        await till.stage("amount");
        await till.hands.type("2", "0");
        await till.hands.scan(code("wechat", "000"), null);
        await till.look("paid");
        equal(await till.text("state-amount"), "20.00", "the amount that the scan did not spoil");
        await till.hands.type("Enter");
        await till.stage("amount");
        await till.hands.scan(code("wechat", "000"));
        await till.shows("amount-hint", /\S/);
        equal(await till.text("amount"), "0.00", "no digit of a code is an amount");
        await till.hands.type("3", "+", "4", "Enter");
        await till.look("paid");
        equal(await till.text("state-amount"), "7.00", "the sum");
        equal((await till.payments()).map(({ amount }) => amount), [700, 2000, 150, 150, 150], "charged");
    }),

    at("a burst while a payment is open charges nothing", async (till) => {
        await till.sell("106.04", code("wechat", "106"));
        await till.look("typing");
        await till.hands.scan(code("wechat", "000"));
        await till.shows("toast", /\S/);
        await till.look("typing");
        equal((await till.payments()).length, 1, "payments");
        await till.hands.type("Escape");
        await till.page.locator("#question").waitFor();
        await till.hands.scan(code("wechat", "000"));
        await till.page.locator("#question").waitFor();
        await till.hands.type("Escape");
        await till.look("typing");
        equal((await till.payments()).length, 1, "payments after a burst into the question");
    }),

    at("a second sale on this terminal is asked about", async (till) => {
        await till.sell("106.05", code("alipay", "106"));
        await till.look("typing");
        await till.hands.type("F2");
        await till.stage("amount");
        await till.hands.type("106.05", "Enter");
        await till.page.locator("#question").waitFor();
        await till.picture("second-question");
        await till.hands.type("Escape");
        await till.page.locator("#question").waitFor({ state: "hidden" });
        equal(await till.page.getAttribute("body", "data-stage"), "amount", "no is the way back");
        await till.hands.type("Enter");
        await till.page.locator("#question").waitFor();
        await till.hands.type("Enter");
        await till.stage("scan");
        await till.picture("scan");
        await till.hands.scan(code("alipay", "000"));
        await till.look("paid");
        equal((await till.payments()).map(({ status }) => status), ["paid", "processing"], "both sales");
    }),

    at("an unknown result has a screen of its own, and ends as paid", async (till) => {
        await till.sell("30.5", code("wechat", "305"));
        await till.look("unknown");
        await till.shows("state-warning", "请勿重复收款");
        await till.picture("unknown");
        await till.look("paid");
    }),

    at("declined: what to do is said, and the same sale goes on", async (till) => {
        await till.sell("20.1", code("alipay", "201"));
        await till.look("failed");
        equal(await till.heard(), [196, 165], "a low double buzz");
        await till.picture("failed");
        await till.hands.type("Enter");
        await till.stage("scan");
        await till.hands.scan(code("alipay", "000"));
        await till.look("paid");
        const [second, first] = await till.payments();
        equal([second.order_no, second.attempt, first.attempt], [first.order_no, 2, 1], "the sale");
    }),

    at("what is no payment code, and what was spent, is refused", async (till) => {
        await till.sell("1", "692123456789");
        await till.look("refused");
        await till.picture("refused");
        await till.hands.type("Escape");
        const spent = code("wechat", "000");
        await till.sell("1", spent);
        await till.look("paid");
        await till.hands.type("Enter");
        await till.sell("2", spent);
        await till.look("refused");
        equal((await till.payments()).length, 1, "payments");
        till.expected(REFUSED);
    }),

    at("a lost answer is asked for again, and charges once", async (till) => {
        await till.stage("amount");
        await till.hands.type("8.8", "Enter");
        await till.stage("scan");
        till.line.set("mute");
        await till.hands.scan(code("wechat", "000"));
        while ((await till.payments()).length === 0);
        till.line.set("cut");
        await till.look("offline");
        await till.picture("offline");
        till.line.set("up");
        await till.look("paid");
        equal((await till.payments()).length, 1, "payments");
        till.expected(LOST);
    }),

    at("a request that was swallowed with its browser is made void before anybody may charge again", async (till) => {
        let held = null;
        till.page.on("request", (request) => {
            if (request.method() === "POST" && request.url().endsWith("/v1/payments")) held ??= request.postData();
        });
        await till.stage("amount");
        await till.hands.type("9.9", "Enter");
        await till.stage("scan");
        till.line.set("deaf");
        await till.hands.scan(code("wechat", "000"));
        await till.look("busy");
        await till.picture("busy");
        await till.page.goto("about:blank");
        till.line.set("up");
        await till.page.goto(`${till.line.base}/cashier`);
        await till.look("nothing");
        await till.picture("nothing");
        const late = await api("POST", "/v1/payments", { ...JSON.parse(held), wait_seconds: 0 });
        equal([late.status, late.body.code], [409, "order_canceled"], "the request that arrives late");
        await till.hands.type("Enter");
        await till.stage("scan");
        await till.hands.scan(code("wechat", "000"));
        await till.look("paid");
        till.expected(LOST);
    }),

    at("a further scan that was swallowed is not told as the failure of the one before", async (till) => {
        await till.sell("20.2", code("alipay", "201"));
        await till.look("failed");
        await till.hands.type("Enter");
        await till.stage("scan");
        till.line.set("deaf");
        await till.hands.scan(code("alipay", "000"));
        await till.look("busy");
        await till.page.goto("about:blank");
        till.line.set("up");
        await till.page.goto(`${till.line.base}/cashier`);
        await till.shows("state-title", "尚未到达网关");
        await till.look("offline");
        await till.shows("state-warning", "请勿重复收款");
        await till.picture("not-arrived");
        await till.hands.type("Enter");
        await till.stage("scan");
        await till.hands.scan(code("alipay", "000"));
        await till.look("paid");
        const payments = (await till.payments()).map(({ attempt, status }) => [attempt, status]);
        equal(payments, [[2, "paid"], [1, "failed"]], "one sale, charged once");
        till.expected(LOST);
    }),

    at("a lost line says so, and the result comes when it is back", async (till) => {
        await till.sell("106.06", code("wechat", "106"));
        await till.look("typing");
        till.line.set("cut");
        await till.page.locator('#line[data-up="false"]').waitFor({ state: "attached" });
        const [payment] = await till.payments();
        await fetch(`${demo.simulator}/_simulator/prompts/${payment.channel_order_no}/confirm`, { method: "POST" });
        till.line.set("up");
        await till.look("paid");
        till.expected(LOST);
    }),

    at("what only a person can settle says so, and lets the next customer through", async (till) => {
        await till.sell("40.4", code("alipay", "404"));
        await till.look("suspended");
        await till.shows("state-detail", "case_");
        await till.picture("suspended");
        await till.hands.type("F2");
        await till.stage("amount");
        await till.page.locator('#tray .row[data-look="suspended"]').waitFor();
    }),

    at("the scanner test tells a scanner from a hand, and what it sends", async (till) => {
        await till.page.goto(`${till.line.base}/cashier/scanner`);
        await till.hands.type("1", "2");
        await till.page.locator('#verdict[data-look="busy"]', { hasText: "手工" }).waitFor();
        await till.hands.scan(code("alipay", "000"), "Tab");
        await till.page.locator('#verdict[data-look="paid"]', { hasText: "支付宝" }).waitFor();
        await till.page.locator("#verdict", { hasText: "Tab" }).waitFor();
        await till.picture("scanner");
        await till.hands.scan("6921234567892");
        await till.page.locator('#verdict[data-look="failed"]', { hasText: "13" }).waitFor();
        equal(await till.payments(), [], "payments");
    }),

    at(
        "in English, in the dark, on ten inches",
        async (till) => {
            await till.picture("amount");
            await till.hands.type("12.34", "Enter");
            await till.stage("scan");
            await till.picture("scan");
            await till.hands.scan(code("wechat", "106"));
            await till.look("typing");
            await till.shows("state-title", "The customer is confirming");
            await till.picture("typing");
            await till.hands.type("F2");
            await till.page.locator("#tray .row").waitFor();
            await till.picture("tray");
            await till.hands.type("12.34", "Enter");
            await till.page.locator("#question").waitFor();
            await till.picture("second-question");
            await till.hands.type("Enter");
            await till.stage("scan");
            await till.hands.scan(code("alipay", "201"));
            await till.look("failed");
            await till.picture("failed");
            await till.hands.type("Escape");
            await till.hands.type("F4");
            await till.look("typing");
            await till.hands.type("Escape");
            await till.page.locator("#question").waitFor();
            await till.picture("cancel-question");
            await till.hands.type("Enter");
            await till.look("reversing");
            await till.picture("reversing");
            await till.look("reversed");
            await till.picture("reversed");
            await till.hands.type("Escape");
            await till.sell("30.5", code("wechat", "305"));
            await till.look("unknown");
            await till.picture("unknown");
            await till.look("paid");
            await till.picture("paid");
        },
        { lang: "en", dark: true, width: 1280, height: 800 },
    ),
]);

await done();
