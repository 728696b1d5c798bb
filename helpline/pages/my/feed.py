"""The address of my calendar: made, shown, renewed, taken back. Whoever has it sees my shifts, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpline.pages.routes import PSYCHOLOGIST, Route
from helpline.pages.site import Visit
from helpline.people.feeds import Feeds, Scope, issue, revoke, valid

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def show(visit: Visit) -> ResponseReturnValue:
    """The address, if there is one, or a button that makes it."""
    site, scope = visit.site, Scope(person=visit.person)
    with site.store.read() as connection:
        version = valid(connection, scope)
    base = site.settings.service.public_url
    address = "" if version is None else Feeds(site.secrets.link_key, base).url(scope, version)
    # Calendar programs of telephones and computers open this scheme by themselves.
    subscribe = f"webcal://{address.partition('://')[2]}" if address else ""
    return visit.page("my/feed.html", address=address, subscribe=subscribe)


def make(visit: Visit) -> ResponseReturnValue:
    """A first address; one that there is already stays: the button may have been tapped twice."""
    scope = Scope(person=visit.person)
    with visit.site.store.durable() as tx:
        if valid(tx, scope) is None:
            issue(tx, scope)
    return visit.to("my_shifts_feed", done="done-my-feed")


def renew(visit: Visit) -> ResponseReturnValue:
    """Another address: the one there was shows nothing any more."""
    with visit.site.store.durable() as tx:
        issue(tx, Scope(person=visit.person))
    return visit.to("my_shifts_feed", done="done-my-feed")


def end(visit: Visit) -> ResponseReturnValue:
    """No address."""
    with visit.site.store.durable() as tx:
        revoke(tx, Scope(person=visit.person))
    return visit.to("my_shifts_feed", done="done-my-feed-ended")


ROUTES = (
    Route("/my/shifts/calendar", "my_shifts_feed", show, PSYCHOLOGIST),
    Route("/my/shifts/calendar", "my_shifts_feed_make", make, PSYCHOLOGIST, "POST"),
    Route("/my/shifts/calendar/renew", "my_shifts_feed_renew", renew, PSYCHOLOGIST, "POST"),
    Route("/my/shifts/calendar/end", "my_shifts_feed_end", end, PSYCHOLOGIST, "POST"),
)
