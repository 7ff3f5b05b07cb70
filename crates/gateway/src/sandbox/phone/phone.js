// The phone's hand: renews codes, follows what the simulator says, and answers its questions.
//
// Words and drawings come from the server; nothing that is typed into the pad leaves this page.

const at = (id) => document.getElementById(id);
const body = document.body;
const lang = body.dataset.lang;

/* ------------------------------------------------------------ the code that is shown */

/** The last codes of this page, newest first: a till may scan one in the moment in which it is renewed. */
let codes = [at("symbols").dataset.code];
let validMs = Number(at("symbols").dataset.valid) * 1000;
let validUntil = performance.now() + validMs;
/** The spent code whose outcome is shown. */
let shown = null;
let renewing = false;

const wallet = () => document.querySelector("input[name=wallet]:checked").value;
const scenario = () => document.querySelector("input[name=scenario]:checked").value;
const fours = (digits) => digits.match(/.{1,4}/g).join(" ");

async function renew() {
    if (renewing) return;
    renewing = true;
    const wanted = { wallet: wallet(), scenario: scenario() };
    try {
        const answer = await post("/_simulator/codes", JSON.stringify(wanted));
        if (!answer.ok) throw new Error(`codes: ${answer.status}`);
        show(await answer.json());
    } catch {
        broken();
    } finally {
        renewing = false;
    }
    // What was chosen while the answer was on its way counts.
    if (wanted.wallet !== wallet() || wanted.scenario !== scenario()) await renew();
}

function show(fresh) {
    codes = [fresh.code, ...codes].slice(0, 2);
    shown = null;
    validMs = fresh.valid_seconds * 1000;
    validUntil = performance.now() + validMs;
    at("symbols").dataset.code = fresh.code;
    at("bars").innerHTML = fresh.code128_svg;
    at("square").innerHTML = fresh.qr_svg;
    at("digits").textContent = fours(fresh.code);
    at("symbols").hidden = false;
    at("outcome").hidden = true;
    at("countdown").hidden = false;
    tick();
}

function tick() {
    if (shown !== null) return;
    const left = Math.max(0, validUntil - performance.now());
    at("left").textContent = String(Math.ceil(left / 1000));
    document.querySelector("#countdown progress").value = left / 1000;
    at("symbols").classList.toggle("is-expired", left === 0);
    at("expired").hidden = left > 0;
    if (left === 0 && !document.hidden && body.dataset.link !== "lost") renew();
}

/** A code of ours was spent: what came of it takes its place, until another one is asked for. */
function showOutcome(spendings) {
    const spent = codes.map((code) => spendings.find((spending) => spending.code === code)).find(Boolean);
    if (!spent || (shown === null && spent.code !== codes[0] && dismissed.has(spent.code))) return;
    shown = spent.code;
    dismissed.add(spent.code);
    put("outcome", spent.html);
    at("symbols").hidden = true;
    at("countdown").hidden = true;
    at("outcome").hidden = false;
}

const dismissed = new Set();

function chosen() {
    const row = document.querySelector("input[name=scenario]:checked").closest("label");
    at("chosen-number").textContent = row.querySelector(".number").textContent;
    at("chosen-sentence").textContent = row.querySelector(".sentence").textContent;
    body.dataset.wallet = wallet();
    const address = new URLSearchParams({ lang, wallet: wallet(), scenario: scenario() });
    history.replaceState(null, "", `/phone?${address}`);
    address.set("lang", lang === "zh" ? "en" : "zh");
    at("language").href = `/phone?${address}`;
    if (latest) showPurse(latest);
    renew();
}

/* ------------------------------------------------------------ what the simulator says */

let latest = null;

function apply(state) {
    latest = state;
    showPurse(state);
    put("waiting", state.waiting);
    showOutcome(state.spendings);
    question(state);
}

function showPurse(state) {
    const purse = state.purses[wallet()];
    put("balance", purse.balance);
    put("bill", purse.bill);
}

/** Writes only what is new, so that what is read aloud or selected stays as it is. */
function put(id, html) {
    const element = at(id);
    if (element.dataset.put === html) return;
    element.innerHTML = html;
    element.dataset.put = html;
}

const POLL_MS = 2_000;
const SILENCE_MS = 30_000;
let source = null;
let heard = performance.now();
let polling = 0;

function listen() {
    source?.close();
    source = new EventSource(`/phone/live?lang=${lang}`);
    heard = performance.now();
    source.addEventListener("state", (event) => {
        alive("live");
        apply(JSON.parse(event.data));
    });
    source.addEventListener("beat", () => alive("live"));
    source.addEventListener("error", broken);
}

function alive(link) {
    heard = performance.now();
    body.dataset.link = link;
    at("lost").hidden = true;
    for (const button of [at("fresh"), at("refuse")]) button.disabled = false;
}

/** The stream broke: ask now and then, and listen again as soon as there is an answer. */
function broken() {
    source?.close();
    source = null;
    clearTimeout(polling);
    polling = setTimeout(poll, body.dataset.link === "live" ? 0 : POLL_MS);
}

async function poll() {
    try {
        const answer = await fetch(`/phone/state?lang=${lang}`, { signal: AbortSignal.timeout(POLL_MS * 2) });
        if (!answer.ok) throw new Error(`state: ${answer.status}`);
        const state = await answer.json();
        alive("polling");
        apply(state);
        listen();
    } catch {
        lost();
    }
}

