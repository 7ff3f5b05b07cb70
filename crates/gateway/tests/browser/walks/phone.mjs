// The customer's phone: codes that scan, the password dialog, balance and bill, by hand and by keyboard alone.

import { charge, decode, demo, done, ends, equal, faultless, kill, open, screenshot, start, step, till } from "./lib.mjs";

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1366, height: 768 };
const TABLET = { width: 1280, height: 800 };

/** The phone page, with its stream open. */
async function phone({ wallet = "wechat", scenario = "000", ...options } = {}) {
    const window = await open(options);
    await window.page.goto(`${demo.phone}?lang=${window.lang}&wallet=${wallet}&scenario=${scenario}`);
    await window.page.locator("body[data-link=live]").waitFor();
    // The first state has been shown.
    await window.page.locator("#bill[data-put]").waitFor();
    return window;
}

const shownCode = (page) => page.locator("#symbols").getAttribute("data-code");

async function balance(page) {
    const text = await page.locator("#balance").textContent();
    return Math.round(Number(text.replaceAll(",", "").replace("−", "-")) * 100);
}

/** Waits until the balance is this many fen. */
const balanced = (page, fen) => {
    const yuan = (fen / 100).toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ",");
    return page.locator("#balance", { hasText: new RegExp(`^${yuan}$`) }).waitFor();
};

const outcome = (page, standing) => page.locator(`#outcome [data-standing=${standing}]`).waitFor();
const verdict = (page, standing) => page.locator(`#verdict [data-standing=${standing}]`).waitFor();
const asked = (page) => page.locator("#ask[open] #asking").waitFor();

async function close(window) {
    faultless(window);
    await window.context.close();
}

/** Nothing sticks out of the window, and the top bar is whole. */
async function fits({ page }) {
    const out = await page.evaluate(() => {
        const all = [...document.querySelectorAll("body *")].filter((element) => element.checkVisibility());
        const names = all
            .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
            .map((element) => `${element.tagName}.${element.className}#${element.id}`);
        return [document.documentElement.scrollWidth > innerWidth ? "scrolls sideways" : "", ...names].filter(Boolean);
    });
    equal(out, [], "what sticks out");
}

await step("the page is small, strict and from here alone", async () => {
    const answer = await fetch(demo.phone);
    const policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    equal(answer.headers.get("content-security-policy"), policy, "policy");
    const assets = ["", "/assets/phone.css", "/assets/phone.js"].map((name) => fetch(demo.phone + name));
    const sizes = await Promise.all(assets.map(async (asset) => (await (await asset).text()).length));
    if (sizes.reduce((sum, size) => sum + size) > 100_000) throw new Error(`${sizes} bytes`);
    equal((await fetch(demo.simulator)).url, demo.phone, "where / leads");
});

