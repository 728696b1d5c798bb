"""The pages for everybody in a real browser: on a phone, at night, without scripts, and on paper."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from helpline.pages.public.addresses import CARDS, DIRECTORY, HELP, POSTER
from reports.words import LANGUAGES, Language
from tests.browser.looking import faint, small, violations, wide
from tests.browser.windows import DESKTOP, PHONE, Windows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
LINES = ("france", "belgium")
A4 = (595, 842)
"""Points."""


def addresses(language: Language) -> list[str]:
    """Every kind of page for everybody."""
    base = HELP[language]
    of_lines = [f"{base}/{line}" for line in LINES]
    below = [f"{page}/{kind[language]}" for page in of_lines for kind in (DIRECTORY, POSTER, CARDS)]
    return [base, *of_lines, *below, f"{base}/nowhere"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_fit_for_everybody(windows: Windows, language: Language) -> None:
    """Nothing that axe-core knows of stands in the way, by day or by night; from 320 px on all fits a finger."""
    page, faults = windows.guest(language=language), {}
    for address in addresses(language):
        page.emulate_media(color_scheme="light")
        page.goto(address)
        found = violations(page) + wide(page) + small(page)
        page.emulate_media(color_scheme="dark")
        found += faint(page)
        for width in (320, PHONE):
            page.set_viewport_size({"width": width, "height": 740})
            found += wide(page) + small(page)
        page.set_viewport_size({"width": DESKTOP, "height": 900})
        if found:
            faults[address] = found
    windows.heard[:] = [each for each in windows.heard if "404" not in each]
    assert faults == {}


def sheets(page: Page) -> list[tuple[int, int]]:
    """The sheets of paper that the page is printed on, each by its width and height in points."""
    with pikepdf.open(BytesIO(page.pdf(prefer_css_page_size=True))) as printed:
        boxes = [[float(each) for each in sheet.mediabox.as_list()] for sheet in printed.pages]
    return [(round(right - left), round(top - bottom)) for left, bottom, right, top in boxes]


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_printed_is_one_sheet(windows: Windows, language: Language) -> None:
    """A line's page, its poster and its cards: A4, one each, on both lines, light though the screen is dark."""
    page = windows.guest(theme="dark", language=language)
    page.emulate_media(media="print")
    for line in LINES:
        for kind in ("", f"/{POSTER[language]}", f"/{CARDS[language]}"):
            page.goto(f"{HELP[language]}/{line}{kind}")
            assert sheets(page) == [A4], page.url
            assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ink')") == "#1b2a2f"
            expect(page.locator("main")).to_contain_text("0826 000 401" if line == "france" else "0800 23 460")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_a_sheet_is_cut_off(windows: Windows, language: Language) -> None:
    """No line of a poster or a card is longer than its paper, nor hidden behind its edge."""
    page = windows.guest(language=language)
    for line in LINES:
        for kind in (POSTER, CARDS):
            page.goto(f"{HELP[language]}/{line}/{kind[language]}")
            cut = page.evaluate(
                """() => [...document.querySelectorAll(".leaf, .pocket")].filter((each) => {
                  const edge = each.getBoundingClientRect();
                  return [...each.querySelectorAll("p, svg.qr")].some((part) => {
                    const range = document.createRange();
                    range.selectNodeContents(part);
                    const box = range.getBoundingClientRect();
                    return box.right > edge.right + 1 || box.bottom > edge.bottom + 1;
                  });
                }).map((each) => each.textContent)"""
            )
            assert cut == [], page.url


def test_a_doctor_in_toulouse_finds_help_without_scripts(windows: Windows) -> None:
    """On a phone: from the list to the line, to the directory, to Occitanie; the number is a tap away, and dials."""
    page = windows.guest(scripts=False, width=PHONE)
    page.goto("/aide")
    for name in ("Ligne d’écoute France", "L’annuaire de l’aide, par région", "Occitanie"):
        page.locator("main").get_by_role("link", name=name).click()
    expect(page).to_have_url(f"{windows.house.base}/aide/france/annuaire#FR-OCC")
    first = page.locator("#FR-OCC .entry").first
    expect(first).to_contain_text("MOTS")
    expect(first).to_be_in_viewport()
    expect(first.get_by_role("link").first).to_have_attribute("href", "tel:+33608282589")
    assert page.context.cookies() == []
