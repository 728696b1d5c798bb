"""A PDF as a machine voice reads it: its tags as a tree, each with the text it stands for."""

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, String, parse_content_stream

ARTIFACT = -1
"""Stands for the number of what has no tag: headers, footers, rules."""
Texts = dict[int, str]


@dataclass
class Tag:
    """A structure element."""

    kind: str
    children: "list[Tag | str]" = field(default_factory=list)
    alt: str | None = None
    id: str = ""
    scope: str = ""
    headers: tuple[str, ...] = ()

    def all(self, *kinds: str) -> "Iterator[Tag]":
        """Every element inside of one of the kinds, of any without one, in reading order."""
        for child in self.children:
            if isinstance(child, Tag):
                if not kinds or child.kind in kinds:
                    yield child
                yield from child.all(*kinds)

    @property
    def text(self) -> str:
        """What is read aloud, a line's end as a space."""
        return _joined(part if isinstance(part, str) else part.text for part in self.children)


@dataclass
class Document:
    """The tree, the text of each page as printed, and what the file says of itself."""

    tree: Tag
    pages: list[str]
    metadata: str
    info: dict[str, str]
    language: str
    marked: bool
    sizes: list[tuple[float, float]]
    """Width and height of each page in points."""


def read(data: bytes) -> Document:
    """The document's tags and texts."""
    with Pdf.open(io.BytesIO(data)) as pdf:
        texts = {page.obj.objgen: _texts(page) for page in pdf.pages}
        return Document(
            tree=Tag("", _tags(pdf.Root.StructTreeRoot.K, None, texts)),
            pages=[_joined(of_page.values()) for of_page in texts.values()],
            metadata=pdf.Root.Metadata.read_bytes().decode(),
            info={str(name): str(value) for name, value in pdf.docinfo.items()},
            language=str(pdf.Root.Lang),
            marked=bool(pdf.Root.MarkInfo.Marked),
            sizes=[(float(page.mediabox[2]), float(page.mediabox[3])) for page in pdf.pages],
        )


def _joined(parts: Iterable[str]) -> str:
    """One text, with words that were parted at a line's end made whole; the spaces of a number stay what they are."""
    return re.sub(" +", " ", re.sub(" *\u00ad *", "", " ".join(parts))).strip()


def _tags(inside: Object | int, page: Object | None, texts: dict[tuple[int, int], Texts]) -> list[Tag | str]:
    if isinstance(inside, Array):
        return [tag for one in inside for tag in _tags(one, page, texts)]
    if not isinstance(inside, Dictionary):
        return [texts[page.objgen].get(int(inside), "")] if page is not None else []
    page = inside.get(Name.Pg, page)
    if Name.S not in inside:
        return _tags(inside.MCID, page, texts) if Name.MCID in inside else []
    return [_tag(inside, page, texts)]


def _tag(element: Object, page: Object | None, texts: dict[tuple[int, int], Texts]) -> Tag:
    of_table = next((one for one in element.get(Name.A, Array()) if one.get(Name.O) == Name.Table), Dictionary())
    return Tag(
        kind=str(element.S)[1:],
        children=_tags(element.get(Name.K, Array()), page, texts),
        alt=str(element.Alt) if Name.Alt in element else None,
        id=str(element.get(Name.ID, "")),
        scope=str(of_table.get(Name.Scope, ""))[1:],
        headers=tuple(str(name) for name in of_table.get(Name.Headers, Array())),
    )


def _texts(page: Page) -> Texts:
    """The text of each piece of marked content of a page, by its number."""
    fonts = {name[1:]: _letters(font) for name, font in page.Resources.Font.items()}
    letters: dict[str, str] = {}
    open_marks: list[tuple[int | None, str | None]] = []
    found: Texts = defaultdict(str)
    for instruction in parse_content_stream(page):
        operands, name = list(instruction.operands), str(instruction.operator)
        if name in {"BDC", "BMC"}:
            open_marks.append(_mark(operands))
        elif name == "EMC":
            open_marks.pop()
        elif name == "Tf":
            letters = fonts[str(operands[0])[1:]]
        elif name == "cm":
            found[_number(open_marks)] += " "
        elif name in {"Tj", "TJ"}:
            said = next((said for _, said in reversed(open_marks) if said is not None), None)
            found[_number(open_marks)] += _said(operands[0], letters) if said is None else said
    return found


def _mark(operands: list[Object]) -> tuple[int | None, str | None]:
    """A mark's number and the text it stands for, where it has them."""
    if operands[0] == Name.Artifact:
        return ARTIFACT, None
    named = operands[1] if len(operands) > 1 else Dictionary()
    said = str(named.ActualText) if Name.ActualText in named else None
    return (int(named.MCID) if Name.MCID in named else None), said


def _number(open_marks: list[tuple[int | None, str | None]]) -> int:
    return next((number for number, _ in reversed(open_marks) if number is not None), ARTIFACT)


def _said(shown: Object, letters: dict[str, str]) -> str:
    listed = list(shown) if isinstance(shown, Array) else [shown]
    pieces = [bytes(one).hex().upper() for one in listed if isinstance(one, String)]
    return "".join(letters[piece[at : at + 4]] for piece in pieces for at in range(0, len(piece), 4))


def _letters(font: Object) -> dict[str, str]:
    """A font's glyph numbers and the letters they stand for."""
    table = font.ToUnicode.read_bytes().decode()
    found = re.findall(r"<([0-9A-F]{4})> <([0-9A-F]+)>\n", table)
    return {glyph: bytes.fromhex(letters).decode("utf-16-be") for glyph, letters in found}
