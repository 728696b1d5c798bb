"""Browsers that are signed in: a service, an account with the roles that a test names, and its cookie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from helpline.accounts.model import Role
from helpline.accounts.sessions import Sessions
from helpline.app import Service, create_service
from helpline.store.account_tables import Account
from reports.words import Language
from tests.shell import ALIX, CONFIG, SetClock, settings_in, some_secrets, with_people
from tests.tables import make_tables

HOST = "https://helpline.example.org"


@dataclass
class Office:
    """A service whose pages are asked. The database has Alix, Boris and Charlie (`tests.shell.PEOPLE`), no shifts."""

    service: Service
    clock: SetClock
    key: bytes = some_secrets().link_key
    """The service's."""

    def browser(
        self, *roles: Role, person: int | None = None, language: Language = "fr", fresh: bool = True
    ) -> Browser:
        """Somebody signed in with these roles, each time with the same account; without any: a guest.

        Psychologists are Alix, unless `person` says who.
        """
        client = self.service.web.test_client()
        if not roles:
            return Browser(client, "", 0)
        if person is None and "psychologist" in roles:
            person = ALIX
        email = f"{'-'.join(roles)}-{person or 0}@example.org"
        with self.service.store.durable() as tx:
            number = tx.execute(select(Account.id).where(Account.email == email)).scalar()
            if number is None:
                names = {"email": email, "name": "Compte Exemple", "roles": " ".join(roles)}
                row = {**names, "person": person, "language": language}
                number = tx.execute(insert(Account).returning(Account.id), row).scalar_one()
            sessions, now = Sessions(self.key), int(self.clock.now())
            token = sessions.open(tx, number, "Firefox, Linux", now)
            if fresh:
                sessions.freshen(tx, token, now)
        client.set_cookie("__Host-helpline", token, domain="helpline.example.org", secure=True)
        return Browser(client, sessions.csrf(token), number)


@dataclass
class Browser:
    """Asks for pages and sends their forms; `csrf` is what our forms carry for it."""

    client: FlaskClient
    csrf: str
    account: int

    def get(self, path: str, status: int = 200) -> str:
        """A page's HTML."""
        answer = self.client.get(path, base_url=HOST)
        assert answer.status_code == status, (answer.status_code, answer.text[:2000])
        return answer.text

    def post(self, path: str, status: int = 303, **fields: str | list[str]) -> TestResponse:
        """Sends a form as our pages do."""
        answer = self.client.post(path, base_url=HOST, data={"csrf": self.csrf, **fields})
        assert answer.status_code == status, (answer.status_code, answer.text[:2000])
        return answer

    def follow(self, path: str, **fields: str | list[str]) -> str:
        """Sends a form and reads the page that it leads to."""
        answer = self.post(path, 303, **fields)
        return self.get(answer.headers["Location"].removeprefix(HOST))


@contextmanager
def office(url: str, folder: Path, config: str = CONFIG) -> Iterator[Office]:
    """A service on the database `url`."""
    clock = SetClock()
    text = config.replace("[service]", f'[service]\ndatabase_url = "{url}"', 1)
    # Where nobody answers: a page that has a phone rung says that the carrier can't.
    text = text.replace("[carrier]", '[carrier]\napi_base_url = "http://127.0.0.1:9"', 1)
    service = create_service(settings_in(folder, text), some_secrets(), clock)
    try:
        make_tables(service.store)
        with_people(service.store)
        yield Office(service, clock)
    finally:
        service.stop()


def words(html: str) -> str:
    """What a page says, without its tags, blanks made one."""
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)
