import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from webauthn.helpers import base64url_to_bytes

from helpline.accounts import registering
from helpline.accounts.passkeys import MOST, SECONDS, Owner, PasskeyRefused
from helpline.store.account_tables import Account, Passkey
from helpline.store.tables import Person
from tests.accounts.conftest import House
from tests.accounts.device import Device, text
from tests.shell import ALIX, NOON, rows_of, together

BROWSER, OTHER = "b" * 43, "c" * 43
KNOWN: list[Device] = []
"""The device of a property's database."""


def _options(house: House, account: int, browser: str = BROWSER, now: int = NOON) -> str:
    with house.store.read() as connection:
        owner = Owner(account, "Alix Exemple", "alix@example.org")
        return house.accounts.passkeys.to_register(connection, owner, browser, now)


def _register(house: House, account: int, sent: str, browser: str = BROWSER, now: int = NOON) -> int:
    with house.store.durable() as tx:
        return house.accounts.passkeys.register(tx, account, browser, sent, "Téléphone", now)


def _has(house: House, account: int, **kind: Any) -> Device:  # noqa: ANN401 - what a device is like
    device = Device(**kind)
    _register(house, account, device.create(_options(house, account)))
    return device


def _challenge(house: House, browser: str = BROWSER, now: int = NOON) -> str:
    return house.accounts.passkeys.to_authenticate(browser, now)


def _enter(house: House, sent: str, browser: str = BROWSER, now: int = NOON) -> int | None:
    try:
        with house.store.durable() as tx:
            return house.accounts.passkeys.authenticate(tx, browser, sent, now)
    except PasskeyRefused:
        return None


def test_a_key_is_added_and_opens(each_house: House) -> None:
    """Again and again, each time with a challenge of its own; only its public half is kept."""
    account = each_house.create()
    device = _has(each_house, account)
    for _ in range(2):
        assert _enter(each_house, device.get(_challenge(each_house))) == account
    (row,) = rows_of(each_house.store, Passkey)
    assert (row["account"], row["credential"], row["name"], row["added_day"]) == (
        account,
        device.credential,
        "Téléphone",
        NOON // 86_400,
    )


def test_the_browser_is_asked_for_both_factors(house: House) -> None:
    """For a key that it finds by itself and that its owner unlocks; nothing in it tells who they are."""
    account = house.create()
    asked = json.loads(_options(house, account))
    assert asked["rp"]["id"] == "helpline.example.org"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["attestation"] == "none"
    assert json.loads(_challenge(house))["userVerification"] == "required"
    assert json.loads(_challenge(house))["allowCredentials"] == []
    assert asked["user"]["id"] != text(str(account).encode())


def test_a_device_is_asked_once(house: House) -> None:
    """The keys that are known are named, so that none is made twice; and one that is sent twice is refused."""
    account = house.create()
    device = _has(house, account)
    options = _options(house, account)
    assert [each["id"] for each in json.loads(options)["excludeCredentials"]] == [text(device.credential)]
    with pytest.raises(PasskeyRefused):
        _register(house, account, device.create(options))


def test_an_answer_opens_once(house: House) -> None:
    """The very same bytes again, from the same browser, open nothing."""
    account = house.create()
    sent = _has(house, account).get(_challenge(house))
    assert _enter(house, sent) == account
    assert _enter(house, sent, now=NOON + SECONDS - 1) is None


def test_of_many_who_send_one_answer_at_once_one_gets_in(each_house: House) -> None:
    """However the threads meet."""
    account = each_house.create()
    sent = _has(each_house, account).get(_challenge(each_house))
    found = together([lambda: _enter(each_house, sent)] * 6)
    assert found.count(account) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda house, device: _enter(house, device.get(_challenge(house)), OTHER),
        lambda house, device: _enter(house, device.get(_challenge(house)), now=NOON + SECONDS),
        lambda house, device: _enter(house, device.get(_challenge(house)), now=NOON - 1),
        lambda house, device: _enter(house, device.get(json.dumps({"challenge": text(bytes(56))}))),
        lambda house, device: _enter(house, device.get(json.dumps({"challenge": text(b"")}))),
        lambda house, device: _enter(house, device.get(_options(house, 1))),
        lambda house, _: _enter(house, Device().get(_challenge(house))),
    ],
    ids=["another browser", "too late", "too early", "no challenge of ours", "none", "for registering", "unknown"],
)
def test_a_challenge_is_for_one_browser_one_purpose_and_a_while(
    house: House, wrong: Callable[[House, Device], int | None]
) -> None:
    """Whatever else is answered opens nothing."""
    assert wrong(house, _has(house, house.create())) is None


@pytest.mark.parametrize(
    "change",
    [{"verified": False}, {"origin": "https://evil.example.org"}, {"host": "evil.example.org"}, {"handle": b"x"}],
)
def test_an_answer_for_somewhere_else_opens_nothing(house: House, change: dict[str, Any]) -> None:
    """A device that wasn't unlocked, another site's page, another site's key, somebody else's handle."""
    device = _has(house, house.create())
    for name, value in change.items():
        setattr(device, name, value)
    assert _enter(house, device.get(_challenge(house))) is None


@pytest.mark.parametrize(
    "change", [{"verified": False}, {"origin": "https://evil.example.org"}, {"host": "evil.example.org"}]
)
def test_a_key_for_somewhere_else_is_not_added(house: House, change: dict[str, Any]) -> None:
    """The same when it is made."""
    account = house.create()
    with pytest.raises(PasskeyRefused):
        _register(house, account, Device(**change).create(_options(house, account)))


