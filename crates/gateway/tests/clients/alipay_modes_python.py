"""python-alipay-sdk in certificate mode (DCAliPay), and for a provider with a merchant's token (ISVAliPay)."""

import base64
import json
import urllib.request

from alipay import DCAliPay, ISVAliPay
from alipay.exceptions import AliPayException, AliPayValidationError
from alipay_python import at_once, canceled, declined, password, pay, refunds
from Cryptodome.PublicKey import RSA
from told import account, charged, check, refused, same, text

CERTIFICATES = account("alipay-cert")
PROVIDER = account("alipay-provider")


def exact(name):
    """A file as it is: the SDK cuts the roots at their empty lines."""
    return text(name) + "\n"


def certified(app_private_key=None, app_cert=None, alipay_cert=None):
    made = DCAliPay(
        appid=CERTIFICATES["app_id"],
        app_private_key_string=app_private_key or text(CERTIFICATES["app_private_key"]),
        app_public_key_cert_string=exact(app_cert or CERTIFICATES["app_cert"]),
        alipay_public_key_cert_string=exact(alipay_cert or CERTIFICATES["alipay_cert"]),
        alipay_root_cert_string=exact(CERTIFICATES["alipay_root_cert"]),
    )
    # The SDK knows only the two gateways of Alipay and has no setting for another one.
    made._gateway = CERTIFICATES["base_url"] + "/gateway.do"
    return made


def download(by):
    """The certificate behind a number, as the SDK asks for it; the SDK leaves sending and reading to its caller."""
    own = exact(CERTIFICATES["alipay_cert"])
    query = by.api_alipay_open_app_alipaycert_download(by.get_cert_sn(own))
    with urllib.request.urlopen(f"{by._gateway}?{query}", timeout=20) as answer:
        node = json.load(answer)["alipay_open_app_alipaycert_download_response"]
    sent = base64.b64decode(node["alipay_cert_content"]).decode()
    same("Alipay's certificate is handed out by its number", sent.strip(), own.strip())


def refusal(call):
    """What a refusal says, whether the SDK returns it or raises it."""
    try:
        return json.dumps(call())
    except AliPayException as error:
        return str(error)


def wrong_certificates():
    forger = certified(app_private_key=RSA.generate(2048).export_key().decode())
    answer = refusal(lambda: pay(forger, "APY-forged", "000", 6))
    check("a request under another key is refused", "isv.invalid-signature" in answer, answer)
    charged("APY-forged", 0)
    stranger = certified(app_cert=CERTIFICATES["alipay_cert"])
    answer = refusal(lambda: pay(stranger, "APY-stranger", "000", 7))
    check("another certificate's number is refused", "isv.app-cert-not-exist" in answer, answer)
    charged("APY-stranger", 0)
    deceived = certified(alipay_cert=CERTIFICATES["alipay_former_cert"])
    refused(
        "an answer under another certificate is refused",
        AliPayValidationError,
        lambda: deceived.api_alipay_trade_query(out_trade_no="APY-once"),
    )


def acting(token):
    made = ISVAliPay(
        appid=PROVIDER["app_id"],
        app_private_key_string=text(PROVIDER["app_private_key"]),
        alipay_public_key_string=text(PROVIDER["alipay_public_key"]),
        app_auth_token=token,
    )
    made._gateway = PROVIDER["base_url"] + "/gateway.do"
    return made


def provider():
    merchant = acting(text(PROVIDER["app_auth_token"]))
    paid = pay(merchant, "APY-provider", "000", 8)
    same("a provider's merchant is paid", (paid["code"], paid["out_trade_no"]), ("10000", "APY-provider"))
    asked = merchant.api_alipay_trade_query(out_trade_no="APY-provider")
    same("the query says so", asked["trade_status"], "TRADE_SUCCESS")
    charged("APY-provider", 1234)
    answer = refusal(lambda: acting("0" * 40).api_alipay_trade_query(out_trade_no="APY-provider"))
    check("another token is refused", "aop.invalid-app-auth-token" in answer, answer)


if __name__ == "__main__":
    merchant = certified()
    for play in (at_once, password, canceled, refunds, declined, download):
        play(merchant)
    wrong_certificates()
    provider()
