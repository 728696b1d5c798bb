import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from helpline.demo.running import demo_server
from helpline.pages.texts import load_texts
from tests.demo.conftest import demo_process

pytestmark = pytest.mark.timeout(180)  # calls take their real time
PHONE, DESKTOP = 360, 1440
SMALLEST = 44
"""CSS pixels that a finger needs."""
SOON, RINGS, SPOKEN = 10_000, 40_000, 30_000
"""Milliseconds: the carrier runs in real time, and the machine may be busy."""
VOICES = """
window.spoken = [];
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
const voices = ["en-US", "fr-FR", "nl-NL"].map((lang) => ({ lang, name: lang }));
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => voices,
  speak: (said) => { window.spoken.push([said.voice.lang, said.text.trim()]); setTimeout(() => said.onend?.(), 50); },
  cancel: () => { window.spoken.push(["", "silence"]); },
} });
"""
"""A browser that can speak three languages, and writes down what it said."""


@dataclass
class Windows:
    """The demonstration on a port of this machine, and browser windows in front of it."""

    chromium: Browser
    base: str
    heard: list[str] = field(default_factory=list)
    """What the browser complains about."""

    def open(
        self,
        path: str = "/",
        width: int = DESKTOP,
        theme: Literal["light", "dark"] = "light",
        before: str = "",
        **options: Any,  # noqa: ANN401 - as Playwright has them
    ) -> Page:
        """The page in a window of its own."""
        context = self.chromium.new_context(
            viewport={"width": width, "height": 900},
            has_touch=width == PHONE,
            color_scheme=theme,
            base_url=self.base,
            **options,
        )
        if before:
            context.add_init_script(before)
        page = context.new_page()
        page.on("console", lambda message: self.heard.append(message.text))
        page.on("pageerror", lambda error: self.heard.append(str(error)))
        page.goto(path)
        return page


@pytest.fixture
def windows(chromium: Browser, folder: Path, port: int) -> Iterator[Windows]:
    """The demonstration runs; at the end, the browser has complained about nothing."""
    with demo_server(folder / "config.toml", port):
        windows = Windows(chromium, f"http://localhost:{port}")
        yield windows
        for context in chromium.contexts:
            context.close()
    assert windows.heard == []


def _caller(page: Page) -> Locator:
    return page.get_by_role("group", name=re.compile("^(La personne qui appelle|The person who calls)$"))


def _ringing(page: Page) -> Locator:
    """The first psychologist's phone that rings, once one does."""
    ringing = page.locator(".team[data-state=ringing]")
    expect(ringing.first).to_be_visible(timeout=RINGS)
    key = ringing.first.get_attribute("data-phone")
    return page.locator(f'[data-phone="{key}"]')


def test_a_call_from_dialling_to_coding(windows: Windows) -> None:
    """Click "call", hear the greeting, see a phone ring, pick up, press 1, talk, hang up, and find one call to code."""
    page = windows.open()
    caller = _caller(page)
    caller.get_by_role("button", name="Appeler").click()
    expect(caller).to_contain_text("Ligne d’écoute des médecins, bonjour.", timeout=SPOKEN)
    phone = _ringing(page)
    expect(page.get_by_role("listitem").filter(has_text="Décrochez")).to_have_attribute("aria-current", "step")
    phone.get_by_role("button", name="Décrocher").click()
    expect(phone).to_contain_text("Tapez 1 pour prendre l’appel", timeout=SPOKEN)
    phone.get_by_role("button", name="1", exact=True).click()
    for each in (phone, caller):
        expect(each).to_contain_text("en communication", timeout=SPOKEN)
        expect(each).to_have_attribute("data-state", "talking")
    caller.get_by_role("button", name="Raccrocher").click()
    expect(caller).to_contain_text("raccroché", timeout=SOON)
    name = phone.get_by_role("heading").inner_text()
    row = page.get_by_role("region", name="Coder les appels").get_by_role("listitem").filter(has_text=name)
    expect(row).to_contain_text("1 appel à coder", timeout=SOON)
    with page.context.expect_page() as opened:
        row.get_by_role("link", name=name).click()
    expect(opened.value.get_by_role("heading", name=re.compile(f"Bonjour {name}"))).to_be_visible()
    expect(opened.value.locator("main")).to_contain_text(load_texts()["waiting-one"].fr.format(n=1))


