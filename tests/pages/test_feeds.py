"""A calendar's address shows that calendar, as the rota is now, to whoever has it and to nobody else."""

import logging
import re
import string
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import icalendar
import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, update
from werkzeug.test import TestResponse

import helpline.people
from helpline.app import Service
from helpline.people.calendars import load_texts
from helpline.people.feeds import Feeds, Scope, issue, revoke
from helpline.shifts.editing import Desk, editing
from helpline.shifts.snapshot import read_roster
from helpline.store.tables import Person, Shift
from reports.words import LANGUAGES, Language
from rota.edit import Change, New, reassign
from rota.model import Span
from rota.oncall import who
from rota.staff import DAY, HOUR, Limits
from tests.rota.readers import READERS, Seen
from tests.shell import ALIX, BORIS, CHARLIE, NOON, PUBLIC, SetClock, rows_of, serving, some_secrets, with_people

FEEDS = Feeds(some_secrets().link_key, PUBLIC)
OF_ALIX, OF_FRANCE = Scope(person=ALIX), Scope(line="france")
EVENING = NOON + 8 * HOUR
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


@dataclass
class House:
    """A service, its clock, and who asks it."""

    service: Service
    clock: SetClock

    @property
    def browser(self) -> FlaskClient:
        """A program that keeps no cookie."""
        return self.service.web.test_client(use_cookies=False)

    @property
    def desk(self) -> Desk:
        """Where the rota is edited."""
        return Desk(self.service.store, self.service.lines, Limits())

    def path(self, scope: Scope) -> str:
        """A new address."""
        with self.service.store.durable() as tx:
            return FEEDS.path(scope, issue(tx, scope))

    def get(self, scope: Scope, query: str = "") -> TestResponse:
        """The answer to a new address."""
        answer = self.browser.get(self.path(scope) + query)
        assert answer.status_code == 200
        return answer

    def shown(self, scope: Scope, query: str = "") -> list[Seen]:
        """The events behind a new address, by start."""
        return sorted(READERS["icalendar"](self.get(scope, query).data), key=lambda event: (event.start, event.uid))

    def put(
        self, person: int | None, start: int, *, line: str = "france", tier: int = 1, status: str = "published"
    ) -> int:
        """A shift of eight hours as it stands in the database; its number."""
        row = {"line": line, "tier": tier, "person": person, "starts_at": start, "ends_at": start + 8 * HOUR}
        with self.service.store.durable() as tx:
            return tx.execute(
                insert(Shift).returning(Shift.id), {**row, "status": status, "source": "import"}
            ).scalar_one()


@pytest.fixture
def house(either_database_url: str, tmp_path: Path) -> Iterator[House]:
    """Three people and no shift, on SQLite, and in `make check` on PostgreSQL."""
    with housed(either_database_url, tmp_path) as house:
        yield house


@pytest.fixture
def any_house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """The same on both databases at once."""
    with housed(database_url, tmp_path) as house:
        yield house


@contextmanager
def housed(url: str, folder: Path) -> Iterator[House]:
    """A service on this database."""
    clock = SetClock(NOON)
    with serving(url, folder, clock) as service:
        with_people(service.store)
        yield House(service, clock)


def test_a_person_sees_their_shifts_on_all_lines(house: House) -> None:
    """And nobody else's."""
    first, second = house.put(ALIX, EVENING), house.put(ALIX, EVENING + DAY, line="belgium")
    house.put(BORIS, EVENING)
    assert house.shown(OF_ALIX) == [
        Seen(
            f"shift-{first}@helpline.example.org",
            EVENING,
            EVENING + 8 * HOUR,
            "CONFIRMED",
            "Astreinte, Ligne d’écoute France",
        ),
        Seen(
            f"shift-{second}@helpline.example.org",
            EVENING + DAY,
            EVENING + DAY + 8 * HOUR,
            "CONFIRMED",
            "Astreinte, Ligne d’écoute Belgique",
        ),
    ]


