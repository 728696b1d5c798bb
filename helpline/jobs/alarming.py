"""Every five minutes: what a coordinator should settle is written down to be told, once.

A gap is told of 30, 7 and 1 days before it begins, and when it begins within the hour or is now ("live"). At each of
these stages it is told of anew. Within a stage it is the same gap for as long as it begins inside one that was told of:
so one that shrinks, splits in two or lasts longer is no new alarm, and one that begins sooner, or opens again after it
had closed, is.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select, update

from helpline.lines import Line
from helpline.messages import notices
from helpline.messages.confirming import read_reminders
from helpline.messages.notices import CALLBACKS, FAILED, GAP, SENT, UNCONFIRMED, Wanted
from helpline.shifts.rules import read_gaps
from helpline.store.around import ROTA
from helpline.store.rota_tables import Notice
from helpline.store.sessions import Store
from helpline.store.tables import CallbackCount, Revision
from helpline.store.tables import Shift as ShiftRow
from rota.model import Span
from rota.staff import DAY, HOUR

log = logging.getLogger(__name__)
EVERY = 300
STAGES: Mapping[str, int] = {"live": HOUR, "1": DAY, "7": 7 * DAY, "30": 30 * DAY}
"""Seconds before a gap's beginning from which each stage holds, the nearest first."""
AHEAD = STAGES["30"]
BEYOND = 14 * DAY
"""Seconds further that are looked at, so that a gap that has just come into sight is told whole."""
TIME_TO_CONFIRM = HOUR
"""Seconds that somebody who was reminded has to confirm before a coordinator hears of it."""

What = tuple[str, int | None, tuple[str, ...]]
"""Of what kind a gap is, in which tier, of which languages."""


@dataclass(frozen=True, slots=True)
class Ahead(Span):
    """A gap of a line that lies ahead. Weak cover (not `hard`) is never live: there is somebody."""

    line: str
    what: What
    hard: bool = True

    def stage(self, now: int) -> str | None:
        """How near it is; None for one that needn't be told of yet, or any more."""
        nearest = next((name for name, seconds in STAGES.items() if self.start - now <= seconds), None)
        return None if nearest == "live" and not self.hard else nearest


@dataclass(frozen=True, slots=True)
class Known:
    """A gap that was told of at a stage, in the stretches that it still has."""

    notice: int
    line: str
    what: What
    stage: str
    spans: tuple[tuple[int, int], ...]

    def covers(self, gap: Ahead) -> bool:
        """Whether `gap` is this one, or what has become of it."""
        same = (self.line, self.what) == (gap.line, gap.what)
        return same and any(start <= gap.start <= end for start, end in self.spans)


def run(store: Store, lines: Mapping[str, Line], now: int) -> int:
    """Writes the alarms that are due; how many."""
    with store.durable() as tx:
        # Edits and other workers wait: what is told is true, and told once.
        tx.execute(update(Revision).where(Revision.name == ROTA).values(n=Revision.n))
        found = [*_gap_alarms(tx, lines, now), *_unconfirmed(tx, lines, now), *_callbacks(tx, lines, now)]
        made = [row for row in found if notices.want_once(tx, row)]
    for row in made:
        log.warning("alarm", extra={"line": row["line"], "kind": row["kind"]})
    return len(made)


def gaps_ahead(connection: Connection, lines: Mapping[str, Line], now: int) -> list[Ahead]:
    """Every gap of these lines that begins within the next thirty days; what several rules lack in a row is one."""
    found: list[Ahead] = []
    for line in lines.values():
        last: dict[tuple[What, bool], Ahead] = {}
        for gap in read_gaps(connection, line, Span(now, now + AHEAD + BEYOND)):
            what = gap.kind, gap.tier, tuple(sorted(gap.skills))
            before = last.get((what, gap.hard))
            if before is not None and gap.start <= before.end:
                last[what, gap.hard] = replace(before, end=max(before.end, gap.end))
            else:
                found += [before] if before is not None else []
                last[what, gap.hard] = Ahead(gap.start, gap.end, line.name, what, gap.hard)
        found += last.values()
    return sorted((gap for gap in found if gap.start < now + AHEAD), key=lambda gap: (gap.start, gap.end, gap.line))


