"""The same question in the forms that HTTP libraries and SDKs of other languages give it: each has to be understood.

Signed by SDKs and reference clients, sent by hand. The question is for an order that does not exist, so that the answer
shows that the signature was believed.
"""

import os
import json
import re
import secrets
import socket
import ssl
import urllib.parse

from alipay_python import client as alipay_client
from reference.acp import QUERY_TRANS
from reference.acp import Client as AcpClient
from reference.icbc import Client as IcbcClient
from reference.qra import PATH as QRA_PATH
from reference.qra import Client as QraClient
from told import account, check, text
from wechatpayv3.utils import build_authorization, load_private_key
from wechatpy.pay.utils import calculate_signature, dict_to_xml

FORM = "application/x-www-form-urlencoded"
XML_KINDS = ["text/xml", "application/xml; charset=utf-8", FORM, "text/plain", "application/octet-stream"]
FORM_KINDS = [FORM, f"{FORM};charset=utf-8", f"{FORM}; charset=GBK"]
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
ORDER = "FORMS-none"
BASE = urllib.parse.urlsplit(account("wechat")["base_url"])


def sent(head, body=b"", patient=False):
    """The whole answer to one request; whoever is `patient` sends the body when the server has asked for it."""
    context = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    with socket.create_connection((BASE.hostname, BASE.port), timeout=20) as plain:
        with context.wrap_socket(plain, server_hostname=BASE.hostname) as stream:
            stream.sendall("\r\n".join([*head, f"Host: {BASE.netloc}", "Connection: close", "", ""]).encode())
            answer = b""
            while patient and len(answer) < len(CONTINUE):
                answer += stream.recv(1)
            if patient and answer != CONTINUE:
                raise ValueError(f"the server does not ask for the body: {answer!r}")
            stream.sendall(body)
            while piece := stream.recv(65536):
                answer += piece
    return answer.decode()


def post(target, body, *headers, patient=False):
    return sent([f"POST {target} HTTP/1.1", f"Content-Length: {len(body)}", *headers], body, patient)


def chunked(target, body, kind):
    pieces = [body[:7], body[7:], b""]
    text = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return sent([f"POST {target} HTTP/1.1", f"Content-Type: {kind}", "Transfer-Encoding: chunked"], text)


def understood(what, answer, word):
    check(what, word in answer, answer)


def ways_of_http(what, path, ask, kinds, word):
    """Header names, targets, transfer, expectation, content type: nothing of it is a matter of the channel."""
    kind = kinds[0]
    ways = {
        "without a content type": lambda: post(path, ask()),
        "with lower-case header names": lambda: post(path, ask(), f"content-type: {kind}", "accept: */*"),
        "with upper-case header names": lambda: post(path, ask(), f"CONTENT-TYPE: {kind}"),
        "to an absolute target": lambda: post(f"https://{BASE.netloc}{path}", ask(), f"Content-Type: {kind}"),
        "in chunks": lambda: chunked(path, ask(), kind),
        "after 100-continue": lambda: post(path, ask(), "Expect: 100-continue", patient=True),
    }
    ways |= {f"as {kind}": lambda kind=kind: post(path, ask(), f"Content-Type: {kind}") for kind in kinds}
    for name, way in ways.items():
        understood(f"{what} {name}", way(), word)


def wechat():
    me = account("wechat")
    fields = {"appid": me["appid"], "mch_id": me["mch_id"], "nonce_str": "n" * 32, "out_trade_no": ORDER}
    path, word = "/pay/orderquery", "ORDERNOTEXIST"

    def ask(**more):
        message = fields | more
        return dict_to_xml(message, calculate_signature(message, me["api_key"])).encode()

    ways_of_http("WeChat", path, ask, XML_KINDS, word)
    declared = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<!-- a comment -->\r\n' + ask() + b"\r\n\r\n"
    understood("WeChat with a declaration", post(path, declared), word)
    understood("WeChat with empty fields", post(path, ask().replace(b"</xml>", b"<a></a><b/></xml>")), word)
    understood("WeChat with an unknown field", post(path, ask(unknown="值 & <值>")), word)
    forged = ask().replace(b"FORMS", b"FORMZ")
    check("WeChat believes no other order number", word not in post(path, forged))


