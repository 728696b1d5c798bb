"""The closed lists a line codes with: the ones that ship, or the file the configuration names."""

from __future__ import annotations

from collections.abc import Iterator

from helpline.errors import ConfigError
from helpline.settings import Settings
from reports.errors import TaxonomyError
from reports.taxonomy import LISTS, Taxonomy, codes, default_taxonomy, parse_taxonomy

LONGEST_CODE, LONGEST_ORIENTATIONS = 40, 400
"""Characters that a record's columns hold: of one code, and of all orientations given in one call."""


def load_taxonomy(settings: Settings) -> Taxonomy:
    """Raises `ConfigError` with everything that is wrong in the file."""
    if not settings.taxonomy:
        return default_taxonomy()
    try:
        taxonomy = parse_taxonomy(settings.path(settings.taxonomy).read_text(encoding="utf-8"))
    except (OSError, TaxonomyError) as error:
        raise ConfigError(settings.taxonomy, (str(error),)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(settings.taxonomy, ("isn't UTF-8; save it as UTF-8",)) from error
    if too_long := tuple(_too_long(taxonomy)):
        raise ConfigError(settings.taxonomy, too_long)
    return taxonomy


def _too_long(taxonomy: Taxonomy) -> Iterator[str]:
    lists = {name: codes(getattr(taxonomy, name)) for name in LISTS}
    lists |= {f"territories.{line}": codes(terms) for line, terms in taxonomy.territories.items()}
    for name, known in lists.items():
        for code in known:
            if len(code) > LONGEST_CODE:
                yield f"{name}: the code {code} is longer than {LONGEST_CODE} characters; shorten it"
    if len(" ".join(lists["orientations"])) > LONGEST_ORIENTATIONS:
        yield f"orientations: all codes together are longer than {LONGEST_ORIENTATIONS} characters; shorten some"
