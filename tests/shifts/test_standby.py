"""The standby file: who is on call when the database doesn't answer."""

import logging
import os
import stat
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.carrier.seal import Seal
from helpline.jobs import standing_by
from helpline.shifts.snapshot import read_roster
from helpline.shifts.standby import AHEAD, Contents, Standby, StandbyWriter, Standing, contents
from helpline.store.sessions import Store
from rota.oncall import who
from tests.shell import NOON, SetClock, eventually, serving, some_secrets
from tests.shifts.conftest import PEOPLE, Rota

HOUR = 3600
KEY = b"a seal key of these tests"
DAYS = (
    "france,1,Alix Exemple,2026-03-10T08:00,2026-03-10T20:00\n"
    "france,1,Brecht Voorbeeld,2026-03-10T20:00,2026-03-11T08:00\n"
    "france,2,Brecht Voorbeeld,2026-03-10T08:00,2026-03-10T20:00\n"
    "belgium,1,Brecht Voorbeeld,2026-03-10T08:00,2026-03-14T08:00\n"
)
ALIX = Standing(1, "+33199000101", ("fr", "en"))
BRECHT = Standing(2, "+33199000102", ("nl", "fr"))


class Files:
    """The file of one machine, and processes that read and write it."""

    def __init__(self, rota: Rota, folder: Path) -> None:
        self.rota = rota
        self.path = folder / "run" / "standby"

    def standby(self, key: bytes = KEY) -> Standby:
        """Another process's view of it."""
        return Standby(self.path, Seal([key]))

    def writer(self, standby: Standby | None = None) -> StandbyWriter:
        """Another process's writer."""
        return StandbyWriter(self.rota.store, standby or self.standby(), self.rota.lines)


@pytest.fixture
def files(rota: Rota, tmp_path: Path) -> Files:
    """No file yet, and some days of rota."""
    rota.take(DAYS)
    return Files(rota, tmp_path)


@pytest.fixture
def written(files: Files) -> Files:
    """The file of noon."""
    files.writer().refresh(NOON)
    return files


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Why the file couldn't be used, each time it was logged."""
    return [
        str(getattr(record, "reason", "")) for record in caplog.records if record.getMessage() == "standby.unusable"
    ]


def test_it_says_who_is_on_call(written: Files) -> None:
    """In ring order, with number and languages, each line its own."""
    standby = written.standby()
    assert standby.who("france", NOON) == (ALIX, BRECHT)
    assert standby.who("france", NOON + 8 * HOUR) == (BRECHT,)
    assert standby.who("belgium", NOON) == (BRECHT,)


@pytest.mark.parametrize("hours", range(-1, 49))
def test_it_agrees_with_the_rota(written: Files, hours: int) -> None:
    """For two days at least, hour by hour."""
    instant = NOON + hours * HOUR
    with written.rota.store.read() as connection:
        roster = read_roster(connection, NOON - AHEAD, NOON + 2 * AHEAD)
    for line in written.rota.lines:
        expected = list(dict.fromkeys(held.person.id for held in who(roster, line, instant)))
        assert [each.person for each in written.standby().who(line, instant)] == expected


def test_nobody_else_can_read_it(written: Files) -> None:
    """It holds psychologists' numbers: sealed, and for its owner alone."""
    content = written.path.read_bytes()
    assert not [word for word in (b"33199", b"Alix", b"france", b"people") if word in content]
    assert stat.S_IMODE(written.path.stat().st_mode) == 0o600
    assert [each.name for each in written.path.parent.iterdir()] == ["standby"]


def test_names_are_not_in_it(written: Files) -> None:
    """Even opened it says no more than is needed to ring."""
    with written.rota.store.read() as connection:
        assert "Alix" not in contents(connection, written.rota.lines, NOON).to_json()


def test_an_unchanged_file_is_left_alone(written: Files) -> None:
    """Not by the same process, which asks for one row, nor by another, which would write the same bytes."""
    before = os.stat_result(written.path.stat())
    writer = written.writer()
    assert writer.refresh(NOON + 60)
    assert not writer.refresh(NOON + 120)
    assert written.path.stat() == before


def test_a_change_of_the_rota_is_in_it_at_once(written: Files) -> None:
    """A reader that has read the old one sees the new one."""
    standby, writer = written.standby(), written.writer()
    writer.refresh(NOON)
    assert standby.who("france", NOON) == (ALIX, BRECHT)
    written.rota.take(DAYS, PEOPLE.replace("000101", "000109"))
    assert writer.refresh(NOON + 1)
    assert standby.who("france", NOON)[0].phone == "+33199000109"


def test_it_moves_on_with_the_hours(written: Files) -> None:
    """So that it always looks two days ahead."""
    writer = written.writer()
    writer.refresh(NOON)
    assert written.standby().who("belgium", NOON + AHEAD + 2 * HOUR) == ()
    assert writer.refresh(NOON + 2 * HOUR)
    assert written.standby().who("belgium", NOON + AHEAD + 2 * HOUR) == (BRECHT,)


def test_a_lost_or_spoilt_file_is_written_again(written: Files) -> None:
    """By whoever looks next, a minute later at most."""
    writer = written.writer()
    writer.refresh(NOON)
    for spoil in (written.path.unlink, lambda: written.path.write_text("spoilt")):
        spoil()
        assert writer.refresh(NOON + 60)
        assert written.standby().who("france", NOON) == (ALIX, BRECHT)


