"""A whole service and a carrier in this process, on a virtual clock: for `helpline call` and for the tests.

Nothing in the service knows: it is given a clock, and an API base URL that answers on the loopback.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from helpline.app import Service, create_service
from helpline.calls.ending import Ending
from helpline.calls.placing import IDLE_SECONDS
from helpline.carrier.rest import CarrierApi
from helpline.carrier.seal import Seal
from helpline.jobs import reconciling, sweeping
from helpline.settings import Secrets, Settings
from helpline.store.tables import Erasure, Leg, LiveCall
from helpline.twin import CallHandle, Faults, Twin, VirtualClock, WsgiTransport, serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MINUTE = 60
MOST_STEPS = 1000
"""Legs and silenced phones that a placer may handle at one instant: more is a loop."""


class Rehearsal:
    """A `service` and its carrier, the `twin`; time passes only in the twin's `run_...` methods."""

    def __init__(self, twin: Twin, service: Service, transport: WsgiTransport, secrets: Secrets) -> None:
        self.twin = twin
        self._secrets = secrets
        self._api = CarrierApi(service.settings.carrier, secrets)
        self.service = service
        self.transport = transport
        self.waves: dict[str, int] = {}
        """Carrier's call id -> the wave (1 is the first) that answered it."""
        self._waking = False
        twin.on_idle(self._after_event)
        twin.every(IDLE_SECONDS, self._look)

    def replace(self, service: Service) -> None:
        """Another version of the service takes over, as after a deploy, whatever goes on."""
        self.service.stop()
        self.service = service

    def number_of(self, line: str) -> str:
        """What a caller of this line dials."""
        return self.service.lines[line].settings.published

    def _after_event(self) -> None:
        """What the placer thread does in a real process, at the virtual instants at which it would be woken."""
        if self.service.placer.take_wake():
            self.place()
        self._note_waves()

    def _look(self) -> None:
        """The thread looks every second; here only while there may be something to do, for the sake of speed.

        That is while a phone rings, somebody waits, or something waits to be written.
        """
        waiting = any(not call.over and call.bridge is None for call in self.twin.calls.values())
        if waiting or self.service.retelling.unheard:
            self.place()

    def place(self) -> None:
        """What the placer's threads do when they are woken."""
        self._waking = False
        self.service.placing.strays.fetch(self.service.placing.api)
        for _ in range(MOST_STEPS):
            try:
                delay = self.service.placing.run_once()
            except SQLAlchemyError:
                return  # as the thread does: it looks again in a second
            if delay is None:
                return
            if delay > 0:
                self._place_later(delay)
                return
        raise RuntimeError("the placer always finds something to do: a leg is placed again and again")

    def _place_later(self, delay: float) -> None:
        if not self._waking:
            self._waking = True
            self.twin.later(delay + 0.001, self.place)

    def _note_waves(self) -> None:
        for carrier_id, call in self.twin.calls.items():
            if call.direction == "inbound" and call.bridge is not None and carrier_id not in self.waves:
                with suppress(SQLAlchemyError), self.service.store.read() as connection:
                    wave = connection.execute(
                        select(Leg.wave)
                        .join(LiveCall, LiveCall.claimed_leg == Leg.id)
                        .where(LiveCall.carrier_id == carrier_id)
                    ).scalar()
                    if wave is not None:
                        self.waves[carrier_id] = wave + 1

    def call(self, line: str, from_: str = "+33199009999", **how: object) -> CallHandle:
        """Dials a line and lets time pass until nothing more happens. `how` is passed to `Twin.dial`."""
        handle = self.twin.dial(from_, self.number_of(line), **how)  # type: ignore[arg-type] # Twin.dial checks them
        self.twin.run_until_idle()
        return handle

    def settle(self, minutes: int = 15) -> bool:
        """Lets `work` count whatever is over, minute by minute; whether all of it is counted and will be erased.

        No time passes when nothing is left to count, and none for a call that goes on.
        """
        for _ in range(minutes):
            if self.settled:
                return True
            self.twin.run_for(MINUTE)
            self.count()
        return self.settled

    def count(self) -> None:
        """What `work` does to count calls, once. Nothing is erased."""
        service, now = self.service, int(self.twin.clock.now())
        ending = Ending(service.store, Seal(self._secrets.seal_keys), service.placer.wake)
        reconciling.run(service.store, self._api, ending, service.lines, now)
        sweeping.run(service.store, self._api, ending, service.lines, now)

    @property
    def settled(self) -> bool:
        """Whether every call that is over was counted and will be erased, and nothing else is left of it."""
        with self.service.store.read() as connection:
            kept = {row.carrier_id: row.uncounted for row in connection.execute(select(*Erasure.__table__.c))}
            live = set(connection.scalars(select(LiveCall.carrier_id)))
            alone = connection.execute(select(Leg.id).where(Leg.call_id.is_(None))).first()
        going_on = {carrier_id for carrier_id, call in self.twin.calls.items() if not call.over}
        over = self.twin.calls.keys() - going_on
        return alone is None and live <= going_on and over <= kept.keys() and not any(kept.values())


@contextmanager
def rehearse(
    settings: Settings,
    secrets: Secrets,
    start: float,
    *,
    faults: Faults | None = None,
    seed: int | None = None,
    pages: bool = False,
) -> Iterator[Rehearsal]:
    """A rehearsal that begins at `start` (UTC seconds) on the database of `settings`, with or without `pages`.

    The carrier's ids follow from `seed`: on a database that has seen calls before, only None gives fresh ones.
    """
    clock = VirtualClock(start=start)
    held: list[Rehearsal] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return held[0].service.web(environ, start_response)

    transport = WsgiTransport(app, settings.service.public_url)
    twin = Twin(
        transport,
        clock=clock,
        auth_token=secrets.auth_tokens[0],
        account_sid=settings.carrier.account,
        faults=faults,
        seed=seed,
    )
    with serve(twin.rest) as base_url:
        carrier = settings.carrier.model_copy(
            update={"api_base_url": base_url, "region": "", "edge": "", "api_key": ""}
        )
        service = create_service(settings.model_copy(update={"carrier": carrier}), secrets, clock, pages=pages)
        own_numbers(twin, service)
        held.append(Rehearsal(twin, service, transport, secrets))
        try:
            yield held[0]
        finally:
            held[0].service.stop()


def own_numbers(twin: Twin, service: Service) -> None:
    """What an operator sets up at the carrier: each number with its URLs, and the one psychologists see and answer."""
    base, lines = service.settings.service.public_url, service.lines.values()
    texts = {line.settings.outbound_caller_id: f"{base}/sms/{line.name}" for line in lines}
    for number, url in texts.items():
        twin.own(number, sms_url=url)
    for line in lines:
        voice, status = service.urls.entry(line), service.urls.entry_status(line)
        for number in line.settings.dialled:
            twin.own(number, voice, status, sms_url=texts.get(number, ""))


def phones(settings: Settings, people: Mapping[str, str]) -> dict[str, str]:
    """Every phone that may ring: name -> E.164 number. `people` is name -> number; backups are `backup-1`, ..."""
    found = dict(people)
    for line in settings.lines.values():
        for place, number in enumerate(line.backup, 1):
            if number not in found.values():
                found[f"backup-{place}" if f"backup-{place}" not in found else f"backup-{len(found)}"] = number
    return found
