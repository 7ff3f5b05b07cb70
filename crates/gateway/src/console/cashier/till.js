// The till: amount, scan, result. Three screens and a tray of what is not decided yet.

import * as api from "./api.js";
import { Book } from "./book.js";
import { Keys } from "./keys.js";
import { listen } from "./live.js";
import { Entry, yuan } from "./money.js";
import { Memory, charge, newSale, settle } from "./sale.js";
import { UNDECIDED, clockOfPayment, clockOfRequest, lookOf, shownPayment } from "./view.js";
import { ours, readable, say } from "./words.js";
import * as screen from "./screen.js";
import * as sound from "./sound.js";

const TICK_MS = 250;
const POLL_MS = 2_000;
const TYPED_DIGITS_MAX = 24;

const { terminal, outlet, operator, hand } = document.body.dataset;
const identity = { terminal, ...(outlet && { outlet }), ...(operator && { operator }) };
const memory = new Memory(terminal);
const entry = new Entry();

// The screen is one of `amount`, `scan`, `state`.
let stage = "amount";
// What is being sold; set from the scan screen on.
let sale = null;
// The payment on the state screen, or null while there is none: a request on its way, a refusal, a lost line.
let payment = null;
// What the state screen shows while there is no payment.
let plain = null;
let scannedFirst = null;
let typed = "";
let beforeRun = entry.snapshot();
let cancelAsked = false;
let lineUp = false;
let clockOffMs = 0;

const now = () => Date.now() + clockOffMs;
const others = () => book.others(payment?.id);
const book = new Book(terminal, taken);

// ---- amount

function toAmount() {
  stage = "amount";
  sale = null;
  payment = null;
  plain = null;
  typed = "";
  cancelAsked = false;
  memory.keepShown(null);
  memory.dropIntent();
  entry.clear();
  render();
}

function amountKey(key) {
  if (key === "Enter") return entry.payable() ? void toScan() : undefined;
  if (key === "Escape") {
    entry.clear();
    scannedFirst = null;
  } else entry.press(key);
  render();
}

// ---- scan

async function toScan() {
  const fen = entry.total();
  if (sale === null) {
    const second = await askSecond(fen);
    if (second === null) return render();
    sale = newSale(terminal, fen, second);
  }
  stage = "scan";
  typed = "";
  const code = scannedFirst;
  scannedFirst = null;
  if (code !== null) return send(code);
  render();
}

// False: it is the only sale here. True: it is a second one, and the cashier says so. Null: it is not.
async function askSecond(fen) {
  if (others().length === 0) return false;
  const waiting = others().map((one) => `¥${yuan(one.amount)}`).join(", ");
  const yes = await screen.question({
    title: say("second_title"),
    text: say("second_text", { waiting, amount: yuan(fen) }),
    yes: say("second_yes"),
    no: say("second_no"),
  });
  return yes ? true : null;
}

function scanKey(key) {
  if (key === "Escape") {
    const { amount } = sale;
    sale = null;
    stage = "amount";
    entry.restore({ items: [amount], text: "" });
    entry.back();
  } else if (key === "Enter" && typed !== "") return void send(typed);
  else if (key === "Backspace") typed = typed.slice(0, -1);
  else if (/^\d$/.test(key)) {
    if (hand === undefined) screen.hint("scan-hint", say("hand_refused"));
    else typed = (typed + key).slice(0, TYPED_DIGITS_MAX);
  }
  render();
}

// ---- charge

async function send(code) {
  const asked = sale;
  stage = "state";
  payment = null;
  cancelAsked = false;
  plain = { look: "busy", fen: asked.amount, title: say("busy"), text: "", since: now() };
  memory.keepIntent(asked);
  render();
  const doubt = () => {
    plain = offline(asked, plain.since);
    render();
  };
  arrived(asked, await charge(asked, code, identity, doubt));
}

const offline = (asked, since) => ({
  look: "offline", fen: asked.amount, title: say("offline"), text: say("offline_text"), since, detail: asked.order_no,
});

