"""The lists of codes: collects all of them and publishes the last good answers.

`CODE_LISTS` declares once which calls make up a list. Collecting sends these calls to the upstream; publishing reads
their answers from the raw layer. The manual no longer documents the legacy lists (areaCode2, categoryCode2), so they
may end any day. Their last codes then stay, and the failure is reported as a warning, not raised.
"""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from weatherflick_assets.errors import PlatformError
from weatherflick_assets.places.collect.whole_lists import ReceivedItem, read_whole_list
from weatherflick_assets.places.kto import KTO, OPERATION_BY_NAME
from weatherflick_assets.places.store.codes import (
    CodeStore,
    PublishedCodes,
    codes_read_at,
    merge_codes,
    note_codes,
    noted_codes,
    settle_codes,
    stage_codes,
    staged_codes_of,
)
from weatherflick_assets.places.suites.codes import CODE_SPACES, CODE_SUITES, PARENT_KNOWN, PARENT_UNKNOWN, CodeSpace
from weatherflick_assets.places.tables import CODES
from weatherflick_assets.places.transform import codes as transform
from weatherflick_assets.quality.history import usual_rows
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.quality.profiles import profile
from weatherflick_assets.quality.rules import USUAL_ROWS
from weatherflick_assets.quality.store import Batch, record
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.settings import Clock
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.errors import UpstreamError
from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.outbox import Noted
from weatherflick_assets.warehouse.response_store import ResponseStore

LEAST_LEFT = 0.8
"""A new list must have at least this share of the current number of codes: codes are reformed province by province."""


class CodesMissingError(PlatformError):
    """The raw layer does not hold a whole list of codes."""


Ask = Callable[[Operation, Mapping[str, str]], Awaitable[Sequence[ReceivedItem]]]
"""Returns all rows of an operation for these parameters."""


@dataclass(frozen=True)
class CodeList:
    """The code spaces that one operation fills. `read` asks for the whole list; a legacy list may be missing."""

    operation: Operation
    spaces: tuple[str, ...]
    read: Callable[[Ask], Awaitable[pd.DataFrame]]
    is_legacy: bool = False


_CLASSES = OPERATION_BY_NAME["lclsSystmCode2"]
_LEGAL_DISTRICTS = OPERATION_BY_NAME["ldongCode2"]
_AREAS = OPERATION_BY_NAME["areaCode2"]
_CATEGORIES = OPERATION_BY_NAME["categoryCode2"]


async def _read_classes(ask: Ask) -> pd.DataFrame:
    return transform.classes(*_apart(await ask(_CLASSES, {"lclsSystmListYn": "Y"})))


async def _read_legal_districts(ask: Ask) -> pd.DataFrame:
    return transform.legal_districts(*_apart(await ask(_LEGAL_DISTRICTS, {"lDongListYn": "Y"})))


async def _read_areas(ask: Ask) -> pd.DataFrame:
    areas = transform.areas(*_apart(await ask(_AREAS, {})))
    districts = [
        transform.areas(*_apart(await ask(_AREAS, {"areaCode": code})), code) for code in areas["code"].dropna()
    ]
    return transform.joined([areas, *districts])


async def _read_categories(ask: Ask) -> pd.DataFrame:
    level = transform.categories(*_apart(await ask(_CATEGORIES, {})), 1)
    levels, above = [level], {code: {"cat1": code} for code in level["code"].dropna()}
    for number in (2, 3):
        below = [
            transform.categories(*_apart(await ask(_CATEGORIES, parameters)), number, parent)
            for parent, parameters in above.items()
        ]
        levels += below
        above = {
            code: {**above[parent], f"cat{number}": code}
            for part in below
            for code, parent in zip(part["code"], part["parent_code"], strict=True)
            if code
        }
    return transform.joined(levels)


def _apart(received: Sequence[ReceivedItem]) -> tuple[list[Mapping[str, object]], list[int]]:
    return [row.item for row in received], [row.response_id for row in received]


