"""A call on the twin: the line's real flow, a rota of made-up people, a database that is thrown away, a virtual clock.

Nothing here reaches the service's own database, its carrier or its phones: the settings are copied with another
database, folder, account, numbers and secrets. What it costs is bounded in virtual and in processor time.
"""

from __future__ import annotations

import logging
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from helpline.directory.editing import save
from helpline.directory.entries import Audience, Entry, Kind
from helpline.directory.territories import COUNTRIES, Country
from helpline.lines import Line
from helpline.rehearsal import Rehearsal, rehearse
from helpline.settings import NOT_SET_UP, Messages, Secrets, Settings
from helpline.shifts.importing import save_people, save_shifts, touch
from helpline.store.migrate import migrate
from helpline.store.sessions import Store
from helpline.trial.values import BACKUP, CALLER, Moment, Situation, TooMuch, Trial
from helpline.twin import Behaviour, CallHandle, accept, ignore, voicemail
from ivr_flows.load import shipped_names
from ivr_flows.model import LANGUAGES
from rota.table import PersonRow, ShiftRow

HOUR = 3600
MOST_SECONDS = 1800
"""Of virtual time: longer than any promise."""
MOST_WORK = 3.0
"""Of processor time, in seconds."""
SLICE = 5
TALK = 60.0
"""Seconds that a conversation lasts here."""
AFTERWARDS = 20
"""Seconds in which psychologists hear what follows the conversation."""
NUMBER, SHOWN = "+33199009999", "+33199009900"
"""The caller's, and the line's."""
NAMES = ("Alix", "Billie", "Camille", "Dominique", "Eden", "Florence")
PHONES = {f"{name} Exemple": f"+3319900990{place}" for place, name in enumerate(NAMES, 1)}
BACKUPS = {f"{BACKUP}{place}": f"+3319900995{place}" for place in range(1, 6)}
SERVICE, SERVICE_PHONE = "Association Exemple", "+33199009970"
"""Whom the directory names here, for the whole of each country."""
OCCUPIED = 120
"""Seconds of virtual time in which everybody is on the phone, where that is what is tried."""


def run_trial(settings: Settings, line: Line, keys: str, situation: Situation, now: int) -> Trial:
    """Dials `line` at `now` (UTC seconds) with these keys, one for each question, or as many as stand between spaces.

    Raises `TooMuch`.

    Made for a thread of its own: what that thread logs meanwhile is dropped, because nothing of it happened.
    """
    with _silence(), tempfile.TemporaryDirectory(prefix="trial-") as folder:
        mine = _settings(settings, line, Path(folder))
        _fill(mine, line, now)
        with rehearse(mine, _secrets(), float(now)) as stage:
            budget = _Budget(stage)
            _put_phones(stage, line, situation)
            if situation == "database":
                stage.service.standby.refresh(now)
                _take_away(stage.service.store, Path(folder))
            busy = _occupy(stage, budget, line) if situation == "busy" else []
            handle = stage.twin.dial(NUMBER, SHOWN, keys=_pressed(keys), talks=TALK)
            _free(busy, budget)
            # Whoever presses keys for ever is shown what became of it so far.
            with suppress(TooMuch):
                budget.let(lambda: handle.over)
                budget.pass_by(AFTERWARDS)
            return _became(handle, line)


class _Budget:
    """Lets virtual time pass, as long as there is some left of either kind."""

    def __init__(self, stage: Rehearsal) -> None:
        self._stage = stage
        self._until = stage.twin.clock.now() + MOST_SECONDS
        self._work = time.thread_time() + MOST_WORK

    def let(self, done: Callable[[], bool]) -> None:
        """Time passes until `done`. Raises `TooMuch`."""
        while not done():
            self.pass_by(SLICE)

    def pass_by(self, seconds: int) -> None:
        """So much virtual time passes. Raises `TooMuch`."""
        if self._stage.twin.clock.now() > self._until or time.thread_time() > self._work:
            raise TooMuch("the call goes on and on")
        self._stage.twin.run_for(seconds)


def _settings(settings: Settings, line: Line, folder: Path) -> Settings:
    """These settings with this line alone, and nothing that leads out of `folder`."""
    flow = line.settings.flow
    backup = tuple(BACKUPS.values())[: len(line.settings.backup)]
    changed = {
        "flow": flow if flow in shipped_names() else str(settings.path(flow).resolve()),
        "published": SHOWN,
        "inbound": (),
        "outbound_caller_id": SHOWN,
        "backup": backup,
    }
    database = {"database_url": f"sqlite:///{folder / 'trial.sqlite3'}", "demo": False, "database_seconds": 2.0}
    return settings.model_copy(
        update={
            "service": settings.service.model_copy(update=database),
            "carrier": settings.carrier.model_copy(update={"account": NOT_SET_UP, "creations_per_second": 1.0}),
            "lines": {line.name: line.settings.model_copy(update=changed)},
            "taxonomy": str(settings.path(settings.taxonomy).resolve()) if settings.taxonomy else "",
            "messages": Messages(),
            "folder": folder,
        }
    )


