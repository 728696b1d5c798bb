"""Every minute: what is due is told, by e-mail and text message, once each way.

Whoever sends a notice takes it by a conditional UPDATE that makes it due again a quarter of an hour later. So of two
workers one sends it; what a worker that died was about to send is sent after all; and if it died, or lost the answer,
after sending, that goes out twice. E-mails sent twice have one id.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlalchemy import Connection, update

from helpline.carrier.rest import CarrierApi
from helpline.lines import Line
from helpline.messages import notices
from helpline.messages.composing import Composer
from helpline.messages.confirming import ShiftLinks
from helpline.messages.message import Address, Message, NotSent, coordinators, read_reader
from helpline.messages.notices import DROPPED, FAILED, MOVED, SENT, WANTED, Wanted
from helpline.messages.sending import Ways, make_ways
from helpline.settings import Secrets, Settings
from helpline.store.rota_tables import Notice
from helpline.store.sessions import Store
from rota.zones import local_to_utc

log = logging.getLogger(__name__)
EVERY = 60
AT_ONCE = 40
"""Messages of one run: each may take some seconds, and other jobs wait."""
TAKEN_SECONDS = 900
AGAIN_SECONDS = (60, 300, 900, 3600, 4 * 3600)
"""After each failure, so long until the next try; after one more nobody tries again."""
EVENING, MORNING = 22, 8
"""Between these hours of a line's day nobody is told what can wait for the morning."""
CAN_WAIT = 6 * 3600
"""What begins so long after the morning can."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Sends what is due."""

    store: Store
    lines: Mapping[str, Line]
    composer: Composer
    ways: Ways

    def run(self, now: int) -> int:
        """How many messages somebody took. A way that fails isn't tried again in this run."""
        with self.store.read() as connection:
            due = notices.read(connection, Notice.state == WANTED, Notice.due_at <= now)
            groups = [_group(connection, first, now) for first in _firsts(due)[:AT_ONCE]]
        run = Run(now)
        return sum(self._tell(group, run) for group in groups)

    def _tell(self, group: Sequence[Wanted], run: Run) -> bool:
        """Sends, puts off or drops what is told together; whether somebody took it."""
        line = self.lines.get(group[0].line)
        if line is None or (group[0].person is not None and not self.ways.any):
            self._settle(group, state=DROPPED)
            return False
        with self.store.read() as connection:
            composed = self.composer.compose(connection, line, group, run.now)
            known = _addresses(connection, line, group[0])
        told = [notice for notice in group if composed is not None and notice.id in composed.tells]
        self._settle([notice for notice in group if notice not in told], state=DROPPED)
        if composed is None:
            return False
        morning = put_off(line, run.now, composed.first)
        if morning is not None:
            self._settle(told, due_at=morning)
            return False
        addresses = self.ways.reach(known)
        if addresses and all(to.way in run.broken for to in addresses):
            return False  # they are as due in a minute
        taken = self._take(told, run.now)
        if not taken:
            return False
        became = self._send(line, taken, composed.message, addresses, run)
        self._note(taken, became, run.now)
        return became.sent

    def _send(
        self, line: Line, taken: Sequence[Wanted], message: Message, addresses: Sequence[Address], run: Run
    ) -> Became:
        became = Became(_settled(taken))
        for to in addresses:
            if to.key in became.settled:
                continue
            if to.way in run.broken:
                became.again = True
                continue
            try:
                self.ways.send(message, to, line, f"notice-{taken[0].id}", run.now)
            except NotSent as error:
                log.warning("notice.not_sent", extra={"line": line.name, "kind": taken[0].kind, "reason": str(error)})
                run.broken |= {to.way} if error.down else set()
                became.failed(to, permanent=error.permanent)
            else:
                became.took(to)
        return became

    def _take(self, wanted: Sequence[Wanted], now: int) -> list[Wanted]:
        """Those that this worker may send: nobody else has touched them since they were read."""
        with self.store.durable() as tx:
            return [
                notice for notice in wanted if _change(tx, notice, tries=notice.tries + 1, due_at=now + TAKEN_SECONDS)
            ]

    def _settle(self, wanted: Iterable[Wanted], **values: object) -> None:
        found = list(wanted)
        if found:
            with self.store.durable() as tx:
                for notice in found:
                    _change(tx, notice, **values)

    def _note(self, taken: Sequence[Wanted], became: Became, now: int) -> None:
        with self.store.durable() as tx:
            for notice in taken:
                tries = notice.tries + 1
                again = became.again and tries <= len(AGAIN_SECONDS)
                ever = became.sent or notice.sent_at is not None
                values = {
                    "state": WANTED if again else SENT if ever else FAILED,
                    "about": json.dumps({**notice.told, "settled": sorted(became.settled)}),
                    "due_at": now + AGAIN_SECONDS[tries - 1] if again else notice.due_at,
                    "sent_at": now if became.sent else notice.sent_at,
                }
                mine = (Notice.id == notice.id, Notice.state == WANTED, Notice.tries == tries)
                tx.execute(update(Notice).where(*mine).values(values))
                if values["state"] == FAILED:
                    why = "not taken" if became.again else "refused" if became.settled else "no address"
                    log.error("notice.failed", extra={"line": notice.line, "kind": notice.kind, "reason": why})


