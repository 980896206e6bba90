"""The places the sandbox knows, column by column.

Here: rows from memory or from a file, kept as columns (a tenth of the memory of dictionaries), and the coded and numeric
views of them that selecting needs. Not here: reading files (`json_lines.py`), choosing and ordering rows
(`selection.py`), turning them into bytes (`rendering.py`), inventing them (`korea/`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.json_lines import read_rows

BLANK = ""
SHOWN = "1"

CODES = ("lDongRegnCd", "lDongSignguCd", "lclsSystm1", "lclsSystm2", "lclsSystm3")
"""The codes of region and class, which upstream empties in a row that it hides."""
KEPT_CODES = "kept codes"
"""A column that is never served: the emptied codes of a hidden row, in the order of `CODES`; blank where not known."""
REVISION = "revision"
"""A column that is never served: how often the details of a place were rewritten; blank for never."""


class Catalogue:
    """An immutable table of places; a row is a position, a value is whatever the source held (upstream: text)."""

    def __init__(self, columns: Mapping[str, Sequence[Any]], *, source: str) -> None:
        """Take over `columns`, all of one length; `source` names where they come from, for the status page."""
        self._columns = dict(columns)
        self._size = len(next(iter(self._columns.values()))) if self._columns else 0
        self.source = source
        self._codes: dict[str, tuple[NDArray[np.int32], dict[str, int]]] = {}
        self._times: dict[tuple[str, int], NDArray[np.int64]] = {}

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]], *, source: str = "rows") -> "Catalogue":
        """Build from list rows. A key that a row lacks counts as blank, a missing `showflag` as shown."""
        kept = list(rows)
        names = dict.fromkeys(name for row in kept for name in row)
        columns = {name: [row.get(name, BLANK) for row in kept] for name in names if name != "showflag"}
        columns["showflag"] = [row.get("showflag", SHOWN) for row in kept]
        return cls(columns, source=source)

    @classmethod
    def from_file(cls, path: Path) -> "Catalogue":
        """Read a `.jsonl` or `.jsonl.gz` file of list rows, one JSON object a line.

        Raises:
            SandboxError: The file is missing, is not gzip or UTF-8 JSON lines, or a line is not a row with a contentid.
        """
        return cls.from_rows(read_rows(path, "catalogue"), source=path.name)

    def __len__(self) -> int:
        return self._size

    @property
    def columns(self) -> Mapping[str, Sequence[Any]]:
        """The columns that rows have, by name, each in row order."""
        return self._columns

    def column(self, name: str) -> Sequence[Any]:
        """The values of one column in row order; blanks if no row has it."""
        return self._columns[name] if name in self._columns else [BLANK] * self._size

    def row(self, position: int, keys: Sequence[str]) -> dict[str, Any]:
        """One row with exactly `keys`, in their order."""
        return {key: self._columns[key][position] if key in self._columns else BLANK for key in keys}

    def equal(self, name: str, value: str) -> NDArray[np.bool_]:
        """Which rows hold exactly `value` in column `name`."""
        if name not in self._codes:
            table: dict[str, int] = {}
            values = [table.setdefault(str(held), len(table)) for held in self.column(name)]
            self._codes[name] = np.array(values, dtype=np.int32), table
        codes, table = self._codes[name]
        return codes == table.get(value, -1)

    @cached_property
    def shown(self) -> NDArray[np.bool_]:
        """Which rows are visible, `showflag` 1."""
        return self.equal("showflag", SHOWN)

    @cached_property
    def illustrated(self) -> NDArray[np.bool_]:
        """Which rows have a first image."""
        return ~self.equal("firstimage", BLANK)

    @cached_property
    def identifiers(self) -> NDArray[np.int64]:
        """A number per row that orders rows by contentid."""
        identifiers = [str(identifier) for identifier in self.column("contentid")]
        digits = "".join(identifiers)
        if all(identifiers) and digits.isascii() and digits.isdigit() and max(map(len, identifiers)) < 19:
            return np.array([int(identifier) for identifier in identifiers], dtype=np.int64)
        ranks = np.empty(len(identifiers), dtype=np.int64)
        ranks[sorted(range(len(identifiers)), key=identifiers.__getitem__)] = np.arange(len(identifiers))
        return ranks

    @cached_property
    def longitudes(self) -> NDArray[np.float64]:
        """`mapx` in degrees; NaN where it is no number."""
        return _numbers(self.column("mapx"))

    @cached_property
    def latitudes(self) -> NDArray[np.float64]:
        """`mapy` in degrees; NaN where it is no number."""
        return _numbers(self.column("mapy"))

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """The position of each contentid."""
        return {str(identifier): position for position, identifier in enumerate(self.column("contentid"))}

    def times(self, name: str, *, digits: int = 14) -> NDArray[np.int64]:
        """A column of `YYYYMMDDHHMMSS`, or of its first `digits`, as numbers; 0 where it is none."""
        if (name, digits) not in self._times:
            texts = (str(value) for value in self.column(name))
            numbers = [int(text) if len(text) == digits and text.isdecimal() else 0 for text in texts]
            self._times[name, digits] = np.array(numbers, dtype=np.int64)
        return self._times[name, digits]

    def count_by(self, *names: str, hidden: bool = False) -> dict[tuple[str, ...], int]:
        """Number of shown (or, with `hidden`, hidden) rows for every combination of values of the columns `names`."""
        wanted = np.flatnonzero(~self.shown if hidden else self.shown).tolist()
        columns = [self.column(name) for name in names]
        return dict(Counter(tuple(str(column[position]) for column in columns) for position in wanted))


def _numbers(values: Sequence[Any]) -> NDArray[np.float64]:
    def number(value: Any) -> float:
        try:
            return float(value)
        except (TypeError, ValueError):
            return float("nan")

    return np.array([number(value) for value in values], dtype=np.float64)
