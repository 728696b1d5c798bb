"""How long a year of calendar takes a server: a person's 730 shifts, and the 1,460 of a line with two tiers."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from helpline.people.feeds import Feeds, Scope, issue
from helpline.store.sessions import Store
from helpline.store.tables import Shift
from rota.calendar import AHEAD, BEHIND, window
from tests.shell import ALIX, BORIS, NOON, PUBLIC, SetClock, serving, some_secrets, with_people

ROUNDS = 15
AIM = 0.05
"""Seconds."""
YEAR = 730
"""Shifts of a person who is always on call by day and by night, in a year; here within what a feed shows."""
STEP = (BEHIND + AHEAD) * 86_400 // YEAR - 1


def print_feeds() -> None:
    """Prints the time of a calendar, also as a multiple of an answer that holds nothing, and what 304 costs."""
    with (
        tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder,
        serving(f"sqlite:///{folder}/calendars.sqlite3", Path(folder), SetClock(NOON)) as service,
    ):
        paths = _filled(service.store)
        browser, bare = service.web.test_client(use_cookies=False), _bare()
        for size, path in paths.items():
            answer = browser.get(path)
            assert answer.data.count(b"BEGIN:VEVENT") == size
            nothing, whole = _seconds(bare, "/", {}), _seconds(browser, path, {})
            known = _seconds(browser, path, {"If-None-Match": answer.headers["ETag"]})
            print(
                f"feed      {size:7,} shifts  {whole * 1e3:12.1f} ms (aim: {AIM * 1e3:.0f}), "
                f"{whole / nothing:.0f} bare answers; {known * 1e3:.1f} ms unchanged"
            )


def _filled(store: Store) -> dict[int, str]:
    """A year of two tiers, each held by one person; the addresses by how many shifts they show."""
    feeds, begin = Feeds(some_secrets().link_key, PUBLIC), window(NOON).start
    with_people(store)
    with store.durable() as tx:
        tx.execute(insert(Shift), [_shift(begin + n * STEP, *seat) for n in range(YEAR) for seat in SEATS])
        scopes = {YEAR: Scope(person=ALIX), 2 * YEAR: Scope(line="france")}
        return {size: feeds.path(scope, issue(tx, scope)) for size, scope in scopes.items()}


SEATS = ((1, ALIX), (2, BORIS))


def _shift(start: int, tier: int, person: int) -> dict[str, object]:
    end = start + STEP
    return {"line": "france", "tier": tier, "person": person, "starts_at": start, "ends_at": end, "source": "import"}


def _bare() -> FlaskClient:
    app = Flask("bare")
    app.add_url_rule("/", "nothing", lambda: "")
    return app.test_client()


def _seconds(browser: FlaskClient, path: str, headers: dict[str, str]) -> float:
    times = []
    for _ in range(ROUNDS + 1):
        before = time.perf_counter()
        browser.get(path, headers=headers)
        times.append(time.perf_counter() - before)
    return statistics.median(times[1:])


if __name__ == "__main__":
    print_feeds()
