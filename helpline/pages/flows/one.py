"""One line's flow: a picture, and the same in words for whoever reads rather than looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpline.lines import Line
from helpline.pages.flows.listing import READERS, card
from helpline.pages.flows.telling import Telling, Told
from helpline.pages.routes import Route
from helpline.pages.site import Site, Visit
from helpline.pages.texts import ENDONYMS, known_language
from ivr_flows.picture import LINE_HEIGHT, TEXT_LEFT, TITLE_DOWN, WORDS_DOWN, DrawnBox, Stroke, lines_of, picture
from reports.words import Language

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def routes(_site: Site) -> tuple[Route, ...]:
    """`/flows/<line>`."""
    return (Route("/flows/<line>", "flow", show_flow, READERS),)


@dataclass(frozen=True, slots=True)
class Written:
    """Words in the picture, and where they begin. `of_prompt`: they are the line's, in the language it is heard in."""

    text: str
    x: int
    y: int
    title: bool = False
    of_prompt: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A step in the picture."""

    box: DrawnBox
    words: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The picture as the page draws it; `frame` is the SVG's view box."""

    frame: str
    width: int
    height: int
    steps: tuple[Shown, ...]
    strokes: tuple[Stroke, ...]


def show_flow(visit: Visit, line: str) -> ResponseReturnValue:
    """The picture, the steps, and what is said beside them; `?spoken=nl` chooses what callers' language is quoted."""
    found = visit.site.line(line)
    spoken = quoted(visit, found)
    telling = Telling(visit.say, found, spoken)
    drawing, told = drawn(found, telling)
    tabs = [
        (code, ENDONYMS[code], visit.url("flow", line=found.name, spoken=code), code == spoken)
        for code in found.flow.languages
    ]
    return visit.page(
        "flows/flow.html",
        card=card(visit, found),
        tabs=tabs,
        spoken=spoken,
        drawing=drawing,
        told=told,
        crisis=telling.crisis(),
        waiting=telling.waiting(),
        file=found.settings.flow,
    )


def quoted(visit: Visit, line: Line) -> Language:
    """The language that prompts are quoted in: the one asked for, the reader's, or the line's first."""
    flow = line.flow
    asked = known_language(visit.asked("spoken"))
    return next((code for code in (asked, visit.language) if code in flow.languages and code), flow.default_language)


def drawn(line: Line, telling: Telling) -> tuple[Drawing, tuple[Told, ...]]:
    """The picture, and its steps in words in the same order, with the same numbers."""
    found = picture(line.flow, telling.at_arrow)
    numbers = {box.step: box.number for box in found.boxes}
    told = {name: telling.tell(name, numbers) for name in numbers}
    frame = f"0 {found.top} {found.width} {found.height}"
    steps = tuple(_shown(box, told) for box in found.boxes)
    return Drawing(frame, found.width, found.height, steps, found.strokes), tuple(told.values())


def _shown(box: DrawnBox, told: Mapping[str, Told]) -> Shown:
    step = told[box.step]
    title = Written(f"{step.number}. {step.title}", box.x + TEXT_LEFT, box.y + TITLE_DOWN, title=True)
    words = (
        Written(text, box.x + TEXT_LEFT, box.y + WORDS_DOWN + LINE_HEIGHT * index, of_prompt=step.speaks)
        for index, text in enumerate(lines_of(step.brief, "…”" if step.speaks else "…"))
    )
    return Shown(box, (title, *words))