def wechat_v3():
    """Signed by the SDK, over the bytes that are sent; the order of the Authorization's items is free."""
    me = account("wechat-v3")
    key = load_private_key(text(me["merchant_key"]))
    asked = f"/v3/pay/transactions/out-trade-no/{ORDER}?mchid={me['mchid']}"
    agent = ["User-Agent: forms", "Accept: application/json"]

    def signed(method, target, body=None):
        return build_authorization(target, method, me["mchid"], me["merchant_serial"], key, data=body)

    def get(*head, target=asked):
        return sent([f"GET {target} HTTP/1.1", *head])

    word = "ORDER_NOT_EXIST"
    made = signed("GET", asked)
    scheme, items = made.split(" ", 1)
    turned = ",".join(reversed(re.findall(r'\w+="[^"]*"', items)))
    ways = {
        "as the SDK sends it": [f"Authorization: {made}", *agent],
        "with lower-case header names": [f"authorization: {made}", "user-agent: forms", "accept: */*"],
        "with upper-case header names": [f"AUTHORIZATION: {made}", "USER-AGENT: FORMS"],
        "with its items in another order": [f"Authorization: {scheme} {turned}", *agent],
        "with blanks between them": [f"Authorization: {scheme} {turned.replace(',', ', ')}", *agent],
        "asking for a key": [f"Authorization: {made}", f"Wechatpay-Serial: {me['public_key_id']}", *agent],
    }
    for name, head in ways.items():
        understood(f"WeChat's V3 {name}", get(*head), word)
    whole = get(f"Authorization: {made}", *agent, target=f"https://{BASE.netloc}{asked}")
    understood("WeChat's V3 to an absolute target", whole, word)
    check("WeChat's V3 needs a User-Agent", "PARAM_ERROR" in get(f"Authorization: {made}"))
    forged = get(f"Authorization: {made}", *agent, target=asked.replace("FORMS", "FORMZ"))
    check("WeChat's V3 believes no other order number", "SIGN_ERROR" in forged, forged)
    amount = {"refund": 1, "total": 1, "currency": "CNY"}
    refund = {"out_trade_no": ORDER, "out_refund_no": "FORMS-1", "reason": "坏了", "amount": amount}
    path, kind = "/v3/refund/domestic/refunds", "Content-Type: application/json"
    shapes = {
        "close together": json.dumps(refund, separators=(",", ":"), ensure_ascii=False),
        "with escapes": json.dumps(refund),
        "over several lines": json.dumps(refund, indent=2, ensure_ascii=False) + "\n",
    }
    for name, body in shapes.items():
        head = [f"Authorization: {signed('POST', path, body)}", *agent]
        said = post(path, body.encode(), kind, *head)
        understood(f"WeChat's V3 in JSON {name}", said, "RESOURCE_NOT_EXISTS")
        waited = post(path, body.encode(), kind, "Expect: 100-continue", *head, patient=True)
        understood(f"WeChat's V3 in JSON {name}, after 100-continue", waited, "RESOURCE_NOT_EXISTS")


def qra():
    for odd in (False, True):
        made = QraClient(odd=odd)

        def ask(made=made):
            return made.asked("unified.trade.query", out_trade_no=ORDER)

        ways_of_http(f"QRA {'oddly ' * odd}", QRA_PATH, ask, XML_KINDS, "<result_code><![CDATA[1]]>")
        forged = ask().replace(b"FORMS", b"FORMZ")
        check("QRA believes no other order number", "<result_code>" not in post(QRA_PATH, forged))


def alipay():
    made = alipay_client()
    path, word = "/gateway.do", "ACQ.TRADE_NOT_EXIST"

    def ask(**more):
        return made.client_api("alipay.trade.query", {"out_trade_no": ORDER}, **more)

    def get(query):
        return sent([f"GET {path}?{query} HTTP/1.1"])

    ways_of_http("Alipay", path, lambda: ask().encode(), FORM_KINDS, word)
    pairs = urllib.parse.parse_qsl(ask())
    common = urllib.parse.urlencode([pair for pair in pairs if pair[0] != "biz_content"])
    content = urllib.parse.urlencode([pair for pair in pairs if pair[0] == "biz_content"])
    understood("Alipay in query and form", post(f"{path}?{common}", content.encode()), word)
    understood("Alipay the other way round", post(f"{path}?{content}", common.encode()), word)
    understood("Alipay as GET", get(ask()), word)
    understood("Alipay with %20", get(ask().replace("+", "%20")), word)
    understood("Alipay with lower-case escapes", get(ask().replace("%7B", "%7b").replace("%2F", "%2f")), word)
    understood("Alipay in another order", get("&".join(reversed(ask().split("&")))), word)
    understood("Alipay with format and unknown fields", get(ask(format="JSON", ws_service_url="x")), word)
    understood("Alipay with empty parameters", get(ask() + "&app_auth_token=&notify_url="), word)
    check("Alipay believes no other order number", word not in get(ask().replace("FORMS", "FORMZ")))


def icbc():
    made = IcbcClient()
    path, word = "/api/qrcode/V2/query", '"5940021"'

    def ask():
        # A message number is taken once.
        return made.asked(path, secrets.token_hex(16), {"out_trade_no": ORDER})

    ways_of_http("ICBC", path, ask, FORM_KINDS[:2], word)
    understood("ICBC in another order", post(path, b"&".join(reversed(ask().split(b"&")))), word)
    check("ICBC believes no other order number", word not in post(path, ask().replace(b"FORMS", b"FORMZ")))


def acp():
    made = AcpClient()
    order, word = "UPYnone1", "respCode=34"

    def ask():
        return made.asked("0000", order)

    ways_of_http("ACP", QUERY_TRANS, ask, FORM_KINDS[:2], word)
    understood("ACP in another order", post(QUERY_TRANS, b"&".join(reversed(ask().split(b"&")))), word)
    forged = ask().replace(order.encode(), b"UPYnone2")
    check("ACP believes no other order number", word not in post(QUERY_TRANS, forged))


if __name__ == "__main__":
    for play in (wechat, wechat_v3, qra, alipay, icbc, acp):
        play()