def test_12_what_was_taken_from_somebody_stays_as_cancelled(any_house: House) -> None:
    """In the calendar of whom it was taken from; the other has an event of their own, with a number nobody had."""
    number = any_house.put(ALIX, EVENING)
    with editing(any_house.desk, "override", "cli", NOON) as edit:
        edit.make(reassign(edit.of(ALIX), Span(EVENING, EVENING + DAY), NOON, BORIS, "override"))
    [gone], [come] = any_house.shown(OF_ALIX), any_house.shown(Scope(person=BORIS))
    assert (gone.uid, gone.status, gone.title) == (
        f"shift-{number}@helpline.example.org",
        "CANCELLED",
        "Annulé\u00a0: Astreinte, Ligne d’écoute France",
    )
    assert come.uid != gone.uid
    assert (come.start, come.end, come.status) == (gone.start, gone.end, "CONFIRMED")


def test_12_a_number_is_never_given_twice(any_house: House) -> None:
    """Not after the newest shift was cancelled, and a number that an edit only tried was seen by nobody."""

    def add(*, dry: bool) -> int:
        new = New("france", 1, ALIX, EVENING, EVENING + HOUR, "override")
        with editing(any_house.desk, "override", "cli", NOON, dry=dry) as edit:
            made = edit.make(Change(add=(new,))).added
        return made[0].id

    numbers = []
    for _ in range(3):
        add(dry=True)
        numbers.append(add(dry=False))
        with editing(any_house.desk, "override", "cli", NOON) as edit:
            edit.make(Change(cancel=(numbers[-1],)))
    assert len(set(numbers)) == 3
    assert sorted(row["id"] for row in rows_of(any_house.service.store, Shift)) == sorted(numbers)


def test_12_a_shortened_shift_is_the_same_event(house: House) -> None:
    """A version later, and shorter."""
    number = house.put(ALIX, NOON - HOUR)
    before = house.get(OF_ALIX).data
    with editing(house.desk, "override", "cli", NOON) as edit:
        edit.make(reassign(edit.of(ALIX), Span(NOON + HOUR, EVENING), NOON, None, "override"))
    after = house.get(OF_ALIX).data
    assert [b"SEQUENCE:0" in before, b"SEQUENCE:1" in after] == [True, True]
    [event] = READERS["icalendar"](after)
    assert (event.uid, event.end) == (f"shift-{number}@helpline.example.org", NOON + HOUR)


def test_4_the_line_is_who(house: House) -> None:
    """Hour by hour the events that count are the shifts of those on call."""
    for hour, person in ((-3, ALIX), (3, BORIS), (7, CHARLIE), (9, None)):
        house.put(person, NOON + hour * HOUR)
    house.put(ALIX, NOON, line="belgium")
    house.put(BORIS, NOON, status="cancelled")
    events = [event for event in house.shown(OF_FRANCE) if not event.title.startswith(("Annulé", "Personne"))]
    with house.service.store.read() as connection:
        roster = read_roster(connection, NOON - DAY, NOON + DAY)
    for at in range(NOON - DAY, NOON + DAY, HOUR):
        shown = {event.uid for event in events if event.start <= at < event.end}
        assert shown == {f"shift-{one.shift}@helpline.example.org" for one in who(roster, "france", at)}


@pytest.mark.parametrize(("names", "title"), [(False, "AE"), (True, "Alix Exemple")])
def test_the_whole_line_shows_initials_or_names(house: House, *, names: bool, title: str) -> None:
    """As the line's setting says; an open seat is shown as one; nobody's alarm rings."""
    line = house.service.lines["france"]
    settings = line.settings.model_copy(update={"rota": line.settings.rota.model_copy(update={"names_in_feed": names})})
    assert isinstance(house.service.lines, dict)
    house.service.lines["france"] = replace(line, settings=settings)
    house.put(ALIX, EVENING)
    house.put(None, EVENING + DAY)
    assert [event.title for event in house.shown(OF_FRANCE)] == [title, "Personne pour l’instant"]
    assert b"VALARM" not in house.get(OF_FRANCE).data


