from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import select

from helpline.store.tables import Erasure
from tests.pages.conftest import ALIX, BRECHT, DAY, NOON, Answers, Desk, ShownForm


def test_a_form_sent_twice_codes_one_call(either_desk: Desk) -> None:
    """Save is tapped twice: the same thanks, and of two calls one is still to be coded."""
    either_desk.talked()
    either_desk.talked()
    form, browser = ShownForm(either_desk.show()), either_desk.browser()
    answers = form.tapped(main="burnout")
    first, second = browser.post(form.action, data=answers), browser.post(form.action, data=answers)
    assert (first.status_code, first.headers["Location"]) == (second.status_code, second.headers["Location"])
    assert len(either_desk.coded()) == 1
    assert either_desk.left() == 1


def test_a_form_sent_again_after_the_last_call_is_thanked(desk: Desk) -> None:
    """Save is tapped twice for the only call: the second is no complaint that nothing waits."""
    desk.talked()
    form, browser = ShownForm(desk.show()), desk.browser()
    answers = form.tapped(main="burnout")
    assert [browser.post(form.action, data=answers).status_code for _ in range(2)] == [303, 303]
    assert len(desk.coded()) == 1


def _at_once(desk: Desk, posts: list[tuple[str, Answers]]) -> list[int]:
    app, start = desk.app(), Barrier(len(posts))

    def post(action: str, answers: Answers) -> int:
        start.wait(10)
        return app.test_client(use_cookies=False).post(action, data=answers).status_code

    with ThreadPoolExecutor(len(posts)) as pool:
        return sorted(answer.result() for answer in [pool.submit(post, *given) for given in posts])


def test_a_form_sent_twice_at_the_same_moment_codes_one_call(either_desk: Desk) -> None:
    """Two taps reach two threads together: both are thanked, one call is coded."""
    either_desk.talked()
    either_desk.talked()
    form = ShownForm(either_desk.show())
    answers = form.tapped(main="burnout")
    assert _at_once(either_desk, [(form.action, answers), (form.action, answers)]) == [303, 303]
    assert len(either_desk.coded()) == 1
    assert either_desk.left() == 1


def test_two_forms_for_the_last_call_code_it_once(either_desk: Desk) -> None:
    """The page is open in two windows and saved in both: one is thanked, the other told that the call is coded."""
    either_desk.talked()
    forms = [ShownForm(either_desk.show()) for _ in range(2)]
    assert _at_once(either_desk, [(form.action, form.tapped(main="burnout")) for form in forms]) == [303, 409]
    assert len(either_desk.coded()) == 1


def test_two_psychologists_code_at_the_same_moment(either_desk: Desk) -> None:
    """Codings that meet are all kept, and none of them twice."""
    posts = []
    for person in (ALIX, BRECHT):
        for _ in range(3):
            either_desk.talked(person)
            form = ShownForm(either_desk.show(person))
            posts.append((form.action, form.tapped(main="burnout")))
    assert _at_once(either_desk, posts) == [303] * 6
    assert len(either_desk.coded()) == 6


def test_a_form_that_codes_nothing_is_not_used_up(desk: Desk) -> None:
    """The call was coded elsewhere: the form leaves no trace."""
    desk.talked()
    forms = [ShownForm(desk.show()) for _ in range(2)]
    for form in forms:
        desk.browser().post(form.action, data=form.tapped(main="burnout"))
    with desk.store.read() as connection:
        assert len(connection.execute(select(Erasure.carrier_id)).all()) == 1


def test_a_used_form_tells_the_day_and_not_the_time(desk: Desk) -> None:
    """What remembers a sent form holds neither person nor line nor the time of coding, and stays for at least a day."""
    desk.talked()
    form = ShownForm(desk.show())
    desk.clock.at = NOON + 12_345
    desk.browser().post(form.action, data=form.tapped(main="burnout"))
    with desk.store.read() as connection:
        [row] = connection.execute(select(*Erasure.__table__.c)).all()
    end_of_day = (NOON // DAY + 1) * DAY
    assert tuple(row) == (f"form-{form.untouched['form'][0]}", "form", False, end_of_day, end_of_day, None)
