"""Releases on the pages of whoever signs in: the list, a report, its files, and what a replaced revision becomes."""

import base64
import hashlib
import re
from html import unescape

import pytest
from werkzeug.test import TestResponse

from helpline.figures.shelf import volumes
from helpline.figures.verifying import stored
from reports.figures import TOGETHER
from reports.words import LANGUAGES
from tests.figures.released import close, put_out, year_of
from tests.pages.signed import HOST, Browser, Office, words
from tests.shell import NOON

STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def out(site: Office, year: int = 2025, line: str = "france", *, revision: int = 1, **more: bool) -> None:
    """Publishes a made-up year."""
    put_out(site.service.store, site.service.lines, year_of(year, line, revision), NOON, **more)


def ask(browser: Browser, path: str, **headers: str) -> TestResponse:
    """A page with its headers."""
    return browser.client.get(path, base_url=HOST, headers=headers)


def test_the_list_names_what_is_out(either_site: Office) -> None:
    """By line and year, the latest first, with its day, and with files in the reader's language and for programs."""
    out(either_site, 2024)
    out(either_site, 2025)
    out(either_site, 2025, "belgium")
    html = either_site.browser("funder", language="nl").get("/figures")
    assert html.index("Jaarverslag 2025") < html.index("Jaarverslag 2024")
    assert html.count('href="/figures/belgium/2025"') == 1
    assert "Vrijgegeven op di 10 mrt 2026" in words(html).replace("mrt.", "mrt")
    assert '/figures/france/2025/rapport-france-2025.nl.pdf"' in html
    assert '/figures/france/2025/figures-france-2025.csv"' in html


def test_what_is_only_closed_is_named_to_coordinators_alone(either_site: Office) -> None:
    """A funder sees neither that it exists nor its report."""
    close(either_site.service.store, year_of(2025))
    assert "Arrêtés, pas encore publiés" in words(either_site.browser("coordinator").get("/figures"))
    funder = either_site.browser("funder")
    assert "2025" not in words(funder.get("/figures"))
    for path in ("/figures/france/2025", "/figures/france/2025/rapport-france-2025.fr.html"):
        funder.get(path, 404)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_read_in_the_readers_language(site: Office, language: str) -> None:
    """The page is the report, with a bar that leads back, to the other languages and to every file."""
    out(site, pages=True)
    html = site.browser("funder").get(f"/figures/france/2025?lang={language}")
    head, body = files(site)[f"rapport-france-2025.{language}.html"].decode().split("<body>")
    assert f'<html lang="{language}">' in head
    skip, _, rest = body.partition("</a>")
    assert html.startswith(f"{head}<body>{skip}</a>\n<style>")
    assert html.endswith(rest)
    for name in files(site):
        assert f'href="/figures/france/2025/{name}"' in html


def files(site: Office, line: str = "france", period: str = "2025", revision: int = 1) -> dict[str, bytes]:
    """What was stored of a release."""
    with site.service.store.read() as connection:
        return stored(connection, (line, period, revision))


def test_a_report_may_use_its_own_style_and_nothing_else(site: Office) -> None:
    """The policy names exactly the page's style blocks; there is no other style, and no script."""
    out(site, pages=True)
    answer = ask(site.browser("funder"), "/figures/france/2025")
    hashes = {
        base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in STYLE.findall(answer.text)
    }
    policy = answer.headers["Content-Security-Policy"]
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == hashes
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert not re.search(r"unsafe|script-src|https?:", policy)
    assert not re.search(r"<script|\sstyle=|javascript:|\son\w+=", answer.text)


def test_a_download_is_what_was_stored(either_site: Office) -> None:
    """Byte for byte, as a file of its kind, kept by its reader alone, and not sent again to who has it."""
    out(either_site)
    browser = either_site.browser("funder")
    kinds = {"html": "text/html", "pdf": "application/pdf", "csv": "text/csv", "json": "application/json"}
    for name, content in files(either_site).items():
        answer = ask(browser, f"/figures/france/2025/{name}")
        assert answer.data == content
        assert answer.content_type.startswith(kinds.get(name.rpartition(".")[2], "application/vnd."))
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["ETag"] == f'"{hashlib.sha256(content).hexdigest()}"'
        again = ask(browser, f"/figures/france/2025/{name}", **{"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


NOWHERE = (
    "/figures/france/2024",
    "/figures/nowhere/2025",
    "/figures/france/25",
    "/figures/france/2025?revision=2",
    "/figures/france/2025?revision=x",
    "/figures/france/2025?revision=99999999999999999999",
    "/figures/france/2025/x.pdf",
    "/figures/france/2025/..%2Fsecrets",
    "/figures/FRANCE/2025",
    "/figures/fr%00/2025",
)


def test_what_is_not_there_is_said_to_be_so(either_site: Office) -> None:
    """404 in words, whatever is wrong with the address."""
    out(either_site)
    browser = either_site.browser("funder")
    for path in NOWHERE:
        browser.get(path, 404)


def test_a_replaced_revision_stays_and_says_so(site: Office) -> None:
    """A report's address leads to the new one; the old one has an address of its own, is marked, and has its files."""
    out(site)
    before = files(site)
    out(site, revision=2)
    browser = site.browser("funder")
    listed = words(browser.get("/figures"))
    assert "Révision n° 2" in listed
    assert "Remplacé par la révision n° 2" in listed
    assert "Remplacé" not in words(browser.get("/figures/france/2025"))
    old = browser.get("/figures/france/2025?revision=1")
    assert "Remplacé par la révision n° 2" in words(old)
    links = [unescape(link) for link in re.findall(r'href="(/figures/france/2025/[^"]+)"', old)]
    assert {ask(browser, link).data for link in links} == set(before.values())
    assert ask(browser, "/figures/france/2025/rapport-france-2025.fr.pdf").data == before["rapport-france-2025.fr.pdf"]


def test_all_lines_together_have_an_address(site: Office) -> None:
    """Like the names of their files, and stand before the lines."""
    out(site)
    out(site, 2025, TOGETHER)
    html = site.browser("funder").get("/figures")
    assert html.index("Ensemble des lignes") < html.index('id="france"')
    assert "rapport-ensemble-2025.fr.html</p>" in site.browser("funder").get("/figures/ensemble/2025")


def test_a_line_that_is_configured_no_more_is_still_read(site: Office) -> None:
    """Under its id: what was published stays published."""
    out(site, 2025, "quebec")
    browser = site.browser("funder")
    assert 'id="quebec"' in browser.get("/figures")
    browser.get("/figures/quebec/2025")


def test_a_report_is_quick(site: Office) -> None:
    """List and report take a few reads of columns: nothing is thawed or drawn."""
    for year in range(2016, 2026):
        out(site, year)
    with site.service.store.read() as connection:
        assert len(volumes(connection)) == 10
    assert len(site.browser("funder").get("/figures").encode()) < 40_000
