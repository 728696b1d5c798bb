"""The rota's own jobs: shifts near are published, shifts over are logged, and what was kept for a time goes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from helpline.jobs import forgetting, logging_duty, publishing
from helpline.lines import Line
from helpline.shifts.editing import Desk, editing
from helpline.store.rota_tables import Absence, Duty, Notice, Override, Proposal, RotaEdit, Swap
from helpline.store.tables import Base, Shift
from rota.edit import reassign
from rota.model import Span
from rota.staff import DAY, HOUR, Limits
from tests.shell import ALIX, BORIS, CONFIG, NOON, lines_in, opened, revision, rows_of, together, with_people

SOON = "[lines.belgium.rota]\npublish_days = 7\n"


@pytest.fixture(scope="module")
def lines() -> dict[str, Line]:
    """Belgium publishes a week ahead, France six weeks."""
    return lines_in(Path(), CONFIG + SOON)


@pytest.fixture
def desk(either_database_url: str, lines: dict[str, Line]) -> Iterator[Desk]:
    """Both lines and three people."""
    with opened(either_database_url) as store:
        with_people(store)
        yield Desk(store, lines, Limits())


def put_shifts(desk: Desk, *rows: tuple[str, int, str]) -> None:
    """Alix's shifts of eight hours: line, hours from now, status."""
    with desk.store.durable() as tx:
        for line, hours, status in rows:
            start = NOON + hours * HOUR
            values = {"line": line, "tier": 1, "person": ALIX, "starts_at": start, "ends_at": start + 8 * HOUR}
            tx.execute(insert(Shift).values(**values, status=status, source="rotation"))


def statuses(desk: Desk) -> list[tuple[str, int]]:
    """Each shift's status and seq, in the order in which they were put."""
    return [(row["status"], row["seq"]) for row in sorted(rows_of(desk.store, Shift), key=lambda row: row["id"])]


# --- Publishing.


def test_what_is_near_is_published(desk: Desk) -> None:
    """As far ahead as each line does; one that has begun as well, and none that was cancelled."""
    near, far = 7 * 24 - 1, 7 * 24
    put_shifts(
        desk,
        ("belgium", near, "planned"),
        ("belgium", far, "planned"),
        ("france", far, "planned"),
        ("france", 42 * 24, "planned"),
        ("france", -1, "planned"),
        ("france", 2, "cancelled"),
        ("france", 3, "published"),
    )
    before = revision(desk.store)
    assert publishing.run(desk, NOON) == 3
    published = ("published", 1)
    assert statuses(desk) == [
        published,
        ("planned", 0),
        published,
        ("planned", 0),
        published,
        ("cancelled", 0),
        ("published", 0),
    ]
    assert revision(desk.store) == before + 1


def test_publishing_twice_is_publishing_once(desk: Desk) -> None:
    """The second time nothing is written."""
    put_shifts(desk, ("france", 2, "planned"))
    publishing.run(desk, NOON)
    before = revision(desk.store)
    assert publishing.run(desk, NOON) == 0
    assert (statuses(desk), revision(desk.store)) == ([("published", 1)], before)


def test_a_line_that_is_gone_is_not_published(desk: Desk) -> None:
    """Nor is anything where there are no lines."""
    put_shifts(desk, ("elsewhere", 2, "planned"))
    assert publishing.run(desk, NOON) == 0
    assert publishing.run(Desk(desk.store, {}, Limits()), NOON) == 0


def test_publishing_beside_an_edit_loses_neither(database_url: str, lines: dict[str, Line]) -> None:
    """The shift is given away, and published: what stands afterwards is published as soon as the job runs again."""
    with opened(database_url) as store:
        with_people(store)
        desk = Desk(store, lines, Limits())
        put_shifts(desk, ("france", 2, "planned"))

        def give() -> int:
            with editing(desk, "override", "cli", NOON) as edit:
                edit.make(reassign(edit.of(ALIX), Span(NOON, NOON + DAY), NOON, BORIS, "override"))
            return 0

        together([lambda: publishing.run(desk, NOON), give])
        publishing.run(desk, NOON)
        standing = [row for row in rows_of(store, Shift) if row["status"] != "cancelled"]
        assert [(row["person"], row["status"]) for row in standing] == [(BORIS, "published")]


