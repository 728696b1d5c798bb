"""Whatever people do and whatever breaks, the simulated world itself stays sound."""

import random
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from helpline.twin import (
    BY_NAME,
    WEBHOOK_FAULTS,
    Behaviour,
    Faults,
    Twin,
    VirtualClock,
    WsgiTransport,
    accept,
    scripted,
)
from helpline.twin.calls import Goto
from helpline.twin.placing import Order, Refused
from tests.twin.product import BASE, LINE, RETRY, SHOWN, Product

PHONES = [f"+3361234567{digit}" for digit in range(4)]
seconds = st.floats(0.0, 60.0).map(lambda value: round(value, 1))
behaviours = st.one_of(
    st.sampled_from(list(BY_NAME.values())),
    st.builds(accept, after=seconds, talks=st.one_of(st.none(), seconds)),
    seconds.map(lambda after: accept(talks=None).but(star_after=after)),
    st.lists(st.tuples(seconds, st.sampled_from(["1", "*", "hang up"])), max_size=3).map(scripted),
)


@dataclass(frozen=True)
class Act:
    """Something done at the carrier's API to the leg of that number, if there is one."""

    at: float
    leg: int
    what: str


acts = st.lists(
    st.builds(Act, seconds, st.integers(0, 7), st.sampled_from(["cancel", "complete", "redirect", "delete"])),
    max_size=6,
)


def build(product: Product, seed: int, rate: float) -> Twin:
    """A product with a queue, legs by REST, a Dial when the caller leaves; and a network that misbehaves."""
    faults = Faults(random.Random(seed), rates=dict.fromkeys(WEBHOOK_FAULTS, rate))
    twin = Twin(WsgiTransport(product, BASE), clock=VirtualClock(), faults=faults, seed=seed)
    twin.own(LINE, f"{BASE}/voice{RETRY}", f"{BASE}/status{RETRY}")
    twin.own(SHOWN)
    numbers = "".join(f'<Number url="/screen{RETRY}">{number}</Number>' for number in PHONES[:2])
    enqueue = f'<Enqueue action="/after{RETRY}" waitUrl="/wait{RETRY}">room</Enqueue>'
    product.on("/voice", enqueue.replace("&", "&amp;"))
    product.on("/wait", *["<Say>Hold</Say><Pause length='7'/>"] * 4, "<Leave/>")
    product.on("/after", f'<Dial callerId="{SHOWN}" timeout="10">{numbers}</Dial>'.replace("&", "&amp;"))
    product.on("/screen", "<Gather action='/screened' numDigits='1'><Say>One</Say></Gather><Hangup/>")
    product.on("/screened", "")
    product.on("/leg", "<Gather action='/claim' numDigits='1'><Say>One</Say></Gather>")
    product.on("/claim", "<Dial hangupOnStar='true' timeout='5' timeLimit='90'><Queue url='/meet'>room</Queue></Dial>")
    product.on("/meet", "<Say>You are being connected</Say>")
    product.on("/new", "<Say>Elsewhere</Say>")
    return twin


def perform(twin: Twin, act: Act) -> None:
    """Do one act, whatever the carrier thinks of it."""
    legs = twin.legs()
    if act.leg >= len(legs) or legs[act.leg].sid not in twin.calls:
        return
    leg = legs[act.leg]
    try:
        match act.what:
            case "cancel":
                twin.placing.cancel(leg)
            case "complete":
                twin.placing.complete(leg)
            case "redirect":
                twin.placing.redirect(leg, Goto(f"{BASE}/new", "voice"))
            case "delete":
                twin.placing.delete(leg)
    except Refused:
        return


@given(
    phones=st.lists(behaviours, min_size=4, max_size=4),
    callers=st.lists(st.tuples(seconds, seconds, st.sampled_from(["", "1", "*"])), min_size=1, max_size=4),
    legs=st.lists(st.tuples(seconds, st.sampled_from(PHONES)), max_size=4),
    acts=acts,
    seed=st.integers(0, 1000),
    rate=st.sampled_from([0.0, 0.02, 0.1]),
)
def test_every_world_comes_to_rest(
    phones: list[Behaviour],
    callers: list[tuple[float, float, str]],
    legs: list[tuple[float, str]],
    acts: list[Act],
    seed: int,
    rate: float,
) -> None:
    """All legs end, once each; nobody is left in a queue or a bridge, no phone is left off the hook."""
    product = Product()
    twin = build(product, seed, rate)
    for number, behaviour in zip(PHONES, phones, strict=True):
        twin.phone(number, behaviour)
    for index, (at, stays, key) in enumerate(callers):
        number = f"+3369876543{index}"
        twin.later(at, lambda number=number, key=key, stays=stays: _dial(twin, number, key, stays))  # type: ignore[misc]
    for at, number in legs:
        order = Order(number, SHOWN, Goto(f"{BASE}/leg{RETRY}", "voice"))
        twin.later(at, lambda order=order: _place(twin, order))  # type: ignore[misc]
    for act in acts:
        twin.later(act.at, lambda act=act: perform(twin, act))  # type: ignore[misc]
    assert twin.run_until_idle()
    assert all(leg.over for leg in twin.legs())
    assert all(leg.bridge is None and leg.listening is None and leg.saying is None for leg in twin.legs())
    assert all(queue.members == [] for queue in twin.queues.values())
    assert all(phone.call is None for phone in twin.phones.values())
    assert all([entry.event for entry in leg.entries].count("call ends") == 1 for leg in twin.legs())
    assert product.unsigned == []
    assert all("callback" in v.reason or "REST" in v.kind for v in twin.violations)


def _dial(twin: Twin, number: str, key: str, stays: float) -> None:
    twin.dial(number, LINE, keys=key, hang_up_after=120 + stays)


def _place(twin: Twin, order: Order) -> None:
    twin.placing.create(order)
