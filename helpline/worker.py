"""The job worker: one APScheduler process, everything in UTC. No step of a live call needs it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from helpline.calls.ending import Ending
from helpline.carrier.rest import CarrierApi
from helpline.carrier.seal import Seal
from helpline.clock import Clock, SystemClock
from helpline.figures.closing import Office
from helpline.jobs import (
    alarming,
    calling_back,
    closing,
    coding,
    erasing,
    forgetting,
    freezing,
    generating,
    logging_duty,
    materialising,
    publishing,
    reconciling,
    releasing,
    reminding,
    rolling_up,
    signing_out,
    standing_by,
    sweeping,
    telling,
    truncating,
)
from helpline.lines import Line, load_lines
from helpline.settings import Secrets, Settings
from helpline.shifts.editing import Desk
from helpline.shifts.reading import standard
from helpline.shifts.standby import Standby, StandbyWriter
from helpline.store.beats import beat
from helpline.store.migrate import require_current
from helpline.store.sessions import Store

log = logging.getLogger(__name__)
NAME = "work"
MINUTE, HOUR, DAY = 60, 3600, 86_400


def jobs(
    settings: Settings, secrets: Secrets, store: Store, clock: Clock, ends: list[Callable[[], None]] | None = None
) -> dict[str, tuple[int, Callable[[], object]]]:
    """Every periodic job: name -> (seconds between runs, what it does). `ends` gets what is to be done at the end."""
    lines = load_lines(settings)
    api = CarrierApi(settings.carrier, secrets)
    seal = Seal(secrets.seal_keys)
    ending = Ending(store, seal, _leave_to_placers)
    back = calling_back.make(settings, secrets, store, clock, api, lines)
    standby = StandbyWriter(store, Standby(settings.path("run") / "standby", seal), lines)
    office = Office.of(settings, secrets, store)
    making = generating.Generating(Desk(store, lines, standard(settings.limits)))
    releases = releasing.Releasing(store, lines)
    if ends is not None:
        ends += [making.stop, releases.stop]

    def now() -> int:
        return int(clock.now())

    return {
        "beat": (10, lambda: beat(store, NAME, now())),
        "erasing": (MINUTE, lambda: erasing.run(store, api, now())),
        "reconciling": (MINUTE, lambda: reconciling.run(store, api, ending, lines, now())),
        "sweeping": (5 * MINUTE, lambda: sweeping.run(store, api, ending, lines, now())),
        "calling_back": (calling_back.EVERY, back.run),
        "standing_by": (MINUTE, lambda: standing_by.run(standby, now())),
        "truncating": (MINUTE, lambda: truncating.run(store)),
        "generating": (generating.EVERY, lambda: making.run(now())),
        "coding": (HOUR, lambda: coding.run(store, lines, now())),
        "releasing": (releasing.EVERY, lambda: releases.run(now())),
        "freezing": (DAY, lambda: freezing.run(office, lines, now())),
        "signing_out": (5 * MINUTE, lambda: signing_out.run(store, now())),
        **_rota_jobs(settings, store, now, lines, telling.make(settings, secrets, store, lines, api)),
    }


def _rota_jobs(
    settings: Settings, store: Store, now: Callable[[], int], lines: Mapping[str, Line], outbox: telling.Telling
) -> dict[str, tuple[int, Callable[[], object]]]:
    """Those of the rota: it is written on, published, logged, and told to those it concerns."""
    desk = Desk(store, lines, standard(settings.limits))
    return {
        "materialising": (HOUR, lambda: materialising.run(desk, now())),
        "publishing": (HOUR, lambda: publishing.run(desk, now())),
        "logging_duty": (HOUR, lambda: logging_duty.run(store, now())),
        "closing": (DAY, lambda: closing.run(desk, now())),
        "rolling_up": (DAY, lambda: rolling_up.run(store, lines, now())),
        "forgetting": (DAY, lambda: forgetting.run(store, now())),
        "reminding": (5 * MINUTE, lambda: reminding.run(store, lines, settings.messages, now())),
        "alarming": (5 * MINUTE, lambda: alarming.run(store, lines, now())),
        "telling": (telling.EVERY, lambda: outbox.run(now())),
    }


def _leave_to_placers() -> None:
    """A serving process silences phones; it looks every second."""


def create_scheduler(
    settings: Settings, secrets: Secrets, store: Store, clock: Clock | None = None
) -> BackgroundScheduler:
    """A scheduler holding every job, not yet started. Raises `StoreError` unless the database is this version's.

    Each job runs as soon as it starts, and then at its interval: a worker that is often restarted must not fall behind.
    """
    require_current(store)
    at_once = datetime.fromtimestamp(SystemClock().now(), UTC)
    # In UTC: a cron in local time fires twice on the autumn night and never in spring.
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1})
    ends: list[Callable[[], None]] = []
    for name, (seconds, run) in jobs(settings, secrets, store, clock or SystemClock(), ends).items():
        interval = IntervalTrigger(seconds=seconds, timezone=UTC)
        scheduler.add_job(run, interval, id=name, next_run_time=at_once, misfire_grace_time=None)
    scheduler.add_listener(lambda _: [end() for end in ends], EVENT_SCHEDULER_SHUTDOWN)
    return scheduler
