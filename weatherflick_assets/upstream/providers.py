"""Every declared API and its operations, by name."""

from collections.abc import Mapping

from weatherflick_assets.places import kto
from weatherflick_assets.upstream.declarations import Operation

OPERATIONS: Mapping[str, Mapping[str, Operation]] = {kto.KTO.name: kto.OPERATION_BY_NAME}
"""Provider to operation name to operation."""
