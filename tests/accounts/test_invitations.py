from sqlalchemy import update

from helpline.accounts import invitations, registering
from helpline.accounts.invitations import WEEK
from helpline.store.account_tables import Invitation
from helpline.store.tables import Person
from tests.accounts.conftest import House
from tests.shell import ALIX, NOON, rows_of, together


def _opens(house: House, token: str, now: int = NOON) -> int | None:
    with house.store.read() as connection:
        found = invitations.account_of(connection, token, now)
    return None if found is None else found.account


def _accept(house: House, token: str, now: int = NOON) -> int | None:
    with house.store.durable() as tx:
        return invitations.accept(tx, token, now)


def test_a_link_says_whom_it_is_for(house: House) -> None:
    """As often as it is opened, for a week and not a second longer."""
    account = house.create("alix@example.org", "psychologist", "coordinator")
    token = house.invited(account)
    with house.store.read() as connection:
        found = invitations.account_of(connection, token, NOON + WEEK - 1)
    assert found is not None
    assert (found.account, found.email) == (account, "alix@example.org")
    assert found.roles == {"psychologist", "coordinator"}
    assert _opens(house, token) == account
    assert _opens(house, token, NOON + WEEK) is None
    assert _accept(house, token, NOON + WEEK) is None
    assert _opens(house, "forged") is None


def test_a_link_is_used_once(each_house: House) -> None:
    """Of many who use it at the same moment one gets it, and it opens nothing afterwards."""
    account = each_house.create()
    token = each_house.invited(account)
    found = together([lambda: _accept(each_house, token)] * 6)
    assert sorted(found, key=str) == [account, None, None, None, None, None]
    assert _opens(each_house, token) is None


def test_a_new_link_replaces_the_old(house: House) -> None:
    """There is one at most; the database holds neither."""
    account = house.create()
    old, new = house.invited(account), house.invited(account)
    assert (_opens(house, old), _opens(house, new)) == (None, account)
    (kept,) = rows_of(house.store, Invitation)
    assert new.encode() not in kept["hash"]


def test_a_reset_ends_everything_but_passkeys(house: House) -> None:
    """Password, authenticator, recovery codes and sessions are gone; the link opens."""
    someone = house.someone()
    session = house.signed_in(someone.account)
    with house.store.durable() as tx:
        house.accounts.recovery.renew(tx, someone.account)
        token = invitations.reset(tx, someone.account, NOON)
    row = house.row(someone.account)
    assert (row["password"], row["totp"], _opens(house, token)) == ("", None, someone.account)
    assert not house.is_in(session)
    with house.store.read() as connection:
        assert house.accounts.recovery.left(connection, someone.account) == 0


def test_who_was_disabled_or_has_left_is_not_let_in_by_a_link(house: House) -> None:
    """However long it would still have worked."""
    disabled, left = house.create("autre@example.org", "funder"), house.create()
    links = house.invited(disabled), house.invited(left)
    with house.store.durable() as tx:
        registering.disable(tx, disabled, NOON)
        tx.execute(update(Person).where(Person.id == ALIX).values(left_at=NOON + 60))
    assert _opens(house, links[0]) is None
    assert (_opens(house, links[1]), _opens(house, links[1], NOON + 60)) == (left, None)
    assert _accept(house, links[1], NOON + 60) is None


def test_expired_links_are_swept(house: House) -> None:
    """And no others."""
    house.invited(house.create())
    house.invited(house.create("autre@example.org", "funder"), NOON + 60)
    with house.store.durable() as tx:
        assert invitations.sweep(tx, NOON + WEEK) == 1
    assert [row["expires_at"] for row in rows_of(house.store, Invitation)] == [NOON + 60 + WEEK]
