"""KorService2 behind the gateway: from parameters to the body of an answer."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.code_tables import code_items
from weatherflick_assets.sandbox.details import Details
from weatherflick_assets.sandbox.envelopes import JSON, Format, parameter_error, success
from weatherflick_assets.sandbox.operations import OPERATIONS, Operation
from weatherflick_assets.sandbox.parameters import ParameterError, Parameters
from weatherflick_assets.sandbox.rendering import RenderedRows, rows_with_distance
from weatherflick_assets.sandbox.selection import Query, Selector
from weatherflick_assets.sandbox.services import Circumstances


class KorService:
    """Answers the operations of KorService2 from one catalogue and its details."""

    def __init__(self, catalogue: Catalogue, details: Details) -> None:
        """Serve `catalogue` with `details`. Rows are encoded on first use."""
        self.catalogue = catalogue
        self._details = details
        self._selector = Selector(catalogue)
        self._rendered: dict[tuple[tuple[str, ...], str], RenderedRows] = {}

    def prepare(self) -> None:
        """Encode the sync list in advance, so that its encoding does not distort measurements of collectors."""
        self._rendered_rows(OPERATIONS["areaBasedSyncList2"].keys, JSON).encode_all()

    def answer(self, operation: str, parameters: Parameters, form: Format, _circumstances: Circumstances) -> bytes:
        """The body of the answer to a call.

        A page beyond the last one has no items and the true total.

        Raises:
            ParameterError: A parameter is missing, unknown or invalid.
        """
        return self._answer(OPERATIONS[operation], parameters, form)

    @staticmethod
    def refused(error: ParameterError, form: Format, circumstances: Circumstances) -> bytes:
        """The flat answer to a call with invalid parameters."""
        return parameter_error(form, error, at=circumstances.now)

    def _answer(self, operation: Operation, parameters: Parameters, form: Format) -> bytes:
        parameters.check(operation)
        page, size = parameters.page, parameters.rows_per_page
        if operation.answers == "places":
            items, total = self._places(operation, parameters, form)
        else:
            listed = code_items if operation.answers == "codes" else self._details_of_place
            rows = listed(operation, parameters)
            items, total = [form.encode(row) for row in rows[(page - 1) * size : page * size]], len(rows)
        return success(form, items, page=page, total=total)

    def listed(self, operation: Operation, parameters: Parameters) -> NDArray[np.int32]:
        """The catalogue positions of all rows in the list whose page a validated call reads."""
        return self._selector.select(Query.from_parameters(operation, parameters)).positions

    def _places(self, operation: Operation, parameters: Parameters, form: Format) -> tuple[list[bytes], int]:
        selection = self._selector.select(Query.from_parameters(operation, parameters))
        page = selection.page(parameters.page, parameters.rows_per_page)
        positions = selection.positions[page]
        if selection.distances is not None:
            distances = selection.distances[page].tolist()
            items = rows_with_distance(self.catalogue, operation.keys, positions.tolist(), distances, form.encode)
        else:
            items = self._rendered_rows(operation.keys, form).items(positions)
        return items, len(selection)

    def _details_of_place(self, operation: Operation, parameters: Parameters) -> Sequence[Mapping[str, Any]]:
        """All items of the requested place; none if it is unknown or of another type. No place named: all pet rules."""
        contentid = parameters.get("contentId")
        if not contentid:
            return self._all_pets
        position = self.catalogue.positions.get(contentid)
        if position is None:
            return []
        content_type = str(self.catalogue.column("contenttypeid")[position])
        if parameters.get("contentTypeId", content_type) != content_type:
            return []
        of_menu = parameters.get("imageYN") == "N"
        return self._details.items(operation.name, self.catalogue, position, of_menu=of_menu)

    @cached_property
    def _all_pets(self) -> Sequence[Mapping[str, Any]]:
        return self._details.of_all_pets(self.catalogue)

    def _rendered_rows(self, keys: tuple[str, ...], form: Format) -> RenderedRows:
        wanted = keys, form.content_type
        if wanted not in self._rendered:
            self._rendered[wanted] = RenderedRows(self.catalogue, keys, form.encode)
        return self._rendered[wanted]
