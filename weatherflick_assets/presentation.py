"""What people are shown: text that is never markup or a command, with one function for each place, and figures in words."""

import json
import re
from collections.abc import Sequence
from datetime import timedelta

_MARKUP = re.compile(r"[&<>\[\]`\\*~|#]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")


def for_terminal(text: str) -> str:
    """Text for a terminal, a log or a plain message: what a terminal would obey, or nobody could see, is spelled out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else json.dumps(c)[1:-1] for c in text)


def shortened(text: str, longest: int) -> str:
    """A text of at most so many characters; what was left out is an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def listed(names: Sequence[str], most: int, separator: str = ", ") -> str:
    """The first of some names, and how many more there are."""
    more = len(names) - most
    return separator.join(names[:most]) + (f" and {more} more" if more > 0 else "")


def percent(share: float | None, decimals: int = 1) -> str:
    """A share (0-1) in percent; only what is full is 100 %, only what is empty 0 %. None, a share of nothing, is a dash."""
    if share is None:
        return "–"
    least = 10.0**-decimals
    return f"{share:.0%}" if share in (0, 1) else f"{min(max(100 * share, least), 100 - least):.{decimals}f}%"


def in_percent(share: float) -> str:
    """A share as a whole number of per cent without the sign, as `percent` rounds it."""
    return percent(share, 0).removesuffix("%")


def duration(span: timedelta) -> str:
    """A duration: days with one decimal from two days on, otherwise hours and minutes."""
    minutes = round(span.total_seconds() / 60)
    if minutes >= 48 * 60:
        days = f"{minutes / 60 / 24:.1f}".removesuffix(".0")
        return f"{days} days"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours and minutes else f"{hours} h" if hours else f"{minutes} min"


def for_json(value: object, indent: int | None = None, *, ascii_only: bool = False) -> str:
    """A value as JSON that may be printed on a terminal."""
    return for_terminal(json.dumps(value, ensure_ascii=ascii_only, indent=indent))


def for_markdown(text: str) -> str:
    """Text for a description that Dagster shows as Markdown, which may hold HTML, too; on one line."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", for_terminal(" ".join(text.split())))


def for_slack(text: str) -> str:
    """Text for Slack's mrkdwn: it mentions nobody and links to nothing."""
    return for_terminal(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
