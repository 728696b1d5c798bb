"""The voices a Say may name here, and the one locale each speaks."""

from __future__ import annotations

import re

_POLLY = {
    "fr-FR": "Celine Lea Lea-Neural Mathieu Remi-Neural",
    "fr-BE": "Isabelle-Neural",
    "fr-CA": "Chantal Gabrielle-Neural Liam-Neural",
    "nl-BE": "Lisa-Neural",
    "nl-NL": "Laura-Neural Lotte Ruben",
    "de-DE": "Daniel-Neural Hans Marlene Vicki Vicki-Neural",
    "de-AT": "Hannah-Neural",
    "en-GB": "Amy Amy-Neural Arthur-Neural Brian Brian-Neural Emma Emma-Neural",
    "en-US": "Joanna Joanna-Neural Matthew Matthew-Neural",
    "en-IE": "Niamh-Neural",
}
_LOCALE_OF = {f"Polly.{name}": locale for locale, names in _POLLY.items() for name in names.split()}
_GOOGLE = re.compile(r"Google\.([a-z]{2}-[A-Z]{2})-[A-Za-z0-9-]+\Z")
LOCALES = frozenset(_POLLY)


def locale_of(voice: str) -> str | None:
    """The locale a voice speaks, None when the carrier has no such voice."""
    google = _GOOGLE.match(voice)
    return google.group(1) if google else _LOCALE_OF.get(voice)
