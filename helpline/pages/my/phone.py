"""My telephone and languages: shown, and changed by whoever has just proved that it is them.

Callers are put through to this number: so it is checked as the configuration's are, nobody else may have it, and the
rota's revision tells every serving process and the stand-by file of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import phonenumbers
from sqlalchemy import Connection, or_, select, update

from helpline.pages.my.shown import international
from helpline.pages.routes import PSYCHOLOGIST, Route
from helpline.pages.site import Visit, gone
from helpline.pages.texts import ENDONYMS, known_language
from helpline.settings import e164, ordinary
from helpline.shifts.importing import touch
from helpline.store.tables import Person
from reports.words import LANGUAGES, Language

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@dataclass(frozen=True, slots=True)
class Own:
    """Somebody's number (E.164) and languages, the one they are spoken to in first."""

    phone: str
    languages: tuple[Language, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was filled in, and what is wrong with it by field."""

    phone: str
    first: str
    languages: tuple[str, ...]
    wrong: dict[str, str] = field(default_factory=dict)


class Unusable(Exception):  # noqa: N818 - it is what the number is, and it never leaves this page
    """A number that nobody can be rung at; `key` names the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def show(visit: Visit) -> ResponseReturnValue:
    """The number and the languages, and what can be done with them."""
    own = _own(visit)
    spoken = [ENDONYMS[code] for code in own.languages]
    return visit.page("my/phone.html", phone=international(own.phone), spoken=spoken)


def edit(visit: Visit) -> ResponseReturnValue:
    """The form."""
    own = _own(visit)
    return _form(visit, Typed(international(own.phone), own.languages[0] if own.languages else "", own.languages))


def save(visit: Visit) -> ResponseReturnValue:
    """Keeps what was typed, or says what is wrong with it."""
    own, first = _own(visit), known_language(visit.field("first"))
    typed = Typed(visit.field("phone"), visit.field("first"), visit.fields("languages"))
    wrong, phone = {}, ""
    try:
        phone = read_phone(typed.phone, own.phone)
    except Unusable as error:
        wrong["phone"] = visit.say(error.key)
    if first is None:
        wrong["first"] = visit.say("my-wrong-language")
    if first is None or wrong:
        return _form(visit, Typed(typed.phone, typed.first, typed.languages, wrong))
    others = tuple(code for code in LANGUAGES if code in typed.languages and code != first)
    if not _keep(visit, Own(phone, (first, *others))):
        return _form(visit, Typed(typed.phone, typed.first, typed.languages, {"phone": visit.say("my-wrong-taken")}))
    return visit.to("my_phone", done="done-my-phone")


def _keep(visit: Visit, own: Own) -> bool:
    """Whether it could be kept: of two people who type the same number at once, one gets it."""
    values = {"phone": own.phone, "languages": " ".join(own.languages)}
    with visit.site.store.durable() as tx:
        touch(tx)  # first of all: whoever else changes people waits here
        if _is_taken(tx, own.phone, visit.person, visit.now):
            return False
        tx.execute(update(Person).where(Person.id == visit.person).values(**values))
    return True


def _is_taken(tx: Connection, phone: str, person: int, now: int) -> bool:
    here = or_(Person.left_at.is_(None), Person.left_at > now)
    other = select(Person.id).where(Person.phone == phone, Person.id != person, here)
    return tx.execute(other).first() is not None


def read_phone(text: str, own: str) -> str:
    """A number as somebody types it, E.164; without a country code it is in the country of `own`. Raises `Unusable`."""
    try:
        parsed = phonenumbers.parse(text, phonenumbers.region_code_for_number(phonenumbers.parse(own)))
        number = e164(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    except (phonenumbers.NumberParseException, ValueError):
        raise Unusable("my-wrong-phone") from None
    try:
        return ordinary(number)
    except ValueError:
        raise Unusable("my-wrong-special") from None


def _own(visit: Visit) -> Own:
    with visit.site.store.read() as connection:
        row = connection.execute(select(Person.phone, Person.languages).where(Person.id == visit.person)).first()
    if row is None:
        gone()
    spoken = row.languages.split()
    return Own(row.phone, tuple(code for word in spoken for code in LANGUAGES if code == word))


def _form(visit: Visit, typed: Typed) -> ResponseReturnValue:
    return visit.page("my/phone_edit.html", 400 if typed.wrong else 200, typed=typed, tongues=tuple(ENDONYMS.items()))


ROUTES = (
    Route("/my/phone", "my_phone", show, PSYCHOLOGIST),
    Route("/my/phone/change", "my_phone_edit", edit, PSYCHOLOGIST, fresh=True),
    Route("/my/phone/change", "my_phone_save", save, PSYCHOLOGIST, "POST", fresh=True),
)
