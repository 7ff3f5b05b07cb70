"""wechatpayv3 in partner mode: a provider of WeChat Pay APIv3 that sells for its merchant, in both key modes.

The SDK has the partner paths of every call; it wants the merchant's number with each of them.
"""

from told import account, charged, check, refused, same, text
from wechat_v3_python import PLAYS, client, pay, stranger, told

PROVIDER = account("wechat-v3-provider")
MERCHANT = account("wechat-v3")


class Provider:
    """The SDK's client with the same merchant in each call, so that it can play what a merchant of its own plays."""

    def __init__(self, own_key=True, sub_mchid=PROVIDER["sub_mchid"], sub_appid=PROVIDER["sub_appid"], **changed):
        self.client = client(own_key, **{"me": PROVIDER, "partner_mode": True} | changed)
        self.merchant = {"sub_mchid": sub_mchid}
        self.application = {"sub_appid": sub_appid}

    def pay(self, **call):
        return self.client.pay(**call, **self.merchant, **self.application)

    def query(self, **call):
        return self.client.query(**call, **self.merchant)

    def codepay_reverse(self, **call):
        return self.client.codepay_reverse(**call, **self.merchant, **self.application)

    def refund(self, **call):
        return self.client.refund(**call, **self.merchant)

    def query_refund(self, **call):
        return self.client.query_refund(**call, **self.merchant)


def parties(by, name, tail):
    """Whose sale it was, in every answer that says so."""
    order = f"{name}-parties"
    ours = {
        "sp_appid": PROVIDER["appid"],
        "sp_mchid": PROVIDER["mchid"],
        "sub_mchid": PROVIDER["sub_mchid"],
        "sub_appid": PROVIDER["sub_appid"],
    }

    def named(answer):
        return {member: value for member, value in answer.items() if member.endswith(("appid", "mchid"))}

    _, paid = pay(by, order, "000", tail)
    same("the answer names provider and merchant", named(paid), ours)
    same("the payer is known to both", sorted(paid["payer"]), ["sp_openid", "sub_openid"])
    _, asked = told(by.query(out_trade_no=order))
    same("so does the query", (named(asked), asked["payer"]), (ours, paid["payer"]))
    _, undone = told(by.codepay_reverse(out_trade_no=order))
    same("so does the reversal", named(undone), ours)
    charged(order, 1234, 1234)


def every_call(by, order):
    """Status and code of all five calls about one order."""
    calls = (
        lambda: by.query(out_trade_no=order),
        lambda: by.codepay_reverse(out_trade_no=order),
        lambda: by.refund(
            out_refund_no=f"{order}-1", out_trade_no=order, amount={"refund": 1, "total": 1234, "currency": "CNY"}
        ),
        lambda: by.query_refund(out_refund_no=f"{order}-1"),
    )
    answers = [pay(by, order, "000", 90), *(told(call()) for call in calls)]
    return {(status, answer.get("code")) for status, answer in answers}


def wrong_numbers():
    for what, by, order, refusal in (
        ("another provider's merchant", Provider(sub_mchid=MERCHANT["mchid"]), "WV3S-other", "MCH_NOT_EXISTS"),
        ("a provider without its merchant", client(me=PROVIDER), "WV3S-direct", "PARAM_ERROR"),
        ("a merchant that is no provider", Provider(me=MERCHANT), "WV3S-partner", "PARAM_ERROR"),
    ):
        same(f"{what} is refused by every call", every_call(by, order), {(400, refusal)})
        charged(order, 0)
    status, answer = pay(Provider(sub_appid=MERCHANT["appid"]), "WV3S-app", "000", 91)
    same("another merchant's application is refused", (status, answer["code"]), (400, "APPID_MCHID_NOT_MATCH"))
    charged("WV3S-app", 0)
    status, answer = told(client().query(out_trade_no="WV3SP-once"))
    same("nobody else finds the order", (status, answer["code"]), (404, "ORDER_NOT_EXIST"))


def wrong_keys():
    private, public = stranger()
    for what, key in (("a stranger's", private), ("another merchant's", text(MERCHANT["merchant_key"]))):
        forger = Provider(private_key=key)
        same(f"{what} private key is refused by every call", every_call(forger, "WV3S-forged"), {(401, "SIGN_ERROR")})
    charged("WV3S-forged", 0)
    serial = Provider(cert_serial_no=MERCHANT["merchant_serial"])
    same("another serial is refused by every call", every_call(serial, "WV3S-serial"), {(401, "SIGN_ERROR")})
    charged("WV3S-serial", 0)
    wary = Provider(own_key=False, public_key=public, public_key_id=PROVIDER["public_key_id"])
    refused("an answer does not verify under another key", Exception, lambda: wary.query(out_trade_no="WV3SP-once"))
    refused(
        "certificates do not open under another merchant's APIv3 key",
        Exception,
        lambda: Provider(own_key=False, apiv3_key=MERCHANT["api_v3_key"]),
    )


if __name__ == "__main__":
    modes = (("WV3SP", Provider(), 10), ("WV3SC", Provider(own_key=False), 30))
    for name, provider, first in modes:
        for tail, play in enumerate((*PLAYS, parties), first):
            play(provider, name, tail)
    check("a provider downloads certificates", len(modes[1][1].client._core._certificates) == 2)
    wrong_numbers()
    wrong_keys()