for (const [lang, wallet, other] of [
    ["zh", "wechat", "alipay"],
    ["en", "alipay", "wechat"],
]) {
    await step(`${lang}: the QR code scans, is charged, and the balance falls`, async () => {
        const window = await phone({ lang, wallet, ...DESK });
        const { page } = window;
        await fits(window);
        await screenshot(window, "code-desk");
        const code = await decode("qr", await screenshot(window, "qr", page.locator("#square")));
        equal(code, await shownCode(page), "code");
        const before = await balance(page);
        await ends(await charge(code, 1234, 10), "paid");
        await outcome(page, "paid");
        await balanced(page, before - 1234);
        equal(await page.locator("#bill .line").first().locator(".sum").textContent(), "−12.34", "line");
        await screenshot(window, "paid-desk");
        await page.locator("#fresh").click();
        await page.locator("#symbols").waitFor();
        if ((await shownCode(page)) === code) throw new Error("the code was not renewed");
        await close(window);
    });

    await step(`${lang}: the bar code scans in the dark, and a coupon makes it cheaper`, async () => {
        const window = await phone({ lang, wallet: other, scenario: "503", dark: true, ...PHONE });
        const { page } = window;
        await fits(window);
        await screenshot(window, "code-phone-dark");
        const code = await decode("code128", await screenshot(window, "bars", page.locator("#bars")));
        equal(code, await shownCode(page), "code");
        const digits = await page.locator("#digits").textContent();
        equal(digits, code.match(/.{1,4}/g).join(" "), "digits");
        const before = await balance(page);
        const payment = await ends(await charge(code, 1000, 10), "paid");
        await balanced(page, before - payment.paid_amount);
        await screenshot(window, "paid-phone-dark");
        await close(window);
    });

    await step(`${lang}: the password is typed, confirmed with Enter, and paid`, async () => {
        const window = await phone({ lang, wallet, scenario: "106", ...TABLET });
        const { page } = window;
        const before = await balance(page);
        const payment = await charge(await shownCode(page), 8800);
        await asked(page);
        equal(await page.locator("#question .amount").textContent(), "¥88.00", "amount");
        await page.keyboard.press("Enter");
        await page.keyboard.type("12345");
        if (await page.locator("#confirm").isEnabled()) throw new Error("five digits were enough");
        await page.keyboard.type("6");
        await fits(window);
        await screenshot(window, "asked-tablet");
        await page.keyboard.press("Enter");
        await verdict(page, "paid");
        await ends(payment, "paid");
        await balanced(page, before - 8800);
        await screenshot(window, "answered-tablet");
        await page.keyboard.press("Enter");
        await page.locator("#ask:not([open])").waitFor({ state: "attached" });
        await outcome(page, "paid");
        await close(window);
    });

    await step(`${lang}: a reload asks again; refused, it is reversed and the balance stands`, async () => {
        const window = await phone({ lang, wallet: "wechat", scenario: "106", ...PHONE });
        const { page } = window;
        const before = await balance(page);
        const payment = await charge(await shownCode(page), 4321);
        await asked(page);
        await page.reload();
        await asked(page);
        equal(await page.locator("#question .amount").textContent(), "¥43.21", "amount");
        await fits(window);
        await screenshot(window, "asked-phone");
        await page.locator("[data-key='7']").click();
        await page.keyboard.press("Escape");
        await verdict(page, "refused");
        await screenshot(window, "refused-phone");
        await page.locator("#done").click();
        if (lang === "en") return close(window);
        await ends(payment, "reversed");
        await page.locator("#bill .line[data-standing=reversed]").first().waitFor();
        equal(await balance(page), before, "balance");
        await close(window);
    });

    await step(`${lang}: what is taken away meanwhile is not asked any more`, async () => {
        const window = await phone({ lang, wallet: "alipay", scenario: "106", dark: true, ...DESK });
        const { page } = window;
        const payment = await charge(await shownCode(page), 700);
        await asked(page);
        await screenshot(window, "asked-desk-dark");
        await till("POST", `/v1/payments/${payment.id}/cancel`, {});
        await verdict(page, "reversed");
        await screenshot(window, "taken-away-desk-dark");
        await page.keyboard.press("Escape");
        await ends(payment, "reversed");
        await close(window);
    });

    await step(`${lang}: a decline, and a question that the scenario answers`, async () => {
        const window = await phone({ lang, wallet, scenario: "201", ...PHONE });
        const { page } = window;
        await ends(await charge(await shownCode(page), 2500, 10), "failed");
        await outcome(page, "declined");
        await screenshot(window, "declined-phone");
        await page.locator("#choose").click();
        await fits(window);
        await screenshot(window, "scenarios-phone");
        await page.locator("label", { has: page.locator("input[value='101']") }).click();
        await page.locator("#symbols").waitFor();
        const payment = await charge(await shownCode(page), 2600);
        await page.locator("#waiting li").waitFor();
        await screenshot(window, "waiting-phone");
        await outcome(page, "paid");
        await ends(payment, "paid");
        equal(await page.locator("#ask").evaluate((dialog) => dialog.open), false, "dialog");
        await close(window);
    });

    await step(`${lang}: every word is in one language, and the switch keeps the choice`, async () => {
        const window = await phone({ lang, wallet, scenario: "301", ...DESK });
        const { page } = window;
        const foreign = lang === "zh" ? /\b(?!HTML|BOM|English|Esc|Enter)[A-Za-z]{4,}/ : /\p{Script=Han}/u;
        const text = await page.evaluate(() => {
            document.querySelectorAll("#language, noscript").forEach((element) => element.remove());
            const spoken = [...document.querySelectorAll("[aria-label]")].map((element) => element.ariaLabel);
            const numbers = [...document.querySelectorAll(".number")].map((element) => element.textContent);
            const words = `${document.body.textContent} ${spoken.join(" ")}`;
            return numbers.reduce((rest, number) => rest.replaceAll(number, ""), words);
        });
        if (foreign.test(text)) throw new Error(`${foreign.exec(text)}: ${text}`);
        await page.reload();
        await page.locator("#language").click();
        await page.locator(`html[lang^=${lang === "zh" ? "en" : "zh"}]`).waitFor();
        equal(await page.locator("input[name=scenario]:checked").inputValue(), "301", "scenario");
        // The choice outlives the address.
        await page.goto(demo.phone);
        await page.locator(`html[lang^=${lang === "zh" ? "en" : "zh"}]`).waitFor();
        await close(window);
    });
}

