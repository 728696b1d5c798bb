"""Somebody leaves: shown before it is done, once, and taken back with the shifts."""

from __future__ import annotations

import re

from sqlalchemy import insert

from helpline.shifts.editing import Desk, editing
from helpline.store.rota_tables import RotaEdit
from helpline.store.tables import Person, Shift
from rota.edit import reassign
from rota.model import Span
from rota.staff import DAY, Limits
from tests.pages.signed import Browser, Office, words
from tests.shell import ALIX, BORIS, NOON, rows_of

LAST = "2026-03-20"
"""Alix's last day; her shift of the 25th opens."""


def _shift(site: Office) -> None:
    shift = {"line": "france", "tier": 1, "person": ALIX, "source": "import"}
    with site.service.store.durable() as tx:
        tx.execute(insert(Shift), {**shift, "starts_at": NOON + 15 * DAY, "ends_at": NOON + 16 * DAY})


def _holders(site: Office) -> list[int | None]:
    return [row["person"] for row in rows_of(site.service.store, Shift) if row["status"] != "cancelled"]


def _done(browser: Browser, path: str, **fields: str) -> str:
    """Looks, then confirms; the page that follows."""
    shown = browser.post(path, 200, **fields).text
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">', shown))
    return browser.follow(path, **{**hidden, "csrf": browser.csrf, "go": "yes"})


def test_what_opens_is_shown_before_they_leave(site: Office) -> None:
    """The shift after their last day; nothing is changed by looking."""
    _shift(site)
    browser = site.browser("coordinator")
    shown = words(browser.post(f"/people/{ALIX}/leave", 200, last=LAST).text)
    assert "dernier jour ven. 20 mars 2026" in shown
    assert "en moins, Alix Exemple" in shown
    assert _holders(site) == [ALIX]
    page = _done(browser, f"/people/{ALIX}/leave", last=LAST)
    assert "Le départ est noté." in words(page)
    assert "part le ven. 20 mars 2026" in words(page)
    assert _holders(site) == [None]


def test_a_departure_confirmed_twice_is_one(site: Office) -> None:
    """The second tap leads to the same page."""
    _shift(site)
    browser = site.browser("coordinator")
    shown = browser.post(f"/people/{ALIX}/leave", 200, last=LAST).text
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">', shown))
    for _ in range(2):
        browser.post(f"/people/{ALIX}/leave", 303, **{**hidden, "go": "yes"})
    assert len(rows_of(site.service.store, RotaEdit)) == 1


def test_who_leaves_at_once_is_out_at_once(site: Office) -> None:
    """Their sessions end with it."""
    theirs, browser = site.browser("psychologist"), site.browser("coordinator")
    _done(browser, f"/people/{ALIX}/leave", at="now")
    theirs.get("/my", 303)
    assert "partie ou parti le" in words(browser.get(f"/people/{ALIX}"))


def test_who_stays_after_all_has_their_shifts_again(either_site: Office) -> None:
    """The edit that took them is taken back."""
    _shift(either_site)
    browser = either_site.browser("coordinator")
    _done(browser, f"/people/{ALIX}/leave", last=LAST)
    assert "C’est noté : la personne reste." in words(_done(browser, f"/people/{ALIX}/stay"))
    assert _holders(either_site) == [ALIX]
    assert rows_of(either_site.service.store, Person)[0]["left_at"] is None


def test_who_stays_when_others_hold_their_shifts_stays_without(site: Office) -> None:
    """What somebody took meanwhile stays theirs."""
    _shift(site)
    browser = site.browser("coordinator")
    _done(browser, f"/people/{ALIX}/leave", last=LAST)
    desk = Desk(site.service.store, site.service.lines, Limits())
    with editing(desk, "take", "cli", NOON) as edit:
        seats = [shift for shift in edit.shifts if shift.person is None and shift.status != "cancelled"]
        edit.make(reassign(seats, Span(NOON, NOON + 30 * DAY), NOON, BORIS, "override"))
    _done(browser, f"/people/{ALIX}/stay")
    assert BORIS in _holders(site)
    assert rows_of(site.service.store, Person)[0]["left_at"] is None


def test_a_day_that_is_none_or_over_is_refused(site: Office) -> None:
    """In words beside the field, with what was typed."""
    browser = site.browser("coordinator")
    for day in ("", "soon", "2026-03-01"):
        answer = browser.post(f"/people/{ALIX}/leave", 400, last=day)
        assert 'id="last-wrong"' in answer.text
        assert f'value="{day}"' in answer.text
