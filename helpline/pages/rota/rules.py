"""Coverage rules: what each line asks of its rota. Adding one says where it isn't kept; ending one what follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from helpline.lines import Line
from helpline.pages.rota.moments import read_day, read_time, today
from helpline.pages.rota.outcomes import MOST, Told, gap, line_name, reasons, tongues, translated
from helpline.pages.rota.picking import Typed, chosen_line, line_options, tier_options
from helpline.pages.rota.rotation_words import weekday_options
from helpline.pages.rota.rule_words import ruled, sentence
from helpline.pages.rota.steps import About, Act, Done, Preview, Refused, Shown, carried, show, take
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit, gone
from helpline.shifts.editing import Desk
from helpline.shifts.rule_edits import Ruled, add_rule, end_rule
from helpline.shifts.rules import read_rules, stored_rules
from rota.model import LANGUAGES
from rota.staff import HOLIDAY, CoverageRule

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

FIELDS = ("line", "tier", "n", "starts", "ends", "match", "must", "since", "until")
DAYS = frozenset(str(number) for number in range(1, 9))


def routes(_site: Site) -> tuple[Route, ...]:
    """The list, and two edits."""
    return (
        Route("/rota/rules", "plan_rules", listing, COORDINATOR),
        Route("/rota/rules/add", "plan_rule_add", add, COORDINATOR),
        Route("/rota/rules/add", "plan_rule_save", save, COORDINATOR, "POST"),
        Route("/rota/rules/end", "plan_rule_end", ask_end, COORDINATOR),
        Route("/rota/rules/end", "plan_rule_finish", finish, COORDINATOR, "POST"),
    )


def listing(visit: Visit) -> ResponseReturnValue:
    """What each line asks for now or later, and what stands in where it has no rule of a kind."""
    lines = []
    with visit.site.store.read() as connection:
        kept = {name: read_rules(connection, line) for name, line in visit.site.lines.items()}
    for name, rules in kept.items():
        day = today(visit, visit.site.lines[name].zone)
        force = [rule for rule in rules if rule.until is None or rule.until > day]
        kinds = {rule.tier is None for rule in force if rule.id}
        shown = [rule for rule in force if rule.id or (rule.tier is None) not in kinds]
        lines.append((line_name(visit, name), [ruled(visit, rule) for rule in shown]))
    return visit.page("rota/rules.html", lines=lines, edit=visit.asked("edit"))


@dataclass(slots=True)
class Form(Typed):
    """What was typed; `days` and `languages` are ticked."""

    days: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


def _sent(visit: Visit) -> Form:
    form = Form({name: visit.field(name) for name in FIELDS})
    form.days = tuple(day for day in visit.fields("day") if day in DAYS)
    form.languages = tuple(code for code in visit.fields("language") if code in LANGUAGES)
    return form


def add(visit: Visit) -> ResponseReturnValue:
    """The form: one person, always, from today on, until something else is chosen."""
    line = chosen_line(visit, visit.asked("line")) or next(iter(visit.site.lines.values()))
    given = {"line": line.name, "tier": "1", "n": "1", "starts": "00:00", "ends": "00:00", "match": "all"}
    form = Form({**given, "must": "yes", "since": today(visit, line.zone).isoformat()})
    form.days = ("1", "2", "3", "4", "5", "6", "7")
    return _form(visit, form)


def save(visit: Visit) -> ResponseReturnValue:
    """Shows where it isn't kept, then keeps it."""
    form = _sent(visit)
    if visit.field("go") == "back":
        return _form(visit, form)
    rule = _read(visit, form)
    if rule is None:
        return _form(visit, form, 400)

    def run(desk: Desk, dry: bool) -> Ruled:
        return add_rule(desk, rule, visit.me.actor, visit.now, dry=dry)

    def mine(about: About) -> bool:
        with visit.site.store.read() as connection:
            kept = stored_rules(connection, rule.line)
        return any(each.id == about.get("rule") and replace(each, id=0) == rule for each in kept)

    step = take(visit, Act("rule", run, lambda done: (done.warnings, len(done.gaps)), mine))
    match step:
        case Done():
            return visit.to("plan_rules", done="done-rule", edit=step.edit)
        case Refused():
            form.wrong |= {"": " ".join(reasons(visit, step.error, line=rule.line))}
            return _form(visit, form, 400)
    fields = carried({name: form[name] for name in FIELDS} | {"day": form.days, "language": form.languages})
    return _preview(visit, step, fields, "plan_rule_add")


def ask_end(visit: Visit) -> ResponseReturnValue:
    """From which day on it shall not hold."""
    rule, line = _found(visit, visit.asked("rule"))
    day = max(rule.since, today(visit, line.zone))
    typed = Typed({"rule": str(rule.id), "until": day.isoformat()})
    return visit.page("rota/rule_end.html", typed=typed, sentence=sentence(visit, rule))


