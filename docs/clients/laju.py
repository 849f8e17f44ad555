"""Client for Python 3.8 and later, without dependencies. Copy this file into your project.

    laju = Laju(url, key, secret)
    order = laju.order({"ref_id": "A-1", "product_code": "XLD10", "destination": "0878..."})

An order is safe to repeat: the same ref_id is one order for ever. So whatever does not answer
clearly (no connection, timeout, 429, 5xx) is sent again, with the same ref_id, until it does.
"""

import base64
import hashlib
import hmac
import json
import random
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

    def find(self, ref_id):
        query = urllib.parse.urlencode({"ref_id": ref_id}, quote_via=urllib.parse.quote)
        return self._call("GET", "/api/v1/transactions?" + query)

    def read(self, trx_id):
        return self._call("GET", "/api/v1/transactions/" + trx_id)

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
                if error.code < 500 and error.code != 429:
                    raise Refused(json.loads(error.read())) from None
            except (OSError, ValueError) as error:
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
        with urllib.request.urlopen(request, timeout=self.timeout) as response:
            return json.loads(response.read())["data"]


def is_webhook(headers, body, secret, now=None):
    """Whether a webhook in the Standard Webhooks shape is ours and fresh.

    body is the bytes exactly as they arrived. Answer 2xx quickly; act once per webhook-id.
    """
    wanted = {name.lower(): value for name, value in headers.items()}
    timestamp = wanted.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs((now or time.time()) - int(timestamp)) > 300:
        return False
    key = base64.b64decode(secret[6:] if secret.startswith("whsec_") else secret)
    signed = ("%s.%s." % (wanted.get("webhook-id", ""), timestamp)).encode() + body
    right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = wanted.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(one.encode(), right.encode()) for one in given)


def _wait(attempt, last):
    """Twice as long each time, at most half a minute, never all clients at once."""
    headers = getattr(last, "headers", None) or {}
    asked = headers.get("Retry-After") or "0"
    backoff = min(30.0, 0.5 * 2**attempt) * (0.5 + random.random() / 2)
    return max(float(asked) if asked.isdigit() else 0.0, backoff)
