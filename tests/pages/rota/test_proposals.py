"""A rota is asked for, made by the worker, compared, accepted; nothing is lost or done twice on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import update

from helpline.jobs.generating import Generating
from helpline.shifts import asking
from helpline.shifts.asking import LEASE, TRIES
from helpline.shifts.editing import Desk
from helpline.shifts.thinking import ThoughtLostError
from helpline.store.beats import beat
from helpline.store.rota_tables import Proposal, RotaEdit
from helpline.store.tables import Person, Shift
from rota.generate import anneal
from rota.generate.problem import Problem, Solution
from rota.staff import DAY, Limits
from tests.pages.signed import Browser, Office, words
from tests.shell import ALIX, NOON, rows_of, together
from tests.shifts.planning import DAYS_AND_NIGHTS, add_absence, add_rules, add_shifts, utc

SPRING = "2026-Q2"
PLANNED: dict[str, Any] = {"line": "france", "quarter": SPRING, "kind": "fill"}
SEATS = 60 + 60
"""Of days until the end of May, of days and nights in June; June's first night takes the last hours of May's."""
FIRST = (utc(4, 1, 6), utc(4, 1, 18))
"""Part of the quarter's first day."""


@dataclass
class Thought:
    """An engine that thinks at once, but says so when a test lets it; `lost`: it dies."""

    problem: Problem
    ready: bool = True
    lost: bool = False
    stopped: bool = False

    def result(self) -> Solution | None:
        """What it found."""
        if self.lost:
            raise ThoughtLostError("the engine ended with -9")
        return anneal.solve(self.problem, 1, steps=200) if self.ready else None

    def stop(self) -> None:
        """Notes it."""
        self.stopped = True


@dataclass
class Bench:
    """An office with rules for days and nights from June on, before that for whole days; and a worker."""

    site: Office
    values: dict[str, Any] = field(default_factory=dict)
    thoughts: list[Thought] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        """Where the rota is edited."""
        return Desk(self.site.service.store, self.site.service.lines, Limits())

    @property
    def now(self) -> int:
        """What the clock says."""
        return int(self.site.clock.now())

    def worker(self) -> Generating:
        """One more worker, whose engines are in `thoughts`."""

        def begin(problem: Problem, _seconds: float) -> Thought:
            self.thoughts.append(Thought(problem, **self.values))
            return self.thoughts[-1]

        return Generating(self.desk, 1, begin)

    def make(self) -> None:
        """The worker makes what was asked for."""
        worker = self.worker()
        while worker.run(self.now):
            pass

    def states(self) -> list[str]:
        """Of each proposal."""
        return [row["state"] for row in rows_of(self.site.service.store, Proposal)]

    def held(self) -> int:
        """Shifts that somebody holds."""
        rows = rows_of(self.site.service.store, Shift)
        return sum(row["status"] != "cancelled" and row["person"] is not None for row in rows)


def _bench(site: Office) -> Bench:
    add_rules(site.service.store, *({**each, "since": "2026-06-01"} for each in DAYS_AND_NIGHTS))
    return Bench(site)


@pytest.fixture
def bench(site: Office) -> Bench:
    """On SQLite."""
    return _bench(site)


@pytest.fixture
def either_bench(either_site: Office) -> Bench:
    """On both databases."""
    return _bench(either_site)


def _ask(browser: Browser) -> str:
    """Asks for the quarter; the address of what is to be made."""
    return browser.post("/rota/proposals", **PLANNED).headers["Location"]


def _accept(browser: Browser, page: str, action: str = "accept") -> str:
    """Sees what it would come to and does it, as the two buttons do; the page that follows."""
    shown = browser.post(f"{page}/{action}", 200).text
    seen = re.search(r'name="seen" value="([^"]+)"', shown)
    assert seen is not None
    return browser.follow(f"{page}/{action}", seen=seen[1], go="yes")


