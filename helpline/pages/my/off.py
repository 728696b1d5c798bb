"""Taking oneself off for the next hour: one tap if others are there, two if nobody would be; and being back at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpline.errors import UsageError
from helpline.pages.my.home import OFF
from helpline.pages.my.reading import read_off
from helpline.pages.my.shown import Shown
from helpline.pages.rota.outcomes import reasons, told
from helpline.pages.routes import PSYCHOLOGIST, Route
from helpline.pages.site import Visit
from helpline.shifts import overriding
from helpline.shifts.editing import undo_edit
from helpline.shifts.snapshot import read_roster
from rota.oncall import who

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def leave(visit: Visit) -> ResponseReturnValue:
    """Takes them off. Where nobody would be left it says so first, and does it when it is asked for again."""
    alone = visit.field("alone") == "1"
    try:
        # Tapped twice, it would take them off the first seconds after the hour as well.
        if not _is_off(visit):
            overriding.off(visit.site.desk, visit.person, OFF, visit.me.actor, visit.now, even_alone=alone)
    except UsageError as error:
        if not _is_off(visit):  # another tap of theirs may have been a moment faster
            return _refused(visit, error) if alone else _ask(visit)
    return visit.to("my_home", done="done-my-off")


def _is_off(visit: Visit) -> bool:
    with visit.site.store.read() as connection:
        return read_off(connection, visit.person, visit.now) is not None


def _ask(visit: Visit) -> ResponseReturnValue:
    """What it would come to if it were done all the same."""
    try:
        outcome = overriding.off(
            visit.site.desk, visit.person, OFF, visit.me.actor, visit.now, even_alone=True, dry=True
        )
    except UsageError as error:
        return _refused(visit, error)
    return visit.page("my/off.html", 409, told=told(visit, outcome), left=_left(visit))


def _left(visit: Visit) -> list[tuple[str, str]]:
    """On each line that they are on call for now, who else is, by name; perhaps nobody."""
    me, now, found = visit.person, visit.now, []
    with visit.site.store.read() as connection:
        roster = read_roster(connection, now, now + 1)
    for line in visit.site.lines.values():
        on_call = who(roster, line.name, now)
        if seats := Shown(visit.site.lines, visit.language, now).on_now(line, on_call, me):
            found.append((line.flow.spoken[visit.language], ", ".join(seats[0].beside)))
    return found


def _refused(visit: Visit, error: UsageError) -> ResponseReturnValue:
    return visit.page("my/refused.html", 409, why=reasons(visit, error), back="my_home")


def come_back(visit: Visit) -> ResponseReturnValue:
    """They are on call again at once; if others took their seat meanwhile, it says so."""
    with visit.site.store.read() as connection:
        off = read_off(connection, visit.person, visit.now)
    if off is None:  # tapped twice, or the hour is over
        return visit.to("my_home")
    try:
        undo_edit(visit.site.desk, off.edit, visit.me.actor, visit.now)
    except UsageError as error:
        return _refused(visit, error)
    return visit.to("my_home", done="done-my-back")


ROUTES = (
    Route("/my/off", "my_off", leave, PSYCHOLOGIST, "POST"),
    Route("/my/off/undo", "my_off_undo", come_back, PSYCHOLOGIST, "POST"),
)
