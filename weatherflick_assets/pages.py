"""What the pages of HTML share that the platform writes to files: their look, and how they are written and kept.

A page needs nothing but its file: nothing in it is fetched, and whatever came from data is escaped.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

_PACKAGE = Path(__file__).parent

KEPT = timedelta(days=90)
"""How long a report stays in its folder. What it was made from is kept longer, so an older one can be made again."""


def rendered(template: str, filters: Mapping[str, Callable[..., object]], /, **given: object) -> str:
    """A page.

    Args:
        template: its file within the package, which extends `page.html.jinja`.
        filters: how it writes values.
        given: what it shows.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only where a page is made

    environment = Environment(
        loader=FileSystemLoader(_PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters
    return environment.get_template(template).render(given)


def keep(path: Path, html: str, day: date) -> Path:
    """Write the report of a day, and delete older ones beside it: files and folders named by a day. Returns where it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = write(path, html)
    drop_old(path.parent, day)
    return kept


def drop_old(folder: Path, day: date) -> None:
    """Delete the reports in a folder, named by their days, that are too old on a day."""
    oldest = (day - KEPT).isoformat()
    for path in folder.glob("????-??-??*"):
        if path.name[: len(oldest)] >= oldest:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def write(path: Path, html: str) -> Path:
    """Write a file whole or not at all: whoever reads it meanwhile reads the old one. Returns its absolute path."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(html, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path.absolute()
