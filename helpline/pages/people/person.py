"""One person: what is kept of them, changing it, and adding somebody who doesn't sign in (yet)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import phonenumbers

from helpline.accounts.registering import read_accounts
from helpline.pages.people import details
from helpline.pages.people.accounts import card
from helpline.pages.people.details import Details
from helpline.pages.rota.outcomes import reasons, tongues, zone_of
from helpline.pages.site import Visit
from helpline.people.register import PersonRefused, add, change
from helpline.shifts.editing import EditRefused, editing

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def show(visit: Visit, person: int) -> ResponseReturnValue:
    """Their page."""
    with visit.site.store.read() as connection:
        row = details.read_row(connection, person)
        accounts = [each for each in read_accounts(connection, visit.now) if each.person == person]
    gone = row.left_at is not None and row.left_at <= visit.now
    day = None
    if row.left_at is not None:
        day = visit.formats.day(row.left_at - 1, zone_of(visit), year=True)
    return visit.page(
        "people/person.html",
        person=person,
        name=row.name,
        shown=details.of_row(row),
        phone=_spaced(row.phone),
        spoken=tongues(visit, row.languages.split()),
        gone=gone,
        left=day,
        card=card(visit, accounts[0]) if accounts else None,
        usual=details.context(visit)["usual"],
    )


def _spaced(phone: str) -> str:
    """A number as it is read aloud."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return phone
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def edit(visit: Visit, person: int) -> ResponseReturnValue:
    """The form with what is kept."""
    with visit.site.store.read() as connection:
        row = details.read_row(connection, person)
    return _form(visit, details.of_row(row), person, row.name)


def save(visit: Visit, person: int) -> ResponseReturnValue:
    """Keeps what was typed, if all of it can be."""
    with visit.site.store.read() as connection:
        name = details.read_row(connection, person).name
    typed = details.typed(visit)
    row = typed.read(visit)
    if row is None:
        return _form(visit, typed, person, name)
    try:
        change(visit.site.desk, person, row, visit.me.actor, visit.now)
    except PersonRefused as error:
        typed.refuse(visit, error)
    except EditRefused as error:
        typed.wrong["tiers"] = " ".join(reasons(visit, error))
    if typed.wrong:
        return _form(visit, typed, person, name)
    return visit.to("people_one", person=person, done="done-person-saved")


def new(visit: Visit) -> ResponseReturnValue:
    """The form, empty."""
    return _form(visit, Details({"share": "100"}), None, "")


def create(visit: Visit) -> ResponseReturnValue:
    """Adds somebody."""
    typed = details.typed(visit)
    row = typed.read(visit)
    if row is None:
        return _form(visit, typed, None, "")
    try:
        with editing(visit.site.desk, "person", visit.me.actor, visit.now) as made:
            person = add(made, row)
    except PersonRefused as error:
        typed.refuse(visit, error)
        return _form(visit, typed, None, "")
    return visit.to("people_one", person=person, done="done-person-added")


def _form(visit: Visit, typed: Details, person: int | None, name: str) -> ResponseReturnValue:
    return visit.page(
        "people/edit.html",
        400 if typed.wrong else 200,
        typed=typed,
        person=person,
        name=name,
        **details.context(visit),
    )
