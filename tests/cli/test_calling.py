"""`call`: a line dialled from a terminal."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from helpline.calls.placing import SERVE
from helpline.clock import SystemClock
from helpline.demo.filling import fill
from helpline.figures.closing import Office
from helpline.lines import load_lines
from helpline.settings import load, read_secrets
from helpline.store.beats import beat
from helpline.store.sessions import Store
from helpline.store.tables import Base, HourlyCount
from tests.cli.conftest import Run, refused
from tests.shell import counted, rows_of

KEYS = {
    "outcome",
    "transcript",
    "webhooks",
    "seconds_to_first_sound",
    "seconds_to_first_ring",
    "seconds_to_human",
    "answered_by_wave",
}
CALLER = "+33199009123"


def stored(folder: Path) -> dict[str, Any]:
    """The whole database."""
    with closing(Store(load(folder / "config.toml").database_url)) as store:
        return {mapper.class_.__tablename__: rows_of(store, mapper.class_) for mapper in Base.registry.mappers}


def outcomes(folder: Path) -> int:
    """How many calls have been counted."""
    return sum(row["n"] for row in stored(folder)["hourly_counts"])


def set_up(folder: Path) -> None:
    """The line has a carrier, and is no demonstration."""
    config = folder / "config.toml"
    text = config.read_text().replace("demo = true", "demo = false")
    config.write_text(text.replace("AC" + "0" * 32, "AC" + "1" * 32))


def test_a_script_reads_a_call(helpline_demo: Run) -> None:
    """Everything it may rely on, and what was said, in order."""
    found = helpline_demo("call", "france", "--json").json
    assert set(found) >= KEYS
    assert (found["outcome"], found["answered_by_wave"]) == ("talked", 1)
    assert found["webhooks"] > 5
    assert 0 < found["seconds_to_first_sound"] < 2
    assert found["seconds_to_first_sound"] < found["seconds_to_first_ring"] < found["seconds_to_human"] < 60
    assert all({"at", "who", "event", "text"} <= set(entry) for entry in found["transcript"])
    times = [entry["at"] for entry in found["transcript"]]
    assert times == sorted(times)
    assert {entry["event"] for entry in found["transcript"]} >= {"dials", "hears", "rings", "picks up", "bridged"}
    assert "Confidentiel" in " ".join(entry["text"] for entry in found["transcript"] if entry["who"] == "caller")


def test_a_person_reads_a_call(helpline_demo: Run) -> None:
    """Line by line, with what became of it at the end."""
    done = helpline_demo("call", "belgium", "--keys", "2")
    assert done.code == 0
    assert "Goedendag" in done.out
    assert done.out.splitlines()[-1].startswith("-- talked; a human after ")


ENDINGS: list[tuple[tuple[str, ...], str]] = [
    (("--hang-up-after", "3"), "left_in_greeting"),
    (("--hang-up-after", "15", "--answer", "*=ignore"), "abandoned"),
    (("--answer", "*=ignore"), "unanswered"),
    (("--answer", "*=voicemail", "--answer", "backup-1=accept"), "talked"),
    (("--answer", "dominique=decline", "--answer", "sacha exemple=accept"), "talked"),
]


@pytest.mark.parametrize(("arguments", "outcome"), ENDINGS)
def test_how_a_call_ends(helpline_demo: Run, arguments: tuple[str, ...], outcome: str) -> None:
    """By what the phones do; reaching a backup number is talking."""
    found = helpline_demo("call", "france", "--json", *arguments).json
    assert found["outcome"] == outcome
    assert (found["seconds_to_human"] is not None) is (outcome == "talked")
    assert (found["answered_by_wave"] is not None) is (outcome == "talked")
    assert (found["seconds_to_first_ring"] is None) is (outcome == "left_in_greeting")


@pytest.mark.parametrize("number", ["anonymous", CALLER, "+266696687", ""])
def test_any_number_may_call(helpline_demo: Run, number: str) -> None:
    """Shown or withheld: it makes no difference."""
    assert helpline_demo("call", "france", "--from", number, "--json").json["outcome"] == "talked"


def test_a_call_before_the_service_is_set_up_is_counted(helpline_demo: Run, demo: Path) -> None:
    """Like any other: that is how a newcomer sees the figure appear."""
    before = outcomes(demo)
    assert helpline_demo("call", "france").err == ""
    assert outcomes(demo) == before + 1


def test_a_call_to_a_line_in_service_happens_on_a_copy(helpline_demo: Run, demo: Path) -> None:
    """Nothing of it is counted or left; the same people are rung."""
    set_up(demo)
    before, files = stored(demo), {path.name for path in demo.iterdir()}
    done = helpline_demo("call", "france", "--json")
    assert done.json["outcome"] == "talked"
    assert "happens on a copy and isn't counted" in done.err
    assert stored(demo) == before
    assert {path.name for path in demo.iterdir()} == files


def test_a_call_while_the_service_runs_happens_on_a_copy(helpline_demo: Run, demo: Path) -> None:
    """Else its placers would ring the simulated phones."""
    with closing(Store(load(demo / "config.toml").database_url)) as store:
        beat(store, SERVE, int(SystemClock().now()))
    before = stored(demo)
    done = helpline_demo("call", "france", "--json")
    assert done.json["outcome"] == "talked"
    assert "on a copy" in done.err
    assert stored(demo) == before


def test_a_call_on_an_empty_line(helpline: Run) -> None:
    """Nobody on the rota and no backup: the crisis numbers, an honest end, exit code 0."""
    found = helpline("call", "france", "--json").json
    assert found["outcome"] == "unanswered"
    assert "31 14" in " ".join(entry["text"] for entry in found["transcript"])


def test_a_call_leaves_nothing_of_the_caller(helpline_demo: Run, demo: Path) -> None:
    """Neither in the database nor beside it."""
    helpline_demo("call", "france", "--from", CALLER)
    for path in demo.rglob("*"):
        assert path.is_dir() or CALLER.removeprefix("+33").encode() not in path.read_bytes()


@pytest.mark.slow
def test_a_call_on_postgresql(helpline_demo: Run, demo: Path, postgres_url: str) -> None:
    """The same, before the service is set up and, on a copy, afterwards."""
    config = demo / "config.toml"
    config.write_text(config.read_text().replace("sqlite:///helpline.sqlite3", postgres_url))
    assert helpline_demo("migrate").code == 0
    settings = load(config)
    with closing(Store(settings.database_url)) as store:
        fill(Office.of(settings, read_secrets(demo, {}), store), load_lines(settings), int(SystemClock().now()))
    before = outcomes(demo)
    assert helpline_demo("call", "france", "--json").json["outcome"] == "talked"
    set_up(demo)
    assert helpline_demo("call", "france", "--json").json["outcome"] == "talked"
    assert outcomes(demo) == before + 1


def test_an_unknown_line_is_refused(helpline: Run) -> None:
    """With the lines there are."""
    refused(helpline("call", "spain"), "there is no line 'spain'", "belgium, france")


@pytest.mark.parametrize("answer", ["Nobody=accept", "camille", "camille=sing", "=accept", "camille="])
def test_an_answer_that_means_nothing_is_refused(helpline_demo: Run, demo: Path, answer: str) -> None:
    """Before anything is dialled, with what would mean something."""
    before = outcomes(demo)
    done = helpline_demo("call", "france", "--answer", answer)
    refused(done, "--answer")
    assert "Camille Exemple" in done.err or "voicemail" in done.err
    assert outcomes(demo) == before


def test_nothing_but_the_call_is_stored(helpline_demo: Run, demo: Path) -> None:
    """A count, a wrap-up, ids to erase: no live row is left."""
    helpline_demo("call", "france")
    with closing(Store(load(demo / "config.toml").database_url)) as store:
        rows = counted(store)
        assert rows["live_calls"] == rows["legs"] == 0
        assert rows["wrap_ups"] == 1
        assert {row["outcome"] for row in rows_of(store, HourlyCount)} >= {"answered"}
