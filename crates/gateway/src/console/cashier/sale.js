// A sale is written down before it is asked for: what a reload or a power cut interrupts is looked up again by its number.
// The payment code is never written down.

import * as api from "./api.js";

const HURRY_MS = 30_000;
const PAUSE_MS = 1_500;

const pause = () => new Promise((wake) => setTimeout(wake, PAUSE_MS));

// `former`: the attempt of this sale that has ended; what is found under it says nothing of the one that is asked for.
export function newSale(terminal, amount, second) {
  return { order_no: orderNo(terminal), amount, second, former: 0 };
}

// The day first: numbers are unique for ever.
function orderNo(terminal) {
  const shanghai = new Date(Date.now() + 8 * 3600 * 1000);
  const day = shanghai.toISOString().slice(0, 19).replace(/[-:T]/g, "");
  const [random] = crypto.getRandomValues(new Uint32Array(1));
  return `${day}-${terminal}-${random.toString(36).padStart(7, "0")}`;
}

// What is remembered of this terminal: the sale that was asked for and not answered, and the payment on the screen.
export class Memory {
  constructor(terminal) {
    this.intentKey = `paycode.intent.${terminal}`;
    this.shownKey = `paycode.shown.${terminal}`;
  }

  intent() {
    return read(this.intentKey);
  }

  keepIntent(sale) {
    localStorage.setItem(this.intentKey, JSON.stringify(sale));
  }

  dropIntent() {
    localStorage.removeItem(this.intentKey);
  }

  shown() {
    return read(this.shownKey);
  }

  keepShown(shown) {
    if (shown === null) localStorage.removeItem(this.shownKey);
    else localStorage.setItem(this.shownKey, JSON.stringify(shown));
  }
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

// Asks for the sale until there is an answer. Sending the same request again is safe. Answers `{payment}`, `{refused}`, or
// `{nothing: true}` when it is certain that the sale never reached the gateway and never will, or `{open: true}` when a further
// attempt has not reached it so far: then only the same sale may be scanned again, which the gateway charges once.
export async function charge(sale, code, identity, doubt) {
  const request = { ...identity, order_no: sale.order_no, amount: sale.amount, auth_code: code };
  if (sale.second) request.second = true;
  const from = Date.now();
  for (let tries = 0; Date.now() - from < HURRY_MS; tries += 1) {
    const answer = await api.pay(request);
    if (answer.ok) return { payment: answer.ok };
    if (answer.refused && tries === 0) return { refused: answer.refused };
    if (answer.refused) {
      // Refused now, but an earlier request is still in doubt.
      const became = await settle(sale);
      return became.nothing ? { refused: answer.refused } : became;
    }
    doubt();
    await pause();
  }
  return settle(sale);
}

// Finds out what became of a sale whose answer was lost. Where the gateway does not know it, it is cancelled by its number
// first, so that a request that is still on its way is refused when it arrives. A sale with a former attempt cannot be made void.
export async function settle(sale) {
  const from = Date.now();
  for (;;) {
    const found = await api.byOrder(sale.order_no);
    if (found.ok?.attempt > (sale.former ?? 0)) return { payment: found.ok };
    if (found.ok && Date.now() - from >= HURRY_MS) return { open: true };
    if (found.refused?.code === "not_found") {
      const cancelled = await api.cancelOrder(sale.order_no);
      if (cancelled.ok?.object === "payment") return { payment: cancelled.ok };
      if (cancelled.ok) return { nothing: true };
    }
    await pause();
  }
}
