"""What a domain says about what could not become rows: why, what that means, and where the items are kept.

It is plain data, and nothing here reads a database.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True)
class Reason:
    """Why something could not become a row, in sentences for people.

    Attributes:
        means: What is wrong.
        to_do: What to do about it.
        field: The field of the received item that is wrong; None: the whole item.
    """

    means: str
    to_do: str
    field: str | None = None


@dataclass(frozen=True)
class Sample:
    """One thing that could not become a row.

    Attributes:
        subject: What it is about: the id of a place, the cell or station that was asked about; None: not known.
        value: The value that is wrong, as text; None: no single one is, or it is not known.
        payload: The item as received, as JSON text; "" where it is not kept by itself.
        response_id: The response that it came in (`raw.responses`).
        rejected_at: When it was first rejected for this reason.
    """

    subject: str | None
    value: str | None
    payload: str
    response_id: int | None
    rejected_at: datetime | None


Samples = Callable[["psycopg.Connection", str, str | None, str, int], list[Sample]]
"""Finds samples: of a table, a partition key and a reason, and how many at most."""

ReadAgain = Callable[[str, Collection[str] | None, Collection[str] | None, str | None, datetime], None]
"""Takes the database's address, tables, partition keys and a reason, each None for all, and the time."""


@dataclass(frozen=True)
class Rejections:
    """What a domain says.

    Attributes:
        reasons: By reason. A name that begins with `*` stands for every reason with that end.
        kept_tables: The tables whose items are kept, as received, with the reason.
        kept: A query for the items that are kept: table_name, partition_key, reason, subject, payload, response_id,
            rejected_at. None: there are no such tables.
        samples: Finds what is not kept again, in the raw layer.
        again: What can be made again without a call: pairs of asset key and partition key, at a time.
        read_again: Reads items again that are kept because they never became raw items, and notes in the outbox what
            follows. None: there are none.
    """

    reasons: Mapping[str, Reason]
    again: Callable[["psycopg.Connection", datetime], set[tuple[str, str]]]
    kept_tables: tuple[str, ...] = ()
    kept: str | None = None
    samples: Samples | None = None
    read_again: ReadAgain | None = None

    def reason(self, name: str) -> Reason | None:
        """What is said about a reason; None if nothing is."""
        if name in self.reasons:
            return self.reasons[name]
        return next((said for end, said in self.reasons.items() if end[0] == "*" and name.endswith(end[1:])), None)
