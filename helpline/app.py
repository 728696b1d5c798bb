"""Assembles the web service: one factory, no global."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Flask

from helpline.accounts.service import make_accounts
from helpline.accounts.throttle import Throttle
from helpline.calls.bringing import Bringing
from helpline.calls.callback import Callbacks
from helpline.calls.caller import CallerSide
from helpline.calls.calling_back import CallingBack
from helpline.calls.conversation import Conversation
from helpline.calls.directory import Orienting
from helpline.calls.ending import Ending
from helpline.calls.holding import Holding
from helpline.calls.keypad import Keypad
from helpline.calls.meeting import Meeting
from helpline.calls.placing import PlacerThread, Placing
from helpline.calls.planning import Planner
from helpline.calls.psychologist import PsychologistSide
from helpline.calls.rescuing import Rescuing
from helpline.calls.retelling import Retelling
from helpline.calls.ringing import Ringing
from helpline.calls.services import Services
from helpline.calls.standby import StandBy
from helpline.calls.strays import Strays
from helpline.calls.trying import Trying
from helpline.calls.unheard import TEXTS_SECONDS, Unheard
from helpline.calls.vault import Vault
from helpline.carrier.callback_urls import CallbackUrls
from helpline.carrier.directory_urls import DirectoryUrls
from helpline.carrier.floods import Floods
from helpline.carrier.hooks import Tally
from helpline.carrier.replies import ReplyRoutes
from helpline.carrier.rest import CarrierApi
from helpline.carrier.seal import Seal
from helpline.carrier.signature import Signature
from helpline.carrier.try_urls import TryUrls
from helpline.carrier.trying import TryRoutes
from helpline.carrier.twiml import Renderer
from helpline.carrier.urls import VoiceUrls
from helpline.carrier.webhooks import VoiceRoutes
from helpline.clock import Clock, SystemClock
from helpline.directory.reading import Shelf
from helpline.figures.taxonomies import load_taxonomy
from helpline.lines import Line, load_lines
from helpline.messages.confirming import ShiftLinks
from helpline.pages.areas import all_routes
from helpline.pages.bounded import bounded
from helpline.pages.confirm import ConfirmPages
from helpline.pages.feeds import FeedPages
from helpline.pages.health import HealthPages
from helpline.pages.public.pages import HelpPages
from helpline.pages.releases_public import PublicPages
from helpline.pages.routes import Route, refuse_undeclared
from helpline.pages.shell import Shell
from helpline.pages.site import Site, make_blueprint
from helpline.pages.wrapup import WrapUpPages
from helpline.people.calendars import Calendars
from helpline.people.feeds import Feeds
from helpline.people.links import Links
from helpline.settings import Secrets, Settings
from helpline.shifts.snapshot import RotaSnapshots
from helpline.shifts.standby import Standby, StandbyWriter
from helpline.store.sessions import Store
from reports.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Service:
    """Everything one serving process is made of."""

    settings: Settings
    lines: Mapping[str, Line]
    store: Store
    clock: Clock
    taxonomy: Taxonomy
    urls: VoiceUrls
    links: Links
    placing: Placing
    placer: PlacerThread
    retelling: Retelling
    standby: StandbyWriter
    shelf: Shelf
    """The directory, as far as this process knows it."""
    web: Flask
    routes: tuple[Route, ...]
    """The pages of whoever signs in."""
    site: Site
    """What these are made of."""

    def start(self) -> None:
        """Starts the placer thread; a process that only answers requests under test doesn't need it."""
        self.placer.start(self.placing)

    def stop(self) -> None:
        """Ends the thread, writes what is still to be written if that is possible at once, and closes the database."""
        self.placer.stop()
        self.retelling.end(int(self.clock.now()))
        self.store.close()


def create_service(
    settings: Settings,
    secrets: Secrets,
    clock: Clock | None = None,
    floods: Floods | None = None,
    throttle: Throttle | None = None,
    *,
    pages: bool = True,
) -> Service:
    """Wires a service. Raises `ConfigError` when a flow can't be proven safe; opens no connection.

    `floods` and `throttle` are shared by the processes that serve together; without them this one counts calls, and
    guesses at passwords, for itself. Without `pages` it answers the carrier and `/health`, and nobody else.
    """
    clock, tally = clock or SystemClock(), Tally()
    lines, taxonomy = load_lines(settings), load_taxonomy(settings)
    store = Store(settings.database_url)
    shelf, links = Shelf(store), Links(secrets.link_key, settings.service.public_url)
    calls = _live_calls(settings, secrets, store, lines, clock, taxonomy, shelf)
    shell, throttle = Shell(demo=settings.service.demo), throttle or Throttle()
    accounts = make_accounts(settings, secrets, store, throttle)
    site = Site(settings, secrets, store, lines, clock, taxonomy, accounts, shell, tally)
    web = Flask("helpline", static_folder=None, template_folder=None)
    routes = _add_pages(web, site, links, shelf) if pages else ()
    floods = floods or Floods.of(settings.lines)
    _add_webhooks(web, site, calls, floods)
    web.register_blueprint(HealthPages(store, clock, tally, floods, throttle).blueprint())
    refuse_undeclared(web, routes)
    return Service(
        settings,
        lines,
        store,
        clock,
        taxonomy,
        calls.urls,
        links,
        calls.placing,
        calls.placer,
        calls.retelling,
        calls.standby,
        shelf,
        web,
        routes,
        site,
    )


