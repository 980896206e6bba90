"""Manifests and places of backups for tests, without a server."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from weatherflick_assets.operations.backup.figures import Figures
from weatherflick_assets.operations.backup.manifests import Kind, Manifest, Stream, Wal
from weatherflick_assets.operations.backup.repository import Repository, opened
from weatherflick_assets.settings import Settings

START = datetime(2026, 11, 2, 19, 30, tzinfo=UTC)
"""04:30 on a Tuesday in Korea."""

SEGMENT = 16 << 20


def settings(**variables: str) -> Settings:
    return Settings(**variables)  # type: ignore[arg-type]


def place(folder: Path, system: str | None = "a system", **variables: str) -> Repository:
    return opened(str(folder), settings(**variables), system=system)


def manifest(
    kind: Kind,
    at: datetime,
    wal: tuple[int, int] | None = None,
    *,
    parent: Manifest | None = None,
    timeline: int = 1,
    streams: dict[str, Stream] | None = None,
) -> Manifest:
    """A backup that took a minute."""
    end = at + timedelta(minutes=1)
    return Manifest(
        id=f"{at:%Y%m%dT%H%M%S}Z-{kind}",
        kind=kind,
        started_at=at,
        finished_at=end,
        system="a system",
        server_version=180004,
        streams=streams or {},
        parent=parent and parent.id,
        consistent_at=end if kind in (Kind.FULL, Kind.INCREMENTAL) else None,
        wal=Wal(timeline, *wal, SEGMENT, end) if wal else None,
        figures=None if kind is Kind.WAL else Figures(end, 7, {"db": {"public.t": (1, "-5")}}),
    )


def history(days: Iterable[int], *, full_every: int = 7) -> list[Manifest]:
    """A daily backup on each of these days, with the WAL between them, as `taking` stores them."""
    made: list[Manifest] = []
    newest = full = None
    segment = reached = 0
    for day in days:
        at = START + timedelta(days=day)
        if newest is not None:
            made.append(manifest(Kind.WAL, at - timedelta(minutes=2), (reached + 1, segment + 5)))
            segment = reached = segment + 5
        is_full = full is None or at - full.started_at >= timedelta(days=full_every) - timedelta(hours=12)
        newest = manifest(
            Kind.FULL if is_full else Kind.INCREMENTAL,
            at,
            (segment + 1, segment + 2),
            parent=None if is_full else newest,
        )
        full = newest if is_full else full
        reached = reached or segment + 2
        segment += 2
        made.append(newest)
    return made
