"""A client of UnionPay's 全渠道 gateway, ACP 5.1.0 (二维码被扫消费), written from unionpay.md §5 alone.

It signs and verifies by itself. An answer is believed only with a certificate that the middle one signed, which the root
signed, and which is UnionPay's by name (§5.1).
"""

import base64
import datetime
import hashlib
import pathlib
import sys
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from Cryptodome.Hash import SHA256
from Cryptodome.PublicKey import RSA
from Cryptodome.Signature import pkcs1_15
from Cryptodome.Util.asn1 import DerBitString, DerSequence
from told import account, charged, check, code, refused, same, text, until

ME = account("acp")
TIMEOUT_SECONDS = 30
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))
BACK_TRANS = "/gateway/api/backTransReq.do"
QUERY_TRANS = "/gateway/api/queryTrans.do"


class Unsigned(Exception):
    """An answer that nobody can vouch for."""


class Certificate:
    """As much of X.509 as is needed: the signed part and its signature, the number, and the key."""

    def __init__(self, pem):
        lines = [line for line in pem.splitlines() if not line.startswith("-----")]
        whole = DerSequence().decode(base64.b64decode("".join(lines)))
        self.signed = whole[0]
        self.signature = DerBitString().decode(whole[2]).value
        inner = DerSequence().decode(self.signed)
        # A certificate of version 3 begins with its version; then number, algorithm, issuer, validity, subject.
        self.number, self.subject = inner[1], inner[5]
        self.key = RSA.import_key(pem)

    def check_signed_by(self, other):
        try:
            pkcs1_15.new(other.key).verify(SHA256.new(self.signed), self.signature)
        except ValueError as error:
            raise Unsigned("the certificate is not of this chain") from error


def digest(fields):
    """§5.1: sorted, joined as they are, SHA-256 in lower-case hexadecimals; that text is what is signed."""
    pairs = sorted((name, value) for name, value in fields.items() if name != "signature")
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    return SHA256.new(hashlib.sha256(joined.encode()).hexdigest().encode())


class Client:
    def __init__(self, certificate=None, key=None, root=None, middle=None, mer_id=None):
        self.certificate = Certificate(certificate or text(ME["sign_cert"]))
        self.key = RSA.import_key(key or text(ME["sign_key"]))
        self.root = Certificate(root or text(ME["unionpay_root"]))
        self.middle = Certificate(middle or text(ME["unionpay_middle"]))
        self.mer_id = mer_id or ME["mer_id"]
        self.times = {}

    def asked(self, kind, order, **more):
        """A signed request as it goes over the wire. An order's time is part of its name (§10)."""
        now = datetime.datetime.now(SHANGHAI)
        fields = {
            "version": "5.1.0",
            "encoding": "UTF-8",
            "signMethod": "01",
            "txnType": kind[:2],
            "txnSubType": kind[2:],
            "bizType": "000000",
            "accessType": "0",
            "channelType": "08",
            "certId": str(self.certificate.number),
            "merId": self.mer_id,
            "orderId": order,
            "txnTime": self.times.setdefault(order, now.strftime("%Y%m%d%H%M%S")),
            **more,
        }
        signature = pkcs1_15.new(self.key).sign(digest(fields))
        fields["signature"] = base64.b64encode(signature).decode()
        return urllib.parse.urlencode(fields).encode()

    def call(self, kind, order, **more):
        path = QUERY_TRANS if kind == "0000" else BACK_TRANS
        url = ME["base_url"] + path
        with urllib.request.urlopen(url, self.asked(kind, order, **more), TIMEOUT_SECONDS) as answer:
            answered = self.verified(answer.read().decode())
        # The answer to a query has the type of what was found.
        if answered["orderId"] != order or (kind != "0000" and answered["txnType"] != kind[:2]):
            raise Unsigned("an answer to another question")
        return answered

    def verified(self, body):
        """Answers are joined as they are: only the first = of a pair divides it."""
        fields = dict(pair.split("=", 1) for pair in body.split("&"))
        if "signPubKeyCert" not in fields:
            raise Unsigned(f"nobody signed {body}")
        certificate = Certificate(fields["signPubKeyCert"])
        certificate.check_signed_by(self.middle)
        self.middle.check_signed_by(self.root)
        if "@中国银联股份有限公司@".encode() not in certificate.subject:
            raise Unsigned("the certificate is not UnionPay's")
        try:
            pkcs1_15.new(certificate.key).verify(digest(fields), base64.b64decode(fields["signature"]))
        except ValueError as error:
            raise Unsigned("the answer's signature does not match") from error
        return fields

    def pay(self, order, auth_code, fen=1234):
        return self.call(
            "0106",
            order,
            txnAmt=str(fen),
            currencyCode="156",
            qrNo=auth_code,
            termId="PY000001",
            orderDesc="两杯咖啡",
            backUrl="http://www.specialUrl.com",
        )

    def query(self, order):
        return self.call("0000", order)

    def reverse(self, order):
        return self.call("9901", order, backUrl="http://www.specialUrl.com")

    def give_back(self, kind, order, number, fen):
        """A void (3100) or a refund (0400), under a number of its own."""
        paid = self.query(order)["queryId"]
        back = "http://www.specialUrl.com"
        return self.call(kind, number, txnAmt=str(fen), origQryId=paid, backUrl=back, currencyCode="156")


