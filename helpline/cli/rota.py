"""The group `rota`: its commands are in modules of their own, one for each area."""

from __future__ import annotations

from types import ModuleType

import click

from helpline.cli import (
    rota_changes,
    rota_cover,
    rota_explain,
    rota_fairness,
    rota_feeds,
    rota_generate,
    rota_notices,
    rota_proposals,
    rota_rotations,
    rota_rules,
    rota_swaps,
    rota_tables,
)


@click.group()
def rota() -> None:
    """Who is on call."""


AREAS: tuple[ModuleType, ...] = (
    rota_changes,
    rota_cover,
    rota_explain,
    rota_fairness,
    rota_feeds,
    rota_generate,
    rota_notices,
    rota_proposals,
    rota_rotations,
    rota_rules,
    rota_swaps,
    rota_tables,
)
"""The modules that bring the rota's other commands."""
for area in AREAS:
    for command in area.COMMANDS:
        rota.add_command(command)

COMMANDS = (rota,)
