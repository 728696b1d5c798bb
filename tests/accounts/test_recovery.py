import re
from functools import partial

from helpline.accounts.recovery import CODES, RecoveryCodes
from helpline.store.account_tables import RecoveryCode
from tests.accounts.conftest import House
from tests.shell import rows_of, together


def _renewed(house: House, account: int) -> tuple[str, ...]:
    with house.store.durable() as tx:
        return house.accounts.recovery.renew(tx, account)


def _take(house: House, account: int, code: str) -> bool:
    with house.store.durable() as tx:
        return house.accounts.recovery.take(tx, account, code)


def _left(house: House, account: int) -> int:
    with house.store.read() as connection:
        return RecoveryCodes.left(connection, account)


def test_ten_codes_are_easy_to_copy(house: House) -> None:
    """Three groups of four, no letter that looks like another or like a digit, no two alike."""
    codes = _renewed(house, house.create())
    assert len(set(codes)) == CODES == 10
    assert all(re.fullmatch(r"[a-hj-km-np-z2-9]{4}(-[a-hj-km-np-z2-9]{4}){2}", code) for code in codes)


def test_a_code_works_once_however_it_is_written(each_house: House) -> None:
    """In capitals, without hyphens, with blanks; nine are left."""
    account = each_house.create()
    code = _renewed(each_house, account)[3]
    assert _take(each_house, account, f" {code.upper().replace('-', ' ')} ")
    assert not _take(each_house, account, code)
    assert _left(each_house, account) == CODES - 1


def test_of_many_who_use_a_code_at_once_one_gets_in(each_house: House) -> None:
    """However the threads meet."""
    account = each_house.create()
    for code in _renewed(each_house, account)[:3]:
        assert sum(together([partial(_take, each_house, account, code)] * 6)) == 1


def test_new_codes_replace_the_old(house: House) -> None:
    """All of them, and another account's stay."""
    account, other = house.create(), house.create("autre@example.org", "funder")
    old, others, new = _renewed(house, account), _renewed(house, other), _renewed(house, account)
    assert not any(_take(house, account, code) for code in old)
    assert not _take(house, account, others[0])
    assert _take(house, account, new[0])
    assert _take(house, other, others[0])


def test_the_database_holds_no_code(house: House) -> None:
    """Only digests by a key that isn't there: the same code has another under another key."""
    account = house.create()
    codes = _renewed(house, account)
    kept = {row["hash"] for row in rows_of(house.store, RecoveryCode)}
    assert kept == {house.accounts.recovery._digest(account, code) for code in codes}
    assert not kept & {RecoveryCodes(b"another key")._digest(account, code) for code in codes}
