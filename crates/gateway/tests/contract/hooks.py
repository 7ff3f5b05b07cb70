"""What schemathesis sends: never a wait, and in part of its requests the real material that the test made before.

Everything else that it makes up stays as it is: above all what is wrong on purpose.
"""

import json
import os
import re
import zlib

import schemathesis
from schemathesis.generation import GenerationMode

# By kind, the ids and order numbers that exist; `codes`: the code of each such order; `scenarios`: codes without their tails.
with open(os.environ["PAYCODE_MATERIAL"], encoding="utf-8") as file:
    MATERIAL = json.load(file)
WAIT_SECONDS_MAX = 65
PATHS = {"payments": "payment", "reversals": "reversal", "refunds": "refund", "cases": "case"}
CODE = re.compile(r"(1[0-5][0-9]{16}|(2[5-9]|30)[0-9]{14,22}|62[0-9]{17}|fp[0-9A-Za-z]{33})")
spent = 0


def real(kind, made_up):
    """For most values a real one of this kind, always the same for the same value."""
    known = MATERIAL.get(kind)
    number = zlib.crc32(str(made_up).encode())
    return known[number // 4 % len(known)] if known and number % 4 else made_up


def unspent(made_up):
    """A scenario's code with the next tail: a code pays once."""
    global spent
    spent += 1
    scenarios = MATERIAL["scenarios"]
    return f"{scenarios[zlib.crc32(made_up.encode()) % len(scenarios)]}{spent:09}"


def whole(value):
    """JSON Schema takes 12.0 for an integer; the gateway does not, because it might have been yuan."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


@schemathesis.hook
def before_call(context, case, kwargs):
    modes = {place.value: info.mode for place, info in case.meta.components.items()} if case.meta else {}
    valid = {place for place, mode in modes.items() if mode == GenerationMode.POSITIVE}
    if "path" in valid:
        kind = PATHS[case.path.split("/")[2]]
        for name in case.path_parameters:
            case.path_parameters[name] = real("order_no" if name == "order_no" else kind, case.path_parameters[name])
    if "query" in valid:
        for name in case.query:
            kind = PATHS.get(case.path.split("/")[-1]) if name == "starting_after" else name
            case.query[name] = real(kind, case.query[name])
    if case.query and str(case.query.get("wait")).isdigit() and int(case.query["wait"]) <= WAIT_SECONDS_MAX:
        case.query["wait"] = 0
    if isinstance(case.body, dict):
        prepare_body(case.body, "body" in valid)


def prepare_body(body, valid):
    if valid:
        for name in ("amount", "wait_seconds"):
            if name in body:
                body[name] = whole(body[name])
        if "order_no" in body:
            body["order_no"] = real("order_no", body["order_no"])
            body.setdefault("wait_seconds", 0)
    wait = body.get("wait_seconds")
    if type(wait) is int and 0 < wait <= WAIT_SECONDS_MAX:
        body["wait_seconds"] = 0
    code = body.get("auth_code")
    if isinstance(code, str) and CODE.fullmatch(code):
        body["auth_code"] = MATERIAL["codes"].get(body.get("order_no")) if valid else None
        body["auth_code"] = body["auth_code"] or unspent(code)