function arrived(asked, became) {
  // A refusal that shows this very sale tells how it stands: undecided, or paid.
  const standing = became.refused?.payment;
  if (standing?.order_no === asked.order_no) return arrived(asked, { payment: standing });
  if (!became.open) memory.dropIntent();
  if (became.open) plain = { ...offline(asked, undefined), title: say("not_arrived"), text: say("not_arrived_text"), asked };
  else if (became.payment) {
    plain = null;
    payment = became.payment;
    memory.keepShown({ id: payment.id });
    book.take(became.payment);
    ring(payment);
  } else if (became.refused) {
    if (became.refused.code === "terminal_has_open_payment") return void secondAfterAll(asked, became.refused);
    plain = {
      look: "refused", fen: asked.amount, title: say("refused"), text: ours(became.refused.title),
      detail: readable(became.refused.detail) ? ours(became.refused.detail) : became.refused.code,
    };
    sound.failure();
  } else {
    plain = { look: "nothing", fen: asked.amount, title: say("nothing"), text: say("nothing_text") };
    sound.failure();
  }
  render();
}

// Another till of the same name, or one whose tray was not up to date.
async function secondAfterAll(asked, problem) {
  if (problem.payment) book.take(problem.payment);
  const second = await askSecond(asked.amount);
  if (second !== true) return toAmount();
  sale = newSale(terminal, asked.amount, true);
  stage = "scan";
  screen.hint("scan-hint", say("scan_again"));
  render();
}

// ---- state

function stateKey(key) {
  const actions = actionsOf(currentLook());
  if (key === "Enter") actions.main?.run();
  else if (key === "Escape") actions.other?.run();
  else if (key === "F2") actions.aside?.run();
}

const currentLook = () => plain?.look ?? lookOf(payment, now());

function actionsOf(look) {
  const next = { keys: "Enter", words: say("next_sale"), run: toAmount };
  const newSaleEsc = { keys: "Esc", words: say("new_sale"), run: toAmount };
  const rescan = { keys: "Enter", words: say("rescan"), run: scanAgain };
  const aside = { keys: "F2", words: say("aside"), run: toAmount };
  const stop = { keys: "Esc", words: say(cancelAsked ? "cancelling" : "cancel"), run: askCancel };
  switch (look) {
    case "paid": return { main: next };
    case "failed": return payment.failure.advice === "call_support" ? { main: next } : { main: rescan, other: newSaleEsc };
    case "reversed":
    case "nothing":
    case "refused": return { main: rescan, other: newSaleEsc };
    case "suspended": return { aside };
    case "typing":
    case "unknown": return { other: stop, aside };
    case "reversing": return { aside };
    case "busy": return payment === null ? {} : { other: stop, aside };
    default: return plain?.asked ? { main: rescan, aside } : {};
  }
}

function scanAgain() {
  // A failed or reversed sale goes on under its number; one that was refused begins anew.
  const fen = payment?.amount ?? plain.fen;
  if (payment !== null) sale = { order_no: payment.order_no, amount: fen, second: false, former: payment.attempt };
  else sale = plain.asked ?? newSale(terminal, fen, false);
  sale.second = others().length > 0;
  payment = null;
  plain = null;
  cancelAsked = false;
  memory.keepShown(null);
  stage = "scan";
  typed = "";
  screen.hint("scan-hint", "");
  render();
}

async function askCancel() {
  if (cancelAsked || payment === null) return;
  const { id } = payment;
  const yes = await screen.question({
    title: say("cancel_title"), text: say("cancel_text"), yes: say("cancel_yes"), no: say("cancel_no"),
  });
  if (!yes || payment?.id !== id || !payment.can.cancel) return render();
  cancelAsked = true;
  render();
  const answer = await api.cancel(id);
  if (answer.ok) book.take(answer.ok);
  else if (payment?.id === id) {
    cancelAsked = false;
    screen.toast(ours(answer.refused?.title) || say("offline"), "unknown");
    book.refresh(id);
  }
  render();
}

// ---- what changes

function taken(fresh, before) {
  if (payment?.id === fresh.id) payment = fresh;
  if (before && before.status !== fresh.status) news(fresh);
  render();
}

function news(fresh) {
  if (payment?.id === fresh.id) ring(fresh);
  else if (fresh.status !== "processing" && stage !== "state") {
    ring(fresh);
    screen.toast(`¥${yuan(fresh.amount)} ${say(`status_${fresh.status}`)}`, fresh.status);
  }
}

function ring({ status }) {
  if (status === "paid") sound.success();
  else if (status !== "processing") sound.failure();
}

// After the line was away: the lists, and the payment on the screen, which may be decided by now.
async function refreshAll() {
  await book.refreshAll();
  if (payment && UNDECIDED.has(payment.status)) await book.refresh(payment.id);
  render();
}

