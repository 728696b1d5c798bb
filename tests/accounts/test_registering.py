import pytest
from sqlalchemy import update

from helpline.accounts import invitations, registering
from helpline.accounts.model import Role
from helpline.accounts.registering import AccountRefused, Reason, State, Wanted
from helpline.store.tables import Person
from tests.accounts.conftest import House
from tests.shell import ALIX, BORIS, NOON, together

COORDINATOR = "claude@example.org"


def _change(house: House, account: int, wanted: Wanted) -> Reason | None:
    try:
        with house.store.durable() as tx:
            registering.change(tx, account, wanted, NOON)
    except AccountRefused as refused:
        return refused.reason
    return None


def _create(house: House, wanted: Wanted) -> Reason | None:
    try:
        with house.store.durable() as tx:
            registering.create(tx, wanted, NOON)
    except AccountRefused as refused:
        return refused.reason
    return None


def _disable(house: House, account: int) -> Reason | None:
    try:
        with house.store.durable() as tx:
            registering.disable(tx, account, NOON)
    except AccountRefused as refused:
        return refused.reason
    return None


def _state(house: House, account: int, now: int = NOON) -> State:
    with house.store.read() as connection:
        return next(each.state for each in registering.read_accounts(connection, now) if each.id == account)


def wanted(
    *roles: Role, name: str = "Camille Exemple", email: str = "camille@example.org", person: int | None = None
) -> Wanted:
    """An account as it should be."""
    return Wanted(name, email, frozenset(roles), person)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (wanted("psychologist", person=ALIX), None),
        (wanted("funder", email=" Camille@EXAMPLE.org "), None),
        (wanted("funder", person=99), None),
        (wanted(), "no-role"),
        (wanted("psychologist"), "no-person"),
        (wanted("psychologist", "coordinator", person=99), "no-person"),
        (wanted("psychologist", person=BORIS), "person-left"),
        (wanted("funder", name="  "), "name"),
        (wanted("funder", name="x" * 121), "name"),
        (wanted("funder", name="a\0b"), "name"),
        (wanted("funder", email="camille"), "email"),
        (wanted("funder", email="camille@example.org\nBcc: x@example.org"), "email"),
        (wanted("funder", email="x" * 190 + "@example.org"), "email"),
        (wanted("funder", email="Taken@Example.org"), "email-taken"),
    ],
)
def test_an_account_is_what_it_may_be(house: House, asked: Wanted, reason: Reason | None) -> None:
    """One e-mail each, a role at least, a psychologist who is one and is still here."""
    house.create("taken@example.org", "operator")
    with house.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == BORIS).values(left_at=NOON))
    assert _create(house, asked) == reason


def test_a_psychologist_has_one_account(each_house: House) -> None:
    """A second for the same person is refused; of two at once one is made."""
    asked = [wanted("psychologist", email=f"a{n}@example.org", person=ALIX) for n in range(4)]
    found = together([lambda each=each: _create(each_house, each) for each in asked])  # type: ignore[misc] # its loop
    assert sorted(found, key=str) == [None, *["person-taken"] * 3]


def test_an_address_has_one_account(each_house: House) -> None:
    """Of two who take it at once one gets it."""
    found = together([lambda: _create(each_house, wanted("funder"))] * 4)
    assert sorted(found, key=str) == [None, *["email-taken"] * 3]


def test_other_roles_end_what_was_open(house: House) -> None:
    """Who may do other things signs in anew; another name changes nothing else."""
    house.someone(COORDINATOR, "coordinator")
    account = house.create("camille@example.org", "funder")
    token = house.signed_in(account)
    assert _change(house, account, wanted("funder", name="Camille Autre")) is None
    assert house.is_in(token)
    assert _change(house, account, wanted("funder", "operator")) is None
    assert not house.is_in(token)
    assert house.row(account)["roles"] == "funder operator"


def test_who_is_a_psychologist_no_more_is_no_person(house: House) -> None:
    """The account goes on, and somebody else may be that psychologist's."""
    account = house.create("camille@example.org", "psychologist", "coordinator")
    assert _change(house, account, wanted("coordinator", person=ALIX)) is None
    assert house.row(account)["person"] is None


def test_disabling_ends_sessions_and_links(house: House) -> None:
    """At once; enabled again, the password is the same and the session isn't."""
    someone = house.someone("camille@example.org", "funder")
    token, link = house.signed_in(someone.account), house.invited(someone.account)
    assert _disable(house, someone.account) is None
    assert (_state(house, someone.account), house.is_in(token)) == ("disabled", False)
    with house.store.durable() as tx:
        registering.enable(tx, someone.account)
        assert invitations.account_of(tx, link, NOON) is None
    assert (_state(house, someone.account), house.is_in(token)) == ("active", False)


def test_somebody_coordinates(house: House) -> None:
    """The last who can is neither disabled nor given other roles; one who never signed up doesn't count."""
    last = house.someone(COORDINATOR, "coordinator").account
    house.create("invited@example.org", "coordinator")
    assert _disable(house, last) == "last-coordinator"
    assert _change(house, last, wanted("operator", email=COORDINATOR)) == "last-coordinator"
    assert _change(house, last, wanted("operator", "coordinator", email=COORDINATOR)) is None
    house.someone("autre@example.org", "coordinator")
    assert _disable(house, last) is None


def test_an_invitation_that_was_never_used_may_be_ended(house: House) -> None:
    """Also a coordinator's, where nobody coordinates yet."""
    assert _disable(house, house.create(COORDINATOR, "coordinator")) is None


def test_of_two_who_end_each_others_role_one_stays(each_house: House) -> None:
    """At the same moment, however the threads meet."""
    for n in range(3):
        both = [each_house.someone(f"c{n}{each}@example.org", "coordinator").account for each in "ab"]
        found = together([lambda each=each: _disable(each_house, each) for each in both])  # type: ignore[misc] # its loop
        assert sorted(found, key=str) == [None, "last-coordinator"]
        with each_house.store.durable() as tx:
            left = both[found.index("last-coordinator")]
            invitations.reset(tx, left, NOON)
            registering.disable(tx, left, NOON)


def test_the_list_says_how_each_account_stands(house: House) -> None:
    """Invited, expired, active, disabled, left; by name."""
    active = house.someone("a@example.org", "funder").account
    invited, expired, disabled = (house.create(f"{each}@example.org", "operator") for each in "bcd")
    psychologist = house.someone().account
    link = house.invited(invited)
    with house.store.durable() as tx:
        registering.disable(tx, disabled, NOON)
        tx.execute(update(Person).where(Person.id == ALIX).values(left_at=NOON))
        found = {each.id: each for each in registering.read_accounts(tx, NOON)}
    states = {number: each.state for number, each in found.items()}
    assert link
    assert states == {
        active: "active",
        invited: "invited",
        expired: "expired",
        disabled: "disabled",
        psychologist: "left",
    }
    assert (found[invited].expires_at, found[active].expires_at) == (NOON + invitations.WEEK, None)
    assert (found[active].second_factor, found[invited].second_factor) == (True, False)
    assert _state(house, invited, NOON + invitations.WEEK) == "expired"


@pytest.mark.parametrize("do", [registering.enable, lambda tx, account: registering.disable(tx, account, NOON)])
def test_an_account_that_is_gone_is_said_to_be(house: House, do: object) -> None:
    """And changed by nobody."""
    assert callable(do)
    with house.store.durable() as tx, pytest.raises(AccountRefused, match="no such account"):
        do(tx, 99)
    assert _change(house, 99, wanted("funder")) == "gone"
