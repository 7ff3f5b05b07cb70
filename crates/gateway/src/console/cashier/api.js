// The gateway's own API, as any other till uses it; the session is the cookie.

const ANSWER_MS_MAX = 20_000;

// 503s that say for certain that nothing was stored and nothing was sent.
const NOTHING_SENT = new Set(["channel_not_configured", "channel_unavailable"]);

// What came of asking: `{ok: body}`, `{refused: problem}` for a definite no, or `{unknown: true}`, when there was no answer,
// or one that proves nothing.
export async function ask(method, path, body) {
  let response;
  let parsed;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      cache: "no-store",
    });
    parsed = await response.json();
  } catch {
    return { unknown: true };
  }
  if (response.ok) return { ok: parsed };
  if (response.status === 401) {
    // The session is over. What is open stays in the tray and comes back after signing in.
    location.assign("/cashier");
    return { unknown: true };
  }
  // A refusal of the gateway's own has a code; what a proxy says on the way proves nothing.
  const definite = response.status < 500 || NOTHING_SENT.has(parsed.code);
  return definite && typeof parsed.code === "string" ? { refused: parsed } : { unknown: true };
}

export const payment = (id) => ask("GET", `/v1/payments/${id}`);
export const byOrder = (orderNo) => ask("GET", `/v1/payments/by-order/${orderNo}`);
export const cancel = (id) => ask("POST", `/v1/payments/${id}/cancel`, {});
export const cancelOrder = (orderNo) => ask("POST", `/v1/payments/by-order/${orderNo}/cancel`, {});
export const pay = (request) => ask("POST", "/v1/payments", { ...request, wait_seconds: 0 });

export function list(terminal, more) {
  const query = new URLSearchParams({ terminal, ...more });
  return ask("GET", `/v1/payments?${query}`);
}
