"""A psychologist with a caller on the phone, who finds who can help near that caller."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from helpline.directory.editing import save
from helpline.directory.seeding import shipped
from reports.words import LANGUAGES, Language
from tests.browser.house import NOON, House
from tests.browser.looking import faint, small, violations, wide
from tests.browser.windows import PHONE, Theme, Windows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
SEARCH: dict[Language, str] = {"fr": "Chercher", "nl": "Zoeken", "de": "Suchen", "en": "Search"}


@pytest.fixture
def stocked(own_house: House) -> House:
    """The house with the entries that we ship."""
    store = own_house.service.store
    with store.durable() as tx:
        save(tx, shipped(dt.datetime.fromtimestamp(NOON, dt.UTC).date()), "test", NOON, only=True)
    return own_house


def _faults(page: Page) -> list[str]:
    return violations(page) + wide(page) + small(page) + faint(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_association_of_toulouse_in_one_search(own_windows: Windows, stocked: House, *, scripts: bool) -> None:
    """From the first page on a phone: one tap, the town, Enter. Its association is first, its number a thumb high."""
    page = own_windows.as_role("psychologist", scripts=scripts, width=PHONE)
    page.goto("/my")
    with page.expect_navigation():
        page.get_by_role("link", name="Trouver de l’aide").click()
    page.get_by_role("searchbox").fill("toulouse")
    with page.expect_navigation():
        page.get_by_role("searchbox").press("Enter")
    first = page.locator("main li.card").first
    expect(first.get_by_role("heading")).to_contain_text("MOTS")
    number = first.get_by_role("link", name="06 08 28 25 89")
    expect(number).to_have_attribute("href", "tel:+33608282589")
    expect(number).to_be_in_viewport(ratio=1)
    box = number.bounding_box()
    assert box
    assert box["height"] >= 44
    assert page.url.endswith("/my/directory")
    expect(page.get_by_role("link", name="Une vie est en danger")).to_be_in_viewport(ratio=1)
    assert not scripts or _faults(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_found_is_fit_for_everybody(
    own_windows: Windows, stocked: House, language: Language, theme: Theme
) -> None:
    """In each language, by day and by night, with what was understood, what wasn't and what nobody fits."""
    page = own_windows.as_role("psychologist", width=PHONE, language=language, theme=theme)
    page.goto("/my/directory")
    faults = _faults(page)
    for typed in ("toulouse", "4700 clinic zzz deutsch"):
        page.get_by_role("searchbox").fill(typed)
        with page.expect_navigation():
            page.get_by_role("button", name=SEARCH[language], exact=True).click()
        expect(page.locator("main li.card").first).to_be_visible()
        faults += _faults(page)
    assert faults == []