CODE_LISTS = (
    CodeList(_CLASSES, ("class",), _read_classes),
    CodeList(_LEGAL_DISTRICTS, ("region", "sigungu"), _read_legal_districts),
    CodeList(_AREAS, ("area",), _read_areas, is_legacy=True),
    CodeList(_CATEGORIES, ("category",), _read_categories, is_legacy=True),
)
"""Every list of codes. The required lists come first."""


@dataclass(frozen=True)
class CodeCollection:
    """Codes received, by operation that did not fail; calls sent; and why legacy lists could not be fetched."""

    codes: Mapping[str, int]
    calls: int
    retries: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class CodePublishing:
    """The result of publishing the codes; mappings are by code space.

    Attributes:
        codes: number of codes in the raw layer.
        unusable: number of these without a code or a name.
        verdict_ids: the ids of the recorded verdicts.
        warnings: why legacy lists were left unchanged.
        published: what changed; None if a verdict held the codes back.
    """

    codes: Mapping[str, int]
    unusable: int
    verdicts: Mapping[str, Verdict]
    verdict_ids: Mapping[str, int]
    warnings: tuple[str, ...]
    published: PublishedCodes | None


async def collect_codes(
    client: UpstreamClient, responses: ResponseStore, dsn: str, *, clock: Clock, resumed_from: datetime | None = None
) -> CodeCollection:
    """Fetch every list of codes into the raw layer and note that `core.codes` must be published again.

    Pages read since `resumed_from` are not fetched again.

    Raises:
        UpstreamError: a required list could not be fetched or does not add up. The responses received are kept.
    """

    async def ask(operation: Operation, parameters: Mapping[str, str]) -> Sequence[ReceivedItem]:
        # Code lists identify their rows by number.
        read = await read_whole_list(
            client, responses, operation, parameters, id_field="rnum", resumed_from=resumed_from
        )
        # Codes are published from the raw layer, which must hold all of a list.
        read.sweep.require_complete(f"The list {operation.name}", "What was received is kept. Collect it again later.")
        return read.items

    # Each answer is committed on its own. Noting first covers a collection that is killed. Noting again at the end
    # covers codes that are published in between.
    note_codes(dsn, since=clock())
    codes: dict[str, int] = {}
    warnings: list[str] = []
    for code_list in CODE_LISTS:
        try:
            codes[code_list.operation.name] = len(await code_list.read(ask))
        except UpstreamError as error:
            if not code_list.is_legacy:
                raise
            warnings.append(str(error))
    note_codes(dsn, since=clock())
    return CodeCollection(codes, client.count.sent, client.count.retried, tuple(warnings))


async def publish_last_codes(dsn: str, *, clock: Clock, run_id: str | None = None) -> CodePublishing:
    """Make `core.codes` from the last good answers in the raw layer, if the suites pass.

    Each code space is judged separately. A legacy space that is missing or fails is left unchanged. If any other space
    fails, no code changes, so the last good codes stay. Every verdict is recorded.

    Raises:
        CodesMissingError: the raw layer has no complete answer for a required list.
    """
    parts: dict[str, pd.DataFrame] = {}
    verdicts: dict[str, Verdict] = {}
    warnings: list[str] = []
    held_back = False
    noted = noted_codes(dsn)
    async with CodeStore(dsn) as store:
        listed = await store.listed()
        for code_list in CODE_LISTS:
            try:
                rows = await code_list.read(_recalling(store))
            except CodesMissingError as error:
                if not code_list.is_legacy:
                    raise
                warnings.append(str(error))
                continue
            for name in code_list.spaces:
                part = parts[name] = rows[rows["code_space"] == name]
                usual = _usual_rows(dsn, CODE_SPACES[name], clock())
                verdict = verdicts[name] = _judged(CODE_SPACES[name], part, rows, listed.get(name, 0), usual)
                if verdict.passed:
                    continue
                if code_list.is_legacy:
                    warnings.append(f"{verdict.summary()} What was published of it before stays.")
                else:
                    held_back = True
    passed = [name for name, verdict in verdicts.items() if verdict.passed]
    spaces = [] if held_back else passed
    published, verdict_ids = _recorded(dsn, parts, verdicts, spaces=spaces, now=clock(), run_id=run_id, noted=noted)
    return CodePublishing(
        {name: len(part) for name, part in parts.items()},
        sum(int(parts[name][["code", "name"]].isna().any(axis="columns").sum()) for name in passed),
        verdicts,
        verdict_ids,
        tuple(warnings),
        None if held_back else published,
    )


