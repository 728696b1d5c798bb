"""People and accounts: who may see them, and change them only after proving again that it is them."""

from __future__ import annotations

from helpline.pages.people import accounts, inviting, leaving, listing, person
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site


def routes(_site: Site) -> tuple[Route, ...]:
    """The rows of this area."""
    one, account = "/people/<int:person>", "/people/accounts/<int:account>"
    return (
        Route("/people", "people", listing.people, COORDINATOR),
        Route("/people/new", "people_new", person.new, COORDINATOR, fresh=True),
        Route("/people/new", "people_create", person.create, COORDINATOR, "POST", fresh=True),
        Route("/people/invite", "people_invite", inviting.ask, COORDINATOR, fresh=True),
        Route("/people/invite", "people_invite_send", inviting.send, COORDINATOR, "POST", fresh=True),
        Route(one, "people_one", person.show, COORDINATOR),
        Route(f"{one}/edit", "people_edit", person.edit, COORDINATOR, fresh=True),
        Route(f"{one}/edit", "people_save", person.save, COORDINATOR, "POST", fresh=True),
        Route(f"{one}/leave", "people_leave", leaving.ask, COORDINATOR, fresh=True),
        Route(f"{one}/leave", "people_leave_save", leaving.save, COORDINATOR, "POST", fresh=True),
        Route(f"{one}/stay", "people_stay", leaving.stay, COORDINATOR, "POST", fresh=True),
        Route(account, "people_account", accounts.show, COORDINATOR),
        Route(f"{account}/edit", "people_account_edit", accounts.edit, COORDINATOR, fresh=True),
        Route(f"{account}/edit", "people_account_save", accounts.save, COORDINATOR, "POST", fresh=True),
        Route(f"{account}/invite", "people_account_invite", accounts.invite, COORDINATOR, "POST", fresh=True),
        Route(f"{account}/reset", "people_account_reset", accounts.ask_reset, COORDINATOR, fresh=True),
        Route(f"{account}/reset", "people_account_reset_do", accounts.reset, COORDINATOR, "POST", fresh=True),
        Route(f"{account}/sign-out", "people_account_end", accounts.end_sessions, COORDINATOR, "POST", fresh=True),
        Route(f"{account}/disable", "people_account_disable", accounts.disable, COORDINATOR, "POST", fresh=True),
        Route(f"{account}/enable", "people_account_enable", accounts.enable, COORDINATOR, "POST", fresh=True),
    )
