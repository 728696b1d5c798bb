"""What the tests of planning share: shifts in an office, the forms on a page, and confirming what one shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from sqlalchemy import insert
from werkzeug.test import TestResponse

from helpline.store.tables import Base, Shift
from rota.staff import HOUR
from tests.pages.signed import HOST, Browser, Office, words
from tests.shell import NOON, rows_of

Fields = dict[str, list[str]]


@dataclass
class _Forms(HTMLParser):
    found: dict[str, Fields] = field(default_factory=dict)
    _fields: Fields | None = None
    _select: str = ""
    _first: str | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the form and its controls."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = self.found.setdefault(given["action"], {})
        elif self._fields is not None and tag == "input":
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                self._fields.setdefault(given["name"], []).append(given.get("value", ""))
        elif self._fields is not None and tag == "select":
            self._select, self._first = given["name"], None
        elif self._fields is not None and tag == "option":
            if "selected" in given:
                self._fields[self._select] = [given["value"]]
            else:
                self._fields.setdefault(self._select, [given["value"]])

    def handle_endtag(self, tag: str) -> None:
        """A form is over."""
        if tag == "form":
            self._fields = None


def form(html: str, action: str) -> Fields:
    """What a browser would send of the form that is sent there, untouched."""
    reader = _Forms()
    reader.feed(html)
    assert action in reader.found, sorted(reader.found)
    return reader.found[action]


def confirm(browser: Browser, html: str, action: str, status: int = 303) -> TestResponse:
    """Taps the button that does what this page shows."""
    given = {name: values for name, values in form(html, action).items() if name != "csrf"}
    return browser.post(action, status, **given, go="yes")


def landed(browser: Browser, answer: TestResponse) -> str:
    """What the page says that a form led to."""
    return words(browser.get(answer.headers["Location"].removeprefix(HOST)))


def put(site: Office, person: int | None, start: int, hours: int = 8, *, line: str = "france", tier: int = 1) -> int:
    """A shift that begins `start` seconds after noon; its number."""
    row = {"line": line, "tier": tier, "person": person, "source": "import"}
    times = {"starts_at": NOON + start, "ends_at": NOON + start + hours * HOUR}
    with site.service.store.durable() as tx:
        return tx.execute(insert(Shift).returning(Shift.id), {**row, **times}).scalar_one()


def rows(site: Office, table: type[Base]) -> list[dict]:
    """Everything in a table."""
    return rows_of(site.service.store, table)


def standing(site: Office) -> list[tuple[int | None, float, float]]:
    """Person, and start and end in hours after noon, of each shift that counts, by start."""
    kept = [row for row in rows(site, Shift) if row["status"] != "cancelled"]
    found = [(row["person"], (row["starts_at"] - NOON) / HOUR, (row["ends_at"] - NOON) / HOUR) for row in kept]
    return sorted(found, key=lambda row: (row[1], row[0] or 0))
