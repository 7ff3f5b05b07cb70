// What changes, as it changes. The browser resumes a lost stream by itself; one that was refused is opened anew.

const AGAIN_MS = 2_000;

// `on.hello(message)` at every beginning, `on.payment(payment)`, `on.line(up)` when the line comes or goes, `on.refused()` when
// the gateway answers and will not have us: the session may be over.
export function listen(terminal, on) {
  const query = new URLSearchParams({ terminal });
  const open = () => {
    const source = new EventSource(`/v1/events/stream?${query}`);
    source.addEventListener("hello", (event) => {
      on.line(true);
      on.hello(JSON.parse(event.data));
    });
    source.addEventListener("payment", (event) => on.payment(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      on.line(false);
      if (source.readyState !== EventSource.CLOSED) return;
      on.refused();
      setTimeout(open, AGAIN_MS);
    });
  };
  open();
}
