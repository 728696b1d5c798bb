"""The tests. What these modules assert for many of them is said as plainly as what a test asserts itself."""

import pytest

pytest.register_assert_rewrite(
    "tests.pages.account.enrolled",
    "tests.pages.signed",
    "tests.processes.traffic",
    "tests.processes.watching",
    "tests.scenarios",
    "tests.shell",
    "tests.stateful",
)
