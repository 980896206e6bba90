"""Partitions by day in Korea: made ahead, thinned, merged, dropped, beside readers and writers, and whenever it is ended."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from alembic.autogenerate import api, compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, create_engine
from sqlalchemy.pool import NullPool

import weatherflick_assets.alerts.tables
import weatherflick_assets.quality.tables  # noqa: F401 (declares its tables)
from weatherflick_assets.places.tables import METADATA
from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse import leases, partitioned
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.migrating import comparison
from weatherflick_assets.warehouse.partitioned import ensure, keep_in_order, partitions_of
from weatherflick_assets.warehouse.storage_policies import Partition, StoragePolicy
from weatherflick_assets.warehouse.tables import Timestamp
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.places.store.stock import rows
from weatherflick_assets_tests.waiting import wait_until
from weatherflick_assets_tests.warehouse.forecasts import (
    FORECASTS,
    POLICY,
    THINNED,
    Row,
    create,
    insert,
    reading,
    rows_of,
    stays,
    stored,
    write,
)

START = datetime(2026, 11, 30, 12, tzinfo=KST)
TABLE = "core.some_forecasts"


@pytest.fixture(scope="module")
def of_this_module(template_database: Template) -> Iterator[str]:
    with template_database.clone() as url:
        yield dsn_of(url)


@pytest.fixture
def forecasts(of_this_module: str) -> Iterator[str]:
    """A database with an empty table of forecasts, which has no partition."""
    create(of_this_module)
    yield of_this_module
    drop(of_this_module)


def drop(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("DROP TABLE core.some_forecasts")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitioned, "_SHORT_WAIT", "20ms")
    monkeypatch.setattr(partitioned, "_LONG_WAIT", "20ms")
    monkeypatch.setattr(partitioned, "_ATTEMPTS", 2)


def keep(dsn: str, now: datetime = START, policy: StoragePolicy = POLICY) -> partitioned.Upkeep:
    return keep_in_order(dsn, [policy], now)[TABLE]


def partitions(dsn: str) -> list[Partition]:
    with connect(dsn) as connection:
        return partitions_of(connection, FORECASTS)


def names(dsn: str) -> list[str]:
    return [each.name.removeprefix("some_forecasts_") for each in partitions(dsn)]


def days_before(days: int) -> datetime:
    return START - timedelta(days=days)


@pytest.mark.parametrize("time_zone", ["UTC", "America/New_York", "Asia/Seoul"])
def test_a_partition_holds_a_day_in_korea_whatever_the_time_zone_of_the_session(forecasts: str, time_zone: str) -> None:
    midnight = datetime(2026, 11, 30, tzinfo=KST)
    with psycopg.connect(forecasts) as connection:
        connection.execute(f"SET timezone = '{time_zone}'")  # type: ignore[arg-type]
        ensure(connection, FORECASTS, midnight)
        ensure(connection, FORECASTS, midnight + timedelta(hours=23, minutes=59))
        day = Partition("some_forecasts_20261130", midnight, midnight + timedelta(days=1))
        assert partitions_of(connection, FORECASTS) == [day]
        ensure(connection, FORECASTS, midnight - timedelta(microseconds=1))
    assert names(forecasts) == ["20261129", "20261130"]


def test_partitions_are_made_for_the_days_ahead_and_a_second_time_nothing_is_done(forecasts: str) -> None:
    policy = StoragePolicy(FORECASTS, thinned=THINNED, days_ahead=3)
    at = datetime(2026, 11, 30, 15, 30, tzinfo=UTC)  # half past midnight in Korea
    first = keep(forecasts, at, policy)
    assert first.made == tuple(f"some_forecasts_2026120{day}" for day in (1, 2, 3, 4))
    assert (first.replaced, first.dropped, first.postponed, first.left) == ((), (), (), 4)
    second = keep(forecasts, at, policy)
    assert (second.made, second.left) == ((), 4)
    assert second.bytes_left == first.bytes_left > 0


def test_a_day_is_thinned_to_the_rows_of_the_policy_once_its_last_row_is_old_enough(forecasts: str) -> None:
    just_old, still_young = rows_of(days_before(15)), rows_of(days_before(14))
    write(forecasts, [*just_old, *still_young])
    done = keep(forecasts)
    assert done.replaced == ("some_forecasts_20261115",)
    assert stored(forecasts) == {*filter(stays, just_old), *still_young}
    assert keep(forecasts).replaced == ()
    midnight = datetime(2026, 12, 1, tzinfo=KST)
    assert keep(forecasts, midnight - timedelta(microseconds=1)).replaced == ()
    assert keep(forecasts, midnight).replaced == ("some_forecasts_20261116",)


def test_a_thinned_partition_is_like_one_that_was_made_empty(forecasts: str) -> None:
    write(forecasts, [*rows_of(days_before(15)), *rows_of(START)])
    keep(forecasts)
    indexes = rows(
        forecasts,
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename IN "
        "('some_forecasts_20261115', 'some_forecasts_20261130') ORDER BY tablename, indexname",
    )
    thinned, whole = (
        [
            (str(index["indexname"]).replace(day, ""), str(index["indexdef"]).replace(day, ""))
            for index in indexes
            if str(index["tablename"]).endswith(day)
        ]
        for day in ("20261115", "20261130")
    )
    assert thinned == whole
    assert len(thinned) == 2
    constraints = rows(
        forecasts,
        "SELECT conname FROM pg_constraint WHERE conrelid = 'core.some_forecasts_20261115'::regclass AND contype = 'c'",
    )
    assert constraints == []
    owners = rows(forecasts, "SELECT DISTINCT relowner FROM pg_class WHERE starts_with(relname, 'some_forecasts')")
    assert len(owners) == 1


def test_the_thinned_days_of_a_month_become_one_partition_with_the_same_rows(forecasts: str) -> None:
    october = [row for day in (1, 2, 17, 31) for row in rows_of(datetime(2026, 10, day, 23, tzinfo=KST))]
    write(forecasts, october)
    before = datetime(2026, 11, 15, tzinfo=KST) - timedelta(microseconds=1)
    assert len(keep(forecasts, before).replaced) == 3
    days = {row for row in stored(forecasts) if row[2].astimezone(KST).day != 31}
    assert days == {row for row in october if stays(row) and row[2].day != 31}
    done = keep(forecasts, datetime(2026, 11, 15, tzinfo=KST))
    assert done.replaced == ("some_forecasts_202610",)
    assert names(forecasts)[0] == "202610"
    assert stored(forecasts) == {*filter(stays, october)}
    assert keep(forecasts, datetime(2026, 11, 15, tzinfo=KST)).replaced == ()


def test_every_month_that_is_over_is_one_partition(forecasts: str) -> None:
    write(forecasts, [row for day in range(0, 400, 5) for row in rows_of(days_before(day), leads=(1, 6))])
    done = keep(forecasts)
    days = [f"202611{day:02}" for day in range(5, 35, 5)]
    assert names(forecasts) == [
        "202510",
        "202511",
        "202512",
        *(f"2026{month:02}" for month in range(1, 11)),
        *days,
        "20261201",
    ]
    assert done.left == 13 + 6 + 1
    assert len(stored(forecasts)) == 80 + 3


def test_a_month_leaves_when_its_last_day_is_too_old(forecasts: str) -> None:
    write(forecasts, [*rows_of(datetime(2025, 10, 1, tzinfo=KST)), *rows_of(datetime(2025, 11, 1, tzinfo=KST))])
    end_of_october = datetime(2025, 11, 1, tzinfo=KST)
    assert keep(forecasts, end_of_october + timedelta(days=400, microseconds=-1)).dropped == ()
    assert keep(forecasts, end_of_october + timedelta(days=400)).dropped == ("some_forecasts_202510",)
    assert {row[2] for row in stored(forecasts)} == {datetime(2025, 11, 1, tzinfo=KST)}


def test_rows_that_come_late_to_a_thinned_day_are_thinned_the_next_time(forecasts: str) -> None:
    early, late = rows_of(days_before(20)), rows_of(days_before(20), nx=61)
    write(forecasts, early)
    keep(forecasts)
    write(forecasts, late)
    assert stored(forecasts) == {*filter(stays, early), *late}
    assert keep(forecasts).replaced == ("some_forecasts_20261110",)
    assert stored(forecasts) == {*filter(stays, [*early, *late])}


def test_another_condition_thins_again_what_was_thinned(forecasts: str) -> None:
    write(forecasts, rows_of(days_before(20)))
    keep(forecasts)
    stricter = StoragePolicy(FORECASTS, thinned="valid_at - issued_at = interval '24 hours'", days_ahead=1)
    assert keep(forecasts, policy=stricter).replaced == ("some_forecasts_20261110",)
    assert [row[3] for row in stored(forecasts)] == [24.0]


def test_a_policy_that_would_drop_months_before_they_are_merged_is_refused() -> None:
    with pytest.raises(ValueError, match=r"core\.some_forecasts: kept_for must exceed whole_for by a month"):
        StoragePolicy(FORECASTS, thinned=THINNED, kept_for=timedelta(days=44))


def test_a_policy_for_a_table_that_is_not_partitioned_is_refused() -> None:
    plain = Table("plain", MetaData(), Column("at", Timestamp))
    with pytest.raises(ValueError, match="plain is not partitioned by a range of one column"):
        StoragePolicy(plain, thinned="true")


SHORT = StoragePolicy(
    FORECASTS, thinned=THINNED, whole_for=timedelta(days=3), kept_for=timedelta(days=40), days_ahead=1
)


def remains(row: Row, now: datetime) -> bool:
    """What the policy says of a row."""
    issued_at = row[2].astimezone(KST)
    day = issued_at.replace(hour=0, minute=0, second=0, microsecond=0)
    after_month = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    if after_month <= now - SHORT.kept_for:
        return False
    return stays(row) or day + timedelta(days=1) > now - SHORT.whole_for


_WRITES = st.lists(st.tuples(st.integers(-1, 50), st.integers(0, 23), st.integers(60, 62)), max_size=4)


@settings(max_examples=15)
@given(days=st.lists(st.tuples(st.integers(0, 25), _WRITES), min_size=1, max_size=6))
def test_whatever_is_written_and_however_many_days_pass_the_rows_that_remain_are_those_of_the_policy(
    of_this_module: str, days: list[tuple[int, list[tuple[int, int, int]]]]
) -> None:
    dsn = of_this_module
    create(dsn)
    try:
        now, expected = START, set[Row]()
        for passed, writes in days:
            now += timedelta(days=passed)
            for before, hour, nx in writes:
                issue = rows_of((now - timedelta(days=before)).replace(hour=hour), leads=(1, 6, 24, 25), nx=nx)
                write(dsn, issue)
                expected |= {*issue}
            keep_in_order(dsn, [SHORT], now)
            expected = {row for row in expected if remains(row, now)}
            assert stored(dsn) == expected
    finally:
        drop(dsn)


def test_two_writers_who_miss_the_same_day_make_it_once_and_both_write(forecasts: str) -> None:
    at = START - timedelta(days=2)
    failures: list[BaseException] = []

    def second() -> None:
        try:
            write(forecasts, rows_of(at, nx=61))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test must fail with it
            failures.append(error)

    with psycopg.connect(forecasts) as first:
        ensure(first, FORECASTS, at)
        thread = threading.Thread(target=second)
        thread.start()
        wait_until("the second to wait", lambda: bool(failures) or is_waiting(forecasts))
        insert(first, rows_of(at, nx=60))
        first.commit()
        thread.join()
    assert failures == []
    assert names(forecasts) == ["20261128"]
    assert stored(forecasts) == {*rows_of(at, nx=60), *rows_of(at, nx=61)}


def is_waiting(dsn: str, mode: str = "%") -> bool:
    query = "SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND mode LIKE %s"
    return bool(rows(dsn, query, mode))


@pytest.mark.fault(
    "Liveness",
    "a reader keeps a table in use whose old days are to be thinned",
    "it waits for nothing; the days stay as they are until the next time",
)
def test_a_partition_in_use_is_left_for_the_next_time(forecasts: str, impatient: None) -> None:  # noqa: ARG001
    write(forecasts, written := rows_of(days_before(20)))
    with reading(forecasts):
        done = keep(forecasts)
        assert (done.replaced, done.postponed) == ((), ("some_forecasts_20261110",))
        assert len(done.made) == 2
        assert stored(forecasts) == {*written}
    assert keep(forecasts).replaced == ("some_forecasts_20261110",)


@pytest.mark.fault(
    "Liveness",
    "a writer has announced rows for a day that is to be thinned, and not written them yet",
    "the day is left for the next time, and its rows are thinned then",
)
def test_a_day_that_a_writer_has_announced_is_left_for_the_next_time(forecasts: str, impatient: None) -> None:  # noqa: ARG001
    write(forecasts, early := rows_of(days_before(20)))
    late = rows_of(days_before(20), nx=61)
    with psycopg.connect(forecasts) as writer:
        ensure(writer, FORECASTS, days_before(20))
        assert keep(forecasts).postponed == ("some_forecasts_20261110",)
        insert(writer, late)
    assert stored(forecasts) == {*early, *late}
    keep(forecasts)
    assert stored(forecasts) == {*filter(stays, [*early, *late])}


@pytest.mark.fault(
    "Liveness",
    "rows are written to a day while its new partition is ready and the old one still there",
    "thinning gives up, the writer goes on, and no row is lost",
)
def test_a_writer_that_has_not_announced_itself_is_let_go_first_and_loses_nothing(
    forecasts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitioned, "_ATTEMPTS", 1)
    write(forecasts, early := [*rows_of(days_before(20)), *rows_of(START)])
    late, done = rows_of(days_before(20), nx=61), list[partitioned.Upkeep]()
    with psycopg.connect(forecasts) as writer:
        insert(writer, rows_of(START, nx=61))
        thread = threading.Thread(target=lambda: done.append(keep(forecasts)))
        thread.start()
        wait_until("the last lock", lambda: bool(done) or is_waiting(forecasts, "AccessExclusiveLock"))
        insert(writer, late)
    thread.join()
    assert [each.postponed for each in done] == [("some_forecasts_20261110",)]
    assert stored(forecasts) == {*early, *rows_of(START, nx=61), *late}


def test_a_reader_always_finds_the_rows_that_stay(forecasts: str) -> None:
    written = [row for day in range(20, 60) for row in rows_of(days_before(day))]
    write(forecasts, written)
    counts, is_over = set[int](), threading.Event()

    def read() -> None:
        with psycopg.connect(forecasts, autocommit=True) as connection:
            while not is_over.is_set():
                row = connection.execute(f"SELECT count(*) FROM core.some_forecasts WHERE {THINNED}").fetchone()  # type: ignore[arg-type]
                assert row is not None
                counts.add(row[0])

    reader = threading.Thread(target=read)
    reader.start()
    try:
        wait_until("the reader to have read", lambda: bool(counts))
        wait_until("every day to be thinned", lambda: not keep(forecasts).postponed)
    finally:
        is_over.set()
        reader.join()
    assert counts == {sum(map(stays, written))}
    assert stored(forecasts) == {*filter(stays, written)}


@pytest.mark.fault(
    "Liveness",
    "thinning is ended when the new partition is ready and the old one still there",
    "nothing has changed, nothing is left over, and the next time does it",
)
def test_thinning_that_is_ended_at_the_last_moment_changes_nothing(
    forecasts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitioned, "_SHORT_WAIT", "10min")
    write(forecasts, written := rows_of(days_before(20)))
    failures: list[BaseException] = []

    def thin() -> None:
        try:
            keep(forecasts)
        except psycopg.OperationalError as error:
            failures.append(error)

    with reading(forecasts):
        thread = threading.Thread(target=thin)
        thread.start()
        wait_until("the last lock to be waited for", lambda: is_waiting(forecasts, "AccessExclusiveLock"))
        ended = rows(
            forecasts,
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        thread.join()
    assert len(ended) == len(failures) == 1
    assert stored(forecasts) == {*written}
    tables = rows(forecasts, "SELECT relname FROM pg_class WHERE relname ~ '^some_forecasts.*new'")
    assert tables == []
    assert keep(forecasts).replaced == ("some_forecasts_20261110",)


def test_two_who_keep_the_same_table_in_order_do_it_once(forecasts: str) -> None:
    written = [row for day in range(16, 46) for row in rows_of(days_before(day))]
    write(forecasts, written)
    together, done = threading.Barrier(2), list[partitioned.Upkeep]()

    def work() -> None:
        together.wait()
        done.append(keep(forecasts))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 2
    replaced = [name for each in done for name in each.replaced]
    assert len(replaced) == len({*replaced})
    keep(forecasts)
    assert stored(forecasts) == {*filter(stays, written)}


def test_a_run_without_its_lease_writes_to_no_partition(forecasts: str) -> None:
    engine = create_engine(forecasts.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.begin() as connection:
        partitioned.load([POLICY], START, connection)
        leases.load(connection)
    assert names(forecasts) == ["20261130", "20261201"]
    with psycopg.connect(leases.fenced(forecasts, ["lost"])) as run, pytest.raises(psycopg.Error) as refused:
        insert(run, rows_of(START))
    assert refused.value.sqlstate == leases.LEASE_LOST


def test_a_migration_declares_the_partitioned_table_and_no_partition(forecasts: str) -> None:
    write(forecasts, [*rows_of(START), *rows_of(days_before(50))])
    keep(forecasts)
    engine = create_engine(forecasts.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.connect() as connection:
        options = {**comparison(connection), "compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, [METADATA, FORECASTS.metadata]) == []  # type: ignore[arg-type]


def test_the_migration_that_is_drafted_for_a_partitioned_table_partitions_it(database: str) -> None:
    engine = create_engine(database.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=dict(comparison(connection)))
        drafted = api.produce_migrations(context, [METADATA, FORECASTS.metadata])  # type: ignore[arg-type]
        assert drafted.upgrade_ops is not None
        text = api.render_python_code(drafted.upgrade_ops)
    assert text.count("create_table") == 1
    assert "postgresql_partition_by='RANGE (issued_at)'" in text