def test_a_call_by_keyboard_alone(windows: Windows) -> None:
    """Enter dials, a digit chooses English, Enter picks up, 1 takes the call, Escape hangs up."""
    page = windows.open("/?lang=en")
    caller = _caller(page)
    page.get_by_role("radio", name="Belgium helpline").check()
    page.keyboard.press("Enter")
    expect(caller).to_contain_text("For English, press 4.", timeout=SPOKEN)
    caller.focus()
    page.keyboard.press("4")
    expect(caller).to_contain_text("Hello, this is the doctors’ helpline.", timeout=SPOKEN)
    phone = _ringing(page)
    phone.focus()
    page.keyboard.press("Enter")
    expect(phone).to_have_class(re.compile("asks"), timeout=SPOKEN)
    page.keyboard.press("1")
    expect(phone).to_have_attribute("data-state", "talking", timeout=SPOKEN)
    page.keyboard.press("Escape")
    expect(phone).not_to_have_attribute("data-state", "talking", timeout=SOON)
    expect(caller).to_contain_text("If you were cut off", timeout=SPOKEN)


def test_a_row_of_digits_without_shift(windows: Windows) -> None:
    """On a French keyboard the key of the digit 1 types an ampersand: it still is key 1; and 5 is found by arrows."""
    page = windows.open("/?lang=en")
    caller = _caller(page)
    caller.get_by_role("button", name="Call", exact=True).click()
    expect(caller).to_have_attribute("data-state", "connected", timeout=SOON)
    caller.evaluate(
        "card => card.dispatchEvent(new KeyboardEvent('keydown', {key: '&', code: 'Digit1', bubbles: true}))"
    )
    expect(caller.locator("li.key")).to_have_text([re.compile("^1")], timeout=SOON)
    caller.get_by_role("button", name="5").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(caller.locator("li.key")).to_have_text([re.compile("^1"), re.compile("^8")], timeout=SOON)


def test_what_is_said_is_spoken_once_sound_is_on(windows: Windows) -> None:
    """In the language it is said in, with a voice that speaks it; in none of the others; and not before it is asked."""
    page = windows.open(before=VOICES)
    caller = _caller(page)
    page.get_by_role("radio", name="Belgique").check()
    caller.get_by_role("button", name="Appeler").click()
    expect(caller).to_contain_text("Pour le français", timeout=SPOKEN)
    assert page.evaluate("window.spoken") == []
    sound = page.get_by_role("button", name="Son")
    expect(sound).to_have_attribute("aria-pressed", "false")
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "true")
    with page.expect_request(re.compile(r"/audio/\d+\.wav$"), timeout=RINGS):
        expect(caller).to_contain_text("Ligne d’écoute des médecins", timeout=SPOKEN)
    spoken = [tuple(each) for each in page.evaluate("window.spoken")]
    assert ("nl-NL", "Voor Nederlands, druk op 2.") in spoken
    assert ("en-US", "For English, press 4.") in spoken
    assert ("fr-FR", "Ligne d’écoute des médecins, bonjour.") in spoken
    assert not [text for _, text in spoken if "Deutsch" in text]
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "false")


def test_a_screen_reader_is_told_whole_sentences(windows: Windows) -> None:
    """What is said is announced once and whole, in its language, while the page still writes it word by word."""
    page = windows.open()
    _caller(page).get_by_role("button", name="Appeler").click()
    announced = page.get_by_role("log").locator("[lang=fr-FR]")
    expect(announced).to_contain_text("Nous appelons un psychologue.", timeout=SOON)
    expect(page.locator("#caller .said.speaking")).not_to_contain_text("Nous appelons un psychologue.")


def test_two_tabs_show_the_same_phones(windows: Windows) -> None:
    """A second tab sees that somebody calls, can call by itself, and can end a call that another tab forgot."""
    one, other = windows.open(), windows.open("/?lang=en")
    _caller(one).get_by_role("button", name="Appeler").click()
    listed = other.locator(".others li")
    expect(listed).to_contain_text("France helpline · listening to the line", timeout=SOON)
    _caller(other).get_by_role("button", name="Call", exact=True).click()
    expect(_caller(other)).to_contain_text("Ligne d’écoute des médecins", timeout=SPOKEN)
    expect(one.locator(".others li")).to_have_count(1, timeout=SOON)
    listed.get_by_role("button", name="Hang up").click()
    expect(_caller(one)).to_contain_text("raccroché", timeout=SOON)
    expect(other.locator(".others")).to_be_hidden(timeout=SOON)


