import re

import pytest

from tests.pages.conftest import ALIX, Desk, ShownForm

POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("kind", ["page", "thanks", "wrong", "gone", "saved", "unknown", "too-large"])
def test_every_answer_keeps_to_itself(desk: Desk, kind: str) -> None:
    """Whatever is answered: not stored, not framed, not indexed, no referrer, no script, no cookie."""
    desk.talked()
    form, browser = ShownForm(desk.show()), desk.browser()
    answer = {
        "page": lambda: browser.get(desk.path()),
        "thanks": lambda: browser.get(desk.path() + "?saved=1"),
        "wrong": lambda: browser.post(form.action, data=form.tapped()),
        "gone": lambda: browser.post(form.action, data=form.tapped(main="burnout", call="x")),
        "saved": lambda: browser.post(form.action, data=form.tapped(main="burnout")),
        "unknown": lambda: browser.get("/me/x"),
        "too-large": lambda: browser.post(form.action, data={"main": "x" * 10_000}),
    }[kind]()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers


def test_the_page_needs_neither_script_nor_style_of_its_own(desk: Desk) -> None:
    """The policy forbids scripts and inline styles: the page has none, and nothing of anybody else's."""
    desk.talked()
    page = desk.show()
    assert not re.search(r"<script|<style|style=|javascript:|\son\w+=|https?://", page)


def test_nobody_can_type_anything(desk: Desk) -> None:
    """There is no free text: buttons and hidden fields are all there is."""
    desk.talked()
    page = desk.show()
    assert set(re.findall(r'<input type="(\w+)"', page)) == {"hidden", "radio", "checkbox"}
    assert not re.search(r"<textarea|<select|contenteditable", page)


def test_the_stylesheet_is_kept_for_good_under_its_contents_name(desk: Desk) -> None:
    """The stylesheet's address changes with its content, so a browser may keep it; any other address has none."""
    found = re.search(r'<link rel="stylesheet" href="([^"]+)"', desk.show(ALIX))
    assert found
    answer = desk.browser().get(found[1])
    assert answer.status_code == 200
    assert answer.content_type == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert desk.browser().get("/assets/0000000000000000.css").status_code == 404


def test_a_page_is_light(desk: Desk) -> None:
    """Page and stylesheet together weigh less than 40 kB: a phone with one bar has them at once."""
    desk.talked()
    page = desk.show()
    [style] = re.findall(r'href="(/assets/[^"]+)"', page)
    assert len(page.encode()) + len(desk.browser().get(style).data) < 40_000
