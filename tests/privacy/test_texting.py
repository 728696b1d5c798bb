"""Text messages to a line: whoever isn't a psychologist may be a caller; only the name of what to erase is left."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from helpline.calls.unheard import Unheard
from helpline.carrier.hooks import Tally
from helpline.carrier.replies import ReplyRoutes
from helpline.carrier.signature import Signature
from helpline.jobs import erasing, reminding, truncating
from helpline.logs import SafeFormatter
from helpline.store.erasures import TEXT_AFTER
from helpline.store.tables import Base, Erasure
from helpline.twin import CANARY_CITY, Twin, VirtualClock, WsgiTransport, serve
from tests.messages.post import DAY, Office, office_in
from tests.messages.test_twin import api_of
from tests.privacy.test_canary import CANARY, everything
from tests.privacy.test_two_worlds import WORLDS
from tests.scenarios.making import listening
from tests.shell import NOON, PUBLIC, rows_of

SHOWN, ALIXS = "+33199000401", "+33199000101"
WORDS = "je n'en peux plus, rappelez-moi"


@dataclass
class World:
    """A line that is written to, and everything that it keeps, says and logs."""

    office: Office
    twin: Twin
    tally: Tally
    log: list[logging.LogRecord]
    statements: list[str]

    def write(self, from_: str, body: str) -> None:
        """Somebody writes to the line, and time passes."""
        self.twin.text(from_, SHOWN, body)
        self.twin.run_for(10)

    def left(self) -> dict[str, str]:
        """What is left, by where."""
        truncating.run(self.office.store)
        tables = {table.__tablename__: rows_of(self.office.store, table) for table in Base.__subclasses__()}
        formatter = SafeFormatter()
        return {
            "rows": json.dumps(tables, default=repr, sort_keys=True),
            "log": "\n".join(json.dumps({**json.loads(formatter.format(record)), "at": ""}) for record in self.log),
            "refused": repr(self.tally.counts),
            "answers": "\n".join(exchange.body.decode() for exchange in self.twin.requests),
            "statements": "\n".join(self.statements),
        }


@contextmanager
def world(url: str, folder: Path) -> Iterator[World]:
    """The line, with a reminder that waits for an answer."""
    with office_in(url, folder) as office, listening() as log:
        office.shift(NOON + DAY)
        reminding.run(office.store, office.lines, office.messages, NOON)
        office.telling().run(NOON)
        app, clock, tally = Flask("helpline", static_folder=None), VirtualClock(NOON), Tally()
        twin = Twin(WsgiTransport(app, PUBLIC), clock=clock)
        routes = ReplyRoutes(
            office.store, office.lines, Signature([twin.auth_token]), office.settings.service, clock, tally, Unheard()
        )
        app.register_blueprint(routes.blueprint())
        twin.own(SHOWN, sms_url=f"{PUBLIC}/sms/france")
        statements: list[str] = []

        def note(*given: object) -> None:
            statements.append(repr(given[2:4]))

        engines = (office.store._single, office.store._live, office.store._durable)
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        yield World(office, twin, tally, log, statements)
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def test_two_strangers_leave_the_same_world(sqlite_url: str, tmp_path: Path) -> None:
    """Whoever wrote, whatever they wrote: rows, log, answers, and what the database was asked are the same."""
    seen = []
    for number, (from_, body) in enumerate(zip(WORLDS, (WORDS, "1"), strict=True)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with world(f"{sqlite_url}-{number}", folder) as here:
            here.write(from_, body)
            seen.append(here.left())
    assert seen[0] == seen[1]
    assert seen[0]["answers"].endswith("<Response></Response>")
    assert seen[0]["statements"]


@pytest.mark.parametrize("from_", [CANARY, ALIXS], ids=["stranger", "psychologist"])
def test_of_a_message_only_its_id_is_left(sqlite_url: str, tmp_path: Path, from_: str) -> None:
    """One row, the same whoever wrote: the carrier's random id, and when its copy goes. The rest is as it was."""
    with world(sqlite_url, tmp_path) as here:
        before = here.left()
        here.write(from_, WORDS if from_ == CANARY else "")
        (message,) = [sid for sid, sent in here.twin.messages.items() if sent.direction == "inbound"]
        after = here.left()
    row = {"carrier_id": message, "kind": "text", "hangup": False, "due_at": NOON + TEXT_AFTER}
    rows, was = json.loads(after["rows"]), json.loads(before["rows"])
    assert rows.pop("erasures") == [row | {"erased_at": None, "uncounted": None}]
    assert was.pop("erasures") == []
    if from_ == CANARY:
        assert rows == was
    assert [after[key] for key in ("log", "refused")] == [before[key] for key in ("log", "refused")]


def test_a_minute_later_the_carrier_has_forgotten_it_and_a_day_later_so_have_we(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Who wrote, what, and that somebody did."""
    with world(sqlite_url, tmp_path) as here, serve(here.twin.rest) as base_url:
        here.write(CANARY, WORDS)
        (message,) = here.twin.messages
        api = api_of(here.office, here.twin, base_url)
        assert erasing.run(here.office.store, api, NOON + TEXT_AFTER - 1) == 0
        assert erasing.run(here.office.store, api, NOON + TEXT_AFTER) == 1
        assert here.twin.messages == {}
        erasing.run(here.office.store, api, NOON + TEXT_AFTER + DAY)
        assert rows_of(here.office.store, Erasure) == []
        here.left()
        files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert [name for name, content in files.items() if message.encode() in content] == []


@pytest.mark.parametrize("broken", ["", "people", "erasures"], ids=["well", "without people", "without erasures"])
def test_a_strangers_number_and_words_are_nowhere(sqlite_url: str, tmp_path: Path, broken: str) -> None:
    """In no file, row, log line, answer or statement, in no spelling."""
    needles = {**everything(), "words": WORDS.encode(), "city": CANARY_CITY.encode()}
    with world(sqlite_url, tmp_path) as here:
        if broken:
            with here.office.store.durable() as tx:
                tx.exec_driver_sql(f"ALTER TABLE {broken} RENAME TO gone")
        here.write(CANARY, WORDS)
        if broken:
            with here.office.store.durable() as tx:
                tx.exec_driver_sql(f"ALTER TABLE gone RENAME TO {broken}")
        here.write(CANARY, "1")
        kept = {name: text.encode() for name, text in here.left().items()}
        kept |= {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    hits = [(where, how) for where, text in kept.items() for how, needle in needles.items() if needle in text]
    assert hits == []
    assert len(kept) >= 6


def test_what_a_psychologist_writes_is_not_kept_either(sqlite_url: str, tmp_path: Path) -> None:
    """Only that they said yes."""
    with world(sqlite_url, tmp_path) as here:
        here.write(ALIXS, "je suis malade mercredi")
        here.write(ALIXS, "1")
        left = here.left()
    assert "malade" not in "".join(left.values())
    assert "c'est confirmé" in left["answers"]
