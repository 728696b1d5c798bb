"""Ways in and out that everybody uses: the first page, another language, signing out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect
from sqlalchemy import update

from helpline.pages.navigation import home
from helpline.pages.routes import ANYBODY, Route
from helpline.pages.site import PageError, Site, Visit, own_path
from helpline.pages.texts import known_language
from helpline.store.account_tables import Account

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def routes(site: Site) -> tuple[Route, ...]:
    """`/home`, `/` where no demonstration is shown there, and two forms."""
    root = () if site.settings.service.demo else (Route("/", "root", lead_home, ANYBODY),)
    return (
        *root,
        Route("/home", "home", lead_home, ANYBODY),
        Route("/account/language", "account_language", choose_language, ANYBODY, "POST"),
        Route("/sign-out", "sign_out", sign_out, ANYBODY, "POST"),
    )


def lead_home(visit: Visit) -> ResponseReturnValue:
    """Leads to the page that fits whoever it is."""
    return visit.to(home(visit.me))


def choose_language(visit: Visit) -> ResponseReturnValue:
    """Every page, message and e-mail is in this language from now on."""
    language = known_language(visit.field("language"))
    if language is None:
        raise PageError(400, "error-form")
    with visit.site.store.durable() as tx:
        tx.execute(update(Account).where(Account.id == visit.me.account).values(language=language))
    return redirect(own_path(visit.field("next")) or visit.url("home"), 303)


def sign_out(visit: Visit) -> ResponseReturnValue:
    """Ends the session; the browser stays known, so that guessing strangers don't keep its owner out."""
    with visit.site.store.durable() as tx:
        token = visit.site.sessions.close(tx, visit.token, visit.now)
    answer = visit.to("sign_in", done="done-signed-out", lang=visit.language)
    visit.site.keep(answer, token)
    return answer
