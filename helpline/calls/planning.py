"""Whom to ring for a caller, and how long they may wait: the rota, who is on the phone, and who waits already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from helpline.calls.facts import dump_plan
from helpline.lines import Line
from helpline.shifts.snapshot import RotaSnapshots, Snapshot
from helpline.store import around
from helpline.store.live import Planned
from helpline.store.live_rows import CallRow
from ivr_flows import ringing as pure
from ivr_flows.model import Language
from rota.oncall import who
from rota.plan import Backup, RingPlan, ring_plan

RUNG_TIERS = 3
"""Tiers that are rung one after the other; whoever is in a later one rings with the last, or a plan had no bound."""
PLACING_SECONDS = 15
"""How much later than planned a phone may start to ring: one creation a second, and the carrier's own 5 s."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes ring plans inside the transaction that stores them."""

    rota: RotaSnapshots
    lines: Mapping[str, Line]

    def plan(
        self,
        tx: Connection,
        line: Line,
        language: Language,
        now: int,
        *,
        first: int | None = None,
        excluded: frozenset[int] = frozenset(),
        me: CallRow | None = None,
    ) -> RingPlan:
        """The plan for a caller who starts to wait now.

        `first` and `excluded` as in `rota.plan.ring_plan`; `me` is the call where its caller waits already, so that
        those who came after them keep nobody back.
        """
        there = around.around(tx, now)
        snapshot: Snapshot = self.rota.at(tx, there.revision, now)
        busy = there.busy - {first}
        for held in there.held:
            if me is not None and (held.entered_at, held.call) >= (me.entered_at, me.id):
                break
            if held.line in self.lines:
                # Whoever has become free is for the one who has waited longest: their next tick will ring them.
                older = _ring_plan(snapshot, self.lines[held.line], held.language, now, busy)
                busy |= {target.person for wave in older.waves for target in wave.targets if target.person is not None}
        return _ring_plan(snapshot, line, language, now, busy, excluded=excluded, first=first)

    def backup(self, line: str, index: int | None) -> str | None:
        """The number at this place in the line's list; two lines may share one."""
        numbers = self.lines[line].settings.backup if line in self.lines else ()
        return numbers[index] if index is not None and index < len(numbers) else None


def _ring_plan(
    snapshot: Snapshot,
    line: Line,
    language: Language,
    now: int,
    busy: frozenset[int],
    *,
    excluded: frozenset[int] = frozenset(),
    first: int | None = None,
) -> RingPlan:
    on_call = [
        seat if seat.tier <= RUNG_TIERS else replace(seat, tier=RUNG_TIERS)
        for seat in who(snapshot.roster, line.name, now)
    ]
    return ring_plan(
        on_call,
        language,
        accepted=line.settings.accepted_languages,
        busy=busy,
        excluded=excluded,
        first=first,
        night=line.is_night(now),
        times=line.times,
        backups=[Backup(index) for index in range(len(line.settings.backup))],
    )


def planned(line: Line, plan: RingPlan, now: int) -> Planned:
    """A plan that begins now, as it is stored."""
    return Planned(dump_plan(plan), now + longest_wait(plan, line.settings.ringing.busy), plan.busy_held)


def longest_wait(plan: RingPlan, busy_seconds: int) -> int:
    """Seconds that a caller may wait in the queue by this plan; `busy_seconds` at least where everybody is busy.

    Each phone may start to ring late, the last wave waits until all other phones are silent, and a tick notices.
    """
    late = 2 * PLACING_SECONDS + pure.TICK_SECONDS if plan.waves else 0
    return max(plan.seconds + late, busy_seconds if plan.busy_held else 0)
