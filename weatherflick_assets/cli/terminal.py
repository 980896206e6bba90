"""What commands share: settings and options that are checked, and what is written to the terminal."""

import sys
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.korea.regions import REGION_CODES, REGIONS, UNASSIGNED
from weatherflick_assets.presentation import for_json
from weatherflick_assets.settings import Settings


class UsageError(PlatformError):
    """The value of an option is not valid."""


Regions = Annotated[str | None, typer.Option(help="Region codes, comma-separated, e.g. 50,11; all without it.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]


def read_settings() -> Settings:
    """The settings of the environment.

    Raises:
        UsageError: they can't be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        # The text names variables and what is wrong with them; it must not repeat values, which may be keys.
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors(include_input=False)
        )
        raise UsageError(f"The environment can't be used: {problems}.") from None


def partitions_of(regions: str | None) -> list[str]:
    """Region codes in collection order. Rows without a code come first, as they may belong to any region.

    Raises:
        UsageError: a region is not known, or none is named.
    """
    if regions is None:
        return [UNASSIGNED, *REGION_CODES]
    asked = [code.strip() for code in regions.split(",") if code.strip()]
    if unknown := [code for code in asked if code not in (UNASSIGNED, *REGION_CODES)]:
        known = ", ".join(f"{region.region_code} {region.short_name}" for region in REGIONS)
        raise UsageError(f"Unknown region {', '.join(unknown)}. The regions are {known}, and {UNASSIGNED}.")
    if not asked:
        raise UsageError("--regions names no region. Leave it out to collect all of them.")
    return list(dict.fromkeys(asked))


def notes() -> Console:
    """The console for progress and notes, on standard error; standard output is for results."""
    return Console(stderr=True)


def print_json(value: object, *, indent: int | None = None) -> None:
    """Write a result as JSON."""
    is_unicode = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")
    print_line(for_json(value, indent, ascii_only=not is_unicode))


def print_line(text: str) -> None:
    """Write a result."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