function pick(one) {
  if (stage === "state" && currentLook() !== "paid") return;
  sale = null;
  plain = null;
  payment = one;
  cancelAsked = false;
  memory.keepShown({ id: one.id });
  stage = "state";
  render();
}

// ---- drawing

function render() {
  screen.stage(stage);
  screen.tray(others(), now(), pick);
  screen.lastFive(book.last);
  if (stage === "amount") {
    screen.amount(entry);
    screen.hint("amount-hint", scannedFirst === null ? "" : say("scanned_first"));
  } else if (stage === "scan") screen.scanning(sale.amount, typed);
  else renderState();
}

function renderState() {
  const look = currentLook();
  const button = (action) => (action ? [action.keys, action.words] : null);
  const { main, other, aside } = actionsOf(look);
  screen.state({
    look,
    ...(plain === null ? shownPayment(payment, look, cancelAsked) : { detail: "", reference: "", ...plain }),
    buttons: { main: button(main), other: button(other), aside: button(aside) },
  });
  tick();
}

// Four times a second: the clock, and what follows from time alone.
function tick() {
  if (stage !== "state") return;
  const aged = payment !== null && lookOf(payment, now()) !== screen.shownLook();
  if (aged && plain === null) return renderState();
  screen.clock(payment === null ? clockOfRequest(plain, now()) : clockOfPayment(payment, now()));
}

// ---- hands

const keys = new Keys({
  digit(digit, first) {
    if (screen.question.answer) return;
    if (first) beforeRun = entry.snapshot();
    press(digit);
  },
  burst() {
    if (stage === "amount") entry.restore(beforeRun);
    if (stage === "scan") typed = "";
    render();
  },
  scan(digits) {
    sound.unlock();
    if (screen.question.answer || stage === "state") return screen.toast(say("scan_ignored"), "unknown");
    if (stage === "scan") return void send(digits);
    scannedFirst = digits;
    if (entry.payable()) toScan();
    else render();
  },
  composing() {
    screen.toast(say("ime"), "unknown");
  },
  key(name) {
    sound.unlock();
    if (name === "Tab") return false;
    if (screen.question.answer) {
      if (name === "Enter" || name === "Escape") screen.question.answer(name === "Enter");
      return true;
    }
    if (name === "F4") {
      if (others().length > 0) pick(others()[0]);
    } else press(name);
    return true;
  },
});

function press(key) {
  if (stage === "amount") amountKey(key);
  else if (stage === "scan") scanKey(key);
  else if (/^\d$/.test(key) && currentLook() === "paid") {
    // The next sale begins with its first digit.
    toAmount();
    amountKey(key);
  } else stateKey(key);
}

function touch() {
  document.addEventListener("pointerdown", sound.unlock);
  for (const button of document.querySelectorAll("[data-press]")) {
    button.addEventListener("click", () => press(button.dataset.press));
  }
  const act = (place) => actionsOf(currentLook())[place]?.run();
  for (const place of ["main", "other", "aside"]) {
    document.getElementById(`button-${place}`).addEventListener("click", () => act(place));
  }
  document.getElementById("question-yes").addEventListener("click", () => screen.question.answer?.(true));
  document.getElementById("question-no").addEventListener("click", () => screen.question.answer?.(false));
  document.addEventListener("paste", (event) => {
    const digits = event.clipboardData.getData("text").replace(/\D/g, "").slice(0, TYPED_DIGITS_MAX);
    if (stage === "scan" && hand !== undefined) typed = digits;
    render();
  });
}

// ---- the beginning: what was open before a reload or a power cut comes back first

async function resume() {
  const intent = memory.intent();
  const shown = memory.shown();
  if (intent !== null) {
    stage = "state";
    plain = offline(intent, now());
    plain.title = say("resuming");
    render();
    arrived(intent, await settle(intent));
  } else if (shown !== null) {
    const answer = await api.payment(shown.id);
    if (answer.ok && stage === "amount") pick(answer.ok);
  }
}

listen(terminal, {
  hello({ now_ms }) {
    clockOffMs = now_ms - Date.now();
    refreshAll();
  },
  payment: (one) => book.take(one),
  refused: () => book.refreshAll(),
  line(up) {
    lineUp = up;
    screen.line(up);
  },
});
setInterval(tick, TICK_MS);
setInterval(() => {
  if (!lineUp && payment && UNDECIDED.has(payment.status)) book.refresh(payment.id);
}, POLL_MS);
keys.listen(document);
touch();
render();
resume();
