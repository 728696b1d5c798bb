"""Inviting somebody: a form, then the link. A psychologist who isn't in the list of people yet is added to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from helpline.accounts import invitations, registering
from helpline.accounts.model import Role
from helpline.accounts.registering import AccountRefused, Entry, Wanted, read_accounts
from helpline.pages.people import details
from helpline.pages.people.accounts import chosen_roles, find, refuse, role_options
from helpline.pages.people.details import Details
from helpline.pages.people.sending import show_link
from helpline.pages.rota.picking import Typed
from helpline.pages.site import PageError, Visit
from helpline.pages.texts import ENDONYMS, known_language
from helpline.people.register import PersonRefused, add
from helpline.shifts.editing import editing
from rota.table import PersonRow

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from reports.words import Language

PSYCHOLOGIST: frozenset[Role] = frozenset({"psychologist"})


@dataclass(frozen=True, slots=True)
class Whom:
    """Who is invited: somebody in the list of people already (`person`), or somebody new."""

    person: int | None
    name: str
    email: str
    language: str


def ask(visit: Visit) -> ResponseReturnValue:
    """The form. Its address may name somebody who is in the list of people."""
    whom = _whom(visit, visit.asked("person"))
    typed = Typed({"name": whom.name, "email": whom.email, "language": whom.language or "fr"})
    return _form(visit, whom, typed, Details({}), PSYCHOLOGIST if whom.person else frozenset())


def send(visit: Visit) -> ResponseReturnValue:
    """Makes the account, all of it or nothing, and shows its link."""
    whom = _whom(visit, visit.field("person"))
    typed = Typed({name: visit.field(name) for name in ("name", "email", "language")})
    held, more = chosen_roles(visit), details.typed(visit)
    if whom.person is not None:
        typed.values["name"], held = whom.name, held | PSYCHOLOGIST
    language = known_language(typed["language"])
    if language is None:
        raise PageError(400, "error-form")
    row = None
    if whom.person is None and "psychologist" in held:
        row = _read(visit, more, language)
    if not more.wrong:
        wanted = Wanted(typed["name"], typed["email"], held, whom.person, language)
        if _joins(visit, wanted):
            return visit.to("people_one", person=whom.person, done="done-people-account-saved")
        made = _make(visit, wanted, row, typed, more)
        if made is not None:
            return show_link(visit, *made)
    typed.wrong |= {name: text for name, text in more.wrong.items() if name not in typed.wrong}
    return _form(visit, whom, typed, more, held)


def _read(visit: Visit, more: Details, language: Language) -> PersonRow | None:
    """The details of a psychologist who is new. Messages reach them at the address that they sign in with."""
    spoken = list(dict.fromkeys([language, *more.others])) if language in more.others else list(more.others)
    more.values |= {"languages": " ".join(spoken), "share": "100"}
    return more.read(visit)


def _make(visit: Visit, wanted: Wanted, row: PersonRow | None, typed: Typed, more: Details) -> tuple[Entry, str] | None:
    """The account and its link's token; None, and noted, when it can't be."""
    site, now = visit.site, visit.now
    try:
        if row is not None:
            with editing(site.desk, "person", visit.me.actor, now) as edit:
                person = add(edit, row)
                return _invite(edit.tx, replace(wanted, person=person), now)
        with site.store.durable() as tx:
            return _invite(tx, wanted, now)
    except PersonRefused as error:
        again = _again(visit, wanted)
        if again is None:
            more.refuse(visit, error)
        return again
    except AccountRefused as error:
        again = _again(visit, wanted) if error.reason in {"email-taken", "person-taken"} else None
        if again is None:
            refuse(visit, typed, error)
        return again


def _invite(tx: Connection, wanted: Wanted, now: int) -> tuple[Entry, str]:
    account = registering.create(tx, wanted, now)
    token = invitations.invite(tx, account, now)
    return find(tx, account, now), token


def _joins(visit: Visit, wanted: Wanted) -> bool:
    """Whether somebody with an account, such as a coordinator, is now the psychologist who is invited: no link then."""
    if wanted.person is None:
        return False
    with visit.site.store.durable() as tx:
        number = registering.find(tx, wanted.email)
        entry = next((each for each in read_accounts(tx, visit.now) if each.id == number), None)
        if entry is None or entry.person is not None or entry.state != "active":
            return False
        try:
            registering.change(tx, entry.id, replace(wanted, roles=wanted.roles | entry.roles), visit.now)
        except AccountRefused:
            return False
    return True


def _again(visit: Visit, wanted: Wanted) -> tuple[Entry, str] | None:
    """The same invitation sent twice: the same account, with a new link. None when it is another one's."""
    with visit.site.store.durable() as tx:
        number = registering.find(tx, wanted.email)
        entry = next((each for each in read_accounts(tx, visit.now) if each.id == number), None)
        same = entry is not None and (entry.name, entry.roles) == (" ".join(wanted.name.split()), wanted.roles)
        if entry is None or not same or entry.state not in {"invited", "expired"}:
            return None
        token = invitations.invite(tx, entry.id, visit.now)
        return find(tx, entry.id, visit.now), token


def _whom(visit: Visit, text: str) -> Whom:
    if not text:
        return Whom(None, "", "", "")
    if not (text.isdecimal() and len(text) < 12):
        raise PageError(404, "error-gone")
    with visit.site.store.read() as connection:
        row = details.read_row(connection, int(text))
    return Whom(row.id, row.name, row.email, known_language((row.languages.split() or [""])[0]) or "")


def _form(visit: Visit, whom: Whom, typed: Typed, more: Details, held: frozenset[Role]) -> ResponseReturnValue:
    return visit.page(
        "people/invite.html",
        400 if typed.wrong else 200,
        whom=whom,
        typed=typed,
        more=more,
        roles=role_options(visit, but=PSYCHOLOGIST if whom.person else frozenset()),
        held=held,
        languages=list(ENDONYMS.items()),
        spoken=details.context(visit)["spoken"],
        mails=bool(visit.site.settings.messages.smtp_host),
    )
