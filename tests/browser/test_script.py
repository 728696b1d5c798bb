"""What the script adds, each on a page that has nothing else: the service's own stylesheet and script, and a body."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.windows import Windows

pytestmark = pytest.mark.slow


@dataclass
class Sheet:
    """A page whose body a test writes; `posted` counts the forms that it sent."""

    page: Page
    head: str
    body: str = ""
    posted: list[str] = field(default_factory=list)

    def show(self, body: str) -> Page:
        """Opens the page with this body."""
        self.body = body
        self.page.goto("/sheet")
        return self.page

    def answer(self, route: Route) -> None:
        """What the browser gets for the page's address."""
        if route.request.method == "POST":
            self.posted.append(route.request.post_data or "")
            route.fulfill(status=204)  # as while the service takes its time: the page stays
            return
        html = f'<!doctype html><html lang="fr"><head>{self.head}</head>'
        body = (
            f'<body class="app" data-copy="Copier" data-copied="Copié"><main id="main">{self.body}</main></body></html>'
        )
        route.fulfill(body=html + body, content_type="text/html; charset=utf-8")


@pytest.fixture
def sheet(windows: Windows) -> Sheet:
    """A page of one's own."""
    page = windows.guest()
    page.goto("/sign-in")
    links = re.findall(r'<link rel="stylesheet"[^>]*>|<script [^>]*></script>', page.content())
    made = Sheet(page, "".join(links))
    page.route("**/sheet", made.answer)
    return made


def test_a_form_tapped_twice_is_sent_once(sheet: Sheet) -> None:
    """The second tap of a shaking finger does nothing, and the button says that it is being done."""
    page = sheet.show('<form method="post" action="/sheet"><button name="go" value="1">Enregistrer</button></form>')
    page.evaluate("document.querySelector('button').click(); document.querySelector('button').click()")
    expect(page.get_by_role("button")).to_have_attribute("aria-disabled", "true")
    assert sheet.posted == ["go=1"]


def test_coming_back_makes_the_form_ready_again(sheet: Sheet) -> None:
    """Whoever comes back with the back button can send the form anew."""
    page = sheet.show('<form method="post" action="/sheet"><button name="go" value="1">Enregistrer</button></form>')
    button = page.get_by_role("button")
    page.evaluate("document.querySelector('button').click(); window.dispatchEvent(new Event('pageshow'))")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    page.evaluate("document.querySelector('button').click()")
    expect(button).to_have_attribute("aria-disabled", "true")
    assert sheet.posted == ["go=1", "go=1"]


def test_an_address_is_copied(sheet: Sheet) -> None:
    """A button beside an address copies it and says so."""
    sheet.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = sheet.show('<p><code class="code"> https://helpline.example.org/x.ics </code></p>')
    page.get_by_role("button", name="Copier").click()
    expect(page.get_by_role("button", name="Copié")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "https://helpline.example.org/x.ics"


def test_rows_are_found_as_one_types(sheet: Sheet) -> None:
    """Capitals and accents don't matter; whatever doesn't hold every word goes away, and comes back."""
    names = "".join(
        f'<li class="row"><span>{name}</span></li>' for name in ("Zoé Exemple", "Noa Exemple", "Zoé Modèle")
    )
    page = sheet.show(f'<label>Chercher <input data-filter="#all"></label><ul class="list" id="all">{names}</ul>')
    page.get_by_label("Chercher").fill("ZOE exem")
    expect(page.locator(".row:visible")).to_have_text(["Zoé Exemple"])
    page.get_by_label("Chercher").fill("")
    expect(page.locator(".row:visible")).to_have_count(3)


def _seconds_later(page: Page) -> Callable[[int], None]:
    def later(seconds: int) -> None:
        page.clock.run_for(seconds * 1000)

    return later


def test_what_changes_by_itself_is_asked_for(sheet: Sheet) -> None:
    """After so many seconds the part is as the service has it now; what is around it stays as it is."""
    sheet.page.clock.install()
    later = _seconds_later(sheet.page)
    page = sheet.show('<input aria-label="autre"><p data-refresh="20">en cours</p>')
    page.get_by_label("autre").fill("gardé")
    sheet.body = '<input aria-label="autre"><p data-refresh="20">presque</p>'
    later(19)
    expect(page.locator("p")).to_have_text("en cours")
    later(2)
    expect(page.locator("p")).to_have_text("presque")
    expect(page.get_by_label("autre")).to_have_value("gardé")


def test_what_is_done_shows_its_whole_page(sheet: Sheet) -> None:
    """Once nothing changes by itself any more the page is loaded anew."""
    sheet.page.clock.install()
    later = _seconds_later(sheet.page)
    page = sheet.show('<p data-refresh="20">en cours</p>')
    sheet.body = "<p>terminé</p>"
    later(21)
    expect(page.locator("p")).to_have_text("terminé")


def test_nothing_is_taken_from_whoever_types(sheet: Sheet) -> None:
    """While a field of the part holds something typed, or the focus, the part waits."""
    sheet.page.clock.install()
    later = _seconds_later(sheet.page)
    part = '<div data-refresh="20"><p>{}</p><input aria-label="nom"></div>'
    page = sheet.show(part.format("avant"))
    page.get_by_label("nom").fill("Al")
    sheet.body = part.format("après")
    later(60)
    expect(page.locator("p")).to_have_text("avant")
    page.get_by_label("nom").fill("")
    page.get_by_label("nom").blur()
    later(21)
    expect(page.locator("p")).to_have_text("après")


def test_a_shift_is_dragged_onto_another(sheet: Sheet) -> None:
    """Dropped on another shift, the page that asks about the exchange opens; on itself, nothing happens."""
    shifts = "".join(f'<td data-drop="{n}"><a href="#" data-drag="{n}">garde {n}</a></td>' for n in (11, 22))
    sheet.page.route("**/rota/exchange?*", lambda route: route.fulfill(body="échange"))
    page = sheet.show(f'<table class="grid"><tr>{shifts}</tr></table>')
    page.get_by_text("garde 11").drag_to(page.locator("[data-drop='11']"))
    assert page.url.endswith("/sheet") or page.url.endswith("/sheet#")
    page.get_by_text("garde 11").drag_to(page.locator("[data-drop='22']"))
    page.wait_for_url("**/rota/exchange?a=11&b=22")


def test_what_is_wrong_is_where_the_focus_is(sheet: Sheet) -> None:
    """A refused form: the screen reader begins with what is wrong, and the next Tab is the link to it."""
    page = sheet.show('<div class="notice fault" role="alert"><p>Rien n’a été modifié.</p><a href="#x">Nom</a></div>')
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link")).to_be_focused()