def _secrets() -> Secrets:
    """Drawn for this one call."""
    token, seal, link, report = (secrets.token_hex(16) for _ in range(4))
    return Secrets(
        auth_tokens=(token,), seal_keys=(seal.encode(),), link_key=link.encode(), report_secret=report.encode()
    )


def _crew(line: Line) -> Sequence[tuple[str, int]]:
    """Who is on call in which tier: two in the first, one in each other."""
    tiers = (1, *range(1, line.settings.tiers + 1))
    return tuple(zip(PHONES, tiers, strict=False))


def _fill(settings: Settings, line: Line, now: int) -> None:
    """Everybody speaks every language of the line, and is on call for a day around `now`."""
    spoken = tuple(dict.fromkeys((*line.flow.languages, *line.settings.accepted_languages)))
    store, crew = Store(settings.database_url), _crew(line)
    try:
        migrate(store)
        with store.durable() as tx:
            save_people(tx, [PersonRow(name, PHONES[name], spoken, None) for name, _ in crew])
            begins = now - 12 * HOUR
            rows = [ShiftRow(line.name, tier, name, begins + n, now + 12 * HOUR) for n, (name, tier) in enumerate(crew)]
            save_shifts(tx, rows)
            touch(tx)
            save(tx, [_service(country) for country in COUNTRIES], "", now)
    finally:
        store.close()


def _service(country: Country) -> Entry:
    """Somebody for the directory to name; a caller can be put through."""
    key, audiences = f"exemple-{country.lower()}", frozenset(Audience)
    return Entry(key, SERVICE, Kind.ASSOCIATION, audiences, (country,), LANGUAGES, SERVICE_PHONE, connect=True)


def _put_phones(stage: Rehearsal, line: Line, situation: Situation) -> None:
    crew = [name for name, _ in _crew(line)]
    does: Mapping[str, Behaviour] = {name: accept(talks=None) for name in crew}
    if situation == "nobody":
        does = dict.fromkeys(crew, ignore())
    elif situation == "second":
        does = {**does, crew[0]: voicemail()}
    for name, behaviour in does.items():
        stage.twin.phone(PHONES[name], behaviour, name=name)
    stage.twin.phone(SERVICE_PHONE, ignore() if situation == "nobody" else Behaviour(), name=SERVICE)
    answers = ignore() if situation == "nobody" else accept(talks=None)
    for name, number in tuple(BACKUPS.items())[: len(line.settings.backup)]:
        stage.twin.phone(number, answers, name=name)


def _occupy(stage: Rehearsal, budget: _Budget, line: Line) -> list[CallHandle]:
    """As many callers as there are people, one after the other, until everybody talks."""
    callers: list[CallHandle] = []
    for place, _ in enumerate(_crew(line)):
        caller = stage.twin.dial(f"+3319900998{place}", SHOWN, keys=_pressed("1"))
        callers.append(caller)
        budget.let(lambda caller=caller: bool(caller.over or caller.talked_to))  # type: ignore[misc] # a loop's closure
    return callers


def _free(callers: Sequence[CallHandle], budget: _Budget) -> None:
    """Their conversations end, the first while somebody waits."""
    for caller in callers:
        budget.pass_by(OCCUPIED // (len(callers) + 1))
        caller.hang_up()


def _take_away(store: Store, folder: Path) -> None:
    """From now on the database can't be opened."""
    store.close()
    for found in folder.glob("trial.sqlite3*"):
        found.unlink()
    (folder / "trial.sqlite3").mkdir()


def _pressed(keys: str) -> tuple[str, ...]:
    return tuple("" if key == "-" else key for key in (keys.split() if " " in keys else keys))


def _became(handle: CallHandle, line: Line) -> Trial:
    moments = tuple(Moment(each.at, each.who, each.event, each.text, each.locale) for each in handle.transcript)
    mine = [moment for moment in moments if moment.who == CALLER]
    crisis = {line.prompts.text(line.flow.crisis, language) for language in line.flow.languages}
    # Somebody who pressed 9 hears them while the phones ring, and still waits.
    waited_until = next((moment.at for moment in mine if moment.event == "leaves the queue"), handle.first_ring)
    told = (moment.at for moment in mine if moment.text in crisis)
    others = None if waited_until is None else next((at for at in told if at >= waited_until), None)
    rung = {moment.who for moment in moments if moment.event == "rings" and moment.who not in {CALLER, SERVICE}}
    return Trial(moments, handle.first_sound, handle.bridged_at, others, len(rung), handle.over)


@contextmanager
def _silence() -> Iterator[None]:
    """Drops what this thread logs: a database that is taken away on purpose must wake nobody."""
    me, handlers = threading.get_ident(), [*logging.getLogger().handlers]
    if not handlers and logging.lastResort is not None:
        handlers.append(logging.lastResort)

    def others(record: logging.LogRecord) -> bool:
        return record.thread != me

    for handler in handlers:
        handler.addFilter(others)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(others)
