"""What signing in is made of, assembled once for each process."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from helpline.accounts.passkeys import Passkeys
from helpline.accounts.passwords import Passwords
from helpline.accounts.recovery import RecoveryCodes
from helpline.accounts.sealing import Drafts
from helpline.accounts.sessions import Sessions
from helpline.accounts.throttle import Throttle
from helpline.accounts.totp import ISSUER, Authenticators
from helpline.settings import Secrets, Settings
from helpline.store.sessions import Store


@dataclass(frozen=True, slots=True)
class Accounts:
    """The parts, for `helpline.accounts.signing_in` and for the pages."""

    store: Store
    sessions: Sessions
    passwords: Passwords
    authenticators: Authenticators
    recovery: RecoveryCodes
    passkeys: Passkeys
    throttle: Throttle
    drafts: Drafts


def make_accounts(
    settings: Settings,
    secrets: Secrets,
    store: Store,
    throttle: Throttle | None = None,
    passwords: Passwords | None = None,
) -> Accounts:
    """Wires the parts. `throttle` is shared by the processes that serve together; without it this one counts alone."""
    key, url = secrets.link_key, settings.service.public_url
    throttle = throttle or Throttle()
    return Accounts(
        store=store,
        sessions=Sessions(key),
        passwords=passwords or Passwords(),
        authenticators=Authenticators(key, urlsplit(url).hostname or ISSUER),
        recovery=RecoveryCodes(key),
        passkeys=Passkeys(key, url, throttle),
        throttle=throttle,
        drafts=Drafts(key),
    )
