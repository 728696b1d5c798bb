"""The closed lists a line codes with: the ones that ship, or the file the configuration names."""

from __future__ import annotations

from helpline.errors import ConfigError
from helpline.settings import Settings
from reports.errors import TaxonomyError
from reports.taxonomy import Taxonomy, default_taxonomy, parse_taxonomy


def load_taxonomy(settings: Settings) -> Taxonomy:
    """Raises `ConfigError` with everything that is wrong in the file."""
    if not settings.taxonomy:
        return default_taxonomy()
    try:
        return parse_taxonomy(settings.path(settings.taxonomy).read_text(encoding="utf-8"))
    except (OSError, TaxonomyError) as error:
        raise ConfigError(settings.taxonomy, (str(error),)) from error