def finish(visit: Visit) -> ResponseReturnValue:
    """Shows what follows, then ends it."""
    typed = Typed({name: visit.field(name) for name in ("rule", "until")})
    rule, line = _found(visit, typed["rule"])
    until = read_day(typed["until"])
    if until is None:
        typed.wrong["until"] = visit.say("wrong-day")
    elif until < today(visit, line.zone):
        typed.wrong["until"] = visit.say("refused-past")
    if until is None or typed.wrong or visit.field("go") == "back":
        status = 400 if typed.wrong else 200
        return visit.page("rota/rule_end.html", status, typed=typed, sentence=sentence(visit, rule))

    def run(desk: Desk, dry: bool) -> Ruled:
        return end_rule(desk, rule.id, until, visit.me.actor, visit.now, dry=dry)

    act = Act("rule-end", run, lambda done: done.warnings, lambda about: about.get("rule") == rule.id)
    step = take(visit, act)
    match step:
        case Done():
            return visit.to("plan_rules", done="done-rule-end", edit=step.edit)
        case Refused():
            typed.wrong |= {"": " ".join(reasons(visit, step.error, line=line.name))}
            return visit.page("rota/rule_end.html", 409, typed=typed, sentence=sentence(visit, rule))
    return _preview(visit, step, carried(dict(typed.values)), "plan_rule_end")


def _found(visit: Visit, number: str) -> tuple[CoverageRule, Line]:
    with visit.site.store.read() as connection:
        rules = stored_rules(connection)
    rule = next((each for each in rules if str(each.id) == number and each.line in visit.site.lines), None)
    if rule is None:
        gone()
    return rule, visit.site.lines[rule.line]


def _read(visit: Visit, form: Form) -> CoverageRule | None:
    """What the form asks for; None when something is wrong with it, which is then noted."""
    line = chosen_line(visit, form["line"])
    if line is None:
        form.wrong["line"] = visit.say("wrong-line")
        return None
    starts, ends = (read_time(form[name]) for name in ("starts", "ends"))
    form.wrong |= {n: visit.say("wrong-time") for n, at in (("starts", starts), ("ends", ends)) if at is None}
    n = int(form["n"]) if form["n"].isascii() and form["n"].isdigit() and len(form["n"]) < 4 else 0
    if n < 1:
        form.wrong["n"] = visit.say("wrong-number", least=1, most=20)
    if not form.days:
        form.wrong["day"] = visit.say("wrong-days")
    since, until = _read_days(visit, form, line)
    if form.wrong or starts is None or ends is None or since is None:
        return None
    tier = int(form["tier"]) if form["tier"] in {"1", "2", "3", "4", "5"} else None
    how: Literal["all", "any"] = "any" if form["match"] == "any" else "all"
    days, skills, hard = frozenset(map(int, form.days)), frozenset(form.languages), form["must"] != "no"
    return CoverageRule(0, line.name, tier, days, starts, ends, since, until, n, skills, how, hard)


def _read_days(visit: Visit, form: Form, line: Line) -> tuple[date | None, date | None]:
    since = read_day(form["since"]) if form["since"] else today(visit, line.zone)
    until = read_day(form["until"]) if form["until"] else None
    if since is None:
        form.wrong["since"] = visit.say("wrong-day")
    if until is None and form["until"]:
        form.wrong["until"] = visit.say("wrong-day")
    if since and until and until <= since:
        form.wrong["until"] = visit.say("refused-end-before-start")
    return since, until


def _form(visit: Visit, form: Form, status: int = 200) -> ResponseReturnValue:
    lines = list(visit.site.lines.values())
    days = weekday_options(visit)
    if any(line.settings.rota.region for line in lines):
        days.append((str(HOLIDAY), visit.say("days-holidays-long")))
    return visit.page(
        "rota/rule_add.html",
        status,
        typed=form,
        lines=line_options(visit) if len(lines) > 1 else [],
        tiers=[*tier_options(visit, lines), ("", visit.say("rule-all-tiers"))],
        days=days,
        languages=[(code, tongues(visit, (code,))) for code in LANGUAGES],
        matches=[("all", visit.say("rule-match-all")), ("any", visit.say("rule-match-any"))],
        musts=[("yes", visit.say("rule-must")), ("no", visit.say("rule-better"))],
    )


def _preview(
    visit: Visit, step: Shown[Ruled], fields: tuple[tuple[str, str], ...], endpoint: str
) -> ResponseReturnValue:
    done = step.result
    adding = endpoint == "plan_rule_add"
    gaps = tuple(gap(visit, each) for each in done.gaps[:MOST])
    notes = () if done.gaps or not adding else (visit.say("rule-kept"),)
    return show(
        visit,
        step,
        Preview(
            visit.say("rule-add-title" if adding else "rule-end-title"),
            f"{line_name(visit, done.rule.line)} \u00b7 {sentence(visit, done.rule)}",
            visit.url(endpoint),
            visit.say("rule-add-do" if adding else "rule-end-do"),
            fields,
            "plan_rules",
            Told(None, (), (), gaps, more_gaps=len(done.gaps[MOST:])),
            notes=notes,
            warnings=tuple(translated(visit, text) for text in done.warnings),
        ),
    )
