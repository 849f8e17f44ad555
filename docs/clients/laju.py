"""Client for Python 3.8 and later, without dependencies. Copy this file into your project.

    laju = Laju(url, key, secret)
    order = laju.order({"ref_id": "A-1", "product_code": "XLD10", "destination": "0878..."})

An order is safe to repeat: the same ref_id is one order for ever. So whatever does not answer
clearly (no connection, timeout, 408, 429, 5xx) is sent again, with the same ref_id, until it does.
A clear no is never repeated.
"""

import base64
import hashlib
import hmac
import http.client
import json
import random
import re
import time
import urllib.error
import urllib.parse
import urllib.request


class Refused(Exception):
    """A clear no: nothing will come of this request as it is."""

    def __init__(self, answer):
        super().__init__("%s: %s" % (answer.get("error_code"), answer.get("message")))
        self.code = answer.get("error_code")
        self.money_effect = answer.get("money_effect")
        self.answer = answer


class Unknown(Exception):
    """Nobody knows: the order may stand. Repeat with the same ref_id; never refund."""


class Laju:
    def __init__(self, url, key, secret, tries=6, timeout=15, pause=time.sleep):
        self.url, self.key, self.secret = url.rstrip("/"), key, secret
        self.tries, self.timeout, self.pause = tries, timeout, pause

    def order(self, order):
        """Places an order, or finds the one that this ref_id is."""
        return self._call("POST", "/api/v1/transactions", order)

    def inquiry(self, wish):
        """Looks at a bill, or at whose meter it is. Moves no money."""
        return self._call("POST", "/api/v1/transactions/inquiry", wish)

    def pay(self, ref_id, bill):
        """Pays a bill as it was looked at; its price can't have changed, and it is paid once."""
        named = {name: bill[name] for name in ("product_code", "destination", "inquiry_token")}
        return self.order({"ref_id": ref_id, **named})

    def find(self, ref_id):
        return self._call("GET", "/api/v1/transactions" + _query(ref_id=ref_id))

    def read(self, trx_id):
        return self._call("GET", "/api/v1/transactions/" + _quoted(trx_id))

    def bulk(self, orders):
        """Many orders at once: {"ref_id", "rows"}; the same list again is the same list."""
        return self._call("POST", "/api/v1/transactions/bulk", orders)

    def bulk_read(self, bulk_id, after=0):
        """How far the list is, and its rows after number `after`."""
        path = "/api/v1/transactions/bulk/" + _quoted(bulk_id)
        return self._call("GET", path + _query(after=after))

    def events(self, after="0"):
        """What happened after the place `after`, oldest first, for as long as there is more.

        Keep the id of the last event that you have worked, and begin there the next time.
        """
        more = True
        while more:
            page = self._call("GET", "/api/v1/events" + _query(after=after, limit=100))
            yield from page["events"]
            more, after = page["more"], page["next"]

    def balance(self):
        return self._call("GET", "/api/v1/balance")

    def _call(self, method, path, body=None):
        text = "" if body is None else json.dumps(body)
        last = None
        for attempt in range(self.tries):
            if attempt > 0:
                self.pause(_wait(attempt, last))
            try:
                return self._once(method, path, text)
            except urllib.error.HTTPError as error:
                last = error
                answer = _answer(error)
                if answer and 400 <= error.code < 500 and error.code not in (408, 429):
                    raise Refused(answer) from None
            except (OSError, ValueError, http.client.HTTPException) as error:
                last = error
        raise Unknown("no clear answer; repeat with the same ref_id") from last

    def _once(self, method, path, text):
        # Signed anew each time: a timestamp is good for five minutes only.
        timestamp = str(int(time.time()))
        signed = ".".join([timestamp, method, path, text]).encode()
        headers = {
            "X-Api-Key": self.key,
            "X-Timestamp": timestamp,
            "X-Signature": hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest(),
        }
        if text:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(
            self.url + path, data=text.encode() or None, headers=headers, method=method
        )
        with _opener.open(request, timeout=self.timeout) as response:
            return json.loads(response.read())["data"]


class _Stay(urllib.request.HTTPRedirectHandler):
    """What is signed for one address is not sent to another."""

    def redirect_request(self, *_):
        return None


_opener = urllib.request.build_opener(_Stay)


def is_webhook(headers, body, secrets, now=None):
    """Whether a webhook in the Standard Webhooks shape is ours and fresh.

    body is the bytes exactly as they arrived. While a secret is changed, each message bears a
    signature by the new and by the old one: give whichever you have, or a list of both. Answer
    2xx quickly; act once per webhook-id.
    """
    wanted = {name.lower(): value for name, value in headers.items()}
    timestamp = wanted.get("webhook-timestamp", "")
    if not re.fullmatch("[0-9]{1,15}", timestamp):
        return False
    if abs((time.time() if now is None else now) - int(timestamp)) > 300:
        return False
    signed = ("%s.%s." % (wanted.get("webhook-id", ""), timestamp)).encode() + body
    given = wanted.get("webhook-signature", "").split(" ")
    for secret in [secrets] if isinstance(secrets, str) else secrets:
        key = base64.b64decode(secret[6:] if secret.startswith("whsec_") else secret)
        if not key:
            continue
        right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(one.encode(), right.encode()) for one in given):
            return True
    return False


def _answer(error):
    try:
        answer = json.loads(error.read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    return answer if isinstance(answer, dict) else None


def _quoted(value):
    return urllib.parse.quote(str(value), safe="")


def _query(**values):
    return "?" + "&".join("%s=%s" % (name, _quoted(value)) for name, value in values.items())


def _wait(attempt, last):
    """Twice as long each time, at most half a minute, never all clients at once."""
    headers = getattr(last, "headers", None) or {}
    asked = headers.get("Retry-After") or "0"
    backoff = min(30.0, 0.5 * 2**attempt) * (0.5 + random.random() / 2)
    return max(float(asked) if asked.isdigit() else 0.0, backoff)
