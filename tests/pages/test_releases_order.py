"""A coordinator publishes: the page before, the wish, what the worker makes of it, and what is said when it won't."""

from dataclasses import dataclass

from helpline.figures.ordering import orders
from helpline.figures.questions import Finding, Made, Question
from helpline.figures.shelf import find
from helpline.jobs.releasing import Releasing
from reports.figures import thaw
from tests.figures.released import close, drawn, put_out, year_of
from tests.pages.signed import Browser, Office, words
from tests.shell import NOON

PATH = "/figures/france/2025/release"
CELL = Finding("france", "2025", "main-reason", "burnout", (("france", "2024", 1), ("france", "2025", 1)))


@dataclass
class Answered:
    """Work that is done at once."""

    made: Made

    def result(self) -> Made:
        """Its outcome."""
        return self.made

    def stop(self) -> None:
        """Nothing goes on."""


def work(site: Office, *findings: Finding) -> None:
    """What the worker does in a few seconds."""

    def begin(question: Question) -> Answered:
        return Answered(Made(findings) if findings else Made(files=drawn(thaw(question.sources.figures))))

    releasing = Releasing(site.service.store, site.service.lines, begin)
    while waiting(site):
        releasing.run(int(site.clock.now()))


def waiting(site: Office) -> bool:
    """Whether anything is still to be made."""
    with site.service.store.read() as connection:
        return any(not order.why for order in orders(connection))


def ask_for(browser: Browser, readers: str = "funders", revision: str = "1") -> str:
    """Presses the button."""
    return browser.follow(PATH, readers=readers, revision=revision)


def test_the_page_shows_what_would_be_published_and_no_figure(site: Office) -> None:
    """Parts and tables by name; no number of the period is on it before the auditor has agreed."""
    figures = year_of(2025)
    close(site.service.store, figures)
    said = words(site.browser("coordinator").get(PATH))
    assert "Le motif principal" in said
    assert "Une publication ne peut pas être reprise" in said
    numbers = {str(count.value) for count in figures.counts.values() if count.value and count.value > 100}
    assert not numbers & set(said.split())


def test_what_is_asked_for_is_made_and_out(either_site: Office) -> None:
    """The wish is shown until the worker has done it; then the report is there, for whom it was meant for."""
    close(either_site.service.store, year_of(2025))
    browser = either_site.browser("coordinator")
    said = words(ask_for(browser))
    assert "C’est demandé." in said
    assert "Demandé à 13:00." in said
    assert "En cours" in words(browser.get("/figures"))
    either_site.browser("funder").get("/figures/france/2025", 404)
    work(either_site)
    assert "C’est publié." in words(browser.get(PATH))
    assert "Arrêtés, pas encore publiés Toute période" in words(browser.get("/figures"))
    either_site.browser("funder").get("/figures/france/2025")
    either_site.browser().get("/chiffres/france/2025", 404)


def test_it_can_be_for_everybody_at_once_or_later(site: Office) -> None:
    """Chosen before, or with a button once it is out."""
    close(site.service.store, year_of(2024), year_of(2025))
    browser = site.browser("coordinator")
    ask_for(browser, "everybody")
    browser.follow("/figures/france/2024/release", readers="funders", revision="1")
    work(site)
    site.browser().get("/chiffres/france/2025")
    site.browser().get("/chiffres/france/2024", 404)
    assert "Montrer à tout le monde" in browser.get("/figures/france/2024/release")
    browser.follow("/figures/france/2024/release", readers="everybody", revision="1")
    site.browser().get("/chiffres/france/2024")
    assert "Montrer à tout le monde" not in browser.get("/figures/france/2024/release")


def test_a_refusal_names_cells_and_releases_and_no_figure(site: Office) -> None:
    """In the reader's words, with what helps; nothing is out, and it can be tried again."""
    close(site.service.store, year_of(2025))
    browser = site.browser("coordinator")
    ask_for(browser)
    work(site, CELL)
    said = words(browser.get(PATH))
    assert "Rien n’a été publié. Avec ce qui est déjà connu" in said
    assert "Le motif principal, 2025 : " in said.replace("\u00a0", " ")
    assert "Burnout" in said or "Épuisement" in said
    assert "(par Ligne d’écoute France 2024, Ligne d’écoute France 2025)" in said
    assert "Aucun tableau ne peut être retiré" in said
    assert "Refusé au contrôle" in words(browser.get("/figures"))
    site.browser("funder").get("/figures/france/2025", 404)
    ask_for(browser)
    work(site)
    site.browser("funder").get("/figures/france/2025")


def test_a_wish_is_taken_back(site: Office) -> None:
    """Even while it is worked on: what nobody wants doesn't come out."""
    close(site.service.store, year_of(2025))
    browser = site.browser("coordinator")
    ask_for(browser)
    work_begun = Releasing(site.service.store, site.service.lines, lambda _: Answered(Made(files=drawn(year_of(2025)))))
    work_begun.run(NOON)
    assert "Ce ne sera pas publié." in words(browser.follow(f"{PATH}/stop"))
    while work_begun.run(NOON):
        pass
    site.browser("funder").get("/figures/france/2025", 404)


def test_what_was_looked_at_is_published_or_nothing(site: Office) -> None:
    """A revision that came meanwhile has to be looked at first."""
    close(site.service.store, year_of(2025))
    browser = site.browser("coordinator")
    close(site.service.store, year_of(2025, revision=2))
    answer = browser.post(PATH, 409, readers="funders", revision="1")
    assert "Regardez à nouveau" in words(answer.text)
    work(site)
    assert not published(site)


def published(site: Office) -> bool:
    """Whether the year is out."""
    with site.service.store.read() as connection:
        return bool(find(connection, "france", "2025"))


def test_asked_twice_is_asked_once(site: Office) -> None:
    """Two coordinators at once: one release."""
    close(site.service.store, year_of(2025))
    for person in (None, 2):
        ask_for(site.browser("coordinator", person=person))
    work(site)
    assert published(site)


def test_a_long_wait_is_explained(site: Office) -> None:
    """After ten minutes it says whom to tell."""
    close(site.service.store, year_of(2025))
    browser = site.browser("coordinator")
    ask_for(browser)
    assert "Cela dure." not in words(browser.get(PATH))
    site.clock.at += 601
    assert "Cela dure." in words(site.browser("coordinator").get(PATH))


def test_publishing_wants_a_recent_proof(site: Office) -> None:
    """Whoever signed in this morning shows once more that it is them."""
    close(site.service.store, year_of(2025))
    stale = site.browser("coordinator", fresh=False)
    site.clock.at += 20 * 60
    for answer in (stale.client.get(PATH, base_url="https://helpline.example.org"), stale.post(PATH, revision="1")):
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/prove")
    work(site)
    assert not published(site)


def test_what_is_not_closed_has_no_such_page(site: Office) -> None:
    """Nor has what is no period."""
    browser = site.browser("coordinator")
    for path in ("/figures/france/2025/release", "/figures/x y/2025/release", "/figures/france/soon/release"):
        browser.get(path, 404)


def test_what_is_out_leads_to_the_report(site: Office) -> None:
    """There is nothing left to do but to show it to everybody."""
    put_out(site.service.store, site.service.lines, year_of(2025), NOON)
    html = site.browser("coordinator").get(PATH)
    assert 'href="/figures/france/2025"' in html
    assert "Contrôler et publier" not in html
