"""Coding a call on a page: what waits, the form of the most urgent call, and what comes of a form that is sent.

Shared by whoever codes by their personal link (`helpline.pages.wrapup`) and whoever is signed in
(`helpline.pages.my.coding`): they differ in how somebody is known, and in nothing else.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from helpline.clock import Clock
from helpline.figures import records
from helpline.figures.records import DAY, Coding, Pending
from helpline.lines import Line
from helpline.pages import forms
from helpline.pages.forms import Field, Filled, UnreadableForm
from helpline.pages.texts import speaker
from helpline.store.erasures import once
from helpline.store.sessions import Store
from reports.taxonomy import Taxonomy
from reports.words import Language

MAX_BODY = 8_192
"""Bytes of a posted form: every button of every list at once would be less than half of that."""


class _Gone(Exception):  # noqa: N818 - undoes the transaction that it is raised in
    """The call isn't waiting any more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many calls of one line wait, and by when the first is due, as a key of the texts."""

    line: str
    n: int
    due: str


@dataclass(frozen=True, slots=True)
class CallForm:
    """The form of one call, as the template shows it."""

    action: str
    id: str
    line: str
    title: str
    call: str
    fields: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a form: an HTTP status, 303 when the call is coded, and what the page says of it."""

    status: int = 200
    notice: str = ""
    """Empty, or the key of a text: thanks, gone, unreadable."""
    filled: Filled = field(default_factory=Filled)
    wrong: Mapping[str, str] = field(default_factory=dict)

    @property
    def saved(self) -> bool:
        """Whether the call is coded, now or by the same form before."""
        return self.status == 303


@dataclass(frozen=True, slots=True)
class Coder:
    """Shows what waits for somebody, and codes it."""

    store: Store
    lines: Mapping[str, Line]
    clock: Clock
    taxonomy: Taxonomy

    def code(self, person: int, language: Language, posted: Mapping[str, Sequence[str]]) -> Answer:
        """Codes one call of this person, once however often the form is sent."""
        try:
            filled = forms.read(posted)
        except UnreadableForm as error:
            return Answer(error.status, "unreadable")
        if filled.line not in self.lines:
            return Answer(400, "unreadable")
        line = self.lines[filled.line]
        coding = forms.coding(filled, line)
        wrong = forms.wrongs(filled, coding, self.taxonomy, line, speaker(language))
        if wrong:
            return Answer(400, filled=filled, wrong=wrong)
        return Answer(303) if self._record(person, line, coding, filled) else Answer(409, "gone")

    def _record(self, person: int, line: Line, coding: Coding, filled: Filled) -> bool:
        """Whether the call is coded, now or by the same form before. Form and coding are one transaction."""
        # The tombstone of a form names neither person nor call, and tells the day it was sent but not the time: beside
        # a pool with a single call in it, a time would say when that call was coded.
        end_of_day = (int(self.clock.now()) // DAY + 1) * DAY
        try:
            with self.store.durable() as tx:
                if once(tx, f"form-{filled.form}", "form", end_of_day):
                    waiting = records.pending(tx, person)
                    item = next((item for item in waiting if (item.line, mark(item)) == (line.name, filled.call)), None)
                    if item is None or not records.code_one(tx, line, person, coding, item):
                        raise _Gone  # noqa: TRY301 - to roll back, so that the form may still be used
        except _Gone:
            return False
        return True

    def shown(self, person: int, language: Language, action: str, answer: Answer) -> dict[str, object]:
        """What `coding.html` shows: what waits, and the form of the most urgent call, to be sent to `action`."""
        with self.store.read() as connection:
            pending = [item for item in records.pending(connection, person) if item.line in self.lines]
        # A form that comes back codes the call that it was sent for.
        first = pending[0] if pending else None
        item = next((item for item in pending if mark(item) == answer.filled.call), first)
        return {
            "said": answer.notice,
            "wrong": answer.wrong,
            "total": sum(item.n for item in pending),
            "waiting": self._waiting(pending, language),
            "form": self._form(item, language, action, answer) if item else None,
        }

    def _waiting(self, pending: list[Pending], language: Language) -> list[Waiting]:
        """Line by line, the most urgent first, as `pending` is."""
        now, found = int(self.clock.now()), []
        for name in dict.fromkeys(item.line for item in pending):
            mine = [item for item in pending if item.line == name]
            line = self.lines[name]
            due = due_word(line, mine[0].due_day, now)
            found.append(Waiting(line.flow.spoken[language], sum(item.n for item in mine), due))
        return found

    def _form(self, item: Pending, language: Language, action: str, answer: Answer) -> CallForm:
        line = self.lines[item.line]
        questions = forms.Questions(self.taxonomy, line, language, speaker(language))
        return CallForm(
            action,
            answer.filled.form or secrets.token_urlsafe(16),
            line.name,
            line.flow.spoken[language],
            mark(item),
            questions.fields(answer.filled, answer.wrong),
        )


def mark(item: Pending) -> str:
    """Which of the waiting calls a form is for. No secret: it only has to be matched with what waits."""
    text = f"{item.line} {item.period} {item.night:d} {item.lasted:d} {item.due_day}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def due_word(line: Line, due_day: int, now: int) -> str:
    """By when to code, in whole days of the line's own time: the days of `due_day` are UTC's, and end in our night."""
    last = line.local((due_day + 1) * DAY).date() - timedelta(days=1)
    days = (last - line.local(now).date()).days
    return "due-today" if days <= 0 else "due-tomorrow" if days == 1 else "due-later"
