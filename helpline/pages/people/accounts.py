"""Accounts: their roles, a new link, a reset, ending their sessions, switching one off and on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection

from helpline.accounts import invitations, registering
from helpline.accounts.model import ROLES, Role
from helpline.accounts.registering import AccountRefused, Entry, Reason, Wanted, read_accounts
from helpline.pages.people.listing import ROLE_WORDS, STATES, roles
from helpline.pages.people.sending import show_link
from helpline.pages.rota.outcomes import zone_of
from helpline.pages.rota.picking import Typed
from helpline.pages.site import Visit, gone
from reports.words import Language

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

FAULTS: Mapping[Reason, tuple[str, str]] = {
    "name": ("name", "person-wrong-name"),
    "email": ("email", "people-account-wrong-email"),
    "email-taken": ("email", "people-account-taken-email"),
    "no-role": ("roles", "people-account-wrong-roles"),
    "no-person": ("roles", "people-account-wrong-person"),
    "person-taken": ("roles", "people-account-taken-person"),
    "person-left": ("roles", "people-account-left-person"),
    "last-coordinator": ("roles", "people-account-last"),
    "gone": ("", "error-gone"),
}
"""Why an account can't be as it should -> the field that it is about, and how it is said."""


@dataclass(frozen=True, slots=True)
class Card:
    """An account as its page shows it. `me`: whoever looks; they can't switch themselves off."""

    id: int
    name: str
    email: str
    roles: str
    badge: tuple[str, str]
    state: str
    until: str
    me: bool


def card(visit: Visit, entry: Entry) -> Card:
    """What is shown of an account."""
    until = ""
    if entry.expires_at is not None:
        until = visit.formats.day(entry.expires_at, zone_of(visit))
    badge, me = STATES[entry.state], entry.id == visit.me.account
    return Card(entry.id, entry.name, entry.email, roles(visit, entry.roles), badge, entry.state, until, me)


def find(connection: Connection, account: int, now: int) -> Entry:
    """An account by its number. Raises `PageError`."""
    found = next((each for each in read_accounts(connection, now) if each.id == account), None)
    return gone() if found is None else found


def show(visit: Visit, account: int) -> ResponseReturnValue:
    """The page of an account; a psychologist's is on their own."""
    entry = _entry(visit, account)
    if entry.person is not None:
        return visit.to("people_one", person=entry.person)
    return visit.page("people/account.html", card=card(visit, entry))


def edit(visit: Visit, account: int) -> ResponseReturnValue:
    """The form: name, address, roles."""
    entry = _entry(visit, account)
    return _form(visit, entry, Typed({"name": entry.name, "email": entry.email}), entry.roles)


def save(visit: Visit, account: int) -> ResponseReturnValue:
    """Keeps what was typed. Other roles end the sessions."""
    entry = _entry(visit, account)
    typed = Typed({"name": visit.field("name") or entry.name, "email": visit.field("email")})
    held = chosen_roles(visit)
    wanted = Wanted(typed["name"], typed["email"], held, entry.person, cast("Language", entry.language))
    try:
        with visit.site.store.durable() as tx:
            registering.change(tx, account, wanted, visit.now)
    except AccountRefused as error:
        refuse(visit, typed, error)
        return _form(visit, entry, typed, held)
    return _back(visit, entry, "done-people-account-saved")


def invite(visit: Visit, account: int) -> ResponseReturnValue:
    """A new link for who hasn't signed in yet; the old one opens nothing any more."""
    entry = _entry(visit, account)
    if entry.state not in {"invited", "expired"}:
        return _back(visit, entry, "")
    with visit.site.store.durable() as tx:
        token = invitations.invite(tx, account, visit.now)
    return show_link(visit, entry, token)


def ask_reset(visit: Visit, account: int) -> ResponseReturnValue:
    """What a reset does, before it is done."""
    entry = _entry(visit, account)
    return visit.page("people/reset.html", card=card(visit, entry), back=_home(visit, entry))


def reset(visit: Visit, account: int) -> ResponseReturnValue:
    """Password, authenticator and sessions end; a link lets them choose anew."""
    entry = _entry(visit, account)
    if entry.state not in {"active", "invited", "expired"}:
        return _back(visit, entry, "")
    with visit.site.store.durable() as tx:
        token = invitations.reset(tx, account, visit.now)
    return show_link(visit, entry, token)


def end_sessions(visit: Visit, account: int) -> ResponseReturnValue:
    """Signs them out everywhere, but for the browser in which whoever asks does it to themselves."""
    entry = _entry(visit, account)
    with visit.site.store.durable() as tx:
        own = visit.token if account == visit.me.account else ""
        visit.site.sessions.revoke_all(tx, account, own)
    return _back(visit, entry, "done-people-account-ended")


def disable(visit: Visit, account: int) -> ResponseReturnValue:
    """Switches it off: it can be switched on again as it was."""
    entry = _entry(visit, account)
    if account == visit.me.account:
        return _refused(visit, entry, "people-account-own")
    try:
        with visit.site.store.durable() as tx:
            registering.disable(tx, account, visit.now)
    except AccountRefused as error:
        return _refused(visit, entry, FAULTS[error.reason][1])
    return _back(visit, entry, "done-people-account-disabled")


def enable(visit: Visit, account: int) -> ResponseReturnValue:
    """Switches it on again."""
    entry = _entry(visit, account)
    with visit.site.store.durable() as tx:
        registering.enable(tx, account)
    return _back(visit, entry, "done-people-account-enabled")


def chosen_roles(visit: Visit) -> frozenset[Role]:
    """The roles that a form ticks."""
    ticked = visit.fields("roles")
    return frozenset(role for role in ROLES if role in ticked)


def role_options(visit: Visit, *, but: frozenset[Role] = frozenset()) -> list[tuple[str, str]]:
    """The roles as a form offers them, each with what it opens."""
    return [(role, visit.say(ROLE_WORDS[role])) for role in ROLES if role not in but]


def refuse(visit: Visit, typed: Typed, error: AccountRefused) -> None:
    """Notes what was refused, beside its field."""
    name, key = FAULTS[error.reason]
    typed.wrong[name] = visit.say(key)


def _entry(visit: Visit, account: int) -> Entry:
    with visit.site.store.read() as connection:
        return find(connection, account, visit.now)


def _form(visit: Visit, entry: Entry, typed: Typed, held: frozenset[Role]) -> ResponseReturnValue:
    # Who stands in the list of people is a psychologist, and nobody else can be.
    hidden: frozenset[Role] = frozenset() if entry.person is not None else frozenset({"psychologist"})
    return visit.page(
        "people/account_edit.html",
        400 if typed.wrong else 200,
        card=card(visit, entry),
        typed=typed,
        named=entry.person is None,
        roles=role_options(visit, but=hidden),
        held=held,
        back=_home(visit, entry),
    )


def _home(visit: Visit, entry: Entry) -> str:
    if entry.person is not None:
        return visit.url("people_one", person=entry.person)
    return visit.url("people_account", account=entry.id)


def _back(visit: Visit, entry: Entry, done: str) -> ResponseReturnValue:
    if entry.person is not None:
        return visit.to("people_one", person=entry.person, done=done)
    return visit.to("people_account", account=entry.id, done=done)


def _refused(visit: Visit, entry: Entry, key: str) -> ResponseReturnValue:
    return visit.page("people/refused.html", 409, why=visit.say(key), back=_home(visit, entry))