def test_a_quarter_is_asked_for_made_compared_and_accepted(either_bench: Bench) -> None:
    """Three buttons: prepare, see what would change, accept. Then each seat of the rules is held."""
    browser = either_bench.site.browser("coordinator")
    page = _ask(browser)
    assert "data-refresh" in browser.get(page)
    either_bench.make()
    shown = words(browser.get(page))
    assert "avril – juin 2026" in shown
    assert either_bench.held() == 0
    assert "La proposition est acceptée" in words(_accept(browser, page))
    assert either_bench.held() == SEATS


def test_the_next_quarter_that_nobody_planned_is_chosen(bench: Bench) -> None:
    """The one that most often is wanted needs no choice; once it is planned, the following one is."""
    browser = bench.site.browser("coordinator")
    assert re.search(r'value="2026-Q2" selected>avril\s–\sjuin 2026', browser.get("/rota/proposals"))
    add_shifts(bench.site.service.store, [(ALIX, FIRST[0] + n * DAY, FIRST[1] + n * DAY) for n in range(70)])
    assert 'value="2026-Q3" selected' in browser.get("/rota/proposals")


def test_asking_twice_is_once(bench: Bench) -> None:
    """A form tapped twice, or two coordinators at once, get one proposal."""
    browser = bench.site.browser("coordinator")
    assert _ask(browser) == _ask(browser)
    assert bench.states() == ["wanted"]


def test_two_who_ask_at_the_same_moment_get_one(either_bench: Bench) -> None:
    """Of two transactions one waits for the other, on both databases."""
    store, line = either_bench.site.service.store, either_bench.site.service.lines["france"]

    def ask() -> int:
        with store.durable() as tx:
            return asking.ask(tx, line.name, anneal_window(), "fill", "account:1", NOON)

    assert len(set(together([ask, ask, ask]))) == 1


def anneal_window() -> Any:  # noqa: ANN401 - a span
    """Some days of April."""
    from rota.model import Span  # noqa: PLC0415 - for this alone

    return Span(utc(4, 1), utc(4, 3))


def test_what_cannot_be_asked_for_is_said_at_once(bench: Bench) -> None:
    """Nobody has a share: the form comes back with what was chosen, and says so beside the field."""
    with bench.site.service.store.durable() as tx:
        tx.execute(update(Person).values(share=0))
    browser = bench.site.browser("coordinator")
    answer = browser.post("/rota/proposals", 400, **{**PLANNED, "kind": "repair"})
    assert "Personne ne peut tenir une garde sur cette ligne" in words(answer.text)
    assert 'value="repair" checked' in answer.text
    assert bench.states() == []


@pytest.mark.slow
def test_a_made_up_form_is_refused(bench: Bench) -> None:
    """A quarter or a kind that the form doesn't offer."""
    browser = bench.site.browser("coordinator")
    browser.post("/rota/proposals", 400, **{**PLANNED, "quarter": "2026-Q9"})
    browser.post("/rota/proposals", 400, **{**PLANNED, "kind": "guess"})
    browser.post("/rota/proposals", 404, **{**PLANNED, "line": "nowhere"})


def test_what_stays_open_is_said_with_its_reason(bench: Bench) -> None:
    """Everybody is away on the first of April: its seats stay open, and the page says why."""
    for person in (1, 2, 3):
        add_absence(bench.site.service.store, person, utc(4, 1), utc(4, 2))
    browser = bench.site.browser("coordinator")
    page = _ask(browser)
    bench.make()
    assert "absentes : 3" in words(browser.get(page)).replace("\u00a0", " ")


def test_who_has_how_much_stands_beside_their_share(bench: Bench) -> None:
    """A table with a caption and headings, a row for each person."""
    browser = bench.site.browser("coordinator")
    page = _ask(browser)
    bench.make()
    html = browser.get(page)
    assert html.count('<th scope="row">') == 3
    assert "<caption>" in html
    assert all(head in words(html) for head in ("Nuits", "Week-ends", "Heures"))


