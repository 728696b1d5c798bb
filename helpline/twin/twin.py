"""The twin put together: numbers, phones and callers on one side, the product's webhooks and REST on the other."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask

from helpline.twin.behaviours import Behaviour, ignore
from helpline.twin.calls import Call, Goto
from helpline.twin.clock import Clock, VirtualClock
from helpline.twin.conferring import Conferring, Room
from helpline.twin.dialling import Dialling, Race
from helpline.twin.documents import Documents
from helpline.twin.faults import Faults
from helpline.twin.handle import CallHandle
from helpline.twin.interpreter import Interpreter
from helpline.twin.kernel import Kernel
from helpline.twin.legs import Legs
from helpline.twin.media import PlaySeconds, Recordings
from helpline.twin.messages import Message, Texting
from helpline.twin.params import network_params
from helpline.twin.phones import CallerPhone, Phone, find_phone
from helpline.twin.placing import Placing
from helpline.twin.queueing import Queue, Queueing
from helpline.twin.rest import make_rest
from helpline.twin.rules import Rules
from helpline.twin.snapshot import snapshot
from helpline.twin.transport import Transport
from helpline.twin.verbs import Dial, Enqueue, Number
from helpline.twin.webhooks import Webhooks
from helpline.twin.world import Exchange, Owned, Violation, World

ACCOUNT_SID = "AC" + "7" * 32
AUTH_TOKEN = "a-token-of-the-twin"  # noqa: S105 - of a carrier that exists in this process only


class Twin:
    """A carrier in this process. `transport` reaches the product; `clock` decides what drives it.

    On a VirtualClock (the default) nothing happens but inside `run_until`, `run_for` and `run_until_idle`; on a
    RealClock it runs from `start()` to `stop()`. Same seed and same product: same transcript, to the id.
    `keep` bounds the harness's own records for long runs.
    """

    def __init__(  # noqa: PLR0913 - named options, all but one with a default
        self,
        transport: Transport,
        *,
        clock: Clock | None = None,
        account_sid: str = ACCOUNT_SID,
        auth_token: str = AUTH_TOKEN,
        rules: Rules | None = None,
        faults: Faults | None = None,
        seed: int | None = 1,
        play_seconds: PlaySeconds | None = None,
        keep: int | None = None,
    ) -> None:
        self.clock: Clock = clock if clock is not None else VirtualClock()
        self.faults = faults if faults is not None else Faults()
        self._kernel = Kernel(self.clock)
        rng = random.Random(seed)  # noqa: S311 - repeatable is the point
        self._world = World(self._kernel, rules or Rules(), account_sid, auth_token, rng)
        self._world.exchanges = deque(maxlen=keep)
        self._world.entries = deque(maxlen=keep)
        self._world.history = deque(maxlen=keep)
        webhooks = Webhooks(self._world, transport, self.faults)
        documents = Documents(self._world, webhooks)
        interpreter = Interpreter(self._world, documents, play_seconds or Recordings(transport))
        queueing = Queueing(self._world, interpreter, webhooks)
        conferring = Conferring(self._world, interpreter)
        dialling = Dialling(self._world, queueing, conferring, webhooks, self._start_dialled)
        interpreter.join_with(Enqueue, queueing.enqueue)
        interpreter.join_with(Dial, dialling.dial)
        self._legs = Legs(self._world, interpreter, webhooks)
        self._texting = Texting(self._world, webhooks)
        self.placing = Placing(self._world, self._legs, self.faults)
        self.rest: Flask = make_rest(self._world, self.placing, self.faults)
        """The REST API as a WSGI app; `RestServer` puts it on a loopback port."""

    # -- the account ---------------------------------------------------------------------------------------------

    @property
    def account_sid(self) -> str:
        """The account, the user name of the REST API."""
        return self._world.account_sid

    @property
    def auth_token(self) -> str:
        """Signs the webhooks; the password of the REST API."""
        return self._world.auth_token

    def own(
        self,
        number: str,
        voice_url: str = "",
        status_url: str = "",
        fallback_url: str = "",
        *,
        voice_method: str = "POST",
        fallback_method: str = "POST",
        sms_url: str = "",
    ) -> None:
        """Give the account a number: to be called on when it has a voice URL, written to with an SMS URL, and shown."""
        self._world.owned[number] = Owned(
            number, voice_url, voice_method, status_url, fallback_url, fallback_method, sms_url
        )

    def api_key(self, sid: str, secret: str) -> None:
        """Give the account a key that signs in to the REST API beside the account itself."""
        self._world.api_keys[sid] = secret

    # -- people --------------------------------------------------------------------------------------------------

    def phone(self, number: str, *behaviours: Behaviour, name: str = "") -> Phone:
        """Put a phone at a number; its behaviours serve one call each, the last for ever (default: rings out)."""
        with self._kernel.changed:
            phone = Phone(self._world, number, behaviours or (ignore(),), name)
            self._world.phones[number] = phone
            self._world.touch()
            return phone

    def dial(
        self,
        from_: str,
        to: str,
        keys: str | tuple[str, ...] = (),
        *,
        hang_up_after: float | None = None,
        talks: float | None = None,
        behaviour: Behaviour | None = None,
    ) -> CallHandle:
        """Dial an owned number. Each item of `keys` answers one Gather, a second after its speech begins.

        `hang_up_after` counts from dialling, `talks` from each bridge; neither: the caller stays to the end.
        `from_` is whatever the network shows: a number, or "", "anonymous", "+266696687" when withheld.
        """
        owned = self._world.owned.get(to)
        if owned is None or not owned.voice_url:
            raise ValueError(f"{to} is not a number with a voice URL: own() it first")
        does = behaviour or Behaviour(
            answer="by hand", keys=tuple(keys), listens=False, hang_up_after=hang_up_after, talks=talks
        )
        with self._kernel.changed:
            caller = CallerPhone(self._world, from_, does)
            call = self._new_call(from_, to, "inbound", caller)
            call.extra = network_params(from_, self._world.rng)
            call.status, call.status_url = "ringing", owned.status_url
            if owned.fallback_url:
                call.fallback = Goto(owned.fallback_url, "fallback", owned.fallback_method)
            goto = Goto(owned.voice_url, "voice", owned.voice_method)
            call.process = self._kernel.spawn(self._legs.inbound(call, goto))
            return CallHandle(self._world, call, caller)

    def text(self, from_: str, to: str, body: str) -> None:
        """Write to an owned number from a telephone; what the product answers becomes a message to `from_`."""
        owned = self._world.owned.get(to)
        if owned is None or not owned.sms_url:
            raise ValueError(f"{to} is not a number with an SMS URL: own() it first")
        with self._kernel.changed:
            self._texting.receive(owned, from_, body)

    def _start_dialled(self, parent: Call, number: Number, race: Race) -> Call:
        phone = find_phone(self._world, number.number)
        call = self._new_call(race.dial.caller_id, number.number, "outbound-dial", phone)
        call.parent_sid = parent.sid
        call.status_url, call.status_method = number.status_url, number.status_method
        call.status_events = number.status_events
        call.process = self._kernel.spawn(self._legs.dialled(call, number, race))
        return call

    def _new_call(self, from_: str, to: str, direction: str, party: CallerPhone | Phone) -> Call:
        return self.placing.new_call(from_, to, direction, party)

    # -- time ----------------------------------------------------------------------------------------------------

    def run_until(self, when: float) -> None:
        """Let virtual time pass until `clock.now()` is `when`."""
        self.run_for(when - self.clock.now())

    def run_for(self, seconds: float) -> None:
        """Let so many virtual seconds pass."""
        self._kernel.run_to(self.clock.elapsed() + seconds)

    def run_until_idle(self, limit: float = 7200.0) -> bool:
        """Let virtual time pass until nothing is left to happen, at most `limit` seconds; True when idle."""
        return self._kernel.run_to(self.clock.elapsed() + limit, until_idle=True)

    def on_idle(self, hook: Callable[[], None]) -> None:
        """Call `hook`, without any lock, after every event of virtual time: it may use the REST API."""
        self._kernel.hooks.append(hook)

    def every(self, seconds: float, action: Callable[[], None]) -> None:
        """Call `action`, without any lock, every so many seconds; doesn't keep the world from being idle."""

        def due() -> None:
            self._kernel.outside(action)
            self._kernel.after(seconds, due, daemon=True)

        self._kernel.after(seconds, due, daemon=True)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Call `action` once, without any lock, in so many seconds."""

        def due() -> None:
            self._kernel.outside(action)

        self._kernel.after(seconds, due)

    def start(self, workers: int = 16) -> None:
        """Run by itself on a RealClock, sending webhooks from `workers` threads, until `stop`."""
        self._kernel.start(workers)

    def stop(self) -> None:
        """End what `start` began."""
        self._kernel.stop()

    # -- what was seen -------------------------------------------------------------------------------------------

    @property
    def violations(self) -> list[Violation]:
        """Everything the product did that the carrier wouldn't stand; a harness asserts there is none."""
        return self._world.violations

    @property
    def requests(self) -> list[Exchange]:
        """Every attempt at every webhook so far, oldest first."""
        with self._kernel.changed:
            return list(self._world.exchanges)

    @property
    def webhook_count(self) -> int:
        """Requests that left for the product, retries and duplicates included."""
        return self._world.delivered

    @property
    def calls(self) -> Mapping[str, Call]:
        """What the carrier still remembers, by id: deleted legs are gone."""
        return self._world.calls

    @property
    def queues(self) -> Mapping[str, Queue]:
        """The queues there are, by name."""
        return self._world.queues

    @property
    def conferences(self) -> Mapping[str, Room]:
        """The conferences that somebody is in, by name."""
        return self._world.conferences

    @property
    def messages(self) -> Mapping[str, Message]:
        """Text messages not deleted, by id."""
        return self._world.messages

    @property
    def phones(self) -> Mapping[str, Phone]:
        """The phones, by number."""
        return self._world.phones

    @property
    def busy_rings(self) -> int:
        """Times a phone was rung while it was ringing or talking already."""
        return len(self._world.busy_rings)

    def legs(self) -> list[Call]:
        """Every leg there has been, callers' included, deleted or not, oldest first."""
        with self._kernel.changed:
            return list(self._world.history)

    def snapshot(self) -> dict[str, Any]:
        """All phones and calls as they are now, for a page: JSON-able, with a growing `seq`."""
        with self._kernel.changed:
            return snapshot(self._world)

    def wait_for_change(self, seq: int, timeout: float) -> bool:
        """Wait, at most `timeout` real seconds, until a snapshot would have a `seq` beyond this one."""
        with self._kernel.changed:
            return self._kernel.changed.wait_for(lambda: self._world.sequence > seq, timeout)
