"""The sandbox's places, stored by column.

Here: rows from memory or a file, stored as columns (a tenth of the memory of dictionaries), and the coded and numeric
views that selection needs.
"""

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
"""The region and class codes, which upstream blanks when it hides a row."""
KEPT_CODES = "kept codes"
"""An internal column, never served: the blanked codes of a hidden row, in the order of `CODES`; blank if unknown."""
REVISION = "revision"
"""An internal column, never served: how often a place's details were rewritten; blank for never."""


class Catalogue:
    """An immutable table of places. Rows are addressed by position; values are those of the source (upstream: text)."""

    def __init__(self, columns: Mapping[str, Sequence[Any]], *, source: str) -> None:
        """Take ownership of `columns`, all of equal length; `source` is their origin as shown on the status page."""
        self._columns = dict(columns)
        self._size = len(next(iter(self._columns.values()))) if self._columns else 0
        self.source = source
        self._codes: dict[str, tuple[NDArray[np.int32], dict[str, int]]] = {}
        self._times: dict[tuple[str, int], NDArray[np.int64]] = {}

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]], *, source: str = "rows") -> "Catalogue":
        """Build from list rows. A missing key counts as blank; a missing `showflag` counts as shown."""
        kept = list(rows)
        names = dict.fromkeys(name for row in kept for name in row)
        columns = {name: [row.get(name, BLANK) for row in kept] for name in names if name != "showflag"}
        columns["showflag"] = [row.get("showflag", SHOWN) for row in kept]
        return cls(columns, source=source)

    @classmethod
    def from_file(cls, path: Path) -> "Catalogue":
        """Read a `.jsonl` or `.jsonl.gz` file of list rows, one JSON object per line.

        Raises:
            SandboxError: The file is missing, is not gzip or UTF-8 JSON lines, or a line is not a row with a contentid.
        """
        return cls.from_rows(read_rows(path, "catalogue"), source=path.name)

    def __len__(self) -> int:
        return self._size

    @property
    def columns(self) -> Mapping[str, Sequence[Any]]:
        """The existing columns by name, each in row order."""
        return self._columns

    def column(self, name: str) -> Sequence[Any]:
        """The values of a column in row order; all blank if the column does not exist."""
        return self._columns[name] if name in self._columns else [BLANK] * self._size

    def row(self, position: int, keys: Sequence[str]) -> dict[str, Any]:
        """One row with exactly `keys`, in the order given."""
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
        """`mapx` in degrees; NaN if it is not a number."""
        return _numbers(self.column("mapx"))

    @cached_property
    def latitudes(self) -> NDArray[np.float64]:
        """`mapy` in degrees; NaN if it is not a number."""
        return _numbers(self.column("mapy"))

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """The position of each contentid."""
        return {str(identifier): position for position, identifier in enumerate(self.column("contentid"))}

    def times(self, name: str, *, digits: int = 14) -> NDArray[np.int64]:
        """A column of `YYYYMMDDHHMMSS`, or its first `digits`, as integers; 0 for a value that is not one."""
        if (name, digits) not in self._times:
            texts = (str(value) for value in self.column(name))
            numbers = [int(text) if len(text) == digits and text.isdecimal() else 0 for text in texts]
            self._times[name, digits] = np.array(numbers, dtype=np.int64)
        return self._times[name, digits]


def _numbers(values: Sequence[Any]) -> NDArray[np.float64]:
    def number(value: Any) -> float:
        try:
            return float(value)
        except (TypeError, ValueError):
            return float("nan")

    return np.array([number(value) for value in values], dtype=np.float64)
