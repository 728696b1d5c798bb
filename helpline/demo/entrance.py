"""Signing in from the demonstration's page: a table of who there is, a button each, and the codes of this moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, redirect, request, url_for

from helpline.accounts.signing_in import Refusal
from helpline.demo.accounts import Login, log_in, logins
from helpline.demo.actions import Refusal as Refused
from helpline.demo.actions import refuse_foreign
from helpline.demo.duty import names_on_duty
from helpline.pages.account.devices import device
from helpline.pages.site import TOKEN

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as Redirect

    from helpline.app import Service
    from helpline.demo.board import Board, Facts


class Entrance:
    """Two routes of the demonstration's page."""

    def __init__(self, service: Service, board: Board) -> None:
        self._service = service
        self._board = board

    def attach(self, pages: Blueprint) -> None:
        """`/demo/enter`, which needs no script, and `/demo/codes` for the page's."""
        pages.add_url_rule("/demo/enter", "enter", self.enter, methods=["POST"])
        pages.add_url_rule("/demo/codes", "codes", self.codes, methods=["GET"])

    def logins(self, facts: Facts) -> list[Login]:
        """Everybody in the table, with the code of this moment."""
        names = names_on_duty(facts.duty) | {each.name for each in facts.colleagues}
        return logins(self._service.site.accounts, names, int(self._service.clock.now()))

    def codes(self) -> Response:
        """Account -> the six digits that are good now."""
        return jsonify({str(each.account): each.code for each in self.logins(self._board.facts())})

    def enter(self) -> Redirect:
        """Signs in as who is named in the form, and leads to their first page. Raises `Refusal`."""
        service, site = self._service, self._service.site
        public = service.settings.service.public_url
        refuse_foreign(request, (public, public.replace("//localhost:", "//127.0.0.1:")))
        wanted = request.form.get("account", "")
        login = next((each for each in self.logins(self._board.facts()) if str(each.account) == wanted), None)
        if login is None:
            raise Refused(404, "no-account")
        held = request.cookies.get(site.cookie, "")
        held = held if TOKEN.fullmatch(held) else ""
        agent = request.headers.get("User-Agent", "")
        entered = log_in(site.accounts, login, held, device(agent), int(service.clock.now()))
        if isinstance(entered, Refusal):
            raise Refused(409, "enter-later", n=entered.seconds or 1)
        answer = redirect(url_for("site.home"), 303)
        site.keep(answer, entered)
        return answer
