"""What the clients in Python share: who they are, and how they tell what they saw.

A line `ok …` or `not ok …` is a verdict, `charged ORDER FEN RETURNED_FEN` is what the simulator's ledger has to hold.
"""

import json
import os
import pathlib
import time
import urllib.request

# A payer enters the password after 5 s; whoever waits longer than this has lost it.
PATIENCE_SECONDS = 60
# Between two queries, as a merchant's own loop has it.
BETWEEN_QUERIES_SECONDS = 0.5

EXPORT = pathlib.Path(os.environ["PAYCODE_EXPORT"])


def account(name):
    """One account of `accounts.json`."""
    accounts = json.loads((EXPORT / "accounts.json").read_text())["accounts"]
    return next(one for one in accounts if one["name"] == name)


def text(name):
    """One exported file."""
    return (EXPORT / name).read_text().strip()


def code(prefix, scenario, tail):
    """A payment code of the simulator: 19 digits where it begins with 62, else 18."""
    length = 19 if prefix == "62" else 18
    start = f"{prefix}0000{scenario}"
    return start + str(tail).zfill(length - len(start))


def refuse_on_the_phone(order):
    """The payer's hand, on the simulator's control address; for scenario 106."""
    url = f"{os.environ['PAYCODE_CONTROL']}/_simulator/prompts/{order}/refuse"
    urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=10).close()


def check(what, held, seen=""):
    print(f"ok {what}" if held else f"not ok {what}: {seen}", flush=True)


def same(what, seen, expected):
    check(what, seen == expected, f"{seen!r}, not {expected!r}")


def refused(what, errors, call):
    """`call` has to raise one of `errors`, which is returned."""
    try:
        seen = call()
    except errors as error:
        check(what, True)
        return error
    check(what, False, f"was taken: {seen!r}")
    return None


def charged(order, fen, returned=0):
    print(f"charged {order} {fen} {returned}", flush=True)


def until(what, ask, done, calls_min=1):
    """Asks until the answer is one that `done` accepts, and returns it; it must not come before so many calls."""
    began = time.monotonic()
    calls = 0
    while True:
        answer = ask()
        calls += 1
        if done(answer) or time.monotonic() - began > PATIENCE_SECONDS:
            check(what, done(answer) and calls >= calls_min, f"{calls} calls: {answer!r}")
            return answer
        time.sleep(BETWEEN_QUERIES_SECONDS)
