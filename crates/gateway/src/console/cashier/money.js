// Amounts are whole fen from the first key to the last; no fraction is ever computed.

const FEN_MAX = 100_000_000;
const YUAN_DIGITS = 7;

// 123456 -> "1,234.56"
export function yuan(fen) {
  const sign = fen < 0 ? "-" : "";
  const digits = String(Math.abs(fen)).padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${sign}${whole}.${digits.slice(-2)}`;
}

// What is being typed: yuan with up to two decimals, items added with +.
export class Entry {
  constructor() {
    this.clear();
  }

  clear() {
    this.items = [];
    this.text = "";
  }

  snapshot() {
    return { items: [...this.items], text: this.text };
  }

  restore({ items, text }) {
    this.items = [...items];
    this.text = text;
  }

  press(key) {
    if (key === "Backspace") this.back();
    else if (key === "+") this.add();
    else if (key === ".") this.text += this.text === "" ? "0." : this.text.includes(".") ? "" : ".";
    else this.digit(key);
  }

  digit(digit) {
    const [whole, cents] = this.text.split(".");
    if (cents === undefined ? whole.length >= YUAN_DIGITS : cents.length >= 2) return;
    this.text = this.text === "0" ? digit : this.text + digit;
  }

  back() {
    if (this.text !== "") this.text = this.text.slice(0, -1);
    else if (this.items.length > 0) this.text = plain(this.items.pop());
  }

  add() {
    if (this.current() === 0) return;
    this.items.push(this.current());
    this.text = "";
  }

  current() {
    const [whole, cents] = this.text.split(".");
    return Number(whole || "0") * 100 + Number((cents ?? "").padEnd(2, "0"));
  }

  total() {
    return this.items.reduce((sum, item) => sum + item, this.current());
  }

  payable() {
    return this.total() >= 1 && this.total() <= FEN_MAX;
  }

  // The items before the one that is being typed, for the small line above the total.
  sum() {
    return this.items.length === 0 ? "" : [...this.items.map(yuan), this.text].join(" + ");
  }
}

function plain(fen) {
  return yuan(fen).replaceAll(",", "").replace(/\.?0+$/, (zeros) => (zeros.startsWith(".") ? "" : zeros));
}
