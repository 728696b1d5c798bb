"""A strict carrier in this process: it speaks the REST API, runs TwiML, signs webhooks, and rings simulated phones.

On a virtual clock (tests, the command line):

    from helpline.twin import Twin, VirtualClock, WsgiTransport, accept, serve

    clock = VirtualClock(start=1_767_261_600.0)
    twin = Twin(WsgiTransport(app, "https://line.example"), clock=clock, seed=7)
    twin.own("+33826000401", "https://line.example/voice/france", "https://line.example/voice/france/status")
    twin.own("+33187000401")                                # an outbound caller id
    anne = twin.phone("+33612345678", accept(after=5), name="Anne")
    with serve(twin.rest) as base_url:                      # the product's [carrier] api_base_url
        twin.on_idle(product.place_wanted_legs)             # called without a lock after every event
        call = twin.dial("+33698765432", "+33826000401", keys="1", hang_up_after=600)
        twin.run_until_idle()
    assert twin.violations == []
    print(render(call.transcript), call.bridged_at)

The product reads the time from `clock.now()`, and signs in with `twin.account_sid` and `twin.auth_token`. Faults are
scripted by `twin.faults.script("lost answer", kind="wait")` and `twin.faults.script_rest("429", "POST")`, or random by
`Faults(random.Random(seed), rates={"duplicate": 0.1})`; `clock.jump(-3600)` moves the wall clock alone.

On real time (the demo): `Twin(HttpTransport(), clock=RealClock())`, `start()`, then `dial`, `pick_up`, `press` and
`hang_up` from any thread, `snapshot()` and `wait_for_change(seq, timeout)` for the page, `stop()`.
"""

from helpline.twin.behaviours import (
    BY_NAME,
    HANG_UP,
    Behaviour,
    accept,
    busy,
    decline,
    failed,
    ignore,
    manual,
    reject,
    scripted,
    silent,
    voicemail,
)
from helpline.twin.clock import Clock, RealClock, VirtualClock
from helpline.twin.faults import REST_FAULTS, WEBHOOK_FAULTS, Faults, Incoming, Outgoing
from helpline.twin.handle import CallHandle
from helpline.twin.kernel import TwinStuckError
from helpline.twin.params import CANARY_CITY, CANARY_NAME, WITHHELD
from helpline.twin.phones import Phone
from helpline.twin.rest import serve
from helpline.twin.rules import Rules
from helpline.twin.transcript import CALLER, Entry, render
from helpline.twin.transport import Answer, ConnectFailed, HttpTransport, ReadTimedOut, Routes, Transport, WsgiTransport
from helpline.twin.twin import ACCOUNT_SID, AUTH_TOKEN, Twin
from helpline.twin.world import Exchange, Violation

__all__ = [
    "ACCOUNT_SID",
    "AUTH_TOKEN",
    "BY_NAME",
    "CALLER",
    "CANARY_CITY",
    "CANARY_NAME",
    "HANG_UP",
    "REST_FAULTS",
    "WEBHOOK_FAULTS",
    "WITHHELD",
    "Answer",
    "Behaviour",
    "CallHandle",
    "Clock",
    "ConnectFailed",
    "Entry",
    "Exchange",
    "Faults",
    "HttpTransport",
    "Incoming",
    "Outgoing",
    "Phone",
    "ReadTimedOut",
    "RealClock",
    "Routes",
    "Rules",
    "Transport",
    "Twin",
    "TwinStuckError",
    "Violation",
    "VirtualClock",
    "WsgiTransport",
    "accept",
    "busy",
    "decline",
    "failed",
    "ignore",
    "manual",
    "reject",
    "render",
    "scripted",
    "serve",
    "silent",
    "voicemail",
]
