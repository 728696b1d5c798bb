"""The rota as a serving process holds it: read anew when it was changed, and before it runs out."""

from collections.abc import Iterator
from unittest import mock

import pytest
from sqlalchemy import Connection, event

from helpline.shifts.snapshot import AHEAD, BEHIND, MAX_AGE, Colleague, RotaSnapshots, read_roster, read_snapshot
from helpline.store import around
from rota.oncall import who
from tests.shell import NOON
from tests.shifts.conftest import Rota

DAY = 86_400
MORNING = "france,1,Alix Exemple,2026-03-10T08:00,2026-03-10T20:00\n"
EVENING = "france,1,Brecht Voorbeeld,2026-03-10T20:00,2026-03-11T08:00\n"


@pytest.fixture
def connection(rota: Rota) -> Iterator[Connection]:
    """A connection that a serving process would use."""
    with rota.store.read() as connection:
        yield connection


def on_call(snapshots: RotaSnapshots, connection: Connection, now: int = NOON) -> list[str]:
    """Who is on call on the French line, as a webhook finds it."""
    revision = around.around(connection, now).revision
    return [held.person.name for held in who(snapshots.at(connection, revision, now).roster, "france", now)]


def test_an_import_is_seen_by_the_next_webhook(rota: Rota, connection: Connection) -> None:
    """Without a restart: the revision has grown."""
    snapshots = RotaSnapshots()
    assert on_call(snapshots, connection) == []
    rota.take(MORNING)
    assert on_call(snapshots, connection) == ["Alix Exemple"]
    rota.take(MORNING + EVENING)
    assert on_call(snapshots, connection, NOON + 12 * 3600) == ["Brecht Voorbeeld"]


def test_what_is_held_is_not_read_again(rota: Rota, connection: Connection) -> None:
    """A webhook costs the revision's row and no more."""
    rota.take(MORNING)
    snapshots = RotaSnapshots()
    on_call(snapshots, connection)
    statements = mock.Mock()
    event.listen(connection, "before_cursor_execute", statements)
    first = snapshots.at(connection, 1, NOON + 1)
    assert snapshots.at(connection, 1, NOON + MAX_AGE - 1) is first
    statements.assert_not_called()


@pytest.mark.parametrize("later", [MAX_AGE, -1, 5 * MAX_AGE])
def test_a_snapshot_grows_old(rota: Rota, connection: Connection, later: int) -> None:
    """After a day, or when the clock was set back, it is read again, long before it runs out."""
    rota.take(MORNING)
    snapshots = RotaSnapshots()
    first = snapshots.at(connection, 1, NOON)
    second = snapshots.at(connection, 1, NOON + later)
    assert second is not first
    assert second.loaded_at == NOON + later
    assert MAX_AGE < AHEAD


def test_a_snapshot_holds_what_is_near(rota: Rota, connection: Connection) -> None:
    """A day back, in case the clock is, and a week ahead: ten years of rota cost nothing."""
    for day in ("09", "10", "18", "19"):
        rota.take(f"france,1,Alix Exemple,2026-03-{day}T12:00,2026-03-{day}T14:00\n", now=NOON - 3 * DAY)
    roster = read_snapshot(connection, 1, NOON).roster
    assert (BEHIND, AHEAD) == (DAY, 8 * DAY)
    seen = {day: bool(who(roster, "france", NOON + (day - 10) * DAY)) for day in (9, 10, 18, 19)}
    assert seen == {9: True, 10: True, 18: True, 19: False}


def test_a_roster_holds_what_touches_its_span(rota: Rota, connection: Connection) -> None:
    """Half-open: what ends at its start or starts at its end isn't in it."""
    rota.take(MORNING + EVENING)
    handoff = NOON + 7 * 3600
    early, late = read_roster(connection, handoff - 1, handoff), read_roster(connection, handoff, handoff + 1)
    assert [held.person.name for held in who(early, "france", handoff - 1)] == ["Alix Exemple"]
    assert [held.person.name for held in who(late, "france", handoff)] == ["Brecht Voorbeeld"]
    assert not who(early, "france", handoff)
    assert not who(late, "france", handoff - 1)


def test_colleagues_are_known_with_their_number(rota: Rota, connection: Connection) -> None:
    """The first of their languages is the one they are spoken to."""
    rota.take(MORNING)
    people = read_snapshot(connection, 1, NOON).people
    assert Colleague("Brecht Voorbeeld", "+33199000102", ("nl", "fr")) in people.values()
    assert len(people) == 2
