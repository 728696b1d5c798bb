"""A new authenticator, as a page offers it: the same however often the page is loaded.

Who sets one up on the telephone that shows the page leaves the browser for the other app, and may find the page loaded
anew on coming back. So the secret follows, by our key, from what the page is about, and nothing has to keep it.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from dataclasses import dataclass

from markupsafe import Markup

from helpline.accounts.sealing import derive
from helpline.pages.account.picture import drawn
from helpline.pages.site import Visit

BYTES = 20
"""As authenticators expect: 160 bits."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What is shown: a picture to scan, a link that opens the app, and the secret for typing."""

    qr: Markup
    uri: str
    secret: str


def secret_for(key: bytes, *about: str) -> str:
    """The secret of a page that is about these, in the spelling of authenticators. `key` isn't in the database."""
    digest = hmac.digest(derive(key, "authenticator offered"), "\0".join(about).encode(), "sha256")
    return b32encode(digest[:BYTES]).decode()


def offered(visit: Visit, secret: str, email: str) -> Offered:
    """How a page shows `secret` to the owner of this e-mail address."""
    uri = visit.site.accounts.authenticators.uri(secret, email)
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return Offered(drawn(uri, visit.say("totp-picture")), uri, groups)
