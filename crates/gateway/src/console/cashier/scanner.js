// The scanner test: shows what a scanner sends, how fast, and what the till would make of it. Nothing is sent anywhere.

import { Keys } from "./keys.js";
import { say } from "./words.js";

const KEYS_MAX = 40;
const WALLETS = [
  ["wechat", /^1[0-5]\d{16}$/],
  ["alipay", /^(2[5-9]|30)\d{14,22}$/],
  ["unionpay", /^62\d{17}$/],
];

const find = (id) => document.getElementById(id);
let strokes = [];
let last = -Infinity;

// A new burst begins after a second of silence.
function stroke(event) {
  if (event.timeStamp - last > 1_000) strokes = [];
  const gap = strokes.length === 0 ? null : event.timeStamp - last;
  last = event.timeStamp;
  strokes.push({ key: event.key, code: event.code, gap });
  find("strokes").replaceChildren(...strokes.slice(-KEYS_MAX).map(row));
}

function row({ key, code, gap }) {
  const line = document.createElement("tr");
  for (const text of [key, code, gap === null ? "–" : gap.toFixed(0)]) {
    const cell = document.createElement("td");
    cell.textContent = text;
    line.append(cell);
  }
  return line;
}

function verdict(look, lines) {
  const section = find("verdict");
  section.dataset.look = look;
  section.replaceChildren(
    ...lines.map((text) => {
      const line = document.createElement("p");
      line.textContent = text;
      return line;
    }),
  );
}

function scanned(digits, ending) {
  const gaps = strokes.slice(-digits.length).map(({ gap }) => gap).filter((gap) => gap !== null);
  const slowest = gaps.length === 0 ? 0 : Math.max(...gaps.slice(1));
  const wallet = WALLETS.find(([, pattern]) => pattern.test(digits))?.[0];
  verdict(wallet === undefined ? "failed" : "paid", [
    wallet === undefined ? say("scanner_no_code", { digits: digits.length }) : say("scanner_code", { wallet: say(`wallet_${wallet}`) }),
    say("scanner_speed", { digits: digits.length, ms: slowest.toFixed(0) }),
    say(`scanner_end_${ending}`),
  ]);
}

const keys = new Keys({
  digit() {
    verdict("busy", [say("scanner_hand")]);
  },
  burst() {
    verdict("busy", [say("scanner_burst")]);
  },
  scan: scanned,
  composing() {
    verdict("unknown", [say("ime")]);
  },
  key: () => false,
});

// Before the keys themselves, so that what they keep to themselves is shown as well.
document.addEventListener("keydown", stroke, { capture: true });
keys.listen(document);
