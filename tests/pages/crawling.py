"""Hostile visitors: they send every route what nobody would, and every form with a field or two that is wrong."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from helpline.accounts.model import Role
from helpline.pages.routes import Route
from helpline.store.account_tables import Account
from tests.browser.forms import forms_of
from tests.browser.house import COOKIE, House

HOSTILE = (
    "", " ", "\0", "a\0b", "-1", "0", "99999999999999999999", "1e9", "NaN", "١٢", "½", "x" * 5_000, "é" * 300,
    "\N{ZERO WIDTH SPACE}", "\u202e\U0001f4a9", "\ud7ff", "' OR 1=1 --", "<script>alert(1)</script>", "{{7*7}}", "%s%n",
    "../../etc/passwd", "//evil.example", "2026-02-30", "2026-13-01", "0001-01-01", "9999-12-31", "10000-01-01",
    "2026-03-29T02:30", "2026-10-25T02:30", "0001-01-01T00:00", "9999-12-31T23:59", "25:61", "24:00", "+33199000111",
    "+1", "null", "true", "[]", "on", "=1+1",
)  # fmt: skip
"""What breaks forms elsewhere."""
LIKELY = (
    "1", "2", "3", "france", "belgium", "fr", "2026-03-12", "2026-03-12T08:00", "2026-03", "08:00", "Q2 2026",
    "2026-Q2", "week", "month", "Camille Exemple", "camille@example.org", "yes", "day",
)  # fmt: skip
"""What gets further into a page than nonsense does."""


@dataclass
class Vandal:
    """Somebody of a role, or a guest, who sends anything anywhere; `faults` is what the service didn't stand."""

    house: House
    role: Role | None
    chance: random.Random
    texts: Sequence[str] = ()
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = self._enter()

    def blindly(self, routes: Sequence[Route], names: dict[str, list[str]]) -> None:
        """Asks every route for what isn't there; `names` has what each endpoint reads."""
        for route in routes:
            path = re.sub(r"<(?:(\w+)(?:\(.*?\))?:)?\w+>", lambda found: self._part(found.group(1) or ""), route.rule)
            read = names.get(route.endpoint, [])
            given = {name: [self._value()] for name in read if self.chance.random() < 0.8}
            self._send(route.method, path, given)

    def spoil(self, pages: Sequence[str]) -> None:
        """Sends the forms of these pages, each with a field or two that is wrong, and now and then as it is."""
        for page in pages:
            for form in forms_of(self._client.get(page, base_url=self.house.base).text):
                if form.method == "POST" and "csrf" not in form.fields:
                    self.faults.append(f"{page}: a form that another site could send")
                fields = {name: list(values) for name, values in form.fields.items() if name != "csrf"}
                for name in self.chance.sample(sorted(fields), min(len(fields), self.chance.randrange(3))):
                    fields[name] = [self._value() for _ in range(self.chance.choice((0, 1, 1, 2)))]
                self._send(form.method, form.action or page, fields)

    def _value(self) -> str:
        return self.chance.choice(self.chance.choice((HOSTILE, LIKELY, self.texts or HOSTILE)))

    def _part(self, kind: str) -> str:
        if kind == "int":
            return self.chance.choice(("0", "1", "2", "3", "99999", "9223372036854775807", "9" * 30))
        return "".join(each for each in self._value() if each not in "/\0?#%\\")[:200] or "x"

    def _send(self, method: str, path: str, fields: dict[str, list[str]]) -> None:
        answer = self._ask(method, path, fields)
        lost = answer.status_code == 303 and answer.headers["Location"].startswith(("/sign-in", "/prove"))
        if lost and self.role:
            self._client = self._enter()
            answer = self._ask(method, path, fields)
        if answer.status_code >= 500 or "Traceback" in answer.text:
            self.faults.append(f"{answer.status_code} {method} {path[:200]!r} {str(fields)[:600]}")

    def _ask(self, method: str, path: str, fields: dict[str, list[str]]) -> TestResponse:
        if method == "GET":
            return self._client.get(path, base_url=self.house.base, query_string=fields or None)
        cookie = self._client.get_cookie(COOKIE, domain="localhost")
        csrf = [self.house.csrf(cookie.value)] if cookie else []
        return self._client.post(path, base_url=self.house.base, data={**fields, "csrf": csrf})

    def _enter(self) -> FlaskClient:
        """Signs in anew: a form of before may have signed this one out, or worse."""
        if self.role:
            account = self.house.account(self.role)
            with self.house.service.store.durable() as tx:
                tx.execute(update(Account).where(Account.id == account).values(disabled=False, roles=self.role))
        client = self.house.client(self.role)
        if not self.role:
            client.get("/sign-in", base_url=self.house.base)  # a guest's forms belong to a browser, too
        return client


def read_names(routes: Sequence[Route], source_of: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Which fields the module of each view reads, as its source names them."""
    pattern = re.compile(r"""(?:field|fields|asked|getlist|get)\(\s*"([a-z_-]+)\"""")
    for route in routes:
        yield route.endpoint, sorted(set(pattern.findall(source_of.get(route.view.__module__, ""))))
