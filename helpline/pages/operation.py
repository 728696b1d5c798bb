"""Is everything well: what the operator reads when something rings, or over a coffee, with what to do beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from helpline.messages.sending import configured
from helpline.pages.flows.listing import STALE_DAYS
from helpline.pages.operation_facts import Facts, gather
from helpline.pages.routes import OPERATOR, Route
from helpline.pages.site import Site, Visit
from helpline.pages.texts import Say
from helpline.settings import NOT_SET_UP
from helpline.store.beats import FRESH_SECONDS

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

Badge = Literal["good", "warn", "bad"]
FULL, FILLING = 0.95, 0.80
"""Shares of a disk from which nothing may soon be written any more, and from which somebody should look."""
APART = 2.0
"""Seconds by which two clocks may differ."""
ROLES = {
    "psychologist": "operation-psychologists",
    "coordinator": "operation-coordinators",
    "funder": "operation-funders",
    "operator": "operation-operators",
}
BADGES = {"good": "operation-good", "warn": "operation-warn", "bad": "operation-bad"}


def routes(_site: Site) -> tuple[Route, ...]:
    """`/operation`."""
    return (Route("/operation", "operation", show_operation, OPERATOR),)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: how it is, in words, and what to do if it isn't well.

    `details` are as the command line says them, in English.
    """

    what: str
    badge: Badge
    found: str
    todo: str = ""
    details: tuple[str, ...] = ()


def show_operation(visit: Visit) -> ResponseReturnValue:
    """All checks, the worst first, then accounts and versions."""
    facts = gather(visit.site, visit.now)
    found = sorted(checks(visit, facts), key=lambda check: ("bad", "warn", "good").index(check.badge))
    return visit.page(
        "operation.html",
        wrong=[check for check in found if check.badge != "good"],
        well=[check for check in found if check.badge == "good"],
        words={badge: visit.say(key) for badge, key in BADGES.items()},
        members=[(visit.say(ROLES[each.role]), each) for each in facts.members],
        versions=[(name or visit.say("operation-database"), number) for name, number in facts.versions],
    )


def checks(visit: Visit, facts: Facts) -> Iterator[Check]:
    """Everything, in the order of what a caller would miss first."""
    say = visit.say
    yield Check(say("operation-database"), "good", say("operation-database-answers", name=facts.database))
    yield _tables(say, facts)
    for name, what, todo in (
        ("serve", say("operation-serve"), say("operation-serve-todo")),
        ("work", say("operation-work"), say("operation-work-todo")),
    ):
        yield _beat(say, what, todo, facts.beats.get(name), visit.now)
    yield from _carrier(visit, facts)
    yield _count(say, say("operation-erasures"), facts.overdue, say("operation-erasures-todo"), "bad")
    yield _messages(visit, facts)
    yield from (_disk(visit, disk.folder, disk.used) for disk in facts.disks)
    yield _clocks(say, facts, visit.now)
    yield _files(say, facts)
    yield _crisis(visit)
    dumps = ["operation-memory-dumps"] if facts.dumps else []
    yield _memory(say, [*dumps, *(["operation-memory-swap"] if facts.swap else [])])


def _tables(say: Say, facts: Facts) -> Check:
    what = say("operation-tables")
    if facts.revision == facts.newest:
        return Check(what, "good", say("operation-tables-current", revision=facts.revision))
    found = say("operation-tables-old", revision=facts.revision, newest=facts.newest)
    return Check(what, "bad", found, say("operation-tables-todo"))


