"""What the line keeps about me: my own values and counts, and until when (docs/anonymity.md has all of it)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, func, or_, select, true

from helpline.pages.formats import Formats
from helpline.pages.my.shown import international
from helpline.pages.routes import PSYCHOLOGIST, Route
from helpline.pages.site import Visit, gone
from helpline.pages.texts import ENDONYMS, Say
from helpline.store.account_tables import Account, Passkey, RecoveryCode, Session
from helpline.store.directory_tables import DirectoryEdit
from helpline.store.rota_tables import (
    Absence,
    Duty,
    FairnessEntry,
    Feed,
    Notice,
    Override,
    Proposal,
    RotaEdit,
    Rotation,
    Swap,
)
from helpline.store.tables import Base, Leg, Person, Shift, WrapUp

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of somebody: their contact details, and how many rows there are of each kind."""

    name: str
    phone: str
    email: str
    languages: tuple[str, ...]
    tiers: str
    share: int
    region: str
    account: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the page: what, how it stands, until when."""

    what: str
    value: str
    until: str


COUNTED: tuple[tuple[str, str, str], ...] = (
    ("shifts", "my-kept-shifts", "my-kept-employed"),
    ("duty", "my-kept-duty", "my-kept-employed"),
    ("fairness", "my-kept-fairness", "my-kept-employed"),
    ("rotations", "my-kept-rotations", "my-kept-employed"),
    ("absences", "my-kept-absences", "my-kept-after"),
    ("overrides", "my-kept-overrides", "my-kept-year"),
    ("swaps", "my-kept-swaps", "my-kept-year"),
    ("edits", "my-kept-edits", "my-kept-year"),
    ("listed", "my-kept-listed", "my-kept-year"),
    ("notices", "my-kept-notices", "my-kept-90"),
    ("proposals", "my-kept-proposals", "my-kept-year"),
    ("wrapups", "my-kept-wrapups", "my-kept-coded"),
    ("legs", "my-kept-legs", "my-kept-hung-up"),
    ("feeds", "my-kept-feeds", "my-kept-revoked"),
    ("sessions", "my-kept-sessions", "my-kept-signed-out"),
    ("passkeys", "my-kept-passkeys", "my-kept-removed"),
    ("codes", "my-kept-codes", "my-kept-used"),
)
"""What is counted, the text that names it, and the text that says until when."""


def show(visit: Visit) -> ResponseReturnValue:
    """The page."""
    with visit.site.store.read() as connection:
        kept = read_kept(connection, visit.person, visit.me.account)
    if kept is None:
        gone()
    return visit.page("my/kept.html", items=list(items(kept, visit.say, visit.formats)))


def items(kept: Kept, say: Say, fmt: Formats) -> Iterator[Item]:
    """The lines of the page: who they are, what they may hold, then everything that is counted."""
    employed = say("my-kept-employed")
    yield Item(say("my-kept-name"), kept.name, employed)
    yield Item(say("my-number"), international(kept.phone), employed)
    yield Item(say("my-kept-email"), " ".join(dict.fromkeys(filter(None, (kept.email, kept.account)))), employed)
    yield Item(say("my-spoken"), ", ".join(kept.languages), employed)
    yield Item(say("my-kept-tiers"), kept.tiers.replace(" ", ", ") or say("my-kept-all-tiers"), employed)
    yield Item(say("my-kept-share"), fmt.percent(kept.share / 100), employed)
    if kept.region:
        yield Item(say("my-kept-region"), kept.region, employed)
    yield Item(say("my-kept-account"), say("my-kept-account-value"), employed)
    for name, what, until in COUNTED:
        yield Item(say(what), fmt.number(kept.counts[name]), say(until))


def read_kept(connection: Connection, person: int, account: int) -> Kept | None:
    """What there is, None for nobody. One statement counts what has a column for them."""
    row = connection.execute(select(*Person.__table__.c).where(Person.id == person)).first()
    if row is None:
        return None
    actors = (f"person:{person}", f"account:{account}")
    counted: dict[str, tuple[type[Base], ColumnElement[bool]]] = {
        "shifts": (Shift, Shift.person == person),
        "duty": (Duty, Duty.person == person),
        "fairness": (FairnessEntry, FairnessEntry.person == person),
        "absences": (Absence, Absence.person == person),
        "overrides": (Override, or_(Override.add == person, Override.remove == person)),
        "swaps": (Swap, or_(Swap.giver == person, Swap.taker == person)),
        "proposals": (Proposal, true()),
        "legs": (Leg, Leg.person == person),
        "listed": (DirectoryEdit, DirectoryEdit.actor.in_(actors)),
        "notices": (Notice, Notice.person == person),
        "feeds": (Feed, Feed.person == person),
        "sessions": (Session, Session.account == account),
        "passkeys": (Passkey, Passkey.account == account),
        "codes": (RecoveryCode, RecoveryCode.account == account),
    }
    numbers = [
        select(func.count()).select_from(table).where(mine).scalar_subquery().label(name)
        for name, (table, mine) in counted.items()
    ]
    waiting = select(func.coalesce(func.sum(WrapUp.n), 0)).where(WrapUp.person == person).scalar_subquery()
    email = select(Account.email).where(Account.id == account).scalar_subquery()
    found = connection.execute(select(*numbers, waiting.label("wrapups"), email.label("email"))).one()._asdict()
    address = found.pop("email") or ""
    rows = connection.scalars(select(Rotation.people))
    found["rotations"] = sum(str(person) in people.split() for people in rows)
    found["edits"] = _edits(connection, person, actors)
    return Kept(
        row.name,
        row.phone,
        row.email,
        tuple(ENDONYMS[code] for code in ENDONYMS if code in row.languages.split()),
        row.tiers,
        row.share,
        row.region,
        address,
        {name: int(n) for name, n in found.items()},
    )


def _edits(connection: Connection, person: int, actors: tuple[str, str]) -> int:
    """Changes of the rota that they made, or that say that they are about them."""
    n = 0
    perhaps = or_(RotaEdit.actor.in_(actors), RotaEdit.about.like(f'%"person": {person}%'))
    for actor, about in connection.execute(select(RotaEdit.actor, RotaEdit.about).where(perhaps)):
        n += actor in actors or json.loads(about).get("person") == person
    return n


ROUTES = (Route("/my/kept", "my_kept", show, PSYCHOLOGIST),)
