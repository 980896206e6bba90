"""Lists of rows of which an answer shows one page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Row = Mapping[str, Any]


class Rows(Protocol):
    """The rows of a whole list, of which a page is cut."""

    def __len__(self) -> int:
        """The number of rows of the list."""
        ...

    def __getitem__(self, page: slice, /) -> Sequence[Row]:
        """The rows of a page."""
        ...


@dataclass(frozen=True)
class RowsOnDemand:
    """A list of `count` rows. `make` returns some of them, from the place of the first and their number."""

    count: int
    make: Callable[[int, int], Sequence[Row]]

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, page: slice) -> Sequence[Row]:
        """The rows of a page."""
        start, stop, _ = page.indices(self.count)
        return self.make(start, stop - start) if start < stop else []