def test_changes_are_shown_week_by_week(bench: Bench) -> None:
    """One week at a time, each a link away: a whole quarter would be a page nobody reads."""
    browser = bench.site.browser("coordinator")
    page = _ask(browser)
    bench.make()
    first = browser.get(page)
    weeks = re.findall(r'week=(\d{4}-\d\d-\d\d)#weeks"( aria-current)?', first)
    assert [week for week, _ in weeks][:3] == ["2026-03-30", "2026-04-06", "2026-04-13"]
    assert [bool(current) for _, current in weeks][:3] == [True, False, False]
    second = browser.get(f"{page}?week=2026-04-06").split('id="weeks"')[1].split("</nav>")[1]
    assert "7 avr." in words(second)
    assert "mer. 1 avr." not in words(second)


def test_a_rota_that_has_changed_since_is_not_overwritten(bench: Bench) -> None:
    """Somebody else planned a shift there meanwhile: it is said, and nothing is applied."""
    browser = bench.site.browser("coordinator")
    page = _ask(browser)
    bench.make()
    add_shifts(bench.site.service.store, [(ALIX, *FIRST)])
    answer = browser.post(f"{page}/accept", 409)
    assert "Rien n’a été modifié." in words(answer.text)
    assert bench.held() == 1


def test_accepting_twice_is_once(bench: Bench) -> None:
    """The button tapped twice: one edit, and both taps lead to the accepted proposal."""
    browser = bench.site.browser("coordinator")
    page = _ask(browser)
    bench.make()
    shown = browser.post(f"{page}/accept", 200).text
    seen = re.search(r'name="seen" value="([^"]+)"', shown)
    assert seen is not None
    for _ in range(2):
        browser.post(f"{page}/accept", 303, seen=seen[1], go="yes")
    assert [row["kind"] for row in rows_of(bench.site.service.store, RotaEdit)] == ["proposal"]


def test_an_accepted_proposal_can_be_taken_back(bench: Bench) -> None:
    """The rota is as before, and the proposal can be accepted again."""
    browser = bench.site.browser("coordinator")
    page = _ask(browser)
    bench.make()
    _accept(browser, page)
    assert "La proposition a été annulée." in words(_accept(browser, page, "undo"))
    assert bench.held() == 0
    _accept(browser, page)
    assert bench.held() == SEATS


def test_one_that_is_not_wanted_goes(bench: Bench) -> None:
    """Made or not; but one that was accepted stays, because the audit names it."""
    browser = bench.site.browser("coordinator")
    page = _ask(browser)
    assert "La proposition est supprimée." in words(browser.follow(f"{page}/delete"))
    page = _ask(browser)
    bench.make()
    _accept(browser, page)
    browser.post(f"{page}/delete")
    assert bench.states() == ["applied"]


def test_the_engine_stops_when_nobody_wants_it_any_more(bench: Bench) -> None:
    """What is withdrawn while it is being made isn't made."""
    bench.values = {"ready": False}
    browser = bench.site.browser("coordinator")
    page = _ask(browser)
    worker = bench.worker()
    assert worker.run(bench.now)
    browser.post(f"{page}/delete")
    assert not worker.run(bench.now)
    assert bench.thoughts[0].stopped


def test_a_worker_that_died_loses_nothing(either_bench: Bench) -> None:
    """Its lease ends, another makes it; what the first one brings later is not kept twice."""
    either_bench.values = {"ready": False}
    browser = either_bench.site.browser("coordinator")
    page = _ask(browser)
    dead, alive = either_bench.worker(), either_bench.worker()
    assert dead.run(either_bench.now)
    assert not alive.run(either_bench.now)
    either_bench.site.clock.at += LEASE + 1
    assert alive.run(either_bench.now)
    for thought in either_bench.thoughts:
        thought.ready = True
    assert not dead.run(either_bench.now)
    assert either_bench.states() == ["making"]
    assert not alive.run(either_bench.now)
    assert either_bench.states() == ["open"]
    assert "en préparation" not in words(browser.get(page))


