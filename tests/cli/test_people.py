"""`people list|link`: who answers, and their personal links."""

import re
from contextlib import closing
from pathlib import Path

import pytest

from helpline.demo.team import PEOPLE
from helpline.people.links import Links
from helpline.settings import load, read_secrets
from helpline.store.sessions import Store
from tests.cli.conftest import Run, refused

LINK = re.compile(r"https?://[^/]+/me/(\d+-[\w-]{22})\n")
CAMILLE = "Camille Exemple"


def whose(folder: Path, link: str) -> int | None:
    """Whom a link belongs to now."""
    settings, secrets = load(folder / "config.toml"), read_secrets(folder)
    found = LINK.fullmatch(link)
    assert found, link
    with closing(Store(settings.database_url)) as store, store.read() as connection:
        return Links(secrets.link_key, settings.service.public_url).person(connection, found[1], 0)


def test_everybody_is_listed(helpline_demo: Run) -> None:
    """With their languages, in order; no number is printed."""
    done = helpline_demo("people", "list")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines == sorted(lines)
    assert f"{CAMILLE}  (fr en)" in lines
    assert "+33" not in done.out


def test_a_script_reads_the_list(helpline_demo: Run) -> None:
    """As JSON, own language first."""
    found = helpline_demo("people", "list", "--json").json
    assert {"name": "Louison Exemple", "languages": ["nl", "fr"]} in found
    assert len(found) == len(PEOPLE)


def test_nobody_is_listed(helpline: Run) -> None:
    """On a fresh line."""
    assert helpline("people", "list").out == ""
    assert helpline("people", "list", "--json").json == []


def test_a_link_is_printed_again_and_again(helpline_demo: Run, demo: Path) -> None:
    """The same, until another is asked for."""
    first = helpline_demo("people", "link", CAMILLE).out
    assert helpline_demo("people", "link", CAMILLE).out == first
    assert whose(demo, first)
    assert helpline_demo("people", "link", "Sacha Exemple").out != first


def test_a_new_link_revokes_the_old(helpline_demo: Run, demo: Path) -> None:
    """At once; the others' stay."""
    old, other = helpline_demo("people", "link", CAMILLE).out, helpline_demo("people", "link", "Sacha Exemple").out
    new = helpline_demo("people", "link", CAMILLE, "--new").out
    assert new != old
    assert whose(demo, old) is None
    assert whose(demo, new)
    assert whose(demo, other)
    assert helpline_demo("people", "link", CAMILLE).out == new


@pytest.mark.parametrize("arguments", [(), ("--new",)])
def test_an_unknown_name_is_refused(helpline_demo: Run, arguments: tuple[str, ...]) -> None:
    """With the names there are."""
    done = helpline_demo("people", "link", "Nobody", *arguments)
    refused(done, "nobody is called 'Nobody'", CAMILLE, "Sacha Exemple")


def test_a_name_on_an_empty_line_is_refused(helpline: Run) -> None:
    """There are no people yet, and it is said so."""
    refused(helpline("people", "link", CAMILLE), "no people yet")
