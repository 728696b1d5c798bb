"""A rota for the coordinator's pages, and their forms as a browser reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from sqlalchemy import insert, select

from helpline.store.tables import Shift
from tests.pages.signed import HOST, Browser, Office
from tests.shell import NOON, rows_of

HOUR, DAY = 3600, 86_400


def put(site: Office, *shifts: tuple[int | None, float, float], line: str = "france", tier: int = 1) -> list[int]:
    """Shifts by person, start and end, the latter in hours from noon of 10 March 2026, UTC; their numbers."""
    rows = [
        {
            "line": line,
            "tier": tier,
            "person": person,
            "starts_at": NOON + int(start * HOUR),
            "ends_at": NOON + int(end * HOUR),
            "source": "import",
        }
        for person, start, end in shifts
    ]
    with site.service.store.durable() as tx:
        return list(tx.scalars(insert(Shift).returning(Shift.id, sort_by_parameter_order=True), rows))


def held(site: Office) -> list[tuple[int | None, float, float]]:
    """The same of those that count, by start."""
    rows = [row for row in rows_of(site.service.store, Shift) if row["status"] != "cancelled"]
    found = [(row["person"], (row["starts_at"] - NOON) / HOUR, (row["ends_at"] - NOON) / HOUR) for row in rows]
    return sorted(found, key=lambda row: (row[1], row[0] or 0))


def statements(site: Office, browser: Browser, path: str) -> int:
    """How many statements a page takes."""
    from sqlalchemy import event  # noqa: PLC0415 - for this alone

    n: list[str] = []

    def count(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        n.append(statement)

    engine = site.service.store._single
    event.listen(engine, "before_cursor_execute", count)
    browser.get(path)
    event.remove(engine, "before_cursor_execute", count)
    return len(n)


@dataclass
class Form:
    """A form that is sent by one tap: where to, what with, and what its button says."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    button: str = ""


@dataclass
class Page(HTMLParser):
    """A page as somebody uses it: its links by their words, its forms."""

    browser: Browser
    path: str
    clicks: int = 0
    html: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self.html = self.html or self.browser.get(self.path)
        self.links: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self._inside: str = ""
        self._text = ""
        self._select = ""
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes links, forms and their fields."""
        found = {name: value or "" for name, value in attrs}
        if tag in {"a", "button"}:
            self._inside, self._text = found.get("href", ""), ""
            if tag == "button" and found.get("name") and self.forms:
                self.forms[-1].fields.setdefault(found["name"], found.get("value", ""))
        elif tag == "form":
            self.forms.append(Form(found["action"], found["method"]))
        elif tag == "input" and self.forms:
            self.forms[-1].fields[found["name"]] = found.get("value", "")
        elif tag == "select":
            self._select = found["name"]
        elif tag == "option" and self.forms:
            known = self.forms[-1].fields
            if "selected" in found or self._select not in known:
                known[self._select] = found["value"]

    def handle_data(self, data: str) -> None:
        """Collects what a link or a button says."""
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        """A link or a button is over."""
        if tag == "a":
            self.links.append((" ".join(self._text.split()), self._inside))
        elif tag == "button" and self.forms:
            self.forms[-1].button = self.forms[-1].button or " ".join(self._text.split())

    def click(self, text: str) -> Page:
        """Follows the first link that says this."""
        found = [url for words, url in self.links if text in words]
        assert found, (text, self.links)
        return Page(self.browser, unescape(found[0]), self.clicks + 1)

    def press(self, text: str, status: int = 303, **fields: str) -> Page:
        """Taps the first button that says this, after filling in `fields`, and follows where it leads."""
        form = next((form for form in self.forms if text in form.button), None)
        assert form is not None, (text, [form.button for form in self.forms])
        if form.method == "get":
            query = "&".join(f"{key}={value}" for key, value in (form.fields | fields).items())
            return Page(self.browser, f"{form.action}?{query}", self.clicks + 1)
        answer = self.browser.client.post(form.action, base_url=HOST, data=form.fields | fields)
        assert answer.status_code == status, (answer.status_code, answer.text[:2000])
        if status != 303:
            return Page(self.browser, form.action, self.clicks + 1, answer.text)
        return Page(self.browser, answer.headers["Location"].removeprefix(HOST), self.clicks + 1)

    @property
    def words(self) -> str:
        """What it says."""
        main = self.html.partition("<main")[2].partition("</main>")[0]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def numbers(site: Office) -> list[int]:
    """Of the shifts that count."""
    with site.service.store.read() as connection:
        return list(connection.scalars(select(Shift.id).where(Shift.status != "cancelled").order_by(Shift.starts_at)))