@dataclass(slots=True)
class Run:
    """One run of the job: when it began, and the ways that failed since."""

    now: int
    broken: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Became:
    """What became of a message: `settled` are the addresses (keys) that took it or refused it for good."""

    settled: set[str]
    sent: bool = False
    again: bool = False

    def took(self, to: Address) -> None:
        """Somebody did."""
        self.sent = True
        self.settled.add(to.key)

    def failed(self, to: Address, *, permanent: bool) -> None:
        """Nobody did."""
        if permanent:
            self.settled.add(to.key)
        else:
            self.again = True


def make(
    settings: Settings, secrets: Secrets, store: Store, lines: Mapping[str, Line], api: CarrierApi | None = None
) -> Telling:
    """The job of these settings."""
    links = ShiftLinks(secrets.link_key, settings.service.public_url)
    return Telling(store, lines, Composer(links), make_ways(settings, secrets, api))


def put_off(line: Line, now: int, first: int) -> int | None:
    """The next morning (UTC seconds), if it is night for the line and what begins at `first` can wait; else None."""
    local = line.local(now)
    if MORNING <= local.hour < EVENING:
        return None
    day = local.date() + timedelta(days=local.hour >= EVENING)
    morning = local_to_utc(datetime.combine(day, time(MORNING)), line.zone)
    return morning if first >= morning + CAN_WAIT else None


def _firsts(due: Sequence[Wanted]) -> list[Wanted]:
    """One of each that are told together."""
    return list({_together(notice): notice for notice in reversed(due)}.values())[::-1]


def _together(notice: Wanted) -> tuple[object, ...]:
    """Alarms of a line are told together, and what has moved for a person on it; each reminder has its own link."""
    if notice.person is None:
        return (notice.line,)
    return (notice.line, notice.person) if notice.kind == MOVED else (notice.id,)


def _group(connection: Connection, first: Wanted, now: int) -> list[Wanted]:
    """What is told with `first`, in the order in which it came to be: also what isn't due yet, but was never tried."""
    if len(_together(first)) == 1 and first.person is not None:
        return [first]
    same = (
        (Notice.person.is_(None),)
        if first.person is None
        else (Notice.person == first.person, Notice.kind == first.kind)
    )
    found = notices.read(connection, Notice.state == WANTED, Notice.line == first.line, *same)
    return sorted((n for n in found if n.due_at <= now or not n.tries), key=lambda n: n.id)


def _addresses(connection: Connection, line: Line, notice: Wanted) -> tuple[Address, ...]:
    if notice.person is None:
        return coordinators(line)
    reader = read_reader(connection, notice.person, line)
    return () if reader is None else reader.addresses


def _settled(taken: Sequence[Wanted]) -> set[str]:
    """The addresses that need none of these any more."""
    return set.intersection(*(set(notice.told.get("settled", ())) for notice in taken))


def _change(tx: Connection, notice: Wanted, **values: object) -> bool:
    """Changes a notice, if it is as it was read."""
    same = (Notice.id == notice.id, Notice.state == WANTED, Notice.due_at == notice.due_at)
    return tx.execute(update(Notice).where(*same, Notice.tries == notice.tries).values(values)).rowcount == 1
