import re
from dataclasses import replace
from itertools import pairwise

import pytest

from helpline.demo.year import synthetic_year
from reports.build import report_of
from reports.document import Report
from reports.render.html import render_html
from reports.words import LANGUAGES, Language, same
from tests.reports.made import YEAR, figures, made, synthetic
from tests.reports.pages import Node, tree

DEMO = {
    "fr": "Données de démonstration",
    "nl": "Demonstratiegegevens",
    "de": "Demonstrationsdaten",
    "en": "Demonstration data",
}


@pytest.fixture(scope="module")
def page(year: Report) -> Node:
    """The French page of the made-up year."""
    return tree(render_html(year, "fr"))


def numbers(node: Node) -> set[int]:
    """Every whole number of two digits or more that is printed in tables and charts."""
    text = " ".join(cell.text for tag in ("td", "text") for cell in node.all(tag))
    return {int(re.sub(r"\D", "", one)) for one in re.findall(r"\d[\d\u202f]*\d", text)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_well_formed_in_every_language(year: Report, language: Language) -> None:
    """It says its language, has one title and one first heading, and nothing is left to be filled."""
    root = tree(render_html(year, language))
    assert next(root.all("html")).attributes["lang"] == language
    assert len(list(root.all("h1"))) == 1
    assert "{" not in next(root.all("body")).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("calls", [0, 250, 600])
def test_a_page_of_any_size_of_line_is_well_formed(calls: int, language: Language) -> None:
    """With most cells masked too."""
    assert list(tree(render_html(synthetic(calls), language)).all("table"))


def test_the_page_needs_nothing_else(year: Report) -> None:
    """No script, no outside asset, no inline style, no link that leaves the page."""
    text = render_html(year, "fr")
    root = tree(text)
    assert not [one.tag for one in root.all() if one.tag in {"script", "link", "img", "iframe", "object", "base"}]
    assert not [one for one in root.all() if "style" in one.attributes or "src" in one.attributes]
    assert all(one.attributes["href"].startswith("#") for one in root.all("a"))
    assert "url(" not in text
    assert "@import" not in text


def test_every_reference_inside_the_page_leads_somewhere(page: Node) -> None:
    """Ids are unique; links, labels and descriptions point at one."""
    ids = [one.attributes["id"] for one in page.all() if "id" in one.attributes]
    assert len(set(ids)) == len(ids)
    wanted = {one.attributes["href"][1:] for one in page.all("a")}
    for name in ("aria-labelledby", "aria-describedby"):
        wanted |= {one.attributes[name] for one in page.all() if name in one.attributes}
    assert wanted <= set(ids)


def test_every_table_has_a_caption_and_its_heads_a_scope(page: Node) -> None:
    """Each row and column says what it is."""
    for table in page.all("table"):
        assert next(table.all("caption")).text
        assert all(one.attributes["scope"] in {"row", "col"} for one in table.all("th"))
        for row in [one for part in ("tbody", "tfoot") for body in table.all(part) for one in body.all("tr")]:
            first = row.children[0]
            assert isinstance(first, Node)
            assert first.attributes["scope"] == "row"


def test_every_row_has_a_cell_for_every_column(page: Node) -> None:
    """No cell slips under another head."""
    for table in page.all("table"):
        assert len({len(row.children) for row in table.all("tr")}) == 1


def test_every_chart_is_a_picture_with_a_title_and_a_description(page: Node) -> None:
    """All other SVG is hidden from readers, because the number stands beside it."""
    pictures = [one for one in page.all("svg") if "role" in one.attributes]
    assert len(pictures) >= 8
    for picture in pictures:
        assert picture.attributes["role"] == "img"
        named = {one.tag: "".join(map(str, one.children)) for one in picture.children if isinstance(one, Node)}
        assert named["title"]
        assert named["desc"]
    assert all(one.attributes["aria-hidden"] == "true" for one in page.all("svg") if one not in pictures)


def test_every_chart_stands_beside_its_table(page: Node) -> None:
    """In the same block, before it."""
    blocks = [one for one in page.all("div") if one.attributes.get("class", "").startswith("block ")]
    for block in blocks:
        tags = [one.tag for one in block.all() if one.tag == "table" or one.attributes.get("role") == "img"]
        assert tags.count("table") == 1
        assert tags[-1] == "table"
    assert sum(len([one for one in block.all("svg") if "role" in one.attributes]) for block in blocks) >= 8


def test_headings_go_down_one_step_at_a_time(page: Node) -> None:
    """A screen reader's outline has no holes."""
    levels = [int(one.tag[1]) for one in page.all() if re.fullmatch(r"h\d", one.tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_calls_not_callers_stands_on_page_one(page: Node) -> None:
    """Before the first table."""
    text = next(page.all("body")).text
    assert text.index("Des appels, pas des personnes") < text.index("Joindre la ligne")


def test_every_indicator_is_defined_on_the_page(page: Node, year: Report) -> None:
    """With its formula and its denominator, in the annex; beside its table, with what it means."""
    annex = next(one for one in page.all("dl") if one.attributes.get("class") == "annex")
    assert annex.text.count("Formule") == annex.text.count("Dénominateur") == len(year.indicators)
    assert "pris en moins de 20\u00a0s ÷ (pris + abandonnés après 20\u00a0s ou plus)" in annex.text


def test_numbers_are_written_as_the_language_writes_them(year: Report) -> None:
    """1 800 and 26 % in French, 1.800 and 26% in Dutch."""
    texts = {language: tree(render_html(year, language)).text for language in LANGUAGES}
    assert "1\u202f800" in texts["fr"]
    assert "1.800" in texts["nl"]
    assert "1.800" in texts["de"]
    assert "1,800" in texts["en"]
    assert "26\u00a0%" in texts["fr"]
    assert "26%" in texts["nl"]
    assert "26\u00a0%" in texts["de"]
    assert "26%" in texts["en"]


def test_the_summary_is_made_of_sentences_to_quote(page: Node) -> None:
    """In plain French, with the figures of the tables."""
    lines = next(one for one in page.all("ul") if one.attributes.get("class") == "headlines").text
    assert "En 2026, la ligne a reçu 1\u202f800 appels" in lines
    assert "épuisement professionnel (26\u00a0%), demande d’orientation (12\u00a0%)" in lines
    assert "en moyenne 29 minutes" in lines


@pytest.mark.parametrize("language", LANGUAGES)
def test_made_up_figures_are_marked_in_every_language(year: Report, language: Language) -> None:
    """At the top of the page, at its foot, and in the title of its window; a real report says nothing of it."""
    text = render_html(year, language)
    root = tree(text)
    for tag in ("aside", "footer"):
        assert DEMO[language] in next(root.all(tag)).text
    assert DEMO[language] in "".join(map(str, next(root.all("title")).children))
    assert DEMO[language] not in render_html(replace(year, demo=False), language)


def test_the_page_says_which_days_it_is_of_and_when_it_was_closed() -> None:
    """Before any figure; a revision says that it replaces what was published."""
    text = tree(render_html(made(), "fr")).text
    assert "1 janv.\u2009–\u200931 déc. 2026, heure locale (Europe/Paris). Chiffres arrêtés le 5 janvier 2027." in text
    revised = tree(render_html(report_of(figures(revision=2)), "fr")).text
    assert "Révision n° 2 du 5 janvier 2027\u202f; elle remplace les chiffres publiés avant." in revised


def test_text_from_outside_stays_text(year: Report) -> None:
    """A line's name is escaped wherever it stands."""
    name = same('<script>alert("x")</script> & <b>')
    text = render_html(replace(year, line_name=name), "fr")
    assert "<script" not in text
    assert "<b>" not in text
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &lt;b&gt;" in text


def test_no_exact_number_is_on_the_page() -> None:
    """Everything printed in a table or a chart is a multiple of five, a percentage or a label."""
    records, hours, months = synthetic_year(YEAR, "france", 1787, 4)
    root = tree(render_html(made(records, hours, months), "fr"))
    assert all(number % 5 == 0 or number <= 100 for number in numbers(root))
    assert {1787, len(records)}.isdisjoint(numbers(root))


def test_a_masked_cell_has_no_mark() -> None:
    """A bar of any length would tell what the number doesn't."""
    root = tree(render_html(made(), "fr"))
    assert not [
        one
        for one in root.all("rect")
        if one.attributes["class"] in {"fill", "answered", "offered"} and one.attributes["width"] != "10"
    ]
    assert not [one for one in root.all("rect") if "seg" in one.attributes["class"]]


def test_marks_are_as_long_as_the_printed_numbers(page: Node, year: Report) -> None:
    """The bar of a reason against the longest, in hundredths of a percent of printed counts."""
    table = next(one for section in year.sections for one in section.tables if one.id == "main-reason")
    counts = [cell.value or 0 for cell in table.column("count") if cell]
    expected = [f"{100 * count / max(counts):.2f}%" for count in counts if count]
    block = next(
        one
        for one in page.all("div")
        if any(h.attributes.get("id") == "about-main-reason" for h in one.children if isinstance(h, Node))
    )
    assert [one.attributes["width"] for one in block.all("rect") if one.attributes["class"] == "fill"] == expected


def test_a_small_line_has_no_quotable_sentence_but_an_honest_one() -> None:
    """Where figures are masked, sentences with them are left out."""
    root = tree(render_html(made(), "en"))
    lines = next(one for one in root.all("ul") if one.attributes.get("class") == "headlines")
    assert [line.text for line in lines.all("li")] == [
        "The year has too few calls for sentences with figures that could expose nobody."
    ]
