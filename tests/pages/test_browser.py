from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect
from werkzeug.serving import make_server

from tests.pages.conftest import ALIX, BRECHT, Desk

PHONE, DESKTOP = 360, 1440
SMALLEST = 44
"""CSS pixels that a finger needs."""


@pytest.fixture(scope="module")
def chromium(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    """The browser, started once."""
    browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
    yield browser
    browser.close()


@dataclass
class Handset:
    """One browser window without scripts, in front of the running service."""

    chromium: Browser
    desk: Desk
    base: str
    heard: list[str]
    """What the browser's console complains about."""

    def open(self, person: int = ALIX, width: int = PHONE, theme: Literal["light", "dark"] = "light") -> Page:
        """The person's page in a fresh window."""
        context = self.chromium.new_context(
            viewport={"width": width, "height": 740},
            java_script_enabled=False,
            has_touch=width == PHONE,
            color_scheme=theme,
            base_url=self.base,
        )
        page = context.new_page()
        page.on("console", lambda message: self.heard.append(message.text))
        page.goto(self.desk.path(person))
        return page


@pytest.fixture
def handset(chromium: Browser, desk: Desk) -> Iterator[Handset]:
    """The service on a port of this machine, and a browser to open it with."""
    server = make_server("127.0.0.1", 0, desk.app(), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield Handset(chromium, desk, f"http://127.0.0.1:{server.port}", [])
    for context in chromium.contexts:
        context.close()
    server.shutdown()
    server.server_close()
    thread.join(10)


def _answer(page: Page, question: str, label: str) -> Locator:
    return page.get_by_role("group", name=question).get_by_label(label, exact=True)


def test_a_typical_call_takes_three_taps(handset: Handset, desk: Desk) -> None:
    """On a phone without scripts: doctor, burnout, save - and the call is coded."""
    desk.talked()
    page = handset.open()
    for target in (
        _answer(page, "Qui a appelé ?", desk.label("callers", "doctor")),
        _answer(page, "Motif principal", desk.label("reasons", "burnout")),
        page.get_by_role("button", name="Enregistrer"),
    ):
        target.tap()
    expect(page.get_by_role("status")).to_contain_text("Merci, c’est enregistré.")
    [row] = desk.coded()
    assert (row.caller, row.reasons) == ("doctor", "burnout")
    assert handset.heard == []


def test_every_question_can_be_answered_on_a_phone(handset: Handset, desk: Desk) -> None:
    """What is folded opens with a tap, and every list takes its answers."""
    desk.talked(BRECHT, "belgium")
    page = handset.open(BRECHT)
    _answer(page, "Belangrijkste reden", desk.label("reasons", "workload", "nl")).tap()
    page.get_by_text("Tot twee andere redenen").first.tap()
    _answer(page, "Tot twee andere redenen", desk.label("reasons", "burnout", "nl")).tap()
    _answer(page, "Doorverwezen naar", desk.label("orientations", "gp", "nl")).tap()
    _answer(page, "Ernst", desk.label("severities", "3", "nl")).tap()
    page.get_by_text("Statuut · Specialisme · Regio").tap()
    _answer(page, "Regio", desk.label("belgium", "liege", "nl")).tap()
    _answer(page, "Taal van het gesprek", "Deutsch").tap()
    page.get_by_role("button", name="Opslaan").tap()
    expect(page.get_by_role("status")).to_contain_text("het is opgeslagen")
    [row] = desk.coded()
    assert (row.reasons, row.orientations, row.severity) == ("workload burnout", "gp", 3)
    assert (row.territory, row.language) == ("liege", "de")


def _tab_to(page: Page, name: str) -> Locator:
    """Presses Tab until the focus is in the field `name`, and sees at each stop that nothing hides the focus."""
    bar = page.locator(".save")
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        box, top = focused.bounding_box(), bar.bounding_box()
        assert box
        assert top
        if focused.get_attribute("type") == "submit" or focused.get_attribute("name") == name:
            return focused
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= top["y"]
    pytest.fail(f"Tab doesn't reach {name}")


def test_a_call_is_coded_by_keyboard(handset: Handset, desk: Desk) -> None:
    """Tab, arrows, space and Enter are enough, and what has the focus is always to be seen."""
    desk.talked()
    page = handset.open(width=DESKTOP)
    _tab_to(page, "caller")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "main")
    page.keyboard.press("Space")
    _tab_to(page, "orientations")
    page.keyboard.press("Space")
    _tab_to(page, "save")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Merci, c’est enregistré.")
    [row] = desk.coded()
    assert (row.caller, row.reasons, row.orientations) == ("doctor", "burnout", "psychologist")


def test_another_contact_than_support_asks_nothing_else(handset: Handset, desk: Desk) -> None:
    """A silent call: one tap folds everything else away, and "save" is all that is left."""
    desk.talked()
    page = handset.open()
    _answer(page, "Type de contact", desk.label("contacts", "silent")).tap()
    expect(page.get_by_role("group", name="Motif principal")).to_be_hidden()
    page.get_by_role("button", name="Enregistrer").tap()
    expect(page.get_by_role("status")).to_contain_text("Merci, c’est enregistré.")
    assert desk.coded()[0].contact == "silent"


def test_a_refused_form_leads_to_what_is_wrong(handset: Handset, desk: Desk) -> None:
    """Saved without a reason: the page says so, and its link leads to the question."""
    desk.talked()
    page = handset.open()
    _answer(page, "Qui a appelé ?", desk.label("callers", "relative")).tap()
    page.get_by_role("button", name="Enregistrer").tap()
    expect(page).to_have_title("Erreur\u00a0: coder un appel")
    page.get_by_role("alert").get_by_role("link", name="Indiquez le motif principal.").tap()
    expect(page.get_by_role("group", name="Motif principal")).to_be_in_viewport()
    expect(_answer(page, "Qui a appelé ?", desk.label("callers", "relative"))).to_be_checked()


def test_the_protocol_for_a_life_in_danger_is_one_tap_away(handset: Handset) -> None:
    """At the top of the first screen; a tap, and what to do is there."""
    page = handset.open()
    steps = page.get_by_text("D’un autre téléphone, appelez le 15 ou le 112")
    expect(steps).to_be_hidden()
    page.get_by_text("Une vie est en danger").tap()
    expect(steps).to_be_in_viewport()


def test_nothing_to_tap_is_small(handset: Handset, desk: Desk) -> None:
    """Whatever can be tapped is at least 44 px high and wide, and never overlaps its neighbour."""
    desk.talked()
    page = handset.open()
    for summary in page.locator("main summary").all():
        summary.tap()
    boxes = [found.bounding_box() for found in page.locator("a, button, summary, .choice").all()]
    seen = [box for box in boxes if box]
    assert len(seen) > 90
    assert [box for box in seen if box["height"] < SMALLEST or box["width"] < SMALLEST] == []
    buttons = [box for box in (found.bounding_box() for found in page.locator(".choice span").all()) if box]
    right = max(box["x"] + box["width"] for box in buttons)
    assert right <= PHONE
    rows = {(box["x"], box["y"]) for box in buttons}
    assert len(rows) == len(buttons)


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
@pytest.mark.parametrize("width", [320, PHONE, DESKTOP])
def test_nothing_scrolls_sideways(handset: Handset, desk: Desk, language: str, width: int) -> None:
    """From a small phone to a desktop, in every language, the longest label stays inside."""
    desk.talked()
    page = handset.open(width=width)
    with page.expect_navigation():
        page.get_by_role("navigation").locator(f"[lang={language}]").click()
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    clipped = "[...document.querySelectorAll('.choice span')].filter(e => e.scrollWidth > e.clientWidth + 2).length"
    assert page.evaluate(clipped) == 0


@pytest.mark.parametrize(("theme", "ground"), [("light", "rgb(243, 246, 245)"), ("dark", "rgb(16, 24, 27)")])
def test_the_page_follows_the_phones_theme(handset: Handset, theme: Literal["light", "dark"], ground: str) -> None:
    """At three in the morning the page is dark."""
    page = handset.open(theme=theme)
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == ground
