"""wechatpy for a provider of WeChat Pay APIv2: the SDK puts the merchant's number into every call."""

from told import account, charged, check, refused, same
from wechat_python import PLAYS, client, pay, verified
from wechatpy.exceptions import WeChatPayException

PROVIDER = account("wechat-provider")
MERCHANT = account("wechat")


def provider(sub_mch_id=PROVIDER["sub_mch_id"], me=PROVIDER, **changed):
    return client(me=me, sub_mch_id=sub_mch_id, **changed)


def parties(by):
    """Whose sale it was, in every answer."""
    ours = tuple(PROVIDER[name] for name in ("appid", "mch_id", "sub_mch_id"))

    def named(answer):
        return tuple(verified(by, answer).get(name) for name in ("appid", "mch_id", "sub_mch_id"))

    same("the answer names provider and merchant", named(pay(by, "WPYS-parties", "000", 11)), ours)
    same("so does the query", named(by.micropay.query(out_trade_no="WPYS-parties")), ours)
    same("so does the reversal", named(by.order.reverse(out_trade_no="WPYS-parties")), ours)
    charged("WPYS-parties", 1234, 1234)


def every_call(by, order):
    """What all five calls about one order are refused for: the business code, or where there is none the text."""
    calls = (
        lambda: pay(by, order, "000", 90),
        lambda: by.micropay.query(out_trade_no=order),
        lambda: by.order.reverse(out_trade_no=order),
        lambda: by.refund.apply(1234, 1, f"{order}-1", out_trade_no=order),
        lambda: by.refund.query(out_refund_no=f"{order}-1"),
    )
    errors = [refused(f"call {at} of {order}", WeChatPayException, call) for at, call in enumerate(calls)]
    charged(order, 0)
    return {error and (error.errcode or error.return_msg) for error in errors}


def wrong_numbers():
    for what, by, order, refusal in (
        ("another provider's merchant", provider(MERCHANT["mch_id"]), "WPYS-other", "MCHID_NOT_EXIST"),
        ("a provider without its merchant", provider(None), "WPYS-bare", "受理机构必须传入sub_mch_id"),
        ("a merchant that is no provider", provider(me=MERCHANT), "WPYS-direct", "普通商户不允许传sub_mch_id"),
    ):
        same(f"{what} is refused by every call", every_call(by, order), {refusal})
    alone = client()
    error = refused(
        "nobody else finds the order", WeChatPayException, lambda: alone.micropay.query(out_trade_no="WPY-once")
    )
    same("in WeChat's word", error and error.errcode, "ORDERNOTEXIST")


def wrong_keys(by):
    for what, order, key in (
        ("a stranger's", "WPYS-forged", "0" * 32),
        ("another merchant's", "WPYS-key", MERCHANT["api_key"]),
    ):
        same(f"{what} key is refused by every call", every_call(provider(api_key=key), order), {"签名错误"})
    answer = by.micropay.query(out_trade_no="WPY-once")
    deceived = provider(api_key=MERCHANT["api_key"])
    check("an answer does not verify under another key", not deceived.check_signature(answer), answer)
    bare = provider(certificate=False)
    refused(
        "without the client certificate no money goes back",
        WeChatPayException,
        lambda: bare.refund.apply(1234, 1234, "WPYS-once-1", out_trade_no="WPY-once"),
    )
    foreign = provider(me=PROVIDER | {name: MERCHANT[name] for name in ("client_cert", "client_key")})
    refused(
        "nor with another merchant's",
        WeChatPayException,
        lambda: foreign.refund.apply(1234, 1234, "WPYS-once-2", out_trade_no="WPY-once"),
    )


if __name__ == "__main__":
    acting = provider()
    for play in (*PLAYS, parties):
        play(acting)
    wrong_numbers()
    wrong_keys(acting)
