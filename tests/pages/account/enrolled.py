"""People with accounts, as tests of signing in meet them: a password, an authenticator, a browser of their own."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

import pyotp
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from helpline.accounts import invitations, registering
from helpline.accounts.model import Role
from helpline.accounts.registering import Wanted
from helpline.accounts.service import Accounts, make_accounts
from helpline.accounts.signing_in import set_password
from reports.words import Language
from tests.pages.signed import HOST, Office
from tests.shell import ALIX, settings_in, some_secrets

PASSWORD = "four unrelated words here"
COOKIE = "__Host-helpline"
DOMAIN = "helpline.example.org"


@dataclass
class Somebody:
    """An account and what its owner knows. Codes are those of the service's clock."""

    site: Office
    id: int
    email: str
    secret: str = ""
    password: str = PASSWORD

    def code(self, later: int = 0) -> str:
        """What their authenticator shows, `later` seconds from now."""
        return pyotp.TOTP(self.secret).at(int(self.site.clock.now()) + later)

    def signs_in(self, window: Window, **fields: str) -> TestResponse:
        """Fills in the form and sends it."""
        typed = {"email": self.email, "password": self.password, "code": self.code(), **fields}
        return window.send("/sign-in", **typed)


@dataclass
class Window:
    """A browser that reads the forms it was shown, and sends them."""

    client: FlaskClient
    page: str = ""
    status: int = 0

    def see(self, path: str) -> str:
        """Loads a page."""
        self._keep(self.client.get(path, base_url=HOST))
        return self.page

    def send(self, action: str, **fields: str) -> TestResponse:
        """Sends the form with this address that the page shows: its hidden fields, and `fields`."""
        answer = self.client.post(action, base_url=HOST, data={**hidden(self.page, action), **fields})
        self._keep(answer)
        return answer

    def follow(self, answer: TestResponse) -> str:
        """Goes where an answer leads."""
        assert answer.status_code == 303, answer.text
        return self.see(answer.headers["Location"])

    def send_for(self, path: str, page: str) -> str:
        """What the script is answered that asks for a challenge from this page."""
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        assert csrf
        answer = self.client.post(path, base_url=HOST, data={"csrf": csrf[1]})
        assert answer.mimetype == "application/json", answer.text
        return answer.text

    @property
    def token(self) -> str:
        """What its cookie holds."""
        found = self.client.get_cookie(COOKIE, domain=DOMAIN)
        return found.value if found else ""

    @token.setter
    def token(self, value: str) -> None:
        self.client.set_cookie(COOKIE, value, domain=DOMAIN, secure=True)

    @property
    def signed_in(self) -> bool:
        """Whether its cookie opens anything."""
        return self.client.get("/account", base_url=HOST).status_code == 200

    def _keep(self, answer: TestResponse) -> None:
        self.page, self.status = answer.text, answer.status_code


def hidden(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the first form with this address."""
    pattern = rf'<form[^>]* action="{re.escape(action)}(?:\?[^"]*)?"[^>]*>(.*?)</form>'
    found = re.search(pattern, page, re.DOTALL)
    assert found, f"no form is sent to {action}"
    fields = re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)"', found[1])
    return {name: html.unescape(value) for name, value in fields if name != "credential"}


def window(site: Office, agent: str = "") -> Window:
    """A browser that has never been here."""
    client = site.service.web.test_client()
    if agent:
        client.environ_base["HTTP_USER_AGENT"] = agent
    return Window(client)


def parts(site: Office) -> Accounts:
    """The accounts of a service, from behind; what is throttled is throttled elsewhere."""
    return make_accounts(settings_in(Path()), some_secrets(), site.service.store)


def somebody(
    site: Office,
    *roles: Role,
    email: str = "claude@example.org",
    name: str = "Claude Exemple",
    language: Language = "fr",
) -> Somebody:
    """An account that has a password and an authenticator; its last code lies far behind."""
    accounts, now = parts(site), int(site.clock.now())
    person = ALIX if "psychologist" in roles else None
    secret = accounts.authenticators.new_secret()
    with site.service.store.durable() as tx:
        number = registering.create(tx, Wanted(name, email, frozenset(roles), person, language), now)
        set_password(tx, number, accounts.passwords.hash(PASSWORD))
        before = now - 3600
        assert accounts.authenticators.enrol(tx, number, secret, pyotp.TOTP(secret).at(before), before)
    return Somebody(site, number, email, secret)


def invited(site: Office, *roles: Role, language: Language = "fr") -> tuple[str, Somebody]:
    """The address of an invitation, and whoever it is for."""
    now = int(site.clock.now())
    person = ALIX if "psychologist" in roles else None
    with site.service.store.durable() as tx:
        wanted = Wanted("Noa Exemple", "noa@example.org", frozenset(roles), person, language)
        number = registering.create(tx, wanted, now)
        return invitations.path(invitations.invite(tx, number, now)), Somebody(site, number, wanted.email)


def recovery_codes(page: str) -> list[str]:
    """The codes that a page shows."""
    return re.findall(r'<li><code class="code">([^<]+)</code>', page)
