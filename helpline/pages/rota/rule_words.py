"""Coverage rules in words: how many people, of which tier and languages, when, and whether it must be so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from helpline.pages.rota.outcomes import tongues
from helpline.pages.rota.rotation_words import days_in_words
from helpline.pages.site import Visit
from rota.staff import CoverageRule


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule as lists show it; `stored` is false for what only stands in for a rule that isn't there."""

    id: int
    what: str
    when: str
    validity: str
    hard: bool
    stored: bool


def ruled(visit: Visit, rule: CoverageRule) -> Ruled:
    """A rule in words."""
    what, when = people(visit, rule), times(visit, rule)
    return Ruled(rule.id, what, when, validity(visit, rule), rule.hard, bool(rule.id))


def people(visit: Visit, rule: CoverageRule) -> str:
    """How many people of what kind."""
    severally = rule.n > 1
    several_tiers = visit.site.lines[rule.line].settings.tiers > 1
    if rule.tier is None:
        what = visit.say("rule-on-call-several" if severally else "rule-on-call-one", n=rule.n)
    elif several_tiers:
        what = visit.say("rule-tier-several" if severally else "rule-tier-one", n=rule.n, tier=rule.tier)
    else:
        what = visit.say("rule-seat-several" if severally else "rule-seat-one", n=rule.n)
    spoken = tongues(visit, rule.skills, one_of=rule.match == "any")
    return visit.say("rule-speaking", what=what, languages=spoken) if spoken else what


def times(visit: Visit, rule: CoverageRule) -> str:
    """When it holds, by hours and days."""
    whole = rule.starts == rule.ends == time()
    hours = visit.say("rule-all-day") if whole else f"{rule.starts:%H:%M}\u2013{rule.ends:%H:%M}"
    return f"{hours}, {days_in_words(visit, rule.days)}"


def validity(visit: Visit, rule: CoverageRule) -> str:
    """From when to when, where it isn't always."""
    since = "" if rule.since == date.min else visit.formats.date(rule.since, year=True)
    if rule.until is None:
        return visit.say("rule-since", since=since) if since else ""
    return visit.say("rule-since-until", since=since, until=visit.formats.date(rule.until, year=True))


def sentence(visit: Visit, rule: CoverageRule) -> str:
    """All of it in one line."""
    must = visit.say("rule-must" if rule.hard else "rule-better")
    return " \u00b7 ".join(filter(None, (people(visit, rule), times(visit, rule), validity(visit, rule), must)))