def test_a_key_is_added_to_the_account_it_was_made_for(house: House) -> None:
    """A challenge for one account adds nothing to another, nor from another browser."""
    account, other = house.create(), house.create("autre@example.org", "funder")
    sent = Device().create(_options(house, account))
    with pytest.raises(PasskeyRefused):
        _register(house, other, sent)
    with pytest.raises(PasskeyRefused):
        _register(house, account, sent, OTHER)
    _register(house, account, sent)


def test_a_signature_by_another_key_opens_nothing(house: House) -> None:
    """Even if it says that it is this one."""
    device = _has(house, house.create())
    thief = Device(credential=device.credential, handle=device.handle)
    assert _enter(house, thief.get(_challenge(house))) is None


def test_a_counter_that_goes_back_is_a_copy(each_house: House) -> None:
    """Each use must count up; one that says what was said before is refused."""
    account = each_house.create()
    device = _has(each_house, account, counts=True)
    for _ in range(2):
        assert _enter(each_house, device.get(_challenge(each_house))) == account
    device.uses = 1
    assert _enter(each_house, device.get(_challenge(each_house))) is None
    device.uses = 2
    assert _enter(each_house, device.get(_challenge(each_house))) == account


def test_who_was_disabled_or_has_left_has_no_key(house: House) -> None:
    """Their device still answers, and opens nothing."""
    account, other = house.create(), house.create("autre@example.org", "funder")
    device, others = _has(house, account), _has(house, other)
    with house.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == ALIX).values(left_at=NOON))
        registering.disable(tx, other, NOON)
    assert _enter(house, device.get(_challenge(house))) is None
    assert _enter(house, others.get(_challenge(house))) is None


def test_keys_are_listed_renamed_and_removed(house: House) -> None:
    """Each by its owner alone."""
    account, other = house.create(), house.create("autre@example.org", "funder")
    device, passkeys = _has(house, account), house.accounts.passkeys
    with house.store.durable() as tx:
        (key,) = passkeys.of(tx, account)
        assert not passkeys.rename(tx, other, key.id, "À moi")
        assert not passkeys.remove(tx, other, key.id)
        assert not passkeys.rename(tx, account, key.id, " ")
        assert passkeys.rename(tx, account, key.id, " Clé bleue " + "x" * 80)
        assert passkeys.of(tx, account)[0].name == ("Clé bleue " + "x" * 80)[:60]
        assert passkeys.remove(tx, account, key.id)
    assert _enter(house, device.get(_challenge(house))) is None


def test_there_is_an_end_to_keys(house: House) -> None:
    """Ten of each account."""
    account = house.create()
    for _ in range(MOST):
        _has(house, account)
    with pytest.raises(PasskeyRefused):
        _has(house, account)


def test_keys_go_with_their_account(each_house: House) -> None:
    """Whoever is deleted leaves none."""
    account = each_house.create()
    _has(each_house, account)
    with each_house.store.durable() as tx:
        tx.execute(Account.__table__.delete().where(Account.id == account))  # type: ignore[attr-defined] # a Table
    assert rows_of(each_house.store, Passkey) == []


pieces = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.binary(max_size=60).map(text),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "signature", "attestationObject")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FIELDS), pieces)
def test_an_answer_with_a_part_exchanged_is_refused_in_words(house: House, name: str, value: object) -> None:
    """For anything at all, in a right answer and in a new key: refused, and nothing else happens."""
    device = Device()
    made, got = (json.loads(sent) for sent in (device.create(_options(house, 1)), device.get(_challenge(house))))
    with house.store.durable() as tx:
        if _exchanged(made, name, value):
            with pytest.raises(PasskeyRefused):
                house.accounts.passkeys.register(tx, 1, BROWSER, json.dumps(made), "x", NOON)
        if _exchanged(got, name, value):
            with pytest.raises(PasskeyRefused):
                house.accounts.passkeys.authenticate(tx, BROWSER, json.dumps(got), NOON)


def _exchanged(sent: dict[str, Any], name: str, value: object) -> bool:
    """Whether there was such a part."""
    part = sent if name in sent else sent["response"]
    there = name in part
    part[name] = value
    return there


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["attestationObject", "authenticatorData", "signature"]), st.integers(0, 999), st.integers(1, 255)
)
def test_an_answer_with_a_byte_exchanged_breaks_nothing(house: House, name: str, place: int, other: int) -> None:
    """Somewhere in what the device wrote: what isn't right any more is refused."""
    device = _enrolled(house)
    sent = json.loads(device.create(_options(house, 1)) if name[0:2] == "at" else device.get(_challenge(house)))
    content = bytearray(base64url_to_bytes(sent["response"][name]))
    content[place % len(content)] ^= other
    sent["response"][name] = text(bytes(content))
    if name == "attestationObject":
        with contextlib.suppress(PasskeyRefused), house.store.durable() as tx:
            house.accounts.passkeys.register(tx, 1, BROWSER, json.dumps(sent), "x", NOON)
            tx.rollback()
    else:
        assert _enter(house, json.dumps(sent)) is None


def _enrolled(house: House) -> Device:
    """A device whose key is known, the same for all examples of a property."""
    found = [row for row in rows_of(house.store, Passkey) if row["name"] == "Téléphone"]
    if not found:
        KNOWN.clear()
        KNOWN.append(_has(house, house.create()))
    return KNOWN[0]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60) | pieces.map(json.dumps))
def test_what_is_no_answer_at_all_is_refused_in_words(house: House, sent: str) -> None:
    """Any text, any JSON."""
    with house.store.durable() as tx:
        with pytest.raises(PasskeyRefused):
            house.accounts.passkeys.register(tx, 1, BROWSER, sent, "x", NOON)
        with pytest.raises(PasskeyRefused):
            house.accounts.passkeys.authenticate(tx, BROWSER, sent, NOON)