def state(answer):
    """What became of the transaction that was asked for."""
    return answer["respCode"], answer.get("origRespCode")


def settled(by, order):
    return until(
        f"{order} is settled",
        lambda: by.query(order),
        lambda answer: state(answer) == ("00", "00"),
    )


def at_once(by, order, tail):
    same("the code is taken up", by.pay(order, code("62", "000", tail))["respCode"], "00")
    paid = settled(by, order)
    same("the amount", (paid["txnAmt"], paid["settleAmt"]), ("1234", "1234"))
    check("and UnionPay's number", paid["queryId"].isdigit() and paid["traceNo"].isdigit(), paid)
    same("the same number is not taken twice", by.pay(order, code("62", "000", tail + 1))["respCode"], "12")
    charged(order, 1234)


def password(by):
    by.pay("UPYpassword", code("62", "101", 62))
    check("the password is asked for", state(by.query("UPYpassword"))[1] in ("05", "70", "83"))
    until(
        "the password is entered",
        lambda: by.query("UPYpassword"),
        lambda answer: state(answer) == ("00", "00"),
        calls_min=2,
    )
    charged("UPYpassword", 1234)


def reversed_open(by):
    by.pay("UPYreverse", code("62", "104", 63))
    same("it is reversed", by.reverse("UPYreverse")["respCode"], "00")
    same("once", by.reverse("UPYreverse")["respCode"], "46")
    same("nothing is open any more", state(by.query("UPYreverse")), ("00", "46"))
    charged("UPYreverse", 0)


def reversed_paid(by):
    by.pay("UPYreversed", code("62", "000", 64))
    settled(by, "UPYreversed")
    same("it is reversed", by.reverse("UPYreversed")["respCode"], "00")
    same("and says so", state(by.query("UPYreversed")), ("00", "46"))
    charged("UPYreversed", 1234, 1234)


def void(by):
    by.pay("UPYvoid001", code("62", "000", 65))
    settled(by, "UPYvoid001")
    same("it is voided", by.give_back("3100", "UPYvoid001", "UPYvoid002", 1234)["respCode"], "00")
    settled(by, "UPYvoid002")
    charged("UPYvoid001", 1234, 1234)


def refunds(by):
    by.pay("UPYrefund", code("62", "000", 66), 1000)
    settled(by, "UPYrefund")
    same("a part goes back", by.give_back("0400", "UPYrefund", "UPYrefund1", 400)["respCode"], "00")
    settled(by, "UPYrefund1")
    same("under one number once", by.give_back("0400", "UPYrefund", "UPYrefund1", 400)["respCode"], "12")
    over = by.give_back("0400", "UPYrefund", "UPYrefund2", 700)
    check("more than the rest is refused", over["respCode"] not in ("00", "03", "04", "05", "06"), over)
    same("the rest goes back", by.give_back("0400", "UPYrefund", "UPYrefund3", 600)["respCode"], "00")
    settled(by, "UPYrefund3")
    same("what went back is not reversed", by.reverse("UPYrefund")["respCode"], "45")
    charged("UPYrefund", 1000, 1000)


def declined(by):
    same("no funds", by.pay("UPYdeclined", code("62", "201", 67))["respCode"], "64")
    charged("UPYdeclined", 0)


def wrong_keys(by):
    other = RSA.generate(2048).export_key().decode()
    forged = Client(key=other).pay("UPYforged", code("62", "000", 68))
    same("a request under another key is refused", forged["respCode"], "11")
    same("and leaves nothing", by.query("UPYforged")["respCode"], "34")
    charged("UPYforged", 0)
    nobody = Client(mer_id="777000000000009")
    refused("a stranger gets no signature", Unsigned, lambda: nobody.query("UPYonce01"))
    # The merchant's own certificate signed nobody's.
    deceived = Client(middle=text(ME["sign_cert"]))
    refused("an answer from another chain is refused", Unsigned, lambda: deceived.query("UPYonce01"))
    deceived = Client(root=text(ME["sign_cert"]))
    refused("and from another root", Unsigned, lambda: deceived.query("UPYonce01"))


if __name__ == "__main__":
    merchant = Client()
    at_once(merchant, "UPYonce01", 60)
    for play in (password, reversed_open, reversed_paid, void, refunds, declined, wrong_keys):
        play(merchant)