function lost() {
    body.dataset.link = "lost";
    at("lost").hidden = false;
    for (const button of [at("fresh"), at("refuse"), at("confirm")]) button.disabled = true;
    broken();
}

const post = (address, text) => fetch(address, { method: "POST", body: text });

/* ------------------------------------------------------------ the password dialog */

const PIN_LENGTH = 6;
const ask = at("ask");
/** The order number that is asked about, or whose answer is shown. */
let asked = null;
let pin = 0;
let answering = false;

function question(state) {
    if (asked !== null) {
        const open = state.asked.some((prompt) => prompt.number === asked);
        const answered = !at("answered").hidden;
        if (!open) answer(state);
        if (open || answered || ask.open) return;
    }
    const next = state.asked[0];
    if (!next) return;
    asked = next.number;
    answering = false;
    press(0);
    ask.dataset.wallet = next.wallet ?? "";
    put("question", next.html);
    at("asking").hidden = false;
    at("answered").hidden = true;
    if (!ask.open) ask.showModal();
    at("pin").focus();
}

/** The question is over, by our hand or not: say how. */
function answer(state) {
    const spent = state.spendings.find((spending) => spending.number === asked);
    put("verdict", spent?.html ?? "");
    at("gone").hidden = spent !== undefined;
    const first = at("answered").hidden;
    at("asking").hidden = true;
    at("answered").hidden = false;
    if (first) at("done").focus();
}

function press(length) {
    pin = length;
    document.querySelectorAll("#pin .dot").forEach((dot, nth) => dot.classList.toggle("is-full", nth < pin));
    at("confirm").disabled = pin < PIN_LENGTH;
}

async function decide(hand) {
    if (answering || asked === null || at("asking").hidden) return;
    if (hand === "confirm" && pin < PIN_LENGTH) return;
    answering = true;
    try {
        const reply = await post(`/_simulator/prompts/${encodeURIComponent(asked)}/${hand}`);
        // 409: it was taken away meanwhile; what there is now says how.
        if (!reply.ok) await poll();
    } catch {
        broken();
    } finally {
        answering = false;
    }
}

function leave() {
    asked = null;
    ask.close();
    if (latest) question(latest);
}

function typed(event) {
    if (at("asking").hidden) {
        if (event.key === "Escape") {
            event.preventDefault();
            leave();
        }
        return;
    }
    if (/^[0-9]$/.test(event.key)) {
        press(Math.min(PIN_LENGTH, pin + 1));
    } else if (event.key === "Backspace") {
        press(Math.max(0, pin - 1));
    } else if (event.key === "Escape") {
        decide("refuse");
    } else if (event.key === "Enter" && document.activeElement !== at("refuse")) {
        // On a key of the pad, Enter presses it until all six are there.
        if (pin < PIN_LENGTH) return;
        decide("confirm");
    } else {
        return;
    }
    event.preventDefault();
}

/* ------------------------------------------------------------ hands and clocks */

const small = matchMedia("(max-width: 999px)");

/** The scenarios as a sheet on a small screen; on a large one they stand beside the phone already. */
function sheet(open) {
    const covers = open && small.matches;
    body.classList.toggle("has-sheet", covers);
    for (const covered of document.querySelectorAll(".top, .phone, .account")) covered.inert = covers;
    at("choose").setAttribute("aria-expanded", String(covers));
    const target = open ? document.querySelector("input[name=scenario]:checked") : at("choose");
    target.focus();
    if (open) target.closest("label").scrollIntoView({ block: "center" });
}

small.addEventListener("change", () => {
    if (body.classList.contains("has-sheet")) sheet(false);
});
for (const input of document.querySelectorAll("input[type=radio]")) input.addEventListener("change", chosen);
at("fresh").addEventListener("click", renew);
at("choose").addEventListener("click", () => sheet(true));
at("close").addEventListener("click", () => sheet(false));
at("scenarios").addEventListener("click", (event) => {
    // A finger or a mouse has chosen; the arrow keys are still on their way.
    if (event.detail > 0 && event.target.closest("label") && body.classList.contains("has-sheet")) sheet(false);
});
at("scenarios").addEventListener("keydown", (event) => {
    if (!["Enter", "Escape"].includes(event.key) || !body.classList.contains("has-sheet")) return;
    // The button that gets the focus now must not take this key as its own.
    event.preventDefault();
    sheet(false);
});
ask.addEventListener("keydown", typed);
ask.addEventListener("cancel", (event) => event.preventDefault());
at("confirm").addEventListener("click", () => decide("confirm"));
at("refuse").addEventListener("click", () => decide("refuse"));
at("done").addEventListener("click", leave);
for (const key of document.querySelectorAll("[data-key]")) {
    key.addEventListener("click", () => {
        press(key.dataset.key === "erase" ? Math.max(0, pin - 1) : Math.min(PIN_LENGTH, pin + 1));
    });
}
// A browser keeps few connections to one address: a page that nobody looks at gives its own back.
document.addEventListener("visibilitychange", () => {
    source?.close();
    source = null;
    if (document.hidden) return;
    tick();
    listen();
});
setInterval(() => {
    tick();
    if (source && performance.now() - heard > SILENCE_MS) broken();
}, 250);
listen();
