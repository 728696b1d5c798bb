"""An edit on a page goes in two steps: what it would come to is shown, then one button does just that.

    step = take(visit, Act("absence", lambda desk, dry: add_absence(desk, ..., dry=dry), mark_of, mine))
    match step:
        case Shown():    what it would come to, to be confirmed; the page's form carries `seen`
        case Refused():  why it can't be
        case Done():     it is done, once, however often the button was tapped

The form's button says `go`: "" shows, "yes" does what was shown, "now" does it unseen (what is small, and undone by one
tap). If the rota has changed since, and so what the edit comes to, it is shown anew instead of done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from flask import Response
from sqlalchemy import func, select

from helpline.errors import UsageError
from helpline.pages.rota.outcomes import Told
from helpline.pages.site import Visit
from helpline.shifts.editing import Desk, Outcome, RotaMoved
from helpline.store.around import ROTA
from helpline.store.rota_tables import RotaEdit
from helpline.store.tables import Revision
from rota.model import RotaError

T = TypeVar("T")
TRIES = 3
"""Others may edit meanwhile; so often the edit is looked at anew before somebody is asked to look themselves."""
About = Mapping[str, Any]
"""What is kept of an edit beside its kind."""


@dataclass(frozen=True, slots=True)
class Act(Generic[T]):
    """An edit of a page: its kind, what does it (rehearsed with True), and what of its result somebody decides by.

    `mine`: whether an edit of this kind with this `about` is what the form asks for; asked when it can't be done
    (again), of the viewer's own edits since the page was shown.
    """

    kind: str
    run: Callable[[Desk, bool], T]
    mark: Callable[[T], object]
    mine: Callable[[About], bool]


@dataclass(frozen=True, slots=True)
class Shown(Generic[T]):
    """It was rehearsed. `seen` is for the form; `changed`: what was shown before is no longer what it comes to."""

    result: T
    seen: str
    changed: bool

    @property
    def status(self) -> int:
        """Of the page that shows it."""
        return 409 if self.changed else 200


@dataclass(frozen=True, slots=True)
class Done:
    """It is done, by this edit."""

    edit: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """It can't be."""

    error: UsageError | RotaError


def take(visit: Visit, act: Act[T]) -> Shown[T] | Done | Refused:
    """What becomes of the form that was sent."""
    go, seen = visit.field("go"), _read_seen(visit.field("seen"))
    if go == "yes" and seen is None:
        go = ""
    try:
        if go == "now":
            return Done(_edit_of(act.run(visit.site.desk, False)))
        return _done(visit, act, seen) if go == "yes" and seen else rehearse(visit, act)
    except (UsageError, RotaError) as error:
        again = _own(visit, act, seen[2]) if seen and go == "yes" else None
        return Refused(error) if again is None else Done(again)


def rehearse(visit: Visit, act: Act[T], *, changed: bool = False) -> Shown[T]:
    """What the edit would come to. Raises `UsageError`, `RotaError`."""
    with visit.site.store.read() as connection:
        revision = connection.execute(select(Revision.n).where(Revision.name == ROTA)).scalar_one()
        last = connection.execute(select(func.max(RotaEdit.id))).scalar() or 0
    result = act.run(visit.site.desk, True)
    return Shown(result, f"{revision}.{_digest(act.mark(result))}.{last}", changed)


def mark_of(outcome: Outcome, now: int) -> object:
    """What of an outcome matters to who decides; an edit that begins now begins later when it is confirmed."""
    changes = [(d.line, d.tier, max(d.start - now, 0) and d.start, d.end, d.gone, d.come) for d in outcome.differences]
    wrong = sorted({(found.kind, found.person) for found in outcome.findings})
    return changes, wrong, [(gap.line, gap.tier, gap.end, gap.missing) for gap in outcome.gaps]


def _done(visit: Visit, act: Act[T], seen: tuple[int, str, int]) -> Shown[T] | Done:
    revision, mark, last = seen
    for _ in range(TRIES):
        try:
            return Done(_edit_of(act.run(replace(visit.site.desk, seen=revision), False)))
        except RotaMoved:
            again = _own(visit, act, last)
            if again is not None:
                return Done(again)
            shown = rehearse(visit, act, changed=True)
            found = _read_seen(shown.seen)
            if found is None or found[1] != mark:
                return shown
            revision = found[0]
    return rehearse(visit, act, changed=True)


def _own(visit: Visit, act: Act[Any], last: int) -> int | None:
    """The edit that this form made when it was sent before."""
    wanted = select(RotaEdit.id, RotaEdit.about).where(
        RotaEdit.id > last,
        RotaEdit.actor == visit.me.actor,
        RotaEdit.kind == act.kind,
        RotaEdit.undone_by.is_(None),
    )
    with visit.site.store.read() as connection:
        rows = connection.execute(wanted).all()
    return next((row.id for row in rows if act.mine(json.loads(row.about))), None)


def _edit_of(result: object) -> int | None:
    found = getattr(result, "outcome", result)
    edit = getattr(found, "edit", None)
    return edit if isinstance(edit, int) else None


def _read_seen(text: str) -> tuple[int, str, int] | None:
    revision, _, rest = text.partition(".")
    mark, _, last = rest.partition(".")
    return (int(revision), mark, int(last)) if revision.isdecimal() and last.isdecimal() else None


def _digest(mark: object) -> str:
    return hashlib.sha256(repr(mark).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Preview:
    """A page that shows what an edit would come to: what it is, a sentence, the outcome, further notes, the button.

    `fields` are what the form sends again: name and value, several of one name in order. `back`: whether the form
    can be gone back to, with everything kept; otherwise `leave` is the endpoint to go to instead.
    """

    title: str
    sentence: str
    action: str
    button: str
    fields: tuple[tuple[str, str], ...]
    leave: str
    told: Told | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    back: bool = True
    kind: str = ""


def show(visit: Visit, step: Shown[Any], preview: Preview, **context: object) -> Response:
    """The page of a rehearsal."""
    return visit.page(
        "rota/preview.html", step.status, preview=preview, seen=step.seen, changed=step.changed, **context
    )


def carried(values: Mapping[str, str | Iterable[str]]) -> tuple[tuple[str, str], ...]:
    """A form's values as `Preview.fields`; empty ones are left out."""
    pairs = [(name, [value] if isinstance(value, str) else list(value)) for name, value in values.items()]
    return tuple((name, each) for name, several in pairs for each in several if each)
