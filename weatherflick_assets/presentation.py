"""Text shown to people is never markup or a command: one function for each place where it is shown."""

import json
import re

_MARKUP = re.compile(r"[&<>\[\]`\\*~|#]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")


def for_terminal(text: str) -> str:
    """Text for a terminal, a log or a plain message: what a terminal would obey, or nobody could see, is spelled out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else json.dumps(c)[1:-1] for c in text)


def for_json(value: object, indent: int | None = None, *, ascii_only: bool = False) -> str:
    """A value as JSON that may be printed on a terminal."""
    return for_terminal(json.dumps(value, ensure_ascii=ascii_only, indent=indent))


def for_markdown(text: str) -> str:
    """Text for a description that Dagster shows as Markdown, which may hold HTML, too; on one line."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", for_terminal(" ".join(text.split())))


def for_slack(text: str) -> str:
    """Text for Slack's mrkdwn: it mentions nobody and links to nothing."""
    return for_terminal(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
