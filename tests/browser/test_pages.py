import re

import pytest
from playwright.sync_api import expect

from helpline.accounts.model import ROLES, Role
from reports.words import Language
from tests.browser.house import House
from tests.browser.looking import faint, small, violations, wide
from tests.browser.walking import expected, walk
from tests.browser.windows import DESKTOP, PHONE, Windows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
UNLINKED = {
    "root": "leads home",
    "welcome": "an invitation leads there",
    "welcome_phone": "the same, once a password is chosen",
    "plan_proposal": "asking for a proposal leads there: a journey does",
    "plan_undo": "what has just been done offers it",
    "prove": "what needs a fresh proof leads there",
}
"""Pages that no link leads to, and what does."""
WHO: tuple[Role | None, ...] = (*ROLES, None)


@pytest.mark.parametrize("role", WHO)
def test_every_page_is_found_along_links(house: House, role: Role | None) -> None:
    """From the first page links lead to every page that a role may open, and none is broken."""
    found = walk(house, role)
    assert found.broken == []
    assert set(expected(house, role)) - found.reached - set(UNLINKED) == set()
    assert found.pages


@pytest.mark.parametrize("role", WHO)
def test_every_page_is_fit_for_everybody(windows: Windows, house: House, role: Role | None) -> None:
    """Nothing that axe-core knows of stands in the way, by day or by night; on a phone and a desk all fits a finger."""
    page, faults = windows.as_role(role) if role else windows.guest(), {}
    for address in walk(house, role).kinds.values():
        page.emulate_media(color_scheme="light")
        page.goto(address)
        found = violations(page) + wide(page) + small(page)
        page.emulate_media(color_scheme="dark")
        found += faint(page)
        page.set_viewport_size({"width": PHONE, "height": 740})
        found += wide(page) + small(page)
        page.set_viewport_size({"width": DESKTOP, "height": 900})
        if found:
            faults[address] = found
    assert faults == {}


@pytest.mark.parametrize("language", ["nl", "de", "en"])
def test_no_language_is_too_long(windows: Windows, house: House, language: Language) -> None:
    """On a phone the longest words of each language stay inside."""
    faults = {}
    roles: tuple[Role, ...] = ("psychologist", "coordinator")
    for role in roles:
        page = windows.as_role(role, width=PHONE, language=language)
        for address in walk(house, role, language).kinds.values():
            page.goto(address)
            if found := wide(page):
                faults[address] = found
    assert faults == {}


def test_shifts_are_exchanged_by_dragging(windows: Windows) -> None:
    """In the calendar, where scripts are on: one shift dropped on another asks whether the two change hands."""
    page = windows.as_role("coordinator")
    page.goto("/rota/calendar")
    shifts = page.locator("a[data-drag]")
    one, other = shifts.first, shifts.nth(7)
    asked = f"a={one.get_attribute('data-drag')}&b={other.get_attribute('data-drop')}"
    one.drag_to(other)
    page.wait_for_url(f"**/rota/exchange?{asked}")
    assert violations(page) == []


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_what_to_do_for_a_life_in_danger_never_scrolls_away(windows: Windows, width: int) -> None:
    """However far down somebody is, on a phone or a desk, one tap leads there; and what has the focus isn't beneath."""
    page = windows.as_role("psychologist", width=width)
    page.goto("/my/shifts?all=1")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    lifeline = page.get_by_role("link", name="Une vie est en danger")
    expect(lifeline).to_be_in_viewport(ratio=1)
    page.keyboard.press("Shift+Tab")
    focused, bar = page.locator(":focus").bounding_box(), lifeline.bounding_box()
    assert focused
    assert bar
    assert focused["y"] >= bar["y"] + bar["height"]
    lifeline.click()
    expect(page.get_by_text("appelez le 15 ou le 112")).to_be_visible()


def test_a_month_is_printed_on_paper_laid_across(windows: Windows) -> None:
    """A4, landscape, in black on white though the screen is dark; neither bar nor buttons; what is missing in words."""
    page = windows.as_role("coordinator", theme="dark")
    page.goto("/rota/calendar")
    sheet = page.pdf(prefer_css_page_size=True)
    assert set(re.findall(rb"/MediaBox \[([^]]*)\]", sheet)) == {b"0 0 841.91998 594.95996"}
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--surface')") == "#ffffff"
    for hidden in (".bar", ".toolbar", ".foot"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator(".grid .gap").first).to_contain_text("trou")
