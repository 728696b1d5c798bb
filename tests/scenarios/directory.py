"""What scenarios of the spoken directory share: somebody to name for every kind of place, and their telephones.

All numbers are reserved for fiction.
"""

from __future__ import annotations

from helpline.directory.editing import save
from helpline.directory.entries import ALWAYS, Audience, Entry, Kind
from helpline.directory.phones import spoken
from helpline.directory.spoken import country_of
from helpline.twin import Behaviour, Phone
from ivr_flows.model import Language
from tests.scenarios.stage import Stage

AUDIENCES = frozenset(Audience)
PLACES: dict[str, tuple[str, str]] = {
    "toulouse": ("31", "Association de Toulouse"),
    "paris": ("75", "Association de Paris"),
    "ajaccio": ("2A", "Association d’Ajaccio"),
    "bastia": ("2B", "Association de Bastia"),
    "reunion": ("974", "Association de La Réunion"),
    "noumea": ("988", "Association de Nouméa"),
    "bruxelles": ("BE-BRU", "Association de Bruxelles"),
    "liege": ("BE-WLG", "Association de Liège"),
    "eupen": ("BE-DE", "Verein in Eupen"),
    "france": ("FR", "Association de France"),
    "belgique": ("BE", "Association de Belgique"),
}
"""Key of an entry -> its territory and name."""
LISTED: dict[str, Entry] = {
    key: Entry(
        key,
        name,
        Kind.ASSOCIATION,
        AUDIENCES,
        (territory,),
        ("fr", "nl", "de", "en"),
        f"+331990050{number:02}",
        ALWAYS if key == "toulouse" else "",
        connect=True,
        source="made up",
    )
    for number, (key, (territory, name)) in enumerate(PLACES.items())
} | {
    "samu": Entry("samu", "SAMU", Kind.CRISIS, AUDIENCES, ("FR",), ("fr",), "15", ALWAYS, source="made up"),
    "ordre": Entry("ordre", "Ordre", Kind.COUNCIL, AUDIENCES, ("FR",), ("fr",), "+33826000499", source="made up"),
}


def list_entries(stage: Stage, *keys: str) -> None:
    """These, or all of them, are the directory; a service that has read another reads it in half a minute."""
    with stage.store.durable() as tx:
        save(tx, [LISTED[key] for key in keys or LISTED], "somebody", stage.now, only=True)


def telephone(stage: Stage, key: str, *behaviours: Behaviour) -> Phone:
    """An entry's telephone, and how it is answered."""
    return stage.twin.phone(LISTED[key].phone, *behaviours, name=key)


def reads(stage: Stage, key: str, language: Language = "fr", line: str = "france") -> str:
    """An entry as it is read out."""
    entry = LISTED[key]
    prompt = "directory-entry-always" if entry.always else "directory-entry"
    phone = spoken(entry.phone, country_of(stage.rehearsal.service.lines[line]))
    return stage.says(prompt, language, name=entry.name, phone=phone)
