"""The coding form: what a browser posted, what is wrong with it, and the fields to show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from helpline.errors import HelplineError
from helpline.figures import records
from helpline.figures.records import Coding
from helpline.lines import Line
from helpline.pages.texts import ENDONYMS, Say
from reports.model import NOT_CODED, SUPPORT
from reports.taxonomy import UNDISCLOSED, Taxonomy, Term
from reports.words import Language

FORM_ID = re.compile(r"[A-Za-z0-9_-]{22}")
"""What `secrets.token_urlsafe(16)` makes: 128 bits that nobody guesses."""
GRADES: Mapping[str, int | None] = MappingProxyType({"": None, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5})
NO_GRADE = 0
"""What an unknown grade is read as: no list holds it."""
DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        "contact": SUPPORT,
        "caller": UNDISCLOSED,
        "status": UNDISCLOSED,
        "speciality": UNDISCLOSED,
        "territory": UNDISCLOSED,
        "main": "",
        "severity": "",
        "language": "",
    }
)
"""Fields with one answer, and what is chosen before anybody taps."""
SEVERAL = ("more", "orientations")
HIDDEN = ("form", "line", "call")


class UnreadableForm(HelplineError):  # noqa: N818 - it is what the form is, and it never leaves the pages
    """What was posted isn't something our page sends. `status` is the HTTP answer."""

    def __init__(self, status: int = 400) -> None:
        super().__init__("this isn't a coding form")
        self.status = status


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in: text that nothing has checked against the lists yet."""

    form: str = ""
    """Random and used once."""
    line: str = ""
    call: str = ""
    """Which of the waiting calls, see `helpline.pages.coder.mark`."""
    one: Mapping[str, str] = field(default_factory=lambda: DEFAULTS)
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def chosen(self, name: str) -> tuple[str, ...]:
        """The values tapped in the field `name`."""
        return self.several.get(name, ()) if name in SEVERAL else (self.one[name],)


@dataclass(frozen=True, slots=True)
class Option:
    """One button."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One question with its buttons. `error` says what is wrong with the answer."""

    name: str
    legend: str
    options: tuple[Option, ...]
    several: bool
    error: str

    @property
    def answered(self) -> bool:
        """Whether anything else is chosen than before the first tap."""
        chosen = [option.value for option in self.options if option.chosen]
        return bool(self.error) or chosen not in ([], [DEFAULTS.get(self.name)])


def read(posted: Mapping[str, Sequence[str]]) -> Filled:
    """What was posted. Other fields than ours are ignored; raises `UnreadableForm` if ours aren't as we sent them."""
    if any(len(posted.get(name, ())) > 1 for name in (*HIDDEN, *DEFAULTS)):
        raise UnreadableForm
    one = {name: posted[name][0] for name in (*HIDDEN, *DEFAULTS) if name in posted}
    # The kind of contact is always chosen on our page: a form without it isn't ours.
    if not FORM_ID.fullmatch(one.get("form", "")) or not {"line", "call", "contact"} <= set(one):
        raise UnreadableForm
    return Filled(
        one["form"],
        one["line"],
        one["call"],
        {name: one.get(name, DEFAULTS[name]) for name in DEFAULTS},
        # A reason tapped twice, as the main one and as another, is one reason.
        {name: tuple(dict.fromkeys(posted.get(name, ()))) for name in SEVERAL},
    )


def coding(filled: Filled, line: Line) -> Coding:
    """The codes to record, not yet checked."""
    one = filled.one
    if one["contact"] != SUPPORT:
        # The page folds the rest away then, and what may still be tapped there was tapped before: it isn't kept.
        return Coding(contact=one["contact"])
    return Coding(
        contact=SUPPORT,
        caller=one["caller"],
        status=one["status"],
        speciality=one["speciality"],
        territory=one["territory"],
        reasons=tuple(dict.fromkeys((one["main"], *filled.several.get("more", ())))) if one["main"] else (),
        orientations=filled.several.get("orientations", ()),
        severity=GRADES.get(one["severity"], NO_GRADE),
        language=(one["language"] or None) if line.settings.record_language else None,
    )


def wrongs(filled: Filled, codes: Coding, taxonomy: Taxonomy, line: Line, say: Say) -> dict[str, str]:
    """Field -> what is wrong with it, in words. Empty when `codes` can be recorded."""
    found: dict[str, str] = {}
    for name in records.faults(codes, taxonomy, line.name):
        if name != "reasons":
            found[name] = say("wrong-choose", field=say(name))
        elif not filled.one["main"]:
            found["main"] = say("wrong-main")
        elif len(codes.reasons) > 3:
            found["more"] = say("wrong-more")
        else:
            found["main"] = say("wrong-choose", field=say("main"))
    if codes.language not in {None, *languages(line)}:
        found["language"] = say("wrong-choose", field=say("language"))
    return found


def languages(line: Line) -> tuple[Language, ...]:
    """The languages that a conversation on this line may be in."""
    return tuple(dict.fromkeys((*line.flow.languages, *line.settings.accepted_languages)))


@dataclass(frozen=True, slots=True)
class Questions:
    """Makes the fields of one line's form in one language."""

    taxonomy: Taxonomy
    line: Line
    language: Language
    say: Say

    def fields(self, filled: Filled, wrong: Mapping[str, str]) -> dict[str, Field]:
        """Every field of the form by its name, as filled in so far."""
        return {
            name: Field(
                name,
                self.say(name),
                tuple(Option(value, label, value in filled.chosen(name)) for value, label in answers),
                name in SEVERAL,
                wrong.get(name, ""),
            )
            for name, answers in self._answers()
        }

    def _answers(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        lists, reasons = self.taxonomy, self._labels(self.taxonomy.reasons)
        yield "contact", self._labels(lists.contacts)
        yield "caller", self._labels(lists.callers)
        yield "main", reasons
        yield "more", reasons
        yield "orientations", self._labels(lists.orientations)
        nothing = ("", self.say("no-answer"))
        yield "severity", [answer for answer in self._labels(lists.severities) if answer[0] in GRADES] + [nothing]
        yield "status", self._labels(lists.statuses)
        yield "speciality", self._labels(lists.specialities)
        if self.line.name in lists.territories:
            yield "territory", self._labels(lists.territories[self.line.name])
        if self.line.settings.record_language:
            yield "language", [*((code, ENDONYMS[code]) for code in languages(self.line)), nothing]

    def _labels(self, terms: Iterable[Term]) -> list[tuple[str, str]]:
        return [(term.code, term.label.to(self.language)) for term in terms if term.code != NOT_CODED]
