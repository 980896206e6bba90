"""The check `schema_drift` of every asset that keeps answers: fields that are new, missing or retyped, by name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.gate import described
from weatherflick_assets.orchestration.schedules import check_job
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.presentation import for_terminal, listed
from weatherflick_assets.settings import korean_time, now
from weatherflick_assets.upstream.declarations import Answers, Operation

if TYPE_CHECKING:
    from weatherflick_assets.operations.upstream_answers import Looked
    from weatherflick_assets.quality.drift import Drift
    from weatherflick_assets.quality.upstream_fields import Shape

DRIFT = "schema_drift"
"""Name of the check."""

JOB = "check_upstream_fields"

ORDER = ("retyped", "new", "missing")
"""How differences are told: what breaks what reads them comes first."""

MOST_NAMED = 5
MOST_ROWS = 60

_COLUMNS = dg.TableSchema(
    [
        dg.TableColumn("answers", "string", description="provider, operation, and what tells these items apart"),
        dg.TableColumn("field", "string"),
        dg.TableColumn("is", "string", description="new, missing or retyped"),
        dg.TableColumn("type before", "string"),
        dg.TableColumn("type now", "string"),
        dg.TableColumn("since", "string", description="in Korean time; of a missing field when it was last seen"),
        dg.TableColumn(
            "response",
            "int",
            description="in raw.responses: the first that differs; of a missing field the last that had it",
        ),
    ]
)


class Acceptance(dg.Config):
    """What somebody has looked at and found right.

    Attributes:
        accept: answers whose fields as they are now become what is known, e.g. `kto detailIntro2 contentTypeId=39`, or
            `kto detailIntro2` for all of an operation. The others keep their warnings.
    """

    accept: list[str] = Field(default_factory=list)


def drift_check(answers: Mapping[str, Sequence[Answers]]) -> dg.AssetChecksDefinition:
    """The check of each of these assets (by key), in one step that looks at the answers stored since the last look."""
    operations: list[Operation] = []
    for each in (each for kept in answers.values() for each in kept):
        if each.operation not in operations:
            operations.append(each.operation)

    @dg.multi_asset_check(
        name="upstream_fields",
        specs=[
            dg.AssetCheckSpec(
                DRIFT,
                asset=dg.AssetKey.from_user_string(key),
                description=(
                    f"The items of {', '.join(each.operation.name for each in kept)} have the fields and types that they had "
                    "before. A sample of the answers stored since the last look is read, once a day. A difference warns, and "
                    "blocks nothing. It is told for a week, or until it is accepted: launch "
                    f"{JOB} with the config ops: upstream_fields: config: accept: [kto detailIntro2]."
                ),
            )
            for key, kept in answers.items()
        ],
        can_subset=True,
        description="Reads a sample of stored answers and compares their fields with what is known. Makes no call.",
    )
    def upstream_fields(
        context: dg.AssetCheckExecutionContext, config: Acceptance, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        from weatherflick_assets.operations.upstream_answers import look_at_answers
        from weatherflick_assets.quality.upstream_fields import known_drifts

        with as_failures():
            looked = look_at_answers(warehouse.dsn, operations, now(), accept=config.accept)
            drifts = known_drifts(warehouse.dsn)
        for key in context.selected_asset_check_keys:
            yield _result(key.asset_key, answers[key.asset_key.to_user_string()], looked, drifts)

    return upstream_fields


def drift_job(answers: Iterable[str]) -> Any:
    """The job that evaluates it for all of these assets."""
    return check_job(
        JOB,
        (dg.AssetCheckKey(dg.AssetKey.from_user_string(key), DRIFT) for key in answers),
        "Compares the fields of the answers stored since the last look with what is known, without a call.",
    )


def _result(
    key: dg.AssetKey,
    kept: Sequence[Answers],
    looked: Mapping["Shape", "Looked"],
    drifts: Mapping["Shape", Sequence["Drift"]],
) -> dg.AssetCheckResult:
    shapes = [shape for shape in sorted(looked) if any(_includes(answers, shape) for answers in kept)]
    found = [
        (shape, drift) for shape in shapes for kind in ORDER for drift in drifts.get(shape, ()) if drift.kind == kind
    ]
    mute = [shape for shape in shapes if looked[shape].unreadable and not looked[shape].items]
    records = [
        dg.TableRecord(
            {
                "answers": for_terminal(str(shape)),
                "field": for_terminal(drift.field),
                "is": drift.kind.value,
                "type before": drift.before,
                "type now": drift.now,
                "since": korean_time(drift.since),
                "response": drift.response_id,
            }
        )
        for shape, drift in found[:MOST_ROWS]
    ]
    return dg.AssetCheckResult(
        check_name=DRIFT,
        asset_key=key,
        passed=not found and not mute,
        # What could not be evaluated is worse than what differs.
        severity=dg.AssetCheckSeverity.ERROR if mute else dg.AssetCheckSeverity.WARN,
        description=described(_said(shapes, looked, found, mute)),
        metadata={
            **({"drift": dg.MetadataValue.table(records, _COLUMNS)} if records else {}),
            "shapes": len(shapes),
            "responses": sum(looked[shape].responses for shape in shapes),
            "items": sum(looked[shape].items for shape in shapes),
            "unreadable": sum(looked[shape].unreadable for shape in shapes),
        },
    )


def _includes(answers: Answers, shape: "Shape") -> bool:
    operation = answers.operation
    is_its = (operation.provider.name, operation.name) == (shape.provider, shape.operation)
    return is_its and answers.shape in (None, shape.shape)


def _said(
    shapes: Sequence["Shape"],
    looked: Mapping["Shape", "Looked"],
    found: Sequence[tuple["Shape", "Drift"]],
    mute: Sequence["Shape"],
) -> str:
    if not shapes:
        return "No answer was ever stored, so nothing can differ."
    parts = []
    if mute:
        parts.append(f"None of the answers stored since the last look can be read: {', '.join(map(str, mute))}.")
    if found:
        named = (_in_words(shape, [drift for its, drift in found if its == shape]) for shape in shapes)
        parts.append(f"The fields differ from what is known. {' '.join(filter(None, named))}")
    items = sum(looked[shape].items for shape in shapes)
    if not parts and not items:
        return "Nothing new was stored since the last look. The fields are as known."
    return " ".join(parts) or f"The fields of all {items:,} items that were looked at are as known."


def _in_words(shape: "Shape", drifts: Sequence["Drift"]) -> str:
    """The differences of one shape in a sentence; "" if there are none."""
    said = []
    for kind in dict.fromkeys(drift.kind for drift in drifts):
        names = [_field(drift) for drift in drifts if drift.kind == kind]
        said.append(f"{kind.value} {listed(names, MOST_NAMED)}")
    return f"{shape}: {'; '.join(said)}." if said else ""


def _field(drift: "Drift") -> str:
    types = f"{drift.before} → {drift.now}" if drift.before and drift.now else drift.now
    return f"{for_terminal(drift.field)} ({f'{types}, ' if types else 'last in '}response {drift.response_id})"
