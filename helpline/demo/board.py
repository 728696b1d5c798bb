"""What the page shows: every phone, who is on call, what waits, the last call - as one JSON-able state."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, select

from helpline.app import Service
from helpline.demo.callers import Callers
from helpline.demo.duty import Duty, names_on_duty, on_duty, places, role
from helpline.demo.happened import in_progress, ten_lines
from helpline.demo.telling import tell
from helpline.demo.texts import speaker
from helpline.lines import by_number
from helpline.pages.texts import Say
from helpline.shifts.snapshot import RotaSnapshots
from helpline.store.tables import Person, WrapUp
from helpline.twin import CALLER, CallHandle, Twin
from helpline.twin.calls import Call
from reports.words import Language

STORY = 60
"""Lines of one phone's story that a page is sent."""
LEGS = 3
"""The last calls at a phone that its story tells of."""
SLICE = 0.25
"""Seconds between two looks at what changes without the carrier's knowledge."""
BACKUP = "backup-"
"""How the numbers of the last resort are named, see `helpline.rehearsal.phones`."""
SERVICE = "service-"
"""How the phones of the directory's services are named."""
RESERVE: Mapping[str, str] = MappingProxyType({BACKUP: "role-backup", SERVICE: "role-service"})
"""Phones that ring seldom, and what they are for: they are drawn small until they do."""
SELDOM = tuple(RESERVE)
STEPS = ("dial", "answer", "press", "talk", "code")


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody with a personal page, and something to do there or on call."""

    id: int
    name: str
    path: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database says now."""

    duty: Duty
    colleagues: tuple[Colleague, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Board:
    """Reads the carrier and the service; changes neither."""

    twin: Twin
    service: Service
    callers: Callers
    stopping: threading.Event
    snapshots: RotaSnapshots = field(default_factory=RotaSnapshots)

    # --- when to look again

    def version(self) -> str:
        """Another one whenever a page should look again."""
        with self.service.store.read() as connection:
            waiting = connection.execute(select(func.coalesce(func.sum(WrapUp.n), 0))).scalar_one()
        return f"{self.twin.snapshot()['seq']}.{self.twin.webhook_count}.{waiting}"

    def wait(self, version: str, seconds: float) -> None:
        """Waits until `version` is outdated, the demonstration ends, or so many seconds have passed."""
        seq = version.partition(".")[0]
        if not (seq.isascii() and seq.isdigit() and len(seq) < 16):
            return
        for _ in range(int(seconds / SLICE)):
            if self.stopping.is_set() or self.version() != version or self.twin.wait_for_change(int(seq), SLICE):
                return

    # --- what to show

    def facts(self) -> Facts:
        """Reads the database."""
        with self.service.store.read() as connection:
            duty = on_duty(connection, self.snapshots, self.service.lines, int(self.service.clock.now()))
            return Facts(duty, tuple(self._colleagues(connection, names_on_duty(duty))), in_progress(connection))

    def _colleagues(self, connection: Connection, on_call: Collection[str]) -> Iterable[Colleague]:
        counts = dict(connection.execute(select(WrapUp.person, func.sum(WrapUp.n)).group_by(WrapUp.person)).all())
        for row in connection.execute(select(Person.id, Person.name, Person.link_version).order_by(Person.id)):
            if row.name in on_call or counts.get(row.id):
                path = self.service.links.path(row.id, row.link_version)
                yield Colleague(row.id, row.name, path, int(counts.get(row.id, 0)))

    def cards(self, facts: Facts) -> list[str]:
        """The numbers of the phones to draw: who is on call or on the phone still, the last resort, services."""
        on_call = names_on_duty(facts.duty)
        return [
            phone["number"]
            for phone in self.twin.snapshot()["phones"]
            if known(phone)
            and (phone["name"] in on_call or phone["state"] != "idle" or phone["name"].startswith(SELDOM))
        ]

    def state(self, language: Language, own: str) -> dict[str, Any]:
        """Everything, in one language, for a page whose own caller's call is `own` (or "")."""
        version, say, facts = self.version(), speaker(language), self.facts()
        seen = self.twin.snapshot()
        called = partial(name_of, say=say)
        legs = self.twin.legs()
        mine = self.callers.find(own)
        phones = [self._phone(phone, _at(legs, phone["number"]), say) for phone in seen["phones"] if known(phone)]
        # A call that was dialled this very instant isn't at its phone yet.
        callers = {caller["call"]: caller for caller in seen["callers"] if "call" in caller}
        return {
            "version": version,
            "step": _step(seen, facts, self.callers.newest()),
            "caller": self._caller(mine, callers.get(own), say),
            "others": [self._other(caller, language, say) for sid, caller in callers.items() if sid != own],
            "phones": phones,
            "cards": self.cards(facts),
            "roles": self._roles(facts, language, say),
            "duty": {place.key: place.text for place in places(facts.duty, self.service.lines, say)},
            "waiting": [(each.id, each.waiting, waits(each.waiting, say)) for each in facts.colleagues],
            "last": self._last(mine or self.callers.newest(), facts.rows, language, say, called),
        }

    def _phone(self, seen: Mapping[str, Any], legs: Iterable[Call], say: Say) -> dict[str, Any]:
        """A psychologist's, or a backup's."""
        status = say(f"state-{seen['state']}")
        return {"key": seen["number"], **self._now(seen, legs, status, say)}

    def _caller(self, call: CallHandle | None, seen: Mapping[str, Any] | None, say: Say) -> dict[str, Any]:
        seen = seen or {"state": "idle"}
        key = "down" if seen["state"] == "idle" else "queued" if seen["queued"] else seen["state"]
        legs = [] if call is None else [call.call]
        return {"key": "caller", **self._now(seen, legs, say(f"state-{key}"), say)}

    def _now(self, seen: Mapping[str, Any], legs: Iterable[Call], status: str, say: Say) -> dict[str, Any]:
        called = partial(name_of, say=say)
        stories = (tell(leg.sid, list(leg.entries), leg.from_, say, called) for leg in legs)
        story = [told.as_dict() for told in chain.from_iterable(stories)][-STORY:]
        return {
            "state": seen["state"],
            "status": status,
            "seconds": seen.get("seconds"),
            "asks": seen.get("expects_key", False),
            "story": story,
            "hears": _heard(story, seen.get("hears")),
        }

    def _other(self, seen: Mapping[str, Any], language: Language, say: Say) -> dict[str, Any]:
        line = by_number(self.service.lines)[seen["shows"]]
        status = say("state-queued" if seen["queued"] else f"state-{seen['state']}")
        return {"key": seen["call"], "text": f"{line.flow.spoken[language]} · {status}", "seconds": seen["seconds"]}

    def _roles(self, facts: Facts, language: Language, say: Say) -> dict[str, str]:
        lines, found = self.service.lines, {}
        for number, phone in self.twin.phones.items():
            special = next((text for prefix, text in RESERVE.items() if phone.name.startswith(prefix)), None)
            found[number] = say(special) if special else role(facts.duty, lines, phone.name, say, language)
        return found

    def _last(
        self, call: CallHandle | None, rows: int, language: Language, say: Say, called: partial[str]
    ) -> list[tuple[str, str]]:
        if call is None:
            return []
        line = by_number(self.service.lines)[call.call.to]
        return ten_lines(call, line, len(self.twin.violations), rows, language, say, called)


def name_of(name: str, say: Say) -> str:
    """A phone's name as the page reads it."""
    if not name.startswith(BACKUP):
        return name.removeprefix(SERVICE)
    number = name.removeprefix(BACKUP)
    return say("backup") if number == "1" else f"{say('backup')} {number}"


def known(phone: Mapping[str, Any]) -> bool:
    """Whether somebody put this phone there: the carrier makes one up for any other number that is rung."""
    return bool(phone["name"] != phone["number"])


def waits(n: int, say: Say) -> str:
    """How many calls wait to be coded."""
    return say("waits-none") if n == 0 else say("waits-one") if n == 1 else say("waits-many", n=n)


def _at(legs: Iterable[Call], number: str) -> list[Call]:
    return [leg for leg in legs if leg.to == number and leg.party.name != CALLER][-LEGS:]


def _heard(story: Iterable[Mapping[str, str]], hears: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What is being spoken or played now, and the id of the line of the story that tells of it."""
    if hears is None:
        return None
    line = next((told["id"] for told in reversed(list(story)) if told["text"] == hears["text"]), "")
    # Whatever host the carrier was told, the page plays it from its own.
    audio = urlsplit(hears["audio_url"]).path
    return {"line": line, "since": hears["since"], "seconds": hears["seconds"], "audio": audio}


def _step(seen: Mapping[str, Any], facts: Facts, last: CallHandle | None) -> str:
    """Which of the five steps comes next, as all phones stand."""
    states = {phone["state"] for phone in seen["phones"]}
    waiting = any(caller["state"] != "talking" for caller in seen["callers"])
    if waiting and any(phone["state"] == "connected" and phone["expects_key"] for phone in seen["phones"]):
        return "press"
    if waiting and "ringing" in states:
        return "answer"
    if "talking" in states:
        return "talk"
    coding = last is not None and not seen["callers"] and any(each.waiting for each in facts.colleagues)
    return "code" if coding else "dial"
