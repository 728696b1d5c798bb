import re
from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest
from hypothesis import assume, example, given

from ivr_flows.check import check
from ivr_flows.layout import LETTER
from ivr_flows.load import parse_flow, shipped_flow
from ivr_flows.model import Flow, GoodbyeStep, Step
from ivr_flows.picture import Picture, picture
from tests.ivr_flows.files import flow_text, prompts
from tests.ivr_flows.strategies import safe_flows, tidy_flows, wild_flows
from tests.ivr_flows.test_draw import BRANCHING

Rectangle = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def wordy(_step: Step, label: str) -> str:
    """Longer words than those of the flow file, and none for what needs none."""
    return {"then": "", "silence": "niemand antwortet", "unanswered": "keine Antwort"}.get(label, label)


def apart(one: Rectangle, other: Rectangle) -> bool:
    """Whether two rectangles share no more than an edge."""
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def boxes(drawn: Picture) -> list[Rectangle]:
    """Where the boxes are."""
    return [(box.x, box.y, box.x + box.width, box.y + box.height) for box in drawn.boxes]


def pieces(drawn: Picture) -> Iterator[Rectangle]:
    """Every straight piece of every arrow."""
    for stroke in drawn.strokes:
        corners = [(int(x), int(y)) for x, y in re.findall(r"(\d+),(\d+)", stroke.line)]
        for (x1, y1), (x2, y2) in pairwise(corners):
            yield min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def labels(drawn: Picture) -> list[Rectangle]:
    """Where something is written beside an arrow: letters of 8 by 13 pixels are more than any browser needs."""
    said = [stroke for stroke in drawn.strokes if stroke.label]
    return [(each.x, each.y - 10, each.x + LETTER * len(each.label), each.y + 3) for each in said]


@given(wild_flows() | tidy_flows() | safe_flows())
@example(parse_flow(flow_text(BRANCHING), "test.toml"))
@example(shipped_flow("belgium"))
def test_nothing_covers_anything(flow: Flow) -> None:
    """Boxes, and what is written at arrows, stand apart and inside the frame; no arrow crosses a box."""
    assume(not check(flow, prompts()) or flow.name == "belgium")
    drawn = picture(flow, wordy)
    standing = [*boxes(drawn), *labels(drawn)]
    for left, top, right, bottom in standing:
        assert 0 < left < right < drawn.width
        assert drawn.top < top < bottom < drawn.top + drawn.height
    assert all(apart(one, other) for one, other in combinations(standing, 2))
    assert all(apart(piece, box) for piece in pieces(drawn) for box in boxes(drawn))


@pytest.mark.parametrize("name", ["france", "belgium"])
def test_every_step_is_a_box_with_its_number(name: str) -> None:
    """The steps are numbered as they stand, from the top; those that end the call are marked."""
    flow = shipped_flow(name)
    drawn = picture(flow)
    assert {box.step for box in drawn.boxes} == set(flow.steps)
    assert [box.number for box in drawn.boxes] == list(range(1, len(flow.steps) + 1))
    assert drawn.boxes[0].step == flow.start
    assert [box.y for box in drawn.boxes] == sorted(box.y for box in drawn.boxes)
    assert {box.step for box in drawn.boxes if box.end} == {
        step.name for step in flow.steps.values() if isinstance(step, GoodbyeStep)
    }


def test_arrows_end_in_a_tip_at_their_box() -> None:
    """Each tip points at the end of its line."""
    for stroke in picture(shipped_flow("belgium")).strokes:
        end = re.findall(r"\d+,\d+", stroke.line)[-1]
        assert stroke.tip.startswith(f"M{end} ")
        assert stroke.tip.endswith(" z")


def test_arrows_say_what_they_are_told_to() -> None:
    """Words are whoever shows it's; an arrow without words has none, and keys that share one are told together."""
    said = [stroke.label for stroke in picture(parse_flow(flow_text(BRANCHING), "t"), wordy).strokes]
    assert "3, niemand antwortet" in said
    assert "" in said
    assert "then" not in said


def test_the_same_flow_gives_the_same_picture() -> None:
    """Whoever knows the picture finds everything where it was."""
    assert len({picture(parse_flow(flow_text(BRANCHING), "test.toml"), wordy) for _ in range(3)}) == 1
