// What every walk uses: the browser with its watch over faults, steps, screenshots, the decoder, and a till.
//
// A walk talks to the Rust side over stdio, one line each way: `ok …` and `not ok …` are verdicts, `decode …` is a
// question, `kill` and `start` are wishes. Nothing sleeps: what a page shows later is waited for as a condition.

import { createRequire } from "node:module";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import path from "node:path";

const needed = (name) => {
    const value = process.env[name];
    if (!value) throw new Error(`${name} is not set: run ./x test`);
    return value;
};

const { chromium } = createRequire(`${needed("PAYCODE_NODE_MODULES")}/`)("playwright-core");

/** What `paycode demo --json` said: api, api_key, settle_key, cashier, phone, simulator. */
export const demo = JSON.parse(needed("PAYCODE_DEMO"));

/** How long a condition may take on a busy machine, ms. */
export const PATIENCE_MS = 120_000;

const SCREENS = needed("PAYCODE_SCREENS");

const ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

let browser;

/**
 * A page of a browser of its own, with its faults: every request to a host that is not in `hosts`, every error on the
 * console, every uncaught error, every violation of the content security policy.
 */
export async function open({
    lang = "zh",
    width = 1366,
    height = 768,
    dark = false,
    hosts = Object.values(demo).filter((value) => /^http:/.test(value)).map((value) => new URL(value).host),
} = {}) {
    browser ??= await chromium.launch({ executablePath: needed("PAYCODE_CHROMIUM"), args: ARGUMENTS });
    const context = await browser.newContext({
        locale: lang === "zh" ? "zh-CN" : "en-GB",
        viewport: { width, height },
        colorScheme: dark ? "dark" : "light",
        reducedMotion: "reduce",
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const faults = [];
    const own = (url) => ["data:", "blob:"].includes(url.protocol) || hosts.includes(url.host);
    await context.route(
        (url) => !own(url),
        (route) => {
            faults.push(`off-host request: ${route.request().url()}`);
            return route.abort();
        },
    );
    await context.exposeBinding("paycodeFault", (_source, text) => void faults.push(text));
    await context.addInitScript(() => {
        addEventListener("securitypolicyviolation", (event) => {
            globalThis.paycodeFault(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
        });
    });
    const page = await context.newPage();
    page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
    page.on("console", (message) => {
        if (message.type() === "error") faults.push(`console: ${message.text()}`);
    });
    return { page, context, faults, lang };
}

/** Fails with what a page did wrong; clears it, so that a fault is told once. */
export function faultless({ faults }) {
    const told = faults.splice(0);
    if (told.length > 0) throw new Error(told.join("; "));
}

/** Keeps a picture of the page as target/browser/screens/<lang>/<name>.png and answers its path. */
export async function screenshot({ page, lang }, name, target = page) {
    const file = path.join(SCREENS, lang, `${name}.png`);
    mkdirSync(path.dirname(file), { recursive: true });
    await target.screenshot({ path: file, animations: "disabled" });
    return file;
}

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Asks the Rust side, which answers `done …` or why not. */
async function wish(line) {
    process.stdout.write(`${line}\n`);
    const { value } = await answers.next();
    const [verdict, ...text] = (value ?? "").split(" ");
    if (verdict !== "done") throw new Error(`${line}: ${text.join(" ")}`);
    return text.join(" ");
}

/** What an independent decoder reads in a picture; `format` is `qr` or `code128`. */
export const decode = (format, file) => wish(`decode ${format} ${file}`);

/** kill -9 for gateway and simulator. */
export const kill = () => wish("kill");

/** Starts them again at the same addresses, with the same data. */
export const start = () => wish("start");

/** One call to the gateway, as a till makes it. */
export async function till(method, target, body) {
    const answer = await fetch(demo.api + target, {
        method,
        headers: { authorization: `Bearer ${demo.api_key}`, "content-type": "application/json" },
        body: body && JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
}

let orders = 0;

/** Opens a payment with a scanned code, and answers it. */
export async function charge(code, amount, wait_seconds = 0) {
    orders += 1;
    const order_no = `WALK-${process.pid}-${orders}`;
    const { body } = await till("POST", "/v1/payments", { order_no, amount, auth_code: code, wait_seconds });
    if (!body.id) throw new Error(`no payment: ${JSON.stringify(body)}`);
    return body;
}

/** The payment once it has this status, long-polled; another end is an error. */
export async function ends(payment, status) {
    const started = performance.now();
    while (performance.now() - started < 2 * PATIENCE_MS) {
        if (payment.status === status) return payment;
        if (payment.status !== "processing") break;
        ({ body: payment } = await till("GET", `/v1/payments/${payment.id}?wait=10`));
    }
    throw new Error(`${payment.status}, not ${status}: ${JSON.stringify(payment)}`);
}

export function equal(actual, expected, what) {
    const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (is !== should) throw new Error(`${what}: ${is}, not ${should}`);
}

let failed = false;

/** One named check. The walk goes on after one that failed, and ends as failed. */
export async function step(name, body) {
    try {
        await body();
        process.stdout.write(`ok ${name}\n`);
    } catch (error) {
        failed = true;
        const told = String(error?.stack ?? error).replaceAll("\n", "\n#   ");
        process.stdout.write(`not ok ${name}\n#   ${told}\n`);
    }
}

/** Ends the walk. */
export async function done() {
    await browser?.close();
    process.exit(failed ? 1 : 0);
}
