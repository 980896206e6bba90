"""The places the sandbox knows, column by column.

Here: rows from memory or from a file, kept as columns (a tenth of the memory of dictionaries), and the coded and numeric
views of them that selecting needs. Not here: choosing and ordering rows (`selection.py`), turning them into bytes
(`rendering.py`), inventing them (`korea/`).
"""

import gzip
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import orjson
from numpy.typing import NDArray

from weatherflick_assets.sandbox.errors import SandboxError

BLANK = ""
SHOWN = "1"


class Catalogue:
    """An immutable table of places; a row is a position, a value is whatever the source held (upstream: text)."""

    def __init__(self, columns: Mapping[str, Sequence[Any]], *, source: str) -> None:
        """Take over `columns`, all of one length; `source` names where they come from, for the status page."""
        self._columns = dict(columns)
        self._size = len(next(iter(self._columns.values()))) if self._columns else 0
        self.source = source
        self._codes: dict[str, tuple[NDArray[np.int32], dict[str, int]]] = {}

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
        try:
            with _open(path) as lines:
                return cls.from_rows(_rows(path, lines), source=path.name)
        except FileNotFoundError as error:
            raise SandboxError(
                f"The catalogue {path} does not exist; give the path of a .jsonl or .jsonl.gz file."
            ) from error
        except (EOFError, OSError, zlib.error) as error:
            reason = f"The catalogue {path} cannot be read ({error}); give an intact .jsonl or .jsonl.gz file."
            raise SandboxError(reason) from error

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

    def times(self, name: str) -> NDArray[np.int64]:
        """A `YYYYMMDDHHMMSS` column as numbers; 0 where it is none."""
        texts = (str(value) for value in self.column(name))
        return np.array([int(text) if len(text) == 14 and text.isdecimal() else 0 for text in texts], dtype=np.int64)

    def count_by(self, *names: str, hidden: bool = False) -> dict[tuple[str, ...], int]:
        """Number of shown (or, with `hidden`, hidden) rows for every combination of values of the columns `names`."""
        wanted = np.flatnonzero(~self.shown if hidden else self.shown).tolist()
        columns = [self.column(name) for name in names]
        return dict(Counter(tuple(str(column[position]) for column in columns) for position in wanted))


def _open(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _rows(path: Path, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            reason = f"Line {number} of the catalogue {path} is not JSON; give a file with one JSON object a line."
            raise SandboxError(reason) from error
        if not isinstance(row, dict) or not row.get("contentid"):
            reason = (
                f"Line {number} of the catalogue {path} is not an object with a contentid; correct or remove that line."
            )
            raise SandboxError(reason)
        yield row


def _numbers(values: Sequence[Any]) -> NDArray[np.float64]:
    def number(value: Any) -> float:
        try:
            return float(value)
        except (TypeError, ValueError):
            return float("nan")

    return np.array([number(value) for value in values], dtype=np.float64)
