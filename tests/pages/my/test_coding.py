from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from helpline.people.links import Links
from helpline.store.tables import Erasure, Pooled
from tests.pages.my.helping import left, talked, thumb
from tests.pages.my.thumb import Page
from tests.pages.signed import HOST, Browser, Office
from tests.shell import ALIX, BORIS, PUBLIC, some_secrets


def reason(site: Office, code: str = "burnout") -> str:
    """What the reason is called."""
    return next(term.label.fr for term in site.service.taxonomy.reasons if term.code == code)


def coded(site: Office) -> list[str]:
    """The reasons of what has been coded."""
    with site.service.store.read() as connection:
        return sorted(connection.scalars(select(Pooled.reasons)))


def form_of(page: str) -> dict[str, list[str]]:
    """What the form of the call would send untouched."""
    return next(form for form in Page(page).forms if "form" in form.held).held


def test_a_call_is_coded_by_two_taps(either_site: Office) -> None:
    """The kind of contact is chosen already: the main reason and "save", that is all."""
    talked(either_site)
    page = thumb(either_site).open("/my/coding").choose(reason(either_site)).tap("Enregistrer")
    assert page.taps == 2
    assert "Merci, c’est enregistré." in page.says
    assert coded(either_site) == ["burnout"]
    assert left(either_site) == 0


def test_from_the_first_page_it_takes_one_tap_more(site: Office) -> None:
    """The big button, the reason, save."""
    talked(site)
    page = thumb(site).open("/my").tap("Coder 1 appel").choose(reason(site)).tap("Enregistrer")
    assert page.taps == 3
    assert left(site) == 0


def test_the_next_call_is_there_at_once(site: Office) -> None:
    """After saving, the form of the next: four taps for two calls."""
    talked(site, times=2)
    page = thumb(site).open("/my/coding")
    for code in ("burnout", "workload"):
        page.choose(reason(site, code)).tap("Enregistrer")
    assert page.taps == 4
    assert coded(site) == ["burnout", "workload"]
    assert "Aucun appel à coder." in page.says


def test_save_tapped_twice_codes_one_call(either_site: Office) -> None:
    """The same thanks twice, and of two calls one is still to be coded."""
    talked(either_site, times=2)
    page = thumb(either_site).open("/my/coding").choose(reason(either_site)).again("Enregistrer")
    assert page.status == 200
    assert "Merci" in page.says
    assert left(either_site) == 1


def test_two_taps_at_the_same_moment_code_one_call(either_site: Office) -> None:
    """They reach two threads together: both are thanked."""
    talked(either_site, times=2)
    browser = either_site.browser("psychologist")
    data = {**form_of(browser.get("/my/coding")), "main": ["burnout"]}
    others = [either_site.browser("psychologist") for _ in range(2)]

    def post(one: Browser) -> int:
        return one.client.post("/my/coding", base_url=HOST, data={**data, "csrf": one.csrf}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(post, others)) == [303, 303]
    assert left(either_site) == 1


def test_a_form_of_the_personal_link_and_this_one_are_the_same(site: Office) -> None:
    """The call that was open on both is coded once: here it is said that it has been."""
    talked(site)
    here = thumb(site).open("/my/coding").choose(reason(site))
    path = Links(some_secrets().link_key, PUBLIC).path(ALIX, 0)
    client = site.service.web.test_client()
    there = form_of(client.get(path, base_url=HOST).text)
    assert there.keys() | {"csrf"} == form_of(here.html).keys()
    assert client.post(path + "/code", base_url=HOST, data={**there, "main": "workload"}).status_code == 303
    here.tap("Enregistrer")
    assert here.status == 409
    assert "Cet appel a été codé entre-temps" in here.says
    assert coded(site) == ["workload"]


def test_what_was_tapped_is_kept_when_something_is_missing(site: Office) -> None:
    """Without a main reason nothing is saved, the fault is linked to its question, and the rest stays tapped."""
    talked(site)
    page = thumb(site).open("/my/coding").choose("Médecin").tap("Enregistrer")
    assert page.status == 400
    assert 'href="#main"' in page.html
    assert form_of(page.html)["caller"] == ["doctor"]
    page.choose(reason(site)).tap("Enregistrer")
    assert left(site) == 0


def test_a_form_that_is_not_ours_changes_nothing(site: Office) -> None:
    """Cut, or far too long: it says so, and the call waits on."""
    talked(site)
    browser = site.browser("psychologist")
    assert "incomplet ou illisible" in browser.post("/my/coding", 400, contact="support").text
    browser.post("/my/coding", 413, form="x" * 9_000)
    assert left(site) == 1


def test_nobody_codes_for_somebody_else(site: Office) -> None:
    """A form that was shown to Alix codes no call of Boris's."""
    talked(site)
    talked(site, BORIS)
    form, boris = form_of(thumb(site).open("/my/coding").html), thumb(site, BORIS).browser
    answers = {**form, "main": ["burnout"], "csrf": [boris.csrf]}
    boris.client.post("/my/coding", base_url=HOST, data=answers)
    assert (left(site, ALIX), left(site, BORIS)) == (1, 0)


def test_what_is_left_of_a_form_tells_a_day_and_nobody(site: Office) -> None:
    """The tombstone that makes it count once names no person, no call and no hour."""
    talked(site)
    thumb(site).open("/my/coding").choose(reason(site)).tap("Enregistrer")
    with site.service.store.read() as connection:
        [row] = connection.execute(select(*Erasure.__table__.c)).all()
    assert row.kind == "form"
    assert row.due_at % 86_400 == 0
