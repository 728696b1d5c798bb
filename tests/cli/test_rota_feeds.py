"""`rota feed`: an address for a calendar program, printed, renewed, revoked."""

import re
from contextlib import closing
from pathlib import Path

from sqlalchemy import update

from helpline.people.feeds import Feeds, Scope
from helpline.settings import load, read_secrets
from helpline.store.sessions import Store
from helpline.store.tables import Person
from tests.cli.conftest import Run, refused

ADDRESS = re.compile(r"https?://[^/]+/feed/([a-z0-9-]+-[\w-]{22})\.ics\n")
CAMILLE = "Camille Exemple"


def shown(folder: Path, address: str) -> Scope | None:
    """What an address shows now."""
    settings, secrets = load(folder / "config.toml"), read_secrets(folder)
    found = ADDRESS.fullmatch(address)
    assert found, address
    with closing(Store(settings.database_url)) as store, store.read() as connection:
        return Feeds(secrets.link_key, settings.service.public_url).scope(connection, found[1], 0)


def test_an_address_is_printed_again_and_again(helpline_demo: Run, demo: Path) -> None:
    """The same, until another is asked for; the name may be written in any case."""
    first = helpline_demo("rota", "feed", CAMILLE).out
    assert helpline_demo("rota", "feed", CAMILLE.upper()).out == first
    scope = shown(demo, first)
    assert scope is not None
    assert (scope.person > 0, scope.line) == (True, "")


def test_a_line_has_an_address(helpline_demo: Run, demo: Path) -> None:
    """Another than anybody's."""
    assert shown(demo, helpline_demo("rota", "feed", "--line", "france").out) == Scope(line="france")


def test_a_new_address_revokes_the_old(helpline_demo: Run, demo: Path) -> None:
    """At once; the line's stays."""
    old, line = helpline_demo("rota", "feed", CAMILLE).out, helpline_demo("rota", "feed", "--line", "france").out
    new = helpline_demo("rota", "feed", CAMILLE, "--new").out
    assert [bool(shown(demo, address)) for address in (old, new, line)] == [False, True, True]
    assert helpline_demo("rota", "feed", CAMILLE).out == new


def test_an_address_is_revoked(helpline_demo: Run, demo: Path) -> None:
    """It shows nothing any more, and whoever asks later gets another."""
    old = helpline_demo("rota", "feed", "--line", "france").out
    done = helpline_demo("rota", "feed", "--line", "france", "--revoke")
    assert (done.code, done.out) == (0, "the calendar address of france shows nothing any more\n")
    assert shown(demo, old) is None
    refused(helpline_demo("rota", "feed", "--line", "france", "--revoke"), "france has no calendar address")
    later = helpline_demo("rota", "feed", "--line", "france").out
    assert later != old
    assert [bool(shown(demo, address)) for address in (old, later)] == [False, True]


def test_what_can_not_be_done_is_refused(helpline_demo: Run) -> None:
    """With what would work."""
    refused(helpline_demo("rota", "feed", "Camille Exempel"), f"did you mean '{CAMILLE}'?")
    refused(helpline_demo("rota", "feed", "--line", "mars"), "there is no line 'mars'")
    refused(helpline_demo("rota", "feed"), "name a person, or a line")
    refused(helpline_demo("rota", "feed", CAMILLE, "--line", "france"), "one of them")
    refused(helpline_demo("rota", "feed", CAMILLE, "--new", "--revoke"), "choose one")
    refused(helpline_demo("rota", "feed", CAMILLE, "--revoke"), f"{CAMILLE} has no calendar address")


def test_who_has_left_gets_no_address(helpline_demo: Run, demo: Path) -> None:
    """Theirs can still be revoked."""
    helpline_demo("rota", "feed", CAMILLE)
    with closing(Store(load(demo / "config.toml").database_url)) as store, store.durable() as tx:
        tx.execute(update(Person).where(Person.name == CAMILLE).values(left_at=1))
    refused(helpline_demo("rota", "feed", CAMILLE), "is here no more")
    assert helpline_demo("rota", "feed", CAMILLE, "--revoke").code == 0
