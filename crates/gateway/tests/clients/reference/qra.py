"""A client of UnionPay QRA, written from unionpay.md §4 alone: nobody publishes one.

It signs and verifies by itself and takes the answers apart with Python's own library.
"""

import hashlib
import hmac
import pathlib
import secrets
import sys
import urllib.request
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from told import account, charged, check, code, refused, same, until

ME = account("qra")
# One address, `service` selects (unionpay.md §2).
PATH = "/pay/gateway"
TIMEOUT_SECONDS = 30


class Unsigned(Exception):
    """An answer that nobody can vouch for."""


def signature(fields, key):
    """§4.1: all but `sign` and empty values, sorted, raw, the key behind them."""
    kept = sorted((name, value) for name, value in fields.items() if name != "sign" and value != "")
    text = "&".join(f"{name}={value}" for name, value in kept) + f"&key={key}"
    return hashlib.md5(text.encode()).hexdigest().upper()


class Client:
    """`odd` sends as some SDKs do: form's content type, an XML declaration, no CDATA, fields in any order, empty fields."""

    def __init__(self, key=ME["api_key"], verify_key=None, odd=False):
        self.key = key
        self.verify_key = verify_key or key
        self.odd = odd

    def asked(self, service, **fields):
        """A signed request as it goes over the wire."""
        common = {"service": service, "mch_id": ME["mch_id"], "nonce_str": secrets.token_hex(16)}
        if self.odd:
            common |= {"attach": "", "unknown": "值"}
        else:
            common |= {"version": "2.0", "charset": "UTF-8", "sign_type": "MD5"}
        message = common | fields
        message["sign"] = signature(message, self.key)
        return self.body(message).encode()

    def call(self, service, **fields):
        answer = self.parsed(self.post(self.asked(service, **fields)))
        if answer.get("status") != "0":
            raise Unsigned(answer.get("message", ""))
        if not hmac.compare_digest(answer.get("sign", ""), signature(answer, self.verify_key)):
            raise Unsigned("the answer's signature does not match")
        if answer["mch_id"] != ME["mch_id"]:
            raise Unsigned("an answer for somebody else")
        return answer

    def body(self, message):
        if not self.odd:
            return "<xml>" + "".join(f"<{n}><![CDATA[{v}]]></{n}>" for n, v in message.items()) + "</xml>"
        root = ElementTree.Element("xml")
        for name in sorted(message, reverse=True):
            ElementTree.SubElement(root, name).text = message[name]
        ElementTree.indent(root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")

    def post(self, body):
        kind = "application/x-www-form-urlencoded" if self.odd else "text/xml; charset=UTF-8"
        request = urllib.request.Request(ME["base_url"] + PATH, body, {"Content-Type": kind})
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return answer.read().decode()

    def parsed(self, text):
        if "<!DOCTYPE" in text:
            raise Unsigned("an answer with a document type")
        return {child.tag: child.text or "" for child in ElementTree.fromstring(text)}

    def pay(self, order, auth_code, fen=1234):
        return self.call(
            "unified.trade.micropay",
            out_trade_no=order,
            body="两杯咖啡 & <cake>",
            total_fee=str(fen),
            mch_create_ip="127.0.0.1",
            auth_code=auth_code,
            terminal_info='{"device_type":"07","terminal_id":"123"}',
        )

    def query(self, order):
        return self.call("unified.trade.query", out_trade_no=order)

    def refund(self, order, number, total, fen):
        return self.call(
            "unified.trade.refund",
            out_trade_no=order,
            out_refund_no=number,
            total_fee=str(total),
            refund_fee=str(fen),
            op_user_id=ME["mch_id"],
        )


def done(answer):
    return answer["status"], answer["result_code"]


def at_once(by, order, prefix, tail):
    paid = by.pay(order, code(prefix, "000", tail))
    same(f"{order} is paid at once", (*done(paid), paid.get("pay_result")), ("0", "0", "0"))
    same("the order, the amount", (paid["out_trade_no"], paid["total_fee"]), (order, "1234"))
    asked = by.query(order)
    seen = (asked["trade_state"], asked["transaction_id"], asked["trade_type"])
    same("the query says so", seen, ("SUCCESS", paid["transaction_id"], paid["trade_type"]))
    by_number = by.call("unified.trade.query", transaction_id=paid["transaction_id"])
    same("it is found by the platform's number too", by_number["out_trade_no"], order)
    charged(order, 1234)
    return paid["trade_type"]


def each_wallet(by):
    wallets = {"13": "pay.weixin.micropay", "28": "pay.alipay.micropay", "62": "pay.unionpay.micropay"}
    for tail, (prefix, trade_type) in enumerate(wallets.items(), 30):
        same("the wallet", at_once(by, f"QPY-once-{prefix}", prefix, tail), trade_type)


def password(by):
    answer = by.pay("QPY-password", code("62", "101", 33))
    same("the password is asked for", (answer["err_code"], answer["need_query"]), ("USERPAYING", "Y"))
    until(
        "the password is entered",
        lambda: by.query("QPY-password"),
        lambda answer: answer.get("trade_state") == "SUCCESS",
        calls_min=2,
    )
    charged("QPY-password", 1234)


def reversed_open(by):
    same("nobody confirms", by.pay("QPY-reverse", code("62", "104", 34))["need_query"], "Y")
    for _ in range(2):
        answer = by.call("unified.micropay.reverse", out_trade_no="QPY-reverse")
        same("it is reversed", done(answer), ("0", "0"))
    asked = by.query("QPY-reverse")
    check("nothing is open any more", asked["trade_state"] in ("REVOKED", "REVERSE", "CLOSED"), asked)
    charged("QPY-reverse", 0)


def reversed_paid(by):
    by.pay("QPY-undo", code("62", "000", 35))
    same("it is reversed", done(by.call("unified.micropay.reverse", out_trade_no="QPY-undo")), ("0", "0"))
    charged("QPY-undo", 1234, 1234)


def refunded(by, number, states):
    """§4.4: an accepted refund is done when its query says so."""
    name, value = number
    until(
        f"{value} is done",
        lambda: by.call("unified.trade.refundquery", **{name: value}),
        lambda answer: [answer.get(f"refund_status_{n}") for n in range(len(states))] == states,
    )


def refunds(by):
    by.pay("QPY-refund", code("62", "000", 36), 1000)
    part = by.refund("QPY-refund", "QPY-refund-1", 1000, 400)
    same("a part is accepted", (*done(part), part["refund_fee"]), ("0", "0", "400"))
    again = by.refund("QPY-refund", "QPY-refund-1", 1000, 400)
    same("one number, one refund", again["refund_id"], part["refund_id"])
    refunded(by, ("out_refund_no", "QPY-refund-1"), ["SUCCESS", None])
    same("more than the rest is refused", by.refund("QPY-refund", "QPY-refund-2", 1000, 700)["result_code"], "1")
    same("the rest is accepted", done(by.refund("QPY-refund", "QPY-refund-3", 1000, 600)), ("0", "0"))
    same("the order says so", by.query("QPY-refund")["trade_state"], "REFUND")
    refunded(by, ("out_trade_no", "QPY-refund"), ["SUCCESS", "SUCCESS", None])
    charged("QPY-refund", 1000, 1000)


def declined(by):
    answer = by.pay("QPY-declined", code("62", "201", 37))
    same("no funds", (done(answer), answer.get("need_query", "N")), (("0", "1"), "N"))
    charged("QPY-declined", 0)


def wrong_keys(by):
    forger = Client(key="0" * 32)
    refused("another key is refused", Unsigned, lambda: forger.pay("QPY-forged", code("62", "000", 38)))
    same("and leaves nothing", by.query("QPY-forged")["result_code"], "1")
    charged("QPY-forged", 0)
    deceived = Client(verify_key="0" * 32)
    refused("an answer does not verify under another key", Unsigned, lambda: deceived.query("QPY-once-62"))


if __name__ == "__main__":
    merchant = Client()
    for play in (each_wallet, password, reversed_open, reversed_paid, refunds, declined, wrong_keys):
        play(merchant)
    at_once(Client(odd=True), "QPY-odd", "62", 39)
