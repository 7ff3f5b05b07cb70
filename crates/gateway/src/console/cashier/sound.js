// Two sounds that nobody mistakes for each other: two rising notes for money, a low double buzz for none.

let context = null;

// A browser plays nothing before the first key or touch.
export function unlock() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
}

export function success() {
  note(880, 0, 0.14, "sine");
  note(1318.5, 0.15, 0.28, "sine");
}

export function failure() {
  note(196, 0, 0.22, "square");
  note(164.8, 0.28, 0.34, "square");
}

function note(hertz, from, seconds, type) {
  if (context === null) return;
  const start = context.currentTime + from;
  const oscillator = new OscillatorNode(context, { type, frequency: hertz });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(type === "square" ? 0.12 : 0.3, start + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.001, start + seconds);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + seconds);
}
