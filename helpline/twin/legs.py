"""The life of a leg: placed, ringing, answered, talking, ended; and the callbacks that tell of it."""

from __future__ import annotations

from helpline.twin.bridging import Bridge
from helpline.twin.calls import Call, Cancelled, Goto, HungUp, Redirected
from helpline.twin.dialling import Race
from helpline.twin.documents import DocumentFailed
from helpline.twin.interpreter import Interpreter, Stop
from helpline.twin.params import status_params
from helpline.twin.phones import find_phone
from helpline.twin.process import Interrupt, Steps
from helpline.twin.verbs import Number, Say
from helpline.twin.webhooks import Webhook, Webhooks
from helpline.twin.world import World

ERROR_TONE = Say("We are sorry, an application error has occurred. Goodbye.")
"""What a caller hears when the product and its fallback both fail: what must never happen."""


class Legs:
    """Runs every leg as one process, from its creation to its last callback."""

    def __init__(self, world: World, interpreter: Interpreter, webhooks: Webhooks) -> None:
        self._world = world
        self._interpreter = interpreter
        self._webhooks = webhooks
        interpreter.on_answer = self.answered

    # -- the three kinds -----------------------------------------------------------------------------------------

    def inbound(self, call: Call, goto: Goto) -> Steps[None]:
        """A caller's leg: the number's voice URL, to the end."""
        call.note("dials")
        call.party.on_ringing(call)
        status = yield from self._converse(call, goto)
        self._finish(call, status)

    def outbound(self, call: Call, goto: Goto, timeout: float, wait_before: float) -> Steps[None]:
        """A leg created by REST: its turn, the phone, its document, to the end."""
        try:
            yield from self._world.kernel.sleep(wait_before)
            status = yield from self._ring(call, timeout)
        except Cancelled as news:
            self._finish(call, news.status)
            return
        except (HungUp, Redirected):
            self._finish(call, "canceled")
            return
        if status == "answered":
            self.answered(call)
            status = yield from self._converse(call, goto)
        self._finish(call, status)

    def dialled(self, call: Call, number: Number, race: Race) -> Steps[None]:
        """A leg of a Dial: the phone, its screening, the bridge with whoever dialled."""
        try:
            status = yield from self._ring(call, race.dial.timeout + self._world.rules.dial_extra)
            if status == "answered":
                if race.won_by(call):
                    self.answered(call)
                    status = yield from self._screened(call, number, race)
                else:
                    status = "no-answer"
        except Cancelled as news:
            status = news.status
        except Interrupt:
            status = "completed" if call.answered is not None else "canceled"
        self._finish(call, status)
        race.over_for(call)

    def _screened(self, call: Call, number: Number, race: Race) -> Steps[str]:
        """Run the screening document, then talk unless it hung up; the leg's final status."""
        if number.url:
            try:
                stop = yield from self._interpreter.follow(call, Goto(number.url, "screen", number.method), "screen")
            except DocumentFailed:
                return "failed"
            if stop is Stop.HANGUP:
                return "completed"
        if race.parent.answered is None:
            self.answered(race.parent)
        bridge = Bridge(self._world, race.parent, call, race.dial.hangup_on_star)
        race.decided.resolve(bridge)
        yield from bridge.hold(call)
        return "completed"

    # -- ringing -------------------------------------------------------------------------------------------------

    def _ring(self, call: Call, timeout: float) -> Steps[str]:
        """Ring the phone: `answered`, or the final status."""
        self._progress(call, "initiated")
        yield from self._world.kernel.sleep(self._world.rules.setup)
        phone = find_phone(self._world, call.to)
        call.party = phone
        refused = phone.on_ringing(call)
        if refused:
            call.note("is engaged" if refused == "busy" else "can't be reached")
            return refused
        call.status = "ringing"
        call.note("rings")
        self._progress(call, "ringing")
        came = yield from self._world.kernel.wait(call.answer, timeout)
        return (call.answer.value or "no-answer") if came else "no-answer"

    def answered(self, call: Call) -> None:
        """The leg is answered: by the person called, or by the carrier when the caller's document says so."""
        call.status = "in-progress"
        call.answered, call.answered_wall = self._world.elapsed(), self._world.now()
        if call.direction != "inbound":
            call.note("picks up")
            call.party.on_answered(call)
            self._progress(call, "answered")

    # -- talking -------------------------------------------------------------------------------------------------

    def _converse(self, call: Call, goto: Goto) -> Steps[str]:
        """Run the call's documents, failing over once; the leg's final status."""
        failing_over = False
        while True:
            try:
                stop = yield from self._interpreter.follow(call, goto, "call")
                if stop in (Stop.END, Stop.HANGUP):
                    call.note("hangs up", who="line")
                return {Stop.BUSY: "busy", Stop.REJECTED: "no-answer"}.get(stop, "completed")
            except Redirected as news:
                goto = news.goto
            except HungUp:
                return "completed" if call.answered is not None else "no-answer"
            except Cancelled as news:
                return news.status
            except DocumentFailed as failure:
                if call.fallback is None or failing_over:
                    yield from self._error_tone(call)
                    return "failed"
                failing_over = True
                told = {"ErrorCode": str(failure.code), "ErrorUrl": failure.url}
                goto = Goto(call.fallback.url, "fallback", call.fallback.method, told)

    def _error_tone(self, call: Call) -> Steps[None]:
        if call.answered is None:
            self.answered(call)
        call.note("error tone", who="line")
        try:
            yield from self._interpreter.prompt(call, ERROR_TONE)
        except Interrupt:
            return

    # -- the end -------------------------------------------------------------------------------------------------

    def _finish(self, call: Call, status: str) -> None:
        call.status = status
        call.ended, call.ended_wall = self._world.elapsed(), self._world.now()
        call.listening = call.saying = None
        call.note("call ends", status, who="line" if call.direction == "inbound" else "")
        call.party.on_ended(call)
        self._progress(call, "completed")

    def _progress(self, call: Call, event: str) -> None:
        """Tell of an event, if it was asked for; whatever ends a leg counts as `completed`."""
        if call.status_url and event in call.status_events:
            params = status_params(call, event)
            call.callbacks += 1
            self._webhooks.notify(call, Webhook("status", call.status_url, call.status_method, params))
