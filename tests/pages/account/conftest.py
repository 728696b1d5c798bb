"""Passwords that cost nothing to hash, so that tests of pages don't wait for what tests of passwords prove."""

import pytest

from helpline.accounts.passwords import Cost, Passwords


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every service of these tests hashes at the least cost there is."""
    monkeypatch.setattr("helpline.accounts.service.Passwords", lambda: Passwords(Cost(8, 1, 1)))