def _recorded(
    dsn: str,
    parts: Mapping[str, pd.DataFrame],
    verdicts: Mapping[str, Verdict],
    *,
    spaces: Sequence[str],
    now: datetime,
    run_id: str | None,
    noted: Noted | None,
) -> tuple[PublishedCodes, dict[str, int]]:
    """Publish the codes of `spaces` (may be empty) and record all verdicts in one transaction."""
    columns = [column for column in CODES.columns if column.name in transform.CODE_COLUMNS]
    verdict_ids: dict[str, int] = {}
    with connect(dsn) as connection, connection.cursor() as cursor:
        stage_codes(cursor, transform.joined([*parts.values()]))
        for name, verdict in verdicts.items():
            profiles = profile(cursor, staged_codes_of(name), columns)
            batch = Batch(
                CODES.fullname,
                name,
                now,
                run_id,
                rejections=transform.rejections(parts[name]),
                data_as_of=codes_read_at(cursor, name),
            )
            verdict_ids[name] = record(cursor, batch, verdict, profiles, published=name in spaces)
        if spaces:
            settle_codes(connection, noted)
        return merge_codes(cursor, spaces=spaces, now=now), verdict_ids


def _usual_rows(dsn: str, space: CodeSpace, now: datetime) -> int | None:
    with connect(dsn) as connection, connection.cursor() as cursor:
        return usual_rows(cursor, CODE_SUITES[space.suite_name], Batch(CODES.fullname, space.name, now, None))


def _judged(space: CodeSpace, part: pd.DataFrame, rows: pd.DataFrame, listed: int, usual: int | None) -> Verdict:
    known = set(rows["code"])
    parents = [
        None if parent is None else PARENT_KNOWN if parent in known else PARENT_UNKNOWN
        for parent in part["parent_code"]
    ]
    judged = part[["code", "name"]].assign(parent=pd.Series(parents, index=part.index, dtype="object"))
    with JUDGE.judgement(CODE_SUITES[space.suite_name], {}) as judgement:
        judgement.add(judged)
        minimum_rows = max(space.fewest, math.ceil(LEAST_LEFT * listed))
        return judgement.verdict({"minimum_rows": minimum_rows, USUAL_ROWS: usual})


def _recalling(store: CodeStore) -> Ask:
    """Answers from the raw layer: the newest good answer for every page that the newest total count implies."""

    async def ask(operation: Operation, parameters: Mapping[str, str]) -> Sequence[ReceivedItem]:
        pager, rows = operation.pager, operation.rows_per_page
        assert rows is not None
        sized = {**parameters, pager.size: str(rows)}
        pages: dict[int, list[ReceivedItem]] = {}
        total, wanted = 0, {1}
        async with aclosing(store.last_answers(KTO.name, operation.name, sized, position=pager.position)) as answers:
            async for response in answers:
                try:
                    page = read_answer(operation, Reply(response.http_status, {}, response.body))
                except UpstreamError:
                    continue
                if not pages:
                    total = page.total_count
                    wanted = set(range(1, max(1, -(-total // rows)) + 1))
                number = pager.number(response.request_params)
                if number in wanted and number not in pages:
                    pages[number] = [
                        ReceivedItem(item, response.response_id, response.fetched_at) for item in page.items
                    ]
                if pages.keys() == wanted:
                    break
        items = [item for number in sorted(pages) for item in pages[number]]
        if pages.keys() != wanted or len(items) != total:
            asked = " ".join([operation.name, *(f"{name}={value}" for name, value in parameters.items())])
            raise CodesMissingError(f"The raw layer holds no whole answer to {asked}. Materialize raw/kto/codes first.")
        return items

    return ask
