"""A client of ICBC's open platform, family F1, written from icbc.md alone: nobody publishes one that still runs.

It signs and verifies by itself; the signed text of an answer is cut out of the bytes as they came (icbc.md §2).
"""

import base64
import datetime
import json
import pathlib
import secrets
import sys
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from Cryptodome.Hash import SHA1, SHA256
from Cryptodome.PublicKey import RSA
from Cryptodome.Signature import pkcs1_15
from told import account, charged, check, code, refused, same, text, until

ME = account("icbc")
TIMEOUT_SECONDS = 30
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))
# Requests name their hash; answers have SHA1 whatever was asked with (icbc.md §2).
HASHES = {"RSA": SHA1, "RSA2": SHA256}
ANSWER_HASH = {"SHA1": SHA1, "SHA256": SHA256}[ME["answer_hash"]]


class Unsigned(Exception):
    """An answer that nobody can vouch for."""


class Client:
    def __init__(self, app_key=None, gateway_key=None, sign_type="RSA2"):
        self.app_key = app_key or RSA.import_key(text(ME["app_private_key"]))
        self.gateway_key = gateway_key or RSA.import_key(text(ME["gateway_public_key"]))
        self.sign_type = sign_type

    def asked(self, path, msg_id, content):
        """A signed request as it goes over the wire."""
        now = datetime.datetime.now(SHANGHAI)
        form = {
            "app_id": ME["app_id"],
            "msg_id": msg_id,
            "format": "json",
            "charset": "UTF-8",
            "sign_type": self.sign_type,
            "timestamp": now.strftime("%Y-%m-%d %H:%M:%S"),
            "biz_content": json.dumps({"mer_id": ME["mer_id"], **content}, ensure_ascii=False),
            # Empty parameters take no part in the signature.
            "ca": "",
        }
        signed = path + "?" + "&".join(f"{name}={value}" for name, value in sorted(form.items()) if value)
        signature = pkcs1_15.new(self.app_key).sign(HASHES[self.sign_type].new(signed.encode()))
        form["sign"] = base64.b64encode(signature).decode()
        return urllib.parse.urlencode(form).encode()

    def call(self, path, msg_id=None, **content):
        msg_id = msg_id or secrets.token_hex(16)
        request = urllib.request.Request(
            ME["base_url"] + path,
            self.asked(path, msg_id, content),
            {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", "APIGW-VERSION": "v2_20190522"},
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            answered = self.verified(answer.read())
        if answered["msg_id"] != msg_id:
            raise Unsigned("an answer to another message")
        return answered

    def verified(self, body):
        begin = body.index(b'"response_biz_content":') + len(b'"response_biz_content":')
        signed = body[begin : body.rindex(b',"sign":"')]
        signature = base64.b64decode(json.loads(body)["sign"])
        try:
            pkcs1_15.new(self.gateway_key).verify(ANSWER_HASH.new(signed), signature)
        except ValueError as error:
            raise Unsigned("the answer's signature does not match") from error
        return json.loads(signed)

    def pay(self, order, auth_code, fen=1234):
        now = datetime.datetime.now(SHANGHAI)
        return self.call(
            "/api/qrcode/V2/pay",
            qr_code=auth_code,
            out_trade_no=order,
            order_amt=str(fen),
            trade_date=now.strftime("%Y%m%d"),
            trade_time=now.strftime("%H%M%S"),
            attach="两杯咖啡 & <cake>",
        )

    def query(self, **names):
        return self.call("/api/qrcode/V2/query", **names)

    def reverse(self, order):
        return self.call("/api/qrcode/V2/reverse", out_trade_no=order)

    def reject(self, order, number, fen):
        return self.call("/api/qrcode/V2/reject", out_trade_no=order, reject_no=number, reject_amt=str(fen))

    def rejects(self, order, **names):
        answer = self.call("/api/qrcode/reject/query/V3", out_trade_no=order, **names)
        return json.loads(answer["refund_json_list"])


def worked(answer):
    """§4: `return_code` is a number or a text."""
    return int(answer["return_code"]) == 0


def state(answer):
    return worked(answer), answer.get("pay_status")


def at_once(by, order, tail):
    paid = by.pay(order, code("62", "000", tail))
    same("paid at once", state(paid), (True, "1"))
    same("the order, the amount", (paid["out_trade_no"], paid["total_amt"]), (order, "1234"))
    same("the query says so", state(by.query(out_trade_no=order)), (True, "1"))
    for order_id in (paid["order_id"], paid["order_id"][-15:]):
        same("it is found by ICBC's number too", by.query(order_id=order_id)["out_trade_no"], order)
    charged(order, 1234)


def password(by):
    same("the password is asked for", state(by.pay("IPY-password", code("62", "101", 41))), (True, "0"))
    until(
        "the password is entered",
        lambda: by.query(out_trade_no="IPY-password"),
        lambda answer: state(answer) == (True, "1"),
        calls_min=2,
    )
    charged("IPY-password", 1234)


def reversed_open(by):
    same("nobody confirms", state(by.pay("IPY-reverse", code("62", "104", 42))), (True, "0"))
    for _ in range(2):
        check("it is reversed", worked(by.reverse("IPY-reverse")))
    # §8: 2 in the old list of states, 3 in the new one.
    check("nothing is open any more", by.query(out_trade_no="IPY-reverse")["pay_status"] in ("2", "3"))
    charged("IPY-reverse", 0)


def reversed_paid(by):
    by.pay("IPY-undo", code("62", "000", 43))
    answer = by.reverse("IPY-undo")
    same("it is reversed", (worked(answer), answer["reject_amt"]), (True, "1234"))
    listed = by.rejects("IPY-undo")
    same("and listed", [(one["reject_amt"], one["reject_status"]) for one in listed], [("1234", "1")])
    charged("IPY-undo", 1234, 1234)


def refunds(by):
    by.pay("IPY-refund", code("62", "000", 44), 1000)
    for _ in range(2):
        part = by.reject("IPY-refund", "IPY-refund-1", 400)
        same("a part goes back, once", (worked(part), part["reject_amt"]), (True, "400"))
    found = by.rejects("IPY-refund", reject_no="IPY-refund-1")
    same("the refund is found", [(one["reject_amt"], one["reject_status"]) for one in found], [("400", "1")])
    check("more than the rest is refused", not worked(by.reject("IPY-refund", "IPY-refund-2", 700)))
    check("the rest goes back", worked(by.reject("IPY-refund", "IPY-refund-3", 600)))
    listed = {one["reject_no"]: one["reject_amt"] for one in by.rejects("IPY-refund")}
    same("both are listed", listed, {"IPY-refund-1": "400", "IPY-refund-3": "600"})
    charged("IPY-refund", 1000, 1000)


def declined(by):
    same("no funds", state(by.pay("IPY-declined", code("62", "201", 45))), (True, "2"))
    charged("IPY-declined", 0)


def wrong_keys(by):
    other = RSA.generate(2048)
    forged = Client(app_key=other).pay("IPY-forged", code("62", "000", 46))
    check("a request under another key is refused", not worked(forged) and "pay_status" not in forged, forged)
    check("and leaves nothing", not worked(by.query(out_trade_no="IPY-forged")))
    charged("IPY-forged", 0)
    deceived = Client(gateway_key=other.public_key())
    refused("an answer under another key is refused", Unsigned, lambda: deceived.query(out_trade_no="IPY-once"))
    number = secrets.token_hex(16)
    check("a message number", worked(by.call("/api/qrcode/V2/query", msg_id=number, out_trade_no="IPY-once")))
    again = by.call("/api/qrcode/V2/query", msg_id=number, out_trade_no="IPY-once")
    check("is taken once", not worked(again), again)


if __name__ == "__main__":
    merchant = Client()
    at_once(merchant, "IPY-once", 40)
    for play in (password, reversed_open, reversed_paid, refunds, declined, wrong_keys):
        play(merchant)
    at_once(Client(sign_type="RSA"), "IPY-sha1", 47)
