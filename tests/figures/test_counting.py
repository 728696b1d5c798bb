"""What figures are counted from: one moment of the database, nothing on the disk, the hours of the rota."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, text

from helpline.figures.counting import bounds, inside, one_moment, read_coverage, read_groups
from helpline.figures.records import BATCH
from helpline.lines import Line
from helpline.store.tables import Person, Shift
from reports.model import Coverage
from reports.plan import DIMENSIONS
from tests.figures.conftest import DAY, Desk
from tests.figures.years import JANUARY, a_year, at, put, put_records, shut
from tests.reports.made import record
from tests.shell import ALIX, CONFIG, NOON, eventually, lines_in, opened, with_people

HOUR = 3600
ZONES = ("Europe/Paris", "Asia/Kolkata", "Pacific/Marquesas", "Asia/Kathmandu", "America/Miquelon", "UTC")
YEAR_2026 = int(datetime(2025, 12, 31, 23, tzinfo=UTC).timestamp())
"""When the year begins in Paris."""


@pytest.mark.parametrize(
    ("period", "parts"),
    [
        ("2026-03", {"2026-03"}),
        ("2026-Q1", {"2026-Q1", "2026-01", "2026-02", "2026-03"}),
        ("2026-Q4", {"2026-Q4", "2026-10", "2026-11", "2026-12"}),
        ("2026", {"2026"} | {f"2026-Q{n}" for n in range(1, 5)} | {f"2026-{n:02}" for n in range(1, 13)}),
    ],
)
def test_a_period_holds_the_finer_ones_inside_it(period: str, parts: set[str]) -> None:
    """Whichever of them a record carries, it is counted, and once."""
    assert set(inside(period)) == parts
    assert len(inside(period)) == len(parts)


def somebody_waits(desk: Desk) -> bool:
    """Whether PostgreSQL keeps somebody waiting for a table."""
    with desk.store.read() as connection:
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation IS NOT NULL")
        return bool(connection.scalar(waiting))


def test_records_are_counted_as_of_one_moment(either_desk: Desk) -> None:
    """A batch that enters between two dimensions changes none: on PostgreSQL it waits, or its table would be empty."""
    either_desk.talked(times=BATCH)
    for _ in range(BATCH - 1):
        either_desk.code()
    put_records(either_desk.store, [record() for _ in range(30)])
    entering = threading.Thread(target=either_desk.code)
    seen = []
    with one_moment(either_desk.store) as connection:
        for dimension in DIMENSIONS:
            groups = read_groups(connection, ["france"], "2026", [dimension])[dimension]
            seen.append(sum(group.n for group in groups))
            if len(seen) == 1:
                entering.start()
                if either_desk.store.is_sqlite:
                    entering.join()
                else:
                    eventually(partial(somebody_waits, either_desk))
    entering.join()
    assert set(seen) == {30 + BATCH - 1}
    assert either_desk.counts() == (0, 0, 30 + BATCH)


FIRST, SECOND = 0xC3A51F27, 0xB1E8D94B
"""Two keys, and the sum that only a table of two records would tell."""


def test_a_sum_of_keys_is_nowhere_on_the_disk(either_desk: Desk, tmp_path: Path) -> None:
    """Nor in the log that comes before the tables: searched as a number and as text. The keys themselves are there."""
    put(either_desk.store, a_year())
    both = [record(period="2025-03", speciality="surgery", territory="corse", key=key) for key in (FIRST, SECOND)]
    with one_moment(either_desk.store) as connection:
        before = read_groups(connection, ["france"], "2025", ["territory"])["territory"]
    put_records(either_desk.store, both)
    sums = {FIRST + SECOND, (FIRST + SECOND) % 2**32}
    alike = [group for group in before if (group.period, group.value, group.substantive) == ("2025-03", "corse", True)]
    sums |= {FIRST + SECOND + sum(group.keysum for group in alike)}
    shut(either_desk, "2025")
    order: Literal["big", "little"] = "big" if either_desk.store.is_sqlite else "little"
    folder = tmp_path
    if not either_desk.store.is_sqlite:
        with either_desk.store.durable() as tx:
            folder = Path(str(tx.execute(text("SHOW data_directory")).scalar_one()))
    whole = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    assert FIRST.to_bytes(4, order) in whole
    assert SECOND.to_bytes(4, order) in whole
    for n in sums:
        assert str(n).encode() not in whole
        assert n.to_bytes(5, order) not in whole


def test_postgresql_groups_in_memory(postgres_url: str, tmp_path: Path) -> None:
    """No temporary file, however many groups there are: a sorted or hashed one would hold counts and sums."""
    explain = text("EXPLAIN (ANALYZE) SELECT reasons, sum(round_key) FROM call_records GROUP BY reasons ORDER BY 1")
    with opened(postgres_url) as store:
        put_records(store, [record(reasons=(f"r-{n}", "x" * 150)) for n in range(3000)])
        with one_moment(store) as connection:
            connection.execute(text("SET work_mem = '64kB'"))
            assert "Disk" in "\n".join(connection.execute(explain).scalars())
            assert sum(group.n for group in read_groups(connection, ["france"], "2026")["reasons"]) == 3000
            assert "Disk" not in "\n".join(connection.execute(explain).scalars())


# --- the hours of the rota


def put_shifts(desk: Desk, spans: Sequence[tuple[int, int]], line: str = "france") -> None:
    """Exactly these shifts."""
    rows = [
        {"line": line, "tier": 1, "person": ALIX, "starts_at": start, "ends_at": end, "source": "test"}
        for start, end in spans
    ]
    with desk.store.durable() as tx:
        tx.execute(delete(Shift))
        tx.execute(delete(Person))
    with_people(desk.store)
    if rows:
        with desk.store.durable() as tx:
            tx.execute(insert(Shift), rows)


def coverage(desk: Desk, line: Line, year: int = 2026) -> Coverage | None:
    """The hours covered."""
    with desk.store.read() as connection:
        return read_coverage(connection, line, str(year))


def test_hours_with_somebody_on_call(either_desk: Desk) -> None:
    """An hour counts when it is covered from its beginning to its end; a leap year has a day more."""
    line = either_desk.lines["france"]
    put_shifts(either_desk, [(YEAR_2026 - DAY, YEAR_2026 + 10 * HOUR), (YEAR_2026 + 10 * HOUR + 60, YEAR_2026 + DAY)])
    assert coverage(either_desk, line) == Coverage(23, 8760)
    put_shifts(either_desk, [(YEAR_2026 - 1100 * DAY, YEAR_2026 + 1100 * DAY)])
    assert coverage(either_desk, line) == Coverage(8760, 8760)
    assert coverage(either_desk, line, 2028) == Coverage(8784, 8784)


def test_no_rota_is_no_coverage(either_desk: Desk) -> None:
    """A line that keeps none says nothing, rather than that nobody was there; another's rota isn't its own."""
    put_shifts(either_desk, [(NOON, NOON + DAY)], "belgium")
    assert coverage(either_desk, either_desk.lines["france"]) is None


HOURS = st.integers(-30, 60 * 24 * 4)
SPANS = st.lists(st.tuples(HOURS, st.integers(1, 300)), max_size=6)


@given(st.sampled_from(ZONES), SPANS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
def test_coverage_is_counted_hour_by_hour(sqlite_desk: Desk, zone: str, spans: list[tuple[int, int]]) -> None:
    """Any rota, any zone, also those half an hour or three quarters beside the others: as a person would count."""
    line = lines_in(Path(), CONFIG.replace("Europe/Paris", zone))["france"]
    start, end = bounds(line.zone, "2026")
    # Quarters of an hour: shifts begin and end between the hours, too.
    shifts = [(start + 900 * begin, start + 900 * (begin + length)) for begin, length in spans]
    put_shifts(sqlite_desk, shifts)
    last = max((shift[1] for shift in shifts), default=start)
    held = [
        all(any(begin <= second < until for begin, until in shifts) for second in range(hour, hour + HOUR, 900))
        for hour in range(start, min(end, last + HOUR), HOUR)
    ]
    found = coverage(sqlite_desk, line)
    assert found == (Coverage(sum(held), (end - start) // HOUR) if any(held) else None)


def test_a_year_closes_with_its_rota(sqlite_desk: Desk) -> None:
    """Its hours are frozen with its figures; its months have none."""
    put(sqlite_desk.store, a_year(calls=250))
    put_shifts(sqlite_desk, [(at("2025-01-31T23:00"), at("2025-02-28T23:00"))])
    assert shut(sqlite_desk, "2025", JANUARY).frozen.figures.coverage == Coverage(28 * 24, 8760)
