"""KorService2 behind the gateway: from checked parameters to the body of an answer.

Here: paging, and which operation is answered from where. Not here: HTTP (`server.py`), refusals (`gateway.py`).
"""

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.code_tables import code_items
from weatherflick_assets.sandbox.envelopes import JSON, XML, Format, success
from weatherflick_assets.sandbox.operations import OPERATIONS, Operation
from weatherflick_assets.sandbox.parameters import Parameters
from weatherflick_assets.sandbox.rendering import RenderedRows, rows_with_distance
from weatherflick_assets.sandbox.selection import Query, Selector


class KorService:
    """Answers the operations of KorService2 from one catalogue."""

    def __init__(self, catalogue: Catalogue, *, prepared: bool = True) -> None:
        """Serve `catalogue`; unless `prepared`, rows are encoded only when they are asked for."""
        self.catalogue = catalogue
        self._selector = Selector(catalogue)
        self._rendered: dict[tuple[tuple[str, ...], str], RenderedRows] = {}
        # Whoever collects the catalogue walks this list from end to end; have it ready, so that collecting is measured.
        if prepared:
            self._rows(OPERATIONS["areaBasedSyncList2"].keys, JSON).encode_all()

    def answer(self, operation: Operation, parameters: Parameters) -> bytes:
        """The body of the answer to a call, in the format it asks for.

        A page beyond the last has no items and the true total.

        Raises:
            ParameterError: The parameters are not what the operation takes.
        """
        parameters.check(operation)
        form = JSON if parameters.wants_json else XML
        page, rows = parameters.page, parameters.rows_per_page
        if operation.lists_places:
            items, total = self._places(operation, parameters, form)
        else:
            codes = code_items(operation.name, parameters)
            items, total = [form.encode(code) for code in codes[(page - 1) * rows : page * rows]], len(codes)
        return success(form, items, page=page, total=total)

    def listed(self, operation: Operation, parameters: Parameters) -> NDArray[np.int32]:
        """The positions in the catalogue of all rows of the list that a checked call reads a page of."""
        return self._selector.select(Query.from_parameters(operation, parameters)).positions

    def _places(self, operation: Operation, parameters: Parameters, form: Format) -> tuple[list[bytes], int]:
        selection = self._selector.select(Query.from_parameters(operation, parameters))
        page = selection.page(parameters.page, parameters.rows_per_page)
        positions = selection.positions[page]
        if selection.distances is not None:
            distances = selection.distances[page].tolist()
            items = rows_with_distance(self.catalogue, operation.keys, positions.tolist(), distances, form.encode)
        else:
            items = self._rows(operation.keys, form).items(positions)
        return items, len(selection)

    def _rows(self, keys: tuple[str, ...], form: Format) -> RenderedRows:
        wanted = keys, form.content_type
        if wanted not in self._rendered:
            self._rendered[wanted] = RenderedRows(self.catalogue, keys, form.encode)
        return self._rendered[wanted]
