"""Whether an account is in force: one condition, for everything that opens."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, not_

from helpline.store.account_tables import Account
from helpline.store.tables import Person


def in_force(now: int) -> ColumnElement[bool]:
    """Rows of `accounts` that aren't disabled, and whose psychologist hasn't left by `now` (UTC seconds)."""
    gone = exists().where(Person.id == Account.person, Person.left_at <= now).correlate(Account)
    return and_(not_(Account.disabled), not_(gone))
