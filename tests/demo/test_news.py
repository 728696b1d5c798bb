import threading
from collections.abc import Callable

import pytest

from tests.demo.conftest import NUMBERS, Demo

FOREVER = 20


def _until(condition: Callable[[], bool]) -> None:
    """Waits, at most ten seconds, for what another thread does."""
    pause = threading.Event()
    for _ in range(1000):
        if condition():
            return
        pause.wait(0.01)
    pytest.fail("still not so after 10 s")


def _asked(demo: Demo, query: str) -> tuple[threading.Thread, list[int]]:
    """A page that asks for news in a thread of its own, and the status of its answer once it has one."""
    answers: list[int] = []
    browser = demo.rehearsal.service.web.test_client(use_cookies=False)
    page = threading.Thread(target=lambda: answers.append(browser.get(f"/demo/state?{query}").status_code))
    page.start()
    _until(lambda: demo.page._waiters._here == 1 or not page.is_alive())
    return page, answers


@pytest.mark.parametrize("version", ["", "0.0.0", "x", "-1", "999999999999999999999", "٣.0.0", "99.0.0"])
def test_a_page_that_knows_nothing_is_answered_at_once(demo: Demo, version: str) -> None:
    """Whatever it says it has seen: if that isn't how things stand, there are news."""
    answer = demo.browser.get("/demo/state", query_string={"version": version})
    assert answer.status_code == 200


@pytest.mark.parametrize("wait", ["0", "0.3"])
def test_a_page_that_knows_everything_is_answered_when_its_wait_is_over(demo: Demo, wait: str) -> None:
    """Nothing has changed: the answer is the same state again."""
    version = demo.state()["version"]
    answer = demo.browser.get("/demo/state", query_string={"version": version, "wait": wait})
    assert answer.get_json()["version"] == version


@pytest.mark.parametrize("wait", ["nan", "inf", "-5", "1e9", "x", "", "20"])
def test_a_page_waits_until_something_happens(demo: Demo, wait: str) -> None:
    """It is kept waiting, whatever it wishes, and answered as soon as somebody dials."""
    page, answers = _asked(demo, f"version={demo.state()['version']}&wait={wait}")
    assert answers == []
    demo.dial()
    demo.passes(1)
    page.join(FOREVER / 2)
    assert answers == [200]


def test_a_wrap_up_is_news(demo: Demo) -> None:
    """What only the database knows, that a call waits to be coded, reaches a waiting page too."""
    call, name = demo.talking()
    demo.do("hang_up", phone=NUMBERS[name])
    demo.passes(40)
    before = demo.state(call)["version"]
    demo.do("hang_up", call=call)
    demo.passes(20)
    assert demo.state(call)["version"].rpartition(".")[2] == "1"
    assert before.rpartition(".")[2] == "0"


def test_the_end_sends_waiting_pages_home(demo: Demo) -> None:
    """A page that waits for news when the demonstration ends is told so, and its thread is gone by then."""
    page, answers = _asked(demo, f"version={demo.state()['version']}")
    demo.page.stop()
    page.join(FOREVER / 2)
    assert answers == [503]
    assert demo.page._waiters._here == 0


def test_after_the_end_nobody_is_kept(demo: Demo) -> None:
    """Whoever still asks, or does something, over a connection that was left open is told that it is over."""
    demo.page.stop()
    answer = demo.browser.get("/demo/state")
    assert (answer.status_code, answer.json) == (503, {"error": "over"})
    assert answer.headers["Connection"] == "close"
    assert demo.do("dial", line="france").status_code == 503