# --- The duty log.


def test_a_shift_is_logged_a_day_after_its_end(desk: Desk) -> None:
    """As it was held; neither one that ended later nor one that was cancelled."""
    put_shifts(desk, ("france", -32, "published"), ("france", -31, "published"), ("france", -40, "cancelled"))
    assert logging_duty.run(desk.store, NOON) == 1
    assert rows_of(desk.store, Duty) == [
        {
            "shift": 1,
            "line": "france",
            "tier": 1,
            "person": ALIX,
            "starts_at": NOON - 32 * HOUR,
            "ends_at": NOON - 24 * HOUR,
        }
    ]


def test_what_is_logged_is_never_changed(desk: Desk) -> None:
    """Whatever happens to the shift, and however often the job runs."""
    put_shifts(desk, ("france", -40, "published"))
    logging_duty.run(desk.store, NOON)
    before = rows_of(desk.store, Duty)
    with desk.store.durable() as tx:
        tx.execute(update(Shift).values(person=BORIS, ends_at=NOON - 30 * HOUR))
    assert logging_duty.run(desk.store, NOON) == 0
    assert rows_of(desk.store, Duty) == before


def test_two_jobs_at_once_log_a_shift_once(database_url: str, lines: dict[str, Line]) -> None:
    """Neither fails."""
    with opened(database_url) as store:
        with_people(store)
        desk = Desk(store, lines, Limits())
        put_shifts(desk, *(("france", -100 - hours, "published") for hours in range(0, 80, 8)))
        together([lambda: logging_duty.run(store, NOON)] * 2)
        assert len(rows_of(store, Duty)) == 10


# --- Forgetting.

STANDARD: dict[type[Base], tuple[str, int, dict[str, Any]]] = {
    Absence: ("ends_at", 90, {"person": ALIX, "starts_at": 0}),
    Notice: ("due_at", 90, {"kind": "moved", "line": "france", "person": ALIX, "state": "sent"}),
    Override: ("ends_at", 365, {"line": "france", "starts_at": 0, "edit": 1}),
    Proposal: (
        "at",
        365,
        {"line": "france", "starts_at": 0, "ends_at": 1, "kind": "fill", "state": "open", "actor": "cli", "body": ""},
    ),
    RotaEdit: ("at", 365, {"actor": "cli", "kind": "override", "about": "{}", "done": "{}"}),
    Swap: ("at", 365, {"shift": 1, "giver": ALIX, "state": "open"}),
}
"""Of each table: from when on a row is kept, for how many days, and what else a row needs."""


@pytest.mark.parametrize("table", STANDARD, ids=lambda table: table.__tablename__)
def test_what_was_kept_for_a_time_goes_when_it_is_over(desk: Desk, table: type[Base]) -> None:
    """To the second; what isn't over stays."""
    column, days, values = STANDARD[table]
    with desk.store.durable() as tx:
        for number, at in enumerate((NOON - days * DAY, NOON - days * DAY + 1, NOON + DAY), start=1):
            key = {"key": f"{number}"} if table is Notice else {}
            tx.execute(insert(table).values(id=number, **values, **key, **{column: at}))
    assert forgetting.run(desk.store, NOON) == 1
    assert [row["id"] for row in rows_of(desk.store, table)] == [2, 3]


def test_each_table_that_promises_an_end_has_one() -> None:
    """What docs/anonymity.md says of the rota's tables is what is done."""
    promised = {}
    for line in Path("docs/anonymity.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and ("1 year" in cells[3] or "90 days" in cells[3]):
            promised[cells[0].strip("`")] = 365 if "1 year" in cells[3] else 90
    kept = {since.class_.__tablename__: kept // DAY for since, kept in forgetting.KEPT}
    assert kept == promised
