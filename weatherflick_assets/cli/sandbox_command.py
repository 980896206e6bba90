"""`weatherflick sandbox`: the stand-in upstream server alone. It checks the values of the options itself."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from weatherflick_assets.errors import PlatformError


def sandbox(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 8900,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    keys: Annotated[str, typer.Option(help="Registered API keys, comma-separated.")] = "sandbox",
    catalogue: Annotated[
        Path | None, typer.Option(help="Rows to serve instead of the synthetic Korea: .jsonl or .jsonl.gz.")
    ] = None,
    details: Annotated[
        list[str] | None,
        typer.Option(
            help="Recorded details of the catalogue's places: OPERATION=FILE, given for each file, or a folder of such files."
        ),
    ] = None,
    scale: Annotated[float, typer.Option(help="Size of the synthetic Korea, 0.01 to 10.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic Korea, of all details and days.")] = 20260701,
    error_generation: Annotated[
        str | None, typer.Option(help="How refusals are written: json4xx (default), xml200 or text.")
    ] = None,
    daily_limit: Annotated[int | None, typer.Option(help="Calls a day of a key to an operation.")] = None,
    per_second: Annotated[int | None, typer.Option(help="Calls of a key within any one second.")] = None,
    in_flight: Annotated[
        int | None, typer.Option(help="Refuse the call of a key that would be this many at once.")
    ] = None,
    latency: Annotated[float | None, typer.Option(help="Seconds that a call takes.")] = None,
    fault_rate: Annotated[float | None, typer.Option(help="Rate of calls that go wrong in one of many ways.")] = None,
    gzip_lie: Annotated[
        float | None, typer.Option(help="Rate of plain answers that are declared to be compressed.")
    ] = None,
    moving_rows: Annotated[
        int | None, typer.Option(help="After every so many pages of places, something in the list moves.")
    ] = None,
    clock: Annotated[
        str | None, typer.Option(help="Time to start at, with its offset: 2026-11-22T23:59:50+09:00.")
    ] = None,
    settings: Annotated[
        Path | None, typer.Option(help="JSON file with any of the sandbox's settings; options come before it.")
    ] = None,
    announce_to: Annotated[Path | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run the stand-in upstream server alone, until Ctrl-C; well-behaved unless told otherwise."""
    from weatherflick_assets.sandbox.errors import SandboxError
    from weatherflick_assets.sandbox.options import SandboxOptions, behaviour_from
    from weatherflick_assets.sandbox.server import serve

    def announce(url: str) -> None:
        typer.echo(f"Sandbox on {url}")
        if announce_to:
            announce_to.write_text(json.dumps({"url": url, "pid": os.getpid()}))

    registered = tuple(key.strip() for key in keys.split(",") if key.strip())
    options = SandboxOptions(
        host=host,
        port=port,
        keys=registered,
        catalogue=catalogue,
        details=tuple(details or ()),
        scale=scale,
        seed=seed,
    )
    asked = {
        "error_generation": error_generation,
        "daily_limit": daily_limit,
        "per_second": per_second,
        "refuse_in_flight": in_flight,
        "latency": latency,
        "fault_rate": fault_rate,
        "gzip_lie": gzip_lie,
        "moving_rows": moving_rows,
        "clock": clock,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    try:
        serve(options, behaviour=behaviour_from(settings, given), announce=announce)
    except SandboxError as error:
        raise PlatformError(str(error)) from None
