"""`weatherflick health`: how the platform is, for people and for machines, in a terminal or over HTTP."""

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from weatherflick_assets.build import DOMAINS, MEASURED
from weatherflick_assets.cli import services
from weatherflick_assets.operations.health import server
from weatherflick_assets.operations.health.components import State
from weatherflick_assets.operations.health.probes import Platform, findings
from weatherflick_assets.presentation import for_terminal
from weatherflick_assets.settings import Settings, now

_COLOURS = {State.OK: "green", State.WARNING: "yellow", State.FAILED: "red", State.UNKNOWN: "red", State.OFF: "dim"}


def platform(settings: Settings, ui_url: str | None = None) -> Platform:
    """What is looked at. The sandbox and the web server are found where they run.

    Args:
        settings: of the environment.
        ui_url: where the web server listens, if that is known.
    """
    home = settings.state_folder
    sandbox = settings.sandbox_url or services.sandbox_url(home)
    return Platform(
        settings.model_copy(update={"sandbox_url": sandbox}),
        [operation for domain in DOMAINS for operation in domain.operations],
        MEASURED,
        ui_url or services.ui_url(home) or settings.ui_url,
        now,
    )


def look(settings: Settings) -> dict[str, Any]:
    """How everything is now."""
    return server.report(asyncio.run(findings(platform(settings))), now())


def show(console: Console, found: Mapping[str, Any]) -> None:
    """The same for people, with what to do."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("component", "state", "why"):
        table.add_column(heading, overflow="fold")
    for one in found["components"]:
        colour = _COLOURS[State(one["state"])]
        table.add_row(one["name"], f"[{colour}]{one['state']}[/]", escape(for_terminal(one["reason"])))
    console.print(table)
    for one in found["components"]:
        if to_do := one.get("what_to_do"):
            console.print(f"\n[bold]{one['name']}[/]: {escape(for_terminal(to_do))}")


def serve(settings: Settings, host: str, port: int, ui_url: str | None = None) -> None:
    """Serve it over HTTP until interrupted."""
    looked_at = platform(settings, ui_url)
    # What it asks on this machine is never asked through a proxy.
    os.environ.update(services.sparing_loopback(os.environ))
    asyncio.run(server.serve(looked_at, host, port))
