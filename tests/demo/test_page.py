import re
from html.parser import HTMLParser

import pytest

from helpline.demo.texts import load_texts
from helpline.people.links import Links
from reports.words import LANGUAGES, Language
from tests.demo.conftest import NUMBERS, SECRETS, Demo

POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"


class Outline(HTMLParser):
    """Ids, links and the ids that other elements speak of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.wanted: set[str] = set()
        self.buttons = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what the element is called and speaks of."""
        found = {name: value or "" for name, value in attrs}
        self.buttons += tag == "button"
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found["href"])
        for name in ("aria-labelledby", "aria-describedby"):
            self.wanted |= set(found.get(name, "").split())


def _page(demo: Demo, query: str = "") -> str:
    answer = demo.browser.get("/" + query)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_four_languages(demo: Demo, language: Language) -> None:
    """French unless another language is asked for; each is a link away."""
    page = _page(demo, f"?lang={language}")
    assert f'<html lang="{language}">' in page
    assert f"<h1>{load_texts()['title'].to(language)}</h1>" in page
    assert f'href="/?lang={language}"' in _page(demo)
    assert '<html lang="fr">' in _page(demo, "?lang=xx")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_that_its_data_are_made_up(demo: Demo, language: Language) -> None:
    """In French and in English, whatever the page's own language."""
    page = _page(demo, f"?lang={language}")
    assert "Données de démonstration" in page
    assert "Demonstration data" in page


def test_every_phone_is_on_the_page(demo: Demo) -> None:
    """The caller's, by name those of who is on call and the coordination's: twelve keys and two buttons each."""
    page = _page(demo)
    assert re.findall(r'data-phone="([^"]+)"', page) == ["caller", *NUMBERS.values()]
    assert all(f"{name} Exemple" in page for name in ("Camille", "Dominique", "Sacha"))
    assert page.count('data-key="') == 12 * 5
    assert page.count('data-do="') == 2 * 5


def test_the_page_is_well_formed_for_a_screen_reader(demo: Demo) -> None:
    """Every id is there once, and whatever is labelled or described by another element finds it."""
    outline = Outline(_page(demo))
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.wanted <= set(outline.ids)


def test_every_link_leads_somewhere(demo: Demo) -> None:
    """Signing in, personal pages, report files and languages: each address on the page answers."""
    links = [link for link in Outline(_page(demo)).links if not link.startswith("#")]
    assert len(links) == 4 + 1 + 3 + 6
    assert {link: demo.browser.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_each_psychologist_has_a_personal_link(demo: Demo) -> None:
    """The page links to the wrap-up pages of who is on call, which the command line prints, on its own host."""
    made = Links(SECRETS.link_key, "http://localhost:8000")
    links = Outline(_page(demo)).links
    assert [link for link in links if link.startswith("/me/")] == [made.path(person, 0) for person in (1, 2, 3)]


def test_the_page_shows_the_moment(demo: Demo) -> None:
    """Who is on call and what waits is on the page before any script runs."""
    call, _ = demo.talking()
    demo.do("hang_up", call=call)
    demo.passes(1)
    page = _page(demo, "?lang=en")
    assert page.count("1 call to code") == 1
    assert page.count("until 20:00") == 2
    assert "Second in line" in page
    assert "First human voice" in page


def test_without_script_there_is_another_way(demo: Demo) -> None:
    """Whoever runs no scripts is told so in a sentence, and how to call the line from a terminal."""
    without = re.search(r"<noscript>(.*?)</noscript>", _page(demo), re.DOTALL)
    assert without
    assert "JavaScript" in without[1]
    assert re.search(r"<code>\S*helpline --config \S+config\.toml call france</code>", without[1])


def test_codes_for_the_keypad_are_at_hand(demo: Demo) -> None:
    """Two digits and the reason, as a psychologist keys them in after a call."""
    page = _page(demo)
    numbers = demo.rehearsal.service.taxonomy.reason_numbers()
    assert re.findall(r"<dt>(\d\d)</dt>", page) == list(numbers)


@pytest.mark.parametrize("path", ["/", "/demo/state", "/demo/nothing", "/demo/report/nothing.html"])
def test_every_answer_keeps_to_itself(demo: Demo, path: str) -> None:
    """Not stored, not framed, no referrer, nothing from elsewhere, no cookie."""
    answer = demo.browser.get(path)
    if answer.status_code == 404 and path == "/demo/nothing":
        return  # an address of nobody
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_action_keeps_to_itself(demo: Demo) -> None:
    """What is posted is answered with JSON that nobody stores, done or refused."""
    for answer in (demo.do("dial", line="france"), demo.do("dial", line="spain")):
        assert answer.content_type == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Security-Policy"] == POLICY


def test_nothing_on_the_page_is_inline(demo: Demo) -> None:
    """The policy forbids inline scripts and styles, and anything from elsewhere: the page has none."""
    page = _page(demo)
    assert not re.search(r"<style|style=|javascript:|\son\w+=|https?://", page)
    assert re.findall(r"<script[^>]*>", page) == re.findall(r'<script src="/demo/assets/\w+\.js" defer>', page)


@pytest.mark.parametrize("kind", ["css", "js", "svg"])
def test_assets_are_kept_for_good_under_their_contents_name(demo: Demo, kind: str) -> None:
    """The address of stylesheet, script and icon changes with their content; any other address has none."""
    [path] = re.findall(rf'"(/demo/assets/\w+\.{kind})"', _page(demo))
    answer = demo.browser.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert demo.browser.get(f"/demo/assets/0000000000000000.{kind}").status_code == 404
    assert demo.browser.get("/demo/assets/0000000000000000.exe").status_code == 404


def test_the_page_is_light(demo: Demo) -> None:
    """Page, stylesheet and script together weigh less than 80 kB."""
    page = _page(demo)
    assets = re.findall(r'"(/demo/assets/[^"]+)"', page)
    assert len(page.encode()) + sum(len(demo.browser.get(path).data) for path in assets) < 80_000
