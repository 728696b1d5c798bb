"""Who sent this webhook: the carrier's HMAC-SHA1 over our public URL and the sorted form.

`twilio.request_validator.RequestValidator` does the same in about 80 us; it is the oracle in the tests. The URL is
the one we configured and handed out, never the `Host` header. Two tokens are accepted while one is being rotated.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable, Sequence


class Signature:
    """Checks `X-Twilio-Signature`. `tokens` are the account's auth tokens, primary first."""

    def __init__(self, tokens: Sequence[str]) -> None:
        if not tokens:
            raise ValueError("a signature needs at least one auth token")
        self._keys = [hmac.new(token.encode(), digestmod=hashlib.sha1) for token in tokens]

    def sign(self, url: str, form: Iterable[tuple[str, str]]) -> str:
        """The header's value for this URL (without fragment) and these form fields, with the primary token."""
        return _digest(self._keys[0], url, form)

    def matches(self, url: str, form: Iterable[tuple[str, str]], given: str) -> bool:
        """Whether `given` is the signature of this request under one of the tokens. Constant time per token."""
        fields = list(form)
        offered = given.encode("utf-8", "replace")
        right = [hmac.compare_digest(_digest(key, url, fields).encode(), offered) for key in self._keys]
        return any(right)


def _digest(key: hmac.HMAC, url: str, form: Iterable[tuple[str, str]]) -> str:
    mac = key.copy()
    mac.update((url + "".join([name + value for name, value in sorted(set(form))])).encode())
    return b64encode(mac.digest()).decode()