@pytest.mark.slow
def test_a_lease_is_renewed_while_an_engine_thinks(bench: Bench) -> None:
    """A long thought isn't taken for a dead one."""
    bench.values = {"ready": False}
    _ask(bench.site.browser("coordinator"))
    worker = bench.worker()
    for _ in range(6):
        assert worker.run(bench.now)
        bench.site.clock.at += LEASE // 2
        assert not bench.worker().run(bench.now)


def test_a_worker_that_is_told_to_stop_gives_back(bench: Bench) -> None:
    """Whoever works next begins at once."""
    bench.values = {"ready": False}
    _ask(bench.site.browser("coordinator"))
    worker = bench.worker()
    worker.run(bench.now)
    worker.stop()
    assert (bench.states(), bench.thoughts[0].stopped) == (["wanted"], True)
    assert bench.worker().run(bench.now)


@pytest.mark.slow
def test_what_kills_each_worker_is_not_tried_for_ever(bench: Bench) -> None:
    """After three times it is said that it broke off."""
    bench.values = {"ready": False}
    browser = bench.site.browser("coordinator")
    page = _ask(browser)
    for _ in range(TRIES):
        assert bench.worker().run(bench.now)
        bench.site.clock.at += LEASE + 1
    assert not bench.worker().run(bench.now)
    assert "La préparation s’est interrompue." in words(browser.get(page))


@pytest.mark.slow
def test_an_engine_that_dies_is_said(bench: Bench) -> None:
    """The page says it, and offers to ask again."""
    bench.values = {"lost": True}
    browser = bench.site.browser("coordinator")
    page = _ask(browser)
    bench.make()
    assert "La préparation s’est interrompue." in words(browser.get(page))
    assert bench.states() == ["failed"]


@pytest.mark.slow
def test_a_reason_that_came_up_meanwhile_is_said(bench: Bench) -> None:
    """Between asking and making, every seat was filled."""
    browser = bench.site.browser("coordinator")
    page = _ask(browser)
    with bench.site.service.store.durable() as tx:
        tx.execute(update(Proposal).values(ends_at=NOON - DAY, starts_at=NOON - 2 * DAY))
    bench.make()
    assert "se termine ou est trop long" in words(browser.get(page))


def test_a_worker_that_does_not_run_is_said(bench: Bench) -> None:
    """Nobody waits for ever for a service that is down."""
    browser = bench.site.browser("coordinator")
    page = _ask(browser)
    assert "ne répond pas pour l’instant" in words(browser.get(page))
    beat(bench.site.service.store, "work", bench.now)
    assert "ne répond pas pour l’instant" not in words(browser.get(page))


@pytest.mark.slow
def test_a_proposal_that_is_not_there(bench: Bench) -> None:
    """A number that nobody ever made."""
    browser = bench.site.browser("coordinator")
    browser.get("/rota/proposals/77", 404)
    browser.post("/rota/proposals/77/accept", 404)
    browser.post("/rota/proposals/77/undo", 404)
    browser.post("/rota/proposals/77/delete")


@pytest.mark.slow
def test_every_page_speaks_the_readers_language(bench: Bench) -> None:
    """List, waiting, comparison, rehearsal: nothing of them is left in French."""
    browser = bench.site.browser("coordinator")
    page = _ask(browser)
    french = [words(browser.get(path)) for path in ("/rota/proposals", page)]
    for language in ("nl", "de", "en"):
        browser.post("/account/language", language=language)
        assert [words(browser.get(path)) for path in ("/rota/proposals", page)] != french
    bench.make()
    for language in ("nl", "de", "en"):
        browser.post("/account/language", language=language)
        assert "Nuits" not in words(browser.get(page))
        assert "Accepter" not in words(browser.post(f"{page}/accept", 200).text)
