"""What the UI shows as the output of a run: where to look, because runs print nothing.

Capturing the output costs four more processes a run. `dagster.yaml` names this class.
"""

from collections.abc import Sequence

from dagster._core.storage.compute_log_manager import ComputeIOType
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager

NOTE = b"Runs print nothing. What they have to say is among the events of the run, at level INFO and above.\n"


class NothingPrinted(NoOpComputeLogManager):
    """Captures nothing, and says so."""

    def get_log_data_for_type(
        self,
        log_key: Sequence[str],  # noqa: ARG002
        io_type: ComputeIOType,  # noqa: ARG002
        offset: int,
        max_bytes: int | None,  # noqa: ARG002
    ) -> tuple[bytes | None, int]:
        """The note, from `offset` on."""
        return NOTE[offset:] or None, len(NOTE)
