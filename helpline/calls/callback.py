"""A callback from the number given to the end of the conversation: loads, decides little, saves.

Every method is one short transaction, safe to repeat. A number is sealed as it comes in, and opened only for the
document that reads it back, for the one that dials it, and to see that nobody is called twice for one wish.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from helpline.calls.vault import Vault
from helpline.carrier.callback_urls import BackRef
from helpline.carrier.seal import Seal
from helpline.figures import records
from helpline.lines import Line
from helpline.store import callbacks, live_legs, live_rows
from helpline.store.beats import is_fresh
from helpline.store.callbacks import CallbackRow, State
from helpline.store.erasures import erase_later, hang_up_later, is_buried
from helpline.store.sessions import Store
from ivr_flows.calling_back import HELLO_SILENCE, HELLOS, RING_SECONDS
from ivr_flows.model import Language
from ivr_flows.psychologist import TALK_LIMIT
from ivr_flows.ringing import SCREEN_SECONDS, THANKS_SECONDS, LegState

log = logging.getLogger(__name__)
WORKER = "work"
"""Whose sign of life must be fresh before anybody is promised a call: the process that makes it."""
ASKED_SECONDS = 600
"""How long a number that was given may wait to be confirmed."""
WANTED_SECONDS = 86_400
AGAIN_SECONDS = 600
"""After nobody took the call at the other end."""
TRIES = 3
DIAL_SECONDS = RING_SECONDS + HELLOS * (HELLO_SILENCE + 10) + 30
"""Longest time from a psychologist's 1 to the other person's: ringing, two greetings, and what the carrier adds."""
BUSY_SECONDS = 180
"""For how long a psychologist who talks is known to be busy: said again every ten seconds by the job, because no leg
without a call is believed to live for hours."""
TALK_SECONDS = TALK_LIMIT + 300
"""After this long a conversation is over, even if word of its end was lost."""


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Use cases of a callback. Instants are UTC seconds."""

    store: Store
    seal: Seal
    vault: Vault

    def _id(self, carrier_id: str) -> str:
        """Our own name for what this call asks: a repeated request finds it again, nobody else can compute it."""
        return self.seal.name("callback", carrier_id)

    def _number(self, row: CallbackRow) -> str | None:
        return self.vault.open(row.sealed, row.id)

    # --- whoever asks

    def possible(self, line: Line, now: int) -> bool:
        """Whether a callback may be promised: the line offers it, somebody will make it, and not too many are open."""
        if not line.settings.callback:
            return False
        try:
            if not is_fresh(self.store, WORKER, now):
                return False
            with self.store.read() as connection:
                return callbacks.how_many_open(connection, line.name) < line.settings.callbacks_open
        except SQLAlchemyError as error:
            log.warning("callback.database", extra={"line": line.name, "reason": type(error).__name__})
            return False

    def give(self, line: Line, language: Language, given: int, carrier_id: str, number: str, now: int) -> None:
        """Seals a number (E.164), the `given`-th of this call, to be read back and confirmed."""
        key = self._id(carrier_id)
        sealed = self.vault.close(number, key)
        with self.store.live() as tx:
            if not is_buried(tx, carrier_id):
                row = CallbackRow(key, line.name, language, State.ASKED, sealed, given, now, now + ASKED_SECONDS)
                callbacks.give(tx, row)

    def given(self, carrier_id: str, given: int) -> str | None:
        """The number to read back; None if it is lost, or another has been given since."""
        with self.store.read() as connection:
            row = callbacks.load(connection, self._id(carrier_id))
        return self._number(row) if row is not None and row.given == given else None

    def want(self, line: Line, given: int, carrier_id: str, now: int) -> bool:
        """Confirms. False when it can't be promised after all; True again for a repeated request.

        Of two wishes for one number the newer is kept, with the attempts of the older: nobody is called twice for one.
        """
        with self.store.durable() as tx:
            row = callbacks.load(tx, self._id(carrier_id))
            if row is None or row.given != given:
                return False
            if row.state != State.ASKED:
                return True
            return self._want(tx, line, row, callbacks.opened(tx, line.name), now)

    def _want(self, tx: Connection, line: Line, row: CallbackRow, others: Sequence[CallbackRow], now: int) -> bool:
        same = self._same_number(row, others)
        older = [other for other in same if other.state == State.WANTED]
        if len(others) - len(older) >= line.settings.callbacks_open:
            return False
        ready = replace(
            row,
            # While the same phone is being called for an older wish, this one waits for what becomes of it.
            next_at=now + (AGAIN_SECONDS if len(older) < len(same) else 0),
            expires_at=now + WANTED_SECONDS,
            tries=max((other.tries for other in same), default=0),
            rounds=max((other.rounds for other in same), default=0),
        )
        if callbacks.want(tx, ready):
            removed = [callbacks.remove(tx, other) for other in older]
            if not any(removed):
                callbacks.count(tx, line.name, line.month(now), "wanted")
        return True

    def _same_number(self, row: CallbackRow, others: Sequence[CallbackRow]) -> list[CallbackRow]:
        number = self._number(row)
        return [other for other in others if number is not None and self._number(other) == number]

    def drop(self, carrier_id: str) -> None:
        """What this call gave and didn't confirm is forgotten: it was declined, or the call is over."""
        with self.store.single() as tx:
            callbacks.drop(tx, self._id(carrier_id))

    # --- the psychologist's leg, and the phone that is called

    def look(self, ref: BackRef) -> CallbackRow | None:
        """The callback of a leg; None when it is over, or another leg's by now."""
        with self.store.read() as connection:
            row = callbacks.load(connection, ref.callback)
        return row if row and row.leg == ref.leg else None

    def screen(self, ref: BackRef, carrier_id: str, now: int) -> None:
        """The psychologist picked up: they have until then to press 1."""
        until = now + SCREEN_SECONDS + THANKS_SECONDS
        with self.store.live() as tx:
            if callbacks.move(tx, ref.callback, ref.leg, (State.CALLING,), State.CALLING, until):
                live_legs.move_leg(tx, ref.leg, live_legs.RINGABLE, LegState.SCREENING, None, until, carrier_id)

    def pass_on(self, ref: BackRef, now: int) -> None:
        """This psychologist won't make the call: somebody else is asked."""
        with self.store.live() as tx:
            row = callbacks.load(tx, ref.callback)
            if row is not None and row.leg == ref.leg:
                callbacks.again(tx, _passed(row, now), (State.CALLING,))
            _thanked(tx, ref, now)

    def put_off(self, ref: BackRef, until: int) -> None:
        """The psychologist couldn't be rung: the same again at `until`."""
        with self.store.live() as tx:
            row = callbacks.load(tx, ref.callback)
            if row is not None and row.leg == ref.leg:
                callbacks.again(tx, replace(row, next_at=until), (State.CALLING,))

    def dial(self, ref: BackRef, now: int) -> str | None:
        """The number to call now, for the one document that holds it; None when it isn't for this leg to call.

        The callback waits for as long as a talk can last: if the other phone's 1 isn't recorded, only the end tells.
        """
        until, lasts = now + DIAL_SECONDS, now + TALK_SECONDS
        with self.store.live() as tx:
            row = callbacks.load(tx, ref.callback)
            number = self._number(row) if row is not None else None
            if number is None or not callbacks.move(
                tx, ref.callback, ref.leg, (State.CALLING, State.DIALLING), State.DIALLING, lasts
            ):
                return None
            live_legs.move_leg(tx, ref.leg, (*live_legs.SCREENABLE, LegState.TALKING), LegState.TALKING, None, until)
        return number

    def accept(self, ref: BackRef, now: int) -> bool:
        """The person who asked pressed 1. False when nobody is there to talk to them any more."""
        lasts = now + TALK_SECONDS
        with self.store.live() as tx:
            if callbacks.move(tx, ref.callback, ref.leg, (State.DIALLING,), State.TALKING, lasts, bridged_at=now):
                _keep_busy(tx, ref.leg, now)
                return True
            row = callbacks.load(tx, ref.callback)
        return row is not None and row.leg == ref.leg and row.state == State.TALKING

    def greeted(self, carrier_id: str, now: int) -> None:
        """The call to the person who asked is known: it is erased as soon as the carrier lets go of it."""
        with self.store.live() as tx:
            erase_later(tx, carrier_id, now)

    def over(self, line: Line, ref: BackRef, now: int, *, bridged: bool | None, talked: int, dialled: str = "") -> None:
        """The dial to the person who asked is over. `talked` are seconds, `dialled` the carrier's id of that call.

        `bridged` is None where the carrier doesn't say; then the 1 that was pressed there counts.
        """
        with self.store.durable() as tx:
            if dialled:
                erase_later(tx, dialled, now)
            row = callbacks.load(tx, ref.callback)
            if row is not None and row.leg == ref.leg:
                connected = row.state == State.TALKING if bridged is None else bridged
                self._settle(tx, line, row, now, talked, connected=connected)
            _thanked(tx, ref, now)

    def leg_over(self, line: Line, ref: BackRef, carrier_id: str, now: int) -> None:
        """The psychologist's leg is over: to be erased. What it hadn't brought to an end is for somebody else."""
        with self.store.durable() as tx:
            erase_later(tx, carrier_id, now)
            live_legs.forget_leg(tx, ref.leg)
            row = callbacks.load(tx, ref.callback)
            if row is None or row.leg != ref.leg:
                return
            if row.state == State.CALLING:
                callbacks.again(tx, _passed(row, now), (State.CALLING,))
            else:
                self._settle(tx, line, row, now, now - row.bridged_at, connected=row.state == State.TALKING)

    # --- what becomes of it

    def tidy(self, lines: Mapping[str, Line], now: int) -> None:
        """Numbers never confirmed are forgotten, wishes of a day ago expire, and legs that were lost are given up.

        Whoever talks stays busy.
        """
        with self.store.read() as connection:
            rows, talking = callbacks.overdue(connection, now), callbacks.talking(connection)
        for row in talking:
            with self.store.live() as tx:
                _keep_busy(tx, row.leg or "", now)
        for row in rows:
            with self.store.durable() as tx:
                self._tidy(tx, lines.get(row.line), row, now)

    def _tidy(self, tx: Connection, line: Line | None, row: CallbackRow, now: int) -> None:
        if row.state == State.ASKED:
            callbacks.drop(tx, row.id)
        elif line is None or row.state == State.WANTED:
            self.expire(tx, line, row, now, "not reached" if row.tries else "nobody free")
        elif row.state == State.CALLING:
            if callbacks.again(tx, _passed(row, now), (State.CALLING,)):
                _silence(tx, row, now)
        else:
            self._settle(tx, line, row, now, now - row.bridged_at, connected=row.state == State.TALKING)

    def readable(self, row: CallbackRow) -> bool:
        """Whether the number can still be opened: not when its key has been taken away."""
        return self._number(row) is not None

    def expire(self, tx: Connection, line: Line | None, row: CallbackRow, now: int, reason: str) -> None:
        """Nobody was called back who had been promised it: the number is forgotten, and somebody has to know."""
        if callbacks.remove(tx, row):
            log.warning("callback.expired", extra={"line": row.line, "reason": reason})
            if line is not None:
                callbacks.count(tx, line.name, line.month(now), "expired")

    def _settle(self, tx: Connection, line: Line, row: CallbackRow, now: int, talked: int, *, connected: bool) -> None:
        if connected:
            self._connected(tx, line, row, now, talked)
        elif row.tries + 1 >= TRIES:
            self.expire(tx, line, row, now, "not reached")
        else:
            callbacks.again(tx, replace(row, next_at=now + AGAIN_SECONDS, tries=row.tries + 1, asked=""))

    def _connected(self, tx: Connection, line: Line, row: CallbackRow, now: int, talked: int) -> None:
        same = self._same_number(row, callbacks.opened(tx, line.name))
        if not callbacks.remove(tx, row):
            return
        began = row.bridged_at or now - talked
        records.expect(tx, line, row.person, began, talked, now)
        fulfilled = [other for other in same if other.state == State.WANTED and callbacks.remove(tx, other)]
        for _ in [row, *fulfilled]:
            callbacks.count(tx, line.name, line.month(now), "connected")


def _passed(row: CallbackRow, now: int) -> CallbackRow:
    """The same callback, to be made by anybody but the person who was asked last."""
    return replace(row, next_at=now, asked=f"{row.asked} {row.person}".strip())


def _keep_busy(tx: Connection, leg: str, now: int) -> None:
    live_legs.move_leg(tx, leg, (LegState.TALKING,), LegState.TALKING, None, now + BUSY_SECONDS)


def _silence(tx: Connection, row: CallbackRow, now: int) -> None:
    """A phone that the carrier kept waiting must not ring for a callback that somebody else makes by now."""
    leg = live_rows.load_leg(tx, row.leg or "")
    if leg is not None and leg.carrier_id is not None:
        hang_up_later(tx, leg.carrier_id, now)
        live_legs.forget_leg(tx, leg.id)


def _thanked(tx: Connection, ref: BackRef, now: int) -> None:
    """The psychologist hears a few more words, and is busy until then."""
    alive = (*live_legs.SCREENABLE, LegState.TALKING)
    live_legs.move_leg(tx, ref.leg, alive, LegState.HELD, None, now + THANKS_SECONDS)
