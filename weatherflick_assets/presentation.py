"""Text shown to people is never markup or a command: one function for each place where it is shown."""

import json
import re
from collections.abc import Sequence

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


def for_json(value: object, indent: int | None = None, *, ascii_only: bool = False) -> str:
    """A value as JSON that may be printed on a terminal."""
    return for_terminal(json.dumps(value, ensure_ascii=ascii_only, indent=indent))


def for_markdown(text: str) -> str:
    """Text for a description that Dagster shows as Markdown, which may hold HTML, too; on one line."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", for_terminal(" ".join(text.split())))


def for_slack(text: str) -> str:
    """Text for Slack's mrkdwn: it mentions nobody and links to nothing."""
    return for_terminal(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
