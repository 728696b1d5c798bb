from sqlalchemy import delete, func, select, update

from helpline.demo.filling import forget_calls, renew
from helpline.lines import load_lines
from helpline.settings import Settings
from helpline.shifts.snapshot import read_roster
from helpline.store.sessions import Store
from helpline.store.tables import Leg, LiveCall, Shift
from rota.oncall import who
from tests.demo.conftest import NOON, Demo

DAY = 86_400


def _shifts(store: Store) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(Shift)).scalar_one()


def test_a_fresh_rota_is_left_alone(settings: Settings) -> None:
    """As long as the rota goes on, starting the demonstration changes nothing in it."""
    store, lines = Store(settings.database_url), load_lines(settings)
    before = _shifts(store)
    renew(store, lines, NOON + 30 * DAY)
    assert _shifts(store) == before
    store.close()


def test_a_rota_that_has_run_out_is_written_on(settings: Settings) -> None:
    """A demonstration that is started again after months has two people on call in front and one behind, at once."""
    store, lines, later = Store(settings.database_url), load_lines(settings), NOON + 200 * DAY
    renew(store, lines, later)
    with store.read() as connection:
        roster = read_roster(connection, later - DAY, later + 30 * DAY)
    for line in lines:
        for instant in (later, later + 7 * DAY, later + 30 * DAY - 1):
            assert [seat.tier for seat in who(roster, line, instant)] == [1, 1, 2]
    store.close()


def test_a_rota_of_somebody_else_is_kept(settings: Settings) -> None:
    """A line whose rota goes on keeps it while another's is written on."""
    store, lines = Store(settings.database_url), load_lines(settings)
    with store.durable() as tx:
        tx.execute(delete(Shift).where(Shift.line == "belgium"))
        tx.execute(update(Shift).where(Shift.line == "france").values(source="by hand"))
    renew(store, lines, NOON)
    with store.read() as connection:
        sources = connection.execute(select(Shift.line, Shift.source).distinct()).all()
    assert sorted(tuple(row) for row in sources) == [("belgium", "import"), ("france", "by hand")]
    store.close()


def test_calls_end_with_the_demonstration(demo: Demo) -> None:
    """Whoever was rung when the demonstration was stopped isn't busy for ever."""
    demo.rung()
    forget_calls(demo.store)
    with demo.store.read() as connection:
        for table in (LiveCall, Leg):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
