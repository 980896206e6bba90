"""A step that makes several assets tries every one of them: the failure of one never costs the others.

The step fails at its end, with everything that failed. A retry of the step leaves alone what its run has settled
already: assets that were made, and rows that a gate held back.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import dagster as dg

from weatherflick_assets.orchestration.failures import HOPELESS, as_failures, combined, kind_of
from weatherflick_assets.orchestration.gate import GATE, held_back

T = TypeVar("T")


class Attempts:
    """The assets that one step has to make, and what failed of them.

    Args:
        context: of the step.
    """

    def __init__(self, context: dg.AssetExecutionContext) -> None:
        self._left = set(context.selected_asset_keys)
        self._failures: dict[dg.AssetKey, Exception] = {}
        if context.op_execution_context.retry_number:
            self._leave_settled(context.instance, context.run.run_id)

    def over(self, sources: Mapping[dg.AssetKey, T]) -> Iterator[tuple[dg.AssetKey, T]]:
        """The assets to make in this attempt, each with what it is made from, in the order of `sources`."""
        return ((key, source) for key, source in sources.items() if key in self._left)

    @contextmanager
    def at(self, key: dg.AssetKey) -> Iterator[None]:
        """Make an asset. An error is kept until `conclude`."""
        try:
            with as_failures():
                yield
        except Exception as error:  # noqa: BLE001 - every error is raised at the end
            self._failures[key] = error

    @property
    def is_hopeless(self) -> bool:
        """Whether every further call would fail for the same reason."""
        return any(kind_of(error) in HOPELESS for error in self._failures.values())

    def conclude(self) -> None:
        """End the step.

        Raises:
            dagster.Failure: an asset was not made; if several were not, it names each of them.
        """
        if self._failures:
            raise combined(self._failures)

    def _leave_settled(self, instance: dg.DagsterInstance, run_id: str) -> None:
        types = {dg.DagsterEventType.ASSET_MATERIALIZATION, dg.DagsterEventType.ASSET_CHECK_EVALUATION}
        for entry in instance.all_logs(run_id, of_type=types):
            event = entry.get_dagster_event()
            if event.is_step_materialization:
                self._left.discard(event.step_materialization_data.materialization.asset_key)
                continue
            check = event.asset_check_evaluation_data
            if check.check_name == GATE and not check.passed and check.asset_key in self._left:
                self._left.discard(check.asset_key)
                self._failures[check.asset_key] = held_back(check.description or "")
