"""The link that lets somebody in: shown once to whoever asked for it, and sent where e-mail is set up."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, cast

from helpline.accounts.invitations import WEEK, path
from helpline.accounts.registering import Entry
from helpline.messages.mail import Mailer
from helpline.messages.message import Address, Message, NotSent, is_mail
from helpline.pages.formats import Formats
from helpline.pages.rota.outcomes import zone_of
from helpline.pages.site import Visit
from helpline.pages.texts import speaker
from reports.words import Language

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def show_link(visit: Visit, entry: Entry, token: str) -> ResponseReturnValue:
    """The page with the link. Sent by e-mail, too, where that is set up; whether it went is said."""
    link = visit.site.settings.service.public_url + path(token)
    until = visit.now + WEEK
    zone = zone_of(visit)
    person = entry.person
    return visit.page(
        "people/link.html",
        name=entry.name,
        email=entry.email,
        link=link,
        sent=_send(visit, entry, link, until),
        until=f"{visit.formats.day(until, zone)}, {visit.formats.clock(until, zone)}",
        home=visit.url("people_one", person=person) if person else visit.url("people_account", account=entry.id),
    )


def _send(visit: Visit, entry: Entry, link: str, until: int) -> str:
    """What became of the e-mail: the key of a text, "" where none can be sent."""
    settings = visit.site.settings.messages
    if not (settings.smtp_host and settings.sender and is_mail(entry.email)):
        return ""
    mailer = Mailer(settings, visit.site.secrets.smtp_password)
    language = cast("Language", entry.language)
    say, formats, zone = speaker(language), Formats(language), zone_of(visit)
    when = f"{formats.day(until, zone)}, {formats.clock(until, zone)}"
    body = say("invitation-mail", name=entry.name, link=link, when=when)
    message = Message("", say("invitation-subject"), body)
    to = Address("mail", f"account{entry.id}", entry.email, entry.name)
    try:
        mailer.send(message, to, f"invitation.{secrets.token_hex(8)}", visit.now)
    except NotSent:
        return "link-not-sent"
    return "link-sent"
