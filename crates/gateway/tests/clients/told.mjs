// What the clients in JavaScript share: who they are, and how they tell what they saw. The lines are those of told.py.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

// A payer enters the password after 5 s; whoever waits longer than this has lost it.
const PATIENCE_MS = 60_000;
// Between two queries, as a merchant's own loop has it.
const BETWEEN_QUERIES_MS = 500;

/** A package from the folder that `./x test` installs. */
export const load = createRequire(join(process.env.PAYCODE_CLIENTS_NODE_MODULES, "beside.js"));

/** One exported file. */
export const bytes = (name) => readFileSync(join(process.env.PAYCODE_EXPORT, name));

/** One account of `accounts.json`. */
export const account = (name) => JSON.parse(bytes("accounts.json")).accounts.find((one) => one.name === name);

/** A payment code of the simulator, 18 digits. */
export const code = (prefix, scenario, tail) =>
    `${prefix}0000${scenario}`.padEnd(18 - String(tail).length, "0") + String(tail);

export const check = (what, held, seen) =>
    console.log(held ? `ok ${what}` : `not ok ${what}: ${JSON.stringify(seen)}`);

export const same = (what, seen, expected) =>
    check(what, JSON.stringify(seen) === JSON.stringify(expected), { seen, expected });

/** The promise has to be rejected; gives back its error. */
export const refused = async (what, promise) => {
    try {
        check(what, false, await promise);
    } catch (error) {
        check(what, true);
        return error;
    }
    return new Error("was taken");
};

export const charged = (order, fen, returned = 0) => console.log(`charged ${order} ${fen} ${returned}`);

/** Asks until the answer is one that `done` accepts, and gives it back; it must not come before so many calls. */
export const until = async (what, ask, done, callsMin = 1) => {
    const began = Date.now();
    for (let calls = 1; ; calls += 1) {
        const answer = await ask();
        if (done(answer) || Date.now() - began > PATIENCE_MS) {
            check(what, done(answer) && calls >= callsMin, { calls, answer });
            return answer;
        }
        await pause(BETWEEN_QUERIES_MS);
    }
};
