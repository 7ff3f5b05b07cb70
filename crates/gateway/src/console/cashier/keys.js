// Tells a scanner from a hand: a scanner types faster than anyone, and ends with Enter, Tab or silence.

// Two digits of a scan are closer together than this; two of a hand are not.
const GAP_MS = 60;
// Nobody types so many digits without a pause.
const BURST_DIGITS = 8;
// The shortest payment code; what is shorter needs its Enter to be a scan.
const SCAN_DIGITS = 16;
// What a scanner may still send after its scan: the Enter that came too late, or a second one.
const LATE_MS = 300;
const RUN_MAX = 64;

const NAMED = new Map([
  ["Enter", "Enter"],
  ["NumpadEnter", "Enter"],
  ["Tab", "Tab"],
  ["Escape", "Escape"],
  ["Backspace", "Backspace"],
  ["Period", "."],
  ["NumpadDecimal", "."],
  ["NumpadAdd", "+"],
  ["F2", "F2"],
  ["F4", "F4"],
]);

// `on.digit(digit, first)`: typed by hand, as far as can be told; `first` of a run. `on.burst()`: it was a scanner after
// all, and what this run has typed is to be taken back. `on.scan(digits, ending)`: a whole scan, and what ended it.
// `on.composing()`: an input method swallows keys. `on.key(name)`: any other key; answers whether it was used.
export class Keys {
  constructor(on) {
    this.on = on;
    this.run = "";
    this.last = -Infinity;
    this.mute = -Infinity;
    this.timer = 0;
  }

  listen(target) {
    target.addEventListener("keydown", (event) => this.down(event), { capture: true });
  }

  down(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.isComposing || event.key === "Process") this.on.composing();
    const digit = digitOf(event);
    if (digit !== null) {
      event.preventDefault();
      // A key that is held down repeats as fast as a scanner.
      if (!event.repeat) this.digit(digit, event.timeStamp);
      return;
    }
    const name = /^[.+]$/.test(event.key) ? event.key : (NAMED.get(event.code) ?? NAMED.get(event.key));
    if (name === "Enter" || name === "Tab") this.end(name, event);
    else if (name !== undefined && this.on.key(name)) event.preventDefault();
  }

  digit(digit, at) {
    if (at - this.last > GAP_MS) this.run = "";
    this.last = at;
    if (this.run.length < RUN_MAX) this.run += digit;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.silence(), GAP_MS + 20);
    if (this.run.length < BURST_DIGITS) this.on.digit(digit, this.run.length === 1);
    else if (this.run.length === BURST_DIGITS) this.on.burst();
  }

  end(name, event) {
    const close = event.timeStamp - this.last <= GAP_MS;
    if (this.run.length >= BURST_DIGITS && close) {
      event.preventDefault();
      this.finish(GAP_MS, name.toLowerCase());
      return;
    }
    this.run = "";
    if (event.timeStamp <= this.mute) {
      event.preventDefault();
      return;
    }
    // A button that has the focus is pressed by its own Enter.
    if (name === "Tab" || document.activeElement?.closest("button, a, summary")) return;
    if (this.on.key(name)) event.preventDefault();
  }

  silence() {
    // On a busy machine the next digit may be waiting behind this timer.
    if (navigator.scheduling?.isInputPending?.()) {
      this.timer = setTimeout(() => this.silence(), GAP_MS);
    } else if (this.run.length >= SCAN_DIGITS) {
      this.finish(LATE_MS, "silence");
    }
  }

  finish(muteMs, ending) {
    clearTimeout(this.timer);
    const digits = this.run;
    this.run = "";
    this.mute = this.last + GAP_MS + muteMs;
    this.on.scan(digits, ending);
  }
}

// By the place of the key first: an input method, or a number block without its lock, changes what the key says.
function digitOf(event) {
  const place = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
  if (place && !event.shiftKey) return place[1];
  return /^[0-9]$/.test(event.key) ? event.key : null;
}
