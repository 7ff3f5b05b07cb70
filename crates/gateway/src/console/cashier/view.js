// How a payment is shown: what follows from its value and the time.

import { yuan } from "./money.js";
import { ours, say } from "./words.js";

// A request that is so young is on its way, not in doubt.
const YOUNG_MS = 5_000;

export const UNDECIDED = new Set(["processing", "suspended"]);

// One word for the whole screen: its colour, glyph and texts.
export function lookOf(payment, now) {
  if (payment.status !== "processing") return payment.status;
  const { type, deadline } = payment.next_action;
  if (type === "customer_confirmation") return "typing";
  if (type === "reversing") return "reversing";
  const young = now - Date.parse(payment.created_at) < YOUNG_MS;
  return young && deadline === null ? "busy" : "unknown";
}

export function shownPayment(payment, look, cancelAsked) {
  return {
    fen: payment.amount,
    title: say(look === "unknown" && cancelAsked ? "cancelling" : look),
    text: textOf(payment, look),
    detail: look === "suspended" ? (payment.case ?? "") : "",
    reference: `${payment.order_no} · ${say(`wallet_${payment.wallet}`)} ${payment.code_masked}`,
  };
}

function textOf(payment, look) {
  const { amount, paid_amount: paid, discount_amount: off, failure } = payment;
  if (look === "paid") return paid === amount ? "" : say("discount", { paid: yuan(paid), off: yuan(off) });
  if (look === "failed") return ours(failure?.message);
  return look === "busy" ? "" : say(`${look}_text`);
}

// Until the deadline where there is one, else since the beginning; null where nothing is waited for.
export function clockOfPayment(payment, now) {
  if (!UNDECIDED.has(payment.status)) return null;
  const begun = Date.parse(payment.created_at);
  const deadline = payment.next_action?.deadline ?? null;
  const end = deadline === null ? null : Date.parse(deadline);
  return { leftMs: end === null ? null : end - now, ofMs: end - begun, passedMs: now - begun };
}

export function clockOfRequest(request, now) {
  return request.since === undefined ? null : { leftMs: null, ofMs: 0, passedMs: now - request.since };
}
