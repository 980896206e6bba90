"""Every operation behind the gateway, by path and by name."""

from weatherflick_assets.sandbox.airkorea.operations import OPERATIONS as AIRKOREA_OPERATIONS
from weatherflick_assets.sandbox.kasi.operations import OPERATIONS as KASI_OPERATIONS
from weatherflick_assets.sandbox.kma.operations import OPERATIONS as KMA_OPERATIONS
from weatherflick_assets.sandbox.operations import OPERATIONS as KTO_OPERATIONS
from weatherflick_assets.sandbox.operations import SERVICE_PATH

PATHS: dict[str, str] = {
    **{SERVICE_PATH + name: name for name in KTO_OPERATIONS},
    **{
        operation.path: name
        for operations in (KMA_OPERATIONS, AIRKOREA_OPERATIONS, KASI_OPERATIONS)
        for name, operation in operations.items()
    },
}
"""The name of the operation at each path. Names are unique."""
NAMES = frozenset(PATHS.values())