def test_a_rotated_key_writes_and_reads(written: Files) -> None:
    """A process with the new key beside the old one reads the old file, and seals the next with the new."""
    both = Standby(written.path, Seal([b"another seal key of these tests", KEY]))
    assert both.who("france", NOON) == (ALIX, BRECHT)
    written.writer(both).refresh(NOON)
    assert Standby(written.path, Seal([b"another seal key of these tests"])).who("france", NOON) == (ALIX, BRECHT)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_text("no token"), "BadToken"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "UnicodeDecodeError"),
        (lambda path: path.write_text(""), "BadToken"),
        (lambda path: (path.unlink(), path.mkdir()), "IsADirectoryError"),
        (lambda path: path.write_text(Seal([KEY]).close("standby", "", ["{"])), "JSONDecodeError"),
        (lambda path: path.write_text(Seal([KEY]).close("standby", "", ['{"people": 3}'])), "TypeError"),
        (lambda path: path.write_text(Seal([KEY]).close("standby", "", ['{"people": []}'])), "KeyError"),
        (lambda path: path.write_text(Seal([KEY]).close("standby", "", [])), "ValueError"),
    ],
    ids=["missing", "foreign", "bytes", "empty", "folder", "cut", "odd", "partial", "void"],
)
def test_a_file_that_cannot_be_used_is_nobody(
    written: Files, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], Any], reason: str
) -> None:
    """Never an error, because a caller is waiting; and it is said once, not with each call."""
    spoil(written.path)
    standby = written.standby()
    with caplog.at_level(logging.WARNING):
        assert [standby.who("france", NOON) for _ in range(3)] == [(), (), ()]
    assert reasons(caplog) == [reason]


@pytest.mark.parametrize("later", [-3 * HOUR, AHEAD + 2 * HOUR])
def test_a_file_of_another_time_is_nobody(written: Files, caplog: pytest.LogCaptureFixture, later: int) -> None:
    """Whoever it names isn't on call any more, or not yet."""
    with caplog.at_level(logging.WARNING):
        assert written.standby().who("belgium", NOON + later) == ()
    assert reasons(caplog) == ["old"]


def test_a_gap_in_the_rota_is_no_fault(written: Files, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody is on call, and the file says so."""
    with caplog.at_level(logging.WARNING):
        assert written.standby().who("france", NOON + 30 * HOUR) == ()
    assert reasons(caplog) == []


def test_what_was_read_stays_good_when_the_file_is_lost(written: Files) -> None:
    """A disk that fails with the database costs nobody their psychologist."""
    standby = written.standby()
    standby.who("france", NOON)
    written.path.unlink()
    assert standby.who("france", NOON + HOUR) == (ALIX, BRECHT)


def test_a_disk_that_takes_nothing(files: Files, caplog: pytest.LogCaptureFixture) -> None:
    """It is said once; what this process knows it knows all the same."""
    files.path.parent.write_text("a file where a folder should be")
    standby = files.standby()
    writer = files.writer(standby)
    with caplog.at_level(logging.ERROR):
        for minute in range(3):
            writer.refresh(NOON + 60 * minute)
    assert [record.getMessage() for record in caplog.records] == ["standby.unwritable"]
    assert standby.who("france", NOON) == (ALIX, BRECHT)


def test_whoever_was_taken_out_while_it_was_written_is_not_rung() -> None:
    """Rota and people are read a moment apart; one who is missing costs nobody the others."""
    assert Contents({1: ALIX}, {"france": ((0, 9, (2, 1)),)}).who("france", 5) == (ALIX,)


def test_the_job_writes_it(files: Files) -> None:
    """The worker keeps it too, for a machine whose web service has just been started."""
    assert standing_by.run(files.writer(), NOON)
    assert files.standby().who("france", NOON) == (ALIX, BRECHT)


def test_reading_it_needs_no_database(written: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is what it is for."""
    for door in ("read", "single", "live", "durable"):
        monkeypatch.delattr(Store, door)
    assert written.standby().who("france", NOON) == (ALIX, BRECHT)


@given(
    st.dictionaries(
        st.integers(1, 50),
        st.tuples(st.text("+0123456789", max_size=15), st.lists(st.sampled_from(["fr", "nl"]), max_size=2)),
        max_size=5,
    ),
    st.lists(st.integers(1, 100), min_size=2, max_size=6, unique=True).map(sorted),
)
def test_what_is_written_is_read(people: dict[int, tuple[str, list[str]]], cuts: list[int]) -> None:
    """One content has one spelling, and comes back whole."""
    standing = {key: Standing(key, phone, tuple(spoken)) for key, (phone, spoken) in people.items()}
    segments = tuple((start, end, tuple(people)) for start, end in pairwise(cuts))
    made = Contents(standing, {"france": segments})
    assert Contents.from_json(made.to_json()) == made
    assert Contents(dict(reversed(standing.items())), made.lines).to_json() == made.to_json()
    for start, end, _ in segments:
        assert made.who("france", start) == made.who("france", end - 1) == tuple(standing[key] for key in people)


def test_a_serving_process_keeps_it(sqlite_url: str, tmp_path: Path) -> None:
    """As soon as it serves, without a request; the file lies in `run/` beside the configuration."""
    with serving(sqlite_url, tmp_path, SetClock()) as service:
        Rota(service.store, dict(service.lines)).take(DAYS)
        service.start()
        eventually((tmp_path / "run" / "standby").exists)
    key = some_secrets().seal_keys
    assert Standby(tmp_path / "run" / "standby", Seal(key)).who("france", NOON) == (ALIX, BRECHT)