@dataclass(frozen=True, slots=True)
class _LiveCalls:
    """What a process is made of as far as calls go: those it answers, and those it makes."""

    urls: VoiceUrls
    renderer: Callable[[Line], Renderer]
    standby: StandbyWriter
    conversation: Conversation
    retelling: Retelling
    placing: Placing
    placer: PlacerThread
    trying: Trying


def _live_calls(
    settings: Settings,
    secrets: Secrets,
    store: Store,
    lines: Mapping[str, Line],
    clock: Clock,
    taxonomy: Taxonomy,
    shelf: Shelf,
) -> _LiveCalls:
    url, seal, vault = settings.service.public_url, Seal(secrets.seal_keys), Vault(secrets.seal_keys)
    urls = VoiceUrls(url, seal)
    renderer = _renderer(lines, urls)
    standby = Standby(settings.path("run") / "standby", seal)
    writer = StandbyWriter(store, standby, lines)
    placer, unheard = PlacerThread(writer.refresh), Unheard()
    strays = Strays(placer.wake)
    ringing = Ringing(store, seal, Planner(RotaSnapshots(), lines), placer.wake)
    ending = Ending(store, seal, placer.wake)
    degraded = StandBy(standby, ending, urls, renderer)
    calling_back = CallingBack(Callbacks(store, seal, vault), CallbackUrls(url, seal), renderer)
    orienting = Orienting(shelf, DirectoryUrls(url, seal), renderer)
    bringing = Bringing(Meeting(store, seal, vault, placer.wake), ringing, strays, urls, renderer, Services(shelf))
    conversation = Conversation(
        CallerSide(ringing, ending, urls, renderer, degraded, calling_back, orienting, unheard, bringing),
        Holding(ringing, urls, renderer),
        PsychologistSide(ringing, Keypad(store, taxonomy), urls, renderer, bringing, unheard),
        bringing,
        degraded,
        calling_back,
        Rescuing(urls, renderer, degraded, orienting),
        unheard,
    )
    texts = Unheard(longest=TEXTS_SECONDS)
    retelling = Retelling(unheard, texts, store, conversation, lines, settings.service.database_seconds)
    api, pace = CarrierApi(settings.carrier, secrets), settings.carrier.creations_per_second
    placing = Placing(store, clock, api, urls, ringing, lines, pace, retelling.run, vault, strays)
    trying = Trying(store, clock, api, TryUrls(url, seal), secrets.link_key, pace)
    return _LiveCalls(urls, renderer, writer, conversation, retelling, placing, placer, trying)


def _renderer(lines: Mapping[str, Line], urls: VoiceUrls) -> Callable[[Line], Renderer]:
    """Each line's own, made once."""
    renderers = {name: Renderer(line.prompts, line.flow.voices, urls.audio) for name, line in lines.items()}
    return lambda line: renderers[line.name]


def _add_webhooks(web: Flask, site: Site, calls: _LiveCalls, floods: Floods) -> None:
    """Everything that the carrier asks for: callers, phones that ring, phones that are tried, replies to messages."""
    lines, service, clock, tally = site.lines, site.settings.service, site.clock, site.tally
    signature = Signature(site.secrets.auth_tokens)
    for routes in (
        VoiceRoutes(calls.conversation, lines, signature, service, clock, tally, floods),
        TryRoutes(calls.trying, lines, calls.renderer, signature, service, clock, tally),
        ReplyRoutes(site.store, lines, signature, service, clock, tally, calls.retelling.texts),
    ):
        web.register_blueprint(routes.blueprint())


def _add_pages(web: Flask, site: Site, links: Links, shelf: Shelf) -> tuple[Route, ...]:
    """Everything that people open: with a link, with a calendar's address, or signed in. The routes of the last."""
    store, lines, clock, demo = site.store, site.lines, site.clock, site.settings.service.demo
    key, url = site.secrets.link_key, site.settings.service.public_url
    feeds = Feeds(key, url)
    for pages in (
        WrapUpPages(store, lines, clock, site.taxonomy, links, demo=demo),
        FeedPages(store, clock, feeds, Calendars(lines, feeds.host)),
        ConfirmPages(store, lines, clock, ShiftLinks(key, url), demo=demo),
        PublicPages(store, lines, demo=demo),
        HelpPages(store, lines, clock, shelf, url, demo=demo),
    ):
        web.register_blueprint(bounded(pages.blueprint()))
    routes = all_routes(site)
    web.register_blueprint(make_blueprint(site, routes))
    return routes