def _beat(say: Say, what: str, todo: str, at: int | None, now: int) -> Check:
    if at is None:
        return Check(what, "bad", say("operation-beat-never"), todo)
    if now - at < FRESH_SECONDS:
        return Check(what, "good", say("operation-beat-now"))
    return Check(what, "bad", say("operation-beat-late", minutes=(now - at) // 60), todo)


def _carrier(visit: Visit, facts: Facts) -> Iterator[Check]:
    say, settings = visit.say, visit.site.settings
    if settings.carrier.account == NOT_SET_UP and not settings.service.demo:
        yield Check(say("operation-carrier"), "warn", say("operation-carrier-none"), say("operation-carrier-todo"))
    refused = sum(facts.refused.values())
    details = tuple(f"{reason}: {n}" for reason, n in sorted(facts.refused.items()))
    todo = say("operation-refused-todo") if refused else ""
    found = say("operation-count", n=refused) if refused else say("operation-none")
    yield Check(say("operation-refused"), "warn" if refused else "good", found, todo, details)


def _count(say: Say, what: str, n: int, todo: str, badge: Badge) -> Check:
    if not n:
        return Check(what, "good", say("operation-none"))
    return Check(what, badge, say("operation-count", n=n), todo)


def _messages(visit: Visit, facts: Facts) -> Check:
    """Whether alarms and reminders arrive: they are what tells of a gap before it is there."""
    say, what = visit.say, visit.say("operation-messages")
    if not configured(visit.site.settings.messages):
        return Check(what, "warn", say("operation-messages-off"), say("operation-messages-off-todo"))
    if facts.unsent or facts.undeliverable:
        found = say("operation-messages-late", late=facts.unsent, failed=facts.undeliverable)
        return Check(what, "bad" if facts.unsent else "warn", found, say("operation-messages-todo"))
    deaf = [
        line.flow.spoken[visit.language]
        for line in visit.site.lines.values()
        if not (line.settings.rota.coordinator_emails or line.settings.rota.coordinator_phones)
    ]
    if deaf:
        found = say("operation-messages-nobody", lines=", ".join(deaf))
        return Check(what, "warn", found, say("operation-messages-nobody-todo"))
    return Check(what, "good", say("operation-messages-well"))


def _disk(visit: Visit, folder: str, used: float) -> Check:
    say = visit.say
    badge: Badge = "bad" if used >= FULL else "warn" if used >= FILLING else "good"
    found = say("operation-disk-used", share=visit.formats.percent(used))
    todo = say("operation-disk-todo") if badge != "good" else ""
    return Check(say("operation-disk", folder=folder), badge, found, todo)


def _clocks(say: Say, facts: Facts, now: int) -> Check:
    """Two clocks are compared with ours, if they are others: the database's, and that of whoever beats."""
    ahead = [float(at - now) for at in facts.beats.values() if at > now]
    skew = max([abs(facts.skew or 0.0), *ahead])
    what = say("operation-clock")
    if skew > APART:
        return Check(what, "bad", say("operation-clock-off", seconds=round(skew)), say("operation-clock-todo"))
    return Check(what, "good", say("operation-clock-same"))


def _files(say: Say, facts: Facts) -> Check:
    what, files = say("operation-files"), facts.files
    if files.faults:
        return Check(what, "bad", say("operation-files-faults"), say("operation-files-faults-todo"), files.faults)
    if files.changed:
        return Check(what, "warn", say("operation-files-changed"), say("operation-files-changed-todo"))
    return Check(what, "good", say("operation-files-same") if files.found else say("operation-files-unknown"))


def _crisis(visit: Visit) -> Check:
    say, stale = visit.say, []
    for line in visit.site.lines.values():
        verified = date.fromisoformat(line.flow.crisis_verified)
        if (line.local(visit.now).date() - verified).days > STALE_DAYS:
            stale.append(line.flow.spoken[visit.language])
    if stale:
        found = say("operation-crisis-stale", lines=", ".join(stale))
        return Check(say("flows-crisis"), "warn", found, say("flows-stale-todo"))
    return Check(say("flows-crisis"), "good", say("operation-crisis-verified"))


def _memory(say: Say, found: Iterable[str]) -> Check:
    """A caller's number stays in a process's memory for a while: that must not reach a disk."""
    words = [say(key) for key in found]
    what = say("operation-memory")
    if words:
        return Check(what, "warn", " ".join(words), say("operation-memory-todo"))
    return Check(what, "good", say("operation-memory-well"))
