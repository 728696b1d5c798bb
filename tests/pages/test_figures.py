"""What each figure means, for whoever reads releases."""

from html import unescape

from reports.indicators import indicators
from reports.rounding import LEAST_WHOLE
from reports.words import LANGUAGES, phrase
from tests.pages.signed import Office, words


def test_every_figure_is_defined_as_reports_define_it(site: Office) -> None:
    """Name, definition, formula and denominator of each, in the reader's language; and how they are rounded."""
    browser = site.browser("funder")
    for language in LANGUAGES:
        said = unescape(words(browser.get(f"/figures/definitions?lang={language}")))
        for each in indicators().values():
            for text in (each.name, each.definition, each.formula, each.denominator):
                assert " ".join(text.to(language).split()) in said
        assert phrase("method.shares").fill(least=LEAST_WHOLE).to(language) in said


def test_there_is_no_release_yet_and_nothing_live(site: Office) -> None:
    """It says so, and offers nothing to choose."""
    html = site.browser("funder").get("/figures")
    assert "Aucun rapport n’a encore été publié." in words(html)
    main = html[html.index("<main") : html.index("</main>")]
    assert "<form" not in main
    assert "<input" not in main
