import re
from pathlib import Path

import pytest

from helpline.calls.promise import promise
from helpline.pages.flows.listing import spell
from helpline.pages.texts import load_texts
from ivr_flows.check import arrows
from reports.words import LANGUAGES
from tests.pages.signed import Office, office, words
from tests.shell import CONFIG


def test_every_line_is_shown_with_its_promise(site: Office) -> None:
    """The number people dial, the languages, and how long somebody waits at most, as `helpline flows check` says it."""
    said = words(site.browser("coordinator").get("/flows"))
    for line in site.service.lines.values():
        kept = promise(line)
        assert line.flow.spoken["fr"] in said
        most, busy = (" ".join(spell(seconds).split()) for seconds in (kept.seconds, kept.seconds_busy))
        assert f"Après {most} au plus" in said
        assert f"Si tout le monde est déjà en ligne : {busy}" in said
    assert "+33 826 00 04 01" in said
    assert "+32 800 23 460" in said


def test_crisis_numbers_that_nobody_verified_for_long_are_told(site: Office) -> None:
    """Half a year after the date in the flow file the page says so, and what to do."""
    browser = site.browser("operator")
    assert "À vérifier" not in words(browser.get("/flows"))
    site.clock.at += 500 * 86_400
    browser = site.browser("operator")
    assert "À vérifier" in words(browser.get("/flows"))
    assert "composez chaque numéro" in words(browser.get("/flows/france"))


@pytest.mark.parametrize("name", ["france", "belgium"])
def test_picture_and_words_tell_the_same_flow(site: Office, name: str) -> None:
    """Each step is a box and an item under the same number; each way of it is in the words, with a link there."""
    html, flow = site.browser("coordinator").get(f"/flows/{name}"), site.service.lines[name].flow
    boxes = re.findall(r'font-weight="600">(\d+)\. ([^<]+)</text>', html)
    items = re.findall(r'<li id="step-(\d+)">\s*<h3>([^<]+)</h3>', html)
    assert boxes == items
    assert len(items) == len(flow.steps)
    assert len(re.findall(r'→ <a href="#step-\d+">', html)) == sum(len(arrows(step)) for step in flow.steps.values())
    assert all(f'id="step-{number}"' in html for number in re.findall(r'href="#step-(\d+)"', html))


def test_the_picture_has_a_title_and_obeys_the_policy(site: Office) -> None:
    """One image with title and description; nothing on the page is styled or scripted in place."""
    html = site.browser("operator").get("/flows/belgium")
    assert 'role="img" aria-labelledby="title desc"' in html
    assert re.search(r'<title id="title">[^<]+</title>\s*<desc id="desc">[^<]+</desc>', html)
    assert not re.search(r"\bstyle=|\son\w+=|<style|url\(", html)


def test_what_is_said_is_quoted_in_the_callers_language(site: Office) -> None:
    """The page speaks the reader's language, the quotes that of a caller, whichever is asked for."""
    browser, line = site.browser("coordinator"), site.service.lines["belgium"]
    for language in LANGUAGES:
        html = browser.get(f"/flows/belgium?spoken={language}")
        assert f'<q lang="{language}">{line.prompts.text("goodbye", language)}</q>' in html
        assert line.prompts.text(line.flow.crisis, language) in html
        assert "Au revoir</h3>" in html
    assert line.prompts.text("goodbye", "fr") in browser.get("/flows/belgium?spoken=xx")


def test_a_line_of_one_language_is_explained_in_each(site: Office) -> None:
    """A Dutch reader of the French line reads Dutch, and French quotes."""
    browser = site.browser("coordinator")
    for language in LANGUAGES:
        html = browser.get(f"/flows/france?lang={language}")
        assert load_texts()["flows-kind-ring"].to(language) in html
        assert 'q lang="fr"' in html


def test_a_line_that_is_none_is_not_shown(site: Office) -> None:
    """Nothing is made up for an address that somebody typed."""
    browser = site.browser("coordinator")
    for path in ("/flows/atlantis", "/flows/atlantis/try"):
        assert "Cette page n’existe pas" in words(browser.get(path, 404))


def test_a_line_without_callbacks_says_so(sqlite_url: str, tmp_path: Path) -> None:
    """Where the configuration switches callbacks off, nobody is led to believe in them."""
    config = CONFIG.replace('flow = "france"', 'flow = "france"\ncallback = false')
    with office(sqlite_url, tmp_path, config) as opened:
        browser = opened.browser("coordinator")
        assert "désactivé sur cette ligne" in words(browser.get("/flows/france"))
        assert "désactivé sur cette ligne" not in words(browser.get("/flows/belgium"))
