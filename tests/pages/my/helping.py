"""What tests of a psychologist's pages put into the database."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from helpline.figures import records
from helpline.shifts.editing import Desk
from helpline.store.rota_tables import Notice
from helpline.store.tables import Person, Shift
from rota.staff import Limits
from tests.pages.my.thumb import Thumb
from tests.pages.signed import Office
from tests.shell import ALIX, NOON
from tests.shifts import desks

HOUR, DAY = 3_600, 86_400


def desk_of(site: Office) -> Desk:
    """The desk of an office's rota."""
    return Desk(site.service.store, dict(site.service.lines), Limits())


def put(site: Office, person: int | None, start: int, hours: int = 8, *, line: str = "france", tier: int = 1) -> int:
    """A shift that begins `start` seconds after noon (13:00 in Paris); its number."""
    return desks.put(desk_of(site), person, start, hours, line=line, tier=tier)


def standing(site: Office) -> list[tuple[int | None, int, int]]:
    """Person, and start and end in hours after noon, of each shift that counts."""
    return [(person, int(start), int(end)) for person, start, end in desks.standing(desk_of(site))]


def on_call(site: Office, after: int = 0) -> list[int]:
    """Who a caller would reach so many seconds from now."""
    return desks.on_call(desk_of(site), int(site.clock.at) - NOON + after)


def thumb(site: Office, person: int = ALIX, *, coordinator: bool = False) -> Thumb:
    """A psychologist with a telephone, or the coordinator."""
    return Thumb(site.browser("coordinator") if coordinator else site.browser("psychologist", person=person))


def talked(site: Office, person: int = ALIX, line: str = "france", times: int = 1) -> None:
    """Conversations of a quarter of an hour are over and wait to be coded."""
    with site.service.store.durable() as tx:
        for _ in range(times):
            records.expect(tx, site.service.lines[line], person, NOON, 900, NOON + 900)


def left(site: Office, person: int = ALIX) -> int:
    """How many calls this person still has to code."""
    with site.service.store.read() as connection:
        return sum(item.n for item in records.pending(connection, person))


def change(site: Office, person: int, **values: object) -> None:
    """Changes somebody's row."""
    with site.service.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == person).values(**values))


def reminded(site: Office, shift: int, person: int = ALIX) -> None:
    """A reminder of a shift was sent."""
    row = {"key": f"r{shift}", "kind": "reminder", "line": "france", "person": person, "shift": shift, "seq": 0}
    with site.service.store.durable() as tx:
        tx.execute(insert(Notice), row | {"due_at": NOON, "state": "sent", "tries": 1, "sent_at": NOON})


def confirmed(site: Office) -> int:
    """How many reminders have been confirmed."""
    with site.service.store.read() as connection:
        return len(connection.execute(select(Notice.id).where(Notice.confirmed_at.is_not(None))).all())


def held(site: Office, shift: int) -> int | None:
    """Who holds a shift."""
    with site.service.store.read() as connection:
        return connection.execute(select(Shift.person).where(Shift.id == shift)).scalar_one()
