"""Releases that a page asked for: made one at a time, apart, never twice, and given up after three crashes."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpline.apart import LostError
from helpline.figures.ordering import Order, order, orders
from helpline.figures.questions import Made, Making, Question
from helpline.figures.shelf import volumes
from helpline.jobs.releasing import Releasing, Work
from helpline.lines import Line
from helpline.store.sessions import Store
from reports.figures import thaw
from tests.figures.released import close, drawn, put_out, year_of
from tests.shell import NOON, eventually, lines_in, opened

Begin = Callable[[Question], Work]


class Slow:
    """Work that is done at its second look, unless it breaks then."""

    def __init__(self, question: Question, *, breaks: bool = False) -> None:
        self.question, self.breaks, self.looks, self.stopped = question, breaks, 0, False

    def result(self) -> Made | None:
        """None, then files."""
        self.looks += 1
        if self.breaks:
            raise LostError("the process ended with -9")
        return Made(files=drawn(thaw(self.question.sources.figures))) if self.looks > 1 else None

    def stop(self) -> None:
        """Notes it."""
        self.stopped = True


@pytest.fixture
def store(either_database_url: str) -> Iterator[Store]:
    """With two closed years."""
    with opened(either_database_url) as made:
        close(made, year_of(2024), year_of(2025))
        yield made


@pytest.fixture
def lines(tmp_path: Path) -> dict[str, Line]:
    """Both lines."""
    return lines_in(tmp_path)


def ask_for(store: Store, year: int = 2025) -> None:
    """A coordinator presses the button."""
    order(store, ("france", str(year), 1), NOON, public=False)


def out(store: Store) -> list[str]:
    """Which periods are out."""
    with store.read() as connection:
        return [volume.period for volume in volumes(connection)]


def wished(store: Store) -> list[Order]:
    """What waits, or was refused."""
    with store.read() as connection:
        return orders(connection)


def test_one_at_a_time(store: Store, lines: dict[str, Line]) -> None:
    """A run begins one or looks at it; the next begins once that is out, and audits it, too."""
    begun: list[Slow] = []

    def begin(question: Question) -> Slow:
        begun.append(Slow(question))
        return begun[-1]

    releasing = Releasing(store, lines, begin)
    assert not releasing.run(NOON)
    ask_for(store, 2024)
    ask_for(store, 2025)
    assert [releasing.run(NOON) for _ in range(3)] == [True, True, False]
    assert out(store) == ["2024"]
    assert [releasing.run(NOON) for _ in range(3)] == [True, True, False]
    assert out(store) == ["2024", "2025"]
    assert [len(work.question.released) for work in begun] == [0, 1]
    assert wished(store) == []


def test_something_else_came_out_meanwhile(store: Store, lines: dict[str, Line]) -> None:
    """It is begun anew, which is no failure."""
    releasing = Releasing(store, lines, Slow)
    ask_for(store)
    releasing.run(NOON)
    put_out(store, lines, year_of(2023), NOON)
    assert [releasing.run(NOON) for _ in range(2)] == [True, False]
    assert out(store) == ["2023"]
    while wished(store):
        releasing.run(NOON)
    assert out(store) == ["2023", "2025"]


def test_a_process_that_is_lost_is_a_failure(
    store: Store, lines: dict[str, Line], caplog: pytest.LogCaptureFixture
) -> None:
    """Said in the log by what it is, and on the page; nothing is out."""
    caplog.set_level(logging.INFO)
    releasing = Releasing(store, lines, lambda question: Slow(question, breaks=True))
    ask_for(store)
    assert [releasing.run(NOON) for _ in range(2)] == [True, False]
    assert [each.why for each in wished(store)] == ["failed"]
    assert out(store) == []
    assert ("release.failed", "LostError") in [(each.msg, getattr(each, "reason", "")) for each in caplog.records]


def test_what_kills_the_worker_is_not_tried_for_ever(store: Store, lines: dict[str, Line]) -> None:
    """Three workers began it and were never heard of: the fourth says that it failed."""
    ask_for(store)
    for _ in range(3):
        assert Releasing(store, lines, Slow).run(NOON)
    assert not Releasing(store, lines, Slow).run(NOON)
    assert [each.why for each in wished(store)] == ["failed"]


def test_a_worker_that_stops_gives_it_back(store: Store, lines: dict[str, Line]) -> None:
    """Its process ends, and that was no try."""
    begun: list[Slow] = []

    def begin(question: Question) -> Slow:
        begun.append(Slow(question))
        return begun[-1]

    ask_for(store)
    for _ in range(5):
        releasing = Releasing(store, lines, begin)
        assert releasing.run(NOON)
        releasing.stop()
    assert all(work.stopped for work in begun)
    assert [(each.why, each.tries) for each in wished(store)] == [("", 0)]


@pytest.mark.slow
def test_it_is_made_in_a_process_of_its_own(store: Store, lines: dict[str, Line]) -> None:
    """The real one: audited, drawn, out."""
    ask_for(store)
    releasing = Releasing(store, lines, Making)
    assert releasing.run(NOON)
    eventually(lambda: not releasing.run(NOON))
    assert out(store) == ["2025"]