for (const lang of ["zh", "en"]) {
    await step(`${lang}: it says when the line is gone; after a kill it is back, with the same money`, async () => {
        const window = await phone({ lang, wallet: "alipay", scenario: "106", ...DESK });
        const { page, faults } = window;
        const before = await balance(page);
        await charge(await shownCode(page), 5000);
        await asked(page);
        await kill();
        await page.locator("body[data-link=lost] #lost").waitFor();
        await screenshot(window, "lost-asked-desk");
        await start();
        await page.locator("body[data-link=live]").waitFor();
        await page.locator("#lost").waitFor({ state: "hidden" });
        // The dialog has waited; what was typed before counts.
        await page.keyboard.type("123456");
        await page.keyboard.press("Enter");
        await verdict(page, "paid");
        await balanced(page, before - 5000);
        equal(faults.splice(0).filter((fault) => !fault.includes("net::ERR_")), [], "faults");
        await close(window);
    });
}

await step("without a stream it asks again and again", async () => {
    const window = await open();
    await window.context.route("**/phone/live*", (route) => route.abort());
    await window.page.goto(demo.phone);
    await window.page.locator("body[data-link=polling] .is-polling").waitFor();
    const payment = await charge(await shownCode(window.page), 300, 10);
    equal(payment.status, "paid", "status");
    await outcome(window.page, "paid");
    await screenshot(window, "polling-desk");
    equal(window.faults.splice(0).filter((fault) => !fault.includes("ERR_FAILED")), [], "faults");
    await close(window);
});

await step("after a minute there is another code, and each is new", async () => {
    const window = await open();
    const { page } = window;
    await page.clock.install();
    await page.goto(demo.phone);
    const seen = new Set();
    for (let minute = 0; minute < 4; minute += 1) {
        const code = await shownCode(page);
        if (seen.has(code)) throw new Error(`${code} twice`);
        seen.add(code);
        await page.clock.runFor(30_000);
        equal(await shownCode(page), code, "code after half a minute");
        await page.clock.runFor(31_000);
        await page.locator(`#symbols:not([data-code='${code}'])`).waitFor();
    }
    await close(window);
});

/** Presses a key until the element has the focus; every stop on the way shows that it has it. */
async function reach(page, key, selector) {
    for (let presses = 0; presses < 60; presses += 1) {
        const stop = await page.evaluate((wanted) => {
            const active = document.activeElement;
            const around = [active, active.nextElementSibling, active.closest("label")].filter(Boolean);
            const ring = around.some((element) => getComputedStyle(element).outlineStyle !== "none");
            return { there: active.matches(wanted), ring: ring || active === document.body, name: active.outerHTML };
        }, selector);
        if (!stop.ring) throw new Error(`no visible focus: ${stop.name.slice(0, 120)}`);
        if (stop.there) return;
        await page.keyboard.press(key);
    }
    throw new Error(`${key} does not lead to ${selector}`);
}

for (const [name, size] of [
    ["desk", DESK],
    ["phone", PHONE],
]) {
    await step(`everything goes with the keyboard alone, ${name}`, async () => {
        const window = await phone({ lang: "en", ...size });
        const { page } = window;
        await reach(page, "Tab", "input[name=wallet]");
        await reach(page, "ArrowRight", "input[name=wallet][value=alipay]");
        if (name === "phone") {
            await reach(page, "Tab", "#choose");
            await page.keyboard.press("Enter");
        } else {
            await reach(page, "Shift+Tab", "input[name=scenario]");
        }
        await reach(page, "ArrowDown", "input[name=scenario][value='106']");
        await page.keyboard.press("Enter");
        await screenshot(window, `keyboard-${name}`);
        await page.locator("#symbols[data-code^='280000106']").waitFor();
        await reach(page, name === "phone" ? "Shift+Tab" : "Tab", "#fresh");
        const code = await shownCode(page);
        await page.keyboard.press("Enter");
        await page.locator(`#symbols:not([data-code='${code}'])`).waitFor();
        const payment = await charge(await shownCode(page), 150);
        await asked(page);
        await page.keyboard.type("111111");
        await reach(page, "Tab", "#confirm");
        await page.keyboard.press("Space");
        await verdict(page, "paid");
        await page.keyboard.press("Enter");
        await ends(payment, "paid");
        await close(window);
    });
}

await done();