def test_a_calendar_never_holds_a_number_or_an_address(house: House) -> None:
    """Neither of whom it is nor of anybody else."""
    with house.service.store.durable() as tx:
        tx.execute(update(Person).values(email="someone@mail.example"))
    for person in (ALIX, BORIS):
        house.put(person, EVENING)
    for scope in (OF_ALIX, OF_FRANCE):
        text = house.get(scope).text
        assert not re.search(r"\+?33\d{9}|0\d{9}|mail\.example|tel:", text.replace("\r\n ", ""))


def test_half_a_month_back_and_half_a_year_ahead(house: House) -> None:
    """In whole days of UTC: nothing of what was longer ago, nothing of what comes later."""
    today = NOON - 12 * HOUR
    for start in (today - 15 * DAY - 8 * HOUR, today - 15 * DAY - 7 * HOUR, today + 180 * DAY - 1, today + 180 * DAY):
        house.put(ALIX, start)
    assert [event.start - today for event in house.shown(OF_ALIX)] == [-15 * DAY - 7 * HOUR, 180 * DAY - 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_calendar_speaks_a_persons_first_language(house: House, language: Language) -> None:
    """Its name and its shifts, planned ones and second tiers as well; or the language that the address asks for."""
    with house.service.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == ALIX).values(languages=f"{language} fr"))
    house.put(ALIX, EVENING, tier=2, status="planned")
    texts = {key: words.to(language) for key, words in load_texts().items()}
    spoken = house.service.lines["france"].flow.spoken[language]
    title = texts["planned"].format(what=texts["tier"].format(what=texts["on-call"].format(line=spoken), tier=2))
    calendar = icalendar.Calendar.from_ical(house.get(OF_ALIX).data)
    assert str(calendar["NAME"]) == texts["own"]
    assert [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")] == [title]
    assert [event.title for event in house.shown(Scope(person=ALIX), "?lang=en")] == [
        "On call, France helpline, tier 2 (provisional)"
    ]


@pytest.mark.parametrize(
    ("query", "minutes"),
    [("", [60, 15]), ("?alarms=30", [30]), ("?alarms=", []), ("?alarms=1440,60,60,0", [1440, 60, 0])],
)
def test_alarms_are_the_subscribers_choice(house: House, query: str, minutes: list[int]) -> None:
    """An hour and a quarter of an hour before a shift, if the address doesn't say otherwise."""
    house.put(ALIX, EVENING)
    calendar = icalendar.Calendar.from_ical(house.get(OF_ALIX, query).data)
    assert [-alarm.decoded("TRIGGER").total_seconds() / 60 for alarm in calendar.walk("VALARM")] == minutes


@pytest.mark.parametrize("alarms", ["x", "-5", "1,", "1,2,3,4,5", "10081", "9" * 400, "٣", "60 15"])
def test_alarms_that_can_not_be_read_are_refused(house: House, alarms: str) -> None:
    """With what would be right; a stranger isn't even told that."""
    answer = house.browser.get(house.path(OF_ALIX), query_string={"alarms": alarms})
    assert answer.status_code == 400
    assert "alarms=60,15" in answer.text
    assert house.browser.get("/feed/x.ics", query_string={"alarms": alarms}).status_code == 404


def test_every_unknown_address_gets_the_same_answer(house: House) -> None:
    """Forged, revoked, never issued, of somebody who left, of a line that is no more: nobody can tell which."""
    own, line = house.path(OF_ALIX), house.path(Scope(line="gone"))
    left, revoked, renewed = house.path(Scope(person=BORIS)), house.path(OF_FRANCE), house.path(Scope(person=CHARLIE))
    with house.service.store.durable() as tx:
        revoke(tx, OF_FRANCE)
        issue(tx, Scope(person=CHARLIE))
        tx.execute(update(Person).where(Person.id == BORIS).values(left_at=NOON))
    forged = Feeds(b"another key than ours", "").path(OF_ALIX, 0)
    personal = house.service.links.path(ALIX, 0).replace("/me/", "/feed/") + ".ics"
    cut, never = own.replace(".ics", "")[:-1] + ".ics", FEEDS.path(Scope(person=99), 0)
    plain = house.browser.get("/feed/x.ics")
    assert plain.status_code == 404
    for path in (
        line,
        left,
        revoked,
        renewed,
        forged,
        personal,
        cut,
        never,
        "/feed/%00.ics",
        f"/feed/{'9' * 3000}.ics",
    ):
        answer = house.browser.get(path)
        assert (answer.status_code, answer.data) == (404, plain.data), path
        assert dict(answer.headers) == dict(plain.headers)
    assert house.browser.get(own).status_code == 200


def test_a_calendar_keeps_to_itself(house: House) -> None:
    """Kept by the subscriber alone, asked for anew each time, not indexed, no cookie, no key in a file's name."""
    path = house.path(OF_ALIX)
    for answer in (house.browser.get(path), house.browser.head(path), house.browser.get("/feed/x.ics")):
        assert answer.headers["Cache-Control"] == ("private, no-cache" if answer.status_code == 200 else "no-store")
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers
    found = house.browser.get(path)
    assert found.content_type == "text/calendar; charset=utf-8"
    assert found.headers["Content-Disposition"] == 'attachment; filename="helpline.ics"'


def test_only_the_head_is_sent_to_who_asks_for_it(house: House) -> None:
    """HEAD says what GET would, without the calendar."""
    house.put(ALIX, EVENING)
    path = house.path(OF_ALIX)
    whole, head = house.browser.get(path), house.browser.head(path)
    assert head.data == b""
    at = {"Date": whole.headers["Date"]}  # a second may begin between the two
    assert dict(head.headers) | at == dict(whole.headers)
    assert head.headers["Content-Length"] == str(len(whole.data))


def test_nothing_is_written_through_an_address(house: House) -> None:
    """Only GET, HEAD and OPTIONS are answered."""
    path = house.path(OF_ALIX)
    assert [house.browser.open(path, method=method).status_code for method in ("POST", "PUT", "DELETE")] == [405] * 3


def test_what_a_subscriber_has_is_not_sent_again(house: House) -> None:
    """Until the rota, a name or the day changes."""
    house.put(ALIX, EVENING)
    paths = [house.path(OF_ALIX), house.path(OF_FRANCE)]

    def known() -> list[str]:
        return [house.browser.get(path).headers["ETag"] for path in paths]

    def again(tags: list[str]) -> list[int]:
        asked = zip(paths, tags, strict=True)
        answers = [house.browser.get(path, headers={"If-None-Match": tag}) for path, tag in asked]
        assert all(answer.status_code == 200 or not answer.data for answer in answers)
        return [answer.status_code for answer in answers]

    tags = known()
    house.clock.at += HOUR
    assert again(tags) == [304, 304]
    with house.service.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == ALIX).values(name="Camille Modèle"))
    assert again(tags) == [304, 200]
    with editing(house.desk, "override", "cli", NOON) as edit:
        edit.make(reassign(edit.of(ALIX), Span(EVENING, EVENING + HOUR), NOON, BORIS, "override"))
    assert again(known()) == [304, 304]
    assert again(tags) == [200, 200]
    tags = known()
    house.clock.at += DAY
    assert again(tags) == [200, 200]


def test_a_database_that_fails_is_said_and_the_address_is_not_told(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Without its database the calendar asks to come back later; the log holds no key."""
    with housed(sqlite_url, tmp_path) as house:
        path = house.path(OF_ALIX)
        with house.service.store.durable() as tx:
            tx.exec_driver_sql("DROP TABLE feeds")
        with caplog.at_level(logging.DEBUG):
            answer = house.browser.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "600")
        assert "OperationalError" in caplog.text
        assert path.removeprefix("/feed/").removesuffix(".ics") not in caplog.text


def test_every_text_is_used_in_four_languages_with_the_same_blanks() -> None:
    """No text is missing, none is left over."""
    folder = Path(helpline.people.__file__).parent
    quoted = set(re.findall(r'"([a-z-]+)"', (folder / "calendars.py").read_text()))
    for key, entry in tomllib.loads((folder / "calendars.toml").read_text()).items():
        assert key in quoted
        assert list(entry) == list(LANGUAGES), key
        assert (
            len(
                {frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in entry.values()}
            )
            == 1
        )
