"""`people invite|reset|accounts|roles|disable|enable`: who signs in."""

import re
from contextlib import closing
from pathlib import Path

from helpline.accounts import invitations
from helpline.settings import load
from helpline.store.sessions import Store
from tests.cli.conftest import Done, Run, refused

LINK = re.compile(r"https://helpline\.example\.org/welcome/([\w-]{43})\n")
CLAUDE = ("Claude Exemple", "--email", "claude@example.org", "--roles", "coordinator")


def whose(folder: Path, done: Done) -> str | None:
    """Whom the link that was printed is for now."""
    found = LINK.fullmatch(done.out)
    assert found, done
    with closing(Store(load(folder / "config.toml").database_url)) as store, store.read() as connection:
        invited = invitations.account_of(connection, found[1], 0)
    return invited.email if invited else None


def invite(helpline: Run, *arguments: str) -> Done:
    """An invitation as it is printed."""
    return helpline("people", "invite", *(arguments or CLAUDE))


def test_the_first_coordinator_comes_from_here(helpline: Run, folder: Path) -> None:
    """One link on standard output, for a script; what it is for beside it."""
    done = invite(helpline)
    assert whose(folder, done) == "claude@example.org"
    assert "for Claude Exemple (coordinator) and nobody else" in done.err
    assert re.search(r"once, until \d{4}-\d\d-\d\d \d\d:\d\d UTC", done.err)


def test_inviting_again_replaces_the_link(helpline: Run, folder: Path) -> None:
    """As long as nobody signed up; nothing else changes."""
    old, new = invite(helpline), invite(helpline)
    assert (whose(folder, old), whose(folder, new)) == (None, "claude@example.org")
    assert len(helpline("people", "accounts", "--json").json) == 1


def test_an_account_is_not_changed_by_inviting_it_again(helpline: Run) -> None:
    """Under another name or with other roles it is refused, and told how it stands."""
    invite(helpline)
    refused(
        invite(helpline, "Claude Autre", *CLAUDE[1:]), "invited already, as Claude Exemple with the roles coordinator"
    )
    refused(invite(helpline, *CLAUDE[:-1], "operator"), "people roles claude@example.org")


NOBODY = ("Nobody", "--email", "nobody@example.org", "--roles", "psychologist,coordinator")


def test_a_psychologist_stands_in_the_list_of_people(helpline: Run) -> None:
    """An empty list is said to be empty, and no account is made."""
    refused(invite(helpline, *NOBODY), "nobody is called 'Nobody'", "no people yet")
    assert helpline("people", "accounts").out == ""


def test_a_psychologist_stands_there_under_this_very_name(helpline_demo: Run) -> None:
    """The names there are, are said."""
    refused(invite(helpline_demo, *NOBODY), "nobody is called 'Nobody'", "Camille Exemple")


def test_what_is_no_role_is_wrong_usage(helpline: Run) -> None:
    """With the roles there are."""
    done = invite(helpline, *CLAUDE[:-1], "chief")
    assert (done.code, "there is no role 'chief'" in done.err, "coordinator, funder" in done.err) == (2, True, True)


def test_everybody_is_listed(helpline: Run) -> None:
    """With roles and state, for people and for scripts; nothing of what they sign in with."""
    invite(helpline)
    assert helpline("people", "accounts").out == "Claude Exemple  claude@example.org  coordinator  (invited)\n"
    (found,) = helpline("people", "accounts", "--json").json
    assert found == {
        "name": "Claude Exemple",
        "email": "claude@example.org",
        "roles": ["coordinator"],
        "state": "invited",
        "second_factor": False,
    }


def test_roles_are_given_and_taken(helpline: Run) -> None:
    """All at once; none isn't possible."""
    invite(helpline)
    assert helpline("people", "roles", "Claude@example.org", "operator,coordinator").out == (
        "claude@example.org: coordinator operator\n"
    )
    refused(helpline("people", "roles", "claude@example.org", ","), "needs a role")
    refused(helpline("people", "roles", "claude@example.org", "psychologist"), "no people yet")


def test_an_account_is_disabled_and_enabled(helpline: Run, folder: Path) -> None:
    """Its link opens nothing any more, and it isn't invited while it is disabled."""
    link = invite(helpline)
    assert helpline("people", "disable", "claude@example.org").out == "claude@example.org: disabled\n"
    assert whose(folder, link) is None
    refused(invite(helpline), "is disabled")
    refused(helpline("people", "reset", "claude@example.org"), "disabled")
    assert helpline("people", "enable", "claude@example.org").code == 0
    assert whose(folder, invite(helpline)) == "claude@example.org"


def test_a_reset_prints_a_link(helpline: Run, folder: Path) -> None:
    """For whoever lost their telephone, or was here first."""
    invite(helpline)
    assert whose(folder, helpline("people", "reset", "CLAUDE@example.org")) == "claude@example.org"


def test_an_unknown_address_is_refused(helpline: Run) -> None:
    """With those there are."""
    refused(helpline("people", "reset", "x@example.org"), "'x@example.org' has no account", "people invite")
    invite(helpline)
    for command in (("reset",), ("disable",), ("enable",)):
        refused(helpline("people", *command, "x@example.org"), "claude@example.org")
    refused(helpline("people", "roles", "x@example.org", "funder"), "claude@example.org")
