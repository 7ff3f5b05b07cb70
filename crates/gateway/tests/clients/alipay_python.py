"""python-alipay-sdk: everything in the query of a GET, answers verified by the SDK itself."""

import json

from alipay import AliPay
from alipay.exceptions import AliPayException, AliPayValidationError
from alipay.utils import AliPayConfig
from Cryptodome.PublicKey import RSA
from told import account, charged, check, code, refused, same, text, until

ME = account("alipay")


def client(app_private_key=None, alipay_public_key=None):
    made = AliPay(
        appid=ME["app_id"],
        app_private_key_string=app_private_key or text(ME["app_private_key"]),
        alipay_public_key_string=alipay_public_key or text(ME["alipay_public_key"]),
        config=AliPayConfig(timeout=20),
    )
    # The SDK knows only the two gateways of Alipay and has no setting for another one.
    made._gateway = ME["base_url"] + "/gateway.do"
    return made


def pay(by, order, scenario, tail, yuan="12.34"):
    return by.api_alipay_trade_pay(
        out_trade_no=order,
        scene="bar_code",
        auth_code=code("28", scenario, tail),
        subject="两杯咖啡 <cake> 100% +1",
        total_amount=yuan,
    )


def at_once(by):
    paid = pay(by, "APY-once", "000", 1)
    same("paid at once", (paid["code"], paid["total_amount"], paid["out_trade_no"]), ("10000", "12.34", "APY-once"))
    asked = by.api_alipay_trade_query(out_trade_no="APY-once")
    same("the query says so", (asked["trade_status"], asked["trade_no"]), ("TRADE_SUCCESS", paid["trade_no"]))
    by_number = by.api_alipay_trade_query(trade_no=paid["trade_no"])
    same("it is found by Alipay's number too", by_number["out_trade_no"], "APY-once")
    charged("APY-once", 1234)


def password(by):
    same("the password is asked for", pay(by, "APY-password", "101", 2)["code"], "10003")
    until(
        "the password is entered",
        lambda: by.api_alipay_trade_query(out_trade_no="APY-password"),
        lambda answer: answer.get("trade_status") == "TRADE_SUCCESS",
        calls_min=2,
    )
    charged("APY-password", 1234)


def canceled(by):
    same("nobody confirms", pay(by, "APY-cancel", "104", 3)["code"], "10003")
    answer = by.api_alipay_trade_cancel(out_trade_no="APY-cancel")
    same("it is canceled", (answer["code"], answer["retry_flag"], answer["action"]), ("10000", "N", "close"))
    asked = by.api_alipay_trade_query(out_trade_no="APY-cancel")
    same("nothing is open any more", asked.get("trade_status"), "TRADE_CLOSED")
    charged("APY-cancel", 0)


def refunds(by):
    pay(by, "APY-refund", "000", 4, "10.00")
    part = by.api_alipay_trade_refund("4.00", out_trade_no="APY-refund", out_request_no="APY-refund-1")
    same("a part goes back", (part["code"], part["fund_change"], part["refund_fee"]), ("10000", "Y", "4.00"))
    again = by.api_alipay_trade_refund("4.00", out_trade_no="APY-refund", out_request_no="APY-refund-1")
    same("and only once", (again["code"], again["fund_change"], again["refund_fee"]), ("10000", "N", "4.00"))
    found = by.api_alipay_trade_fastpay_refund_query("APY-refund-1", out_trade_no="APY-refund")
    same("the refund is found", (found["refund_status"], found["refund_amount"]), ("REFUND_SUCCESS", "4.00"))
    asked = by.api_alipay_trade_query(out_trade_no="APY-refund")
    same("the trade lives on", asked["trade_status"], "TRADE_SUCCESS")
    rest = by.api_alipay_trade_refund("6.00", out_trade_no="APY-refund", out_request_no="APY-refund-2")
    same("the rest goes back", (rest["code"], rest["refund_fee"]), ("10000", "10.00"))
    asked = by.api_alipay_trade_query(out_trade_no="APY-refund")
    same("the trade is closed", asked["trade_status"], "TRADE_CLOSED")
    charged("APY-refund", 1000, 1000)


def declined(by):
    answer = pay(by, "APY-declined", "201", 5)
    same("no funds", (answer["code"], answer["sub_code"]), ("40004", "ACQ.BUYER_BALANCE_NOT_ENOUGH"))
    charged("APY-declined", 0)


def wrong_keys():
    other = RSA.generate(2048)
    forger = client(app_private_key=other.export_key().decode())
    # The SDK may return the refusal or raise it, as it is signed or not.
    try:
        answer = json.dumps(pay(forger, "APY-forged", "000", 6))
    except AliPayException as error:
        answer = str(error)
    check("a request under another key is refused", "isv.invalid-signature" in answer, answer)
    charged("APY-forged", 0)
    deceived = client(alipay_public_key=other.public_key().export_key().decode())
    refused(
        "an answer under another key is refused",
        AliPayValidationError,
        lambda: deceived.api_alipay_trade_query(out_trade_no="APY-once"),
    )


if __name__ == "__main__":
    merchant = client()
    for play in (at_once, password, canceled, refunds, declined):
        play(merchant)
    wrong_keys()