def test_a_tab_keeps_its_call_through_a_reload(windows: Windows) -> None:
    """Reloading the page is no hanging up: what has been said is still there."""
    page = windows.open()
    _caller(page).get_by_role("button", name="Appeler").click()
    expect(_caller(page)).to_contain_text("Ligne d’écoute des médecins", timeout=SPOKEN)
    page.reload()
    expect(_caller(page)).to_have_attribute("data-state", "connected", timeout=SOON)
    expect(_caller(page)).to_contain_text("Ligne d’écoute des médecins", timeout=SOON)


def test_without_script_the_page_still_informs(windows: Windows) -> None:
    """The phones are away, a sentence says why and what to do instead, and the links are there."""
    page = windows.open(java_script_enabled=False)
    without = page.locator("noscript .without")
    expect(without).to_be_visible()
    expect(without).to_contain_text("Les téléphones de cette page ont besoin de JavaScript.")
    expect(page.locator("#caller")).to_be_hidden()
    expect(page.get_by_role("link", name="Camille Exemple")).to_be_visible()
    page.get_by_role("link", name="English").first.click()
    expect(page.get_by_role("heading", name="Call the line")).to_be_visible()


def test_the_report_opens_as_it_was_drawn(windows: Windows) -> None:
    """The simulated year's report has its own style, which its policy lets through."""
    page = windows.open()
    with page.context.expect_page() as opened:
        page.get_by_role("region", name="Le rapport annuel").get_by_role("link", name="Français").click()
    report = opened.value
    report.on("console", lambda message: windows.heard.append(message.text))
    expect(report.get_by_role("heading", level=1)).to_be_visible(timeout=SPOKEN)
    report.reload()
    assert report.evaluate("getComputedStyle(document.body).maxWidth") != "none"


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
@pytest.mark.parametrize("width", [320, PHONE, 700, 1024, DESKTOP])
def test_nothing_scrolls_sideways(windows: Windows, language: str, width: int) -> None:
    """From a small phone to a desktop, in every language, and no button's words leave it."""
    page = windows.open(f"/?lang={language}", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    clipped = "[...document.querySelectorAll('button')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    assert page.evaluate(clipped) == 0


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_nothing_to_tap_is_small(windows: Windows, width: int) -> None:
    """Whatever can be tapped is at least 44 px high and wide, also on a phone that rings or talks."""
    page = windows.open(width=width)
    expect(_caller(page)).to_contain_text("raccroché")
    page.route("**/demo/state?*", lambda _: None)  # the phones stay as this test sets them
    page.reload()
    for summary in page.locator("summary").all():
        summary.click()
    page.evaluate("document.querySelectorAll('.phone').forEach(each => { each.dataset.state = 'connected'; })")
    targets = "a, button, summary, .choice:not([hidden]), .tick"
    boxes = [found.bounding_box() for found in page.locator("main").locator(targets).all()]
    seen = [box for box in boxes if box]
    assert len(seen) > 70
    assert [box for box in seen if box["height"] < SMALLEST or box["width"] < SMALLEST] == []


@pytest.mark.parametrize(("theme", "ground"), [("light", "rgb(243, 246, 245)"), ("dark", "rgb(16, 24, 27)")])
def test_the_page_follows_the_browsers_theme(windows: Windows, theme: Literal["light", "dark"], ground: str) -> None:
    """Light by day, dark by night, as the browser is set."""
    page = windows.open(theme=theme)
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == ground


def test_the_page_waits_for_the_demonstration_to_come_back(chromium: Browser, folder: Path, port: int) -> None:
    """When the demonstration ends the page says so, and goes on by itself once it has been started again."""
    windows = Windows(chromium, f"http://localhost:{port}")
    with demo_process(port, folder):
        page = windows.open()
        expect(_caller(page)).to_contain_text("raccroché")
    lost = page.get_by_role("alert")
    expect(lost).to_contain_text("La démonstration ne répond plus.", timeout=SOON)
    with demo_process(port, folder):
        expect(lost).to_be_hidden(timeout=SOON)
        _caller(page).get_by_role("button", name="Appeler").click()
        expect(_caller(page)).to_have_attribute("data-state", "connected", timeout=SOON)
        page.context.close()
