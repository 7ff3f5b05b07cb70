"""wechatpy: WeChat Pay APIv2, numbers outside CDATA, the client certificate as PEM."""

from wechatpy.exceptions import WeChatPayException
from wechatpy.pay import WeChatPay
from told import EXPORT, account, charged, check, code, refuse_on_the_phone, refused, same, until

ME = account("wechat")


def client(api_key=None, certificate=True, me=ME, **more):
    made = WeChatPay(
        appid=me["appid"],
        api_key=api_key or me["api_key"],
        mch_id=me["mch_id"],
        mch_cert=str(EXPORT / me["client_cert"]) if certificate else None,
        mch_key=str(EXPORT / me["client_key"]) if certificate else None,
        timeout=20,
        **more,
    )
    made.API_BASE_URL = me["base_url"] + "/"
    return made


def verified(by, answer):
    """The SDK leaves the verification of answers to its caller, and has the function for it."""
    check("the answer is signed", by.check_signature(answer), answer)
    return answer


def pay(by, order, scenario, tail, fen=1234):
    return by.micropay.create(
        body="两杯咖啡 & <cake>",
        total_fee=fen,
        auth_code=code("13", scenario, tail),
        client_ip="127.0.0.1",
        out_trade_no=order,
        attach="till-1",
    )


def at_once(by):
    paid = verified(by, pay(by, "WPY-once", "000", 1))
    same("paid at once", (paid["trade_type"], paid["total_fee"], paid["attach"]), ("MICROPAY", "1234", "till-1"))
    asked = verified(by, by.micropay.query(out_trade_no="WPY-once"))
    seen = (asked["trade_state"], asked["transaction_id"])
    same("the query says so", seen, ("SUCCESS", paid["transaction_id"]))
    by_number = verified(by, by.micropay.query(transaction_id=paid["transaction_id"]))
    same("it is found by WeChat's number too", by_number["out_trade_no"], "WPY-once")
    charged("WPY-once", 1234)


def asked_for(by, order, scenario, tail):
    error = refused("the password is asked for", WeChatPayException, lambda: pay(by, order, scenario, tail))
    same("in WeChat's word", error and error.errcode, "USERPAYING")


def password(by):
    asked_for(by, "WPY-password", "101", 2)
    answer = until(
        "the password is entered",
        lambda: by.micropay.query(out_trade_no="WPY-password"),
        lambda answer: answer["trade_state"] == "SUCCESS",
        calls_min=2,
    )
    verified(by, answer)
    charged("WPY-password", 1234)


def reversed_open(by):
    asked_for(by, "WPY-reverse", "106", 3)

    def reverse():
        try:
            return by.order.reverse(out_trade_no="WPY-reverse")
        except WeChatPayException as error:
            return {"recall": error.errcode}

    # WeChat wants to be asked again when the dialog is over.
    same("not while the password is asked for", reverse()["recall"], "USERPAYING")
    refuse_on_the_phone("WPY-reverse")
    verified(by, until("it is reversed", reverse, lambda answer: answer["recall"] == "N"))
    asked = verified(by, by.micropay.query(out_trade_no="WPY-reverse"))
    same("nothing is open any more", asked["trade_state"], "REVOKED")
    charged("WPY-reverse", 0)


def reversed_paid(by):
    pay(by, "WPY-undo", "000", 4)
    verified(by, by.order.reverse(out_trade_no="WPY-undo"))
    charged("WPY-undo", 1234, 1234)


def refunds(by):
    paid = pay(by, "WPY-refund", "000", 5, 1000)
    part = verified(by, by.refund.apply(1000, 400, "WPY-refund-1", out_trade_no="WPY-refund"))
    same("a part goes back", (part["refund_fee"], part["total_fee"]), ("400", "1000"))
    found = verified(by, by.refund.query(out_refund_no="WPY-refund-1"))
    same("the refund is found", (found["refund_status_0"], found["refund_fee_0"]), ("SUCCESS", "400"))
    number = paid["transaction_id"]
    verified(by, by.refund.apply(1000, 600, "WPY-refund-2", transaction_id=number, refund_desc="坏了"))
    found = verified(by, by.refund.query(out_trade_no="WPY-refund"))
    same("both are listed", (found["refund_count"], found["refund_fee_1"]), ("2", "600"))
    asked = verified(by, by.micropay.query(out_trade_no="WPY-refund"))
    same("the order says so", asked["trade_state"], "REFUND")
    charged("WPY-refund", 1000, 1000)


def declined(by):
    error = refused("no funds", WeChatPayException, lambda: pay(by, "WPY-declined", "201", 6))
    same("in WeChat's word", error and error.errcode, "NOTENOUGH")
    charged("WPY-declined", 0)


def wrong_keys(by):
    forger = client(api_key="0" * 32)
    error = refused("another key is refused", WeChatPayException, lambda: pay(forger, "WPY-forged", "000", 7))
    same("for the signature", error and (error.return_code, error.errcode), ("FAIL", None))
    charged("WPY-forged", 0)
    answer = by.micropay.query(out_trade_no="WPY-once")
    check("an answer does not verify under another key", not forger.check_signature(answer), answer)
    bare = client(certificate=False)
    refused(
        "without the client certificate no money goes back",
        WeChatPayException,
        lambda: bare.refund.apply(1234, 1234, "WPY-once-1", out_trade_no="WPY-once"),
    )


PLAYS = (at_once, password, reversed_open, reversed_paid, refunds, declined)

if __name__ == "__main__":
    merchant = client()
    for play in (*PLAYS, wrong_keys):
        play(merchant)
