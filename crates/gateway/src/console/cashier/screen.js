// What the cashier sees. Takes plain values and writes them into the page; decides nothing.

import { yuan } from "./money.js";
import { lookOf } from "./view.js";
import { say } from "./words.js";

const RING_LENGTH = 2 * Math.PI * 54;
const GLYPHS = {
  busy: "•••", typing: "•••", unknown: "?", offline: "?", reversing: "⟲", paid: "✓", failed: "✕", reversed: "↩",
  suspended: "!", refused: "✕", nothing: "∅",
};

// While one of these is on the screen, nobody may be charged a second time.
const WARNED = new Set(["unknown", "offline", "reversing", "suspended"]);

const find = (id) => document.getElementById(id);

export function stage(name) {
  if (document.body.dataset.stage === name) return;
  document.body.dataset.stage = name;
  for (const section of document.querySelectorAll("[data-stage-is]")) {
    section.hidden = !section.dataset.stageIs.split(" ").includes(name);
  }
  letGo();
}

// No button keeps the focus over a change: an Enter that was meant for the last screen must press nothing on this one.
function letGo() {
  document.activeElement?.blur();
}

export function amount(entry) {
  find("amount").textContent = yuan(entry.total());
  find("sum").textContent = entry.sum();
  find("charge").disabled = !entry.payable();
}

export function scanning(fen, typed) {
  find("scan-amount").textContent = yuan(fen);
  find("typed").textContent = typed.replace(/(.{4})(?=.)/g, "$1 ");
}

export function hint(id, text) {
  find(id).textContent = text;
}

// The full-screen state. `buttons` has `[key, words]` for the main, the other and the aside button, or null.
export function state({ look, fen, title, text, detail, reference, buttons }) {
  const section = find("state");
  if (section.dataset.look !== look) letGo();
  section.dataset.look = look;
  find("glyph").textContent = GLYPHS[look];
  find("state-title").textContent = title;
  find("state-amount").textContent = fen === null ? "" : yuan(fen);
  find("state-warning").textContent = WARNED.has(look) ? say("warning") : "";
  find("state-text").textContent = text;
  find("state-detail").textContent = detail;
  find("state-reference").textContent = reference;
  for (const [place, button] of Object.entries(buttons)) {
    const element = find(`button-${place}`);
    element.hidden = button === null;
    element.querySelector("kbd").textContent = button?.[0] ?? "";
    element.querySelector("span").textContent = button?.[1] ?? "";
  }
}

export const shownLook = () => find("state").dataset.look;

// The ring and the seconds: until a deadline, or since the beginning; none where nothing is waited for.
export function clock(times) {
  const ring = find("ring");
  ring.toggleAttribute("hidden", times === null);
  if (times === null) return;
  const { leftMs, ofMs, passedMs } = times;
  const counting = leftMs !== null;
  ring.toggleAttribute("data-still", !counting);
  const share = counting ? Math.min(1, Math.max(0, leftMs / ofMs)) : 1;
  find("ring-left").setAttribute("stroke-dashoffset", String(RING_LENGTH * (1 - share)));
  const seconds = Math.max(0, Math.ceil((counting ? leftMs : passedMs) / 1000));
  find("ring-seconds").textContent = String(seconds);
  find("ring-unit").textContent = say(counting ? "seconds_left" : "seconds_passed");
}

// Payments that are not decided, with what to press.
export function tray(payments, now, pick) {
  const rows = payments.map((payment, place) => {
    const look = lookOf(payment, now);
    const row = document.createElement("button");
    row.type = "button";
    row.className = "row";
    row.dataset.look = look;
    row.dataset.payment = payment.id;
    const age = Math.max(0, Math.round((now - Date.parse(payment.created_at)) / 1000));
    row.append(
      part("strong", `¥${yuan(payment.amount)}`),
      part("span", say(`tray_${look}`), "what"),
      part("small", `${tail(payment.order_no)} · ${span(age)}`),
    );
    if (place === 0) row.append(part("kbd", "F4"));
    row.addEventListener("click", () => pick(payment));
    return row;
  });
  find("tray").replaceChildren(...rows);
  find("tray-empty").hidden = rows.length > 0;
  find("tray-count").textContent = rows.length > 0 ? String(rows.length) : "";
}

export function lastFive(payments) {
  const rows = payments.map((payment) => {
    const row = document.createElement("li");
    row.className = "row";
    row.dataset.look = payment.status;
    row.append(
      part("strong", `¥${yuan(payment.paid_amount ?? payment.amount)}`),
      part("span", say(`status_${payment.status}`), "what"),
      part("small", `${tail(payment.order_no)} · ${time(payment.created_at)}`),
    );
    return row;
  });
  find("last").replaceChildren(...rows);
  find("last-empty").hidden = rows.length > 0;
}

function part(tag, text, className) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

const tail = (orderNo) => (orderNo.length > 9 ? `…${orderNo.slice(-7)}` : orderNo);
const time = (at) =>
  new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).format(new Date(at));
const span = (seconds) =>
  seconds < 100 ? say("age_s", { n: seconds }) : say("age_min", { n: Math.round(seconds / 60) });

export function line(up) {
  find("line").dataset.up = String(up);
  find("line-text").textContent = say(up ? "line_up" : "line_down");
}

// A short message over everything, gone by itself.
export function toast(text, look) {
  const element = find("toast");
  element.textContent = text;
  element.dataset.look = look;
  element.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => (element.hidden = true), 5_000);
}

// A question that has to be answered: Enter or Escape, or a touch. Resolves to whether it was yes.
export function question({ title, text, yes, no }) {
  const dialog = find("question");
  find("question-title").textContent = title;
  find("question-text").textContent = text;
  find("question-yes").querySelector("span").textContent = yes;
  find("question-no").querySelector("span").textContent = no;
  dialog.hidden = false;
  return new Promise((resolve) => {
    question.answer = (answer) => {
      dialog.hidden = true;
      question.answer = null;
      resolve(answer);
    };
  });
}
question.answer = null;
