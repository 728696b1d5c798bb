"""A small service whose pages are asked: two lines, two psychologists, a clock that a test sets."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Row, insert, select, update

from helpline.figures import records
from helpline.lines import Line, load_lines
from helpline.pages.wrapup import WrapUpPages
from helpline.people.links import Links
from helpline.settings import parse
from helpline.store.sessions import Store
from helpline.store.tables import Base, CallRecord, Person, Pooled
from reports.taxonomy import Taxonomy, Term, default_taxonomy
from reports.words import Language
from tests.pages.signed import Office, office

CONFIG = """
[service]
public_url = "https://helpline.example.org"
database_seconds = 5
[carrier]
account = "AC00000000000000000000000000000000"
[lines.france]
flow = "france"
timezone = "Europe/Paris"
published = "+33826000401"
outbound_caller_id = "+33199000401"
[lines.belgium]
flow = "belgium"
timezone = "Europe/Brussels"
published = "+3280023460"
outbound_caller_id = "+33199000402"
record_language = true
period = "quarter"
"""
NOON = int(datetime(2026, 3, 10, 12, 0, tzinfo=UTC).timestamp())
DAY = 86_400
ALIX, BRECHT = 1, 2
"""Alix reads French first, Brecht Dutch."""

Answers = dict[str, list[str]]


@dataclass
class SetClock:
    """Says what a test told it to."""

    at: float = NOON

    def now(self) -> float:
        """The instant that was set."""
        return self.at


@dataclass
class Desk:
    """The service as a test meets it."""

    store: Store
    lines: dict[str, Line]
    taxonomy: Taxonomy = field(default_factory=default_taxonomy)
    demo: bool = False
    clock: SetClock = field(default_factory=SetClock)
    links: Links = field(default_factory=lambda: Links(b"a key of the tests", "https://helpline.example.org"))

    def app(self) -> Flask:
        """A web application with nothing but these pages."""
        app = Flask("helpline", static_folder=None, template_folder=None)
        pages = WrapUpPages(self.store, self.lines, self.clock, self.taxonomy, self.links, demo=self.demo)
        app.register_blueprint(pages.blueprint())
        return app

    def browser(self) -> FlaskClient:
        """A browser that keeps no cookie and follows nothing by itself."""
        return self.app().test_client(use_cookies=False)

    def show(self, person: int = ALIX, query: str = "") -> str:
        """The person's page."""
        answer = self.browser().get(self.path(person) + query)
        assert answer.status_code == 200
        return answer.text

    def path(self, person: int = ALIX, version: int = 0) -> str:
        """Where the person's page is."""
        return self.links.path(person, version)

    def revoke(self, person: int) -> None:
        """Gives the person another link."""
        with self.store.durable() as tx:
            tx.execute(update(Person).where(Person.id == person).values(link_version=Person.link_version + 1))

    def label(self, name: str, code: str, language: Language = "fr") -> str:
        """What the entry `code` of the list `name`, or of the line `name`'s territories, is called."""
        terms: tuple[Term, ...] = self.taxonomy.territories.get(name) or getattr(self.taxonomy, name)
        return next(term.label.to(language) for term in terms if term.code == code)

    def talked(self, person: int = ALIX, line: str = "france", *, at: int = NOON, seconds: int = 900) -> None:
        """A conversation of `seconds` is over and waits to be coded."""
        with self.store.durable() as tx:
            records.expect(tx, self.lines[line], person, at, seconds, at + seconds)

    def left(self, person: int = ALIX) -> int:
        """How many calls this person still has to code."""
        with self.store.read() as connection:
            return sum(item.n for item in records.pending(connection, person))

    def coded(self) -> list[Row]:
        """What has been coded, whether it has entered the records or still waits in the pool."""
        with self.store.read() as connection:
            return [row for table in (CallRecord, Pooled) for row in connection.execute(select(*table.__table__.c))]


@dataclass
class ShownForm(HTMLParser):
    """The form on a page: where it is sent, and what a browser would send if nothing is tapped."""

    html: str
    action: str = ""
    untouched: Answers = field(default_factory=dict)
    offered: Answers = field(default_factory=dict)
    """Every value that can be tapped."""

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)
        assert self.action, "the page shows no form"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the form and its controls."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = found["action"]
        elif tag == "input":
            if found["type"] == "hidden" or "checked" in found:
                self.untouched.setdefault(found["name"], []).append(found["value"])
            if found["type"] != "hidden":
                self.offered.setdefault(found["name"], []).append(found["value"])

    def tapped(self, **answers: str | list[str]) -> Answers:
        """What is posted after these taps. A list stands for all of a field's answers, an empty one for none."""
        given = {name: [answer] if isinstance(answer, str) else answer for name, answer in answers.items()}
        return {name: values for name, values in {**self.untouched, **given}.items() if values}


@pytest.fixture(scope="session")
def lines() -> dict[str, Line]:
    """Both shipped lines."""
    return load_lines(parse(CONFIG, "the tests' configuration", Path()))


@pytest.fixture
def desk(sqlite_url: str, lines: dict[str, Line]) -> Iterator[Desk]:
    """The service on SQLite, for what doesn't depend on the database."""
    yield from _opened(sqlite_url, lines)


@pytest.fixture
def either_desk(database_url: str, lines: dict[str, Line]) -> Iterator[Desk]:
    """The service on SQLite, then on PostgreSQL."""
    yield from _opened(database_url, lines)


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """The pages of whoever signs in, on SQLite, for what doesn't depend on the database."""
    with office(sqlite_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def either_site(either_database_url: str, tmp_path: Path) -> Iterator[Office]:
    """The same on either database."""
    with office(either_database_url, tmp_path) as opened:
        yield opened


def _opened(url: str, lines: dict[str, Line]) -> Iterator[Desk]:
    store = Store(url)
    Base.metadata.create_all(store.engine)
    spoken = {ALIX: ("Alix Exemple", "fr en"), BRECHT: ("Brecht Voorbeeld", "nl fr")}
    people = [
        {"id": number, "name": name, "phone": f"+3319900010{number}", "languages": languages}
        for number, (name, languages) in spoken.items()
    ]
    with store.durable() as tx:
        tx.execute(insert(Person), people)
    yield Desk(store, dict(lines))
    store.close()
