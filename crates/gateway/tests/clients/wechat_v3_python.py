"""wechatpayv3: WeChat Pay APIv3 in both key modes, payment-code payments by the SDK's own calls.

The SDK verifies answers of 200 to 299 and hands over the others as they are; what it checks is its own code.
"""

import json

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from told import account, charged, check, code, refuse_on_the_phone, refused, same, text, until
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core

ME = account("wechat-v3")
SCENE = {"device_id": "POS-01", "device_ip": "127.0.0.1", "store_info": {"out_id": "S-01"}}

_init_certificates = Core._init_certificates


def _from_here(core):
    """The SDK has no setting for the address, and downloads certificates before one could be set."""
    core._gate_way = ME["base_url"]
    _init_certificates(core)


Core._init_certificates = _from_here


def client(own_key=True, me=ME, **changed):
    settings = {
        "wechatpay_type": WeChatPayType.CODEPAY,
        "mchid": me["mchid"],
        "private_key": text(me["merchant_key"]),
        "cert_serial_no": me["merchant_serial"],
        "apiv3_key": me["api_v3_key"],
        "appid": me["appid"],
        "timeout": (10, 20),
    }
    if own_key:
        settings |= {"public_key": text(me["public_key"]), "public_key_id": me["public_key_id"]}
    made = WeChatPay(**settings | changed)
    made._core._gate_way = me["base_url"]
    return made


def told(answer):
    status, body = answer
    return status, json.loads(body)


def pay(by, order, scenario, tail, fen=1234):
    return told(
        by.pay(
            description="两杯咖啡 & <cake>",
            out_trade_no=order,
            amount={"total": fen, "currency": "CNY"},
            payer={"auth_code": code("13", scenario, tail)},
            attach="till-1",
            scene_info=SCENE,
            pay_type=WeChatPayType.CODEPAY,
        )
    )


def at_once(by, name, tail):
    order = f"{name}-once"
    status, paid = pay(by, order, "000", tail)
    seen = (status, paid["trade_state"], paid["trade_type"], paid["amount"]["total"], paid["attach"])
    same("paid at once", seen, (200, "SUCCESS", "MICROPAY", 1234, "till-1"))
    status, asked = told(by.query(out_trade_no=order))
    same("the query says so", (status, asked["transaction_id"]), (200, paid["transaction_id"]))
    _, by_number = told(by.query(transaction_id=paid["transaction_id"]))
    same("it is found by WeChat's number too", by_number["out_trade_no"], order)
    charged(order, 1234)


def password(by, name, tail):
    order = f"{name}-password"
    status, asked = pay(by, order, "101", tail)
    same("the password is asked for", (status, asked["trade_state"]), (202, "USERPAYING"))
    until(
        "the password is entered",
        lambda: told(by.query(out_trade_no=order)),
        lambda answer: answer[1]["trade_state"] == "SUCCESS",
        calls_min=2,
    )
    charged(order, 1234)


def reversed_open(by, name, tail):
    order = f"{name}-reverse"
    pay(by, order, "106", tail)
    status, answer = told(by.codepay_reverse(out_trade_no=order))
    same("not while the password is asked for", (status, answer["code"]), (400, "USERPAYING"))
    refuse_on_the_phone(order)
    until(
        "it is reversed",
        lambda: told(by.codepay_reverse(out_trade_no=order)),
        lambda answer: answer[0] == 200 and answer[1]["out_trade_no"] == order,
    )
    _, asked = told(by.query(out_trade_no=order))
    same("nothing is open any more", asked["trade_state"], "REVOKED")
    charged(order, 0)


def reversed_paid(by, name, tail):
    order = f"{name}-undo"
    pay(by, order, "000", tail)
    status, _ = told(by.codepay_reverse(out_trade_no=order))
    same("a paid order goes back whole", status, 200)
    charged(order, 1234, 1234)


def refunds(by, name, tail):
    order = f"{name}-refund"
    _, paid = pay(by, order, "000", tail, 1000)

    def refund(number, fen, **which):
        return told(by.refund(out_refund_no=number, amount={"refund": fen, "total": 1000, "currency": "CNY"}, **which))

    status, part = refund(f"{order}-1", 400, out_trade_no=order, reason="坏了")
    same("a part goes back", (status, part["amount"]["refund"], part["amount"]["total"]), (200, 400, 1000))
    status, found = told(by.query_refund(out_refund_no=f"{order}-1"))
    same("the refund is found", (status, found["status"], found["refund_id"]), (200, "SUCCESS", part["refund_id"]))
    status, _ = refund(f"{order}-2", 600, transaction_id=paid["transaction_id"])
    same("the rest goes back by WeChat's number", status, 200)
    _, asked = told(by.query(out_trade_no=order))
    same("the order says so", asked["trade_state"], "REFUND")
    status, again = refund(f"{order}-2", 500, out_trade_no=order)
    same("another amount under a number is refused", (status, again["code"]), (400, "INVALID_REQUEST"))
    charged(order, 1000, 1000)


def declined(by, name, tail):
    order = f"{name}-declined"
    status, answer = pay(by, order, "201", tail)
    same("no funds, in WeChat's word", (status, answer["code"]), (403, "NOT_ENOUGH"))
    charged(order, 0)


def probed(by, name, tail):
    """The channel's own test: a wrongly signed answer to a payment that was made."""
    order = f"{name}-probed"
    refused("the channel's probe is not believed", Exception, lambda: pay(by, order, "307", tail))
    _, asked = told(by.query(out_trade_no=order))
    same("though it was paid", asked["trade_state"], "SUCCESS")
    charged(order, 1234)


PLAYS = (at_once, password, reversed_open, reversed_paid, refunds, declined, probed)


def stranger():
    """A key pair that nobody here knows."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def wrong_keys():
    private, public = stranger()
    status, answer = pay(client(private_key=private), "WV3-forged", "000", 91)
    same("another private key is refused", (status, answer["code"]), (401, "SIGN_ERROR"))
    charged("WV3-forged", 0)
    status, answer = pay(client(cert_serial_no="5E2A6B4C1D3F5A7B"), "WV3-serial", "000", 92)
    same("another serial is refused", (status, answer["code"]), (401, "SIGN_ERROR"))
    charged("WV3-serial", 0)
    wary = client(own_key=False, public_key=public, public_key_id=ME["public_key_id"])
    refused("an answer does not verify under another key", Exception, lambda: wary.query(out_trade_no="WV3P-once"))
    refused("certificates do not open under another APIv3 key", Exception, lambda: client(False, apiv3_key="0" * 32))


if __name__ == "__main__":
    modes = (("WV3P", client(), 10), ("WV3C", client(own_key=False), 30))
    for name, merchant, first in modes:
        for tail, play in enumerate(PLAYS, first):
            play(merchant, name, tail)
    check("two certificates are valid at once", len(modes[1][1]._core._certificates) == 2)
    wrong_keys()
