from collections.abc import Iterator
from pathlib import Path

import pytest

from helpline.accounts.throttle import LIMITS
from helpline.carrier.floods import Limit
from helpline.errors import ConfigError
from tests.pages.signed import HOST, Browser, Office, office
from tests.shell import CONFIG, settings_in


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """Behind a proxy that is known to tell where a browser is; of each network one guess is heard."""
    config = CONFIG.replace("[service]", '[service]\naddress_header = "X-Forwarded-For"')
    with office(sqlite_url, tmp_path, config) as opened:
        opened.service.site.accounts.throttle._limits = {**LIMITS, "address": Limit(1, 300)}
        yield opened


def _guess(browser: Browser, email: str, address: str | None) -> int:
    """The answer's status to a wrong guess from there."""
    page = browser.client.get("/sign-in", base_url=HOST).text
    csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
    typed = {"csrf": csrf, "email": email, "password": "a wrong password", "code": "000000"}
    headers = {} if address is None else {"X-Forwarded-For": address}
    return browser.client.post("/sign-in", base_url=HOST, data=typed, headers=headers).status_code


def test_a_network_that_guesses_is_slowed_down(site: Office) -> None:
    """As the proxy names it, which is what stands last; what the browser claims before it counts for nothing."""
    browser = site.browser()
    first, *others = (
        _guess(browser, f"{n}@example.org", address)
        for n, address in enumerate(["192.0.2.1", "198.51.100.9, 192.0.2.1", "192.0.2.1, 198.51.100.9", None])
    )
    assert first == 400
    assert others == [429, 400, 400]


@pytest.mark.parametrize("header", ["X Real", "X-Real-IP:", "é", "x" * 61])
def test_what_is_no_header_is_refused_at_the_start(tmp_path: Path, header: str) -> None:
    """In words."""
    text = CONFIG.replace("[service]", f'[service]\naddress_header = "{header}"')
    with pytest.raises(ConfigError, match=r"service\.address_header.*isn't the name of a header"):
        settings_in(tmp_path, text)
