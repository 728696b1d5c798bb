import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.twin import RealClock, Twin, TwinStuckError, VirtualClock, WsgiTransport
from helpline.twin.kernel import Kernel
from helpline.twin.process import Future, Interrupt, Process, Steps
from tests.twin.product import BASE, CALLER_NUMBER, LINE, Product


class Louder(Interrupt):
    """News that outranks plain news."""

    rank = 1


@pytest.fixture
def kernel() -> Kernel:
    """A kernel on a virtual clock at zero."""
    return Kernel(VirtualClock(0.0))


@given(delays=st.lists(st.floats(0, 100), max_size=20))
def test_events_happen_in_order_of_time_and_then_of_scheduling(delays: list[float]) -> None:
    """The heap is stable, or two runs would differ."""
    kernel = Kernel(VirtualClock(0.0))
    happened: list[tuple[float, int]] = []
    for index, delay in enumerate(delays):
        kernel.after(delay, lambda index=index: happened.append((kernel.clock.elapsed(), index)))  # type: ignore[misc]
    kernel.run_to(100.0)
    assert happened == sorted((delay, index) for index, delay in enumerate(delays))


def test_a_process_sleeps_and_waits(kernel: Kernel) -> None:
    """Waiting ends with the future or with the seconds, whichever is first."""
    future: Future[str] = Future(kernel)
    seen: list[object] = []

    def steps() -> Steps[None]:
        yield from kernel.sleep(5)
        seen.append(kernel.clock.elapsed())
        seen.append((yield from kernel.wait(future, 10)))
        seen.append((yield from kernel.wait(Future(kernel), 10)))
        seen.append(kernel.clock.elapsed())

    kernel.spawn(steps())
    kernel.after(8, lambda: future.resolve("now"))
    assert kernel.run_to(1000.0, until_idle=True)
    assert seen == [5, True, False, 18]


def interrupted(kernel: Kernel, *news: Interrupt) -> list[object]:
    """What a sleeping process sees of news that arrive in one instant."""
    seen: list[object] = []

    def steps() -> Steps[None]:
        while True:
            try:
                yield from kernel.sleep(10)
            except Interrupt as reason:
                seen.append(type(reason).__name__)
            else:
                seen.append(kernel.clock.elapsed())
                return

    process = kernel.spawn(steps())
    for one in news:
        kernel.after(3, lambda one=one: process.interrupt(one))  # type: ignore[misc]
    kernel.run_to(1000.0)
    process.interrupt(Interrupt())
    kernel.run_to(2000.0)
    return seen


def test_an_interrupt_reaches_a_process_where_it_waits(kernel: Kernel) -> None:
    """Once; and a finished process ignores it."""
    assert interrupted(kernel, Interrupt()) == ["Interrupt", 13]


def test_of_two_interrupts_in_one_instant_the_louder_is_heard(kernel: Kernel) -> None:
    """A caller who hangs up as they are taken from the queue has hung up."""
    assert interrupted(kernel, Interrupt(), Louder(), Interrupt()) == ["Louder", 13]


def test_an_interrupt_before_the_first_step_waits_for_it(kernel: Kernel) -> None:
    """A generator that hasn't begun couldn't handle it."""
    seen = []

    def steps() -> Steps[None]:
        try:
            yield from kernel.sleep(10)
        except Interrupt:
            seen.append("interrupted")

    Process(kernel, steps()).interrupt(Interrupt())
    kernel.run_to(1.0)
    assert seen == ["interrupted"]


def test_idle_means_that_only_daemons_are_left(kernel: Kernel) -> None:
    """A product's own timers go on for ever; the world is idle all the same."""
    kernel.after(1000, lambda: None, daemon=True)
    cancelled = kernel.after(500, lambda: None)
    kernel.after(10, lambda: None)
    kernel.cancel(cancelled)
    kernel.cancel(cancelled)
    assert kernel.run_to(10_000.0, until_idle=True)
    assert kernel.clock.elapsed() == 10


def test_a_world_in_a_loop_is_noticed(kernel: Kernel) -> None:
    """Events for ever at one instant are an error, not a hanging test."""

    def again() -> None:
        kernel.soon(again)

    again()
    with pytest.raises(TwinStuckError):
        kernel.run_to(1.0)


def test_running_inside_a_hook_is_refused(twin: Twin) -> None:
    """Time has one hand on it."""
    caught: list[str] = []

    def hook() -> None:
        with pytest.raises(RuntimeError) as error:
            twin.run_for(1)
        caught.append(str(error.value))

    twin.on_idle(hook)
    twin.later(1, lambda: None)
    twin.run_for(2)
    assert caught
    assert "already running" in caught[0]


def test_hooks_run_after_every_event_without_a_lock(twin: Twin, product: Product) -> None:
    """A hook may look at everything and ask the REST API."""
    product.on("/voice", "<Say>Hello</Say>")
    statuses: list[str] = []
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.on_idle(lambda: statuses.append(call.status))
    twin.run_until_idle()
    assert list(dict.fromkeys(statuses)) == ["ringing", "in-progress", "completed"]


def test_hooks_see_the_beginning_and_the_end_of_a_run(twin: Twin) -> None:
    """A product with something to place is asked even when nothing else is due; what it starts happens."""
    start = twin.clock.now()
    seen: list[float] = []
    happened: list[float] = []

    def hook() -> None:
        seen.append(twin.clock.now())
        if twin.clock.now() == start + 10 and not happened:
            twin.later(0, lambda: happened.append(twin.clock.now()))

    twin.on_idle(hook)
    twin.run_until_idle()
    twin.run_for(10)
    assert seen[0] == start
    assert happened[0] == start + 10


def test_time_stands_still_between_runs_and_obeys_them(twin: Twin) -> None:
    """run_for, run_until and later mean what they say."""
    start = twin.clock.now()
    happened: list[float] = []
    twin.later(50, lambda: happened.append(twin.clock.now()))
    twin.run_for(10)
    assert twin.clock.now() == start + 10
    twin.run_until(start + 100)
    assert happened == [start + 50]
    assert twin.clock.now() == start + 100


def test_a_repeating_action_keeps_nothing_awake(twin: Twin) -> None:
    """A product's job runs every minute for as long as time passes."""
    ticks: list[float] = []
    twin.every(60, lambda: ticks.append(twin.clock.now()))
    assert twin.run_until_idle()
    assert ticks == []
    twin.run_for(185)
    assert len(ticks) == 3


def test_each_clock_is_driven_its_own_way(product: Product) -> None:
    """A virtual clock doesn't start, a real one isn't moved."""
    with pytest.raises(TypeError):
        Twin(WsgiTransport(product, BASE)).start()
    with pytest.raises(TypeError):
        Twin(WsgiTransport(product, BASE), clock=RealClock()).run_for(1)
