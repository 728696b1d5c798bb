"""Sends the carrier's requests: signs, retries as the URL's overrides say, suffers the faults, keeps the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpline.twin.calls import Call
from helpline.twin.clock import VirtualClock
from helpline.twin.faults import Faults, Outgoing, Strike
from helpline.twin.process import Steps
from helpline.twin.signing import IDEMPOTENCY_HEADER, SIGNATURE_HEADER, signature
from helpline.twin.transport import Answer, ConnectFailed, ReadTimedOut, Transport
from helpline.twin.urls import BadUrlError, Overrides, Target, target, with_query
from helpline.twin.world import Exchange, World

_NO_PARAMS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer of the product's: the carrier's error code, the reason, and its name in a retry policy."""

    code: int
    reason: str
    policy: str = "rt"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One request to make, retries included."""

    kind: str
    url: str
    method: str
    params: Mapping[str, str]


class Webhooks:
    """The only door from the simulated world to the product."""

    def __init__(self, world: World, transport: Transport, faults: Faults) -> None:
        self._world = world
        self._transport = transport
        self.faults = faults

    def notify(self, call: Call, webhook: Webhook) -> None:
        """Send it aside; an answer other than 2xx is a violation, its content is ignored."""
        self._world.kernel.spawn(self._notify(call, webhook))

    def _notify(self, call: Call, webhook: Webhook) -> Steps[None]:
        answer = yield from self.fetch(call, webhook)
        if isinstance(answer, Answer) and not 200 <= answer.status < 300:
            reason = f"a callback answered {answer.status}"
            self._world.violate(call.sid, webhook.kind, webhook.url, reason, answer.body)

    def fetch(self, call: Call, webhook: Webhook) -> Steps[Answer | Failed]:
        """The product's answer after the retries its URL asks for; Failed when there was none at all."""
        world = self._world
        try:
            goal = target(webhook.url)
        except BadUrlError as error:
            world.violate(call.sid, webhook.kind, webhook.url, str(error))
            return Failed(11100, str(error))
        token = world.new_sid("")
        began = world.elapsed()
        answer: Answer | Failed = Failed(11200, "never tried")
        for attempt in range(1 + goal.overrides.retries):
            answer = yield from self._attempt(call, webhook, goal, token, attempt)
            failure = _failure(answer)
            # The limits are real seconds, however fast the clock runs.
            speed = getattr(world.kernel.clock, "speed", 1.0)
            out_of_time = world.elapsed() - began >= goal.overrides.total * speed
            if not failure or not goal.overrides.retry_after(failure) or out_of_time:
                break
        return answer

    def _attempt(self, call: Call, webhook: Webhook, goal: Target, token: str, attempt: int) -> Steps[Answer | Failed]:
        world = self._world
        strike = self.faults.strike(Outgoing(webhook.kind, call.sid, goal.url, webhook.params, attempt))
        exchange = self._exchange(call, webhook, goal, token, attempt)
        exchange.fault = strike.name if strike else ""
        if strike is not None:
            stopped = yield from self._before(call, webhook, goal.overrides, strike)
            if stopped is not None:
                exchange.failure = stopped.reason if isinstance(stopped, Failed) else ""
                return stopped
        world.delivered += 1
        call.overtaken.resolve(None)
        exchange.at = world.now()
        if strike is not None and strike.name == "duplicate":
            world.kernel.spawn(self._again(call, webhook, goal, token, attempt, strike.seconds))
        answer = yield from self._deliver(exchange, goal.overrides)
        if strike is not None and strike.name == "slow":
            yield from world.kernel.sleep(min(strike.seconds, goal.overrides.read))
            if strike.seconds >= goal.overrides.read:
                return Failed(11200, "read timeout")
        if strike is not None and strike.name == "lost answer":
            yield from world.kernel.sleep(goal.overrides.read)
            return Failed(11200, "read timeout")
        return answer

    def _before(self, call: Call, webhook: Webhook, limits: Overrides, strike: Strike) -> Steps[Answer | Failed | None]:
        """Suffer what happens before delivery; what the carrier makes of it when delivery never comes."""
        kernel = self._world.kernel
        if strike.name == "delay":
            yield from kernel.sleep(strike.seconds)
        elif strike.name == "reorder":
            call.overtaken = type(call.overtaken)(kernel)
            yield from kernel.wait(call.overtaken, strike.seconds)
        elif strike.name == "error":
            yield from kernel.sleep(self._world.rules.webhook_latency)
            return Failed(11200, "503 from something in front of the product", "5xx")
        elif strike.name == "connect" or (strike.name == "drop" and webhook.kind != "status"):
            yield from kernel.sleep(limits.connect)
            return Failed(11205, "connection failed", "ct")
        elif strike.name == "drop":
            return Answer(204, "", b"simulated: never delivered")
        return None

    def _again(
        self, call: Call, webhook: Webhook, goal: Target, token: str, attempt: int, seconds: float
    ) -> Steps[None]:
        yield from self._world.kernel.sleep(seconds)
        exchange = self._exchange(call, webhook, goal, token, attempt)
        exchange.fault = "the duplicate"
        self._world.delivered += 1
        yield from self._deliver(exchange, goal.overrides)

    def _exchange(self, call: Call, webhook: Webhook, goal: Target, token: str, attempt: int) -> Exchange:
        get = webhook.method == "GET"
        url = with_query(goal.url, webhook.params) if get else goal.url
        signed = signature(self._world.auth_token, url, _NO_PARAMS if get else webhook.params)
        headers = {SIGNATURE_HEADER: signed, IDEMPOTENCY_HEADER: token, "User-Agent": "TwilioProxy/1.1"}
        exchange = Exchange(
            self._world.now(), call.sid, webhook.kind, webhook.method, url, webhook.params, headers, attempt
        )
        self._world.exchanges.append(exchange)
        call.exchanges.append(exchange)
        return exchange

    def _deliver(self, exchange: Exchange, limits: Overrides) -> Steps[Answer | Failed]:
        """Send it for real, outside the lock; on a virtual clock it costs the rules' latency."""
        form = None if exchange.method == "GET" else exchange.params

        def send() -> Answer | Failed:
            try:
                return self._transport.send(exchange.method, exchange.url, form, exchange.headers, limits)
            except ConnectFailed as error:
                return Failed(11205, f"connection failed: {error}", "ct")
            except ReadTimedOut as error:
                return Failed(11200, f"read timeout: {error}")

        arrival = self._world.kernel.outside(send)
        yield arrival
        if isinstance(self._world.kernel.clock, VirtualClock):
            yield from self._world.kernel.sleep(self._world.rules.webhook_latency)
        answer = arrival.value
        assert answer is not None  # noqa: S101 - resolved just above
        if isinstance(answer, Answer):
            exchange.status, exchange.content_type, exchange.body = answer.status, answer.content_type, answer.body
        else:
            exchange.failure = answer.reason
        return answer


def _failure(answer: Answer | Failed) -> str:
    """The name a retry policy has for what went wrong; empty when nothing did."""
    if isinstance(answer, Failed):
        return answer.policy
    return {4: "4xx", 5: "5xx"}.get(answer.status // 100, "")
