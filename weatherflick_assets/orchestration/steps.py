"""A step makes one asset or several: how it is declared, and how the failure of one asset never costs the others."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import dagster as dg

from weatherflick_assets.orchestration.failures import (
    HOPELESS,
    as_failures,
    combined,
    held_back,
    interrupt_before,
    kind_of,
)
from weatherflick_assets.orchestration.tags import OWNERS

T = TypeVar("T")


class Retries(dg.RetryPolicy):
    """A retry policy for errors. Dagster's own also retries a step that was ended on request, which then goes on."""

    def calculate_delay(self, attempt_num: int) -> float:
        """The seconds until a retry.

        Raises:
            BaseException: the interrupt that the step was ended by.
        """
        if (interrupt := interrupt_before(sys.exception())) is not None:
            raise interrupt
        return super().calculate_delay(attempt_num)


def step(
    *specs: dg.AssetSpec,
    group: str,
    kinds: set[str],
    tags: Mapping[str, str] | None = None,
    name: str | None = None,
    **options: Any,
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Decorator of a step; `options` are those of `dagster.multi_asset`.

    Args:
        specs: the assets it makes, each with what is its own. If there are several, any of them can be selected.
        group: their group.
        kinds: their kinds.
        tags: their tags, in addition to the layer.
        name: the step's name; by default that of its first asset.
        options: e.g. their partitions.
    """
    return dg.multi_asset(
        name=name or specs[0].key.to_python_identifier(),
        specs=[
            spec.merge_attributes(
                owners=OWNERS, kinds=kinds, tags={"layer": spec.key.path[0], **(tags or {})}
            ).replace_attributes(group_name=group)
            for spec in specs
        ],
        can_subset=len(specs) > 1,
        **options,
    )


class Attempts:
    """What a step has to make, and what failed of it. The step fails at its end, with everything that failed.

    A retry of the step leaves alone what its run has settled: assets that were made, and rows that a gate held back.

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
            Exception: an asset was not made. If several were not, a `dagster.Failure` that names each of them.
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
            if check.blocking and not check.passed and check.asset_key in self._left:
                self._left.discard(check.asset_key)
                self._failures[check.asset_key] = held_back(check.description or "")
