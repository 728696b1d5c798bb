"""How long figures take: a year closed, a release drawn, everything audited, a table read, ten years of counters."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, insert, select, text

from helpline.demo.year import synthetic_year
from helpline.figures.closing import Office, close
from helpline.figures.frozen import closed, find
from helpline.figures.making import draw
from helpline.figures.operations import calls_between
from helpline.figures.questions import Sources
from helpline.jobs import rolling_up
from helpline.lines import Line
from helpline.store.migrate import migrate
from helpline.store.sessions import Store
from helpline.store.tables import CallRecord, HourlyCount
from reports.audit.verdict import audit
from reports.build import report_of
from reports.figures import Figures, freeze
from reports.periods import Profile, periods_of
from reports.taxonomy import default_taxonomy
from tests.reports.made import SECRET, figures
from tests.shell import CONFIG, lines_in

YEAR, CALLS, MILLION = 2025, 1_800, 1_000_000
AFTER = int(datetime(YEAR + 1, 1, 5, tzinfo=UTC).timestamp())
YEARS = 10


def print_figures(stores: Mapping[str, str]) -> None:
    """Prints each beside its aim; `stores` are empty databases, name -> URL."""
    with tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder:
        for name, url in stores.items():
            with closing(Store(url)) as store:
                migrate(store)
                _print_closing(name, store, Path(folder))
                _print_counters(name, store, lines_in(Path(folder), CONFIG)["belgium"])
    years = _three_years()
    print_row("full release, 4 languages, all formats", _seconds(lambda: _drawn(years)), 30)
    print_row("auditor, 3 years of months and years", _seconds(lambda: audit(years)), 300)


def print_row(what: str, seconds: float, aim: float, beside: str = "") -> None:
    """One line: what, how long, and how long it may take, all in seconds."""
    print(f"figures   {what:44} {seconds:8.3f} s  (aim {aim:g} s){'' if seconds <= aim else '  OVER'}{beside}")


def _print_closing(name: str, store: Store, folder: Path) -> None:
    """A year of a million records, against the same tables counted by plain SQL."""
    line = lines_in(folder, CONFIG)["france"]
    _fill(store)
    plain = _seconds(lambda: _plain(store))
    office = Office(store, default_taxonomy(), SECRET, demo=False)
    whole = _seconds(lambda: close(office, line, str(YEAR), AFTER))
    beside = f"  {whole / plain:.2f} of plain GROUP BY"
    print_row(f"{name}: a year of {MILLION:,} records closed", whole, 5 * plain, beside)

    def table() -> object:
        with store.read() as connection:
            found = find(closed(connection, "france", YEAR), str(YEAR))
        assert found is not None
        return report_of(found.figures).sections[3].tables[0]

    print_row(f"{name}: a released table", min(_seconds(table) for _ in range(9)), 0.01)


def _print_counters(name: str, store: Store, line: Line) -> None:
    first, hours = int(datetime(2015, 1, 1, tzinfo=UTC).timestamp()), YEARS * 8760
    bands = [("answered", "5-20"), ("answered", "20-60"), ("abandoned", "0-5")]
    with store.durable() as tx:
        tx.execute(
            insert(HourlyCount),
            [
                {"line": "belgium", "hour": first + 3600 * n, "outcome": outcome, "wait_band": band, "n": 1 + n % 3}
                for n in range(hours)
                for outcome, band in bands[: 1 + n % 3]
            ],
        )
    end = first + hours * 3600
    rolling_up.run(store, {"belgium": line}, end)

    def counters() -> object:
        with store.read() as connection:
            return calls_between(connection, line, first, end)

    print_row(f"{name}: counters of {YEARS} years", min(_seconds(counters) for _ in range(9)), 0.01)


def _fill(store: Store) -> None:
    """A synthetic year's counters, and its records over and over, each time under keys and ids of their own."""
    records, hourly, _ = synthetic_year(YEAR, "france", CALLS, seed=1)
    rows = [
        {
            **{name: value for name, value in asdict(record).items() if name != "key"},
            "id": n.to_bytes(16, "big"),
            "round_key": record.key,
            "reasons": " ".join(record.reasons),
            "orientations": " ".join(record.orientations),
        }
        for n, record in enumerate(records)
    ]
    with store.durable() as tx:
        tx.execute(insert(CallRecord), rows)
        tx.execute(insert(HourlyCount), [asdict(count) for count in hourly])
        tx.execute(text(_copies(tx.dialect.name, MILLION // len(rows))))
        tx.execute(text("ANALYZE call_records"))


def _copies(dialect: str, copies: int) -> str:
    names = [column.name for column in CallRecord.__table__.c]
    if dialect == "sqlite":
        fresh = {"id": "randomblob(16)", "round_key": "abs(random()) % 4294967296"}
        counting = "SELECT 1 AS i UNION ALL SELECT i + 1 FROM n"
        numbers = f"(WITH RECURSIVE n AS ({counting} WHERE i < {copies}) SELECT i FROM n)"  # noqa: S608
    else:
        fresh = {"id": "uuid_send(gen_random_uuid())", "round_key": "floor(random() * 4294967296)::bigint"}
        numbers = f"generate_series(1, {copies}) AS n"
    chosen = ", ".join(fresh.get(name, name) for name in names)
    return f"INSERT INTO call_records ({', '.join(names)}) SELECT {chosen} FROM call_records, {numbers}"  # noqa: S608


def _plain(store: Store) -> None:
    """The year's tables as anybody would count them: each a GROUP BY."""
    record = CallRecord
    columns = (
        record.contact, record.caller, record.status, record.speciality, record.territory, record.language,
        record.severity, record.reasons, record.orientations,
    )  # fmt: skip
    with store.read() as connection:
        for column in columns:
            wanted = select(record.period, column, func.count()).where(record.line == "france")
            connection.execute(wanted.group_by(record.period, column)).all()


def _three_years() -> list[Figures]:
    """A line's years and months, as they were closed one after the other."""
    found: list[Figures] = []
    for year in range(YEAR - 2, YEAR + 1):
        records, hourly, monthly = synthetic_year(year, "france", CALLS, seed=year)
        months = [
            figures([r for r in records if r.period == month], hourly, period=month, profile=Profile.MONTH)
            for month in periods_of(year, Profile.MONTH)
        ]
        frozen = {cell: count for month in months for cell, count in month.counts.items()}
        whole = figures(records, hourly, monthly, period=str(year), profile=Profile.MONTH, frozen=frozen)
        found += [*months, replace(whole, demo=True)]
    return found


def _drawn(ledger: list[Figures]) -> None:
    *earlier, last = (freeze(each) for each in ledger if len(each.period) == 4)
    assert len(draw(Sources(last, tuple(earlier)))) > 12


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
