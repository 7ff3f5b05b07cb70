// What this terminal knows of its payments: the undecided ones, the last five, and the newest that was heard of each.

import * as api from "./api.js";
import { UNDECIDED } from "./view.js";

const HEARD_MAX = 100;

export class Book {
  // `on(fresh, before)` for everything that is taken in.
  constructor(terminal, on) {
    this.terminal = terminal;
    this.on = on;
    this.open = new Map();
    this.last = [];
    // The stream may be faster than the answer to a request.
    this.heard = new Map();
  }

  // Takes in a payment, wherever it comes from; of what was heard of it, the newest counts.
  take(told) {
    const before = this.heard.get(told.id);
    const fresh = before && before.version > told.version ? before : told;
    this.heard.delete(fresh.id);
    this.heard.set(fresh.id, fresh);
    if (this.heard.size > HEARD_MAX) this.heard.delete(this.heard.keys().next().value);
    if (UNDECIDED.has(fresh.status)) this.open.set(fresh.id, fresh);
    else this.open.delete(fresh.id);
    this.list(fresh);
    this.on(fresh, before);
    return fresh;
  }

  list(fresh) {
    const at = this.last.findIndex((one) => one.id === fresh.id);
    if (at >= 0) this.last[at] = fresh;
    else if (this.last.every((one) => one.created_at < fresh.created_at)) this.last = [fresh, ...this.last].slice(0, 5);
  }

  // The undecided ones but this one, oldest first.
  others(id) {
    return [...this.open.values()].filter((one) => one.id !== id);
  }

  async refresh(id) {
    const answer = await api.payment(id);
    if (answer.ok) this.take(answer.ok);
  }

  // Reads everything again: at the beginning, and whenever the line has been away.
  async refreshAll() {
    const [five, processing, suspended] = await Promise.all([
      api.list(this.terminal, { limit: "5" }),
      api.list(this.terminal, { status: "processing", limit: "200" }),
      api.list(this.terminal, { status: "suspended", limit: "200" }),
    ]);
    if (five.ok) this.last = five.ok.data;
    if (!processing.ok || !suspended.ok) return;
    const undecided = [...processing.ok.data, ...suspended.ok.data];
    const gone = [...this.open.keys()].filter((id) => undecided.every((one) => one.id !== id));
    undecided.reverse().forEach((one) => this.take(one));
    gone.forEach((id) => this.refresh(id));
  }
}
