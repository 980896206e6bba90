"""The details of places: recorded if there are any, otherwise synthetic.

Here: files of recorded details, and the choice between the two.

A file holds JSON lines, plain or `.gz`, with one answer item per line. Items are found by `contentid` and served in
file order. An operation with recorded details returns nothing for all other places.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from weatherflick_assets.sandbox.catalogue import REVISION, Catalogue
from weatherflick_assets.sandbox.detail_keys import detail_keys
from weatherflick_assets.sandbox.errors import SandboxError
from weatherflick_assets.sandbox.json_lines import read_rows
from weatherflick_assets.sandbox.korea.details import InventedDetails
from weatherflick_assets.sandbox.operations import OPERATIONS

Recorded = Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]
"""Items by operation and contentid."""
NOTHING_RECORDED: Recorded = {}

_OPERATIONS = [name for name, operation in OPERATIONS.items() if operation.answers == "details"]
_PETS = "detailPetTour2"
# The inputs of a place's details: the list columns that detailCommon2 repeats, and four more.
_KEYS = (*detail_keys("detailCommon2", ""), "eventstartdate", "eventenddate", "oldContentid", REVISION)


class Details:
    """The details of a catalogue's places. They stay available as the catalogue changes."""

    def __init__(self, seed: int, catalogue: Catalogue, recorded: Recorded) -> None:
        """Serve `recorded` unchanged, and generate details with `seed` for operations without recorded ones."""
        self._recorded = recorded
        self._invented = InventedDetails(seed, catalogue)

    def items(
        self, operation: str, catalogue: Catalogue, position: int, *, of_menu: bool = False
    ) -> list[Mapping[str, Any]]:
        """The items of `operation` for the place at `position`; none if the place is hidden.

        `of_menu` requests menu images from detailImage2. None of those are recorded.
        """
        if not catalogue.shown[position]:
            return []
        row = catalogue.row(position, _KEYS)
        if operation not in self._recorded:
            return list(self._invented.items(operation, row, of_menu=of_menu))
        keys = detail_keys(operation, str(row["contenttypeid"]))
        found = [] if of_menu else self._recorded[operation].get(str(row["contentid"]), [])
        return [{key: item[key] for key in (*keys, *item) if key in item} for item in found]

    def of_all_pets(self, catalogue: Catalogue) -> list[Mapping[str, Any]]:
        """The items of detailPetTour2 for all shown places, sorted by contentid as text."""
        if _PETS in self._recorded:
            positions = [catalogue.positions[known] for known in self._recorded[_PETS] if known in catalogue.positions]
        else:
            positions = self._invented.with_pets(catalogue)
        identifiers = catalogue.column("contentid")
        positions.sort(key=lambda position: str(identifiers[position]))
        return [item for position in positions for item in self.items(_PETS, catalogue, position)]


def recorded_details(sources: Iterable[str]) -> Recorded:
    """Read details from `sources`: each is `OPERATION=FILE`, or a folder with one subfolder of files per operation.

    Raises:
        SandboxError: A source is neither, or a file cannot be read.
    """
    recorded: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for source in sources:
        for operation, path in _files(source):
            places = recorded.setdefault(operation, {})
            for row in read_rows(path, "details"):
                places.setdefault(str(row["contentid"]), []).append(row)
    return recorded


def _files(source: str) -> list[tuple[str, Path]]:
    if Path(source).is_dir():
        found = [(name, path) for name in _OPERATIONS for path in sorted(Path(source, name).glob("*.jsonl*"))]
        if not found:
            reason = f"The details folder {source} has no files like {_OPERATIONS[0]}/*.jsonl.gz; give one that has."
            raise SandboxError(reason)
        return found
    operation, _, file = source.partition("=")
    if operation not in _OPERATIONS or not file:
        raise SandboxError(
            f"The details {source} are neither a folder nor OPERATION=FILE with one of {', '.join(_OPERATIONS)}."
        )
    return [(operation, Path(file))]