def news(ahead: Iterable[Ahead], known: Sequence[Known], now: int) -> list[tuple[str, Ahead]]:
    """The gaps to tell of, each with its stage: those that nobody was told of at this stage or a nearer one."""
    order = list(STAGES)
    found = []
    for gap in ahead:
        stage = gap.stage(now)
        if stage is None:
            continue
        near = order[: order.index(stage) + 1]
        if not any(each.stage in near and each.covers(gap) for each in known):
            found.append((stage, gap))
    return found


def left_of(known: Known, ahead: Iterable[Ahead]) -> tuple[tuple[int, int], ...]:
    """The stretches that a gap still has; none when it is closed."""
    return tuple((gap.start, gap.end) for gap in ahead if known.covers(gap))


def _gap_alarms(tx: Connection, lines: Mapping[str, Line], now: int) -> list[dict[str, object]]:
    ahead = gaps_ahead(tx, lines, now)
    open_ = [_known(n) for n in notices.read(tx, Notice.kind == GAP, Notice.confirmed_at.is_(None))]
    new = news(ahead, open_, now)
    for known in open_:
        _follow(tx, known, left_of(known, ahead), now)
    return [_gap_notice(tx, stage, gap, now) for stage, gap in new]


def _known(notice: Wanted) -> Known:
    told = notice.told
    what = (told["kind"], told["tier"], tuple(told["languages"]))
    return Known(notice.id, notice.line, what, told["stage"], tuple((start, end) for start, end in told["spans"]))


def _follow(tx: Connection, known: Known, left: tuple[tuple[int, int], ...], now: int) -> None:
    """Keeps what is told, should it be told late, and what is known, as the gap is now."""
    if not left:
        tx.execute(update(Notice).where(Notice.id == known.notice).values(confirmed_at=now))
    elif left != known.spans:
        about = tx.execute(select(Notice.about).where(Notice.id == known.notice)).scalar_one()
        told = json.dumps({**json.loads(about), "spans": left})
        tx.execute(update(Notice).where(Notice.id == known.notice).values(about=told))


def _gap_notice(tx: Connection, stage: str, gap: Ahead, now: int) -> dict[str, object]:
    kind, tier, languages = gap.what
    prefix = f"{GAP}:{stage}:{gap.line}:{kind}:{tier or ''}:{','.join(languages)}:{gap.start}:"
    before = len(list(tx.scalars(select(Notice.id).where(Notice.key.startswith(prefix, autoescape=True)))))
    about = {
        "stage": stage, "kind": kind, "tier": tier, "languages": languages, "spans": [[gap.start, gap.end]]
    }  # fmt: skip
    return notices.new(GAP, f"{prefix}{before}", gap.line, now, about=about)


def _unconfirmed(tx: Connection, lines: Mapping[str, Line], now: int) -> list[dict[str, object]]:
    """Of each shift that begins soon, whose holder was reminded (or couldn't be) and hasn't confirmed it."""
    found = {}
    for line in lines.values():
        until = now + line.settings.rota.confirm_hours * HOUR
        soon = (ShiftRow.line == line.name, ShiftRow.starts_at > now, ShiftRow.starts_at <= until)
        reminded = Notice.state.in_((SENT, FAILED))
        for reminder in read_reminders(tx, now, *soon, reminded):
            waited = reminder.sent_at is None or reminder.sent_at <= now - TIME_TO_CONFIRM
            if reminder.state == "open" and waited:
                key = f"{UNCONFIRMED}:{reminder.shift}:{reminder.seq}"
                found[key] = notices.new(UNCONFIRMED, key, line.name, now, shift=reminder.shift, seq=reminder.seq)
    return list(found.values())


def _callbacks(tx: Connection, lines: Mapping[str, Line], now: int) -> list[dict[str, object]]:
    """Callbacks that nobody made: told by their number in a month, as the figures have it, and by nothing else."""
    found = []
    for line in lines.values():
        month = line.month(now)
        mine = (CallbackCount.line == line.name, CallbackCount.month == month, CallbackCount.outcome == "expired")
        n = tx.execute(select(CallbackCount.n).where(*mine)).scalar() or 0
        if n:
            about = {"n": n}
            found.append(notices.new(CALLBACKS, f"{CALLBACKS}:{line.name}:{month}:{n}", line.name, now, about=about))
    return found
