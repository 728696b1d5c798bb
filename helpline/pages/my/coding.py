"""Coding calls while signed in: the same form as behind a personal link (`helpline.pages.coder`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from helpline.pages.coder import MAX_BODY, Answer, Coder
from helpline.pages.routes import PSYCHOLOGIST, Route
from helpline.pages.site import Visit

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def show(visit: Visit) -> ResponseReturnValue:
    """What waits, and the form of the most urgent call."""
    return _page(visit, Answer(notice="thanks" if visit.asked("saved") else ""))


def code(visit: Visit) -> ResponseReturnValue:
    """Codes one call, once however often the form is sent, and leads to the next."""
    answer = _coder(visit).code(visit.person, visit.language, request.form.to_dict(flat=False))
    return visit.to("my_coding", saved="1") if answer.saved else _page(visit, answer)


def _page(visit: Visit, answer: Answer) -> ResponseReturnValue:
    shown = _coder(visit).shown(visit.person, visit.language, visit.url("my_coding_save"), answer)
    return visit.page("my/coding.html", answer.status, heading=visit.say("title"), **shown)


def _coder(visit: Visit) -> Coder:
    site = visit.site
    return Coder(site.store, site.lines, site.clock, site.taxonomy)


ROUTES = (
    Route("/my/coding", "my_coding", show, PSYCHOLOGIST),
    Route("/my/coding", "my_coding_save", code, PSYCHOLOGIST, "POST", body=MAX_BODY),
)
