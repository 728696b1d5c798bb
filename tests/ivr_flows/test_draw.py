import re
from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import assume, example, given

from ivr_flows.check import check
from ivr_flows.draw import draw, outline
from ivr_flows.load import parse_flow, shipped_flow, shipped_prompts
from ivr_flows.model import Flow
from tests.ivr_flows.files import flow_text, prompts
from tests.ivr_flows.strategies import tidy_flows, wild_flows

SVG = "{http://www.w3.org/2000/svg}"

BRANCHING = {
    "greeting": 'kind = "menu"\nprompt = "hello"\nkeys = { 1 = "one", 2 = "two", 3 = "ring" }\nsilence = "ring"',
    "one": 'kind = "say"\nprompt = "hello"\nnext = "ring"',
    "two": 'kind = "menu"\nprompt = "hello"\nkeys = { 0 = "greeting" }\nsilence = "three"',
    "three": 'kind = "say"\nprompt = "hello"\nnext = "ring"',
}


def svg(flow: Flow | None = None) -> ET.Element:
    """A drawn flow, read back as XML."""
    return ET.fromstring(draw(flow or parse_flow(flow_text(), "test.toml"), prompts(), "en"))  # noqa: S314 - our own


def words(picture: ET.Element) -> list[str]:
    """Everything written in a picture."""
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


def test_every_step_is_drawn_with_name_kind_and_words() -> None:
    """A coordinator recognises each step by what it is called, what it is and how it begins."""
    said = words(svg())
    for expected in ("greeting", "say", "“Hello.”", "ring", "unanswered", "menu", "goodbye"):
        assert expected in said


def test_every_arrow_says_what_leads_along_it() -> None:
    """Keys, silence and an unanswered ring are told apart; keys that lead to one step share an arrow."""
    said = words(svg(parse_flow(flow_text(BRANCHING), "test.toml")))
    for expected in ("1", "2", "3, silence", "0", "silence", "then", "unanswered"):
        assert expected in said


def test_the_picture_names_the_crisis_numbers() -> None:
    """What no flow file says is in the picture: key 9, and the numbers after an unanswered ring."""
    note = words(svg())[-1]
    assert note == "Crisis numbers (crisis, verified 2026-01-31): key 9 at any time, and after an unanswered ring."


def test_the_picture_speaks_to_a_screen_reader() -> None:
    """It is one image with a title and a description that tells every way."""
    picture = svg()
    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == "title desc"
    assert picture.findtext(f"{SVG}title") == "Flow test (fr)"
    told = picture.findtext(f"{SVG}desc") or ""
    assert "unanswered, menu: “Sorry.”; 1 leads to ring, silence leads to goodbye." in told


def test_the_picture_needs_nothing_from_outside() -> None:
    """No script, no font, no image, no address but the name of the format."""
    text = draw(shipped_flow("belgium"), shipped_prompts(), "fr")
    assert not re.search(r"<script|<image|href=|@import|\bon\w+=", text)
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]


def test_the_same_flow_gives_the_same_picture() -> None:
    """A picture in a repository only changes when the flow does."""
    pictures = {draw(parse_flow(flow_text(BRANCHING), "test.toml"), prompts(), "fr") for _ in range(3)}
    assert len(pictures) == 1


def test_words_from_outside_stay_words() -> None:
    """A quote or a sign of the format in a text can't break the picture."""
    said = words(ET.fromstring(draw(parse_flow(flow_text(), "t"), prompts(hello='A "<quote>" & more'), "fr")))  # noqa: S314
    assert '“A "<quote>" & more”' in said


def rectangles(picture: ET.Element) -> list[tuple[int, int, int, int]]:
    """Left, top, right and bottom of every box."""
    boxes = list(picture.iter(f"{SVG}rect"))[1:]
    sides = [[int(box.get(name, "0")) for name in ("x", "y", "width", "height")] for box in boxes]
    return [(x, y, x + width, y + height) for x, y, width, height in sides]


def pieces(picture: ET.Element) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, right and bottom of every straight piece of every arrow."""
    for path in picture.iter(f"{SVG}path"):
        if path.get("marker-end") is None:
            continue
        corners = [(int(x), int(y)) for x, y in re.findall(r"(\d+),(\d+)", path.get("d", ""))]
        for (x1, y1), (x2, y2) in pairwise(corners):
            yield min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


@given(wild_flows() | tidy_flows())
@example(parse_flow(flow_text(BRANCHING), "test.toml"))
def test_boxes_and_arrows_never_cover_a_box(flow: Flow) -> None:
    """Boxes stand apart and inside the picture, and arrows run only in the gaps and lanes between them."""
    assume(not check(flow, prompts()))
    picture = svg(flow)
    boxes = rectangles(picture)
    for index, (left, top, right, bottom) in enumerate(boxes):
        assert 0 < left < right < int(picture.get("width", "0"))
        assert 0 < top < bottom < int(picture.get("height", "0"))
        for x1, y1, x2, y2 in (*boxes[index + 1 :], *pieces(picture)):
            assert x2 <= left or x1 >= right or y2 <= top or y1 >= bottom


@pytest.mark.parametrize("name", ["france", "belgium"])
def test_a_shipped_flow_is_drawn(name: str) -> None:
    """Both shipped flows have as many boxes as steps."""
    flow = shipped_flow(name)
    picture = ET.fromstring(draw(flow, shipped_prompts(), "fr"))  # noqa: S314 - our own
    assert len(rectangles(picture)) == len(flow.steps)


def test_the_outline_is_a_tree_for_the_terminal() -> None:
    """Each step is written out once, where it is met first."""
    assert outline(parse_flow(flow_text(), "test.toml"), prompts(), "en") == (
        "Flow test (fr)\n"
        "Crisis numbers (crisis, verified 2026-01-31): key 9 at any time, and after an unanswered ring.\n"
        "\n"
        "greeting: say, “Hello.”\n"
        "└─ then → ring: ring, psychologists are called while the caller waits\n"
        "   └─ unanswered → unanswered: menu, “Sorry.”\n"
        "      ├─ 1 → ring (above)\n"
        "      └─ silence → goodbye: goodbye, “Goodbye.”\n"
    )
